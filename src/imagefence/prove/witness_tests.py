"""The variables of a script for string solvers, and single conditions over them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from imagefence.policy.asking import TAGGED_AT_BIRTH, seen_tags
from imagefence.policy.document import ConditionTest
from imagefence.policy.keys import (
    MULTI_VALUED,
    TYPES,
    UNPUBLISHED,
    KeyOrigin,
    condition_key,
    documented_spelling,
    fits,
)
from imagefence.policy.operators import BOOLEANS, Relation, ValueKind, boolean, instant, network, number
from imagefence.policy.readings import (
    Case,
    CreationTags,
    NegatedAbsent,
    Readings,
    RequestTagAt,
    StarUnderEquals,
    TagKeyEnds,
    Unreadable,
)
from imagefence.policy.request import Request, Resource
from imagefence.prove.ask import Asked
from imagefence.prove.atoms import Language
from imagefence.prove.budget import Undecided
from imagefence.prove.calls import Call, KeyRange, Part
from imagefence.prove.smt import (
    conj,
    disj,
    equal_to,
    glob_of,
    implies,
    in_language,
    nay,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SORTS = {
    ValueKind.STRING: "String",
    ValueKind.NUMBER: "Real",
    ValueKind.DATE: "Int",
    ValueKind.ADDRESS: "Int",
    ValueKind.BOOLEAN: "Bool",
}
COMPARED = {
    Relation.EQUAL: "=",
    Relation.LESS: "<",
    Relation.LESS_EQUAL: "<=",
    Relation.GREATER: ">",
    Relation.GREATER_EQUAL: ">=",
}


@dataclass(frozen=True, slots=True)
class Value:
    """A value that a request may carry: whether it is there, and the variable that holds it."""

    present: str
    text: str


@dataclass(slots=True)
class Script:
    """The text being written: declarations and assertions, each once."""

    call: Call
    asked: Asked
    readings: Readings
    kinds: Mapping[str, frozenset[ValueKind]]
    lines: list[str] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    bounds: list[str] = field(default_factory=list)

    def variable(self, name: str, sort: str) -> tuple[str, bool]:
        """A declared variable, and whether it is new."""
        symbol = "|" + name.replace("|", "!").replace("\\", "!") + "|"
        new = symbol not in self.known
        if new:
            self.known.add(symbol)
            self.lines.append(f"(declare-const {symbol} {sort})")
        return symbol, new

    def text(self, name: str, language: Language) -> str:
        """A string variable of a language."""
        symbol, new = self.variable(name, "String")
        if new:
            self.bounds.append(in_language(symbol, language))
        return symbol

    def caller(self) -> str:
        """acs:PrincipalARN."""
        return self.text("caller", self.asked.caller.language)

    def tag(self, part: int, key: str) -> Value:
        """A tag of a resource."""
        present, _ = self.variable(f"resource {part} wears {key}", "Bool")
        return Value(present, self.variable(f"tag {key} of resource {part}", "String")[0])

    def request_tag(self, key: str) -> Value:
        """A tag in the call."""
        present, _ = self.variable(f"the call carries {key}", "Bool")
        return Value(present, self.variable(f"tag {key} in the call", "String")[0])

    def key(self, name: str) -> Value | None:
        """A condition key, by its name in lower case; None where the call never has it."""
        given = self.call.keys.get(name, self.call.others)
        if given.absent:
            return None
        if name in UNPUBLISHED:
            raise Undecided(f"`{name}` may be there or not, which no page says")
        if name in MULTI_VALUED:
            raise Undecided(f"`{name}` can hold several values, which the string encoding leaves out")
        present, new = self.variable(f"has {name}", "Bool")
        value, _ = self.variable(name, SORTS[self.kind_of(name)])
        if new:
            self.bounds += _key_bounds(Value(present, value), given, self.kind_of(name))
            if self.kind_of(name) is ValueKind.ADDRESS:
                self.bounds.append(_address_bounds(value, self.version(name)))
        return Value(present, value)

    def version(self, name: str) -> str:
        """Whether an address is of the sixth version."""
        return self.variable(f"{name} is IPv6", "Bool")[0]

    def readable(self, name: str) -> str:
        """Whether a value of a key that nobody documents is what the operators expect."""
        if name in TYPES or self.readings.unreadable is Unreadable.REFUSED:
            return "true"
        return self.variable(f"{name} can be read", "Bool")[0]

    def kind_of(self, name: str) -> ValueKind:
        """What a key is compared as."""
        kinds = self.kinds.get(name, frozenset()) - {ValueKind.STRING}
        if TYPES.get(name) is ValueKind.BOOLEAN:
            return ValueKind.BOOLEAN if kinds else ValueKind.STRING
        if len(kinds) > 1 or (kinds and ValueKind.STRING in self.kinds[name]):
            raise Undecided(f"`{name}` is compared both as text and otherwise, which is not modelled")
        return next(iter(kinds), ValueKind.STRING)


def _key_bounds(value: Value, given: KeyRange, kind: ValueKind) -> Iterator[str]:
    if not given.optional:
        yield value.present
    if kind is not ValueKind.STRING:
        return
    if given.choices:
        yield disj(equal_to(value.text, each) for each in given.choices)
    else:
        yield in_language(value.text, given.language)
    for each in given.unlike:
        yield nay(conj((value.present, equal_to(value.text, each))))


def _address_bounds(value: str, version: str) -> str:
    widest = f"(ite {version} {2**128 - 1} {2**32 - 1})"
    return f"(and (<= 0 {value}) (<= {value} {widest}))"


@dataclass(slots=True)
class Point:
    """One action on one resource."""

    made: Script
    shape: Request
    request: Request
    resource: Resource

    @property
    def part(self) -> int | None:
        """The part of the call that the resource stands for."""
        return next((at for at, one in enumerate(self.shape.resources) if one is self.resource), None)

    @property
    def tagged(self) -> int | None:
        """The part whose tags are seen."""
        tags = seen_tags(self.request, self.resource, self.made.readings)
        return next((at for at, one in enumerate(self.shape.resources) if one.tags is tags), None)

    @property
    def given(self) -> Part | None:
        """The open resource, or None for the bare `*`."""
        part = self.part
        found = self.made.call.parts[part] if part is not None else None
        return found if found is not None and found.kind else None


def tested(point: Point, test: ConditionTest) -> str:
    """One condition: an OR of its values, a NOR under a negated operator, and what absence means."""
    if not fits(test.key, test.operator.kind):
        return "false"
    value = _seen(point, test.key)
    negated = test.operator.negated
    if value is None:
        return "true" if _of_absence(test, point.made.readings) else "false"
    matched = disj(_matches(point, test, value, wanted) for wanted in test.values)
    holds = nay(matched) if negated else matched
    if _of_absence(test, point.made.readings):
        return implies(value.present, holds)
    return conj((value.present, holds))


def _of_absence(test: ConditionTest, readings: Readings) -> bool:
    if test.quantifier:
        return test.quantifier == "ForAllValues"
    return test.operator.negated and readings.negated_absent is NegatedAbsent.HOLDS


def _seen(point: Point, text: str) -> Value | None:
    made, key = point.made, condition_key(text)
    if made.readings.key_prefix_case is Case.EXACT and not documented_spelling(text):
        return None
    if key.origin is KeyOrigin.PRINCIPAL:
        return Value("true", made.caller())
    if key.origin is KeyOrigin.CONTEXT:
        return made.key(key.name)
    tag = key.tag.split("/")[0] if made.readings.tag_key_ends is TagKeyEnds.AT_SLASH else key.tag
    new = point.resource.new
    if key.origin is KeyOrigin.REQUEST_TAG or (key.origin is KeyOrigin.EITHER_TAG and new):
        return _request_tag(point, tag)
    tagged = point.tagged
    return made.tag(tagged, tag) if tagged is not None and made.call.parts[tagged].tagged else None


def _request_tag(point: Point, tag: str) -> Value | None:
    made = point.made
    makes = point.request.action.lower() in TAGGED_AT_BIRTH
    withheld = makes and made.readings.creation_tags is CreationTags.WITHHELD
    hidden = made.readings.request_tag_at is RequestTagAt.NEW_RESOURCE and not point.resource.new
    return made.request_tag(tag) if made.call.request_tags and not withheld and not hidden else None


def _matches(point: Point, test: ConditionTest, value: Value, wanted: str) -> str:
    """One value of the policy against the value of the request."""
    made, operator = point.made, test.operator
    key = condition_key(test.key)
    if operator.kind is ValueKind.STRING:
        return _text_matches(made, test, _as_text(made, key.name, value), wanted)
    if (
        operator.kind is ValueKind.BOOLEAN
        and made.readings.boolean_case is Case.EXACT
        and wanted not in BOOLEANS
    ):
        return "false"
    return conj((made.readable(key.name), _compared(made, key.name, test, value.text, wanted)))


def _as_text(made: Script, name: str, value: Value) -> str:
    """A boolean that is also compared as text."""
    if TYPES.get(name) is ValueKind.BOOLEAN and made.kind_of(name) is ValueKind.BOOLEAN:
        return f'(ite {value.text} "true" "false")'
    return value.text


def _text_matches(made: Script, test: ConditionTest, text: str, wanted: str) -> str:
    relation = test.operator.relation
    principal = condition_key(test.key).origin is KeyOrigin.PRINCIPAL
    folded = principal and made.readings.principal_case is Case.FOLDED
    if relation is Relation.EQUAL_FOLDED:
        return equal_to(text, wanted.casefold(), folded=True)
    starred = relation is Relation.LIKE or made.readings.star_under_equals is StarUnderEquals.WILDCARD
    wanted = wanted.lower() if folded else wanted
    if starred:
        return glob_of(text, wanted, folded=folded)
    return equal_to(text, wanted, folded=folded)


def _compared(made: Script, name: str, test: ConditionTest, value: str, wanted: str) -> str:
    kind, relation = test.operator.kind, test.operator.relation
    if kind is ValueKind.BOOLEAN:
        return value if boolean(wanted) else nay(value)
    if kind is ValueKind.ADDRESS:
        return _within(made.version(name), value, wanted)
    bound = _real(wanted) if kind is ValueKind.NUMBER else _whole(micros(instant(wanted)))
    return f"({COMPARED[relation]} {value} {bound})"


def _within(version: str, value: str, wanted: str) -> str:
    block = network(wanted)
    of_version = version if isinstance(block, ipaddress.IPv6Network) else nay(version)
    first, last = int(block.network_address), int(block.broadcast_address)
    return conj((of_version, f"(<= {first} {value})", f"(<= {value} {last})"))


def _real(text: str) -> str:
    above, below = number(text).as_integer_ratio()
    return f"(/ {_whole(above)}.0 {below}.0)" if above >= 0 else f"(- (/ {-above}.0 {below}.0))"


def _whole(value: int) -> str:
    return str(value) if value >= 0 else f"(- {-value})"


def micros(moment: datetime) -> int:
    since = moment - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
