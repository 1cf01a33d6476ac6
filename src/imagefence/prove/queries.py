"""The questions: for each road of scope/roads.py, the calls that would go down it.

A query is a call with open places and a wish, which says what makes it wrong; it is answered by a request
that passes, or by a proof that none does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from imagefence.api.operation import Operation
from imagefence.api.registry import operation_for
from imagefence.policy.keys import GLOBAL_KEYS, KEYS
from imagefence.policy.readings import Readings, SharedTags
from imagefence.prove.calls import ABSENT, ACCOUNTS, FREE, Call, KeyRange, Part, Tags
from imagefence.scope.roads import (
    CREATE_ACTIONS,
    LAUNCH_ACTIONS,
    LAUNCHES,
    Barrier,
    Road,
    table,
)
from imagefence.scope.scope import Distribute, May, Scope

STRANGER = "9999999999999999"
VENDOR = "aliyun"
SERVICE_ONLY = frozenset({"acs:service"})
# Why not the untagging ones: taking a tag away makes no image look approved.
TAGGING = ("ecs:TagResources", "ecs:CreateTags", "ecs:AddTags", "tag:TagResources")
TAG_CARRIERS = frozenset(action.lower() for action in (*LAUNCHES, *TAGGING, *CREATE_ACTIONS))
ALWAYS = ("launch", "replace-system-disk", "stock-image", "foreign-image")
TAG_ROADS = ("tag-by-ecs", "tag-by-tag-service", "born-with-tag")
ON_DEMAND = (Barrier.DOOR, Barrier.FAMILY, Barrier.SHARING)
# Roads on which the same request is asked as on another.
COVERED = {"launch-template": "launch", "server-image": "foreign-image"}


class Wish(Enum):
    """What makes a call the one that is asked about."""

    LACKS = "the image lacks an approved tag"
    WEARS = "the image wears every approved tag"
    BECOMES = "afterwards the image wears every approved tag, and did not before"
    BORN = "the new image gets every approved tag"


@dataclass(frozen=True, slots=True)
class Query:
    """One question: `wish` is about the part `image` (None where no part is an image of its own).

    `plain` is the same call with the resources that people usually name: a request of that shape is shown
    where there is one. `exempt` says whom the question leaves out.
    """

    road: str
    text: str
    call: Call
    image: int | None = None
    wish: Wish | None = None
    exempt: May | None = None
    plain: Call | None = None
    golden: bool = False


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an image comes from, as the road's row names it: what its keys hold, whose it is, its tags."""

    road: str
    words: str
    part: Part
    keys: Mapping[str, KeyRange]
    wish: Wish | None


def holes(
    scope: Scope, account: str, readings: Readings, now: str, roads: tuple[str, ...]
) -> Iterator[Query]:
    """Questions 1 and 2: every one of these must have no answer."""
    launches, taggings = _launches(scope, account, readings, now), _taggings(scope, now)
    for query in (*launches, *taggings, *_further(scope, account, now, roads)):
        if query.road in roads:
            yield query


def uses(scope: Scope, account: str, readings: Readings, now: str) -> Iterator[Query]:
    """Question 4: each of these must have an answer."""
    origin = _golden(scope, account, readings)
    for action in LAUNCH_ACTIONS:
        if action in LAUNCHES or scope.distribute is Distribute.COPY:
            words = f"{action} from {origin.words}"
            query = _launch(action, origin, words, now)
            bare = _bare(query.plain or query.call, keep=query.image)
            yield replace(query, call=bare, plain=None, golden=True, exempt=None)


def _launches(scope: Scope, account: str, readings: Readings, now: str) -> Iterator[Query]:
    for action in LAUNCH_ACTIONS:
        for origin in origins(scope, account, readings):
            road = origin.road if action in LAUNCHES else "replace-system-disk"
            yield replace(_launch(action, origin, f"{action} from {origin.words}", now), road=road)


