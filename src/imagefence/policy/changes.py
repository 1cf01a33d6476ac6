"""Single changes to a request or to its policies, each with the words that propose it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum

from imagefence.policy.decision import PolicyType, Reason
from imagefence.policy.document import (
    ConditionTest,
    Document,
    Effect,
    In,
    NotIn,
    PolicyKind,
    Statement,
    TrustedPrincipals,
)
from imagefence.policy.explain import layer_name
from imagefence.policy.keys import ConditionKey, KeyOrigin, condition_key
from imagefence.policy.matching import covers_action, covers_resource
from imagefence.policy.names import split
from imagefence.policy.policies import AttachedPolicy, Level, Policies
from imagefence.policy.question import Question
from imagefence.policy.request import Context, PrincipalKind, Request, Resource
from imagefence.policy.witnesses import OTHER, Witness, witnesses

# Keys that every call has, so that leaving them out is no proposal.
ALWAYS = frozenset({"acs:sourceip", "acs:currenttime", "acs:securetransport"})


class Where(Enum):
    """What a change is made to."""

    REQUEST = "request"
    POLICY = "policy"


@dataclass(frozen=True, slots=True)
class Case:
    """A request with the policies that decide it."""

    request: Request
    policies: Policies


@dataclass(frozen=True, slots=True)
class Change:
    """One thing done otherwise, and the case as it would then be."""

    where: Where
    text: str
    case: Case


def settings(case: Case, question: Question, test: ConditionTest) -> Iterator[Change]:
    """The values for a condition's key that could turn the condition, nearest to its text first."""
    key = condition_key(test.key)
    for witness in witnesses(test):
        made = _set(case.request, question, key, test.key, witness)
        if made is not None:
            yield Change(Where.REQUEST, made[0], Case(made[1], case.policies))


def _set(
    request: Request, question: Question, key: ConditionKey, spelt: str, witness: Witness
) -> tuple[str, Request] | None:
    if key.origin is KeyOrigin.PRINCIPAL:
        return _as_caller(request, witness)
    on_resource = key.origin is KeyOrigin.RESOURCE_TAG or (
        key.origin is KeyOrigin.EITHER_TAG and not question.target.new
    )
    if on_resource:
        return _tagged(request, question.target, key.tag, witness)
    if key.origin is KeyOrigin.CONTEXT:
        return _in_context(request, spelt, key.name, witness)
    return _carrying(request, key.tag, witness)


def _as_caller(request: Request, witness: Witness) -> tuple[str, Request] | None:
    """Another user or role of the same account, which would have the same policies otherwise."""
    relative = split(witness.value or "")[-1]
    kind, _, name = relative.partition("/")
    if kind not in ("user", "role") or not name or witness.text == OTHER:
        return None
    caller = request.principal
    arn = f"acs:ram::{caller.account}:{relative}"
    changed = replace(caller, arn=arn, kind=PrincipalKind(kind))
    return f"the caller being `{relative}`, under the same policies", replace(request, principal=changed)


def _tagged(request: Request, target: Resource, tag: str, witness: Witness) -> tuple[str, Request] | None:
    """Other tags on the resource, where it is there and may be tagged by the caller's account."""
    foreign = target.owner not in ("", request.principal.account)
    if target.new or target.tags is None or foreign or target.name.endswith("*"):
        return None
    tags = {key: value for key, value in target.tags.items() if key != tag}
    if witness.value is not None:
        tags[tag] = witness.value
    changed = replace(target, tags=tags)
    resources = tuple(changed if each is target else each for each in request.resources)
    name = split(target.name)[-1]
    if witness.value is None:
        text = f"`{name}` without the tag `{tag}`"
    elif witness.text:
        text = f"`{name}` wearing `{tag}` with {witness.text} value"
    else:
        text = f"`{name}` wearing `{tag}={witness.value}`"
    return text, replace(request, resources=resources)


def _carrying(request: Request, tag: str, witness: Witness) -> tuple[str, Request]:
    name = f"acs:RequestTag/{tag}"
    if witness.value is None:
        text = f"the call without the tag `{tag}`"
    elif witness.text:
        text = f"the call carrying the tag `{tag}` with {witness.text} value"
    else:
        text = f"the call carrying the tag `{tag}={witness.value}`"
    return text, _with_key(request, name, witness)


def _in_context(request: Request, spelt: str, name: str, witness: Witness) -> tuple[str, Request] | None:
    if witness.value is None:
        return None if name in ALWAYS else (f"the call without `{spelt}`", _with_key(request, spelt, witness))
    text = f"`{spelt}` having {witness.text} value" if witness.text else f"`{spelt}` being `{witness.value}`"
    return text, _with_key(request, spelt, witness)


def _with_key(request: Request, spelt: str, witness: Witness) -> Request:
    folded = condition_key(spelt).name

    def other(key: str) -> bool:
        return condition_key(key).name != folded

    known: Mapping[str, tuple[str, ...]] = {
        key: values for key, values in request.context.known.items() if other(key)
    }
    if witness.value is not None:
        known = {**known, spelt: (witness.value,)}
    return replace(request, context=Context(known, frozenset(filter(other, request.context.unknown))))


def with_action(case: Case, policy: AttachedPolicy, statement: Statement, action: str) -> Change:
    """The statement covering the action as well."""
    wider = _wider(statement.actions, (action,), lambda one: covers_action(one, action))
    text = _widened(policy, statement, "Action", statement.actions, (action,))
    return _changed(case, policy, statement, replace(statement, actions=wider), text)


