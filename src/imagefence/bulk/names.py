"""Resource names: for many names at once, the clauses whose Resource covers each.

A name is cut behind the first slash of its relative part. What stands before (service, region, account,
kind) takes few values, matched one by one; what follows may be new every time, and is matched for all names
together. Relative patterns whose kind has a star are matched on whole relative parts. The rules are those
of policy/matching.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce

import numpy as np
import pyarrow as pa

from imagefence.bulk import arrow
from imagefence.bulk.arrow import Bytes, Integers, Values
from imagefence.bulk.classes import (
    WORD,
    Classes,
    Rows,
    dense,
    joint,
    meet,
    merged,
    one_class,
    packed,
    spread,
    words,
)
from imagefence.bulk.globs import Globs, globs
from imagefence.compiled.patterns import PatternIndex, literal_prefix
from imagefence.compiled.plan import Plan, WholeResource
from imagefence.compiled.resources import ResourceIndex
from imagefence.policy.matching import GLOBAL_SERVICES, REGION, covers_resource
from imagefence.policy.names import PARTS
from imagefence.policy.readings import Case, Readings

COLON, SLASH = ord(":"), ord("/")


@dataclass(frozen=True, slots=True)
class Relatives:
    """Relative patterns of one shape, each with its clauses.

    `pairs` are those that spell out a kind, by the numbers of `kinds`; bit i of a row of `rests` is pair i.
    """

    kinds: Mapping[str, int]
    rests: Globs
    of_rest: Rows
    masks: Rows

    @classmethod
    def of(cls, bits: Mapping[tuple[str, str], int], width: int) -> Relatives:
        """Files patterns taken apart into kind and rest."""
        kinds: dict[str, int] = {}
        rests: dict[str, int] = {}
        for number, (kind, rest) in enumerate(bits):
            kinds[kind] = kinds.get(kind, 0) | 1 << number
            rests[rest] = rests.get(rest, 0) | 1 << number
        of_rest = packed(list(rests.values()), words(len(bits)))
        return cls(kinds, globs(list(rests)), of_rest, packed(list(bits.values()), width))

    def rest_classes(self, rests: Values) -> Classes:
        """The pairs whose rest matches, whatever their kind."""
        found = self.rests.classes(rests)
        return merged(Classes(found.codes, spread(found.rows, self.of_rest)))

    def clauses(self, pairs: Classes) -> Classes:
        """The clauses of each class of pairs."""
        found = merged(pairs)
        return Classes(found.codes, spread(found.rows, self.masks))

    def of_kinds(self, kinds: Iterable[str]) -> Rows:
        """The pairs of each kind."""
        return packed([self.kinds.get(kind, 0) for kind in kinds], words(len(self.masks)))


@dataclass(frozen=True, slots=True)
class Names:
    """The resource elements of a plan, made ready.

    `always` are the clauses that no name can fail: those that cover everything, and those of trust policies,
    which name callers instead, and of `whole`, which are asked name by name; `any_relative` those that take
    any relative part. `loose` are the relative patterns without a kind of their own.
    """

    readings: Readings
    width: int
    always: int
    heads: tuple[PatternIndex, ...]
    empty_region: int
    any_relative: int
    kinded: Relatives
    loose: Relatives
    whole: tuple[WholeResource, ...]

    @classmethod
    def of(cls, plan: Plan, index: ResourceIndex, width: int) -> Names:
        """Files every resource element of a plan; rows have `width` words."""
        found: dict[str, int] = {}
        for resource in plan.parted:
            for relative in resource.relatives:
                bare = relative if relative.strip("*") or not relative else "*"
                found[bare] = found.get(bare, 0) | resource.bits
        any_relative = found.pop("*", 0)
        kinded = {_apart(each): bits for each, bits in found.items() if "/" in literal_prefix(each)}
        loose = {("", each): bits for each, bits in found.items() if "/" not in literal_prefix(each)}
        return cls(
            plan.readings,
            width,
            union(
                plan.everywhere, *(each.bits for each in plan.trusted), *(each.bits for each in plan.whole)
            ),
            index.heads,
            index.empty_region,
            any_relative,
            Relatives.of(kinded, width),
            Relatives.of(loose, width),
            plan.whole,
        )

    def classes(self, names: Values) -> Classes:
        """The class of each name."""
        folded = self.readings.resource_case is Case.FOLDED
        parted = self._parted(arrow.texts(name.lower() for name in arrow.listed(names)) if folded else names)
        return meet(parted, *self._whole(names)) if self.whole else parted

    def _parted(self, names: Values) -> Classes:
        cuts = Cuts.of(names)
        codes, heads, rests = cuts.at(cuts.slashes)
        rest = self.kinded.rest_classes(rests)
        loose = self._loose(cuts)
        codes, (head, place, free) = dense(
            [codes, rest.codes, loose.codes], [len(heads), len(rest.rows), len(loose.rows)]
        )
        kinds = self.kinded.of_kinds(text.split(":", PARTS - 1)[-1] for text in heads)
        pairs = joint([(head, _numbered(kinds)), (place, _numbered(rest.rows))])
        relative = self.kinded.clauses(pairs)
        rows = relative.rows[relative.codes]
        rows |= loose.rows[0] if len(loose.rows) == 1 else loose.rows[free]
        rows &= packed([self._fitting(text) for text in heads], self.width)[head]
        rows |= packed([self.always], self.width)
        return merged(Classes(codes, rows))

    def _loose(self, cuts: Cuts) -> Classes:
        """The clauses that take the whole relative part, or any."""
        free = packed([self.any_relative], self.width)
        if not len(self.loose.masks):
            return one_class(len(cuts.starts), free)
        found = self.loose.rest_classes(cuts.at(cuts.colons)[2])
        relative = self.loose.clauses(found)
        return merged(Classes(relative.codes, relative.rows | free))

    def _fitting(self, head: str) -> int:
        """The clauses whose first four parts fit; a name of fewer parts has an empty head."""
        parts = head.split(":", PARTS - 1)
        found = -1 if len(parts) == PARTS else 0
        for place, (index, part) in enumerate(zip(self.heads, parts, strict=False)):
            matching = index.matching(part)
            if place == REGION and part == "*" and parts[1] in GLOBAL_SERVICES:
                matching |= self.empty_region
            found &= matching
        return found & (1 << WORD * self.width) - 1

    def _whole(self, names: Values) -> Iterator[Classes]:
        """Elements that are asked name by name: negated ones, and those that are one glob by the readings."""
        texts = arrow.listed(names)
        every = (1 << WORD * self.width) - 1
        for each in self.whole:
            covered = (covers_resource(each.covered, text, self.readings) for text in texts)
            codes = np.fromiter(covered, np.int32, len(texts))
            yield Classes(codes, packed([every & ~each.bits, every], self.width))


@dataclass(frozen=True, slots=True)
class Cuts:
    """Names in a buffer of UTF-8, and where each may be cut: behind the fourth colon, and the slash after it.

    A name without such a slash has the colon's place, one without the colon its own beginning.
    """

    starts: Integers
    ends: Integers
    data: pa.Buffer
    colons: Integers
    slashes: Integers

    @classmethod
    def of(cls, names: Values) -> Cuts:
        """Finds the places in all names at once."""
        starts, ends, data, text = arrow.utf8(names)
        colons = _behind(text, COLON, starts, ends, PARTS - 1)
        slashes = _behind(text, SLASH, np.where(colons > starts, colons, ends), ends, 1)
        return cls(starts, ends, data, colons, np.where(slashes > colons, slashes, colons))

    def at(self, cuts: Integers) -> tuple[Integers, list[str], Values]:
        """What stands before the cuts, as codes into a list, and what follows."""
        bounds = np.empty(2 * len(cuts) + 1, dtype=np.int32)
        bounds[0:-1:2], bounds[1::2] = self.starts, cuts
        bounds[-1] = self.ends[-1] if len(cuts) else 0
        found = arrow.pieces(bounds, self.data)
        evens = np.arange(0, 2 * len(cuts), 2, dtype=np.int32)
        codes, heads = arrow.encoded(arrow.taken(found, evens))
        return codes, arrow.listed(heads), arrow.taken(found, evens + 1)


def _behind(text: Bytes, wanted: int, begins: Integers, ends: Integers, nth: int) -> Integers:
    """The place behind the nth such byte of each stretch; its beginning where there are fewer."""
    found = np.append(np.flatnonzero(text == wanted).astype(np.int32), np.iinfo(np.int32).max)
    places = np.minimum(np.searchsorted(found, begins) + (nth - 1), len(found) - 1)
    return np.where(found[places] < ends, found[places] + np.int32(1), begins)


def union(*sets: int) -> int:
    """The members of any of the sets."""
    return reduce(int.__or__, sets, 0)


def _apart(relative: str) -> tuple[str, str]:
    kind, slash, rest = relative.partition("/")
    return kind + slash, rest


def _numbered(rows: Rows) -> Classes:
    """Rows as the classes of their own places."""
    return Classes(np.arange(len(rows), dtype=np.int32), rows)
