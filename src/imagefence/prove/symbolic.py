"""The prover's Logic: one action on one open resource, in formulas.

Deny-overrides and the order of the layers are the evaluator's own (policy/rules.py); only what a pattern, a
key and a value are is said here, once for each reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from imagefence.policy.asking import TAGGED_AT_BIRTH, asked, seen_tags, standing
from imagefence.policy.authorize import unbound
from imagefence.policy.document import ConditionTest, In, NotIn, TrustedPrincipals
from imagefence.policy.keys import (
    MULTI_VALUED,
    TYPES,
    UNPUBLISHED,
    VARIABLE,
    ConditionKey,
    KeyOrigin,
    condition_key,
    documented_spelling,
    fits,
)
from imagefence.policy.matching import covers_action, covers_resource
from imagefence.policy.operators import BOOLEANS, Relation, ValueKind
from imagefence.policy.pattern import has_wildcard
from imagefence.policy.policies import AttachedPolicy, Level, Policies
from imagefence.policy.question import Facts, Question
from imagefence.policy.readings import (
    Case,
    CreationTags,
    NegatedAbsent,
    Readings,
    RequestTagAt,
    SeveralValues,
    StarUnderEquals,
    TagKeyEnds,
    Unreadable,
)
from imagefence.policy.request import Request, Resource
from imagefence.policy.rules import Layer, control_stages, identity_layer, session_layer
from imagefence.prove.atoms import Pattern
from imagefence.prove.budget import Undecided
from imagefence.prove.calls import REGION, REGIONS, Call, Caller, KeyRange, skeleton
from imagefence.prove.dimensions import PRESENT, Dimension
from imagefence.prove.names import OpenName
from imagefence.prove.terms import FALSE, TRUE, Terms
from imagefence.prove.values import Comparison

Place = tuple[str | int, ...]
Seen = tuple[int, ...]
CALLER: Place = ("caller",)
REGION_PLACE: Place = ("region",)
OTHERS = "in other spellings"
COMMON_WORDS = ("true", "false")


@dataclass(slots=True)
class Open:
    """All that is open in one call under one reading: the dimensions by their places, and the formulas."""

    call: Call
    caller: Caller
    readings: Readings
    spellings: Mapping[str, tuple[str, ...]]
    lacks_unpublished: bool = False
    terms: Terms = field(default_factory=Terms)
    dimensions: list[Dimension] = field(default_factory=list)
    places: dict[Place, int] = field(default_factory=dict)

    def dimension(self, place: Place, **made: object) -> int:
        """The number of the dimension at a place; it is made where it isn't there yet."""
        number = self.places.get(place)
        if number is None:
            number = self.places[place] = len(self.dimensions)
            name = str(place[-1]) if place[0] in ("key", "request tag") else " ".join(map(str, place))
            self.dimensions.append(Dimension(name, **made))  # type: ignore[arg-type]
        return number

    def who(self) -> int:
        """The caller."""
        return self.dimension(CALLER, language=self.caller.language, suggestions=self.caller.suggestions)

    def name(self, part: int) -> OpenName | Resource:
        """The name of a resource, with what of it is open."""
        given = self.call.parts[part]
        if not given.kind:
            return Resource("*")
        region = self.dimension(REGION_PLACE, language=REGIONS, suggestions=(REGION,))
        relative: tuple[int, Dimension] | str = f"{given.kind}/*"
        if given.free:
            number = self.dimension(("name", part), language=given.ids, suggestions=(given.plausible,))
            relative = (number, self.dimensions[number])
        here = (region, self.dimensions[region])
        return OpenName(given.service, self.caller.account, here, relative, self.terms, self.readings)

    def resource_tag(self, part: int | None, tag: str) -> Seen:
        """The dimensions whose values conditions see for a tag of a resource."""
        if part is None or not self.call.parts[part].tagged:
            return ()
        return self._in_each_case(("tag", part), tag)

    def _in_each_case(self, place: Place, tag: str) -> Seen:
        """A tag; where case does not count in its key, every spelling in use and all others together."""
        if self.readings.tag_key_case is Case.EXACT:
            return (self.dimension((*place, tag), optional=True),)
        group = self.spellings.get(tag.lower(), (tag,))
        seen = tuple(self.dimension((*place, each), optional=True) for each in group)
        if next(self.other_spellings(tag), None) is None:
            return seen
        return (*seen, self.dimension((*place, tag.lower(), OTHERS), optional=True, several=True))

    def other_spellings(self, tag: str) -> Iterator[str]:
        """Spellings of a tag key that differ from all in use by case alone."""
        return other_cases(tag.lower(), self.spellings.get(tag.lower(), (tag,)))

    def worn(self, part: int, tag: str) -> int:
        """The value of a tag of this very spelling at a resource."""
        return self.dimension(("tag", part, tag), optional=True)

    def request_tag(self, tag: str) -> Seen:
        """The dimensions whose values conditions see for a tag in the call."""
        return self._in_each_case(("request tag",), tag) if self.call.request_tags else ()

    def carried(self, tag: str) -> int:
        """The value of a tag of this very spelling in the call."""
        return self.dimension(("request tag", tag), optional=True)

    def key(self, name: str) -> Seen:
        """The dimension of a condition key, by its name in lower case."""
        given = self.range_of(name)
        if given.absent:
            return ()
        if name == VARIABLE:
            raise Undecided("policies use variables, and what they expand to is not known")
        kind = TYPES.get(name)
        choices = given.choices or (COMMON_WORDS if kind is ValueKind.BOOLEAN else ())
        number = self.dimension(
            ("key", name),
            optional=self._may_lack(name, given),
            several=name in MULTI_VALUED,
            language=given.language,
            choices=choices,
            suggestions=given.suggestions,
            unreadable=kind is None and self.readings.unreadable is Unreadable.FAILS,
        )
        return (number,)

    def _may_lack(self, name: str, given: KeyRange) -> bool:
        """Whether a request may lack a key; the evaluator takes an unpublished one for unknown."""
        if name in UNPUBLISHED:
            return self.lacks_unpublished
        return given.optional or name in MULTI_VALUED

    def range_of(self, name: str) -> KeyRange:
        """What a key of this call can hold."""
        return self.call.keys.get(name, self.call.others)

    def leaf(self, number: int, bits: int, *, other: bool = False) -> int:
        """A leaf, with presence known where a dimension can't be absent."""
        if bits == PRESENT and not other and not self.dimensions[number].optional:
            return TRUE
        return self.terms.leaf(number, bits, other=other)

    def equals(self, number: int, texts: Iterable[str]) -> int:
        """Holds where the value is one of the texts."""
        dimension = self.dimensions[number]
        bits = 0
        for text in texts:
            bits |= dimension.bit(Pattern(text, like=False))
        return self.terms.leaf(number, bits)


