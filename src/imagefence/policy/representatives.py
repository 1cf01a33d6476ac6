"""Representatives: for each part of a request, one value of every kind that some statements tell apart.

Two values are of one kind when exactly the same elements (or conditions) accept them; a kind is found if
one of its values is among the candidates: texts of each pattern, texts that two patterns share, a text
outside of all, and for conditions each policy value, values beside it, and absence.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from itertools import combinations, islice
from typing import TypeVar

from imagefence.policy.document import ConditionTest, In, NotIn, Statement, TrustedPrincipals
from imagefence.policy.keys import KeyOrigin, condition_key
from imagefence.policy.matching import covers_action, covers_resource, trusts
from imagefence.policy.names import PARTS, split
from imagefence.policy.operators import Relation, ValueKind, instant, network, number
from imagefence.policy.overlap import common, instance
from imagefence.policy.pattern import glob, has_wildcard
from imagefence.policy.question import holds
from imagefence.policy.readings import Readings
from imagefence.policy.request import Principal, PrincipalKind

T = TypeVar("T")
ACCOUNT = "1000000000000001"
REGION = "cn-hangzhou"
CALLER = Principal(PrincipalKind.USER, f"acs:ram::{ACCOUNT}:user/alice", ACCOUNT)
OTHER = "x"
PAIRS = 2000  # of patterns searched for a common text
VALUES = 200  # of one condition tried
FILLERS = {0: "acs", 2: REGION, 3: ACCOUNT}
OTHER_ACTION, OTHER_RESOURCE = "any other action", "any other resource"
EVERY_RESOURCE = "all resources at once"  # as operations that name none ask: the bare `*`
UNNAMED = frozenset({OTHER_ACTION, OTHER_RESOURCE, EVERY_RESOURCE})
SHOWN = 3
STRANGE_ADDRESSES = ("192.0.2.1", "2001:db8::1")  # of the blocks kept for documentation
STRANGE = frozenset({OTHER, *STRANGE_ADDRESSES})


@dataclass(frozen=True, slots=True)
class Representative:
    """A text that stands for its kind; `names` are the patterns and texts of the policies of that kind."""

    value: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A value for one subject: values of a key, None for an absent one; or a caller.

    `alike` are other values of the same kind.
    """

    values: tuple[str, ...] | None = None
    caller: Principal | None = None
    alike: tuple[tuple[str, ...] | None, ...] = ()

    @property
    def text(self) -> str:
        """The value in words, with those of its kind."""
        if self.caller is not None:
            return "anyone else" if self.caller is CALLER else f"`{self.caller.arn}`"
        words = [*dict.fromkeys(map(_words, (self.values, *self.alike)))]
        return " or ".join(words[:SHOWN]) + (f" or {len(words) - SHOWN} more" if len(words) > SHOWN else "")


