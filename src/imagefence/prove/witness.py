"""The same questions once more, over strings, as SMT-LIB text for z3 and cvc5.

Nothing of the atoms, the formulas and the search is used here, so that two ways to an answer must agree.
Deny-overrides is written out again for the same reason. What a reading asks (policy/asking.py), which action
an element covers and the open calls themselves are shared: they are the question, not the answer.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from imagefence.policy.asking import IMAGE_MAKERS, asked, seen_tags, standing
from imagefence.policy.document import ConditionTest, Effect, In, NotIn, Statement
from imagefence.policy.keys import (
    KEYS,
    MULTI_VALUED,
    TAG_PREFIXES,
    TYPES,
    KeyOrigin,
    condition_key,
    fits,
)
from imagefence.policy.matching import covers_action
from imagefence.policy.names import PARTS, split
from imagefence.policy.operators import BOOLEANS, Relation, ValueKind, boolean, instant, network, number
from imagefence.policy.policies import AttachedPolicy, Policies
from imagefence.policy.readings import (
    Case,
    CreationTags,
    EmptyPart,
    ForeignImage,
    NegatedAbsent,
    Readings,
    RequestTagAt,
    ResourceGroup,
    Stars,
    StarUnderEquals,
    TagKeyEnds,
    Unreadable,
)
from imagefence.policy.request import Request, Resource
from imagefence.prove.ask import Asked
from imagefence.prove.atoms import Form, Language, Run
from imagefence.prove.budget import Undecided
from imagefence.prove.calls import Call, KeyRange, Part, skeleton
from imagefence.prove.queries import Query, Wish
from imagefence.prove.smt import (
    conj,
    disj,
    equal_to,
    glob_of,
    implies,
    in_language,
    nay,
    quoted,
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
class _Script:
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


def script(query: Query, asked: Asked, readings: Readings) -> str:
    """Writes a query as SMT-LIB: satisfiable where a request passes. Raises Undecided for what is left out."""
    if readings.tag_key_case is Case.FOLDED:
        raise Undecided("tag keys without case are left out of the string encoding")
    made = _Script(query.call, asked, readings, _kinds(asked.policies))
    shape = skeleton(query.call, asked.caller)
    policies = standing(asked.policies, readings)
    claims = [
        _passes(_Point(made, shape, request, resource), policies)
        for request in _asked(shape, readings)
        for resource in request.resources
    ]
    claims += _wishes(made, query)
    claims += _exemptions(made, query)
    asserted = [f"(assert {claim})" for claim in (*made.bounds, *claims) if claim != "true"]
    return "\n".join(("(set-logic ALL)", *made.lines, *asserted, "(check-sat)", ""))


def _asked(shape: Request, readings: Readings) -> tuple[Request, ...]:
    return asked(shape, readings)


def _kinds(policies: Policies) -> dict[str, frozenset[ValueKind]]:
    """As what each key is compared, over all policies; `StringLike *` compares with nothing."""
    found: dict[str, frozenset[ValueKind]] = {}
    documents = [*policies.identity, *policies.identity_resource_group]
    documents += [each for level in policies.control or () for each in level.policies]
    documents += [policies.session] if policies.session is not None else []
    for policy in documents:
        for statement in policy.document.statements:
            for test in statement.conditions:
                name = condition_key(test.key).name
                always = test.operator.relation is Relation.LIKE and all(
                    value and not value.strip("*") for value in test.values
                )
                kinds = {test.operator.kind} if fits(test.key, test.operator.kind) and not always else set()
                found[name] = found.get(name, frozenset()) | kinds
    return found


def _wishes(made: _Script, query: Query) -> Iterator[str]:
    """What makes the call the one that is asked about."""
    approved = made.asked.scope.tags
    image, wish = query.image, query.wish
    tagged = image is not None and query.call.parts[image].tagged
    worn = {
        key: _is(made.tag(image, key), values) if tagged and image is not None else "false"
        for key, values in approved.items()
    }
    if wish is Wish.WEARS:
        yield conj(worn.values())
    elif wish in (Wish.LACKS, Wish.BECOMES) or (wish is Wish.BORN and image is not None):
        yield nay(conj(worn.values()))
    if wish in (Wish.BECOMES, Wish.BORN):
        for key, values in approved.items():
            carried = _is(made.request_tag(key), values)
            yield carried if wish is Wish.BORN else disj((carried, worn[key]))


def _is(value: Value, texts: Iterable[str]) -> str:
    return conj((value.present, disj(equal_to(value.text, each) for each in texts)))


def _exemptions(made: _Script, query: Query) -> Iterator[str]:
    for exemption in made.asked.scope.exempt_to(query.exempt) if query.exempt is not None else ():
        arn = f"acs:ram::{made.asked.caller.account}:role/{exemption.role.lower()}"
        parts = [equal_to(made.caller(), arn)]
        if exemption.until is not None:
            time = made.key("acs:currenttime")
            assert time is not None
            if made.kind_of("acs:currenttime") is not ValueKind.DATE:
                continue_from = made.variable("now", "Int")[0]
                parts.append(f"(< {continue_from} {_micros(exemption.until)})")
            else:
                parts.append(f"(< {time.text} {_micros(exemption.until)})")
        yield nay(conj(parts))


@dataclass(slots=True)
class _Point:
    """One action on one resource."""

    made: _Script
    shape: Request
    request: Request
    resource: Resource

    @property
    def part(self) -> int | None:
        """The part of the call that the resource stands for."""
        for number, resource in enumerate(self.shape.resources):
            if resource is self.resource:
                return number
        return None

    @property
    def tagged(self) -> int | None:
        """The part whose tags are seen."""
        tags = seen_tags(self.request, self.resource, self.made.readings)
        for number, resource in enumerate(self.shape.resources):
            if resource.tags is tags:
                return number
        return None

    @property
    def given(self) -> Part | None:
        """The open resource, or None for the bare `*`."""
        part = self.part
        found = self.made.call.parts[part] if part is not None else None
        return found if found is not None and found.kind else None


def _passes(point: _Point, policies: Policies) -> str:
    """Every layer allows."""
    layers = []
    foreign = point.resource.owner not in ("", point.made.asked.caller.account)
    bound = not (foreign and point.made.readings.foreign_image is ForeignImage.OWNERS)
    for level in policies.control or () if bound else ():
        layers.append(_allowed(point, level.policies))
    if policies.session is not None:
        layers.append(_allowed(point, (policies.session,)))
    own, group = policies.identity, policies.identity_resource_group
    if point.made.readings.resource_group is ResourceGroup.ONE_POOL:
        layers.append(_allowed(point, (*own, *group)))
    else:
        denied, allowed = _sides(point, own)
        asked_then = _allowed(point, group) if group else "false"
        layers.append(conj((nay(denied), disj((allowed, asked_then)))))
    return conj(layers)


def _allowed(point: _Point, policies: Iterable[AttachedPolicy]) -> str:
    denied, allowed = _sides(point, policies)
    return conj((nay(denied), allowed))


def _sides(point: _Point, policies: Iterable[AttachedPolicy]) -> tuple[str, str]:
    """Some Deny hits; some Allow hits."""
    sides: dict[Effect, list[str]] = {Effect.DENY: [], Effect.ALLOW: []}
    for policy in policies:
        for statement in policy.document.statements:
            if covers_action(statement.actions, point.request.action, point.made.readings):
                sides[statement.effect].append(_hits(point, statement))
    return disj(sides[Effect.DENY]), disj(sides[Effect.ALLOW])


def _hits(point: _Point, statement: Statement) -> str:
    return conj(
        (_resources(point, statement.resources), *(_test(point, test) for test in statement.conditions))
    )


def _resources(point: _Point, covered: In | NotIn) -> str:
    some = disj(_covers(point, pattern) for pattern in covered.patterns)
    return some if isinstance(covered, In) else nay(some)


def _covers(point: _Point, pattern: str) -> str:
    """One resource pattern, over the parts of the name or, where stars cross colons, over all of it."""
    readings, given = point.made.readings, point.given
    if pattern == "*":
        return "true"
    folded = readings.resource_case is Case.FOLDED
    pattern = pattern.lower() if folded else pattern
    if readings.stars is Stars.ONE_GLOB:
        return glob_of(_whole_name(point), pattern, folded=folded)
    wanted = split(pattern)
    if given is None or len(wanted) != PARTS:
        return "false"
    return conj(
        "true"
        if readings.empty_part is EmptyPart.ANY and not part and place < PARTS - 1
        else glob_of(name, part, folded=folded)
        for place, (part, name) in enumerate(zip(wanted, _parts(point, given), strict=True))
    )


def _parts(point: _Point, given: Part) -> tuple[str, ...]:
    region = point.made.text("region", _REGIONS)
    account = quoted(point.made.asked.caller.account)
    relative = quoted(f"{given.kind}/*")
    if given.free:
        relative = point.made.text(f"name of resource {point.part}", given.ids)
    return quoted("acs"), quoted(given.service), region, account, relative


def _whole_name(point: _Point) -> str:
    given = point.given
    if given is None:
        return quoted("*")
    colon = quoted(":")
    return f"(str.++ {f' {colon} '.join(_parts(point, given))})"


def _test(point: _Point, test: ConditionTest) -> str:
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


def _seen(point: _Point, text: str) -> Value | None:
    made, key = point.made, condition_key(text)
    documented = text in KEYS or text.startswith(TAG_PREFIXES) or key.origin is KeyOrigin.CONTEXT
    if made.readings.key_prefix_case is Case.EXACT and not documented:
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


def _request_tag(point: _Point, tag: str) -> Value | None:
    made = point.made
    makes = point.request.action.lower() in IMAGE_MAKERS
    withheld = makes and made.readings.creation_tags is CreationTags.WITHHELD
    hidden = made.readings.request_tag_at is RequestTagAt.NEW_RESOURCE and not point.resource.new
    return made.request_tag(tag) if made.call.request_tags and not withheld and not hidden else None


def _matches(point: _Point, test: ConditionTest, value: Value, wanted: str) -> str:
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


def _as_text(made: _Script, name: str, value: Value) -> str:
    """A boolean that is also compared as text."""
    if TYPES.get(name) is ValueKind.BOOLEAN and made.kind_of(name) is ValueKind.BOOLEAN:
        return f'(ite {value.text} "true" "false")'
    return value.text


def _text_matches(made: _Script, test: ConditionTest, text: str, wanted: str) -> str:
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


def _compared(made: _Script, name: str, test: ConditionTest, value: str, wanted: str) -> str:
    kind, relation = test.operator.kind, test.operator.relation
    if kind is ValueKind.BOOLEAN:
        return value if boolean(wanted) else nay(value)
    if kind is ValueKind.ADDRESS:
        return _within(made.version(name), value, wanted)
    bound = _real(wanted) if kind is ValueKind.NUMBER else _whole(_micros(instant(wanted)))
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


def _micros(moment: datetime) -> int:
    since = moment - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


_FORM: Form = (Run(frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")),)
_REGIONS: Language = (_FORM,)
