"""Many patterns against many different texts: for each text the set of patterns that match it.

Patterns are sorted by kind: without a star (looked up by hash), with one star (the longest known beginning
and ending of each text, looked up by length), and the rest, tried on the texts whose beginning and ending
fit. The meaning of `*` and `?` is that of policy.pattern.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from imagefence.bulk import arrow
from imagefence.bulk.arrow import Values
from imagefence.bulk.classes import Bools, Classes, Codes, Rows, meet, merged, one_class, packed, words
from imagefence.policy.pattern import glob

GENERAL_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Affixes:
    """Beginnings (or endings) by length in bytes, each with its class; class 0 has none of them."""

    by_length: tuple[tuple[int, Values, Codes], ...]
    rows: Rows
    ending: bool

    def classes(self, texts: Values) -> Classes:
        """The class of each text is its longest known beginning (ending)."""
        codes = np.zeros(len(texts), dtype=np.int32)
        for length, wanted, numbers in self.by_length:
            cut = pc.binary_slice(texts, -length, None) if self.ending else pc.binary_slice(texts, 0, length)
            found = arrow.places(cut, wanted)
            codes = np.where(found >= 0, numbers[found], codes)
        return Classes(codes, self.rows)


@dataclass(frozen=True, slots=True)
class Globs:
    """Patterns made ready; bit i of a row is pattern i."""

    patterns: tuple[str, ...]
    literals: Values
    literal_rows: Rows
    heads: Affixes
    tails: Affixes
    least: tuple[int, ...]
    least_rows: Rows
    general: tuple[int, ...]

    @property
    def width(self) -> int:
        """Words of a row."""
        return words(len(self.patterns))

    def classes(self, texts: Values) -> Classes:
        """Matches every text (a string array without nulls)."""
        raw = texts.cast(pa.binary())
        found = one_class(len(texts), packed([(1 << len(self.patterns)) - 1], self.width))
        for part in self._parts(raw):
            found = meet(found, part)
        for start in range(0, len(self.general), GENERAL_AT_ONCE):
            found = _refined(self, found, texts, self.general[start : start + GENERAL_AT_ONCE])
        return merged(found)

    def _parts(self, raw: Values) -> Iterable[Classes]:
        if len(self.literals):
            yield Classes(arrow.places(raw, self.literals) + np.int32(1), self.literal_rows)
        for affixes in (self.heads, self.tails):
            if affixes.by_length:
                yield affixes.classes(raw)
        if self.least and len(raw):
            lengths = arrow.lengths(raw)
            if lengths.min() < self.least[-1]:
                codes = np.searchsorted(self.least, lengths, side="right").astype(np.int32)
                yield Classes(codes, self.least_rows)


def globs(patterns: Sequence[str]) -> Globs:
    """Makes patterns ready, which must be different from one another."""
    bare = [re.sub(r"\*+", "*", pattern) for pattern in patterns]
    literal = [place for place, text in enumerate(bare) if "*" not in text and "?" not in text]
    starred = [place for place in range(len(bare)) if place not in set(literal)]
    heads = {place: _raw(re.split(r"[*?]", bare[place], maxsplit=1)[0]) for place in starred}
    tails = {place: _raw(re.split(r"[*?]", bare[place])[-1]) for place in starred}
    general = tuple(place for place in starred if bare[place].count("*") != 1 or "?" in bare[place])
    every, width = (1 << len(bare)) - 1, words(len(bare))
    free = every & ~_mask(literal)
    split = [place for place in starred if heads[place] and tails[place] and place not in set(general)]
    both = {place: len(heads[place]) + len(tails[place]) for place in split}
    least = sorted(set(both.values()))
    return Globs(
        patterns=tuple(patterns),
        literals=pa.array([_raw(bare[place]) for place in literal], pa.binary()),
        literal_rows=packed([free, *(free | 1 << place for place in literal)], width),
        heads=_affixes(heads, every, width, ending=False),
        tails=_affixes(tails, every, width, ending=True),
        least=tuple(least),
        least_rows=packed([_reached(both, length, every) for length in (0, *least)], width),
        general=general,
    )


def _raw(text: str) -> bytes:
    # Why: a lone surrogate in a pattern has no UTF-8, so that it can match no text; these bytes don't either.
    return text.encode("utf-8", "surrogatepass")


def _mask(places_: Iterable[int]) -> int:
    mask = 0
    for place in places_:
        mask |= 1 << place
    return mask


def _reached(both: dict[int, int], length: int, every: int) -> int:
    """The patterns whose beginning and ending together fit into a text of this length."""
    return every & ~_mask(place for place, needed in both.items() if needed > length)


def _affixes(wanted: dict[int, bytes], every: int, width: int, *, ending: bool) -> Affixes:
    holders: defaultdict[bytes, int] = defaultdict(int)
    for place, affix in wanted.items():
        if affix:
            holders[affix] |= 1 << place
    free = every & ~_mask(place for place, affix in wanted.items() if affix)
    lengths = sorted({len(affix) for affix in holders})
    by_length, sets = [], [free]
    for length in lengths:
        found = [affix for affix in holders if len(affix) == length]
        numbers = np.arange(len(sets), len(sets) + len(found), dtype=np.int32)
        by_length.append((length, pa.array(found, pa.binary()), numbers))
        sets += [free | _chain(affix, lengths, holders, ending=ending) for affix in found]
    return Affixes(tuple(by_length), packed(sets, width), ending)


def _chain(affix: bytes, lengths: list[int], holders: dict[bytes, int], *, ending: bool) -> int:
    """The patterns of an affix and of all shorter ones that it holds."""
    cuts = (affix[-length:] if ending else affix[:length] for length in lengths if length <= len(affix))
    mask = 0
    for cut in cuts:
        mask |= holders.get(cut, 0)
    return mask


def _refined(wanted: Globs, found: Classes, texts: Values, general: tuple[int, ...]) -> Classes:
    """Tries some patterns on the texts that may match them, and takes out what does not match."""
    missed = np.zeros(len(texts), dtype=np.int32)
    for order, place in enumerate(general):
        may = _holds(found, place)
        candidates = np.flatnonzero(may)
        if len(candidates):
            fails = ~_matches(wanted.patterns[place], arrow.taken(texts, candidates))
            missed[candidates[fails]] |= 1 << order
    every = (1 << len(wanted.patterns)) - 1
    sums, codes = np.unique(missed, return_inverse=True)
    rows = packed([every & ~_mask(_chosen(general, int(each))) for each in sums], wanted.width)
    return meet(found, Classes(codes.astype(np.int32), rows))


def _chosen(general: tuple[int, ...], bits: int) -> Iterable[int]:
    return (place for order, place in enumerate(general) if bits >> order & 1)


def _holds(found: Classes, place: int) -> Bools:
    words_ = found.rows[:, place // 64] >> np.uint64(place % 64)
    return (words_ & np.uint64(1)).astype(np.bool_)[found.codes]


def _matches(pattern: str, texts: Values) -> Bools:
    """One pattern on many texts: by Arrow's linear-time expressions, one by one where they refuse it."""
    try:
        found: Bools = pc.match_substring_regex(texts, pattern=_expression(pattern)).to_numpy(
            zero_copy_only=False
        )
    except (pa.ArrowInvalid, UnicodeEncodeError):
        accepts: Callable[[str], bool] = glob(pattern)
        found = np.fromiter((accepts(text) for text in arrow.listed(texts)), np.bool_, len(texts))
    return found


def _expression(pattern: str) -> str:
    pieces = {"*": ".*", "?": "."}
    return "(?s)\\A" + "".join(pieces.get(char) or re.escape(char) for char in pattern) + "\\z"
