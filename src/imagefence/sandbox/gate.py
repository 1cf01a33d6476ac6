"""The gate: what a call authorises, from its declaration, and the one authoriser's decision on it.

Source: help.aliyun.com ram/policy-evaluation-process; ecs/developer-reference/api-ecs-2014-05-26-ram.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from imagefence.api.ecs_images import DESCRIBE_IMAGES
from imagefence.api.operation import Authorized, Operation
from imagefence.api.products import TAG
from imagefence.policy.readings import TagService
from imagefence.policy.request import Context, Request, Resource
from imagefence.sandbox.call import FINDS, Call, Refused, Taggable
from imagefence.sandbox.denial import denial_of
from imagefence.sandbox.in_force import authorizer
from imagefence.sandbox.keys import CONTEXT as ECS_CONTEXT
from imagefence.sandbox.ram_context import CONTEXT as RAM_CONTEXT

CONTEXT = {**ECS_CONTEXT, **RAM_CONTEXT}
WITHOUT_RAM = frozenset({"system", "others"})


def permit(
    call: Call, operation: Operation[Any, Any], request: Any, source_ip: str, *, secure: bool = False
) -> None:
    """Raises the product's denial unless every resource of the call passes under the policies in force."""
    if not asks_ram(operation, request):
        return
    asked = resources_by_action(call, operation, request)
    context = context_of(call, operation, request, source_ip, secure=secure)
    authorize = authorizer(call, operation, request)
    for action, resources in asked.items():
        question = Request(call.principal, action, tuple(resources), context)
        decision = authorize(question)
        if not decision.allowed:
            refused = next((reason.action for reason in decision.reasons if reason.action), action)
            detail = denial_of(call, refused, decision, context)
            raise Refused(operation.product.denial, denied=detail)


def asks_ram(operation: Operation[Any, Any], request: Any) -> bool:
    """DescribeImages of the vendor's or of others' images is not checked (its page says so)."""
    return operation is not DESCRIBE_IMAGES or request.image_owner_alias not in WITHOUT_RAM


def resources_by_action(
    call: Call, operation: Operation[Any, Any], request: Any
) -> dict[str, list[Resource]]:
    """Every resource of the call, with its own tags, under the action that it is asked for."""
    asked: dict[str, list[Resource]] = {}
    for entry in operation.authorizes:
        if entry.action and not asks_besides(call, operation):
            continue
        for resource in resources_of(call, operation, entry, request):
            asked.setdefault(entry.action or operation.action, []).append(resource)
    if operation.authorizes and operation.action not in asked:
        # Why: a call that names nothing must not be a call that asks nobody.
        asked[operation.action] = [Resource("*")]
    return asked


def asks_besides(call: Call, operation: Operation[Any, Any]) -> bool:
    """Whether a product's own action is asked beside the operation's, which for the Tag service is U-12."""
    return operation.product is not TAG or call.world.readings.tag_service is TagService.BOTH


def resources_of(
    call: Call, operation: Operation[Any, Any], entry: Authorized, request: Any
) -> Iterator[Resource]:
    """The resources that one line of a declaration stands for in this call."""
    if entry.kind == "*":
        yield Resource("*")
    elif entry.kind == "arn":
        yield from (named(call, arn) for arn in values_at(request, entry.of) if of_service(arn, entry.action))
    else:
        kind = getattr(request, entry.kind[1:-1]) if entry.kind.startswith("{") else entry.kind
        for relative in relative_ids(call, entry, request):
            yield resource(call, operation, entry, kind=kind, relative=relative)


def relative_ids(call: Call, entry: Authorized, request: Any) -> Iterator[str]:
    """The ids behind the slash: `*` for a new object, else those that the request names."""
    if not entry.of:
        yield "*"
        return
    ids = list(values_at(request, entry.of))
    if not ids and entry.otherwise:
        yield entry.otherwise
    for relative in ids:
        if not entry.via:
            yield relative
        elif (there := FINDS[entry.at](call, relative)) is not None and getattr(there, entry.via):
            yield getattr(there, entry.via)


def resource(
    call: Call, operation: Operation[Any, Any], entry: Authorized, *, kind: str, relative: str
) -> Resource:
    """One resource of the caller's account; a new one and one that is not there have no tags."""
    service = entry.service or operation.product.ram_code
    find = FINDS.get(kind) if relative != "*" and not entry.new else None
    there = find(call, relative) if find is not None else None
    region = region_of(call, there) if operation.product.region_in_names else "*"
    name = f"acs:{service}:{region}:{call.account.id}:{kind}/{relative}"
    if there is None:
        return Resource(name, new=entry.new)
    return Resource(name, there.tags, owner=there.owner, owner_tags=there.tags)


def region_of(call: Call, there: Taggable | None) -> str:
    """The region of the request, or that of the object where an operation takes no RegionId."""
    return call.region_id or getattr(there, "region_id", "") or "*"


def named(call: Call, arn: str) -> Resource:
    """A resource given by its whole name, with or without the Tag service's `arn:` in front."""
    name = arn.removeprefix("arn:")
    parts = name.split(":", 4)
    if len(parts) < 5:
        return Resource(name)
    kind, _, relative = parts[4].partition("/")
    find = FINDS.get(kind) if parts[3] == call.account.id else None
    there = find(call, relative) if find is not None else None
    if there is None:
        return Resource(name, owner=parts[3])
    return Resource(name, there.tags, owner=there.owner)


def of_service(arn: str, action: str) -> bool:
    """An action of its own product is asked only for that product's resources."""
    return not action or arn.removeprefix("arn:").startswith(f"acs:{action.partition(':')[0]}:")


def values_at(node: Any, path: str) -> Iterator[str]:
    """The texts at an attribute path, through every item of a list."""
    head, _, rest = path.partition(".")
    value = getattr(node, head)
    for item in value if isinstance(value, tuple) else (value,):
        if item and rest:
            yield from values_at(item, rest)
        elif item:
            yield str(item)


def context_of(
    call: Call, operation: Operation[Any, Any], request: Any, source_ip: str, *, secure: bool
) -> Context:
    """The condition keys of the call: those of every call, the tags it carries, and the product's own."""
    known: dict[str, tuple[str, ...]] = {
        "acs:CurrentTime": (call.now.strftime("%Y-%m-%dT%H:%M:%SZ"),),
        "acs:SourceIp": (source_ip,),
        "acs:SecureTransport": ("true" if secure else "false",),
    }
    for key, value in request_tags(request):
        known[f"acs:RequestTag/{key}"] = (value,)
    for key in operation.keys:
        read = CONTEXT.get(key)
        values = read(call, request) if read is not None else None
        if values is not None:
            known[key] = values
    return Context(known)


def request_tags(request: Any) -> Iterator[tuple[str, str]]:
    """The tags in a call, from a list of pairs or a map, whichever the product takes."""
    tags = getattr(request, "tags", None) or getattr(request, "tag", None) or ()
    if isinstance(tags, dict):
        yield from tags.items()
        return
    for tag in tags:
        if tag.key:
            yield tag.key, tag.value or ""
