"""Generated policy sets, and every request of a small universe for one query: the prover's referee."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from imagefence.policy.document import (
    ConditionTest,
    Document,
    Effect,
    In,
    NotIn,
    PolicyKind,
    Statement,
)
from imagefence.policy.keys import KeyOrigin, condition_key
from imagefence.policy.operators import OPERATORS
from imagefence.policy.parse import parse
from imagefence.policy.policies import AttachedPolicy, Level, Policies
from imagefence.policy.readings import ALTERNATIVES, DEFAULT, Readings
from imagefence.policy.request import Context, Request, Resource
from imagefence.prove.calls import Call, Part, principal_of, resource_of
from imagefence.prove.queries import Query, Wish

ACCOUNT = "1000000000000001"
NOW = "2026-11-24T10:00:00Z"
APPROVED = {"environment": ("production",)}
EVERYTHING = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
FULL = AttachedPolicy("FullAliyunAccess", parse(EVERYTHING, PolicyKind.CONTROL), system=True)
ADMIN = AttachedPolicy("AdministratorAccess", parse(EVERYTHING, PolicyKind.IDENTITY), system=True)

ACTIONS = (
    ("ecs:RunInstances", "ecs:CreateInstance", "ecs:ReplaceSystemDisk"),
    ("ecs:run*",),
    ("ecs:*",),
    ("ecs:*Image", "ecs:*Tag*", "tag:*"),
    ("*",),
    ("ecs:Describe*",),
)
RESOURCES = (
    ("*",),
    ("acs:ecs:*:*:image/*",),
    ("acs:ecs:*:*:instance/*",),
    ("acs:ecs:*:*:*/m-*", "acs:ecs:*:*:instance/*"),
    ("acs:ecs:*hangzhou:*:*", "acs:vpc:*:*:*"),
    ("acs:ecs:*:1000000000000001:image/m-1",),
    ("acs:ecs:*:*:IMAGE/?-1",),
    ("acs:ecs::*:image/*",),
    ("acs:*:image/m*",),
    ("acs:ecs:*",),
)
TESTS = (
    ("acs:ResourceTag/environment", ("production", "prod*", "*", "test", "p?oduction", "PRODUCTION")),
    ("acs:ResourceTag/Environment", ("production", "*")),
    ("ecs:tag/environment", ("production", "test")),
    ("acs:RequestTag/environment", ("production", "*", "test")),
    ("acs:requesttag/Environment", ("production", "*")),
    ("acs:ResourceTag/environment/x", ("production",)),
    ("acs:PrincipalARN", ("acs:ram:*:*:role/image-admin", "acs:ram:*:*:user/*", "acs:ram:*:*:user/Bob")),
    ("ecs:ImageSource", ("System", "Custom")),
    ("ecs:ImageOwnerId", (ACCOUNT, "9*")),
    ("x:custom", ("a", "b*")),
)
TYPED = (
    ("acs:CurrentTime", "Date", ("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z")),
    ("x:size", "Numeric", ("10", "20.5")),
    ("acs:SourceIp", "Ip", ("10.0.0.0/8", "203.0.113.0/24")),
    ("acs:MFAPresent", "Bool", ("true", "false", "True")),
)
STRINGS = tuple(name for name in OPERATORS if name.startswith("String"))
# What the universe tries for each key, besides its absence.
VALUES = {
    "acs:currenttime": ("2025-06-01T00:00:00Z", NOW, "2027-06-01T00:00:00Z"),
    "x:size": ("5", "10", "15", "20.5", "30", "large"),
    "acs:sourceip": ("10.1.2.3", "203.0.113.7", "8.8.8.8"),
    "acs:mfapresent": ("true", "false"),
    "ecs:imagesource": ("System", "Custom", "Other"),
    "ecs:imageownerid": (ACCOUNT, "9999999999999999", "0"),
    "x:custom": ("a", "bc", "c"),
}
TAG_VALUES = ("production", "PRODUCTION", "test")
CALLERS = ("user/somebody", "user/Bob", "user/bob", "role/image-admin")


def policies(chance: random.Random) -> Policies:
    """One or two levels, beside FullAliyunAccess or not, and an administrator or a generated user."""
    levels = tuple(
        Level(f"level {n}", ((FULL,) if chance.random() < 0.7 else ()) + (attached(chance, f"control {n}"),))
        for n in range(chance.randint(1, 2))
    )
    identity = (ADMIN,) if chance.random() < 0.7 else (attached(chance, "own"), attached(chance, "group's"))
    group = (attached(chance, "scoped"),) if chance.random() < 0.2 else ()
    return Policies(identity=identity, identity_resource_group=group, control=levels)


def attached(chance: random.Random, name: str) -> AttachedPolicy:
    """A policy of a few statements."""
    made = tuple(replace(statement(chance), index=n) for n in range(chance.randint(1, 4)))
    return AttachedPolicy(name, Document(PolicyKind.CONTROL, made))


def statement(chance: random.Random) -> Statement:
    """A statement about launches, tags or everything."""
    actions = chance.choice(ACTIONS)
    names = chance.choice(RESOURCES)
    return Statement(
        Effect.DENY if chance.random() < 0.6 else Effect.ALLOW,
        NotIn(actions) if chance.random() < 0.15 else In(actions),
        NotIn(names) if chance.random() < 0.1 else In(names),
        tuple(condition(chance) for _ in range(chance.choice((0, 1, 1, 2)))),
        empty_condition=chance.random() < 0.03,
    )


def condition(chance: random.Random) -> ConditionTest:
    """One test, of strings or of other values."""
    quantifier = chance.choice(("", "", "", "", "ForAnyValue", "ForAllValues"))
    wanted: Sequence[str]
    if chance.random() < 0.2:
        key, word, wanted = chance.choice(TYPED)
        name = chance.choice([each for each in OPERATORS if each.removeprefix("Not").startswith(word)])
        return ConditionTest(OPERATORS[name], key, tuple(chance.sample(wanted, k=1)), quantifier)
    key, wanted = chance.choice(TESTS)
    count = chance.randint(1, min(2, len(wanted)))
    return ConditionTest(
        OPERATORS[chance.choice(STRINGS)], key, tuple(chance.sample(wanted, count)), quantifier
    )


def readings(chance: random.Random, most: int = 3) -> Readings:
    """The default, or one in which a few points are read otherwise."""
    found = DEFAULT
    for other in chance.sample(ALTERNATIVES, chance.randint(0, most)):
        field = other.name.partition("=")[0]
        found = replace(found, **{field: getattr(other.readings, field)})
    return found


def universe(query: Query, policies: Policies, chance: random.Random, most: int) -> Iterator[Request]:
    """The requests of the call's shape with the values above, where the policies ask for them.

    All of them where they are no more than `most`, else so many drawn from them.
    """
    keys = keys_in(policies)
    call = query.call
    callers = CALLERS if "acs:principalarn" in keys else CALLERS[:1]
    choices: list[Sequence[Any]] = [resources(part, keys) for part in call.parts]
    choices += [callers, tuple(contexts_of(call, keys)), ("cn-hangzhou", "cn-shanghai")]
    drawn: Iterable[Sequence[Any]] = itertools.product(*choices)
    if math.prod(map(len, choices)) > most:
        drawn = (tuple(map(chance.choice, choices)) for _ in range(most))
    for *found, caller, context, region in drawn:
        named = tuple(replace(one, name=one.name.replace("REGION", region)) for one in found)
        arn = f"acs:ram::{ACCOUNT}:{caller}"
        yield Request(principal_of(arn, ACCOUNT), call.action, named, Context(context))


def keys_in(policies: Policies) -> frozenset[str]:
    """The keys that the policies test, tag keys in their own spelling."""
    every = [*policies.identity, *policies.identity_resource_group]
    every += [policy for level in policies.control or () for policy in level.policies]
    return frozenset(
        condition_key(test.key).name
        for policy in every
        for each in policy.document.statements
        for test in each.conditions
    )


def resources(part: Part, keys: frozenset[str]) -> list[Resource]:
    """What one part can be."""
    if not part.kind:
        return [Resource("*")]
    base = f"acs:{part.service}:REGION:{ACCOUNT}:{part.kind}/"
    if part.new:
        return [Resource(base + "*", new=True)]
    ids = ("m-1", "x") if part.kind == "image" else ("m-2",)
    tagged = list(tags(keys)) if part.tagged else [{}]
    if part.kind != "image":
        tagged = [each for each in tagged if set(each) <= {"environment"}]
    return [resource_of(part, base + one, each) for one in ids for each in tagged]


def tags(keys: frozenset[str]) -> Iterator[dict[str, str]]:
    """Sets of tags: the approved key, the same in another spelling, and one with a slash."""
    others = ("Environment",) if any("tag/" in key for key in keys) else ()
    for value in (None, *TAG_VALUES):
        first = {"environment": value} if value else {}
        yield first
        for other in others:
            yield {**first, other: "production"}
            yield {**first, other: "test"}
        if "acs:resourcetag/environment/x" in keys:
            yield {**first, "environment/x": "production"}


def contexts_of(call: Call, keys: frozenset[str]) -> Iterator[dict[str, tuple[str, ...]]]:
    """Contexts over the keys that the policies test."""
    open_keys = sorted(key for key in keys if key in VALUES)
    choices = [values_of(call, key) for key in open_keys]
    for values, carried in itertools.product(itertools.product(*choices), request_tags(call)):
        known = {key: (value,) for key, value in zip(open_keys, values, strict=True) if value is not None}
        yield {**known, **carried}


def values_of(call: Call, key: str) -> list[str | None]:
    """What a key can be in a call."""
    given = call.keys.get(key, call.others)
    if given.absent:
        return [None]
    values = [value for value in (given.choices or VALUES[key]) if value not in given.unlike]
    if key == "ecs:imageownerid" and not given.choices:
        values = [value for value in values if given.optional or value.isdigit()]
    return [*values, None] if given.optional else list(values)


def request_tags(call: Call) -> list[dict[str, tuple[str, ...]]]:
    """The tags that a call can carry, in either order."""
    if not call.request_tags:
        return [{}]
    one, other = "acs:RequestTag/environment", "acs:RequestTag/Environment"
    found: list[dict[str, tuple[str, ...]]] = [{}]
    for value in TAG_VALUES:
        found += [{one: (value,)}, {other: (value,)}]
        found += [{one: (value,), other: ("test",)}, {other: ("test",), one: (value,)}]
    return found


def is_asked_for(query: Query, request: Request, approved: Mapping[str, tuple[str, ...]] = APPROVED) -> bool:
    """Whether a request is one that the query is about, said once more and independently."""
    image = dict(request.resources[query.image].tags or {}) if query.image is not None else {}
    worn = all(image.get(key) in values for key, values in approved.items())
    tags = {
        key.removeprefix("acs:RequestTag/"): values[0]
        for key, values in request.context.known.items()
        if condition_key(key).origin is KeyOrigin.REQUEST_TAG
    }
    carried = all(tags.get(key) in values for key, values in approved.items())
    if query.wish is Wish.LACKS:
        return not worn
    if query.wish is Wish.WEARS:
        return worn
    if query.wish is Wish.BECOMES:
        after = all({**image, **tags}.get(key) in values for key, values in approved.items())
        return not worn and after
    if query.wish is Wish.BORN:
        return carried and (query.image is None or not worn)
    return True
