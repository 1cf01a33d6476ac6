"""Remarks on tests that contradict each other: a statement whose condition can never hold.

Source: help.aliyun.com ram/conditional-operator: keys and operators are joined by AND, values by OR or NOR.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, permutations

from imagefence.lint.remark import Found
from imagefence.lint.subject import Subject, key_pointer
from imagefence.policy.document import ConditionTest, Statement
from imagefence.policy.keys import MULTI_VALUED, condition_key
from imagefence.policy.operators import Network, Relation, ValueKind, instant, network, number
from imagefence.policy.pattern import glob

UPPER = (Relation.LESS, Relation.LESS_EQUAL)
LOWER = (Relation.GREATER, Relation.GREATER_EQUAL)


def consistency_remarks(_: Subject, statement: Statement) -> Iterator[Found]:
    """The tests of a statement that can never hold, alone or together."""
    plain = [
        test for test in statement.conditions if not test.quantifier and test.key.lower() not in MULTI_VALUED
    ]
    for test in plain:
        if test.operator.negated and test.operator.relation is Relation.LIKE and "*" in test.values:
            here = key_pointer(statement, "", test.operator.name, test.key)
            message = f"`{test.operator.name}` with `*` holds for calls without `{test.key}` alone"
            yield Found("never-true", here, message, "name what is meant, or leave the value out")
    by_key: dict[str, list[ConditionTest]] = {}
    for test in plain:
        by_key.setdefault(condition_key(test.key).name, []).append(test)
    for one, other in chain.from_iterable(permutations(tests, 2) for tests in by_key.values()):
        if _contradict(one, other):
            here = key_pointer(statement, "", other.operator.name, other.key)
            message = (
                f"no value of `{other.key}` passes both `{one.operator.name}` and `{other.operator.name}`"
            )
            yield Found("never-true", here, message, "as it stands the statement never hits")


def _contradict(one: ConditionTest, other: ConditionTest) -> bool:
    """Tells whether no value passes both; ordered, so that each pair is found once."""
    if one.operator.kind is not other.operator.kind or one.operator.negated:
        return False
    if one.operator.kind is ValueKind.ADDRESS:
        return other.operator.negated and _all_within(one.values, other.values)
    if one.operator.kind in (ValueKind.NUMBER, ValueKind.DATE):
        return _empty_range(one, other)
    if one.operator.kind is not ValueKind.STRING or one.operator.relation is Relation.EQUAL_FOLDED:
        return False
    if other.operator.negated:
        return all(any(_takes(other, no, yes) for no in other.values) for yes in one.values)
    exact = one.operator.relation is Relation.EQUAL and other.operator.relation is Relation.LIKE
    return exact and not any(glob(like)(value) for like in other.values for value in one.values)


def _takes(test: ConditionTest, value: str, given: str) -> bool:
    """Tells whether a test's value takes all that another pattern does."""
    if test.operator.relation is Relation.LIKE:
        return "?" not in value and glob(value)(given)
    return test.operator.relation is Relation.EQUAL and value == given and "*" not in given


def _all_within(inner: tuple[str, ...], outer: tuple[str, ...]) -> bool:
    blocks = [network(each) for each in outer]
    return all(any(_inside(network(each), block) for block in blocks) for each in inner)


def _inside(inner: Network, outer: Network) -> bool:
    return inner.version == outer.version and inner.subnet_of(outer)  # type: ignore[arg-type]


def _empty_range(one: ConditionTest, other: ConditionTest) -> bool:
    upper, lower = one.operator.relation, other.operator.relation
    if upper not in UPPER or lower not in LOWER:
        return False
    read = number if one.operator.kind is ValueKind.NUMBER else instant
    highest = max(read(each) for each in one.values)
    lowest = min(read(each) for each in other.values)
    both_included = upper is Relation.LESS_EQUAL and lower is Relation.GREATER_EQUAL
    return bool(highest < lowest or (highest == lowest and not both_included))  # type: ignore[operator]
