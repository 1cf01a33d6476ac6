"""Every level of a decision, whole, and what a near miss says was lacking."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from imagefence.policy.authorize import authorize
from imagefence.policy.decision import PolicyType, Verdict
from imagefence.policy.document import PolicyKind
from imagefence.policy.levels import ResourceOutcome, outcomes
from imagefence.policy.near_miss import NearMiss, near_misses
from imagefence.policy.parse import parse
from imagefence.policy.policies import AttachedPolicy, Level, Policies
from imagefence.policy.readings import DEFAULT, Readings, change
from imagefence.policy.request import Context, Principal, PrincipalKind, Request, Resource

ALLOW, EXPLICIT, IMPLICIT, OPEN = (
    Verdict.ALLOW,
    Verdict.EXPLICIT_DENY,
    Verdict.IMPLICIT_DENY,
    Verdict.INDETERMINATE,
)
CONTROL, SESSION, ACCOUNT = PolicyType.CONTROL, PolicyType.SESSION, PolicyType.IDENTITY
GROUP, TRUST = PolicyType.RESOURCE_GROUP, PolicyType.TRUST
ALICE = Principal(PrincipalKind.USER, "acs:ram::1:user/alice", "1")
ROOT = Principal(PrincipalKind.ROOT, "acs:ram::1:root", "1")
SERVICE = Principal(PrincipalKind.SERVICE, "ecs.aliyuncs.com", "1")
IMAGE = Resource("acs:ecs:cn-hangzhou:1:image/m-1")
ROLE = Resource("acs:ram::1:role/ci")


def policy(name: str, *statements: dict[str, Any], kind: PolicyKind = PolicyKind.IDENTITY) -> AttachedPolicy:
    """A policy of these statements."""
    return AttachedPolicy(name, parse(json.dumps({"Version": "1", "Statement": statements}), kind))


def says(effect: str, action: str = "*", resource: str = "*", **condition: Any) -> dict[str, Any]:
    """A statement as JSON data."""
    made = {"Effect": effect, "Action": action, "Resource": resource}
    return {**made, "Condition": condition} if condition else made


ALL = policy("all", says("Allow"))
NONE = policy("none", says("Deny"), says("Allow"))
SILENT = policy("silent", says("Allow", "oss:*"))
MAYBE = policy("maybe", says("Allow", StringEquals={"acs:SourceVpc": "v"}))
TRUSTING = policy(
    "trust",
    {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"RAM": "acs:ram::1:root"}},
    kind=PolicyKind.TRUST,
)


def table(outcome: ResourceOutcome) -> list[tuple[Any, ...]]:
    """The levels of one resource, the hits as `policy[index]`."""
    return [
        (
            each.policy_type,
            each.node,
            each.verdict,
            [f"{hit.policy.name}[{hit.statement.index}]" for hit in each.hits],
            each.passed_over,
            each.refuses,
        )
        for each in outcome.levels
    ]


def levels(
    policies: Policies,
    caller: Principal = ALICE,
    action: str = "ecs:X",
    target: Resource = IMAGE,
    readings: Readings = DEFAULT,
) -> list[tuple[Any, ...]]:
    """The table of one resource, of which a key is not known."""
    context = Context(unknown=frozenset({"acs:SourceVpc"}))
    (outcome,) = outcomes(Request(caller, action, (target,), context), policies, readings)
    assert (outcome.action, outcome.resource) == (action, target)
    return table(outcome)


def test_all_levels_are_told_also_behind_the_one_that_refuses() -> None:
    control = (Level("Root", (NONE,)), Level("Root/Dev", (ALL, MAYBE)), Level("Root/Dev/1", (SILENT,)))
    assert levels(Policies(identity=(ALL,), session=NONE, control=control)) == [
        (CONTROL, "Root", EXPLICIT, ["none[0]"], "", False),
        (CONTROL, "Root/Dev", ALLOW, ["all[0]", "maybe[0]"], "", False),
        (CONTROL, "Root/Dev/1", IMPLICIT, [], "", True),
        (SESSION, "", EXPLICIT, ["none[0]"], "", False),
        (ACCOUNT, "", ALLOW, ["all[0]"], "", False),
    ]


def test_the_level_that_refuses_is_marked_alone() -> None:
    assert [each[5] for each in levels(Policies(identity=(ALL,), session=SILENT))] == [True, False]
    assert [each[5] for each in levels(Policies(identity=(MAYBE,), session=ALL))] == [False, False]
    assert [each[5] for each in levels(Policies(identity=(NONE,), session=ALL))] == [False, True]


def test_control_policies_that_do_not_bind_say_why() -> None:
    control = (Level("Root", (NONE,)),)
    caller = replace(ALICE, in_management_account=True)
    why = "control policies do not bind the management account"
    assert levels(Policies(identity=(NONE,), control=control), caller) == [
        (CONTROL, "Root", EXPLICIT, ["none[0]"], why, False),
        (ACCOUNT, "", EXPLICIT, ["none[0]"], "", True),
    ]


def test_the_owner_of_the_account_is_not_asked() -> None:
    said = "the owner may do everything in its own account"
    assert levels(Policies(identity=(NONE,)), ROOT) == [(None, "", ALLOW, [], said, False)]


def test_the_resource_group_stands_behind_the_account_scope() -> None:
    both = Policies(identity=(SILENT,), identity_resource_group=(NONE,))
    asked = "silent, so the resource group is asked"
    assert levels(both) == [
        (ACCOUNT, "", IMPLICIT, [], asked, False),
        (GROUP, "", EXPLICIT, ["none[0]"], "", True),
    ]
    spoken = Policies(identity=(ALL,), identity_resource_group=(NONE,))
    assert levels(spoken) == [
        (ACCOUNT, "", ALLOW, ["all[0]"], "", False),
        (GROUP, "", EXPLICIT, ["none[0]"], "the account scope has spoken", False),
    ]
    pool = change(DEFAULT, "resource-group=one-pool")
    assert levels(spoken, readings=pool) == [(ACCOUNT, "", EXPLICIT, ["none[0]"], "", True)]


@pytest.mark.parametrize("action", ["sts:AssumeRole", "STS:assumerole"])
def test_trust_is_a_level_of_assuming_a_role(action: str) -> None:
    assert levels(Policies(identity=(ALL,), trust=TRUSTING), action=action, target=ROLE) == [
        (ACCOUNT, "", ALLOW, ["all[0]"], "", False),
        (TRUST, "", ALLOW, ["trust[0]"], "", False),
    ]
    assert levels(Policies(trust=TRUSTING), SERVICE, action, ROLE) == [(TRUST, "", IMPLICIT, [], "", True)]
    assert levels(Policies(identity=(ALL,)), action=action, target=ROLE)[1] == (
        TRUST,
        "",
        OPEN,
        [],
        "",
        False,
    )


def missed(policies: Policies, request: Request, readings: Readings = DEFAULT) -> tuple[NearMiss, ...]:
    """The near misses of a request."""
    return near_misses(request, policies, authorize(request, policies, readings), readings)


ASKS = Request(ALICE, "ecs:X", (IMAGE,), Context({"acs:SourceVpc": ("a", "b")}))


@pytest.mark.parametrize(
    ("statement", "lacks"),
    [
        (says("Allow", "ecs:Y"), "its Action does not cover `ecs:X`"),
        ({"Effect": "Allow", "NotAction": "ecs:*", "Resource": "*"}, "its NotAction does not cover `ecs:X`"),
        (says("Allow", "ecs:*", "acs:oss:*:*:*"), f"its Resource does not cover `{IMAGE.name}`"),
        (
            {"Effect": "Allow", "Action": "*", "NotResource": "*"},
            f"its NotResource does not cover `{IMAGE.name}`",
        ),
        (
            says("Allow", StringEquals={"acs:SourceVpc": ["v", "w"]}),
            "`acs:SourceVpc` is `a` `b`, asked is StringEquals `v`, `w`",
        ),
        (
            says("Allow") | {"Condition": {"ForAllValues:StringEquals": {"acs:SourceVpc": "v"}}},
            "`acs:SourceVpc` is `a` `b`, asked is ForAllValues:StringEquals `v`",
        ),
        (says("Allow", Bool={"acs:MFAPresent": "true"}), "`acs:MFAPresent` is absent, asked is Bool `true`"),
        (
            says("Allow", "ecs:Y", Bool={"acs:MFAPresent": "true"}),
            "its Action does not cover `ecs:X`; `acs:MFAPresent` is absent, asked is Bool `true`",
        ),
    ],
)
def test_what_an_allow_lacked(statement: dict[str, Any], lacks: str) -> None:
    near = policy("near", statement)
    found = missed(Policies(identity=(near,)), ASKS)[-1]
    assert (found.lacked, found.resource) == (lacks, IMAGE.name)
    assert (found.policy, found.statement) == (near, near.document.statements[0])
    assert (found.change is None) is (";" in lacks)


def test_what_a_trust_policy_lacked() -> None:
    stranger = Request(replace(ALICE, arn="acs:ram::2:user/eve", account="2"), "sts:AssumeRole", (ROLE,))
    (found,) = missed(Policies(identity=(ALL,), trust=TRUSTING), stranger)
    assert found.lacks == ("it does not trust `acs:ram::2:user/eve`",)
    assert found.change is not None
    assert found.change.text == "Statement[0] of `trust` trusting `acs:ram::2:user/eve`"


def test_what_a_deny_hit_by() -> None:
    deny = policy(
        "deny", says("Deny", StringNotEquals={"acs:SourceVpc": "v"}, Bool={"acs:MFAPresent": "true"})
    )
    request = replace(ASKS, context=Context({"acs:SourceVpc": ("a",), "acs:MFAPresent": ("true",)}))
    (found,) = missed(Policies(identity=(ALL, deny)), request)
    assert found.lacks == (
        "it denies where `acs:SourceVpc` is not `v`, and it is `a`",
        "it denies where `acs:MFAPresent` is `true`, and it is `true`",
    )
    assert [each.text for each in found.changes] == [
        "`acs:SourceVpc` being `v`",
        "`acs:MFAPresent` being `false`",
    ]
    plain = missed(Policies(identity=(ALL, policy("deny", says("Deny")))), ASKS)
    assert [each.lacked for each in plain] == ["it denies without a condition"]
    assert [each.change and each.change.text for each in plain] == ["no Statement[0] of `deny`"]


def test_the_nearest_come_first_and_others_are_left_out() -> None:
    twice = says("Allow", "ecs:Y", Bool={"acs:MFAPresent": "true"})
    other, deny = says("Allow", "oss:*"), says("Deny", "ecs:Y")
    many = policy("many", twice, other, says("Allow", "ecs:Y"), deny, *[says("Allow", "ec?:Z")] * 5)
    found = missed(Policies(identity=(many,)), ASKS)
    assert [each.statement and each.statement.index for each in found] == [2, 4, 5]
    assert missed(Policies(identity=(ALL,)), ASKS) == ()
    assert (
        missed(
            Policies(identity=(MAYBE,)), replace(ASKS, context=Context(unknown=frozenset({"acs:SourceVpc"})))
        )
        == ()
    )


def test_an_allow_that_nothing_came_near_to() -> None:
    (found,) = missed(Policies(identity=(SILENT,)), ASKS)
    assert found.lacks == ("no statement allows `ecs:X` there",)
    assert (found.resource, found.policy, found.statement) == (IMAGE.name, None, None)
    assert found.change is not None
    assert found.change.text == f"an Allow of `ecs:X` on `{IMAGE.name}` in the identity policies"