def _words(values: tuple[str, ...] | None) -> str:
    if values is None:
        return "absent"
    return " and ".join("any other value" if value in STRANGE else f"`{value}`" for value in values)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a condition asks about: the caller, a tag of the resource, or a key of the call."""

    origin: KeyOrigin
    key: str

    @property
    def text(self) -> str:
        """The subject in words."""
        if self.origin is KeyOrigin.PRINCIPAL:
            return "the caller"
        return (
            f"the resource's tag `{self.key}`" if self.origin is KeyOrigin.RESOURCE_TAG else f"`{self.key}`"
        )


@dataclass(frozen=True, slots=True)
class Axis:
    """A subject with one choice of every kind."""

    subject: Subject
    choices: tuple[Choice, ...]

    def meeting(self, statement: Statement, readings: Readings) -> Choice | None:
        """A choice that meets all that a statement asks about the subject, or None."""
        tests = [test for test in statement.conditions if subject_of(test.key) == self.subject]
        named = statement.principals if self.subject.origin is KeyOrigin.PRINCIPAL else None
        for choice in self.choices:
            values = choice.values if choice.caller is None else (choice.caller.arn,)
            met = all(holds(test, values, readings) for test in tests)
            if met and (named is None or choice.caller is None or trusts(named, choice.caller, readings)):
                return choice
        return None


THE_CALLER = Subject(KeyOrigin.PRINCIPAL, "caller")


def actions(
    statements: Collection[Statement], operations: Iterable[str], readings: Readings
) -> tuple[Representative, ...]:
    """One action of every kind; those of `operations` that a pattern names come before made-up ones."""
    elements = tuple(dict.fromkeys(statement.actions for statement in statements))
    patterns = tuple(dict.fromkeys(pattern for element in elements for pattern in element.patterns))
    services = tuple(dict.fromkeys(_services(patterns, statements)))
    known = (each for each in operations if each.partition(":")[0].lower() in services)
    candidates = (
        *((pattern, pattern) for pattern in patterns if not has_wildcard(pattern)),
        *((action, "") for action in known),
        *(
            (action, pattern)
            for pattern in patterns
            if has_wildcard(pattern) and pattern != "*"
            for action in _actions(pattern, services)
        ),
        *(
            (action, "")
            for pattern in _shared([pattern.lower() for pattern in patterns])
            for action in _actions(pattern, services)
        ),
        *((f"{service}:Other", OTHER_ACTION) for service in services),
    )

    def kind(action: str) -> Hashable:
        # Why: with its service, because resources are taken to go with actions of their own service.
        covered = tuple(covers_action(element, action, readings) for element in elements)
        return covered, action.partition(":")[0].lower()

    return _represented(candidates, kind)


def _services(patterns: tuple[str, ...], statements: Collection[Statement]) -> Iterator[str]:
    """The services that actions and resources name, and one that none does."""
    names = (pattern for statement in statements for pattern in statement.resources.patterns)
    for service in (*(pattern.partition(":")[0].lower() for pattern in patterns), *map(_service, names)):
        if service and not has_wildcard(service):
            yield service
    yield "other"


def _service(name: str) -> str:
    parts = split(name)
    return parts[1] if len(parts) == PARTS else ""


def _actions(pattern: str, services: tuple[str, ...]) -> Iterator[str]:
    """Actions that a pattern covers, one of each service that it may name."""
    wanted, colon, name = pattern.partition(":")
    if not colon:
        before, star, after = pattern.partition("*")
        if star:
            yield instance(f"{before or 'ecs'}:*{after}", "Other")
        return
    for service in services:
        if glob(wanted.lower())(service):
            yield f"{service}:{instance(name, 'Other')}"


def resources(
    action: str, statements: Collection[Statement], readings: Readings
) -> tuple[Representative, ...]:
    """One resource name of every kind that goes with an action, first those of its own service."""
    service = action.partition(":")[0].lower()
    patterns = tuple(dict.fromkeys(_patterns(action, service, statements, readings)))
    elements = tuple(dict.fromkeys(statement.resources for statement in statements))
    return _named_kinds(service, patterns, elements, readings)


@lru_cache(maxsize=256)
def _named_kinds(
    service: str, patterns: tuple[str, ...], elements: tuple[In | NotIn, ...], readings: Readings
) -> tuple[Representative, ...]:
    candidates = (
        *((_name(pattern, service), pattern) for pattern in patterns),
        *((_name(pattern, service), "") for pattern in _shared_names(patterns)),
        (f"acs:{service}:{REGION}:{ACCOUNT}:other/{OTHER}", OTHER_RESOURCE),
        ("*", EVERY_RESOURCE),
    )
    return _represented(
        candidates, lambda name: tuple(covers_resource(element, name, readings) for element in elements)
    )


def _patterns(
    action: str, service: str, statements: Collection[Statement], readings: Readings
) -> Iterator[str]:
    """The patterns of the action's service, and those that stand beside the action itself."""
    for statement in statements:
        beside = "*" not in statement.actions.patterns and covers_action(statement.actions, action, readings)
        for pattern in statement.resources.patterns:
            parts = split(pattern)
            if len(parts) == PARTS and (beside or glob(parts[1])(service)):
                yield pattern


def _name(pattern: str, service: str) -> str:
    parts = list(split(pattern))
    for place, part in enumerate(parts[:-1]):
        plain = FILLERS.get(place, service)
        parts[place] = plain if glob(part)(plain) else instance(part, OTHER)
    parts[-1] = instance(parts[-1], f"other/{OTHER}" if parts[-1].startswith("*") else OTHER)
    return ":".join(parts)


def _shared(patterns: Iterable[str]) -> Iterator[str]:
    """Texts that two patterns with wildcards share."""
    wild = [pattern for pattern in dict.fromkeys(patterns) if has_wildcard(pattern) and pattern != "*"]
    for one, two in islice(combinations(wild, 2), PAIRS):
        found = common(one, two)
        if found:
            yield found


def _shared_names(patterns: tuple[str, ...]) -> Iterator[str]:
    """Names, still with stars in their first parts, that two patterns share."""
    for one, two in islice(combinations(patterns, 2), PAIRS):
        parts = [_shared_part(a, b) for a, b in zip(split(one), split(two), strict=True)]
        if all(part is not None for part in parts):
            yield ":".join(part or "" for part in parts)


def _shared_part(one: str, two: str) -> str | None:
    if two in (one, "*"):
        return one
    return two if one == "*" else common(one, two)


def axes(statements: Collection[Statement], readings: Readings) -> tuple[Axis, ...]:
    """What the conditions of some statements ask about, each with one choice of every kind."""
    found: dict[Subject, list[ConditionTest]] = {}
    for statement in statements:
        for test in statement.conditions:
            found.setdefault(subject_of(test.key), []).append(test)
    trusted = [statement.principals for statement in statements if statement.principals is not None]
    if trusted:
        found.setdefault(THE_CALLER, [])
    return tuple(
        Axis(
            subject,
            _callers(tests, trusted, readings) if subject is THE_CALLER else _choices(tests, readings),
        )
        for subject, tests in found.items()
    )


