"""An index over action elements: for an action, the clauses that cover it."""

from __future__ import annotations

from dataclasses import dataclass, field

from imagefence.compiled.patterns import PatternIndex
from imagefence.compiled.plan import ActionElement, Plan
from imagefence.policy.document import In
from imagefence.policy.matching import covers_action
from imagefence.policy.readings import ActionGlob, Readings


@dataclass(slots=True)
class ActionIndex:
    """The patterns of Action and of NotAction, apart; `whole` are elements that are matched one by one."""

    readings: Readings
    listed: PatternIndex = field(default_factory=PatternIndex)
    unlisted: PatternIndex = field(default_factory=PatternIndex)
    unlisted_bits: int = 0
    whole: tuple[ActionElement, ...] = ()

    @classmethod
    def of(cls, plan: Plan) -> ActionIndex:
        """Files every action pattern of a plan."""
        index = cls(plan.readings)
        if plan.readings.action_glob is ActionGlob.PER_PART:
            index.whole = plan.actions
            return index
        for element in plan.actions:
            index._file(element)
        return index

    def covering(self, action: str) -> int:
        """The clauses whose Action or NotAction covers the action; case doesn't count."""
        folded = action.lower()
        found = self.listed.matching(folded)
        found |= self.unlisted_bits & ~self.unlisted.matching(folded)
        for element in self.whole:
            if covers_action(element.covered, action, self.readings):
                found |= element.bits
        return found

    def _file(self, element: ActionElement) -> None:
        listed = isinstance(element.covered, In)
        if not listed:
            self.unlisted_bits |= element.bits
        for pattern in element.covered.patterns:
            (self.listed if listed else self.unlisted).add(pattern.lower(), element.bits)
