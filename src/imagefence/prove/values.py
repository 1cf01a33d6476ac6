"""Kinds of numbers, times, addresses and booleans: the finitely many places between what policies name.

Along an order, values between two neighbouring bounds are the same to every comparison, so the bounds and
one value between each two are enough. What a comparison says of a value, the evaluator's predicate says.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext
from itertools import pairwise

from imagefence.policy.operators import Network, Operator, ValueKind, instant, network, number, predicate
from imagefence.prove.atoms import Atom

UNREADABLE = "unreadable"
A_DAY = timedelta(days=1)
ADDRESSES = ("203.0.113.7", "10.0.0.1", "2001:db8::7")
WIDEST = {4: 2**32 - 1, 6: 2**128 - 1}


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a policy holds a value to, by an operator that compares other things than texts."""

    operator: Operator
    wanted: str


def value_atoms(
    comparisons: Sequence[Comparison], *, suggestions: Iterable[str] = (), unreadable: bool = False
) -> tuple[Atom, ...]:
    """Finds every signature that a value can have; `unreadable` adds a text that is no such value."""
    kind = comparisons[0].operator.kind
    candidates = [*suggestions, *_CANDIDATES[kind]([each.wanted for each in comparisons])]
    if unreadable:
        candidates.append(UNREADABLE)
    found: dict[int, str] = {}
    for text in candidates:
        found.setdefault(signature(comparisons, text), text)
    return tuple(Atom(sign, text) for sign, text in found.items())


def signature(comparisons: Sequence[Comparison], text: str) -> int:
    """One bit for each comparison that holds of a text."""
    return sum(1 << place for place, each in enumerate(comparisons) if says(each, text))


def says(comparison: Comparison, text: str) -> bool:
    """Whether a comparison holds of a text; one that it cannot read holds of none."""
    try:
        return predicate(comparison.operator, comparison.wanted)(text)
    except ValueError:
        return False


def _numbers(wanted: Sequence[str]) -> Iterator[str]:
    bounds = sorted({number(text) for text in wanted})
    yield from (_plain(bound) for bound in bounds)
    yield _plain(_beyond(bounds[0], -1))
    yield _plain(_beyond(bounds[-1], 1))
    for low, high in pairwise(bounds):
        yield _plain(_between(low, high))


def _beyond(bound: Decimal, direction: int) -> Decimal:
    """A number past a bound, however many digits that takes."""
    with localcontext() as exact:
        exact.prec = 2400
        return bound + direction


def _between(low: Decimal, high: Decimal) -> Decimal:
    with localcontext() as exact:
        exact.prec = 2400
        return (low + high) / 2


def _plain(value: Decimal) -> str:
    return format(value, "f")


def _times(wanted: Sequence[str]) -> Iterator[str]:
    bounds = sorted({instant(text) for text in wanted})
    times = [*bounds, *_around(bounds)]
    for low, high in pairwise(bounds):
        middle = low + (high - low) / 2
        whole = middle.replace(microsecond=0)
        times.append(whole if low < whole < high else middle)
    for moment in times:
        yield _written(moment)


def _around(bounds: Sequence[datetime]) -> Iterator[datetime]:
    """A day before the first and after the last, unless the calendar ends there."""
    for bound, step in ((bounds[0], -A_DAY), (bounds[-1], A_DAY)):
        try:
            yield bound + step
        except OverflowError:
            continue


def _written(moment: datetime) -> str:
    text = moment.astimezone(UTC).isoformat(timespec="microseconds" if moment.microsecond else "seconds")
    return text.replace("+00:00", "Z")


def _booleans(wanted: Sequence[str]) -> Iterator[str]:
    yield from ("true", "false")


def _addresses(wanted: Sequence[str]) -> Iterator[str]:
    """Where blocks begin and where they have ended: between those nothing changes."""
    yield from ADDRESSES
    for version in (4, 6):
        blocks = [block for block in map(network, wanted) if block.version == version]
        yield from (_address(version, bound) for bound in sorted({0, *_bounds(blocks, WIDEST[version])}))


def _bounds(blocks: Iterable[Network], widest: int) -> Iterator[int]:
    for block in blocks:
        first, last = int(block.network_address), int(block.broadcast_address)
        yield first
        if last < widest:
            yield last + 1


def _address(version: int, place: int) -> str:
    return str(ipaddress.IPv4Address(place) if version == 4 else ipaddress.IPv6Address(place))


_CANDIDATES = {
    ValueKind.NUMBER: _numbers,
    ValueKind.DATE: _times,
    ValueKind.BOOLEAN: _booleans,
    ValueKind.ADDRESS: _addresses,
}
