"""Kleene's truth tables, whole."""

from __future__ import annotations

import pytest

from imagefence.policy.logic import Truth, all_of, any_of, not_

NO, YES, OPEN = False, True, None


@pytest.mark.parametrize(
    ("one", "two", "both", "either"),
    [
        (NO, NO, NO, NO),
        (NO, OPEN, NO, OPEN),
        (NO, YES, NO, YES),
        (OPEN, NO, NO, OPEN),
        (OPEN, OPEN, OPEN, OPEN),
        (OPEN, YES, OPEN, YES),
        (YES, NO, NO, YES),
        (YES, OPEN, OPEN, YES),
        (YES, YES, YES, YES),
    ],
)
def test_both_and_either(one: Truth, two: Truth, both: Truth, either: Truth) -> None:
    assert all_of((one, two)) is both
    assert any_of((one, two)) is either


def test_none_and_not() -> None:
    assert all_of(()) is YES
    assert any_of(()) is NO
    assert [not_(NO), not_(OPEN), not_(YES)] == [YES, OPEN, NO]
