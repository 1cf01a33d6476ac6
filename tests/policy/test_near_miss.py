"""Nearest misses: each proposed change is one thing, and lets the request pass."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from imagefence.policy.authorize import authorize, questions
from imagefence.policy.changes import Where
from imagefence.policy.decision import Verdict
from imagefence.policy.document import ConditionTest, Document, Effect, In, NotIn, PolicyKind, Statement
from imagefence.policy.near_miss import NearMiss, near_misses
from imagefence.policy.operators import OPERATORS, ValueKind
from imagefence.policy.parse import parse
from imagefence.policy.policies import AttachedPolicy, Level, Policies
from imagefence.policy.request import Context, Principal, PrincipalKind, Request, Resource
from imagefence.policy.witnesses import witnesses

ACCOUNT = "1000000000000002"
ALICE = Principal(PrincipalKind.USER, f"acs:ram::{ACCOUNT}:user/alice", ACCOUNT)
IMAGE = f"acs:ecs:cn-hangzhou:{ACCOUNT}:image/m-1"
NEW = f"acs:ecs:cn-hangzhou:{ACCOUNT}:instance/*"
ALL = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
TAG = "acs:ResourceTag/environment"
TESTS = {
    "StringEquals": ("production", "staging"),
    "StringNotEquals": ("production",),
    "StringLike": ("prod*", "*"),
    "StringNotLike": ("*test*",),
    "StringEqualsIgnoreCase": ("PRODUCTION",),
}


def policy(name: str, *statements: str, kind: PolicyKind = PolicyKind.IDENTITY) -> AttachedPolicy:
    text = f'{{"Version":"1","Statement":[{",".join(statements)}]}}'
    return AttachedPolicy(name, parse(text, kind))


def statement(effect: str, action: str, resource: str, condition: str = "") -> str:
    tail = f',"Condition":{condition}' if condition else ""
    return f'{{"Effect":"{effect}","Action":"{action}","Resource":"{resource}"{tail}}}'


def launch(*tags: tuple[str, str], caller: Principal = ALICE, **known: str) -> Request:
    context = Context({key.replace("_", ":"): (value,) for key, value in known.items()})
    resources = (Resource(NEW, new=True), Resource(IMAGE, dict(tags)))
    return Request(caller, "ecs:RunInstances", resources, context)


def found(request: Request, policies: Policies) -> tuple[NearMiss, ...]:
    return near_misses(request, policies, authorize(request, policies))


def first_text(request: Request, policies: Policies) -> str:
    change = found(request, policies)[0].change
    assert change is not None
    return change.text


def test_the_tag_that_the_fence_asks_for() -> None:
    deny = statement(
        "Deny", "ecs:RunInstances", "acs:ecs:*:*:image/*", f'{{"StringNotEquals":{{"{TAG}":"production"}}}}'
    )
    fence = policy("fence", deny, kind=PolicyKind.CONTROL)
    full = AttachedPolicy("full", parse(ALL, PolicyKind.CONTROL))
    policies = Policies(identity=(full,), control=(Level("Root", (full, fence)),))
    (miss,) = found(launch(("environment", "test")), policies)
    assert miss.change is not None
    assert (miss.change.where, miss.change.text) == (
        Where.REQUEST,
        "`image/m-1` wearing `environment=production`",
    )
    assert miss.lacks == (f"it denies where `{TAG}` is not `production`, and it is `test`",)


def test_being_the_exempt_role() -> None:
    condition = '{"StringNotLike":{"acs:PrincipalARN":"acs:ram:*:*:role/break-glass"}}'
    full = AttachedPolicy("full", parse(ALL, PolicyKind.IDENTITY))
    policies = Policies(
        identity=(full, policy("fence", statement("Deny", "ecs:RunInstances", "*", condition)))
    )
    assert first_text(launch(), policies) == "the caller being `role/break-glass`, under the same policies"


def test_each_way_out_of_a_deny_is_shown() -> None:
    tests = '"StringNotLike":{"acs:PrincipalARN":"acs:ram:*:*:role/break-glass"}'
    condition = f'{{"StringNotEquals":{{"{TAG}":"production"}},{tests}}}'
    full = AttachedPolicy("full", parse(ALL, PolicyKind.IDENTITY))
    policies = Policies(identity=(full, policy("fence", statement("Deny", "*", IMAGE, condition))))
    (miss,) = found(launch(), policies)
    assert [change.text for change in miss.changes] == [
        "`image/m-1` wearing `environment=production`",
        "the caller being `role/break-glass`, under the same policies",
    ]


def test_a_launch_from_anything_but_stock() -> None:
    condition = '{"StringEquals":{"ecs:ImageSource":"System"}}'
    full = AttachedPolicy("full", parse(ALL, PolicyKind.IDENTITY))
    policies = Policies(
        identity=(full, policy("fence", statement("Deny", "ecs:RunInstances", "*", condition)))
    )
    assert first_text(launch(ecs_ImageSource="System"), policies) == "`ecs:ImageSource` having another value"


def test_the_missing_action_pattern() -> None:
    policies = Policies(identity=(policy("dev", statement("Allow", "ecs:Describe*", "*")),))
    assert first_text(launch(), policies) == "`ecs:RunInstances` in the Action of Statement[0] of `dev`"


def test_all_missing_resources_in_one_statement() -> None:
    narrow = statement("Allow", "ecs:*", "acs:ecs:*:*:disk/*")
    text = first_text(launch(), Policies(identity=(policy("dev", narrow),)))
    assert text == f"`{NEW}`, `{IMAGE}` in the Resource of Statement[0] of `dev`"


def test_nothing_speaks_of_the_service() -> None:
    policies = Policies(identity=(policy("dev", statement("Allow", "oss:*", "*")),))
    (miss,) = found(launch(), policies)
    assert miss.lacks == ("no statement allows `ecs:RunInstances` there",)
    assert miss.change is not None
    assert miss.change.text.startswith("an Allow of `ecs:RunInstances` on ")


def test_one_thing_that_is_not_enough_is_not_proposed() -> None:
    """The image lacks its tag under two Denies with different values: no single tag passes both."""
    full = AttachedPolicy("full", parse(ALL, PolicyKind.IDENTITY))
    fences = tuple(
        policy(
            f"fence-{value}", statement("Deny", "*", IMAGE, f'{{"StringNotEquals":{{"{TAG}":"{value}"}}}}')
        )
        for value in ("one", "two")
    )
    misses = found(launch(), Policies(identity=(full, *fences)))
    assert len(misses) == 2
    assert all(miss.change is None for miss in misses)


def test_tags_are_not_proposed_where_nobody_could_set_them() -> None:
    """A new instance has no tags yet, and a foreign image's are not seen."""
    allow = statement("Allow", "*", "*", f'{{"StringEquals":{{"{TAG}":"production"}}}}')
    policies = Policies(identity=(policy("dev", allow),))
    stock = Resource(IMAGE, owner="1" * 16)
    for resource in (Resource(NEW, new=True), stock):
        request = Request(ALICE, "ecs:RunInstances", (resource,))
        assert all("wearing" not in miss.change.text for miss in found(request, policies) if miss.change)