@dataclass(frozen=True, slots=True)
class Point:
    """One action on one resource: `part` is None for the bare `*`; `tagged` is the resource whose tags are
    seen."""

    open: Open
    action_name: str
    part: int | None
    tagged: int | None
    request_tags: bool
    bound: bool

    @property
    def false(self) -> int:
        """The literal that never holds."""
        return FALSE

    def all(self, parts: Iterable[int]) -> int:
        """Their conjunction."""
        return self.open.terms.all(parts)

    def any(self, parts: Iterable[int]) -> int:
        """Their disjunction."""
        return self.open.terms.any(parts)

    def not_(self, part: int) -> int:
        """The other literal of the same node."""
        return part ^ 1

    def action(self, covered: In | NotIn) -> int:
        """The action is fixed, so this is known."""
        return TRUE if covers_action(covered, self.action_name, self.open.readings) else FALSE

    def resource(self, covered: In | NotIn) -> int:
        """Holds where the element covers the name."""
        some = self.any(self._covered(pattern) for pattern in covered.patterns)
        return some if isinstance(covered, In) else some ^ 1

    def _covered(self, pattern: str) -> int:
        if pattern == "*":
            return TRUE
        name = self.open.name(self.part) if self.part is not None else Resource("*")
        if isinstance(name, OpenName):
            return name.covered(pattern)
        return TRUE if covers_bare(pattern, self.open.readings) else FALSE

    def named(self, trusted: TrustedPrincipals) -> int:
        """Trust policies are asked of sts:AssumeRole alone, which no call here is."""
        raise Undecided("a trust policy stands among policies of another kind")

    def test(self, test: ConditionTest) -> int:
        """Holds where one condition does."""
        if not fits(test.key, test.operator.kind):
            return FALSE
        seen = self._seen(test.key)
        negated, readings = test.operator.negated, self.open.readings
        if test.quantifier == "ForAnyValue":
            return self._some(seen, test, other=negated)
        if test.quantifier:
            return self._some(seen, test, other=not negated) ^ 1
        matched = self._some(seen, test, other=False)
        if readings.several_values is SeveralValues.EVERY:
            matched = self.all((self._present(seen), self._some(seen, test, other=True) ^ 1))
        if not negated:
            return matched
        if readings.negated_absent is NegatedAbsent.HOLDS:
            return matched ^ 1
        return self.all((self._present(seen), matched ^ 1))

    def _some(self, seen: Seen, test: ConditionTest, *, other: bool) -> int:
        """Holds where some value matches, or with `other` where some value does not."""
        leaf = self.open.leaf
        if len(seen) == 1:
            return leaf(seen[0], self._bits(seen[0], test), other=other)
        return self.any(leaf(number, self._bits(number, test), other=other) for number in seen)

    def _present(self, seen: Seen) -> int:
        return self.any(self.open.leaf(number, PRESENT) for number in seen)

    def _bits(self, number: int, test: ConditionTest) -> int:
        dimension = self.open.dimensions[number]
        bits = 0
        for question in questions_of(test, self.open.readings):
            bits |= dimension.bit(question)
        return bits

    def _seen(self, text: str) -> Seen:
        if self.open.readings.key_prefix_case is Case.EXACT and not documented_spelling(text):
            return ()
        key = condition_key(text)
        if key.origin is KeyOrigin.PRINCIPAL:
            return (self.open.who(),)
        if key.origin is KeyOrigin.CONTEXT:
            return self.open.key(key.name)
        return self._tag(key)

    def _tag(self, key: ConditionKey) -> Seen:
        ends = self.open.readings.tag_key_ends is TagKeyEnds.AT_SLASH
        tag = key.tag.partition("/")[0] if ends else key.tag
        new = self.part is not None and self.open.call.parts[self.part].new
        if key.origin is KeyOrigin.REQUEST_TAG or (key.origin is KeyOrigin.EITHER_TAG and new):
            hidden = self.open.readings.request_tag_at is RequestTagAt.NEW_RESOURCE and not new
            return self.open.request_tag(tag) if self.request_tags and not hidden else ()
        return self.open.resource_tag(self.tagged, tag)


