"""Which open names a resource pattern covers, as leaves.

A name is `acs:<service>:<region>:<account>:<relative>` with service and account fixed, region and relative
part open. Where a star may cross colons (U-5) a pattern is cut at every place where the fixed parts can lie.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from imagefence.policy.matching import GLOBAL_SERVICES, REGION
from imagefence.policy.names import PARTS, split
from imagefence.policy.pattern import glob
from imagefence.policy.readings import Case, EmptyPart, Readings, Stars
from imagefence.prove.atoms import Pattern
from imagefence.prove.dimensions import Dimension
from imagefence.prove.terms import FALSE, TRUE, Terms

RELATIVE = PARTS - 1


@dataclass(slots=True)
class OpenName:
    """A resource's name; `region` and `relative` are pairs of a dimension's number and the dimension."""

    service: str
    account: str
    region: tuple[int, Dimension]
    relative: tuple[int, Dimension] | str
    terms: Terms
    readings: Readings

    def covered(self, pattern: str) -> int:
        """A literal for: the pattern covers the name."""
        if pattern == "*":
            return TRUE
        folded = self.readings.resource_case is Case.FOLDED
        if self.readings.stars is Stars.ONE_GLOB and pattern.count(":") != RELATIVE:
            return self._across(pattern.lower() if folded else pattern, folded)
        parts = split(pattern)
        if len(parts) != PARTS:
            return FALSE
        return self.terms.all(
            self._part(place, part.lower() if folded else part, folded) for place, part in enumerate(parts)
        )

    def _part(self, place: int, pattern: str, folded: bool) -> int:
        if place == RELATIVE:
            return self._leaf(self.relative, pattern, folded)
        whole = self.readings.stars is Stars.ONE_GLOB
        if not whole and self.readings.empty_part is EmptyPart.ANY and not pattern:
            return TRUE
        if place == REGION:
            if not whole and pattern == "" and self.service in GLOBAL_SERVICES:
                pattern = "\0"  # Why: an empty region covers "" and "*", and the open one is neither.
            return self._leaf(self.region, pattern, folded)
        given = ("acs", self.service, "", self.account)[place]
        return TRUE if glob(pattern)(given) else FALSE

    def _leaf(self, where: tuple[int, Dimension] | str, pattern: str, folded: bool) -> int:
        if isinstance(where, str):
            given = where.lower() if folded else where
            return TRUE if glob(pattern)(given) else FALSE
        if pattern and not pattern.strip("*"):
            return TRUE
        number, dimension = where
        return self.terms.leaf(number, dimension.bit(Pattern(pattern, folded=folded)))

    def _across(self, pattern: str, folded: bool) -> int:
        """One glob over the whole name: it is cut before and after the region, wherever that can be."""
        return self.terms.any(
            self.terms.all((self._leaf(self.region, region, folded), self._leaf(self.relative, rest, folded)))
            for after_head in rests(pattern, f"acs:{self.service}:")
            for region, tail in cuts(after_head)
            for rest in rests(tail, f":{self.account}:")
        )


def rests(pattern: str, text: str) -> frozenset[str]:
    """What can be left of a pattern once it has covered a text."""
    left = frozenset((pattern,))
    for char in text:
        left = frozenset(rest for each in left for rest in _stepped(each, char))
    return left


def _stepped(pattern: str, char: str) -> Iterator[str]:
    if pattern.startswith("*"):
        yield pattern
        yield from _stepped(pattern[1:], char)
    elif pattern and pattern[0] in ("?", char):
        yield pattern[1:]


def cuts(pattern: str) -> Iterator[tuple[str, str]]:
    """Every way to cut a pattern in two; a star at the cut goes on in both."""
    for place in range(len(pattern) + 1):
        yield pattern[:place], pattern[place:]
        if place and pattern[place - 1] == "*":
            yield pattern[:place], pattern[place - 1 :]
