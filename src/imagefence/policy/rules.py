"""Deny-overrides and the order of the layers, written once for every Logic.

Sources: help.aliyun.com ram/policy-evaluation-process, resource-directory/user-guide/control-policy-overview,
AlibabaCloudDocs/ram Policy evaluation process of assuming a RAM role.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic

from imagefence.policy.decision import PolicyType
from imagefence.policy.document import Effect, Statement
from imagefence.policy.logic import B, Logic
from imagefence.policy.policies import AttachedPolicy, Policies
from imagefence.policy.readings import Readings, Refusal, ResourceGroup


@dataclass(frozen=True, slots=True)
class Hit(Generic[B]):
    """A statement that hits, or may."""

    policy: AttachedPolicy
    statement: Statement
    holds: B


@dataclass(frozen=True, slots=True)
class Outcome(Generic[B]):
    """What a unit of policies says: some Deny hits; some Allow hits and no Deny; and which statements."""

    denied: B
    allowed: B
    hits: tuple[Hit[B], ...] = ()


@dataclass(frozen=True, slots=True)
class Layer(Generic[B]):
    """The outcome of one layer, by the name under which the cloud reports it."""

    policy_type: PolicyType
    outcome: Outcome[B]
    node: str = ""


Stage = tuple[Layer[B], ...]


def hits(logic: Logic[B], statement: Statement) -> B:
    """Action, resource and every condition hold for the same request and the same resource."""
    covered = logic.action(statement.actions)
    if covered is logic.false:
        return covered
    return logic.all(_parts(logic, statement, covered))


def _parts(logic: Logic[B], statement: Statement, covered: B) -> Iterator[B]:
    yield covered
    if statement.principals is not None:
        yield logic.named(statement.principals)
    else:
        yield logic.resource(statement.resources)
    for test in statement.conditions:
        yield logic.test(test)


def unit(logic: Logic[B], policies: Iterable[AttachedPolicy]) -> Outcome[B]:
    """One set of documents: a Deny that hits wins over every Allow."""
    false = logic.false
    found: list[Hit[B]] = []
    for policy in policies:
        for statement in policy.document.statements:
            holds = hits(logic, statement)
            if holds is not false:
                found.append(Hit(policy, statement, holds))
    return outcome(logic, found)


def outcome(logic: Logic[B], found: Sequence[Hit[B]]) -> Outcome[B]:
    """What a unit says whose statements hit like this."""
    denied = logic.any(hit.holds for hit in found if hit.statement.effect is Effect.DENY)
    allowed = logic.any(hit.holds for hit in found if hit.statement.effect is Effect.ALLOW)
    return Outcome(denied, logic.all((logic.not_(denied), allowed)), tuple(found))


def control_stages(logic: Logic[B], policies: Policies, readings: Readings) -> Iterator[Stage[B]]:
    """The levels from the account up to Root; each is one unit and must allow."""
    layers = (
        Layer(PolicyType.CONTROL, unit(logic, level.policies), level.node)
        for level in reversed(policies.control or ())
    )
    if readings.levels is Refusal.EXPLICIT_FIRST:
        together = tuple(layers)
        if together:
            yield together
        return
    for layer in layers:
        yield (layer,)


def identity_layer(logic: Logic[B], policies: Policies, readings: Readings) -> Layer[B]:
    """The caller's own policies: account scope, and resource-group scope where that is silent."""
    if readings.resource_group is ResourceGroup.ONE_POOL:
        return Layer(PolicyType.IDENTITY, unit(logic, policies.identity + policies.identity_resource_group))
    account = unit(logic, policies.identity)
    if not policies.identity_resource_group:
        return Layer(PolicyType.IDENTITY, account)
    return scopes_joined(logic, account, unit(logic, policies.identity_resource_group))


def scopes_joined(logic: Logic[B], account: Outcome[B], group: Outcome[B]) -> Layer[B]:
    """The resource-group scope speaks where the account scope is silent."""
    silent = logic.all((logic.not_(account.denied), logic.not_(account.allowed)))
    joined = Outcome(
        logic.any((account.denied, logic.all((silent, group.denied)))),
        logic.any((account.allowed, logic.all((silent, group.allowed)))),
        account.hits or group.hits,
    )
    return Layer(PolicyType.IDENTITY if account.hits else PolicyType.RESOURCE_GROUP, joined)


def session_layer(logic: Logic[B], session: AttachedPolicy) -> Layer[B]:
    """The policy handed over with AssumeRole: a ceiling that grants nothing."""
    return Layer(PolicyType.SESSION, unit(logic, (session,)))


def trust_layer(logic: Logic[B], policies: Policies) -> Layer[B]:
    """The trust policy of the role to assume, which must allow besides the identity policies."""
    return Layer(PolicyType.TRUST, unit(logic, (policies.trust,) if policies.trust else ()))
