"""An index over condition tests: for the values of a key, the clauses whose tests on it hold, or may."""

from __future__ import annotations

from dataclasses import dataclass, field

from imagefence.compiled.patterns import PatternIndex
from imagefence.compiled.plan import Condition, Plan, union
from imagefence.compiled.recent import Recent
from imagefence.policy.keys import KeyOrigin, condition_key
from imagefence.policy.operators import Relation, ValueKind
from imagefence.policy.pattern import has_wildcard
from imagefence.policy.question import Values, folds, holds
from imagefence.policy.readings import Case, Readings, StarUnderEquals, TagKeyEnds

REMEMBERED = 1024
LONGEST_REMEMBERED = 512  # characters
Judgement = tuple[int, int]  # the clauses whose tests hold for sure, and those of which some test is open


@dataclass(frozen=True, slots=True)
class TextTests:
    """The values of text tests: those compared as they are, and those compared without case."""

    exact: PatternIndex
    folded: dict[str, int]

    @classmethod
    def of(cls, conditions: list[Condition], readings: Readings) -> TextTests:
        """Files the values of these tests."""
        stars = readings.star_under_equals is StarUnderEquals.WILDCARD
        patterns: list[tuple[str, int]] = []
        texts: list[tuple[str, int]] = []
        folded: dict[str, int] = {}
        for condition in conditions:
            relation = condition.test.operator.relation
            for value in condition.test.values:
                if relation is Relation.EQUAL_FOLDED:
                    folded[value.casefold()] = folded.get(value.casefold(), 0) | condition.bits
                elif relation is Relation.LIKE or (stars and has_wildcard(value)):
                    patterns.append((value, condition.bits))
                else:
                    texts.append((value, condition.bits))
        return cls(PatternIndex.of(patterns, texts), folded)

    def matching(self, value: str) -> int:
        """The clauses of the tests of which some value matches this one."""
        found = self.exact.matching(value)
        return found | self.folded.get(value.casefold(), 0) if self.folded else found


@dataclass(frozen=True, slots=True)
class KeyIndex:
    """The tests on one key; `bits` are the clauses that carry one, `everyone` all clauses of the plan.

    Text tests are looked up, positive and negated apart; `others` are judged one by one, once for each value.
    `tag` is given where the value is simply that tag of the resource, `of_caller` where it is the caller, and
    no test can be open on it.
    """

    text: str
    readings: Readings
    everyone: int
    tag: str | None
    of_caller: bool
    bits: int
    conditions: tuple[Condition, ...]
    others: tuple[Condition, ...]
    positive: TextTests
    positive_bits: int
    negated: TextTests
    certain: Recent[str | None, int] = field(default_factory=lambda: Recent(REMEMBERED))
    judged: Recent[Values, Judgement] = field(default_factory=lambda: Recent(REMEMBERED))

    @classmethod
    def of(cls, text: str, conditions: list[Condition], plan: Plan) -> KeyIndex:
        """Files the tests on a key as it is written."""
        readings = plan.readings
        positive, negated, others = _sorted(text, conditions, readings)
        texts = all(each.test.operator.kind is ValueKind.STRING for each in conditions)
        return cls(
            text,
            readings,
            (1 << len(plan.clauses)) - 1,
            _plain_tag(text, readings) if texts else None,
            _of_caller(text, readings) and texts,
            union(each.bits for each in conditions),
            tuple(conditions),
            tuple(others),
            TextTests.of(positive, readings),
            union(each.bits for each in positive),
            TextTests.of(negated, readings),
        )

    def holding(self, value: str | None) -> int:
        """The clauses whose tests hold for one value, or for an absent key, where none can be open."""
        known = self.certain.get(value)
        if known is not None:
            return known
        holding, _ = self.judge(None if value is None else (value,))
        return holding if len(value or "") > LONGEST_REMEMBERED else self.certain.put(value, holding)

    def judge(self, values: Values) -> Judgement:
        """What the tests say of these values; clauses without a test on the key are among the holding."""
        known = self.judged.get(values)
        if known is not None:
            return known
        failing = open_bits = 0
        conditions = self.conditions
        if isinstance(values, tuple) and len(values) == 1:
            failing, conditions = self._failing(values[0]), self.others
        for condition in conditions:
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


def key_indexes(plan: Plan) -> tuple[KeyIndex, ...]:
    """Files every condition test of a plan under its key as written."""
    by_key: dict[str, list[Condition]] = {}
    for condition in plan.conditions:
        by_key.setdefault(condition.test.key, []).append(condition)
    return tuple(KeyIndex.of(text, conditions, plan) for text, conditions in by_key.items())


def _sorted(
    text: str, conditions: list[Condition], readings: Readings
) -> tuple[list[Condition], list[Condition], list[Condition]]:
    """Positive text tests, negated ones, and those that no index knows."""
    positive: list[Condition] = []
    negated: list[Condition] = []
    others: list[Condition] = []
    filed = 0
    for condition in conditions:
        operator = condition.test.operator
        if operator.kind is not ValueKind.STRING or folds(text, readings):
            others.append(condition)
        elif operator.negated:
            negated.append(condition)
        elif condition.bits & filed:
            # Why: a clause that carries two positive tests on the key needs both, and one index knows one.
            others.append(condition)
        else:
            positive.append(condition)
            filed |= condition.bits
    return positive, negated, others


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
