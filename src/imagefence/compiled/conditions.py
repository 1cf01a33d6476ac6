"""An index over condition tests: for the values of a key, the clauses whose tests on it hold, or may."""

from __future__ import annotations

from dataclasses import dataclass, field

from imagefence.compiled.blocks import BlockIndex
from imagefence.compiled.patterns import PatternIndex
from imagefence.compiled.plan import Condition, Plan, union
from imagefence.compiled.recent import Recent
from imagefence.policy.document import ConditionTest
from imagefence.policy.keys import KeyOrigin, condition_key, fits
from imagefence.policy.operators import Relation, ValueKind, network
from imagefence.policy.pattern import has_wildcard
from imagefence.policy.question import Values, folds, holds
from imagefence.policy.readings import Case, Readings, StarUnderEquals, TagKeyEnds, Unreadable

REMEMBERED = 1024
LONGEST_REMEMBERED = 512  # characters
PLACES = {Relation.EQUAL_FOLDED: "folded", Relation.WITHIN: "block"}
Judgement = tuple[int, int]  # the clauses whose tests hold for sure, and those of which some test is open


@dataclass(frozen=True, slots=True)
class ValueIndex:
    """The values of many tests: texts as they are, texts without case, and address blocks."""

    exact: PatternIndex
    folded: dict[str, int]
    blocks: BlockIndex

    @classmethod
    def of(cls, conditions: list[Condition], readings: Readings) -> ValueIndex:
        """Files the values of these tests."""
        stars = readings.star_under_equals is StarUnderEquals.WILDCARD
        filed: dict[str, list[tuple[str, int]]] = {"text": [], "pattern": [], "folded": [], "block": []}
        for condition in conditions:
            relation = condition.test.operator.relation
            for value in condition.test.values:
                like = relation is Relation.LIKE or (stars and has_wildcard(value))
                place = PLACES.get(relation, "pattern" if like else "text")
                filed[place].append((value.casefold() if place == "folded" else value, condition.bits))
        folded: dict[str, int] = {}
        for value, bits in filed["folded"]:
            folded[value] = folded.get(value, 0) | bits
        return cls(PatternIndex.of(filed["pattern"], filed["text"]), folded, BlockIndex.of(filed["block"]))

    def matching(self, value: str) -> int:
        """The clauses of the tests of which some value matches this one."""
        found = self.exact.matching(value)
        if self.folded:
            found |= self.folded.get(value.casefold(), 0)
        return found | self.blocks.matching(value) if self.blocks.blocks else found


@dataclass(frozen=True, slots=True)
class KeyIndex:
    """The tests on one key; `bits` are the clauses that carry one, `everyone` all clauses of the plan.

    Tests of texts and addresses are looked up, positive and negated apart; `others` are judged one by one,
    once for each value. Where no test can be open on the key, `tag` is given if its value is simply that tag
    of the resource, and `of_caller` if it is the caller.
    """

    text: str
    readings: Readings
    everyone: int
    tag: str | None
    of_caller: bool
    bits: int
    conditions: tuple[Condition, ...]
    others: tuple[Condition, ...]
    positive: ValueIndex
    positive_bits: int
    negated: ValueIndex
    certain: Recent[str | None, int] = field(default_factory=lambda: Recent(REMEMBERED))
    judged: Recent[Values, Judgement] = field(default_factory=lambda: Recent(REMEMBERED))

    @classmethod
    def of(cls, text: str, conditions: list[Condition], plan: Plan) -> KeyIndex:
        """Files the tests on a key as it is written."""
        readings = plan.readings
        positive, negated, others = _sorted(conditions, readings)
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
            ValueIndex.of(positive, readings),
            union(each.bits for each in positive),
            ValueIndex.of(negated, readings),
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
    conditions: list[Condition], readings: Readings
) -> tuple[list[Condition], list[Condition], list[Condition]]:
    """Positive tests that an index takes, negated ones, and those that none does."""
    positive: list[Condition] = []
    negated: list[Condition] = []
    others: list[Condition] = []
    filed = 0
    for condition in conditions:
        if not _looked_up(condition.test, readings):
            others.append(condition)
        elif condition.test.operator.negated:
            negated.append(condition)
        elif condition.bits & filed:
            # Why: a clause that carries two positive tests on the key needs both, and one index knows one.
            others.append(condition)
        else:
            positive.append(condition)
            filed |= condition.bits
    return positive, negated, others


def _looked_up(test: ConditionTest, readings: Readings) -> bool:
    """Tells whether an index takes a test: none whose comparison is impossible, or may be open."""
    if test.operator.kind is ValueKind.STRING:
        return not folds(test.key, readings)
    if test.operator.kind is not ValueKind.ADDRESS or not fits(test.key, ValueKind.ADDRESS):
        return False
    return readings.unreadable is Unreadable.FAILS and all(map(_is_block, test.values))


def _is_block(text: str) -> bool:
    try:
        network(text)
    except ValueError:
        return False
    return True


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
