"""From the clauses that hit to the readable rules: decisions with their reasons, in three-valued truth.

What decides here are the functions of policy/rules.py and policy/authorize.py; only the hits come from the
indexes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter

from imagefence.compiled.actions import ActionIndex
from imagefence.compiled.conditions import KeyIndex, key_indexes
from imagefence.compiled.plan import Plan, Trusted, Unit, places
from imagefence.compiled.recent import Recent
from imagefence.compiled.resources import ResourceIndex
from imagefence.policy.asking import ASKING, BY_PROVIDER, WITHOUT_PERMISSION
from imagefence.policy.authorize import (
    ASSUME_ROLE,
    join,
    nothing_asked,
    owner_passes,
    questions,
    settled,
    unbound,
)
from imagefence.policy.decision import Decision, PolicyType
from imagefence.policy.logic import Truth
from imagefence.policy.question import Question
from imagefence.policy.readings import DEFAULT, Readings, Refusal
from imagefence.policy.request import OUTSIDE_RAM, Request
from imagefence.policy.rules import Hit, Layer, Stage, outcome, scopes_joined

REMEMBERED = 2048
LONGEST_REMEMBERED = 256  # characters
SPECIAL = ASSUME_ROLE | BY_PROVIDER | WITHOUT_PERMISSION


@dataclass(frozen=True, slots=True)
class Covered:
    """What an action leaves: the clauses that cover it, and the tests and names of callers among them.

    `special` tells that a call of it asks something else than its action on its resources, or a trust policy.
    """

    bits: int
    keys: tuple[KeyIndex, ...]
    trusted: tuple[Trusted, ...]
    special: bool


@dataclass(frozen=True, slots=True)
class Indexes:
    """A plan with an index for each element of its statements."""

    plan: Plan
    actions: ActionIndex
    resources: ResourceIndex
    keys: tuple[KeyIndex, ...]
    covered: Recent[str, Covered] = field(default_factory=lambda: Recent(REMEMBERED))

    @classmethod
    def of(cls, plan: Plan) -> Indexes:
        """Files all elements of a plan."""
        return cls(plan, ActionIndex.of(plan), ResourceIndex.of(plan), key_indexes(plan))

    def covering(self, action: str) -> Covered:
        """What an action leaves."""
        known = self.covered.get(action)
        if known is not None:
            return known
        bits = self.actions.covering(action)
        covered = Covered(
            bits,
            tuple(key for key in self.keys if key.bits & bits),
            tuple(each for each in self.plan.trusted if each.bits & bits),
            is_special(action.lower(), self.plan.readings),
        )
        return covered if len(action) > LONGEST_REMEMBERED else self.covered.put(action, covered)

    def hitting(self, question: Question) -> tuple[int, int]:
        """The clauses that hit for sure, and all that may."""
        covered = self.covering(question.action_name)
        sure = self.resources.covering(question.target.name, covered.bits)
        may = sure
        for each in covered.trusted:
            named = question.named(each.principals)
            if named is not False:
                may |= each.bits & covered.bits
            if named:
                sure |= each.bits & covered.bits
        for key in covered.keys:
            if may & key.bits:
                holding, open_bits = key.judge(question.values(key.text))
                sure &= holding
                may &= holding | open_bits
        return sure, may


def is_special(folded: str, readings: Readings) -> bool:
    """Tells whether a call of an action, in lower case, asks something else than the action itself."""
    return folded in SPECIAL or any(
        folded in actions and getattr(readings, name) is not getattr(DEFAULT, name)
        for name, actions in ASKING.items()
    )


def explained(request: Request, indexes: Indexes) -> Decision:
    """Decides a request with its reasons."""
    plan = indexes.plan
    decisions = [
        settled(question, plan.policies, _stages(question, plan, *indexes.hitting(question)))
        for question in questions(request, plan.readings)
    ]
    return join(decisions, plan.readings) if decisions else nothing_asked(request)


def _stages(question: Question, plan: Plan, sure: int, may: int) -> Iterator[Stage[Truth]]:
    """The layers in the order of policy/authorize.py."""
    layers = {
        policy_type: tuple(_layer(question, plan, unit, sure, may) for unit in units)
        for policy_type, units in groupby(plan.units, key=attrgetter("policy_type"))
        if policy_type is not PolicyType.CONTROL or not unbound(question)
    }
    control = layers.get(PolicyType.CONTROL, ())
    if plan.readings.levels is Refusal.EXPLICIT_FIRST and control:
        yield control
    else:
        yield from ((layer,) for layer in control)
    if PolicyType.SESSION in layers:
        yield layers[PolicyType.SESSION]
    assumes = question.action_name.lower() in ASSUME_ROLE
    own: Stage[Truth] = ()
    if not owner_passes(question) and not (assumes and question.caller.kind in OUTSIDE_RAM):
        own = layers[PolicyType.IDENTITY]
        if PolicyType.RESOURCE_GROUP in layers:
            (account,), (group,) = own, layers[PolicyType.RESOURCE_GROUP]
            own = (scopes_joined(question, account.outcome, group.outcome),)
    if assumes:
        own += layers[PolicyType.TRUST]
    if own:
        yield own


def _layer(question: Question, plan: Plan, unit: Unit, sure: int, may: int) -> Layer[Truth]:
    hitting = (plan.clauses[place] for place in places(unit.bits & may))
    certain = {plan.clauses[place].number for place in places(unit.bits & sure)}
    found = [
        Hit(clause.policy, clause.statement, True if number in certain else None)
        for number, (clause, *_) in groupby(hitting, key=attrgetter("number"))
    ]
    return Layer(unit.policy_type, outcome(question, found), unit.node)
