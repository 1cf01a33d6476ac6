"""The compiled policies as a kernel over events: attributes to classes, classes to decisions.

Every attribute of an event (its action, its resource's name, its caller, each condition key that the policies
ask about) has few classes that the policies tell apart. Their combinations are numbered, and each kind that
occurs is decided once, on one of its events, by the compiled engine: no rule of evaluation is written here.
Calls that ask for more than their action on their resource are left out; they are decided one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial, reduce
from math import prod

import numpy as np

from imagefence.bulk.attributes import Attribute, Attributes
from imagefence.bulk.classes import (
    Bools,
    Classes,
    Codes,
    Rows,
    distinct,
    joint,
    lowest,
    merged,
    packed,
    repacked,
    some,
    span,
)
from imagefence.bulk.events import Events
from imagefence.compiled.engine import Compiled
from imagefence.compiled.plan import Unit

COMBINATIONS = 1 << 20  # words of combinations that are numbered at once
Part = tuple[Codes | None, Classes]


@dataclass(frozen=True, slots=True)
class UnitMasks:
    """A unit's clauses as rows; `deny` and `allow` share them out."""

    bits: Rows
    allow: Rows
    deny: Rows

    @classmethod
    def of(cls, unit: Unit, width: int) -> UnitMasks:
        """Packs the masks of a unit."""
        bits, allow, deny = packed([unit.bits, unit.allow, unit.deny], width)
        return cls(bits, allow, deny)


@dataclass(frozen=True, slots=True)
class Pruning:
    """Where one of the `certain` clauses is, what it outweighs gives way to `stands`, the lowest of them.

    `kept` and `stands` are cut to the words `used`, which hold all that is outweighed.
    """

    certain: Rows
    used: slice
    kept: Rows
    stands: Rows

    @classmethod
    def of(cls, certain: Rows, outweighed: Rows) -> Pruning:
        """Makes masks ready."""
        used = span(outweighed)
        return cls(certain, used, ~outweighed[used], lowest(certain)[used])


def pruned(rows: Rows, prunings: Sequence[Pruning]) -> Rows:
    """Drops, in place, the clauses that can no longer change what their unit says."""
    for each in prunings:
        width = len(each.certain)
        held = np.flatnonzero(some(rows[:, :width], each.certain))
        for begin in range(0, rows.shape[1], width):
            used = slice(begin + each.used.start, begin + each.used.stop)
            rows[held, used] = rows[held, used] & each.kept | each.stands
    return rows


@dataclass(frozen=True, slots=True)
class Kinds:
    """Event n is of class `codes[n]`, class c of kind `numbers[c]` and, if `plain[c]`, decided by its kind.

    `examples` has an event of each kind.
    """

    codes: Codes
    numbers: Codes
    examples: Codes
    plain: Bools


@dataclass(frozen=True, slots=True)
class Kernel:
    """Policies made ready for batches; keep it to decide many."""

    compiled: Compiled
    attributes: Attributes
    units: tuple[UnitMasks, ...]
    flags: Rows

    @classmethod
    def of(cls, compiled: Compiled) -> Kernel:
        """Makes compiled policies ready."""
        attributes = Attributes.of(compiled)
        units = tuple(UnitMasks.of(unit, attributes.width) for unit in compiled.plan.units)
        return cls(compiled, attributes, units, packed(attributes.flags, attributes.width))

    def kinds(self, events: Events, *, apart: bool = False) -> Kinds:
        """Sorts events into kinds that decide alike, or, `apart`, by the very same statements."""
        found = self._combined(self.attributes.of_events(events), apart=apart)
        _, numbers = distinct(found.rows if apart else self._outcomes(found.rows))
        places = np.zeros(len(found.rows), dtype=np.int32)
        places[found.codes] = np.arange(len(found.codes), dtype=np.int32)
        examples = np.zeros(int(numbers.max(initial=-1)) + 1, dtype=np.int32)
        examples[numbers] = places
        plain = some(found.rows, self._twice(self.flags[1], found.rows))
        return Kinds(found.codes, numbers, examples, plain)

    def _combined(self, attributes: Sequence[Attribute], *, apart: bool) -> Classes:
        """Combines attributes as many at a time as their combinations allow."""
        is_open = any(attribute.may is not None for attribute in attributes)
        (action, name), rest = self._parts(attributes, is_open=is_open)
        parts = [action, name, *sorted(rest, key=lambda part: len(part[1].rows))]
        while len(parts) > 1:
            count = _how_many(parts)
            left = parts[count:]
            change = None if apart else partial(pruned, prunings=self._prunings(left))
            parts = [(None, joint(parts[:count], change)), *left]
        return parts[0][1]

    def _parts(self, attributes: Sequence[Attribute], *, is_open: bool) -> tuple[list[Part], list[Part]]:
        """Action and name, and those of the rest that tell events apart; what all share goes to one."""
        parts: list[Part] = [(each.places, merged(each.classes(is_open=is_open))) for each in attributes]
        (places, action), *others = parts
        shared = [part.rows[0] for _, part in others[1:] if len(part.rows) == 1]
        rows = reduce(np.bitwise_and, shared, action.rows)
        telling = [part for part in others[1:] if len(part[1].rows) > 1]
        return [(places, merged(Classes(action.codes, rows))), others[0]], telling

    def _settled(self, left: Sequence[Part]) -> Rows:
        """The clauses that nothing left to ask can take out."""
        settled = np.full(self.attributes.width, ~np.uint64(0))
        for _, part in left:
            settled &= np.bitwise_and.reduce(part.rows[:, : self.attributes.width], axis=0)
        return settled

    def _prunings(self, left: Sequence[Part]) -> tuple[Pruning, ...]:
        """What outweighs what, once only these parts are left to ask.

        A Deny that hits for sure outweighs its unit, an Allow that does every other Allow in it.
        """
        sure = self._settled(left)
        pairs = [
            (decisive & sure, outweighed)
            for unit in self.units
            for decisive, outweighed in ((unit.deny, unit.bits), (unit.allow, unit.allow))
        ]
        return tuple(Pruning.of(certain, outweighed) for certain, outweighed in pairs if certain.any())

    def _outcomes(self, rows: Rows) -> Rows:
        """What each unit says, sure and open, and the flags: a member each."""
        masks = [mask for unit in self.units for mask in (unit.deny, unit.allow)]
        halves = np.split(rows, rows.shape[1] // self.attributes.width, axis=1)
        return repacked(
            np.stack([some(half, mask) for half in halves for mask in (*masks, *self.flags)], axis=1)
        )

    def _twice(self, mask: Rows, rows: Rows) -> Rows:
        """A mask as wide as the rows, which hold sure and open members side by side where any are open."""
        return np.tile(mask, rows.shape[1] // self.attributes.width)


def _how_many(parts: Sequence[Part]) -> int:
    """How many of the parts to combine at once: two at least, and no more than a table holds."""
    limit = COMBINATIONS // parts[0][1].rows.shape[1]
    count = 2
    while count < len(parts) and prod(len(part.rows) for _, part in parts[: count + 1]) <= limit:
        count += 1
    return count
