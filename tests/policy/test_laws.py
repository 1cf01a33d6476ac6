"""Laws that hold for every policy and every request."""

from __future__ import annotations

import random
from fnmatch import fnmatchcase

from hypothesis import given
from hypothesis import strategies as st

from imagefence.policy.authorize import authorize
from imagefence.policy.decision import Verdict
from imagefence.policy.document import (
    ConditionTest,
    Document,
    Effect,
    In,
    NotIn,
    PolicyKind,
    Statement,
    TrustedPrincipals,
)
from imagefence.policy.logic import Truth, all_of, any_of, not_
from imagefence.policy.operators import OPERATORS
from imagefence.policy.parse import parse, print_document
from imagefence.policy.pattern import glob
from imagefence.policy.policies import AttachedPolicy, Level, Policies
from imagefence.policy.request import Context, Principal, PrincipalKind, Request, Resource

ALICE = Principal(PrincipalKind.USER, "acs:ram::1:user/alice", "1")
ACTIONS = ("*", "ecs:*", "ecs:Run*", "ecs:RunInstances", "oss:GetObject", "*:Describe*")
RESOURCES = ("*", "acs:ecs:*:*:image/*", "acs:ecs:*:*:instance/*", "acs:ecs:*:1:image/m-1", "acs:*:*:*:*")
KEYS = ("acs:ResourceTag/environment", "acs:RequestTag/a b", "ecs:ImageOwnerId", "acs:SourceVpc")
STRINGS = tuple(name for name in OPERATORS if name.startswith("String"))

patterns = st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=3).map(tuple)
names = st.lists(st.sampled_from(RESOURCES), min_size=1, max_size=3).map(tuple)
values = st.lists(st.text(max_size=4).filter(lambda text: text.isprintable()), min_size=1, max_size=2).map(
    tuple
)
tests = st.builds(
    ConditionTest,
    operator=st.sampled_from(STRINGS).map(OPERATORS.__getitem__),
    key=st.sampled_from(KEYS),
    values=st.one_of(st.just(("production",)), values),
    quantifier=st.sampled_from(("", "ForAnyValue", "ForAllValues")),
)
conditions = st.lists(tests, max_size=3, unique_by=lambda t: (t.operator.name, t.key, t.quantifier)).map(
    # The printed form groups keys by operator, so the identity is over tests in that order.
    lambda found: tuple(sorted(found, key=lambda t: (t.quantifier, t.operator.name)))
)
statements = st.builds(
    Statement,
    effect=st.sampled_from(Effect),
    actions=st.builds(In, patterns) | st.builds(NotIn, patterns),
    resources=st.builds(In, names) | st.builds(NotIn, names),
    conditions=conditions,
    sid=st.sampled_from(("", "one")),
)


def numbered(found: list[Statement]) -> tuple[Statement, ...]:
    return tuple(
        Statement(each.effect, each.actions, each.resources, each.conditions, index=index, sid=each.sid)
        for index, each in enumerate(found)
    )


documents = st.lists(statements, min_size=1, max_size=5).map(
    lambda found: Document(PolicyKind.IDENTITY, numbered(found))
)
requests = st.builds(
    Request,
    principal=st.just(ALICE),
    action=st.sampled_from(("ecs:RunInstances", "ecs:DescribeImages", "oss:GetObject")),
    resources=st.lists(
        st.builds(
            Resource,
            name=st.sampled_from(
                ("acs:ecs:cn-hangzhou:1:image/m-1", "acs:ecs:cn-hangzhou:1:instance/*", "*")
            ),
            tags=st.sampled_from(({}, {"environment": "production"}, {"environment": "test"}, None)),
            new=st.booleans(),
        ),
        min_size=1,
        max_size=3,
    ).map(tuple),
    context=st.builds(
        Context,
        known=st.dictionaries(st.sampled_from(KEYS[1:]), values, max_size=2),
        unknown=st.frozensets(st.sampled_from(KEYS), max_size=1),
    ),
)


