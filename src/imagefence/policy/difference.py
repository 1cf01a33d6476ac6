"""What one set of policies newly allows and newly denies against another, as far as evaluation can tell.

The method. A difference can only show where a statement that not both sides hold covers the action and the
resource. From the patterns of both sides come representative actions, from those that go with an action
representative resources, and from the conditions of the statements that cover both the values that they
tell apart: every combination, or where there are more than CONTEXTS of them each statement's own, each of
its values changed alone, and those of two statements together. Both sides decide every such request by
`authorize`. Where no difference shows that is no proof: a kind of request may be missing, and a call may
authorise several resources at once. Where the two sides hold the same statements there can be none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, product
from math import prod

from imagefence.policy.authorize import authorize
from imagefence.policy.decision import Decision
from imagefence.policy.document import Statement
from imagefence.policy.keys import KeyOrigin
from imagefence.policy.matching import covers_action, covers_resource
from imagefence.policy.policies import AttachedPolicy, Policies
from imagefence.policy.readings import DEFAULT, Readings
from imagefence.policy.representatives import (
    CALLER,
    Axis,
    Choice,
    Representative,
    Subject,
    actions,
    axes,
    resources,
)
from imagefence.policy.request import Context, Request, Resource

REQUESTS = 20_000
CONTEXTS = 256
Setting = tuple[tuple[Subject, Choice], ...]


@dataclass(frozen=True, slots=True)
class Example:
    """A request, and what both sides decide."""

    request: Request
    before: Decision
    after: Decision


@dataclass(frozen=True, slots=True)
class Group:
    """Requests that differ alike: any of the actions on any of the resources under any of the settings.

    A setting is what must be so of the caller, the tags and the keys; an empty one holds always.
    """

    actions: tuple[Representative, ...]
    resources: tuple[Representative, ...]
    settings: tuple[Setting, ...]
    example: Example


@dataclass(frozen=True, slots=True)
class Difference:
    """What the second side newly allows and newly denies.

    `tried` counts the requests that both sides decided; `cut` tells that there would have been more;
    `same` that both sides hold the same statements, so that there can be no difference.
    """

    allowed: tuple[Group, ...] = ()
    denied: tuple[Group, ...] = ()
    tried: int = 0
    cut: bool = False
    same: bool = False


@dataclass(frozen=True, slots=True)
class _Pair:
    """An action on a resource: its settings, and for each of those that differ the example."""

    action: Representative
    resource: Representative
    settings: tuple[Setting, ...]
    found: Mapping[Setting, Example]

    def narrowed(self, *, allows: bool) -> tuple[Setting, ...]:
        """The settings that differ one way, without the subjects that make no difference to it."""
        here = {setting for setting, each in self.found.items() if each.after.allowed is allows}
        others = [setting for setting in self.settings if setting not in here]
        kept = [subject for subject, _ in self.settings[0]]
        for subject in tuple(kept):
            fewer = [each for each in kept if each != subject]
            if not _projected(here, fewer) & _projected(others, fewer):
                kept = fewer
        return tuple(sorted(_projected(here, kept), key=_size))

    def example(self, *, allows: bool) -> Example:
        """The differing request with the fewest values set."""
        one_way = {setting: each for setting, each in self.found.items() if each.after.allowed is allows}
        return one_way[min(one_way, key=_size)]


def difference(
    before: Policies,
    after: Policies,
    *,
    readings: Readings = DEFAULT,
    operations: Iterable[str] = (),
    limit: int = REQUESTS,
) -> Difference:
    """Compares two sides; `operations` are known actions, which make the better examples."""
    changed = _changed(before, after)
    if not changed:
        return Difference(same=True)
    trial = _Trial(before, after, readings, changed, limit)
    pairs = tuple(trial.pairs(tuple(operations)))
    return Difference(
        _groups(pairs, allows=True), _groups(pairs, allows=False), limit - trial.left, trial.cut
    )


class _Trial:
    """Both sides deciding requests, as many as are left."""

    def __init__(
        self,
        before: Policies,
        after: Policies,
        readings: Readings,
        changed: tuple[Statement, ...],
        limit: int,
    ) -> None:
        self.before, self.after, self.readings = before, after, readings
        self.changed = changed
        held = [statement for side in (before, after) for _, statement in _statements(side)]
        # Why: in an order that does not know the sides, so that the other way round finds the same requests.
        held.sort(key=lambda each: (each.index, repr(_bare(each))))
        self.statements = tuple(dict.fromkeys(map(_bare, held)))
        self.left = limit
        self.cut = False

    def pairs(self, operations: tuple[str, ...]) -> Iterator[_Pair]:
        """Every action with every resource that goes with it, where they differ."""
        for action in actions(self.statements, operations, self.readings):
            if not any(covers_action(each.actions, action.value, self.readings) for each in self.changed):
                continue
            for resource in resources(action.value, self.statements, self.readings):
                pair = self._tried(action, resource)
                if pair is not None:
                    yield pair

    def _tried(self, action: Representative, resource: Representative) -> _Pair | None:
        if not self._covering(self.changed, action.value, resource.value):
            return None
        settings = self._settings(self._covering(self.statements, action.value, resource.value))
        if len(settings) > self.left:
            self.cut, settings = True, settings[: self.left]
        self.left -= len(settings)
        found: dict[Setting, Example] = {}
        for setting in settings:
            request = _request(action.value, resource.value, setting)
            before = authorize(request, self.before, self.readings)
            after = authorize(request, self.after, self.readings)
            if before.allowed is not after.allowed:
                found[setting] = Example(request, before, after)
        return _Pair(action, resource, settings, found) if found else None

    def _covering(self, statements: tuple[Statement, ...], action: str, name: str) -> tuple[Statement, ...]:
        return tuple(
            each
            for each in statements
            if covers_action(each.actions, action, self.readings)
            and (each.principals is not None or covers_resource(each.resources, name, self.readings))
        )

    def _settings(self, covering: tuple[Statement, ...]) -> tuple[Setting, ...]:
        asked = axes(covering, self.readings)
        if prod(len(axis.choices) for axis in asked) > CONTEXTS:
            self.cut = True
            return tuple(islice(dict.fromkeys(self._chosen(covering, asked)), CONTEXTS))
        subjects = [axis.subject for axis in asked]
        combined = product(*(axis.choices for axis in asked))
        return tuple(tuple(zip(subjects, choices, strict=True)) for choices in combined)

    def _chosen(self, covering: tuple[Statement, ...], asked: tuple[Axis, ...]) -> Iterator[Setting]:
        """The settings that meet a statement, with one value changed, and those that meet two."""
        first = {axis.subject: axis.choices[0] for axis in asked}
        met = [self._meeting(statement, asked) for statement in covering]
        yield tuple(first.items())
        for each in met:
            yield tuple((first | each).items())
        for each in met:
            for axis in asked:
                for choice in axis.choices if axis.subject in each else ():
                    yield tuple((first | each | {axis.subject: choice}).items())
        for one in met:
            for two in met:
                yield tuple((first | one | two).items())

    def _meeting(self, statement: Statement, asked: tuple[Axis, ...]) -> dict[Subject, Choice]:
        """For each subject of a statement a choice that meets it, where there is one."""
        own = {axis.subject for axis in axes((statement,), self.readings)}
        found = {
            axis.subject: axis.meeting(statement, self.readings) for axis in asked if axis.subject in own
        }
        return {subject: choice for subject, choice in found.items() if choice is not None}


def _request(action: str, name: str, setting: Setting) -> Request:
    caller, tags, known = CALLER, dict[str, str](), dict[str, tuple[str, ...]]()
    for subject, choice in setting:
        if choice.caller is not None:
            caller = choice.caller
        elif choice.values is not None and subject.origin is KeyOrigin.RESOURCE_TAG:
            tags[subject.key] = choice.values[0]
        elif choice.values is not None:
            known[subject.key] = choice.values
    return Request(caller, action, (Resource(name, tags),), Context(known))


def _changed(before: Policies, after: Policies) -> tuple[Statement, ...]:
    """The statements that one side holds at a place where the other does not."""
    one = dict.fromkeys((place, _bare(statement)) for place, statement in _statements(before))
    two = dict.fromkeys((place, _bare(statement)) for place, statement in _statements(after))
    differing = [each for each in one if each not in two] + [each for each in two if each not in one]
    return tuple(dict.fromkeys(statement for _, statement in differing))


def _bare(statement: Statement) -> Statement:
    """A statement without what only says where it stands."""
    return Statement(
        statement.effect,
        statement.actions,
        statement.resources,
        tuple(sorted(statement.conditions, key=lambda test: (test.key, test.operator.name, test.quantifier))),
        statement.principals,
    )


def _statements(policies: Policies) -> Iterator[tuple[str, Statement]]:
    """Every statement with the unit that it belongs to."""
    units: list[tuple[str, Collection[AttachedPolicy]]] = [
        ("identity", policies.identity),
        ("resource group", policies.identity_resource_group),
        ("session", (policies.session,) if policies.session else ()),
        ("trust", (policies.trust,) if policies.trust else ()),
        *((f"level {place}", level.policies) for place, level in enumerate(policies.control or ())),
    ]
    for unit, attached in units:
        for policy in attached:
            yield from ((unit, statement) for statement in policy.document.statements)


def _projected(settings: Iterable[Setting], kept: Collection[Subject]) -> set[Setting]:
    return {tuple(each for each in setting if each[0] in kept) for setting in settings}


def _size(setting: Setting) -> tuple[int, int, str]:
    """How much must be set; ties by the text, so that the answer is always the same one."""
    given = [choice for _, choice in setting if choice.values is not None]
    return (
        len(given),
        sum(choice.caller is not CALLER for _, choice in setting if choice.caller),
        repr(setting),
    )


def _groups(pairs: Iterable[_Pair], *, allows: bool) -> tuple[Group, ...]:
    """Joins pairs of the same settings, first the actions on one resource, then the resources."""
    by_resource: dict[tuple[tuple[str, ...], tuple[Setting, ...]], list[_Pair]] = {}
    for pair in pairs:
        settings = pair.narrowed(allows=allows)
        if settings:
            by_resource.setdefault((pair.resource.names, settings), []).append(pair)
    joined: dict[tuple[tuple[Representative, ...], tuple[Setting, ...]], list[_Pair]] = {}
    for (_, settings), alike in by_resource.items():
        joined.setdefault((tuple(pair.action for pair in alike), settings), []).append(alike[0])
    return tuple(
        Group(named, tuple(pair.resource for pair in found), settings, found[0].example(allows=allows))
        for (named, settings), found in joined.items()
    )
