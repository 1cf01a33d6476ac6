"""Where a calibration takes place: the account, the throw-away names, an image of the account's own."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from imagefence.api.ecs_images import DESCRIBE_IMAGES, DescribeImages
from imagefence.calibrate.names import PREFIX, Names
from imagefence.cloud.session import Session
from imagefence.images.image import Image, image_of
from imagefence.policy.document import Document, PolicyKind
from imagefence.policy.parse import parse
from imagefence.policy.policies import AttachedPolicy
from imagefence.policy.request import Principal, PrincipalKind

PLAIN_KEY, PLAIN_VALUE = re.compile(r"[a-z][a-z0-9-]*"), re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
NO_IMAGE = "m-imagefencecalibrate00"
ACTIONS = ("ecs:RunInstances", "ecs:CopyImage", "vpc:CreateVpc", "tag:TagResources", "ecs:TagResources")
OWN_ACTIONS = ("ram:GetRole", "ram:GetUser", "ram:CreateRole", "ram:AttachPolicyToRole")
Statement = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Ground:
    """What the probes need to know; `image` is an own image with a plain tag, or else any image at all."""

    account: str
    region: str
    names: Names
    image: Image | None = None
    secure: bool = True

    @property
    def principal(self) -> Principal:
        """Whom the cloud takes the probing session for."""
        return Principal(PrincipalKind.ROLE, f"acs:ram::{self.account}:role/{self.names.base}", self.account)

    @property
    def image_id(self) -> str:
        """The image that dry runs name."""
        return self.image.id if self.image is not None else NO_IMAGE

    @property
    def tag(self) -> tuple[str, str] | None:
        """A tag of the image that no reading but that of launches can tell differently."""
        return plain_tag(self.image) if self.image is not None and self.image.own else None

    @property
    def role_document(self) -> str:
        """What the role may do: the harmless calls alone, those of RAM on throw-away names alone."""
        own = f"acs:ram:*:{self.account}:*/{PREFIX}*"
        harmless: Statement = {"Effect": "Allow", "Action": list(ACTIONS), "Resource": "*"}
        return written((harmless, {"Effect": "Allow", "Action": list(OWN_ACTIONS), "Resource": own}))

    @property
    def role_policy(self) -> AttachedPolicy:
        """The role's policy as the evaluator takes it."""
        return AttachedPolicy(self.names.base, document(self.role_document))


def written(statements: Statement | tuple[Statement, ...]) -> str:
    """The text of a policy."""
    return json.dumps({"Version": "1", "Statement": statements}, separators=(",", ":"))


@lru_cache(maxsize=256)
def document(text: str, kind: PolicyKind = PolicyKind.IDENTITY) -> Document:
    """A text of ours as the evaluator takes it."""
    return parse(text, kind)


def plain_tag(image: Image) -> tuple[str, str] | None:
    """A tag in lower-case letters, its key unlike every other one also without case."""
    folded = [key.lower() for key in image.tags]
    for key, value in sorted(image.tags.items()):
        if PLAIN_KEY.fullmatch(key) and PLAIN_VALUE.fullmatch(value) and folded.count(key) == 1:
            return key, value
    return None


def find_image(session: Session, account: str) -> Image | None:
    """An own image with a plain tag, else another own one, else one of the vendor's, or None."""
    request = DescribeImages(region_id=session.region_id, image_owner_alias="self", page_size=100)
    own = [image_of(wire, account, session.region_id) for wire in session.pages(DESCRIBE_IMAGES, request)]
    tagged = [image for image in own if plain_tag(image) is not None]
    if tagged or own:
        return (tagged or own)[0]
    stock = DescribeImages(region_id=session.region_id, image_owner_alias="system", page_size=1)
    found = session.call(DESCRIBE_IMAGES, stock).images.image
    return image_of(found[0], account, session.region_id) if found else None