def identity(document: Document) -> Policies:
    return Policies(identity=(AttachedPolicy("p", document),))


@given(documents, st.booleans())
def test_parse_undoes_print(document: Document, compact: bool) -> None:
    text = print_document(document, compact=compact)
    again = parse(text, PolicyKind.IDENTITY, stored=True)
    assert print_document(again, compact=compact) == text
    assert [(s.effect, s.actions, s.resources, s.conditions, s.sid) for s in again.statements] == [
        (s.effect, s.actions, s.resources, s.conditions, s.sid) for s in document.statements
    ]


def test_trust_policy_is_printed_as_read() -> None:
    document = Document(
        PolicyKind.TRUST,
        (
            Statement(
                Effect.ALLOW,
                In(("sts:AssumeRole",)),
                In(("*",)),
                principals=TrustedPrincipals(ram=("acs:ram::1:root",), service=("ecs.aliyuncs.com",)),
            ),
        ),
    )
    assert parse(print_document(document), PolicyKind.TRUST).statements[0].principals == (
        document.statements[0].principals
    )
    assert "Resource" not in print_document(document)


@given(documents, documents, requests)
def test_a_deny_more_never_allows(document: Document, more: Document, request: Request) -> None:
    denying = tuple(
        Statement(Effect.DENY, each.actions, each.resources, each.conditions) for each in more.statements
    )
    wider = Document(PolicyKind.IDENTITY, document.statements + denying)
    if not authorize(request, identity(document)).allowed:
        assert not authorize(request, identity(wider)).allowed


@given(documents, requests, st.randoms(use_true_random=False))
def test_order_of_statements_is_irrelevant(
    document: Document, request: Request, chance: random.Random
) -> None:
    shuffled = list(document.statements)
    chance.shuffle(shuffled)
    other = Document(PolicyKind.IDENTITY, tuple(shuffled))
    one, two = authorize(request, identity(document)), authorize(request, identity(other))
    assert (one.verdict, one.policy_type, one.resource) == (two.verdict, two.policy_type, two.resource)


@given(documents, requests)
def test_a_control_level_never_allows(document: Document, request: Request) -> None:
    policies = identity(document)
    everything = parse(
        '{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}', PolicyKind.IDENTITY
    )
    bound = Policies(
        identity=(AttachedPolicy("all", everything),), control=(Level("Root", policies.identity),)
    )
    assert authorize(request, bound).verdict is authorize(request, policies).verdict


@given(documents, requests)
def test_unknown_is_between_all_that_it_can_be(document: Document, request: Request) -> None:
    verdict = authorize(request, identity(document)).verdict
    for value in (None, ("production",), ("test",)):
        known = {
            key: values for key, values in request.context.known.items() if key not in request.context.unknown
        }
        if value is not None:
            known |= dict.fromkeys(request.context.unknown, value)
        tags = [{"environment": value[0]} if value else {} for _ in request.resources]
        resources = tuple(
            Resource(
                each.name,
                tag if each.tags is None or KEYS[0] in request.context.unknown else each.tags,
                each.new,
            )
            for each, tag in zip(request.resources, tags, strict=True)
        )
        settled = authorize(
            Request(ALICE, request.action, resources, Context(known)), identity(document)
        ).verdict
        assert settled is not Verdict.INDETERMINATE
        if verdict is not Verdict.INDETERMINATE:
            assert (settled is Verdict.ALLOW) == (verdict is Verdict.ALLOW)


@given(st.text("ab*?", max_size=8), st.text("ab", max_size=8))
def test_glob_agrees_with_fnmatch(pattern: str, text: str) -> None:
    assert glob(pattern)(text) == fnmatchcase(text, pattern)


@given(st.lists(st.sampled_from((True, False, None)), max_size=4))
def test_de_morgan(parts: list[Truth]) -> None:
    assert not_(all_of(parts)) is any_of(not_(part) for part in parts)