def other_cases(folded: str, taken: Sequence[str]) -> Iterator[str]:
    """Other ways to write a text in capitals and small letters."""
    letters = [place for place, char in enumerate(folded) if char.upper() != char and len(char.upper()) == 1]
    for number in range(1 << min(len(letters), 16)):
        chars = list(folded)
        for bit, place in enumerate(letters):
            if number >> bit & 1:
                chars[place] = chars[place].upper()
        text = "".join(chars)
        if text not in taken and text.lower() == folded:
            yield text


def covers_bare(pattern: str, readings: Readings) -> bool:
    """Whether a pattern other than `*` covers the bare name `*`, which one reading of U-5 lets it."""
    return covers_resource(In((pattern,)), "*", readings)


def questions_of(test: ConditionTest, readings: Readings) -> Iterator[Pattern | Comparison]:
    """What a condition asks about a value, one question for each of its own values."""
    operator = test.operator
    folded = readings.principal_case is Case.FOLDED and condition_key(test.key).origin is KeyOrigin.PRINCIPAL
    star = readings.star_under_equals is StarUnderEquals.WILDCARD
    for value in test.values:
        if operator.kind is not ValueKind.STRING:
            exact = readings.boolean_case is Case.EXACT and operator.kind is ValueKind.BOOLEAN
            if not exact or value in BOOLEANS:
                yield Comparison(operator, value)
        elif operator.relation is Relation.EQUAL_FOLDED:
            yield Pattern(value.casefold(), like=False, folded=True)
        else:
            like = has_wildcard(value) and (operator.relation is Relation.LIKE or star)
            yield Pattern(value.lower() if folded else value, like, folded)


def passes(opened: Open, policies: Policies) -> int:
    """A literal for: the call passes, at each of its resources and under each action that it is asked for."""
    shape = skeleton(opened.call, opened.caller)
    policies = standing(policies, opened.readings)
    return opened.terms.all(
        layer.outcome.allowed
        for request in asked(shape, opened.readings)
        for concerned in (concerning(policies, request.action, opened.readings),)
        for resource in request.resources
        for layer in _layers(point(opened, shape, request, resource), concerned)
    )


def concerning(policies: Policies, action: str, readings: Readings) -> Policies:
    """The policies without the statements that do not cover an action, which can't change an answer."""
    folded = action.lower()

    def covers(covered: In | NotIn) -> bool:
        # Why: most patterns are of other actions, as the letters before their first wildcard tell.
        patterns = tuple(each for each in covered.patterns if folded.startswith(_head(each)))
        return covers_action(type(covered)(patterns), action, readings)

    def kept(policy: AttachedPolicy) -> AttachedPolicy:
        statements = tuple(each for each in policy.document.statements if covers(each.actions))
        return replace(policy, document=replace(policy.document, statements=statements))

    levels = policies.control
    return replace(
        policies,
        identity=tuple(map(kept, policies.identity)),
        identity_resource_group=tuple(map(kept, policies.identity_resource_group)),
        session=policies.session and kept(policies.session),
        control=levels and tuple(Level(level.node, tuple(map(kept, level.policies))) for level in levels),
    )


def _head(pattern: str) -> str:
    return pattern.partition("*")[0].partition("?")[0].lower()


def point(opened: Open, shape: Request, request: Request, resource: Resource) -> Point:
    """Where a reading asks one action on one resource."""
    tags = seen_tags(request, resource, opened.readings)
    drops = opened.readings.creation_tags is CreationTags.WITHHELD
    withheld = drops and request.action.lower() in TAGGED_AT_BIRTH
    question = Question(shape.principal, request.action, resource, tags, Facts.of(request), opened.readings)
    return Point(
        opened,
        request.action,
        _place([id(each) for each in shape.resources], id(resource)),
        _place([id(each.tags) for each in shape.resources], id(tags)),
        not withheld,
        not unbound(question),
    )


def _place(known: Sequence[int], one: int) -> int | None:
    return known.index(one) if one in known else None


def _layers(point: Point, policies: Policies) -> Iterator[Layer[int]]:
    """All layers that must allow, in the order of authorize.stages."""
    if policies.control is not None and point.bound:
        for stage in control_stages(point, policies, point.open.readings):
            yield from stage
    if policies.session is not None:
        yield session_layer(point, policies.session)
    yield identity_layer(point, policies, point.open.readings)
