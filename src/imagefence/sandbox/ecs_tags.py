"""Behaviour of ECS: tags."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from imagefence.api import ecs_faults
from imagefence.api import ecs_tags as ecs
from imagefence.sandbox.call import Call, Refused, performs
from imagefence.sandbox.compute import Region, Stateful
from imagefence.sandbox.ecs_lookup import region_of, visible_image
from imagefence.sandbox.ecs_parts import MAX_TAGS, checked_tags, has_tags

MAX_RESOURCES = 50
PAGE = 50

SHELVES: dict[str, Callable[[Region], Mapping[str, Stateful]]] = {
    "disk": lambda region: region.disks,
    "image": lambda region: region.images,
    "instance": lambda region: region.instances,
    "securitygroup": lambda region: region.security_groups,
    "snapshot": lambda region: region.snapshots,
}


@performs(ecs.TAG_RESOURCES)
def tag_resources(call: Call, request: ecs.TagResources) -> ecs.TagResourcesAnswer:
    """Sets tags on all the resources, or on none where one of them refuses."""
    targets = named_resources(call, request.region_id, request.resource_type, request.resource_id)
    tags = checked_tags(request.tag)
    if not tags:
        raise Refused(ecs.NO_TAGS)
    for target in targets:
        if len(target.tags | tags) > MAX_TAGS:
            raise Refused(ecs_faults.TAG_QUOTA)
    for target in targets:
        target.retag(target.tags | tags)
    return ecs.TagResourcesAnswer()


@performs(ecs.UNTAG_RESOURCES)
def untag_resources(call: Call, request: ecs.UntagResources) -> ecs.UntagResourcesAnswer:
    """Removes tags by key; with All and no key every tag."""
    targets = named_resources(call, request.region_id, request.resource_type, request.resource_id)
    if not request.tag_key and not request.all:
        raise Refused(ecs.NO_TAG_KEYS)
    for target in targets:
        kept = target.tags if request.tag_key else {}
        target.retag({key: value for key, value in kept.items() if key not in request.tag_key})
    return ecs.UntagResourcesAnswer()


def shelf_of(call: Call, region_id: str, kind: str) -> Mapping[str, Stateful]:
    """The caller's objects of a type in a region; refuses unknown types."""
    region = region_of(call, region_id)
    if kind not in SHELVES:
        raise Refused(ecs.RESOURCE_TYPE_NOT_FOUND)
    return SHELVES[kind](region)


def named_resources(call: Call, region_id: str, kind: str, ids: tuple[str, ...]) -> list[Stateful]:
    """The caller's own objects of one type; refuses unknown ids, and the images of others."""
    shelf = shelf_of(call, region_id, kind)
    if not ids:
        raise Refused(ecs.NO_RESOURCES)
    if len(ids) > MAX_RESOURCES:
        raise Refused(ecs.TOO_MANY_RESOURCES)
    for missing in (id_ for id_ in ids if id_ not in shelf):
        foreign = kind == "image" and visible_image(call, region_id, missing) is not None
        raise Refused(ecs.NOT_TAGGABLE if foreign else ecs.RESOURCE_NOT_FOUND)
    return [shelf[id_] for id_ in dict.fromkeys(ids)]


@performs(ecs.LIST_TAG_RESOURCES)
def list_tag_resources(call: Call, request: ecs.ListTagResources) -> ecs.ListTagResourcesAnswer:
    """Lists tags of resources that pass all filters; the token is the last entry of the page before."""
    shelf = shelf_of(call, request.region_id, request.resource_type)
    if len(request.resource_id) > MAX_RESOURCES:
        raise Refused(ecs.TOO_MANY_RESOURCES)
    if not (request.resource_id or request.tag or request.tag_filter):
        raise Refused(ecs.NO_RESOURCES)
    rows = sorted(tag_rows(shelf, request))
    rest = [row for row in rows if "|".join(row[:2]) > request.next_token]
    more = len(rest) > PAGE
    return ecs.ListTagResourcesAnswer(
        next_token="|".join(rest[PAGE - 1][:2]) if more else "",
        tag_resources=ecs.TaggedResources(
            tag_resource=tuple(
                ecs.TagResource(
                    resource_id=id_, resource_type=request.resource_type, tag_key=key, tag_value=value
                )
                for id_, key, value in rest[:PAGE]
            )
        ),
    )


def tag_rows(shelf: Mapping[str, Stateful], request: ecs.ListTagResources) -> Iterator[tuple[str, str, str]]:
    """Id, key and value of every tag on the resources that pass."""
    wanted = frozenset(request.resource_id)
    for item in shelf.values():
        if wanted and item.id not in wanted:
            continue
        if has_tags(item.tags, request.tag) and passes(item.tags, request.tag_filter):
            for key, value in item.tags.items():
                yield item.id, key, value


def passes(tags: dict[str, str], filters: tuple[ecs.TagFilter, ...]) -> bool:
    """Whether every filter's key is there, with one of its values where it has any."""
    return all(
        one.tag_key in tags and (not one.tag_values or tags[one.tag_key] in one.tag_values) for one in filters
    )
