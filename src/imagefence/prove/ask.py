"""One query under one reading: asked of the policies, answered by a request or by the proof of none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from imagefence.errors import CounterexampleNotReproduced
from imagefence.policy.authorize import authorize
from imagefence.policy.decision import Decision
from imagefence.policy.keys import UNPUBLISHED, KeyOrigin, condition_key
from imagefence.policy.operators import OPERATORS
from imagefence.policy.policies import AttachedPolicy, Policies
from imagefence.policy.readings import Readings
from imagefence.policy.request import Request
from imagefence.prove.budget import Budget, Undecided
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
    budget.check("the questions were being asked")
    solved = _solved(query, query.call, asked, readings, budget)
    if solved is None and _hangs_on_unpublished(query, asked, readings, budget):
        raise Undecided("it hangs on a key of which no page says when it is present")
    if solved is not None and query.plain is not None:
        solved = _solved(query, query.plain, asked, readings, budget) or solved
    if solved is None:
        return None
    decision = authorize(solved, asked.policies, readings)
    if not decision.allowed:
        raise CounterexampleNotReproduced(
            f"`{query.text}`: the evaluator says {decision.verdict.value}, the prover found a way through",
            help="please report it, with the policies",
        )
    return Passing(query, solved, decision, readings)


def _hangs_on_unpublished(query: Query, asked: Asked, readings: Readings, budget: Budget) -> bool:
    """Whether a request passes that lacks such a key, which the evaluator would call undecided."""
    if not any(condition_key(key).name in UNPUBLISHED for key in _keys(asked.policies)):
        return False
    return _solved(query, query.call, asked, readings, budget, lacks_unpublished=True) is not None


def _solved(
    query: Query,
    call: Call,
    asked: Asked,
    readings: Readings,
    budget: Budget,
    *,
    lacks_unpublished: bool = False,
) -> Request | None:
    opened = Open(call, asked.caller, readings, asked.spellings, lacks_unpublished)
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
    return None if solution is None else request_of(found(opened, made, solution))


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
            carried = opened.equals(opened.carried(key), values)
            yield carried if wish is Wish.BORN else opened.terms.any((carried, has))


def _worn(opened: Open, image: int | None, key: str, values: Sequence[str]) -> int:
    if image is None or not opened.call.parts[image].tagged:
        return FALSE
    return opened.equals(opened.worn(image, key), values)


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
    for key in map(condition_key, _keys(policies)):
        if key.origin not in (KeyOrigin.PRINCIPAL, KeyOrigin.CONTEXT):
            yield key.tag


def _keys(policies: Policies) -> Iterator[str]:
    for policy in policies_of(policies):
        for statement in policy.document.statements:
            for test in statement.conditions:
                yield test.key


def policies_of(policies: Policies) -> Iterator[AttachedPolicy]:
    """All policies in force."""
    yield from policies.identity
    yield from policies.identity_resource_group
    if policies.session is not None:
        yield policies.session
    for level in policies.control or ():
        yield from level.policies


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
