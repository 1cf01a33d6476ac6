"""The requests that try a fence: those it must refuse, and those it must let through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from imagefence.policy.readings import Readings, SharedTags
from imagefence.policy.request import Context, Principal, Request, Resource
from imagefence.scope.closing import doors
from imagefence.scope.scope import Distribute, ImageCreation, Scope

REGION = "cn-hangzhou"
STRANGER = "9999999999999999"
UNKNOWN_KEYS = frozenset({"acs:SourceIp", "acs:MFAPresent", "acs:SecureTransport", "acs:SourceVpc"})


@dataclass(frozen=True, slots=True)
class Probe:
    """A request in words, and whether it must be refused (a road) or must pass (a use)."""

    name: str
    request: Request
    road: bool = True


@dataclass(frozen=True, slots=True)
class ProbeImage:
    """An image as a launch meets it: its tags as seen, its owner, and what ecs:ImageSource says."""

    id: str
    tags: Mapping[str, str]
    owner: str
    source: str = "Self"


def probes(scope: Scope, principal: Principal, now: datetime, readings: Readings) -> tuple[Probe, ...]:
    """All probes for one caller: what a reading changes about the tags seen is already in them."""
    good = golden(scope, principal.account)
    plain = ProbeImage("m-untagged", {}, principal.account)
    stock = ProbeImage("aliyun_3_x64_20G.vhd", {}, "", "System")
    seen = approved(scope) if readings.shared_tags is SharedTags.OWNERS else {}
    foreign = ProbeImage("m-foreign", seen, STRANGER, "Others")
    launches = tuple(
        Probe(f"{verb} from {words}", make(principal, image, now))
        for verb, make in (("launch", launch), ("replaced disk", replace_disk))
        for words, image in (
            ("an untagged image", plain),
            ("a stock image", stock),
            ("a foreign image", foreign),
        )
    )
    uses: tuple[Probe, ...] = (Probe("launch from a golden image", launch(principal, good, now), road=False),)
    if scope.distribute is Distribute.COPY:
        disk = replace_disk(principal, good, now)
        uses += (Probe("replaced disk from a golden image", disk, road=False),)
    roads = (*launches, *tag_probes(scope, principal, now), *door_probes(scope, principal, now))
    return (*roads, *uses, *plain_uses(scope, principal, now))


def tag_probes(scope: Scope, principal: Principal, now: datetime) -> tuple[Probe, ...]:
    """The roads by which an image could come by the approved tags."""
    image = named(principal, "ecs", "image/m-untagged")
    known = requests(scope)
    return (
        Probe(
            "tagging an image by ecs:TagResources", call(principal, "ecs:TagResources", (image,), known, now)
        ),
        Probe("tagging an image by ecs:AddTags", call(principal, "ecs:AddTags", (image,), known, now)),
        Probe(
            "tagging an image by the Tag service", call(principal, "tag:TagResources", (image,), known, now)
        ),
        Probe("an image born with the tag", create_image(principal, known, now)),
        Probe("an image copied with the tag", copy_image(principal, known, now)),
    )


def door_probes(scope: Scope, principal: Principal, now: datetime) -> tuple[Probe, ...]:
    """One call at each door that the scope closes, whatever it authorises."""
    anything = (Resource("*"),)
    return tuple(
        Probe(f"{road.actions[0]} ({road.name})", call(principal, road.actions[0], anything, {}, now))
        for road in doors(scope)
    )


def plain_uses(scope: Scope, principal: Principal, now: datetime) -> tuple[Probe, ...]:
    """What a fence must not be in the way of."""
    instance = named(principal, "ecs", "instance/i-1")
    tagging = call(principal, "ecs:TagResources", (instance,), requests(scope), now)
    uses: tuple[Probe, ...] = (Probe("an instance tagged with the same key", tagging, road=False),)
    if scope.image_creation is ImageCreation.TAGGED:
        uses += (Probe("a backup image without the tag", create_image(principal, {}, now), road=False),)
    return uses


def approved(scope: Scope) -> dict[str, str]:
    """The tags of a golden image."""
    return {key: values[0] for key, values in scope.tags.items()}


def requests(scope: Scope) -> dict[str, tuple[str, ...]]:
    """The approved tags as a request carries them."""
    return {f"acs:RequestTag/{key}": (value,) for key, value in approved(scope).items()}


def golden(scope: Scope, account: str) -> ProbeImage:
    """A golden image as the account meets it: its own tagged copy, or one shared with it."""
    if scope.distribute is Distribute.SHARE and account not in scope.owner_accounts:
        return ProbeImage("m-golden", {}, scope.owner_accounts[0], "Others")
    return ProbeImage("m-golden", approved(scope), account)


def launch(principal: Principal, image: ProbeImage, now: datetime) -> Request:
    """RunInstances from an image, with what a launch usually names."""
    resources = (
        Resource(named(principal, "ecs", "instance/*").name, new=True),
        image_resource(principal, image),
        named(principal, "ecs", "securitygroup/sg-1"),
        named(principal, "vpc", "vswitch/vsw-1"),
        named(principal, "vpc", "vpc/vpc-1"),
    )
    known = {"ecs:ImageSource": (image.source,), "ecs:InstanceType": ("ecs.g7.large",)}
    known |= {"ecs:ImageOwnerId": (image.owner,)} if image.owner else {}
    return call(principal, "ecs:RunInstances", resources, known, now)


def replace_disk(principal: Principal, image: ProbeImage, now: datetime) -> Request:
    """ReplaceSystemDisk with an image."""
    instance, disk = named(principal, "ecs", "instance/i-1"), named(principal, "ecs", "disk/d-1")
    return call(
        principal, "ecs:ReplaceSystemDisk", (instance, image_resource(principal, image), disk), {}, now
    )


def create_image(principal: Principal, known: Mapping[str, tuple[str, ...]], now: datetime) -> Request:
    """CreateImage of an instance."""
    new = Resource(named(principal, "ecs", "image/*").name, new=True)
    return call(principal, "ecs:CreateImage", (new, named(principal, "ecs", "instance/i-1")), known, now)


def copy_image(principal: Principal, known: Mapping[str, tuple[str, ...]], now: datetime) -> Request:
    """CopyImage."""
    new = Resource(named(principal, "ecs", "image/*").name, new=True)
    return call(principal, "ecs:CopyImage", (new,), known, now)


def tag_image(principal: Principal, scope: Scope, now: datetime) -> Request:
    """TagResources on an image with the approved tags."""
    image = named(principal, "ecs", "image/m-untagged")
    return call(principal, "ecs:TagResources", (image,), requests(scope), now)


def image_resource(principal: Principal, image: ProbeImage) -> Resource:
    """An image as ECS names it: under the caller's account, whoever owns it (U-15)."""
    name = named(principal, "ecs", f"image/{image.id}").name
    owner = image.owner or "aliyun"
    return Resource(name, dict(image.tags), owner="" if owner == principal.account else owner)


def named(principal: Principal, service: str, relative: str) -> Resource:
    """A resource of the caller's account without tags."""
    return Resource(f"acs:{service}:{REGION}:{principal.account}:{relative}")


def call(
    principal: Principal,
    action: str,
    resources: tuple[Resource, ...],
    known: Mapping[str, tuple[str, ...]],
    now: datetime,
) -> Request:
    """A request with the time known, and what depends on where a caller sits unknown."""
    time = {"acs:CurrentTime": (now.strftime("%Y-%m-%dT%H:%M:%SZ"),)}
    return Request(principal, action, resources, Context({**known, **time}, UNKNOWN_KEYS))
