"""What batches decide to: few different outcomes, and which of them each call has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from imagefence.bulk import arrow
from imagefence.bulk.arrow import Values
from imagefence.bulk.classes import Codes
from imagefence.compiled.plan import Clause, Plan
from imagefence.policy.authorize import WEIGHT
from imagefence.policy.decision import Decision, PolicyType, Reason, Verdict

VERDICTS = tuple(sorted(Verdict, key=WEIGHT.__getitem__))
POLICY_TYPES = tuple(PolicyType)
Place = tuple[PolicyType | None, str, int, int]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A decision without its resource; `statements` are the numbers of those that made it."""

    verdict: Verdict
    policy_type: PolicyType | None
    statements: tuple[int, ...] = ()


@dataclass(slots=True)
class Outcomes:
    """The outcomes that occur, numbered; with `numbers`, each with its deciding statements."""

    numbers: dict[Place, int] | None = None
    found: dict[Outcome, int] = field(default_factory=dict)

    @classmethod
    def of(cls, plan: Plan, *, reasons: bool) -> Outcomes:
        """An empty table for decisions by a plan."""
        return cls({_place(plan, clause): clause.number for clause in plan.clauses} if reasons else None)

    def code(self, decision: Decision) -> int:
        """The number of a decision's outcome."""
        told = () if self.numbers is None else self._told(decision.reasons, self.numbers)
        return self.put(Outcome(decision.verdict, decision.policy_type, told))

    def put(self, outcome: Outcome) -> int:
        """The number of an outcome."""
        return self.found.setdefault(outcome, len(self.found))

    def weights(self, codes: Codes) -> Codes:
        """How much the verdict of each call weighs: the heavier outweighs the lighter."""
        weights = [WEIGHT[each.verdict] for each in self.found]
        return np.array(weights or [0], dtype=np.int8)[codes]

    def verdicts(self, codes: Codes) -> Values:
        """The verdicts of calls with these outcomes."""
        return _encoded([each.verdict for each in self.found], codes, VERDICTS)

    def policy_types(self, codes: Codes) -> Values:
        """The layers that refused; null where none did."""
        return _encoded([each.policy_type for each in self.found], codes, POLICY_TYPES)

    def statements(self, codes: Codes) -> Values:
        """The numbers of the deciding statements, rising."""
        listed = pa.array([each.statements for each in self.found], pa.list_(pa.int32()))
        return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), listed)

    @staticmethod
    def _told(reasons: Sequence[Reason], numbers: dict[Place, int]) -> tuple[int, ...]:
        told = {numbers[place] for reason in reasons if (place := _of_reason(reason)) is not None}
        return tuple(sorted(told))


def _place(plan: Plan, clause: Clause) -> Place:
    unit = plan.units[clause.unit]
    return unit.policy_type, unit.node or clause.policy.attached_to, id(clause.policy), clause.statement.index


def _of_reason(reason: Reason) -> Place | None:
    if reason.policy is None or reason.statement is None:
        return None
    return reason.policy_type, reason.node, id(reason.policy), reason.statement.index


def _encoded(
    found: Sequence[Verdict | PolicyType | None], codes: Codes, words: Sequence[Verdict | PolicyType]
) -> Values:
    places = pa.array([None if each is None else words.index(each) for each in found], pa.int8())
    values = arrow.texts(each.value for each in words)
    return pa.DictionaryArray.from_arrays(arrow.taken(places, codes), values)
