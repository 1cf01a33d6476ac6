"""The whole answer for one member account: holes, uses, readings, and what the answer rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from imagefence.policy.keys import KEYS, KeyOrigin, condition_key
from imagefence.policy.policies import Policies
from imagefence.policy.readings import ALTERNATIVES, DEFAULT, Alternative, Readings
from imagefence.prove.ask import Asked, Passing, answer, policies_of
from imagefence.prove.budget import Budget, Undecided
from imagefence.prove.calls import Tags
from imagefence.prove.queries import ALWAYS, COVERED, TAG_ROADS, Query, askable, holes, uses
from imagefence.scope.roads import table

AS_READ = Alternative("default", "as read by default", "", DEFAULT)
# Why: these two change which refusal is reported, never whether there is one.
REPORTS_ONLY = frozenset({"levels", "resources"})
VENDOR_EXEMPTS = (
    "the management account with its users and roles, the owner (root) of a member account and "
    "service-linked roles: control policies do not bind them"
)
DOCUMENTED = frozenset(name.lower() for name in KEYS)
Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Use:
    """Something that should still work: the request that does it, or why not.

    `only_if` marks a request that passes only where the other resources wear tags as well.
    """

    query: Query
    passing: Passing | None
    only_if: bool = False
    undecided: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """The answers under one reading: requests that get past, uses, and queries that stay open."""

    other: Alternative
    holes: tuple[Passing, ...]
    uses: tuple[Use, ...]
    undecided: tuple[tuple[Query, str], ...]
    queries: int

    @property
    def roads(self) -> tuple[str, ...]:
        """The roads that are open."""
        return tuple(dict.fromkeys(hole.query.road for hole in self.holes))

    @property
    def launches(self) -> bool:
        """True where an instance can be created from an approved image."""
        return any(
            use.passing is not None and "disk" not in use.query.call.action.lower() for use in self.uses
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """The default reading first, then each other one alone; `roads` were asked, `limits` were not."""

    default: Reading
    others: tuple[Reading, ...]
    roads: tuple[str, ...]
    limits: tuple[str, ...]

    @property
    def needed(self) -> tuple[Reading, ...]:
        """The readings under which there are holes that the default has not."""
        known = {hole.query.text for hole in self.default.holes}
        return tuple(
            reading for reading in self.others if {hole.query.text for hole in reading.holes} - known
        )

    @property
    def blocking(self) -> tuple[Reading, ...]:
        """The readings under which no approved image can be launched, though by default it can."""
        return tuple(
            reading
            for reading in self.others
            if self.default.launches and not reading.launches and not reading.undecided
        )

    @property
    def undecided(self) -> tuple[tuple[Reading, Query, str], ...]:
        """Every query that stayed open, with its reading."""
        return tuple(
            (reading, query, why)
            for reading in (self.default, *self.others)
            for query, why in reading.undecided
        )

    @property
    def exit_code(self) -> int:
        """0 proven, 3 a hole or nothing left to launch, 4 not decided."""
        if self.default.holes:
            return 3
        if self.undecided:
            return 4
        return 0 if self.default.launches else 3


def prove(
    asked: Asked, budget: Budget, *, roads: tuple[str, ...] = (), told: Told = lambda _: None
) -> Answer:
    """Asks every query, under the default and under each other reading alone."""
    wanted = (*ALWAYS, *TAG_ROADS, *roads)
    default = under(AS_READ, asked, wanted, budget)
    others = []
    for other in relevant():
        told(other.text)
        others.append(under(other, asked, wanted, budget))
    return Answer(default, tuple(others), wanted, limits(asked, wanted))


def relevant() -> Iterator[Alternative]:
    """The other readings that can change whether a request passes."""
    return (other for other in ALTERNATIVES if other.name.partition("=")[0] not in REPORTS_ONLY)


def under(other: Alternative, asked: Asked, roads: tuple[str, ...], budget: Budget) -> Reading:
    """Asks every query under one reading."""
    found: list[Passing] = []
    undecided: list[tuple[Query, str]] = []
    count = 0
    for query in holes(asked.scope, asked.caller.account, other.readings, asked.now, roads):
        count += 1
        try:
            passing = answer(query, asked, other.readings, budget)
        except Undecided as reason:
            undecided.append((query, str(reason)))
            continue
        if passing is not None:
            found.append(passing)
    used = tuple(_used(asked, other.readings, budget))
    undecided += [(use.query, use.undecided) for use in used if use.undecided]
    return Reading(other, tuple(found), used, tuple(undecided), count + len(used))


def _used(asked: Asked, readings: Readings, budget: Budget) -> Iterator[Use]:
    for query in uses(asked.scope, asked.caller.account, readings, asked.now):
        try:
            passing = answer(query, asked, readings, budget)
            if passing is not None:
                yield Use(query, passing)
                continue
            tagged = answer(_with_tags(query), asked, readings, budget)
            yield Use(query, tagged, only_if=tagged is not None)
        except Undecided as reason:
            yield Use(query, None, undecided=str(reason))


def _with_tags(query: Query) -> Query:
    """The same use where the other resources may wear tags."""
    parts = tuple(
        part if place == query.image else replace(part, tags=Tags.FREE)
        for place, part in enumerate(query.call.parts)
    )
    return replace(query, call=replace(query.call, parts=parts))


def limits(asked: Asked, roads: tuple[str, ...]) -> tuple[str, ...]:
    """What the answer does not cover or takes for granted, each in a sentence."""
    known = {*roads, *ALWAYS, *TAG_ROADS, *COVERED, "exempt-callers"}
    unasked = [road.name for road in askable() if road.name not in roads]
    unmodelled = [road.name for road in table() if road.name not in {*known, *unasked}]
    found = [
        f"callers that the vendor exempts: {VENDOR_EXEMPTS}",
        f"roads not modelled: {', '.join(unmodelled)}",
        "launch templates and image families: taken to ask for the image they resolve to, as no page says",
        "readings: the default and each other one alone; several changed at once are not covered",
        f"the account: {asked.caller.account} stands for every account that no policy names",
    ]
    if unasked:
        found.insert(2, f"roads not asked: {', '.join(unasked)} (ask by --road)")
    free = sorted(free_keys(asked.policies))
    if free:
        found.append(f"keys taken as free, absent or with any value: {', '.join(free)}")
    return tuple(found)


def free_keys(policies: Policies) -> frozenset[str]:
    """The condition keys in use whose presence no page settles for these operations."""
    found = set()
    for policy in policies_of(policies):
        for statement in policy.document.statements:
            for test in statement.conditions:
                key = condition_key(test.key)
                settled = key.name in ("acs:currenttime", "acs:securetransport")
                documented = any(key.name == name.lower() for name in KEYS) and not key.name.startswith(
                    "acs:"
                )
                if key.origin is KeyOrigin.CONTEXT and not settled and not documented:
                    found.add(test.key)
    return frozenset(found)
