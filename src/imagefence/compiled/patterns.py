"""An index over glob patterns: for a text, the bits of all patterns that match it.

Patterns are kept by kind, so that a text costs a few dictionary lookups however many there are: whole texts,
prefixes by length, and behind a prefix (which may be empty) suffixes by length. Only what is left, a pattern
with a `?` or with a star on both sides of a piece, is matched one by one, once its prefix fits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from imagefence.policy.pattern import glob

Filed = Iterable[tuple[str, int]]  # texts or patterns with their bits; the same may come twice
Lengths = tuple[int, ...]  # longest first


@dataclass(frozen=True, slots=True)
class Tail:
    """The patterns behind one prefix that ask more of the rest than to be there."""

    suffixes: dict[str, int]
    lengths: Lengths
    general: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, patterns: Filed) -> Tail:
        """Files patterns that start with a wildcard and are more than stars."""
        suffixes: dict[str, int] = defaultdict(int)
        general: dict[str, int] = defaultdict(int)
        for pattern, bits in patterns:
            suffix = pattern.lstrip("*")
            plain = "*" not in suffix and "?" not in suffix
            (suffixes if plain else general)[suffix if plain else pattern] |= bits
        return cls(*_nested(suffixes, _ending), tuple(general.items()))

    def matching(self, rest: str) -> int:
        """The bits of the patterns that match what follows the prefix."""
        found = 0
        for length in self.lengths:
            # Why: a rest shorter than `length` is looked up whole, and ends in itself.
            bits = self.suffixes.get(rest[-length:])
            if bits is not None:
                found = bits
                break
        for pattern, bits in self.general:
            if glob(pattern)(rest):
                found |= bits
        return found


@dataclass(frozen=True, slots=True)
class PatternIndex:
    """Patterns with their bits; `always` are those of the patterns that match any text.

    The bits of a prefix include those of the shorter prefixes it begins with, so that the longest that fits
    stands for all; so with suffixes.
    """

    always: int
    exact: dict[str, int]
    prefixes: dict[str, int]
    lengths: Lengths
    tails: dict[str, Tail]
    tail_lengths: Lengths

    @classmethod
    def of(cls, patterns: Filed = (), texts: Filed = ()) -> PatternIndex:
        """Files patterns, and texts in which a star is plain."""
        always = 0
        exact: dict[str, int] = defaultdict(int)
        prefixes: dict[str, int] = defaultdict(int)
        tails: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for text, bits in texts:
            exact[text] |= bits
        for pattern, bits in patterns:
            prefix = literal_prefix(pattern)
            rest = pattern[len(prefix) :]
            if not rest:
                exact[prefix] |= bits
            elif rest.strip("*"):
                tails[prefix].append((rest, bits))
            elif prefix:
                prefixes[prefix] |= bits
            else:
                always |= bits
        behind = {prefix: Tail.of(rests) for prefix, rests in tails.items()}
        return cls(always, dict(exact), *_nested(prefixes, _beginning), behind, _lengths(behind))

    def matching(self, text: str) -> int:
        """The bits of the patterns that match."""
        found = self.always | self.exact.get(text, 0)
        for length in self.lengths:
            bits = self.prefixes.get(text[:length])
            if bits is not None:
                found |= bits
                break
        for length in self.tail_lengths:
            tail = self.tails.get(text[:length])
            if tail is not None:
                found |= tail.matching(text[length:])
        return found


def literal_prefix(pattern: str) -> str:
    """What stands before the first wildcard."""
    star, mark = pattern.find("*"), pattern.find("?")
    ends = [place for place in (star, mark) if place >= 0]
    return pattern[: min(ends)] if ends else pattern


def _nested(bits_of: dict[str, int], cut: Callable[[str, int], str]) -> tuple[dict[str, int], Lengths]:
    """Adds to each text the bits of the longest other that it begins (or ends) with, shortest first."""
    lengths = _lengths(bits_of)
    nested: dict[str, int] = {}
    for text in sorted(bits_of, key=len):
        shorter = (cut(text, length) for length in lengths if length < len(text))
        within = next((part for part in shorter if part in nested), None)
        nested[text] = bits_of[text] | (nested[within] if within is not None else 0)
    return nested, lengths


def _lengths(texts: Iterable[str]) -> Lengths:
    return tuple(sorted({len(text) for text in texts}, reverse=True))


def _beginning(text: str, length: int) -> str:
    return text[:length]


def _ending(text: str, length: int) -> str:
    return text[-length:]