def origins(scope: Scope, account: str, readings: Readings) -> tuple[Origin, ...]:
    """Every kind of image that nobody approved."""
    copied = scope.distribute is Distribute.COPY
    known = (account, *scope.owner_accounts)
    seen = Tags.NONE if readings.shared_tags is SharedTags.NONE else Tags.FREE
    # Why: tags that the receiver set are its own approval; those of an outsider are worth nothing.
    theirs = Wish.LACKS if copied and readings.shared_tags is SharedTags.RECEIVERS else None
    own = Part("image", id="m-untagged")
    stock = Part("image", tags=Tags.NONE, owner=VENDOR, id="aliyun_3_x64_20G.vhd")
    shared = Part("image", tags=seen, owner=STRANGER, id="m-foreign")
    found = [
        Origin("launch", "an own image without the tag", own, _origin_keys("Custom", (account,)), Wish.LACKS),
        Origin("stock-image", "a stock image", stock, _stock_keys(known), None),
        Origin("foreign-image", "an image that a stranger shares", shared, _foreign_keys(known), theirs),
    ]
    others = tuple(owner for owner in scope.owner_accounts if owner != account)
    if others and copied:
        part = replace(shared, owner=others[0])
        keys = _origin_keys("Shared", others)
        words = "an image without the tag that an owner account shares"
        found.append(Origin("foreign-image", words, part, keys, Wish.LACKS))
    return tuple(found)


def _golden(scope: Scope, account: str, readings: Readings) -> Origin:
    owners = scope.owner_accounts
    if scope.distribute is Distribute.SHARE and account not in owners:
        worn = readings.shared_tags is SharedTags.OWNERS
        part = Part("image", tags=Tags.FREE if worn else Tags.NONE, owner=owners[0], id="m-golden")
        keys = _origin_keys("Shared", owners[:1])
        return Origin("", "a golden image that is shared", part, keys, Wish.WEARS if worn else None)
    keys = _origin_keys("Custom", (account,))
    return Origin("", "a golden image", Part("image", id="m-golden"), keys, Wish.WEARS)


def _origin_keys(source: str, owners: tuple[str, ...]) -> dict[str, KeyRange]:
    return {
        "ecs:imagesource": KeyRange(optional=False, unlike=("System",), suggestions=(source,)),
        "ecs:imageownerid": KeyRange(optional=False, choices=owners),
    }


def _stock_keys(known: tuple[str, ...]) -> dict[str, KeyRange]:
    return {
        "ecs:imagesource": KeyRange(optional=False, choices=("System",)),
        "ecs:imageownerid": KeyRange(unlike=known, suggestions=("0",)),
    }


def _foreign_keys(known: tuple[str, ...]) -> dict[str, KeyRange]:
    owner = KeyRange(optional=False, unlike=known, language=ACCOUNTS, suggestions=(STRANGER,))
    source = KeyRange(optional=False, unlike=("System",), suggestions=("Shared",))
    return {"ecs:imagesource": source, "ecs:imageownerid": owner}


def _launch(action: str, origin: Origin, words: str, now: str) -> Query:
    least = ("image_id",) if action in LAUNCHES else ("instance_id", "image_id")
    usual = ("image_id", "security_group_id", "v_switch_id")
    call = _with_image(call_of(action, least, now), origin)
    plain = _with_image(call_of(action, usual, now), origin) if action in LAUNCHES else None
    image = _image_of(call)
    return Query(origin.road, words, call, image, origin.wish, May.LAUNCH, plain)


def _with_image(call: Call, origin: Origin) -> Call:
    parts = tuple(origin.part if part.kind == "image" else part for part in call.parts)
    keys = {name: given for name, given in origin.keys.items() if not call.keys.get(name, FREE).absent}
    return replace(call, parts=parts, keys={**call.keys, **keys})


def _image_of(call: Call) -> int | None:
    return next((n for n, part in enumerate(call.parts) if part.kind == "image" and part.free), None)


def _bare(call: Call, keep: int | None) -> Call:
    """The call with tags at one part alone, as people rarely tag security groups and switches."""
    parts = (part if part == call.parts[keep or 0] else replace(part, tags=Tags.NONE) for part in call.parts)
    return replace(call, parts=tuple(parts))


