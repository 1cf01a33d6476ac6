"""An index over condition tests: for the values of a key, the clauses whose tests on it hold, or may."""

from __future__ import annotations

from dataclasses import dataclass, field

from imagefence.compiled.patterns import PatternIndex
from imagefence.compiled.plan import Condition, Plan
from imagefence.compiled.recent import Recent
from imagefence.policy.keys import KeyOrigin, condition_key
from imagefence.policy.operators import Relation, ValueKind
from imagefence.policy.pattern import has_wildcard
from imagefence.policy.question import Values, folds, holds
from imagefence.policy.readings import Case, Readings, StarUnderEquals, TagKeyEnds

REMEMBERED = 1024
LONGEST_REMEMBERED = 512  # characters
Judgement = tuple[int, int]  # the clauses whose tests hold for sure, and those of which some test is open


@dataclass(slots=True)
class TextTests:
    """The values of many text tests; a value's bits are those of the tests of which one value matches it."""

    exact: PatternIndex = field(default_factory=PatternIndex)
    folded: PatternIndex = field(default_factory=PatternIndex)

    def matching(self, value: str) -> int:
        """The clauses of the tests that name this value."""
        found = self.exact.matching(value)
        return found | self.folded.matching(value.casefold()) if self.folded.exact else found

    def add(self, condition: Condition, readings: Readings) -> None:
        """Files the values of one test."""
        relation = condition.test.operator.relation
        stars = readings.star_under_equals is StarUnderEquals.WILDCARD
        for value in condition.test.values:
            if relation is Relation.EQUAL_FOLDED:
                self.folded.add_text(value.casefold(), condition.bits)
            elif relation is Relation.LIKE or (stars and has_wildcard(value)):
                self.exact.add(value, condition.bits)
            else:
                self.exact.add_text(value, condition.bits)


@dataclass(slots=True)
class KeyIndex:
    """The tests on one key; `bits` are the clauses that carry one, `everyone` all clauses of the plan.

    Text tests are looked up, positive and negated apart; `others` are judged one by one, once for each value.
    `tag` is given where the value is simply that tag of the resource, `of_caller` where it is the caller.
    """

    text: str
    readings: Readings
    everyone: int
    tag: str | None
    of_caller: bool
    bits: int = 0
    conditions: list[Condition] = field(default_factory=list)
    others: list[Condition] = field(default_factory=list)
    positive: TextTests = field(default_factory=TextTests)
    positive_bits: int = 0
    negated: TextTests = field(default_factory=TextTests)
    certain: Recent[str | None, int] = field(default_factory=lambda: Recent(REMEMBERED))
    judged: Recent[Values, Judgement] = field(default_factory=lambda: Recent(REMEMBERED))

    def holding(self, value: str | None) -> int:
        """The clauses whose tests hold for one value, or for an absent key; -1 where some test is open."""
        known = self.certain.get(value)
        if known is not None:
            return known
        holding, open_bits = self.judge(None if value is None else (value,))
        if open_bits:
            return -1
        return holding if len(value or "") > LONGEST_REMEMBERED else self.certain.put(value, holding)

    def judge(self, values: Values) -> Judgement:
        """What the tests say of these values; clauses without a test on the key are among the holding."""
        known = self.judged.get(values)
        if known is not None:
            return known
        single = isinstance(values, tuple) and len(values) == 1
        failing = self._failing(values[0]) if single and values else 0
        open_bits = 0
        for condition in self.others if single else self.conditions:
            truth = holds(condition.test, values, self.readings)
            if truth is None:
                open_bits |= condition.bits
            elif not truth:
                failing |= condition.bits
        judgement = self.everyone & ~(failing | open_bits), open_bits & ~failing
        length = sum(map(len, values or ()))
        return judgement if length > LONGEST_REMEMBERED else self.judged.put(values, judgement)

    def _failing(self, value: str) -> int:
        return self.positive_bits & ~self.positive.matching(value) | self.negated.matching(value)

    def add(self, condition: Condition) -> None:
        """Files one test."""
        self.bits |= condition.bits
        self.conditions.append(condition)
        operator = condition.test.operator
        if operator.kind is not ValueKind.STRING or folds(self.text, self.readings):
            self.others.append(condition)
        elif operator.negated:
            self.negated.add(condition, self.readings)
        elif condition.bits & self.positive_bits:
            # Why: a clause that carries two positive tests on the key needs both, and one index knows one.
            self.others.append(condition)
        else:
            self.positive.add(condition, self.readings)
            self.positive_bits |= condition.bits


def key_indexes(plan: Plan) -> tuple[KeyIndex, ...]:
    """Files every condition test of a plan under its key as written."""
    everyone = (1 << len(plan.clauses)) - 1
    keys: dict[str, KeyIndex] = {}
    for condition in plan.conditions:
        text = condition.test.key
        if text not in keys:
            tag, of_caller = _plain_tag(text, plan.readings), _of_caller(text, plan.readings)
            keys[text] = KeyIndex(text, plan.readings, everyone, tag, of_caller)
        keys[text].add(condition)
    return tuple(keys.values())


def _plain_tag(text: str, readings: Readings) -> str | None:
    """The tag that a key stands for, where its value can only be the resource's own tag of that name."""
    key = condition_key(text)
    plain = (
        key.origin is KeyOrigin.RESOURCE_TAG
        and readings.tag_key_case is Case.EXACT
        and readings.key_prefix_case is Case.FOLDED
        and readings.tag_key_ends is TagKeyEnds.AT_END
    )
    return key.tag if plain else None


def _of_caller(text: str, readings: Readings) -> bool:
    return readings.key_prefix_case is Case.FOLDED and condition_key(text).origin is KeyOrigin.PRINCIPAL
