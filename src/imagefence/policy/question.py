"""The evaluator's Logic: one action on one resource of one request, in three-valued truth."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Final, Literal

from imagefence.policy.document import ConditionTest, In, NotIn, TrustedPrincipals
from imagefence.policy.keys import (
    UNPUBLISHED,
    ConditionKey,
    KeyOrigin,
    condition_key,
    documented_spelling,
    fits,
)
from imagefence.policy.logic import Truth, all_of, any_of, not_
from imagefence.policy.matching import covers_action, covers_resource, trusts
from imagefence.policy.operators import BOOLEANS, OPERATORS, Operator, Predicate, ValueKind, predicate
from imagefence.policy.readings import (
    Case,
    EmptyList,
    NegatedAbsent,
    Readings,
    RequestTagAt,
    SeveralValues,
    StarUnderEquals,
    TagKeyEnds,
    Unreadable,
)
from imagefence.policy.request import OUTSIDE_RAM, Principal, Request, Resource

ABSENT: Final = None
Values = tuple[str, ...] | Literal["unknown"] | None


@dataclass(frozen=True, slots=True)
class Facts:
    """A request's context with the fixed parts of its keys folded."""

    known: Mapping[str, tuple[str, ...]]
    unknown: frozenset[str]

    @classmethod
    def of(cls, request: Request) -> Facts:
        """Folds the keys of a request once for all its resources; two spellings of a key are one."""
        known: dict[str, tuple[str, ...]] = {}
        for key, values in request.context.known.items():
            name = condition_key(key).name
            known[name] = known[name] + values if name in known else values
        unknown = frozenset(condition_key(key).name for key in request.context.unknown)
        return cls(known, unknown | (UNPUBLISHED - known.keys()))


@dataclass(frozen=True, slots=True)
class Question:
    """One action, one resource; `tags` are those that the resource's conditions see."""

    caller: Principal
    action_name: str
    target: Resource
    tags: Mapping[str, str] | None
    facts: Facts
    readings: Readings
    false: ClassVar[Truth] = False

    def all(self, parts: Iterable[Truth]) -> Truth:
        """Kleene's conjunction."""
        return all_of(parts)

    def any(self, parts: Iterable[Truth]) -> Truth:
        """Kleene's disjunction."""
        return any_of(parts)

    def not_(self, part: Truth) -> Truth:
        """Kleene's negation."""
        return not_(part)

    def action(self, covered: In | NotIn) -> Truth:
        """Whether the element covers this action."""
        return covers_action(covered, self.action_name, self.readings)

    def resource(self, covered: In | NotIn) -> Truth:
        """Whether the element covers this resource."""
        return covers_resource(covered, self.target.name, self.readings)

    def named(self, trusted: TrustedPrincipals) -> Truth:
        """Whether the names include the caller, or the whole account of a user or role."""
        return trusts(trusted, self.caller, self.readings)

    def test(self, test: ConditionTest) -> Truth:
        """Whether one condition holds."""
        return holds(test, self.values(test.key), self.readings)

    def values(self, text: str) -> Values:
        """The request's values for a key: a tuple, `unknown`, or None where the key is absent."""
        if self.readings.key_prefix_case is Case.EXACT and not documented_spelling(text):
            return ABSENT
        key = condition_key(text)
        if key.name in self.facts.unknown:
            return "unknown"
        if key.origin is KeyOrigin.PRINCIPAL:
            # Why: the pages promise the key for users and roles, and say nothing of other callers.
            return "unknown" if self.caller.kind in OUTSIDE_RAM else (self.caller.arn,)
        if key.origin is KeyOrigin.CONTEXT:
            return self._known(key.name)
        return self._tag_values(key)

    def _tag_values(self, key: ConditionKey) -> Values:
        tag = key.tag.partition("/")[0] if self.readings.tag_key_ends is TagKeyEnds.AT_SLASH else key.tag
        on_call = key.origin is KeyOrigin.REQUEST_TAG or (
            key.origin is KeyOrigin.EITHER_TAG and self.target.new
        )
        return self._request_tag(tag) if on_call else self._resource_tag(tag)

    def _resource_tag(self, tag: str) -> Values:
        if self.tags is None:
            return "unknown"
        if self.readings.tag_key_case is Case.FOLDED:
            found = tuple(value for name, value in self.tags.items() if name.lower() == tag.lower())
            return found or ABSENT
        value = self.tags.get(tag)
        return ABSENT if value is None else (value,)

    def _request_tag(self, tag: str) -> Values:
        if self.readings.request_tag_at is RequestTagAt.NEW_RESOURCE and not self.target.new:
            return ABSENT
        name = f"acs:requesttag/{tag}"
        if "acs:requesttag/*" in self.facts.unknown:
            return "unknown"
        if self.readings.tag_key_case is Case.FOLDED:
            return self._in_any_case(name.lower())
        return "unknown" if name in self.facts.unknown else self._known(name)

    def _in_any_case(self, name: str) -> Values:
        if any(key.lower() == name for key in self.facts.unknown):
            return "unknown"
        found = [self._known(key) or () for key in self.facts.known if key.lower() == name]
        return tuple(value for values in found for value in values) or ABSENT

    def _known(self, name: str) -> Values:
        values = self.facts.known.get(name)
        if values is None or values:
            return values
        return ("",) if self.readings.empty_list is EmptyList.EMPTY_STRING else ABSENT