def test_an_allowed_request_has_no_near_miss() -> None:
    assert (
        found(launch(), Policies(identity=(AttachedPolicy("full", parse(ALL, PolicyKind.IDENTITY)),))) == ()
    )


SAMPLES = {
    ValueKind.STRING: ("my:Key", ("production", "pro?*")),
    ValueKind.NUMBER: ("my:Size", ("10", "-0.5")),
    ValueKind.DATE: ("acs:CurrentTime", ("2026-12-31T00:00:00Z", "2026-06-30T08:00:00+08:00")),
    ValueKind.BOOLEAN: ("acs:MFAPresent", ("true",)),
    ValueKind.ADDRESS: ("acs:SourceIp", ("10.0.0.0/8", "2001:db8::/32")),
}


@pytest.mark.parametrize("name", sorted(OPERATORS))
def test_every_operator_can_be_met_and_missed(name: str) -> None:
    """Among the values that are tried there is one of each for every operator and every value."""
    operator = OPERATORS[name]
    key, samples = SAMPLES[operator.kind]
    for wanted in samples:
        test = ConditionTest(operator, key, (wanted,))
        truths = set()
        for witness in witnesses(test):
            known = {} if witness.value is None else {key: (witness.value,)}
            (question, *_) = questions(replace(launch(), context=Context(known)))
            truths.add(question.test(test))
        assert {True, False} <= truths, wanted