def subject_of(text: str) -> Subject:
    """What a condition key asks about; an older form of a key is about the same."""
    key = condition_key(text)
    if key.origin is KeyOrigin.PRINCIPAL:
        return THE_CALLER
    if key.origin in (KeyOrigin.RESOURCE_TAG, KeyOrigin.EITHER_TAG):
        return Subject(KeyOrigin.RESOURCE_TAG, key.tag)
    return Subject(key.origin, text)


def _choices(tests: list[ConditionTest], readings: Readings) -> tuple[Choice, ...]:
    single = [(value,) for test in tests for value in islice(_tried(test), VALUES)]
    candidates: list[tuple[str, ...] | None] = [None, *dict.fromkeys(single)]
    if any(test.quantifier for test in tests):
        candidates += [one + two for one, two in combinations(dict.fromkeys(single), 2)][:VALUES]
    kinds = _kinds(candidates, lambda values: tuple(holds(test, values, readings) for test in tests))
    return tuple(Choice(first, alike=tuple(others)) for first, *others in kinds)


def _tried(test: ConditionTest) -> Iterator[str]:
    """The policy's values and those beside them, then values of nobody's."""
    for wanted in test.values:
        yield from _beside(test, wanted)
    if test.operator.kind is ValueKind.STRING:
        yield OTHER
    elif test.operator.kind is ValueKind.BOOLEAN:
        yield from ("true", "false")
    elif test.operator.kind is ValueKind.ADDRESS:
        yield from STRANGE_ADDRESSES


def _beside(test: ConditionTest, wanted: str) -> Iterator[str]:
    kind = test.operator.kind
    if kind is ValueKind.STRING:
        yield instance(wanted, OTHER) if test.operator.relation is Relation.LIKE else wanted
    elif kind is ValueKind.ADDRESS:
        yield str(network(wanted).network_address)
    elif kind is ValueKind.NUMBER:
        size = number(wanted)
        yield from (str(size - 1), wanted, str(size + 1))
    elif kind is ValueKind.DATE:
        yield wanted
        yield from _days_beside(wanted)
    else:
        yield wanted


def _days_beside(wanted: str) -> Iterator[str]:
    for days in (-1, 1):
        try:
            yield (instant(wanted) + timedelta(days)).isoformat()
        except OverflowError:
            continue


def _callers(
    tests: list[ConditionTest], trusted: list[TrustedPrincipals], readings: Readings
) -> tuple[Choice, ...]:
    named = (principal for names in trusted for principal in _named(names))
    arns = (_arn(value) for test in tests for value in islice(_tried(test), VALUES))
    candidates = (CALLER, *named, *(_principal(arn) for arn in arns if arn))

    def kind(caller: Principal) -> Hashable:
        by_name = tuple(trusts(names, caller, readings) for names in trusted)
        return by_name, tuple(holds(test, (caller.arn,), readings) for test in tests), caller.kind.value

    return tuple(Choice(caller=caller) for caller, *_ in _kinds(candidates, kind))


def _named(trusted: TrustedPrincipals) -> Iterator[Principal]:
    for name in trusted.ram:
        yield _principal(name.removesuffix(":root") + ":user/alice" if name.endswith(":root") else name)
    for name in trusted.service:
        yield Principal(PrincipalKind.SERVICE, name, ACCOUNT)
    for name in trusted.federated:
        yield Principal(PrincipalKind.FEDERATED, name, ACCOUNT)


def _arn(value: str) -> str:
    """A user's or role's name in the form of a value that conditions compare it with, or nothing."""
    parts = split(value)
    if len(parts) != PARTS:
        return ""
    account = parts[3] if parts[3].isdigit() else ACCOUNT
    relative = parts[-1] if "/" in parts[-1] else f"user/{parts[-1]}"
    return f"acs:ram::{account}:{relative}"


def _principal(arn: str) -> Principal:
    kind = PrincipalKind.ROLE if ":role/" in arn else PrincipalKind.USER
    return Principal(kind, arn, split(arn)[3])


def _represented(
    candidates: Iterable[tuple[str, str]], kind: Callable[[str], Hashable]
) -> tuple[Representative, ...]:
    """The first text of every kind, with the names that candidates of the kind go by."""
    found = _kinds(candidates, lambda candidate: kind(candidate[0]))
    return tuple(Representative(alike[0][0], _names(alike)) for alike in found)


def _names(alike: list[tuple[str, str]]) -> tuple[str, ...]:
    """The names of a kind; those of patterns make a word such as `any other action` needless."""
    names = tuple(dict.fromkeys(name for _, name in alike if name)) or (alike[0][0],)
    if all(name in UNNAMED for name in names):
        return names
    return tuple(name for name in names if name not in (OTHER_ACTION, OTHER_RESOURCE))


def _kinds(candidates: Iterable[T], kind: Callable[[T], Hashable]) -> tuple[list[T], ...]:
    """The candidates of every kind, in their order."""
    found: dict[Hashable, list[T]] = {}
    for candidate in candidates:
        found.setdefault(kind(candidate), []).append(candidate)
    return tuple(found.values())