def holds(test: ConditionTest, values: Values, readings: Readings) -> Truth:
    """Whether one condition holds where the request has these values for its key."""
    if not fits(test.key, test.operator.kind):
        return False  # the comparison is impossible, so the statement does not take effect
    if values == "unknown":
        return None
    if values is ABSENT:
        return _absent(test, readings)
    try:
        return _compare(test, values, readings)
    except ValueError:
        return None


def _absent(test: ConditionTest, readings: Readings) -> bool:
    if test.quantifier:
        return test.quantifier == "ForAllValues"
    return test.operator.negated and readings.negated_absent is NegatedAbsent.HOLDS


def _compare(test: ConditionTest, values: tuple[str, ...], readings: Readings) -> bool:
    wanted = _predicates(test, readings)
    if folds(test.key, readings):
        values = tuple(value.lower() for value in values)
    matched = [any(_reads(accepts, value, readings) for accepts in wanted) for value in values]
    negated = test.operator.negated
    if test.quantifier:
        join: Callable[[Iterable[bool]], bool] = any if test.quantifier == "ForAnyValue" else all
        return join(match is not negated for match in matched)
    every = readings.several_values is SeveralValues.EVERY
    return (all(matched) if every else any(matched)) is not negated


def _predicates(test: ConditionTest, readings: Readings) -> tuple[Predicate, ...]:
    wanted = tuple(value.lower() for value in test.values) if folds(test.key, readings) else test.values
    return predicates(
        test.operator,
        wanted,
        star=readings.star_under_equals is StarUnderEquals.WILDCARD,
        exact_words=readings.boolean_case is Case.EXACT,
    )


def folds(key: str, readings: Readings) -> bool:
    """Tells whether the values of a key are compared without case: under one reading the caller's name."""
    if readings.principal_case is Case.EXACT:
        return False
    return condition_key(key).origin is KeyOrigin.PRINCIPAL


def _reads(accepts: Predicate, value: str, readings: Readings) -> bool:
    try:
        return accepts(value)
    except ValueError:
        if readings.unreadable is Unreadable.REFUSED:
            raise
        return False


@lru_cache(maxsize=16384)
def predicates(
    operator: Operator, wanted: tuple[str, ...], *, star: bool, exact_words: bool
) -> tuple[Predicate, ...]:
    """Compiles the values of one condition."""
    if star and operator.name in ("StringEquals", "StringNotEquals"):
        operator = OPERATORS["StringLike"]
    if exact_words and operator.kind is ValueKind.BOOLEAN:
        wanted = tuple(value for value in wanted if value in BOOLEANS)
    return tuple(predicate(operator, value) for value in wanted)
