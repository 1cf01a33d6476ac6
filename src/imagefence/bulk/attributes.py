"""What the policies see of an event: for each attribute, the clauses that each of its values lets through.

The clauses come from the indexes of the compiled engine, asked once for every distinct value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from imagefence.bulk.classes import Classes, Codes, Rows, dense, packed, words
from imagefence.bulk.columns import Column
from imagefence.bulk.events import NOBODY, OF_CALLER, Events
from imagefence.bulk.names import Names
from imagefence.compiled.conditions import KeyIndex
from imagefence.compiled.engine import Compiled
from imagefence.policy.asking import asked, seen_tags
from imagefence.policy.authorize import unbound
from imagefence.policy.keys import KeyOrigin, condition_key
from imagefence.policy.question import Facts, Question
from imagefence.policy.readings import ForeignImage, Readings, SharedTags
from imagefence.policy.request import Context, Principal, PrincipalKind, Request, Resource

JUDGED = frozenset({PrincipalKind.USER, PrincipalKind.ROLE, PrincipalKind.SERVICE_LINKED_ROLE})
ANYTHING = Resource("*")
IMAGE = Resource("acs:ecs:cn:0:image/m", {"of": "image"})
DISK = Resource("acs:ecs:cn:0:disk/d", {"of": "disk"})
PROBE = Request(NOBODY, "", (DISK, IMAGE), Context({"acs:RequestTag/of": ("call",)}))


@dataclass(frozen=True, slots=True)
class Attribute:
    """Event n has value `places[n]`; `sure` has the classes of values, `may` their rows with open tests."""

    places: Codes
    sure: Classes
    may: Rows | None = None

    def classes(self, *, is_open: bool) -> Classes:
        """The classes; where any attribute is open, sure and open members side by side."""
        if not is_open:
            return self.sure
        may = self.sure.rows if self.may is None else self.may
        return Classes(self.sure.codes, np.hstack([self.sure.rows, may]))


@dataclass(frozen=True, slots=True)
class Attributes:
    """The attributes that a plan asks about. Above the clauses, a row has two flags.

    `bound` is there unless the caller stands outside control policies; `plain` unless the event must be
    decided by itself, because more is asked than one action on one resource by a user or role.
    """

    compiled: Compiled
    width: int
    bound: int
    plain: int
    names: Names

    @classmethod
    def of(cls, compiled: Compiled) -> Attributes:
        """Makes the names ready; everything else is in the indexes already."""
        clauses = len(compiled.plan.clauses)
        width = words(clauses + 2)
        names = Names.of(compiled.plan, compiled.indexes.resources, width)
        return cls(compiled, width, 1 << clauses, 1 << clauses + 1, names)

    @property
    def flags(self) -> tuple[int, int]:
        """The two flags, as sets."""
        return self.bound, self.plain

    @property
    def readings(self) -> Readings:
        """The readings under which the policies were compiled."""
        return self.compiled.plan.readings

    def of_events(self, events: Events) -> list[Attribute]:
        """Action, name and all else, in this order."""
        found = [self._action(events.reserved["action"]), self._name(events.reserved["resource"])]
        found.append(self._caller(events))
        found += [self._unusual(events.reserved[name]) for name in self._special() if name in events.reserved]
        found += [self._key(key, events) for key in self.compiled.indexes.keys]
        return found

    def _action(self, column: Column) -> Attribute:
        def covering(action: str | None) -> int:
            if action is None or self._asks_otherwise(action):
                return 0
            return self.compiled.indexes.covering(action).bits | self.bound | self.plain

        return self._of_values(column.codes, [covering(action) for action in column.listed()])

    def _asks_otherwise(self, action: str) -> bool:
        """Tells whether a call of this action asks something else, or sees other tags, than it says."""
        probe = replace(PROBE, action=action)
        if self.compiled.indexes.covering(action).special or asked(probe, self.readings) != (probe,):
            return True
        return seen_tags(probe, DISK, self.readings) is not DISK.tags

    def _name(self, column: Column) -> Attribute:
        """A row without a name asks for what isn't known; it has the last class."""
        found = self.names.classes(column.array)
        flags = packed([self.bound | self.plain, 0], self.width)
        codes = np.append(found.codes, np.int32(len(found.rows)))
        return Attribute(column.codes, Classes(codes, np.vstack([found.rows | flags[0], flags[1]])))

    def _caller(self, events: Events) -> Attribute:
        places, each = distinct_events(events, OF_CALLER)
        return self._of_values(places, [self._flags_of(each.principal(row)) for row in range(each.rows)])

    def _flags_of(self, caller: Principal) -> int:
        if caller.kind not in JUDGED:
            return 0
        question = Question(caller, "", ANYTHING, ANYTHING.tags, Facts({}, frozenset()), self.readings)
        return self._all(bound=not unbound(question))

    def _special(self) -> Iterator[str]:
        """The columns whose values some readings heed: who owns an image, and the tags that its owner set."""
        if self.readings.foreign_image is ForeignImage.OWNERS:
            yield "owner"
        if self.readings.shared_tags is not SharedTags.NONE:
            yield from ("owner_tags", "receiver_tags")

    def _unusual(self, column: Column) -> Attribute:
        everything = self._all(bound=True)
        return self._of_values(column.codes, [everything if each is None else 0 for each in column.listed()])

    def _key(self, key: KeyIndex, events: Events) -> Attribute:
        places, each = distinct_events(events, feeding(key.text, events))
        of_caller = condition_key(key.text).origin is KeyOrigin.PRINCIPAL
        flags = self.bound | self.plain
        judged = [
            key.judge(self._question(each, row, of_caller).values(key.text)) for row in range(each.rows)
        ]
        found = self._of_values(places, [sure | flags for sure, _ in judged])
        if not any(open_bits for _, open_bits in judged):
            return found
        return replace(
            found, may=packed([sure | open_bits | flags for sure, open_bits in judged], self.width)
        )

    def _question(self, events: Events, row: int, of_caller: bool) -> Question:
        caller = events.principal(row) if of_caller else NOBODY
        target = replace(ANYTHING, new=events.new(row))
        facts = Facts.of(Request(caller, "", (), events.context(row)))
        return Question(caller, "", target, events.tags_of(row), facts, self.readings)

    def _all(self, *, bound: bool) -> int:
        everything = (self.plain << 1) - 1
        return everything if bound else everything & ~self.bound

    def _of_values(self, places: Codes, sets: Sequence[int]) -> Attribute:
        return Attribute(places, Classes(np.arange(len(sets), dtype=np.int32), packed(sets, self.width)))


