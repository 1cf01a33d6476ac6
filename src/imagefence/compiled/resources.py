"""An index over resource patterns: for a name, the clauses whose Resource covers it.

The rules are those of policy/matching.py. A name is read in two strokes: what stands before its first slash
(service, region, account and the kind of the resource) takes few values and is remembered; what follows is
looked up among the patterns of that kind.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from imagefence.compiled.patterns import PatternIndex, literal_prefix
from imagefence.compiled.plan import Plan, WholeResource, union
from imagefence.compiled.recent import Recent
from imagefence.policy.matching import GLOBAL_SERVICES, REGION, covers_resource
from imagefence.policy.names import PARTS
from imagefence.policy.readings import Case, EmptyPart, Readings

REMEMBERED = 4096
NAMES_REMEMBERED = 2048
LONGEST_REMEMBERED = 256  # characters
Opened = tuple[int, PatternIndex]  # the clauses whose first four parts fit, and the patterns of the kind


@dataclass(frozen=True, slots=True)
class ResourceIndex:
    """The resource patterns of a plan by part.

    `everywhere` are the clauses that cover every name; `heads` the patterns of the first four parts, and
    `empty_region` the clauses whose region is empty. `kinds` holds the relative patterns that spell out a
    kind and its slash, by what follows them; `no_kind` those that are stars alone, which `kinds` repeats;
    `loose` all others, with `loose_bits`. `whole` are matched one by one.
    """

    readings: Readings
    folded: bool
    everywhere: int
    heads: tuple[PatternIndex, ...]
    empty_region: int
    kinds: dict[str, PatternIndex]
    no_kind: PatternIndex
    loose: PatternIndex
    loose_bits: int
    whole: tuple[WholeResource, ...]
    opened: Recent[str, Opened] = field(default_factory=lambda: Recent(REMEMBERED))
    fitting: Recent[tuple[str, ...], int] = field(default_factory=lambda: Recent(REMEMBERED))
    named: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, plan: Plan) -> ResourceIndex:
        """Files every resource pattern of a plan."""
        any_kind, kinds, loose = _relatives(plan)
        always = ("*", any_kind | plan.everywhere)
        return cls(
            plan.readings,
            plan.readings.resource_case is Case.FOLDED,
            plan.everywhere,
            tuple(PatternIndex.of(_heads(plan, place)) for place in range(PARTS - 1)),
            union(each.bits for each in plan.parted if not each.head[REGION]),
            {kind: PatternIndex.of([*patterns, always]) for kind, patterns in kinds.items()},
            PatternIndex.of([always]),
            PatternIndex.of(loose),
            union(bits for _, bits in loose),
            plan.whole,
        )

    def covering(self, name: str, wanted: int) -> int:
        """Those of the wanted clauses whose Resource covers the name; a trust policy's never do."""
        covering = self.named.get(name)
        if covering is None:
            covering = self._patterns_covering(name)
            if len(self.named) >= NAMES_REMEMBERED:
                self.named.clear()
            if len(name) <= LONGEST_REMEMBERED:
                self.named[name] = covering
        found = wanted & covering
        for each in self.whole:
            if each.bits & wanted and covers_resource(each.covered, name, self.readings):
                found |= each.bits & wanted
        return found

    def _patterns_covering(self, name: str) -> int:
        """The clauses whose patterns cover a name."""
        given = name.lower() if self.folded else name
        before, slash, after = given.partition("/")
        opened = (self.opened.young.get(before) or self._open(before)) if slash else None
        if opened is None:
            return self._unopened(given)
        covering = opened[0] & opened[1].matching(after)
        if self.loose_bits:
            covering |= opened[0] & self.loose.matching(given.split(":", PARTS - 1)[-1])
        return covering

    def _open(self, before: str) -> Opened | None:
        """Reads what stands before the first slash; None where the slash is not in the fifth part."""
        known = self.opened.get(before)
        if known is not None:
            return known
        parts = before.split(":", PARTS - 1)
        if len(parts) != PARTS:
            return None
        opened = self._fitting(parts), self.kinds.get(parts[-1], self.no_kind)
        return opened if len(before) > LONGEST_REMEMBERED else self.opened.put(before, opened)

    def _unopened(self, given: str) -> int:
        """Matches a name without a slash, or with one before its fifth part, or of other than five parts."""
        parts = given.split(":", PARTS - 1)
        if len(parts) != PARTS:
            return self.everywhere
        kind, slash, after = parts[-1].partition("/")
        found = self.kinds.get(kind, self.no_kind).matching(after) if slash else self.no_kind.always
        return self._fitting(parts) & (found | self.loose.matching(parts[-1]))

    def _fitting(self, parts: list[str]) -> int:
        """The clauses whose first four parts fit those of a name."""
        head = tuple(parts[:-1])
        known = self.fitting.get(head)
        if known is not None:
            return known
        fitting = -1
        for place, patterns in enumerate(self.heads):
            matching = patterns.matching(parts[place])
            if place == REGION and parts[place] == "*" and parts[1] in GLOBAL_SERVICES:
                matching |= self.empty_region
            fitting &= matching
        fitting |= self.everywhere
        return fitting if sum(map(len, head)) > LONGEST_REMEMBERED else self.fitting.put(head, fitting)


def _heads(plan: Plan, place: int) -> Iterator[tuple[str, int]]:
    """The patterns of one of the first four parts."""
    for resource in plan.parted:
        part = resource.head[place]
        any_part = not part and plan.readings.empty_part is EmptyPart.ANY
        yield "*" if any_part else part, resource.bits


def _relatives(plan: Plan) -> tuple[int, dict[str, list[tuple[str, int]]], list[tuple[str, int]]]:
    """The relative patterns: the clauses of those that are stars alone, those by kind, and the others."""
    any_kind = 0
    kinds: dict[str, list[tuple[str, int]]] = defaultdict(list)
    loose: list[tuple[str, int]] = []
    for resource in plan.parted:
        for relative in resource.relatives:
            kind, _, after = relative.partition("/")
            if relative and not relative.strip("*"):
                any_kind |= resource.bits
            elif "/" in literal_prefix(relative):
                kinds[kind].append((after, resource.bits))
            else:
                loose.append((relative, resource.bits))
    return any_kind, kinds, loose
