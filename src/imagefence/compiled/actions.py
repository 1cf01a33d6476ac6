"""An index over action elements: for an action, the clauses that cover it."""

from __future__ import annotations

from dataclasses import dataclass

from imagefence.compiled.patterns import PatternIndex
from imagefence.compiled.plan import ActionElement, Plan, union
from imagefence.policy.document import In, NotIn
from imagefence.policy.matching import covers_action
from imagefence.policy.readings import ActionGlob, Readings


@dataclass(frozen=True, slots=True)
class ActionIndex:
    """The patterns of Action and of NotAction, apart; `whole` are elements that are matched one by one."""

    readings: Readings
    listed: PatternIndex
    unlisted: PatternIndex
    unlisted_bits: int
    whole: tuple[ActionElement, ...]

    @classmethod
    def of(cls, plan: Plan) -> ActionIndex:
        """Files every action pattern of a plan."""
        per_part = plan.readings.action_glob is ActionGlob.PER_PART
        elements = () if per_part else plan.actions
        unlisted = [element for element in elements if isinstance(element.covered, NotIn)]
        return cls(
            plan.readings,
            _index([element for element in elements if isinstance(element.covered, In)]),
            _index(unlisted),
            union(element.bits for element in unlisted),
            plan.actions if per_part else (),
        )

    def covering(self, action: str) -> int:
        """The clauses whose Action or NotAction covers the action; case doesn't count."""
        folded = action.lower()
        found = self.listed.matching(folded)
        found |= self.unlisted_bits & ~self.unlisted.matching(folded)
        for element in self.whole:
            if covers_action(element.covered, action, self.readings):
                found |= element.bits
        return found


def _index(elements: list[ActionElement]) -> PatternIndex:
    return PatternIndex.of(
        (pattern.lower(), element.bits) for element in elements for pattern in element.covered.patterns
    )
