"""An index over glob patterns: for a text, the bits of all patterns that match it.

Patterns are kept by kind, so that a text costs a few dictionary lookups however many there are: whole texts,
prefixes by length, and behind a prefix (which may be empty) suffixes by length. Only what is left, a pattern
with a `?` or with a star on both sides of a piece, is matched one by one, once its prefix fits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from imagefence.policy.pattern import glob


@dataclass(slots=True)
class Tail:
    """The patterns behind one prefix that ask more of the rest than to be there."""

    suffixes: dict[str, int] = field(default_factory=dict)
    lengths: tuple[int, ...] = ()
    general: list[tuple[str, int]] = field(default_factory=list)

    def matching(self, rest: str) -> int:
        """The bits of the patterns that match what follows the prefix."""
        found = 0
        for length in self.lengths:
            # Why: a rest shorter than `length` is looked up whole, and ends in itself.
            found |= self.suffixes.get(rest[-length:], 0)
        for pattern, bits in self.general:
            if glob(pattern)(rest):
                found |= bits
        return found

    def add(self, pattern: str, bits: int) -> None:
        """Files a pattern that starts with a wildcard and is more than stars."""
        suffix = pattern.lstrip("*")
        if pattern[0] == "*" and "*" not in suffix and "?" not in suffix:
            _put(self.suffixes, suffix, bits)
            self.lengths = tuple(sorted({*self.lengths, len(suffix)}))
        else:
            self.general.append((pattern, bits))


@dataclass(slots=True)
class PatternIndex:
    """Patterns with their bits; `always` are those of the patterns that match any text."""

    always: int = 0
    exact: dict[str, int] = field(default_factory=dict)
    prefixes: dict[str, int] = field(default_factory=dict)
    lengths: tuple[int, ...] = ()
    tails: dict[str, Tail] = field(default_factory=dict)
    tail_lengths: tuple[int, ...] = ()

    @classmethod
    def of(cls, patterns: Iterable[tuple[str, int]]) -> PatternIndex:
        """Files each pattern under its bits."""
        index = cls()
        for pattern, bits in patterns:
            index.add(pattern, bits)
        return index

    def matching(self, text: str) -> int:
        """The bits of the patterns that match."""
        found = self.always | self.exact.get(text, 0)
        for length in self.lengths:
            found |= self.prefixes.get(text[:length], 0)
        for length in self.tail_lengths:
            tail = self.tails.get(text[:length])
            if tail is not None:
                found |= tail.matching(text[length:])
        return found

    def add(self, pattern: str, bits: int) -> None:
        """Files one more pattern."""
        prefix = literal_prefix(pattern)
        rest = pattern[len(prefix) :]
        if not rest:
            self.add_text(prefix, bits)
        elif rest.strip("*"):
            self.tails.setdefault(prefix, Tail()).add(rest, bits)
            self.tail_lengths = _with(self.tail_lengths, len(prefix))
        elif prefix:
            _put(self.prefixes, prefix, bits)
            self.lengths = _with(self.lengths, len(prefix))
        else:
            self.always |= bits

    def add_text(self, text: str, bits: int) -> None:
        """Files a text in which a star is plain."""
        _put(self.exact, text, bits)


def literal_prefix(pattern: str) -> str:
    """What stands before the first wildcard."""
    star, mark = pattern.find("*"), pattern.find("?")
    ends = [place for place in (star, mark) if place >= 0]
    return pattern[: min(ends)] if ends else pattern


def _put(bits_of: dict[str, int], text: str, bits: int) -> None:
    bits_of[text] = bits_of.get(text, 0) | bits


def _with(lengths: tuple[int, ...], length: int) -> tuple[int, ...]:
    return lengths if length in lengths else tuple(sorted((*lengths, length)))
