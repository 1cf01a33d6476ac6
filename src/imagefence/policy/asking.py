"""What a call asks of RAM under each reading: which actions, which resources, which tags.

A sandbox or a user hands over the request of the default readings; the other readings of U-3, U-11, U-12
and U-13 ask for something else in its place.

Sources: ram/developer-reference api-sts-2015-04-01-getcalleridentity, api-sts-2015-04-01-assumerolewithsaml
and -assumerolewithoidc (no permission is asked); ram/user-guide/create-a-ram-role-for-a-trusted-idp.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

from imagefence.policy.document import ConditionTest, Document, In, NotIn, Statement
from imagefence.policy.keys import VARIABLE
from imagefence.policy.names import PARTS, split
from imagefence.policy.operators import OPERATORS
from imagefence.policy.pattern import has_variable
from imagefence.policy.policies import AttachedPolicy, Level, Policies
from imagefence.policy.readings import (
    AddTags,
    CreationTags,
    LaunchAsks,
    Readings,
    Saved,
    SharedTags,
    TagService,
    Variables,
)
from imagefence.policy.request import Context, PrincipalKind, Request, Resource

LAUNCHES = frozenset({"ecs:runinstances", "ecs:createinstance"})
LAUNCHES_AND_REPLACES = LAUNCHES | {"ecs:replacesystemdisk"}
TAGGED_AT_BIRTH = frozenset({"ecs:copyimage", "ecs:createimage", "ecs:importimage", "vpc:createvswitch"})
OLD_TAGGING = {"ecs:addtags": "ecs:CreateTags", "ecs:removetags": "ecs:DeleteTags"}
TAG_SERVICE = frozenset({"tag:tagresources", "tag:untagresources"})
WITHOUT_PERMISSION = frozenset({"sts:getcalleridentity"})
BY_PROVIDER = frozenset({"sts:assumerolewithsaml", "sts:assumerolewithoidc"})
# The actions that ask for something else under another choice of these readings; no other action does.
ASKING: Mapping[str, frozenset[str]] = {
    "launch_asks": LAUNCHES_AND_REPLACES,
    "creation_tags": TAGGED_AT_BIRTH,
    "add_tags": frozenset(OLD_TAGGING),
    "tag_service": TAG_SERVICE,
}


def asked(request: Request, readings: Readings) -> tuple[Request, ...]:
    """The requests that stand for a call, one for each action asked; none where no permission is."""
    action = request.action.lower()
    if action in WITHOUT_PERMISSION:
        return ()
    if action in BY_PROVIDER:
        called = request.principal.kind is PrincipalKind.FEDERATED
        return (replace(request, action="sts:AssumeRole"),) if called else ()
    if readings.launch_asks is LaunchAsks.EVERYTHING and action in LAUNCHES:
        request = replace(request, resources=(Resource("*"),))
    if readings.creation_tags is CreationTags.WITHHELD and action in TAGGED_AT_BIRTH:
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
        resource = next(filter(_is_image, request.resources), resource)
    if readings.shared_tags is SharedTags.NONE or resource.owner in ("", request.principal.account):
        return resource.tags
    return _as_shared(resource, readings) if _is_image(resource) else resource.tags


def _as_shared(resource: Resource, readings: Readings) -> Mapping[str, str] | None:
    """The tags of another account's image that count, unknown where nobody told them."""
    owners = readings.shared_tags is SharedTags.OWNERS
    told = resource.owner_tags if owners else resource.receiver_tags
    return (resource.tags or None) if told is None else told


def _is_image(resource: Resource) -> bool:
    return split(resource.name)[-1].startswith("image/")


def standing(policies: Policies, readings: Readings) -> Policies:
    """The policies as they stand under these readings.

    A document that could not have been saved is emptied, and stays: a missing session policy would be a
    missing ceiling. Under the reading that expands policy variables, a statement with one may hit.
    """
    if readings.variables is Variables.EXPANDED:
        policies = _each(policies, _with_unknown_variables)
    if _refusing(readings):
        policies = _each(policies, partial(_or_empty, readings=readings))
    return policies


def _each(policies: Policies, change: Callable[[AttachedPolicy], AttachedPolicy]) -> Policies:
    levels = policies.control
    return Policies(
        tuple(map(change, policies.identity)),
        tuple(map(change, policies.identity_resource_group)),
        policies.session and change(policies.session),
        levels and tuple(Level(level.node, tuple(map(change, level.policies))) for level in levels),
        policies.trust and change(policies.trust),
    )


def _with_unknown_variables(policy: AttachedPolicy) -> AttachedPolicy:
    document = policy.document
    if not any(map(_varies, document.statements)):
        return policy
    statements = tuple(map(_may_hit, document.statements))
    return replace(policy, document=replace(document, statements=statements))


def _may_hit(statement: Statement) -> Statement:
    """A variable may stand for any text, so what holds one is replaced by a test on what is not known."""
    if not _varies(statement):
        return statement
    plain = tuple(test for test in statement.conditions if not any(map(has_variable, test.values)))
    unknown = ConditionTest(OPERATORS["StringLike"], VARIABLE, ("*",))
    return replace(
        statement,
        actions=_or_all(statement.actions),
        resources=_or_all(statement.resources),
        conditions=(*plain, unknown),
    )


def _or_all(covered: In | NotIn) -> In | NotIn:
    return In(("*",)) if any(map(has_variable, covered.patterns)) else covered


def _varies(statement: Statement) -> bool:
    values = (value for test in statement.conditions for value in test.values)
    return any(map(has_variable, (*statement.actions.patterns, *statement.resources.patterns, *values)))


def _refusing(readings: Readings) -> bool:
    if readings.variables is Variables.REFUSED:
        return True
    return Saved.REFUSED in (
        readings.not_resource,
        readings.set_prefixes,
        readings.empty_condition,
        readings.statement_object,
        readings.sid,
    )


def _or_empty(policy: AttachedPolicy, readings: Readings) -> AttachedPolicy:
    if not refused_when_saved(policy.document, readings):
        return policy
    return replace(policy, document=Document(policy.document.kind, ()))


def refused_when_saved(document: Document, readings: Readings) -> bool:
    """Tells whether the cloud would not have taken a document under these readings."""
    if readings.statement_object is Saved.REFUSED and document.bare_statement:
        return True
    return any(_refused_statement(statement, readings) for statement in document.statements)


def _refused_statement(statement: Statement, readings: Readings) -> bool:
    found = (
        (readings.not_resource, statement.not_resource),
        (readings.empty_condition, statement.empty_condition),
        (readings.set_prefixes, any(test.quantifier for test in statement.conditions)),
        (readings.sid, bool(statement.sid)),
    )
    if any(reading is Saved.REFUSED and there for reading, there in found):
        return True
    return readings.variables is Variables.REFUSED and _varies(statement)


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
