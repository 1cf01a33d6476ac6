"""Ways through, really gone: the calls of the counterexamples on a sandbox built from the policy files."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from imagefence.api.ecs_disks import REPLACE_SYSTEM_DISK, ReplaceSystemDisk
from imagefence.api.ecs_image_shares import MODIFY_IMAGE_SHARE_PERMISSION, ModifyImageSharePermission
from imagefence.api.ecs_images import (
    COPY_IMAGE,
    CREATE_IMAGE,
    MODIFY_IMAGE_ATTRIBUTE,
    CopyImage,
    CreateImage,
    ModifyImageAttribute,
)
from imagefence.api.ecs_instances import CREATE_INSTANCE, RUN_INSTANCES, CreateInstance, RunInstances
from imagefence.api.ecs_tags import TAG_RESOURCES, TagResources
from imagefence.api.operation import Operation
from imagefence.api.tag import TAG_RESOURCES as TAG_BY_TAG_SERVICE
from imagefence.api.tag import TagResources as TagByTagService
from imagefence.cli.demo import acts
from imagefence.cli.demo.sandbox import running_sandbox
from imagefence.cli.demo.town import AWAY, HOME
from imagefence.cli.prove_stage import Stage, attach, build, caller, launch_keys
from imagefence.cloud.session import Session
from imagefence.errors import CloudFault, CounterexampleNotReproduced
from imagefence.policy.authorize import authorize
from imagefence.policy.keys import GLOBAL_KEYS
from imagefence.policy.names import split
from imagefence.policy.readings import DEFAULT, TagService
from imagefence.policy.request import Resource
from imagefence.prove.ask import Asked, Passing, answer, asked_of, pinned
from imagefence.prove.budget import unlimited
from imagefence.prove.calls import Caller
from imagefence.prove.queries import VENDOR, Query, holes

HERE = "127.0.0.1"
TAGGABLE = frozenset({"image", "instance", "disk", "snapshot", "securitygroup"})
# What the sandbox asks for: the Tag service's call needs the product's own action besides (U-12).
AS_SANDBOX = replace(DEFAULT, tag_service=TagService.BOTH)
HANGS = "not replayed: it hangs on names or keys that the sandbox sets by itself"
Ids = dict[str, str]


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of one way through."""

    text: str
    result: str


@dataclass(frozen=True, slots=True)
class Ready:
    """A call about to be made: by whom, the operation and its request."""

    text: str
    session: Session
    operation: Operation[Any, Any]
    request: Any
    ids: Ids


def replayed(asked: Asked, found: Sequence[Passing], told: Callable[[str], None]) -> tuple[Replay, ...]:
    """Runs every way through under the policies; raises CounterexampleNotReproduced where one is refused."""
    results: list[Replay] = []
    ready: list[Ready] = []
    with (
        tempfile.TemporaryDirectory(prefix="imagefence-prove-") as folder,
        running_sandbox(Path(folder), keep=False) as gate,
    ):
        stage = build(gate)
        here = asked_of(asked.policies, asked.scope, Caller(stage.account), asked.now)
        roads = tuple({hole.query.road for hole in found})
        queries = {query.text: query for query in holes(here.scope, stage.account, DEFAULT, here.now, roads)}
        for hole in found:
            told(hole.query.text)
            made = prepared(stage, queries[hole.query.text], here)
            if isinstance(made, Ready):
                ready.append(made)
            else:
                results.append(made)
        attach(stage, asked.policies.control or ())
        results += [run(each) for each in ready]
    return tuple(results)


def prepared(stage: Stage, query: Query, asked: Asked) -> Ready | Replay:
    """Looks for the way through once more, as the sandbox feeds its keys, and puts everything in place."""
    make = CALLS.get(query.call.action)
    if make is None:
        return Replay(query.text, f"not replayed: the sandbox has no {query.call.action}")
    passing = answer(pinned(query, keys_here(stage, asked.now)), asked, DEFAULT, unlimited())
    if passing is None:
        return Replay(query.text, HANGS)
    request = passing.request
    ids = put_in_place(stage, query, request.resources)
    named = tuple(renamed(resource, ids) for resource in request.resources)
    decided = authorize(replace(request, resources=named), asked.policies, AS_SANDBOX)
    if not decided.allowed or untaggable(request.resources):
        asks = "not replayed: the sandbox asks for ecs:TagResources besides (U-12)"
        return Replay(query.text, asks if query.call.action.startswith("tag:") else HANGS)
    tags = {
        key.partition("/")[2]: values[0]
        for key, values in request.context.known.items()
        if key.startswith("acs:RequestTag/")
    }
    operation, call = make(stage, ids, tags)
    return Ready(query.text, caller(stage, request.principal.arn, asked.policies), operation, call, ids)


def keys_here(stage: Stage, now: str) -> dict[str, tuple[str, ...]]:
    """The condition keys as this sandbox feeds them; an empty tuple is absence."""
    absent: dict[str, tuple[str, ...]] = {name.lower(): () for name in GLOBAL_KEYS}
    del absent["acs:principalarn"]
    common = {"acs:sourceip": (HERE,), "acs:securetransport": ("false",), "acs:currenttime": (now,)}
    return {**absent, **common, **launch_keys(stage.network)}


def put_in_place(stage: Stage, query: Query, resources: Iterable[Resource]) -> Ids:
    """Makes what the call names, with its tags; gives the real ids by the relative names of the request."""
    ids: Ids = {}
    for resource in resources:
        kind, _, name = split(resource.name)[-1].partition("/")
        if name == "*" or resource.name == "*":
            continue
        ids[kind] = real(stage, kind, resource, ids, running=query.call.action == "ecs:CreateImage")
        if resource.tags and kind in TAGGABLE and not resource.owner:
            acts.tag(stage.member, HOME, kind, ids[kind], resource.tags)
    return ids


