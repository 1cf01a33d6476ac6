"""Values for a condition's key that could turn it: what a near miss proposes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

from imagefence.policy.document import ConditionTest
from imagefence.policy.operators import Relation, ValueKind, instant, network, number

OTHER = "another"
ANY = "any"
# A text that no policy is likely to name, an address of the range kept for documentation.
STRANGER, ADDRESS = "x", "192.0.2.1"
DAY = timedelta(days=1)
TRIED_VALUES = 4


@dataclass(frozen=True, slots=True)
class Witness:
    """A value, or None for an absent key; `text` says `any` or `another` where the value itself is idle."""

    value: str | None
    text: str = ""


def witnesses(test: ConditionTest) -> Iterator[Witness]:
    """Values that meet the test or fail it, those of the policy's own text first, and absence last."""
    for wanted in islice(test.values, TRIED_VALUES):
        yield from _near(test, wanted)
    if test.operator.kind is ValueKind.STRING:
        yield Witness(STRANGER, OTHER)
    if test.operator.kind is ValueKind.ADDRESS:
        yield Witness(ADDRESS, OTHER)
    yield Witness(None)


def _near(test: ConditionTest, wanted: str) -> Iterator[Witness]:
    kind = test.operator.kind
    if kind is ValueKind.BOOLEAN:
        yield from (Witness("true"), Witness("false"))
    elif kind is ValueKind.NUMBER:
        size = number(wanted)
        yield from (Witness(wanted), Witness(str(size - 1)), Witness(str(size + 1)))
    elif kind is ValueKind.DATE:
        yield Witness(wanted)
        yield from _days_beside(wanted)
    elif kind is ValueKind.ADDRESS:
        yield Witness(str(network(wanted).network_address))
    elif test.operator.relation is Relation.LIKE:
        yield Witness(STRANGER, ANY) if wanted == "*" else Witness(_matching(wanted))
    else:
        yield Witness(wanted)


def _days_beside(wanted: str) -> Iterator[Witness]:
    for step in (-DAY, DAY):
        try:
            yield Witness((instant(wanted) + step).isoformat().replace("+00:00", "Z"))
        except OverflowError:
            continue


def _matching(pattern: str) -> str:
    """A text that a pattern accepts, short of its stars."""
    return pattern.replace("*", "").replace("?", STRANGER)