def _taggings(scope: Scope, now: str) -> Iterator[Query]:
    for action in TAGGING:
        road = "tag-by-tag-service" if action.startswith("tag:") else "tag-by-ecs"
        call = replace(call_of(action, (), now), parts=(Part("image", id="m-untagged"),))
        yield Query(road, f"{action} puts the tag on an image", call, 0, Wish.BECOMES, May.TAG)
    for action, given in (
        ("ecs:CopyImage", ("image_id",)),
        ("ecs:CreateImage", ("instance_id",)),
        ("ecs:CreateImage", ("snapshot_id",)),
        ("ecs:ImportImage", ()),
    ):
        call = call_of(action, given, now)
        source = (
            f" from {'an' if given[0][0] in 'ai' else 'a'} {given[0].removesuffix('_id')}" if given else ""
        )
        words = f"{action}{source} gives birth to an image with the tag"
        yield Query("born-with-tag", words, call, _image_of(call), Wish.BORN, May.CREATE_IMAGE)


def _further(scope: Scope, account: str, now: str, roads: tuple[str, ...]) -> Iterator[Query]:
    """The roads that are asked about on demand, row by row of the table."""
    for road in table():
        if road.name not in roads:
            continue
        for action in road.actions:
            if road.closed_by is Barrier.DOOR:
                text = f"{action} is open ({road.name})"
                yield Query(road.name, text, door(road, action, now), None, None, road.exempt)
            elif road.closed_by is Barrier.FAMILY:
                text = f"{action} puts an image without the tag into a family"
                yield Query(road.name, text, _on_image(action, now), 0, Wish.LACKS, May.TAG)
            elif road.closed_by is Barrier.SHARING and account in scope.owner_accounts:
                # Why: where images go by their owner, those that it shares must be approved.
                text = f"{action} shares an image without the tag"
                yield Query(road.name, text, _on_image(action, now), 0, Wish.LACKS, May.TAG)


def door(road: Road, action: str, now: str) -> Call:
    """The call at a door: on the first resource that the row names, or on `*` where no page names any."""
    named = next((each for each in road.authorizes if "/" in each), "")
    service, colon, rest = named.partition(":")
    kind, _, relative = (rest if colon else named).partition("/")
    part = Part(kind, service if colon else "ecs", new=relative == "*") if kind else Part(tags=Tags.NONE)
    return replace(call_of(action, (), now), parts=(part,))


def _on_image(action: str, now: str) -> Call:
    return replace(call_of(action, (), now), parts=(Part("image", id="m-untagged"),))


def askable() -> tuple[Road, ...]:
    """The roads that are asked about on demand alone."""
    return tuple(road for road in table() if road.closed_by in ON_DEMAND)


def call_of(action: str, given: tuple[str, ...], now: str) -> Call:
    """The call of a declared operation that names these attributes; an undeclared one makes a new image."""
    operation = operation_for(action)
    parts = tuple(_declared(operation, given)) if operation is not None else (Part("image", new=True),)
    return Call(
        action, parts, ranges(operation, now), FREE, operation is None or action.lower() in TAG_CARRIERS
    )


def _declared(operation: Operation[Any, Any], given: tuple[str, ...]) -> Iterator[Part]:
    """The resources that the declaration authorises for a call that names these attributes."""
    for entry in operation.authorizes:
        service = entry.service or operation.product.ram_code
        if entry.new:
            yield Part(entry.kind, service, new=True)
        elif entry.of in given and not entry.action:
            yield Part(entry.kind, service)


def ranges(operation: Operation[Any, Any] | None, now: str) -> dict[str, KeyRange]:
    """What each documented key can hold: what an operation does not feed is absent, the rest is free."""
    found: dict[str, KeyRange] = {}
    if operation is not None:
        fed = {name.lower() for name in operation.keys}
        found = {name.lower(): ABSENT for name in KEYS if name not in GLOBAL_KEYS and name.lower() not in fed}
    found |= dict.fromkeys(SERVICE_ONLY, ABSENT)
    found["acs:currenttime"] = KeyRange(optional=False, suggestions=(now,))
    found["acs:securetransport"] = KeyRange(optional=False)
    found["acs:sourceip"] = KeyRange(suggestions=("203.0.113.7",))
    return found
