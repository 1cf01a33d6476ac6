"""Policies flattened under their readings: one bit a clause, and the bits behind each distinct element.

A *clause* is a statement, or, where its Resource lists patterns with different service, region or account,
the part of it whose patterns share those four parts: its parts may then be matched one by one, and a
statement hits exactly if one of its clauses does. Bit i of every mask is `plan.clauses[i]`; bits rise in the
order in which the units are asked, and within a unit in that of its policies and statements.

A clause hits if its bit is among those of its action element, of its resource (one of `everywhere`, `parted`,
`whole`, `trusted`) and of every condition test that it carries. Nothing here decides: engine.py does for
single requests, other rooms for batches.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import TypeGuard

from imagefence.policy.asking import standing
from imagefence.policy.decision import PolicyType
from imagefence.policy.document import ConditionTest, Effect, In, NotIn, Statement, TrustedPrincipals
from imagefence.policy.names import PARTS, split
from imagefence.policy.policies import AttachedPolicy, Policies
from imagefence.policy.readings import DEFAULT, Case, Readings, ResourceGroup, Stars

Head = tuple[str, str, str, str]
Pool = tuple[AttachedPolicy, ...]
Form = In | NotIn | TrustedPrincipals | tuple[Head, tuple[str, ...]]
EVERYTHING = In(("*",))


@dataclass(frozen=True, slots=True)
class Clause:
    """What one bit stands for; `unit` is an index of Plan.units.

    `number` is that of the statement, counted over all units: the clauses of one statement share it.
    """

    policy: AttachedPolicy
    statement: Statement
    unit: int
    number: int


@dataclass(frozen=True, slots=True)
class Unit:
    """A set of policies that is asked as one; `bits` are its clauses, `allow` and `deny` share them out.

    `node` names the place of a control level and is empty elsewhere.
    """

    policy_type: PolicyType
    node: str
    bits: int
    allow: int
    deny: int


@dataclass(frozen=True, slots=True)
class ActionElement:
    """A distinct Action or NotAction and its clauses."""

    covered: In | NotIn
    bits: int


@dataclass(frozen=True, slots=True)
class PartedResource:
    """Resource patterns with the same first four parts: any of `relatives` behind `head`, part by part.

    Both are lower-cased where the readings compare names without case; so must the name be.
    """

    head: Head
    relatives: tuple[str, ...]
    bits: int


@dataclass(frozen=True, slots=True)
class WholeResource:
    """A Resource or NotResource for `covers_resource` alone: negated, or one glob by the readings."""

    covered: In | NotIn
    bits: int


@dataclass(frozen=True, slots=True)
class Trusted:
    """A distinct Principal of a trust policy; its clauses name callers in a resource's place."""

    principals: TrustedPrincipals
    bits: int


@dataclass(frozen=True, slots=True)
class Condition:
    """A distinct condition test and the clauses that carry it."""

    test: ConditionTest
    bits: int


@dataclass(frozen=True, slots=True)
class Plan:
    """All policies in force, flattened.

    `policies` are those that stand under `readings`. `units` are in the order of asking: the control levels
    from the account up to Root, the session policy, the identity policies, their resource-group scope
    (unless the readings make one pool of both), the trust policy. Control, session and resource-group units
    are there only where `policies` has them; identity and trust units always are, with or without clauses.
    `everywhere` are the clauses whose Resource is `*`; `conditional` those that carry a condition.
    """

    policies: Policies
    readings: Readings
    clauses: tuple[Clause, ...]
    units: tuple[Unit, ...]
    actions: tuple[ActionElement, ...]
    everywhere: int
    parted: tuple[PartedResource, ...]
    whole: tuple[WholeResource, ...]
    trusted: tuple[Trusted, ...]
    conditions: tuple[Condition, ...]
    conditional: int