def real(stage: Stage, kind: str, resource: Resource, ids: Ids, *, running: bool) -> str:
    """One real thing of a kind."""
    if kind == "image":
        if resource.owner == VENDOR:
            return stage.stock
        return stage.foreign_image() if resource.owner else stage.own_image()
    if kind == "instance":
        return stage.running if running else stage.stopped_instance()
    if kind == "disk":
        return stage.disk_of(ids["instance"])
    if kind == "snapshot":
        return stage.snapshot()
    network = stage.network
    return {"securitygroup": network.security_group_id, "vswitch": network.v_switch_id}.get(kind, "vpc")


def renamed(resource: Resource, ids: Ids) -> Resource:
    """A resource under its real id."""
    head, _, relative = resource.name.rpartition(":")
    kind, _, name = relative.partition("/")
    return resource if name in ("", "*") else replace(resource, name=f"{head}:{kind}/{ids[kind]}")


def untaggable(resources: Iterable[Resource]) -> bool:
    """Whether a resource would need tags that can't be set here."""
    return any(
        resource.tags and split(resource.name)[-1].partition("/")[0] not in TAGGABLE for resource in resources
    )


def run(ready: Ready) -> Replay:
    """Makes the call; a denial is an error of ours."""
    try:
        ready.session.call(ready.operation, ready.request, HOME)
    except CloudFault as fault:
        if fault.denied is not None:
            raise CounterexampleNotReproduced(
                f"`{ready.text}`: the sandbox denies what prover and evaluator allow: {fault.code}",
                help="please report it, with the policies",
            ) from fault
        return Replay(ready.text, f"let through, then refused for another reason: {fault.code}")
    return Replay(ready.text, f"{ready.operation.action} really passed on a sandbox under these policies")


def launch(stage: Stage, ids: Ids, tags: Mapping[str, str], kind: Any) -> Any:
    """RunInstances or CreateInstance."""
    return kind(
        region_id=HOME,
        image_id=ids["image"],
        instance_type=stage.network.instance_type,
        v_switch_id=stage.network.v_switch_id,
        security_group_id=stage.network.security_group_id,
        tag=acts.pairs(tags),
    )


Made = tuple[Operation[Any, Any], Any]


def run_instances(stage: Stage, ids: Ids, tags: Mapping[str, str]) -> Made:
    return RUN_INSTANCES, launch(stage, ids, tags, RunInstances)


def create_instance(stage: Stage, ids: Ids, tags: Mapping[str, str]) -> Made:
    return CREATE_INSTANCE, launch(stage, ids, tags, CreateInstance)


def replace_disk(stage: Stage, ids: Ids, tags: Mapping[str, str]) -> Made:
    return REPLACE_SYSTEM_DISK, ReplaceSystemDisk(instance_id=ids["instance"], image_id=ids["image"])


def tag_by_ecs(stage: Stage, ids: Ids, tags: Mapping[str, str]) -> Made:
    request = TagResources(
        region_id=HOME, resource_type="image", resource_id=(ids["image"],), tag=acts.pairs(tags)
    )
    return TAG_RESOURCES, request


def tag_by_service(stage: Stage, ids: Ids, tags: Mapping[str, str]) -> Made:
    name = f"arn:acs:ecs:{HOME}:{stage.account}:image/{ids['image']}"
    return TAG_BY_TAG_SERVICE, TagByTagService(region_id=HOME, tags=dict(tags), resource_arn=(name,))


def copy_image(stage: Stage, ids: Ids, tags: Mapping[str, str]) -> Made:
    request = CopyImage(
        region_id=HOME,
        image_id=ids["image"],
        destination_region_id=AWAY,
        destination_image_name=stage.name("copy"),
        tag=acts.pairs(tags),
    )
    return COPY_IMAGE, request


def create_image(stage: Stage, ids: Ids, tags: Mapping[str, str]) -> Made:
    request = CreateImage(
        region_id=HOME,
        instance_id=ids.get("instance", ""),
        snapshot_id=ids.get("snapshot", ""),
        image_name=stage.name("born"),
        tag=acts.pairs(tags),
    )
    return CREATE_IMAGE, request


def move_family(stage: Stage, ids: Ids, tags: Mapping[str, str]) -> Made:
    request = ModifyImageAttribute(region_id=HOME, image_id=ids["image"], image_family="golden")
    return MODIFY_IMAGE_ATTRIBUTE, request


def share_image(stage: Stage, ids: Ids, tags: Mapping[str, str]) -> Made:
    other = (stage.gate.other_account_id,)
    request = ModifyImageSharePermission(region_id=HOME, image_id=ids["image"], add_account=other)
    return MODIFY_IMAGE_SHARE_PERMISSION, request


CALLS: dict[str, Callable[[Stage, Ids, Mapping[str, str]], Made]] = {
    "ecs:RunInstances": run_instances,
    "ecs:CreateInstance": create_instance,
    "ecs:ReplaceSystemDisk": replace_disk,
    "ecs:TagResources": tag_by_ecs,
    "tag:TagResources": tag_by_service,
    "ecs:CopyImage": copy_image,
    "ecs:CreateImage": create_image,
    "ecs:ModifyImageAttribute": move_family,
    "ecs:ModifyImageSharePermission": share_image,
}
