"""Calls with open places: who asks to do what to which resources is partly fixed and partly free."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from imagefence.policy.request import Principal, PrincipalKind, Request, Resource
from imagefence.prove.atoms import ALNUM, ANY_TEXT, Language, Run

DIGITS = frozenset(string.digits)
LOWER = frozenset(string.ascii_lowercase + string.digits)
IDS = Run(ALNUM | frozenset("-_."))
USER_NAMES = Run(ALNUM | frozenset("-_.@"))
ROLE_NAMES = Run(LOWER | frozenset("-_."))
REGIONS: Language = ((Run(LOWER | {"-"}),),)
ACCOUNTS: Language = ((Run(DIGITS),),)
PLAUSIBLE_IDS = {
    "image": "m-1",
    "instance": "i-1",
    "disk": "d-1",
    "snapshot": "s-1",
    "securitygroup": "sg-1",
    "vswitch": "vsw-1",
    "vpc": "vpc-1",
}
REGION = "cn-hangzhou"


class Tags(Enum):
    """What is known of a resource's tags as conditions see them."""

    FREE = "any"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Part:
    """One resource of a call: `kind/<id>` with a free id, `kind/*` where `new`, the bare `*` without a kind.

    `id` is what a witness is called if nothing speaks against it. `owner` is the owning account where it is
    not the caller's.
    """

    kind: str = ""
    service: str = "ecs"
    tags: Tags = Tags.FREE
    new: bool = False
    owner: str = ""
    id: str = ""

    @property
    def free(self) -> bool:
        """True where the id is open."""
        return bool(self.kind) and not self.new

    @property
    def tagged(self) -> bool:
        """True where conditions may see tags."""
        return self.free and self.tags is Tags.FREE

    @property
    def ids(self) -> Language:
        """The relative names that it can have."""
        return ((f"{self.kind}/", IDS),)

    @property
    def plausible(self) -> str:
        """The relative name that a witness has, if it can."""
        return f"{self.kind}/{self.id or PLAUSIBLE_IDS.get(self.kind, self.kind + '-1')}"


@dataclass(frozen=True, slots=True)
class KeyRange:
    """What a condition key of a call can hold.

    `choices` are all its values where they are known, `unlike` are texts that it can't be, `absent` says that
    the call never carries it, `optional` that it need not.
    """

    optional: bool = True
    absent: bool = False
    choices: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()
    language: Language = ANY_TEXT
    suggestions: tuple[str, ...] = ()


ABSENT = KeyRange(absent=True)
FREE = KeyRange()


@dataclass(frozen=True, slots=True)
class Call:
    """A call with open places; `keys` by their names in lower case, all others are as `others` says.

    `request_tags` says whether the call can carry tags.
    """

    action: str
    parts: tuple[Part, ...]
    keys: Mapping[str, KeyRange] = field(default_factory=dict)
    others: KeyRange = FREE
    request_tags: bool = False


@dataclass(frozen=True, slots=True)
class Caller:
    """Who may call: any user and any role of one account, or one principal."""

    account: str
    arn: str = ""

    @property
    def language(self) -> Language:
        """The values of acs:PrincipalARN."""
        if self.arn:
            return ((self.arn,),)
        base = f"acs:ram::{self.account}:"
        return (base + "user/", USER_NAMES), (base + "role/", ROLE_NAMES)

    @property
    def suggestions(self) -> tuple[str, ...]:
        """Plausible callers."""
        base = f"acs:ram::{self.account}:"
        return () if self.arn else (base + "user/somebody", base + "role/some-role")


def principal_of(arn: str, account: str) -> Principal:
    """The caller behind a value of acs:PrincipalARN."""
    kind = PrincipalKind.ROLE if ":role/" in arn else PrincipalKind.USER
    return Principal(kind, arn, account)


def skeleton(call: Call, caller: Caller) -> Request:
    """A request in the shape of a call, to ask what each reading makes of that shape.

    The tags of its resources are told apart by identity.
    """
    principal = principal_of(caller.arn or f"acs:ram::{caller.account}:user/x", caller.account)
    return Request(principal, call.action, tuple(_shape(part, caller.account) for part in call.parts))


def _shape(part: Part, account: str) -> Resource:
    return resource_of(part, name_of(part, account, REGION, f"{part.kind}/x"), {})


def resource_of(part: Part, name: str, tags: Mapping[str, str]) -> Resource:
    """A resource; the tags of an image of another account are those that a reading lets count."""
    if not part.owner:
        return Resource(name, tags, part.new)
    return Resource(name, tags, part.new, part.owner, owner_tags=tags, receiver_tags=tags)


def name_of(part: Part, account: str, region: str, relative: str) -> str:
    """The name of a resource; `relative` counts where the id is open."""
    if not part.kind:
        return "*"
    return f"acs:{part.service}:{region}:{account}:{f'{part.kind}/*' if part.new else relative}"
