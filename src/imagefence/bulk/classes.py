"""Classes of values: which values are alike to the policies, and the set of statements of each class.

A set is a row of 64-bit words, one bit a member, bit i in word i // 64. Values (or events) carry the code of
their class; combining two attributes means combining their codes, so that bits are touched once a class.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Codes = npt.NDArray[np.signedinteger[Any]]
Rows = npt.NDArray[np.uint64]
Bools = npt.NDArray[np.bool_]

WORD = 64
PAIRS_IN_A_TABLE = 1 << 22
BLOCK = 1 << 17  # words
MIX = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Classes:
    """`codes[n]` is the class of value n, `rows[codes[n]]` its set."""

    codes: Codes
    rows: Rows


def words(bits: int) -> int:
    """How many words hold a set of so many members; at least one."""
    return max(1, -(-bits // WORD))


def packed(sets: Sequence[int], width: int) -> Rows:
    """Rows of `width` words from sets written as Python integers."""
    text = b"".join(each.to_bytes(width * 8, "little") for each in sets)
    return np.frombuffer(text, dtype="<u8").reshape(len(sets), width)


def unpacked(rows: Rows, bits: int) -> Bools:
    """One column a member."""
    flat = np.ascontiguousarray(rows).view(np.uint8)
    return np.unpackbits(flat, axis=1, count=bits, bitorder="little").view(np.bool_)


def repacked(members: Bools) -> Rows:
    """The opposite of `unpacked`."""
    width = words(members.shape[1])
    padded = np.zeros((len(members), width * WORD), dtype=np.bool_)
    padded[:, : members.shape[1]] = members
    return np.packbits(padded, axis=1, bitorder="little").view("<u8")


def one_class(count: int, row: Rows) -> Classes:
    """All values alike; `row` is that of the one class."""
    return Classes(np.zeros(count, dtype=np.int32), row.reshape(1, -1))


def meet(*parts: Classes) -> Classes:
    """Several attributes of the same values together: the intersections of their sets where they occur."""
    return joint([(None, part) for part in parts])


def joint(
    parts: Sequence[tuple[Codes | None, Classes]], change: Callable[[Rows], Rows] | None = None
) -> Classes:
    """The same for attributes of events: each with the place of an event's value, None where they are one.

    `change` rewrites the intersections, which are its own. Combinations with the same set are one class.
    """
    sizes = [len(part.rows) for _, part in parts]
    codes, present = dense([_through(part.codes, places) for places, part in parts], sizes)
    combinations = len(present[0])
    numbers = np.empty(combinations, dtype=np.int32)
    kept: list[Rows] = [parts[0][1].rows[:0]]
    count = 0
    # Why: in blocks that stay in the processor's cache; all combinations at once took three times as long.
    for block in blocks(combinations, parts[0][1].rows.shape[1]):
        rows = parts[0][1].rows[present[0][block]]
        for (_, part), digits in zip(parts[1:], present[1:], strict=True):
            rows &= part.rows[digits[block]]
        found, places = distinct(rows if change is None else change(rows))
        numbers[block] = places + count
        kept.append(found)
        count += len(found)
    rows, again = distinct(np.concatenate(kept))
    return Classes(np.take(again[numbers], codes), rows)


def blocks(rows: int, width: int) -> Iterator[slice]:
    """Ranges of rows of so many words, a megabyte each."""
    step = max(1, BLOCK // width)
    return (slice(start, min(start + step, rows)) for start in range(0, rows, step))


def _through(codes: Codes, places: Codes | None) -> Codes:
    return codes if places is None else np.take(codes, places)


def dense(parts: Sequence[Codes], sizes: Sequence[int]) -> tuple[Codes, list[Codes]]:
    """Numbers the combinations of codes that occur.

    Gives the number of each value's combination, and for each part its code in every combination.
    """
    size = prod(sizes)
    wide = size > PAIRS_IN_A_TABLE
    total: Codes = parts[0].astype(np.int64) if wide else parts[0].astype(np.int32)
    for part, count in zip(parts[1:], sizes[1:], strict=True):
        np.multiply(total, total.dtype.type(count), out=total)
        np.add(total, part, out=total)
    codes, present = _numbered(total) if wide else _numbered_by_table(total, size)
    digits: list[Codes] = []
    for count in reversed(sizes):
        present, digit = np.divmod(present, count)
        digits.append(digit.astype(np.int32))
    return codes, digits[::-1]


def alike(parts: Sequence[Codes]) -> Codes:
    """Numbers rows so that those with the same codes in every part have one number."""
    numbers, count = np.zeros(len(parts[0]), dtype=np.int32), 1
    for part in parts:
        numbers, (digits, _) = dense([numbers, part], [count, int(part.max(initial=0)) + 1])
        count = len(digits)
    return numbers


def _numbered(total: Codes) -> tuple[Codes, Codes]:
    found = pa.array(total).dictionary_encode()
    return found.indices.to_numpy(), found.dictionary.to_numpy()


def _numbered_by_table(total: Codes, size: int) -> tuple[Codes, Codes]:
    seen = np.zeros(size, dtype=np.bool_)
    seen[total] = True
    present = np.flatnonzero(seen)
    numbers = np.empty(size, dtype=np.int32)
    numbers[present] = np.arange(len(present), dtype=np.int32)
    return np.take(numbers, total), present


def merged(classes: Classes) -> Classes:
    """Makes one class of those with the same set."""
    rows, renumbered = distinct(classes.rows)
    return classes if len(rows) == len(classes.rows) else Classes(renumbered[classes.codes], rows)


def distinct(rows: Rows) -> tuple[Rows, Codes]:
    """The different rows, and for each row the place of its like among them."""
    if len(rows) < 2:
        return rows, np.zeros(len(rows), dtype=np.int32)
    _, first, inverse = np.unique(_digest(rows), return_index=True, return_inverse=True)
    if not np.array_equal(rows[first][inverse], rows):  # two rows share a digest: leave all apart
        return rows, np.arange(len(rows), dtype=np.int32)
    return rows[first], inverse.astype(np.int32)


def _digest(rows: Rows) -> Rows:
    """A sum of each row's mixed words, each times an odd number of its place, modulo 2**64."""
    places = np.arange(1, rows.shape[1] + 1, dtype=np.uint64)
    return np.asarray(_mixed(rows) @ (_mixed(places) | np.uint64(1)))


