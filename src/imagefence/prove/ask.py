"""One query under one reading: asked of the policies, answered by a request or by the proof of none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from imagefence.errors import CounterexampleNotReproduced
from imagefence.policy.authorize import authorize
from imagefence.policy.decision import Decision
from imagefence.policy.keys import KeyOrigin, condition_key
from imagefence.policy.operators import OPERATORS
from imagefence.policy.policies import Policies
from imagefence.policy.readings import Case, Readings
from imagefence.policy.request import Request
from imagefence.prove.budget import Budget
from imagefence.prove.calls import Call, Caller
from imagefence.prove.clauses import clauses
from imagefence.prove.concrete import found, request_of
from imagefence.prove.queries import Query, Wish
from imagefence.prove.search import solve
from imagefence.prove.symbolic import Open, passes
from imagefence.prove.terms import FALSE
from imagefence.prove.values import Comparison
from imagefence.scope.scope import May, Scope


@dataclass(frozen=True, slots=True)
class Passing:
    """A request that passes, with the evaluator's decision on it."""

    query: Query
    request: Request
    decision: Decision
    readings: Readings


@dataclass(frozen=True, slots=True)
class Asked:
    """Of what a query is asked: the policies in force for the caller, and what is approved."""

    policies: Policies
    scope: Scope
    caller: Caller
    now: str
    spellings: Mapping[str, tuple[str, ...]]


def asked_of(policies: Policies, scope: Scope, caller: Caller, now: str) -> Asked:
    """Puts together what queries are asked of; the spellings of tag keys in use are gathered once."""
    return Asked(policies, scope, caller, now, _spellings(policies, scope))


def answer(query: Query, asked: Asked, readings: Readings, budget: Budget) -> Passing | None:
    """Finds a request that passes, or None where there is none.

    Raises Undecided past the budget, CounterexampleNotReproduced where the evaluator does not agree.
    """
    solved = _solved(query, query.call, asked, readings, budget)
    if solved is not None and query.plain is not None:
        solved = _solved(query, query.plain, asked, readings, budget) or solved
    if solved is None:
        return None
    decision = authorize(solved, asked.policies, readings)
    if not decision.allowed:
        raise CounterexampleNotReproduced(
            f"`{query.text}`: the evaluator says {decision.verdict.value} where the prover found a way through",
            help="please report it, with the policies",
        )
    return Passing(query, solved, decision, readings)


def _solved(query: Query, call: Call, asked: Asked, readings: Readings, budget: Budget) -> Request | None:
    opened = Open(call, asked.caller, readings, asked.spellings)
    image = query.image
    if image is not None and call is query.plain:
        image = next(n for n, part in enumerate(call.parts) if part == query.call.parts[image])
    demanded = [passes(opened, asked.policies)]
    if demanded[0] == FALSE:
        return None
    demanded += wished(opened, query.wish, image, asked.scope.tags)
    demanded += exempted(opened, asked.scope, query.exempt)
    demanded += excluded(opened)
    made = clauses(opened.terms, opened.dimensions, demanded, budget)
    solution = solve(made.problem, budget)
    return None if solution is None else request_of(found(opened, made, solution), asked.scope.tags)


def wished(
    opened: Open, wish: Wish | None, image: int | None, approved: Mapping[str, tuple[str, ...]]
) -> Iterator[int]:
    """What makes the call the one that is asked about."""
    worn = [_worn(opened, image, key, values) for key, values in approved.items()]
    if wish is Wish.WEARS:
        yield from worn
    elif wish in (Wish.LACKS, Wish.BECOMES) or (wish is Wish.BORN and image is not None):
        yield opened.terms.all(worn) ^ 1
    if wish in (Wish.BECOMES, Wish.BORN):
        for has, (key, values) in zip(worn, approved.items(), strict=True):
            carried = carries(opened, key, values)
            yield carried if wish is Wish.BORN else opened.terms.any((carried, has))


def _worn(opened: Open, image: int | None, key: str, values: Sequence[str]) -> int:
    if image is None or not opened.call.parts[image].tagged:
        return FALSE
    return opened.equals(opened.worn(image, key), values)


def carries(opened: Open, key: str, values: Sequence[str]) -> int:
    """Holds where the call carries this very tag."""
    (seen,) = opened.request_tag(key)
    if opened.readings.tag_key_case is Case.EXACT or next(opened.other_spellings(key), None) is None:
        return opened.equals(seen, values)
    # Why: conditions see the first of several spellings, so what they see need not be what is carried.
    carried = opened.dimension(("carries", key), optional=True, choices=("yes",))
    return opened.terms.all((opened.leaf(carried, 1), opened.leaf(seen, 1)))


def exempted(opened: Open, scope: Scope, may: May | None) -> Iterator[int]:
    """Leaves the exempt roles out, each until its exemption ends."""
    for exemption in scope.exempt_to(may) if may is not None else ():
        arn = f"acs:ram::{opened.caller.account}:role/{exemption.role.lower()}"
        is_exempt = opened.equals(opened.who(), (arn,))
        if exemption.until is not None:
            (time,) = opened.key("acs:currenttime")
            until = Comparison(OPERATORS["DateLessThan"], exemption.until.strftime("%Y-%m-%dT%H:%M:%SZ"))
            in_time = opened.leaf(time, opened.dimensions[time].bit(until))
            is_exempt = opened.terms.all((is_exempt, in_time))
        yield is_exempt ^ 1


def excluded(opened: Open) -> Iterator[int]:
    """Leaves out the texts that keys can't hold."""
    for name, given in opened.call.keys.items():
        number = opened.places.get(("key", name))
        if given.unlike and number is not None:
            yield opened.equals(number, given.unlike) ^ 1


def _spellings(policies: Policies, scope: Scope) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for key in (*scope.tags, *_tag_keys(policies)):
        found.setdefault(key.lower(), {})[key] = None
    return {folded: tuple(group) for folded, group in found.items()}


def _tag_keys(policies: Policies) -> Iterator[str]:
    documents = [policy.document for policy in (*policies.identity, *policies.identity_resource_group)]
    documents += [policy.document for level in policies.control or () for policy in level.policies]
    documents += [policies.session.document] if policies.session is not None else []
    for document in documents:
        for statement in document.statements:
            for test in statement.conditions:
                key = condition_key(test.key)
                if key.origin not in (KeyOrigin.PRINCIPAL, KeyOrigin.CONTEXT):
                    yield key.tag


def pinned(query: Query, keys: Mapping[str, tuple[str, ...]]) -> Query:
    """The same query with condition keys held to these values, as one place would feed them."""

    def held(call: Call) -> Call:
        from_here = {
            name: replace(
                call.keys.get(name, call.others), choices=values[:1], optional=False, absent=not values
            )
            for name, values in keys.items()
        }
        return replace(call, keys={**call.keys, **from_here})

    return replace(query, call=held(query.call), plain=held(query.plain) if query.plain else None)
