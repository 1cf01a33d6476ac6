"""Values along an order against the evaluator's comparisons, on every value in reach."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from imagefence.policy.operators import OPERATORS
from imagefence.prove.values import Comparison, signature, value_atoms

NUMERIC = [name for name in OPERATORS if name.startswith("Numeric")]
DATES = [name for name in OPERATORS if name.startswith("Date")]
ADDRESSES = [name for name in OPERATORS if name.endswith("IpAddress")]
START = datetime(2026, 1, 1, tzinfo=UTC)


def comparisons(
    names: list[str], wanted: st.SearchStrategy[str]
) -> st.SearchStrategy[tuple[Comparison, ...]]:
    one = st.builds(Comparison, st.sampled_from(names).map(OPERATORS.__getitem__), wanted)
    return st.lists(one, min_size=1, max_size=5).map(tuple)


def found_all(every: tuple[Comparison, ...], texts: list[str]) -> bool:
    found = value_atoms(every)
    assert all(atom.signature == signature(every, atom.text) for atom in found)
    return {signature(every, text) for text in texts} <= {atom.signature for atom in found}


@given(comparisons(NUMERIC, st.integers(-4, 4).map(str) | st.sampled_from(("0.5", "-1.5", "2e0", "+3"))))
def test_numbers(every: tuple[Comparison, ...]) -> None:
    assert found_all(every, [str(n / 4) for n in range(-24, 24)])


@given(comparisons(DATES, st.integers(0, 5).map(lambda day: (START + timedelta(days=day)).isoformat())))
def test_times(every: tuple[Comparison, ...]) -> None:
    assert found_all(every, [(START + timedelta(hours=hours)).isoformat() for hours in range(-48, 240, 6)])


@given(
    comparisons(
        ADDRESSES, st.builds(lambda n, bits: f"10.0.0.{n}/{bits}", st.integers(0, 255), st.integers(24, 32))
    )
)
def test_addresses(every: tuple[Comparison, ...]) -> None:
    base = int(ipaddress.IPv4Address("10.0.0.0"))
    assert found_all(every, [str(ipaddress.IPv4Address(base + n)) for n in range(-1, 257)] + ["::1"])


def test_a_bound_of_many_digits_has_values_on_both_sides() -> None:
    every = (
        Comparison(OPERATORS["NumericLessThan"], "1e300"),
        Comparison(OPERATORS["NumericEquals"], "1e300"),
    )
    assert {atom.signature for atom in value_atoms(every)} == {0b00, 0b01, 0b10}


def test_the_calendar_ends() -> None:
    every = (Comparison(OPERATORS["DateLessThan"], "9999-12-31T23:59:59Z"),)
    assert {atom.signature for atom in value_atoms(every)} == {0, 1}


def test_what_cannot_be_read_is_a_kind_of_its_own() -> None:
    every = (
        Comparison(OPERATORS["NumericLessThan"], "5"),
        Comparison(OPERATORS["NumericGreaterThanEquals"], "5"),
    )
    assert {atom.signature for atom in value_atoms(every)} == {0b01, 0b10}
    assert {atom.signature for atom in value_atoms(every, unreadable=True)} == {0b01, 0b10, 0b00}