def flatten(policies: Policies, readings: Readings = DEFAULT) -> Plan:
    """Numbers the clauses of all policies that stand under the readings."""
    policies = standing(policies, readings)
    draft = _Draft(readings)
    for policy_type, node, pool in _pools(policies, readings):
        draft.add_unit(policy_type, node, pool)
    resources = draft.resources.items()
    return Plan(
        policies,
        readings,
        tuple(draft.clauses),
        tuple(draft.units),
        tuple(ActionElement(covered, bits) for covered, bits in draft.actions.items()),
        draft.resources.get(EVERYTHING, 0),
        tuple(PartedResource(*each, bits) for each, bits in resources if isinstance(each, tuple)),
        tuple(WholeResource(each, bits) for each, bits in resources if _is_whole(each)),
        tuple(Trusted(each, bits) for each, bits in resources if isinstance(each, TrustedPrincipals)),
        tuple(Condition(test, bits) for test, bits in draft.conditions.items()),
        draft.conditional,
    )


def union(sets: Iterable[int]) -> int:
    """All bits of these masks."""
    return reduce(or_, sets, 0)


def places(bits: int) -> Iterator[int]:
    """The numbers of the bits that are set, rising."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def _pools(policies: Policies, readings: Readings) -> Iterator[tuple[PolicyType, str, Pool]]:
    for level in reversed(policies.control or ()):
        yield PolicyType.CONTROL, level.node, level.policies
    if policies.session is not None:
        yield PolicyType.SESSION, "", (policies.session,)
    group = policies.identity_resource_group
    if readings.resource_group is ResourceGroup.ONE_POOL:
        yield PolicyType.IDENTITY, "", policies.identity + group
    else:
        yield PolicyType.IDENTITY, "", policies.identity
        if group:
            yield PolicyType.RESOURCE_GROUP, "", group
    yield PolicyType.TRUST, "", (policies.trust,) if policies.trust is not None else ()


@dataclass(slots=True)
class _Draft:
    """A plan in the making: its lists grow, and each element gathers its bits."""

    readings: Readings
    clauses: list[Clause] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)
    actions: dict[In | NotIn, int] = field(default_factory=dict)
    resources: dict[Form, int] = field(default_factory=dict)
    conditions: dict[ConditionTest, int] = field(default_factory=dict)
    conditional: int = 0
    statements: int = 0

    def add_unit(self, policy_type: PolicyType, node: str, pool: Pool) -> None:
        begin, deny = len(self.clauses), 0
        for policy in pool:
            for statement in policy.document.statements:
                bits = self.add_statement(policy, statement)
                if statement.effect is Effect.DENY:
                    deny |= bits
        bits = (1 << len(self.clauses)) - (1 << begin)
        self.units.append(Unit(policy_type, node, bits, bits ^ deny, deny))

    def add_statement(self, policy: AttachedPolicy, statement: Statement) -> int:
        bits = 0
        for form in _forms(statement, self.readings):
            bit = 1 << len(self.clauses)
            bits |= bit
            self.clauses.append(Clause(policy, statement, len(self.units), self.statements))
            self.resources[form] = self.resources.get(form, 0) | bit
        if bits:
            self.actions[statement.actions] = self.actions.get(statement.actions, 0) | bits
            for test in statement.conditions:
                self.conditions[test] = self.conditions.get(test, 0) | bits
                self.conditional |= bits
        self.statements += 1
        return bits


def _forms(statement: Statement, readings: Readings) -> Iterator[Form]:
    """What stands in the resource's place, one form a clause; a pattern that covers no name has none."""
    covered = statement.resources
    if statement.principals is not None:
        yield statement.principals
    elif isinstance(covered, In) and "*" in covered.patterns:
        yield EVERYTHING
    elif isinstance(covered, NotIn) or readings.stars is Stars.ONE_GLOB:
        yield covered
    else:
        yield from _parted(covered.patterns, readings)


def _parted(patterns: tuple[str, ...], readings: Readings) -> Iterator[tuple[Head, tuple[str, ...]]]:
    found: dict[Head, dict[str, None]] = {}
    for pattern in patterns:
        parts = split(pattern.lower() if readings.resource_case is Case.FOLDED else pattern)
        if len(parts) == PARTS:
            found.setdefault((parts[0], parts[1], parts[2], parts[3]), {})[parts[4]] = None
    for head, relatives in found.items():
        yield head, tuple(relatives)


def _is_whole(form: Form) -> TypeGuard[In | NotIn]:
    return isinstance(form, In | NotIn) and form != EVERYTHING