def with_resources(case: Case, policy: AttachedPolicy, statement: Statement, names: list[str]) -> Change:
    """The statement covering these resources as well."""
    lacking = tuple(name for name in dict.fromkeys(names) if not covers_resource(statement.resources, name))
    wider = _wider(
        statement.resources, lacking, lambda one: any(covers_resource(one, name) for name in lacking)
    )
    text = _widened(policy, statement, "Resource", statement.resources, lacking)
    return _changed(case, policy, statement, replace(statement, resources=wider), text)


def with_principal(case: Case, policy: AttachedPolicy, statement: Statement) -> Change:
    """The trust policy naming the caller."""
    trusted = statement.principals or TrustedPrincipals()
    arn = case.request.principal.arn
    wider = replace(statement, principals=replace(trusted, ram=(*trusted.ram, arn)))
    text = f"{_named(policy, statement)} trusting `{arn}`"
    return _changed(case, policy, statement, wider, text)


def without_statement(case: Case, policy: AttachedPolicy, statement: Statement) -> Change:
    """The policy without the statement."""
    text = f"no {_named(policy, statement)}"
    return _changed(case, policy, statement, None, text)


def allowed_anew(case: Case, reason: Reason, names: list[str]) -> Change:
    """A statement of its own in the layer that was silent."""
    trust = reason.policy_type is PolicyType.TRUST
    resources = tuple(dict.fromkeys(names))
    statement = Statement(
        Effect.ALLOW,
        In((reason.action,)),
        In(("*",) if trust else resources),
        principals=TrustedPrincipals(ram=(case.request.principal.arn,)) if trust else None,
    )
    policy = AttachedPolicy("a new policy", Document(PolicyKind.IDENTITY, (statement,)))
    shown = ", ".join(f"`{name}`" for name in resources)
    text = f"an Allow of `{reason.action}` on {shown} in the {layer_name(reason)}"
    return Change(Where.POLICY, text, Case(case.request, _with_policy(case.policies, reason, policy)))


def silent_layer(policies: Policies, reason: Reason) -> tuple[AttachedPolicy, ...]:
    """The policies of the layer in which nothing allowed."""
    if reason.policy_type is PolicyType.CONTROL:
        levels = policies.control or ()
        return tuple(each for level in levels if level.node == reason.node for each in level.policies)
    if reason.policy_type is PolicyType.SESSION:
        return (policies.session,) if policies.session else ()
    if reason.policy_type is PolicyType.TRUST:
        return (policies.trust,) if policies.trust else ()
    return policies.identity + policies.identity_resource_group


def _with_policy(policies: Policies, reason: Reason, policy: AttachedPolicy) -> Policies:
    if reason.policy_type is PolicyType.CONTROL:
        levels = tuple(
            Level(level.node, (*level.policies, policy)) if level.node == reason.node else level
            for level in policies.control or ()
        )
        return replace(policies, control=levels)
    if reason.policy_type is PolicyType.SESSION:
        return replace(policies, session=_joined(policies.session, policy))
    if reason.policy_type is PolicyType.TRUST:
        return replace(policies, trust=_joined(policies.trust, policy))
    return replace(policies, identity=(*policies.identity, policy))


def _joined(old: AttachedPolicy | None, new: AttachedPolicy) -> AttachedPolicy:
    if old is None:
        return new
    statements = (*old.document.statements, *new.document.statements)
    return replace(old, document=replace(old.document, statements=statements))


def _wider(old: In | NotIn, names: tuple[str, ...], covers: Callable[[In], bool]) -> In | NotIn:
    """Adds names to an element, or takes out of its `Not…` form whatever covers one of them."""
    if isinstance(old, In):
        return In((*old.patterns, *names))
    return NotIn(tuple(pattern for pattern in old.patterns if not covers(In((pattern,)))))


def _widened(
    policy: AttachedPolicy, statement: Statement, element: str, old: In | NotIn, names: tuple[str, ...]
) -> str:
    shown = ", ".join(f"`{name}`" for name in names)
    if isinstance(old, In):
        return f"{shown} in the {element} of {_named(policy, statement)}"
    return f"{shown} not listed in the Not{element} of {_named(policy, statement)}"


def _named(policy: AttachedPolicy, statement: Statement) -> str:
    return f"Statement[{statement.index}] of `{policy.name}`"


def _changed(
    case: Case,
    policy: AttachedPolicy,
    old: Statement,
    new: Statement | None,
    text: str,
) -> Change:
    """Puts the statement in the old one's place, wherever the policy is attached."""
    statements = tuple(
        each for one in policy.document.statements if (each := new if one is old else one) is not None
    )
    document = replace(policy.document, statements=statements)

    def swapped(each: AttachedPolicy) -> AttachedPolicy:
        same = each.name == policy.name and each.document is policy.document
        return replace(each, document=document) if same else each

    return Change(Where.POLICY, text, Case(case.request, _everywhere(case.policies, swapped)))


def _everywhere(policies: Policies, swapped: Callable[[AttachedPolicy], AttachedPolicy]) -> Policies:
    levels = policies.control
    return Policies(
        identity=tuple(map(swapped, policies.identity)),
        identity_resource_group=tuple(map(swapped, policies.identity_resource_group)),
        session=swapped(policies.session) if policies.session else None,
        control=None
        if levels is None
        else tuple(Level(level.node, tuple(map(swapped, level.policies))) for level in levels),
        trust=swapped(policies.trust) if policies.trust else None,
    )