conditions = st.builds(
    lambda key, name, quantifier: ConditionTest(OPERATORS[name], key, TESTS[name], quantifier),
    st.sampled_from((TAG, "acs:RequestTag/team", "ecs:InstanceType", "acs:PrincipalARN")),
    st.sampled_from(tuple(TESTS)),
    st.sampled_from(("", "", "ForAnyValue", "ForAllValues")),
)
statements = st.builds(
    Statement,
    st.sampled_from(Effect),
    st.sampled_from(
        (In(("*",)), In(("ecs:Run*",)), In(("ecs:Describe*",)), NotIn(("ecs:Run*",)), NotIn(("oss:*",)))
    ),
    st.sampled_from((In(("*",)), In(("acs:ecs:*:*:image/*",)), NotIn((IMAGE,)), In(("acs:ecs:*:*:disk/*",)))),
    st.lists(conditions, max_size=2).map(tuple),
)
pools = st.lists(statements, min_size=1, max_size=3).map(
    lambda each: AttachedPolicy("p", Document(PolicyKind.IDENTITY, tuple(each)))
)
requests = st.builds(
    lambda tags, context: replace(launch(*tags.items()), context=Context(context)),
    st.dictionaries(st.just("environment"), st.sampled_from(("production", "staging", "test")), max_size=1),
    st.dictionaries(
        st.sampled_from(("acs:RequestTag/team", "ecs:InstanceType")), st.just(("production",)), max_size=2
    ),
)


@given(requests, pools, st.one_of(st.none(), pools), st.one_of(st.none(), pools))
def test_every_proposed_change_is_one_thing_and_passes(
    request: Request, own: AttachedPolicy, node: AttachedPolicy | None, session: AttachedPolicy | None
) -> None:
    policies = Policies((own,), session=session, control=(Level("Root", (node,)),) if node else None)
    decision = authorize(request, policies)
    assume(not decision.allowed)
    for miss in near_misses(request, policies, decision):
        assert miss.lacks
        for change in miss.changes:
            after = change.case
            assert authorize(after.request, after.policies).verdict is Verdict.ALLOW
            assert (after.request == request) is (change.where is Where.POLICY)
            assert (after.policies == policies) is (change.where is Where.REQUEST)


@given(requests, pools)
def test_an_implicit_deny_of_one_layer_is_always_answered(request: Request, own: AttachedPolicy) -> None:
    """Without a Deny and with one layer, one statement is enough, so some proven change must be found."""
    allows = tuple(replace(each, effect=Effect.ALLOW) for each in own.document.statements)
    policies = Policies((replace(own, document=Document(PolicyKind.IDENTITY, allows)),))
    decision = authorize(request, policies)
    assume(decision.verdict is Verdict.IMPLICIT_DENY)
    assert near_misses(request, policies, decision)[0].change is not None


@given(st.sampled_from(("production", "a b", "*", "")), st.booleans())
def test_a_lost_tag_is_found_again(value: str, other: bool) -> None:
    """A request that owes its Allow to one tag gets that very tag proposed."""
    condition = ConditionTest(OPERATORS["StringEquals"], TAG, (value,))
    allow = Statement(Effect.ALLOW, In(("*",)), In(("acs:ecs:*:*:image/*",)), (condition,))
    rest = Statement(Effect.ALLOW, In(("*",)), In((NEW,)), index=1)
    policies = Policies((AttachedPolicy("p", Document(PolicyKind.IDENTITY, (allow, rest))),))
    assert authorize(launch(("environment", value)), policies).allowed
    request = launch(("environment", "other")) if other else launch()
    assert first_text(request, policies) == f"`image/m-1` wearing `environment={value}`"
