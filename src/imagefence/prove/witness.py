"""The same questions once more, over strings, as SMT-LIB text for z3 and cvc5.

Nothing of the atoms, the formulas and the search is used here, so that two ways to an answer must agree.
Deny-overrides is written out again for the same reason. What a reading asks (policy/asking.py), which action
an element covers and the open calls themselves are shared: they are the question, not the answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from imagefence.policy.asking import asked as requests_asked
from imagefence.policy.asking import standing
from imagefence.policy.document import Effect, In, NotIn, Statement
from imagefence.policy.keys import (
    condition_key,
    fits,
)
from imagefence.policy.matching import covers_action
from imagefence.policy.names import PARTS, split
from imagefence.policy.operators import Relation, ValueKind
from imagefence.policy.policies import AttachedPolicy, Policies
from imagefence.policy.readings import (
    Case,
    EmptyPart,
    ForeignImage,
    Readings,
    ResourceGroup,
    Stars,
)
from imagefence.prove.ask import Asked
from imagefence.prove.budget import Undecided
from imagefence.prove.calls import REGIONS, Part, skeleton
from imagefence.prove.queries import Query, Wish
from imagefence.prove.smt import (
    conj,
    disj,
    equal_to,
    glob_of,
    nay,
    quoted,
)
from imagefence.prove.witness_tests import Point, Script, Value, micros, tested

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


def script(query: Query, asked: Asked, readings: Readings) -> str:
    """Writes a query as SMT-LIB, satisfiable where a request passes; raises Undecided for the rest."""
    if readings.tag_key_case is Case.FOLDED:
        raise Undecided("tag keys without case are left out of the string encoding")
    made = Script(query.call, asked, readings, _kinds(asked.policies))
    shape = skeleton(query.call, asked.caller)
    policies = standing(asked.policies, readings)
    claims = [
        _passes(Point(made, shape, request, resource), policies)
        for request in requests_asked(shape, readings)
        for resource in request.resources
    ]
    claims += _wishes(made, query)
    claims += _exemptions(made, query)
    asserted = [f"(assert {claim})" for claim in (*made.bounds, *claims) if claim != "true"]
    return "\n".join(("(set-logic ALL)", *made.lines, *asserted, "(check-sat)", ""))


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


def _wishes(made: Script, query: Query) -> Iterator[str]:
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


def _exemptions(made: Script, query: Query) -> Iterator[str]:
    for exemption in made.asked.scope.exempt_to(query.exempt) if query.exempt is not None else ():
        arn = f"acs:ram::{made.asked.caller.account}:role/{exemption.role.lower()}"
        parts = [equal_to(made.caller(), arn)]
        if exemption.until is not None:
            time = made.key("acs:currenttime")
            assert time is not None
            typed = made.kind_of("acs:currenttime") is ValueKind.DATE
            moment = time.text if typed else made.variable("the time", "Int")[0]
            parts.append(f"(< {moment} {micros(exemption.until)})")
        yield nay(conj(parts))


def _passes(point: Point, policies: Policies) -> str:
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


def _allowed(point: Point, policies: Iterable[AttachedPolicy]) -> str:
    denied, allowed = _sides(point, policies)
    return conj((nay(denied), allowed))


def _sides(point: Point, policies: Iterable[AttachedPolicy]) -> tuple[str, str]:
    """Some Deny hits; some Allow hits."""
    sides: dict[Effect, list[str]] = {Effect.DENY: [], Effect.ALLOW: []}
    for policy in policies:
        for statement in policy.document.statements:
            if covers_action(statement.actions, point.request.action, point.made.readings):
                sides[statement.effect].append(_hits(point, statement))
    return disj(sides[Effect.DENY]), disj(sides[Effect.ALLOW])


def _hits(point: Point, statement: Statement) -> str:
    return conj(
        (_resources(point, statement.resources), *(tested(point, test) for test in statement.conditions))
    )


def _resources(point: Point, covered: In | NotIn) -> str:
    some = disj(_covers(point, pattern) for pattern in covered.patterns)
    return some if isinstance(covered, In) else nay(some)


def _covers(point: Point, pattern: str) -> str:
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


def _parts(point: Point, given: Part) -> tuple[str, ...]:
    region = point.made.text("region", REGIONS)
    account = quoted(point.made.asked.caller.account)
    relative = quoted(f"{given.kind}/*")
    if given.free:
        relative = point.made.text(f"name of resource {point.part}", given.ids)
    return quoted("acs"), quoted(given.service), region, account, relative


def _whole_name(point: Point) -> str:
    given = point.given
    if given is None:
        return quoted("*")
    colon = quoted(":")
    return f"(str.++ {f' {colon} '.join(_parts(point, given))})"
