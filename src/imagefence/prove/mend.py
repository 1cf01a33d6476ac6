"""The smallest mend for holes: Denies that are proven to close them and to leave golden launches alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from imagefence.policy.document import PolicyKind
from imagefence.policy.parse import parse
from imagefence.policy.policies import AttachedPolicy, Level, Policies
from imagefence.prove.ask import Asked, Passing, asked_of
from imagefence.prove.budget import Budget
from imagefence.prove.prover import AS_READ, Reading, under
from imagefence.scope.roads import LAUNCHES, Barrier, table
from imagefence.scope.scope import Exemption, May, Scope

ANY_IMAGE = "acs:ecs:*:*:image/*"
NAME = "proposed mend"
# Why: one statement can stand across these.
MENDED_TOGETHER = {
    **dict.fromkeys(("replace-system-disk", "stock-image", "foreign-image"), "launch"),
    "tag-by-tag-service": "tag-by-ecs",
}
Statement = dict[str, Any]
Tests = Mapping[str, Mapping[str, str | list[str]]]


@dataclass(frozen=True, slots=True)
class Mend:
    """A policy text that closes the holes, and the answers with it in force."""

    text: str
    policies: Policies
    after: Reading


def mend(asked: Asked, before: Reading, roads: tuple[str, ...], budget: Budget) -> Mend | None:
    """Finds the fewest of the known Denies that close all holes, or None where they don't.

    What could be launched before must still be launched after.
    """
    chosen = list(_candidates(before.holes, asked.scope, asked.caller.account))
    whole = _tried(chosen, asked, before, roads, budget)
    if whole is None:
        return None
    best = whole
    for one in tuple(chosen):
        fewer = [each for each in chosen if each is not one]
        tried = _tried(fewer, asked, before, roads, budget) if fewer else None
        if tried is not None:
            chosen, best = fewer, tried
    return best


def _tried(
    statements: Sequence[Statement], asked: Asked, before: Reading, roads: tuple[str, ...], budget: Budget
) -> Mend | None:
    text = json.dumps({"Version": "1", "Statement": list(statements)}, separators=(",", ":"))
    policies = beside(asked.policies, text)
    after = under(AS_READ, asked_of(policies, asked.scope, asked.caller, asked.now), roads, budget)
    closed = not after.holes and not after.undecided
    return Mend(text, policies, after) if closed and after.launches >= before.launches else None


def beside(policies: Policies, text: str) -> Policies:
    """The policies with one more: on the lowest node, or among the identity's own where there is none."""
    if not policies.control:
        own = AttachedPolicy(NAME, parse(text, PolicyKind.IDENTITY, source=NAME, stored=True))
        return replace(policies, identity=(*policies.identity, own))
    *above, last = policies.control
    more = AttachedPolicy(NAME, parse(text, PolicyKind.CONTROL, source=NAME, stored=True))
    return replace(policies, control=(*above, Level(last.node, (*last.policies, more))))


def _candidates(holes: Iterable[Passing], scope: Scope, account: str) -> Iterator[Statement]:
    """The Denies that stand across the open roads, the widest in use first to go."""
    actions: dict[str, list[str]] = {}
    for hole in holes:
        road = MENDED_TOGETHER.get(hole.query.road, hole.query.road)
        found = actions.setdefault(road, [])
        if hole.query.call.action not in found:
            found.append(hole.query.call.action)
    if "launch" in actions:
        yield from _launch_denies(actions.pop("launch"), scope, account)
    for road, closed in actions.items():
        yield from _other_denies(road, closed, scope)


def _launch_denies(actions: list[str], scope: Scope, account: str) -> Iterator[Statement]:
    exempt = scope.exempt_to(May.LAUNCH)
    launches = [action for action in actions if action in LAUNCHES]
    if launches:
        owners = sorted({account, *scope.owner_accounts})
        yield from _deny(launches, "*", {"StringNotEquals": {"ecs:ImageOwnerId": owners}}, exempt)
        yield from _deny(launches, "*", {"StringEquals": {"ecs:ImageSource": "System"}}, exempt)
    for key, values in scope.tags.items():
        tests: Tests = {"StringNotEquals": {f"acs:ResourceTag/{key}": list(values)}}
        yield from _deny(actions, ANY_IMAGE, tests, exempt)


def _other_denies(road: str, actions: list[str], scope: Scope) -> Iterator[Statement]:
    if road == "born-with-tag":
        for key in scope.tags:
            carried: Tests = {"StringLike": {f"acs:RequestTag/{key}": "*"}}
            yield from _deny(actions, "*", carried, scope.exempt_to(May.CREATE_IMAGE))
    elif barrier_of(road) is Barrier.SHARING:
        for key, values in scope.tags.items():
            differs: Tests = {"StringNotEquals": {f"acs:ResourceTag/{key}": list(values)}}
            yield from _deny(actions, ANY_IMAGE, differs, scope.exempt_to(May.TAG))
    elif barrier_of(road) is Barrier.DOOR:
        yield from _deny(actions, "*", {}, scope.exempt_to(exempt_at(road)))
    else:
        yield from _deny(actions, ANY_IMAGE, {}, scope.exempt_to(May.TAG))


def barrier_of(name: str) -> Barrier:
    """What closes a road."""
    return next(road.closed_by for road in table() if road.name == name)


def exempt_at(name: str) -> May:
    """Who is let through a door."""
    return next(road.exempt for road in table() if road.name == name)


def _deny(
    actions: list[str], resource: str, tests: Tests, exempt: Sequence[Exemption]
) -> Iterator[Statement]:
    """A Deny to all but the exempt roles, and one to each of those after its exemption."""
    if not exempt:
        yield _statement(actions, resource, tests)
        return
    patterns = [each.pattern for each in exempt]
    others: Tests = {"StringNotLike": {"acs:PrincipalARN": patterns}}
    yield _statement(actions, resource, _joined(tests, others))
    for each in exempt:
        if each.until is not None:
            until = each.until.strftime("%Y-%m-%dT%H:%M:%SZ")
            late: Tests = {
                "StringLike": {"acs:PrincipalARN": each.pattern},
                "DateGreaterThanEquals": {"acs:CurrentTime": until},
            }
            yield _statement(actions, resource, _joined(tests, late))


def _statement(actions: list[str], resource: str, tests: Tests) -> Statement:
    made: Statement = {"Effect": "Deny", "Action": actions, "Resource": resource}
    return {**made, "Condition": {name: dict(keys) for name, keys in tests.items()}} if tests else made


def _joined(one: Tests, other: Tests) -> Tests:
    return {name: {**one.get(name, {}), **other.get(name, {})} for name in dict.fromkeys((*one, *other))}
