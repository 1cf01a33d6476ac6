"""From answers to readings: all combinations of a group of readings are kept that fit every answer.

Readings that one probe hangs on together are solved together; where no combination fits, nothing is settled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import reduce
from itertools import product

from imagefence.policy.readings import DEFAULT, Readings

Fits = Callable[[Readings], bool]


@dataclass(frozen=True, slots=True)
class Constraint:
    """One clear answer: the readings on which it hangs, and which of their combinations it fits."""

    fields: tuple[str, ...]
    fits: Fits


@dataclass(frozen=True, slots=True)
class Left:
    """The values of each reading that the answers leave; `torn` names those whose answers fit none."""

    values: Mapping[str, tuple[Enum, ...]]
    torn: frozenset[str]


def choices(field: str) -> tuple[Enum, ...]:
    """Every value of a reading, the default first."""
    default: Enum = getattr(DEFAULT, field)
    return (default, *(member for member in type(default) if member is not default))


def groups(constraints: Iterable[Constraint]) -> list[frozenset[str]]:
    """The readings that hang together over some answer."""
    found: list[frozenset[str]] = []
    for constraint in constraints:
        joined = frozenset(constraint.fields)
        apart = [group for group in found if not group & joined]
        found = [*apart, reduce(frozenset.union, (group for group in found if group & joined), joined)]
    return found


def solve(constraints: Iterable[Constraint]) -> Left:
    """Keeps, group by group, what fits all answers."""
    listed = [constraint for constraint in constraints if constraint.fields]
    values: dict[str, tuple[Enum, ...]] = {}
    torn: set[str] = set()
    for group in groups(listed):
        names = sorted(group)
        fitting = _fitting(names, [each for each in listed if group.issuperset(each.fields)])
        if not fitting:
            torn |= group
        for place, name in enumerate(names):
            kept = {combination[place] for combination in fitting}
            values[name] = tuple(choice for choice in choices(name) if choice in kept or not fitting)
    return Left(values, frozenset(torn))


def _fitting(names: list[str], constraints: list[Constraint]) -> list[tuple[Enum, ...]]:
    combinations = product(*(choices(name) for name in names))
    return [each for each in combinations if _fits_all(dict(zip(names, each, strict=True)), constraints)]


def _fits_all(chosen: Mapping[str, Enum], constraints: list[Constraint]) -> bool:
    readings = replace(DEFAULT, **chosen)  # type: ignore[arg-type]
    return all(constraint.fits(readings) for constraint in constraints)
