"""What a call asks of RAM under each reading: which actions, which resources, which tags.

A sandbox or a user hands over the request of the default readings; the other readings of U-3, U-11, U-12
and U-13 ask for something else in its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from imagefence.policy.document import Document
from imagefence.policy.names import PARTS, split
from imagefence.policy.policies import AttachedPolicy, Level, Policies
from imagefence.policy.readings import AddTags, CreationTags, LaunchAsks, Readings, Saved, TagService
from imagefence.policy.request import Context, Request, Resource

LAUNCHES = frozenset({"ecs:runinstances", "ecs:createinstance"})
LAUNCHES_AND_REPLACES = LAUNCHES | {"ecs:replacesystemdisk"}
IMAGE_MAKERS = frozenset({"ecs:copyimage", "ecs:createimage", "ecs:importimage"})
OLD_TAGGING = {"ecs:addtags": "ecs:CreateTags", "ecs:removetags": "ecs:DeleteTags"}
TAG_SERVICE = frozenset({"tag:tagresources", "tag:untagresources"})


def asked(request: Request, readings: Readings) -> tuple[Request, ...]:
    """The requests that stand for a call, one for each action asked."""
    action = request.action.lower()
    if readings.launch_asks is LaunchAsks.EVERYTHING and action in LAUNCHES:
        request = replace(request, resources=(Resource("*"),))
    if readings.creation_tags is CreationTags.WITHHELD and action in IMAGE_MAKERS:
        request = replace(request, context=_without_request_tags(request.context))
    if readings.add_tags is not AddTags.OWN_NAME and action in OLD_TAGGING:
        alias = replace(request, action=OLD_TAGGING[action])
        return (request, alias) if readings.add_tags is AddTags.BOTH else (alias,)
    if readings.tag_service is TagService.BOTH and action in TAG_SERVICE:
        return request, *_at_the_products(request)
    return (request,)


def seen_tags(request: Request, resource: Resource, readings: Readings) -> Mapping[str, str] | None:
    """The tags that conditions see at a resource: its own, unless the image alone is asked for its tag."""
    if readings.launch_asks is LaunchAsks.IMAGE_TAG_ONLY and request.action.lower() in LAUNCHES_AND_REPLACES:
        for other in request.resources:
            if split(other.name)[-1].startswith("image/"):
                return other.tags
    return resource.tags


def standing(policies: Policies, readings: Readings) -> Policies:
    """Leaves out the documents that could not have been saved under these readings."""
    if Saved.REFUSED not in (readings.not_resource, readings.set_prefixes, readings.empty_condition):
        return policies
    levels = policies.control
    return replace(
        policies,
        identity=_saved(policies.identity, readings),
        identity_resource_group=_saved(policies.identity_resource_group, readings),
        control=levels and tuple(Level(level.node, _saved(level.policies, readings)) for level in levels),
    )


def _saved(policies: tuple[AttachedPolicy, ...], readings: Readings) -> tuple[AttachedPolicy, ...]:
    return tuple(policy for policy in policies if not _refused(policy.document, readings))


def _refused(document: Document, readings: Readings) -> bool:
    for statement in document.statements:
        if readings.not_resource is Saved.REFUSED and statement.not_resource:
            return True
        if readings.empty_condition is Saved.REFUSED and statement.empty_condition:
            return True
        if readings.set_prefixes is Saved.REFUSED and any(test.quantifier for test in statement.conditions):
            return True
    return False


def _without_request_tags(context: Context) -> Context:
    def kept(key: str) -> bool:
        return not key.lower().startswith("acs:requesttag/")

    known = {key: values for key, values in context.known.items() if kept(key)}
    return Context(known, frozenset(filter(kept, context.unknown)))


def _at_the_products(request: Request) -> list[Request]:
    operation = request.action.partition(":")[2]
    products: dict[str, list[Resource]] = {}
    for resource in request.resources:
        parts = split(resource.name)
        if len(parts) == PARTS:
            products.setdefault(parts[1], []).append(resource)
    return [
        replace(request, action=f"{product}:{operation}", resources=tuple(resources))
        for product, resources in products.items()
    ]