def _mixed(numbers: Rows) -> Rows:
    """Brings every bit down as well as up: a product alone loses the highest."""
    mixed = (numbers ^ (numbers >> np.uint64(32))) * MIX
    mixed ^= mixed >> np.uint64(29)
    return mixed


def some(rows: Rows, mask: Rows) -> Bools:
    """For each row whether it shares a member with the mask."""
    used = span(mask)
    if used.start == used.stop:
        return np.zeros(len(rows), dtype=np.bool_)
    return np.asarray((rows[:, used] & mask[used]).any(axis=1))


def span(mask: Rows) -> slice:
    """The words from the first to the last that the mask has members in."""
    used = np.flatnonzero(mask)
    return slice(int(used[0]), int(used[-1]) + 1) if len(used) else slice(0, 0)


def lowest(mask: Rows) -> Rows:
    """The mask's lowest member alone."""
    alone = np.zeros_like(mask)
    used = np.flatnonzero(mask)
    if len(used):
        word = mask[used[0]]
        alone[used[0]] = word & (~word + np.uint64(1))
    return alone


def members(rows: Rows) -> tuple[Codes, Codes]:
    """The row and the member of every bit that is set, row by row."""
    holders, places = np.nonzero(rows)
    bits = np.unpackbits(rows[holders, places].view(np.uint8).reshape(-1, 8), axis=1, bitorder="little")
    held, bit = np.nonzero(bits)
    return holders[held], places[held] * WORD + bit


def spread(rows: Rows, masks: Rows) -> Rows:
    """For each row the union of `masks[i]` over its members i."""
    return unions(*members(rows), masks, len(rows))


def unions(holders: Codes, chosen: Codes, masks: Rows, count: int) -> Rows:
    """For each of `count` holders the union of its masks; holders rise."""
    result = np.zeros((count, masks.shape[1]), dtype=np.uint64)
    if len(holders):
        begins = np.flatnonzero(np.diff(holders, prepend=-1))
        result[holders[begins]] = np.bitwise_or.reduceat(masks[chosen], begins, axis=0)
    return result
