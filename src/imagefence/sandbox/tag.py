"""Behaviour of the Tag service, for the resources of ECS and VPC."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from imagefence.api import tag
from imagefence.api.operation import Fault
from imagefence.sandbox.call import Call, Refused, performs
from imagefence.sandbox.compute import Region, Stateful
from imagefence.sandbox.ecs_lookup import region_of
from imagefence.sandbox.ecs_parts import MAX_TAGS, good_tag_key, good_tag_value
from imagefence.sandbox.ecs_tags import SHELVES

MAX_RESOURCES = 50
MAX_PAIRS = 10
SERVICES: dict[str, dict[str, Callable[[Region], Mapping[str, Stateful]]]] = {
    "ecs": SHELVES,
    "vpc": {"vpc": lambda region: region.vpcs, "vswitch": lambda region: region.vswitches},
}


@performs(tag.TAG_RESOURCES)
def tag_resources(call: Call, request: tag.TagResources) -> tag.TagResourcesAnswer:
    """Sets tags on each resource that takes them, and names the others."""
    check_pairs(request.tags)
    failed = []
    for arn in checked_arns(request.resource_arn):
        target = target_of(call, request.region_id, arn)
        if target is None:
            failed.append(failure(arn, tag.RESOURCE_NOT_FOUND))
        elif len(target.tags | request.tags) > MAX_TAGS:
            failed.append(failure(arn, tag.TAG_QUOTA))
        else:
            target.retag(target.tags | request.tags)
    return tag.TagResourcesAnswer(failed_resources=tag.FailedResources(failed_resource=tuple(failed)))


@performs(tag.UNTAG_RESOURCES)
def untag_resources(call: Call, request: tag.UntagResources) -> tag.UntagResourcesAnswer:
    """Removes tags by key from each resource that is there, and names the others."""
    if not 1 <= len(request.tag_key) <= MAX_PAIRS:
        raise Refused(tag.TOO_MANY_TAGS)
    failed = []
    for arn in checked_arns(request.resource_arn):
        target = target_of(call, request.region_id, arn)
        if target is None:
            failed.append(failure(arn, tag.RESOURCE_NOT_FOUND))
        else:
            kept = {key: value for key, value in target.tags.items() if key not in request.tag_key}
            target.retag(kept)
    return tag.UntagResourcesAnswer(failed_resources=tag.FailedResources(failed_resource=tuple(failed)))


def check_pairs(tags: dict[str, str]) -> None:
    """Refuses no tags, more than ten, and malformed ones."""
    if not tags:
        raise Refused(tag.BAD_TAGS)
    if len(tags) > MAX_PAIRS:
        raise Refused(tag.TOO_MANY_TAGS)
    for key, value in tags.items():
        if not good_tag_key(key):
            raise Refused(tag.BAD_TAG_KEY, key=key)
        if not good_tag_value(value):
            raise Refused(tag.BAD_TAG_VALUE, value=value)


def checked_arns(arns: tuple[str, ...]) -> Iterable[str]:
    """The names, each once; refuses more than fifty."""
    if len(arns) > MAX_RESOURCES:
        raise Refused(tag.TOO_MANY_RESOURCES)
    return dict.fromkeys(arns)


def target_of(call: Call, region_id: str, arn: str) -> Stateful | None:
    """The object that `arn:acs:<service>:<region>:<account>:<type>/<id>` names; None where it is not there.

    Refuses malformed names and those of another region, account or service.
    """
    parts = arn.removeprefix("arn:").split(":", 4)
    if not arn.startswith("arn:acs:") or len(parts) != 5 or "/" not in parts[4]:
        raise Refused(tag.BAD_ARN, arn=arn)
    _, service, region, account, relative = parts
    kind, _, item_id = relative.partition("/")
    if region not in ("*", region_id):
        raise Refused(tag.ARN_REGION, arn=arn)
    if account not in ("*", call.account.id):
        raise Refused(tag.ARN_ACCOUNT, arn=arn)
    if service not in SERVICES:
        raise Refused(tag.BAD_SERVICE, service=service)
    if kind not in SERVICES[service]:
        raise Refused(tag.BAD_RESOURCE_TYPE, type=kind)
    return SERVICES[service][kind](region_of(call, region_id)).get(item_id)


def failure(arn: str, fault: Fault) -> tag.FailedResource:
    return tag.FailedResource(resource_arn=arn, result=tag.Result(code=fault.code, message=fault.message))


@performs(tag.LIST_TAG_RESOURCES)
def list_tag_resources(call: Call, request: tag.ListTagResources) -> tag.ListTagResourcesAnswer:
    """Lists tagged resources; the token is the last name of the page before."""
    wanted = tuple(checked_arns(request.resource_arn))
    for arn in wanted:
        target_of(call, request.region_id, arn)
    rows = sorted(tagged(call, request))
    rest = [row for row in rows if row[0] > request.next_token and (not wanted or row[0] in wanted)]
    page = rest[: request.page_size]
    return tag.ListTagResourcesAnswer(
        next_token=page[-1][0] if len(rest) > len(page) else "",
        tag_resources=tuple(resource_item(arn, tags) for arn, tags in page),
    )


def tagged(call: Call, request: tag.ListTagResources) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Name and tags of the caller's resources in the region that have all the tags asked for."""
    region = region_of(call, request.region_id)
    asked = (request.tags or {}).items()
    if request.category.lower() == "system":
        return
    for service, shelves in SERVICES.items():
        for kind, shelf in shelves.items():
            for item in shelf(region).values():
                if item.tags and asked <= item.tags.items():
                    name = f"arn:acs:{service}:{region.id}:{call.account.id}:{kind}/{item.id}"
                    yield name, list(item.tags.items())


def resource_item(arn: str, tags: list[tuple[str, str]]) -> tag.TagResource:
    return tag.TagResource(
        resource_arn=arn,
        tags=tuple(tag.Tag(category="Custom", key=key, value=value) for key, value in tags),
    )
