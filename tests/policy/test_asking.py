"""What a call asks under each reading, and in which words an answer says what is not known."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from imagefence.policy.asking import asked, seen_tags, standing
from imagefence.policy.authorize import authorize
from imagefence.policy.decision import PolicyType, Verdict
from imagefence.policy.document import In, PolicyKind
from imagefence.policy.keys import VARIABLE
from imagefence.policy.parse import parse
from imagefence.policy.policies import AttachedPolicy, Level, Policies
from imagefence.policy.readings import DEFAULT, Readings, change
from imagefence.policy.request import Principal, PrincipalKind, Request, Resource

ALICE = Principal(PrincipalKind.USER, "acs:ram::1:user/alice", "1")
OKTA = Principal(PrincipalKind.FEDERATED, "acs:ram::1:saml-provider/okta", "1")
ROLE = Resource("acs:ram::1:role/ops")
OWNERS = change(DEFAULT, "shared-tags=owners")
RECEIVERS = change(DEFAULT, "shared-tags=receivers")
EXPANDED = change(DEFAULT, "variables=expanded")


def attached(*statements: dict[str, Any], kind: PolicyKind = PolicyKind.IDENTITY) -> AttachedPolicy:
    return AttachedPolicy(
        "p", parse(json.dumps({"Version": "1", "Statement": statements}), kind, stored=True)
    )


ALL = attached({"Effect": "Allow", "Action": "*", "Resource": "*"})


@pytest.mark.parametrize(
    ("principal", "action", "resources", "verdict", "text"),
    [
        (ALICE, "sts:GetCallerIdentity", (), Verdict.ALLOW, "`sts:GetCallerIdentity` asks for no permission"),
        (
            ALICE,
            "sts:AssumeRoleWithOIDC",
            (ROLE,),
            Verdict.INDETERMINATE,
            "an identity provider calls `sts:AssumeRoleWithOIDC`, not `acs:ram::1:user/alice`",
        ),
        (
            OKTA,
            "sts:AssumeRoleWithSAML",
            (),
            Verdict.INDETERMINATE,
            "which resources `sts:AssumeRoleWithSAML` authorises is not known",
        ),
        (
            ALICE,
            "ecs:Foo",
            (),
            Verdict.INDETERMINATE,
            "which resources `ecs:Foo` authorises is not known",
        ),
    ],
)
def test_a_call_that_asks_nothing_says_why(
    principal: Principal, action: str, resources: tuple[Resource, ...], verdict: Verdict, text: str
) -> None:
    decision = authorize(Request(principal, action, resources), Policies(identity=(ALL,)))
    assert (decision.verdict, decision.policy_type, decision.resource) == (verdict, None, None)
    assert [(reason.verdict, reason.text) for reason in decision.reasons] == [(verdict, text)]


def test_a_provider_asks_for_assume_role() -> None:
    (request,) = asked(Request(OKTA, "STS:assumerolewithsaml", (ROLE,)), DEFAULT)
    assert request == Request(OKTA, "sts:AssumeRole", (ROLE,))


def test_a_trust_policy_that_is_not_known_is_said_to_be() -> None:
    decision = authorize(Request(ALICE, "sts:AssumeRole", (ROLE,)), Policies(identity=(ALL,)))
    assert decision.policy_type is PolicyType.TRUST
    assert decision.resource == ROLE
    assert [reason.text for reason in decision.reasons] == ["the trust policy of the role is not known"]


def test_an_unknown_trust_policy_is_no_empty_one() -> None:
    empty = attached(kind=PolicyKind.TRUST)
    decision = authorize(Request(ALICE, "sts:AssumeRole", (ROLE,)), Policies(identity=(ALL,), trust=empty))
    assert (decision.verdict, decision.policy_type) == (Verdict.IMPLICIT_DENY, PolicyType.TRUST)


def test_policies_without_anything_doubtful_stand_as_they_are() -> None:
    policies = Policies(identity=(ALL,), control=(Level("Root", (ALL,)),))
    assert standing(policies, DEFAULT) is policies
    for reading in ("variables=expanded", "sid=refused", "variables=refused", "statement-object=refused"):
        assert standing(policies, change(DEFAULT, reading)) == policies


def test_a_refused_policy_is_emptied_wherever_it_stands() -> None:
    doubtful = attached({"Sid": "one", "Effect": "Allow", "Action": "*", "Resource": "*"})
    level = Level("Root", (ALL, doubtful))
    policies = Policies((doubtful, ALL), (doubtful,), doubtful, (level,), doubtful)
    stands = standing(policies, change(DEFAULT, "sid=refused"))
    empty = replace(doubtful, document=replace(doubtful.document, statements=()))
    assert stands == Policies((empty, ALL), (empty,), empty, (Level("Root", (ALL, empty)),), empty)


def test_what_holds_a_variable_may_hit() -> None:
    plain = {"StringEquals": {"acs:UserAgent": "curl", "acs:ResourceTag/a": "${b}"}}
    policy = attached(
        {"Effect": "Allow", "Action": "${service}:*", "Resource": "acs:ecs:*:*:instance/${id}"},
        {"Effect": "Allow", "Action": "ecs:*", "Resource": "acs:ecs:*:*:disk/*", "Condition": plain},
    )
    (stands,) = standing(Policies(identity=(policy,)), EXPANDED).identity
    first, second = stands.document.statements
    assert (first.actions, first.resources) == (In(("*",)), In(("*",)))
    assert [test.key for test in first.conditions] == [VARIABLE]
    assert (second.actions, second.resources) == (In(("ecs:*",)), In(("acs:ecs:*:*:disk/*",)))
    assert [test.key for test in second.conditions] == ["acs:UserAgent", VARIABLE]


def test_a_variable_is_named_as_what_is_unknown() -> None:
    policy = attached({"Effect": "Allow", "Action": "*", "Resource": "${all}"})
    decision = authorize(Request(ALICE, "ecs:Foo", (ROLE,)), Policies(identity=(policy,)), EXPANDED)
    assert [reason.text for reason in decision.reasons] == [
        "Statement[0] of `p` may allow: `policy:variable` is unknown"
    ]


@pytest.mark.parametrize(
    ("owner", "told", "readings", "seen"),
    [
        ("", {"owner_tags": {"b": "2"}}, OWNERS, {"a": "1"}),
        ("1", {"receiver_tags": {"b": "2"}}, RECEIVERS, {"a": "1"}),
        ("2", {"owner_tags": {"b": "2"}}, DEFAULT, {"a": "1"}),
        ("2", {"owner_tags": {"b": "2"}}, OWNERS, {"b": "2"}),
        ("2", {"owner_tags": {"b": "2"}}, RECEIVERS, {"a": "1"}),
        ("2", {"receiver_tags": {}}, RECEIVERS, {}),
    ],
)
def test_whose_tags_of_an_image_are_seen(
    owner: str, told: dict[str, Any], readings: Readings, seen: dict[str, str]
) -> None:
    image = Resource("acs:ecs:cn-hangzhou:1:image/m-1", {"a": "1"}, owner=owner, **told)
    assert seen_tags(Request(ALICE, "ecs:RunInstances", (image,)), image, readings) == seen


def test_tags_of_a_shared_image_are_unknown_where_nobody_told_them() -> None:
    image = Resource("acs:ecs:cn-hangzhou:1:image/m-1", owner="2")
    role = replace(ROLE, owner="2")
    request = Request(ALICE, "ecs:RunInstances", (image, role))
    assert seen_tags(request, image, OWNERS) is None
    assert seen_tags(request, image, DEFAULT) == {}
    assert seen_tags(request, role, OWNERS) == {}


def test_the_image_alone_is_asked_for_its_tag() -> None:
    readings = change(DEFAULT, "launch-asks=image-tag-only")
    new = Resource("acs:ecs:cn-hangzhou:1:instance/*", new=True)
    images = [Resource(f"acs:ecs:cn-hangzhou:1:image/m-{n}", {"n": str(n)}) for n in (1, 2)]
    launch = Request(ALICE, "ecs:runinstances", (new, *images))
    assert seen_tags(launch, new, readings) == {"n": "1"}
    assert seen_tags(replace(launch, action="ecs:DeleteImage"), new, readings) == {}
    assert seen_tags(replace(launch, resources=(new,)), new, readings) == {}
