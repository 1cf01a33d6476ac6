"""The story, first part: what golden images are for, and why the published policy does not help."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from imagefence.api.ecs_instances import DESCRIBE_INSTANCES, DescribeInstances
from imagefence.cli.demo import acts, control
from imagefence.cli.demo.narrate import Narrator
from imagefence.cli.demo.town import GOLDEN_KEY, GOLDEN_VALUE, HOME, Key, Member, Town
from imagefence.cli.published import PUBLISHED, example
from imagefence.errors import CloudFault

TAG = f"{GOLDEN_KEY}={GOLDEN_VALUE}"
NODE = "Root/Workloads"


@dataclass(frozen=True, slots=True)
class Stage:
    """The town and the one who tells of it."""

    town: Town
    tell: Narrator

    def as_(self, key: Key) -> dict[str, str]:
        """The variables of a key's owner."""
        return acts.environment_of(self.town.gate, key)

    @property
    def lab(self) -> Member:
        """The account that the developer works in."""
        return self.town.members["lab-dev"]

    def launch(self, image: str, name: str) -> str:
        """The developer's launch, by the API."""
        network = self.lab.networks[HOME]
        return acts.launch(self.town.developer, HOME, network, self.town.images[image], name)

    def refused(self, what: str, call: Callable[[], object]) -> CloudFault | None:
        """Makes a call that the story expects to be refused, and shows the cloud's answer."""
        try:
            call()
        except CloudFault as fault:
            self.tell.act(what, f"{fault.status} {fault.code}" + reason_of(fault))
            return fault
        self.tell.act(what, "200 OK")
        return None

    def passes(self, what: str, call: Callable[[], str | None]) -> bool:
        """Makes a call that the story expects to pass, and shows the cloud's answer."""
        try:
            answer = call()
        except CloudFault as fault:
            self.tell.act(what, f"{fault.status} {fault.code}" + reason_of(fault))
            return False
        self.tell.act(what, f"200 OK{f': {answer}' if answer else ''}")
        return True


def reason_of(fault: CloudFault) -> str:
    """What AccessDeniedDetail says, in one line."""
    told = fault.denied or {}
    layer = f": {told.get('NoPermissionType')} by {told.get('PolicyType')}" if told else ""
    reasons = tuple(dict.fromkeys(diagnosis(fault).get("Reasons", ())))
    more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
    return layer + "".join(f"; {reason}" for reason in reasons[:1]) + more


def diagnosis(fault: CloudFault) -> dict[str, Any]:
    """The diagnostic message of a denial; RAM's DecodeDiagnosticMessage reads it on the real cloud."""
    message = (fault.denied or {}).get("EncodedDiagnosticMessage", "")
    told: dict[str, Any] = json.loads(b64decode(message)) if message else {}
    return told


def policies_named(fault: CloudFault | None) -> tuple[str, ...]:
    """The policies that a denial names."""
    matched = diagnosis(fault).get("MatchedPolicies", ()) if fault is not None else ()
    return tuple(policy["PolicyIdentifier"] for policy in matched)


def golden_images(stage: Stage) -> None:
    """Step 1: find golden images, launch from the newest."""
    tell, town = stage.tell, stage.town
    tell.chapter(
        "Golden images",
        "A security team hardens images and marks them environment=production. The image account shares "
        "them; every member account copies them and tags its copies, since a receiver of a shared image "
        "sees no tags on it. Instances are to come from those images alone.",
    )
    ran = tell.run(stage.as_(town.admin_key), "images", "list", "--tag", TAG, show=9)
    newest = town.images[f"hardened-2/lab-dev/{HOME}"]
    tell.check("the list reaches into the member accounts and both regions", newest in ran.text)
    where = ("launch", "--image-tag", TAG, "--latest", "--region", HOME, "--name", "golden-by-cli")
    tell.run(stage.as_(town.developer_key), *where, "--dry-run", owner="dora", show=4)
    ran = tell.run(stage.as_(town.developer_key), *where, owner="dora", show=6)
    request = DescribeInstances(region_id=HOME, instance_name="golden-by-cli")
    made = list(town.developer.pages(DESCRIBE_INSTANCES, request))
    tell.check("one instance runs on the newest golden image", [one.image_id for one in made] == [newest])
    tell.close("Finding and launching golden images is easy. Nothing makes anybody do it.")


def published_policy(stage: Stage) -> None:
    """Step 3: the published policy beside FullAliyunAccess, and alone."""
    tell, town = stage.tell, stage.town
    admin, node = town.admin, town.directory[NODE]
    tell.chapter(
        "The published policy, really attached",
        "It goes on the folder exactly as published, beside FullAliyunAccess, which every node carries.",
    )
    policy = control.create(admin, "published", example(PUBLISHED))
    control.attach(admin, policy, node)
    tell.act(f"AttachControlPolicy published to {NODE}", "200 OK")
    untagged = stage.passes(
        "dora: RunInstances from the untagged image team-base",
        lambda: stage.launch("team", "slipped-through"),
    )
    tell.check("the untagged launch still succeeds", untagged)
    tell.say("So somebody takes FullAliyunAccess away, to make the policy bite.")
    control.detach(admin, control.FULL_ACCESS, node)
    tell.act(f"DetachControlPolicy FullAliyunAccess from {NODE}", "200 OK")
    golden = stage.refused(
        "dora: RunInstances from the golden image",
        lambda: stage.launch(f"hardened-2/lab-dev/{HOME}", "never"),
    )
    tell.check("now even the golden launch fails: its new instance wears no tag", is_denied(golden))
    listing = stage.refused(
        "dora: DescribeInstances",
        lambda: town.developer.call(DESCRIBE_INSTANCES, DescribeInstances(region_id=HOME)),
    )
    tell.check("and nobody in the account can do anything at all", is_denied(listing))
    control.attach(admin, control.FULL_ACCESS, node)
    control.detach(admin, policy, node)
    control.delete(admin, policy)
    tell.close("The published policy blocks nothing, or everything.", good=False)


def is_denied(fault: CloudFault | None) -> bool:
    """True for a 403 of the authorisation."""
    return fault is not None and fault.status == 403 and fault.denied is not None