def asked_about(compiled: Compiled, names: Iterable[str]) -> list[str]:
    """Those of the names that are condition keys which the policies may read, under any reading."""
    keys = [condition_key(key.text) for key in compiled.indexes.keys]
    wanted = {key.name for key in keys if key.origin is KeyOrigin.CONTEXT}
    tags = {cut.lower() for key in keys for cut in (key.tag, key.tag.partition("/")[0]) if cut}
    found = [(name, condition_key(name)) for name in names]
    return [name for name, key in found if key.name in wanted or (key.tag and key.tag.lower() in tags)]


def feeding(text: str, events: Events) -> frozenset[str]:
    """The columns from which the values of a condition key may be read, under any reading."""
    key = condition_key(text)
    found = {"unknown"}
    if key.origin is KeyOrigin.PRINCIPAL:
        return frozenset(found | OF_CALLER)
    if key.origin is KeyOrigin.CONTEXT:
        return frozenset(found.union(name for name in events.keys if condition_key(name).name == key.name))
    tags = {key.tag.lower(), key.tag.partition("/")[0].lower()}
    if key.origin is not KeyOrigin.REQUEST_TAG:
        found.add("tags_unknown")
        found.update(column.name for tag, column in events.tags.items() if tag.lower() in tags)
    if key.origin is not KeyOrigin.RESOURCE_TAG:
        found.add("new")
        found.update(name for name in events.keys if condition_key(name).tag.lower() in tags)
    return frozenset(found)


def distinct_events(events: Events, names: Iterable[str]) -> tuple[Codes, Events]:
    """The events as these columns tell them apart: each with its place, and one event for each place."""
    told = events.only(frozenset(names))
    found = told.all_columns()
    if not found:
        return np.zeros(events.rows, dtype=np.int32), replace(told, rows=1)
    if len(found) == 1:
        places, codes = found[0].codes, [np.arange(found[0].size, dtype=np.int32)]
    else:
        places, codes = dense([column.codes for column in found], [column.size for column in found])
    shorter = {column.name: replace(column, codes=each) for column, each in zip(found, codes, strict=True)}
    return places, told.replaced(shorter, len(codes[0]))
