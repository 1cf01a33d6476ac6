"""One value of every kind that some statements tell apart, and the words for it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from imagefence.policy.document import PolicyKind, Statement
from imagefence.policy.keys import KeyOrigin
from imagefence.policy.overlap import common
from imagefence.policy.parse import parse
from imagefence.policy.readings import DEFAULT, change
from imagefence.policy.representatives import (
    CALLER,
    EVERY_RESOURCE,
    OTHER_ACTION,
    OTHER_RESOURCE,
    Axis,
    Choice,
    Subject,
    actions,
    axes,
    resources,
    subject_of,
)
from imagefence.policy.request import Principal, PrincipalKind

HERE = "acs:ecs:cn-hangzhou:1000000000000001"


def read(*statements: dict[str, Any], kind: PolicyKind = PolicyKind.IDENTITY) -> tuple[Statement, ...]:
    """Statements, all on every resource unless they say otherwise."""
    whole = [
        {"Effect": "Allow", **({} if "Principal" in each else {"Resource": "*"}), **each}
        for each in statements
    ]
    return parse(json.dumps({"Version": "1", "Statement": whole}), kind, stored=True).statements


def of_actions(*patterns: Any, operations: tuple[str, ...] = ()) -> dict[str, tuple[str, ...]]:
    """The actions that stand for their kinds, each with its names."""
    statements = read(*({"Action": each} for each in patterns))
    return {each.value: each.names for each in actions(statements, operations, DEFAULT)}


def test_actions_of_every_kind() -> None:
    assert of_actions("ecs:RunInstances", "ecs:*") == {
        "ecs:RunInstances": ("ecs:RunInstances",),
        "ecs:Other": ("ecs:*",),
        "other:Other": (OTHER_ACTION,),
    }
    assert of_actions("ecs:Run*", "ecs:*s", operations=("ecs:RunCommand", "vpc:RunVpc", "ecs:Stops")) == {
        "ecs:RunCommand": ("ecs:Run*",),
        "ecs:Stops": ("ecs:*s",),
        "ecs:runs": ("ecs:runs",),
        "ecs:Other": (OTHER_ACTION,),
        "other:Other": (OTHER_ACTION,),
    }
    assert of_actions("*", ["oss:Get?bject"]) == {
        "oss:Getxbject": ("oss:Get?bject",),
        "oss:Other": (OTHER_ACTION,),
        "other:Other": (OTHER_ACTION,),
    }


def test_services_that_resources_name_have_actions_too() -> None:
    statements = read({"Action": "*", "Resource": ["acs:oss:*:*:b", "acs:*:*:*:c", "short"]})
    assert [each.value for each in actions(statements, (), DEFAULT)] == ["oss:Other", "other:Other"]


def of_resources(action: str, *names: Any, beside: str = "*") -> dict[str, tuple[str, ...]]:
    """The names that stand for their kinds."""
    statements = read(*({"Action": beside, "Resource": each} for each in names))
    return {each.value: each.names for each in resources(action, statements, DEFAULT)}


def test_resources_of_every_kind() -> None:
    assert of_resources("ecs:X", "acs:ecs:*:*:image/*", "acs:ecs:cn-b*:*:image/m-?", "acs:oss:*:*:b") == {
        f"{HERE}:image/x": ("acs:ecs:*:*:image/*",),
        "acs:ecs:cn-bx:1000000000000001:image/m-x": ("acs:ecs:cn-b*:*:image/m-?",),
        f"{HERE}:other/x": (OTHER_RESOURCE, EVERY_RESOURCE),
    }
    assert of_resources("ecs:X", "acs:ecs:*:*:*", "*") == {
        f"{HERE}:other/x": ("acs:ecs:*:*:*",),
        "*": (EVERY_RESOURCE,),
    }
    assert list(of_resources("ecs:X", "acs:oss:*:*:b")) == [f"{HERE}:other/x"]
    assert "acs:oss:cn-hangzhou:1000000000000001:b" in of_resources("ecs:X", "acs:oss:*:*:b", beside="ecs:X")


def of_axes(*statements: dict[str, Any], kind: PolicyKind = PolicyKind.IDENTITY) -> dict[str, list[str]]:
    """The subjects with their choices in words."""
    return {
        each.subject.text: [one.text for one in each.choices]
        for each in axes(read(*statements, kind=kind), DEFAULT)
    }


@pytest.mark.parametrize(
    ("test", "subject", "choices"),
    [
        (
            {"StringEquals": {"acs:ResourceTag/team": ["a", "b"]}},
            "the resource's tag `team`",
            ["absent or any other value", "`a` or `b`"],
        ),
        (
            {"StringEquals": {"acs:RequestTag/team": "a"}},
            "`acs:RequestTag/team`",
            ["absent or any other value", "`a`"],
        ),
        (
            {"StringNotEquals": {"acs:SourceVpc": "a"}},
            "`acs:SourceVpc`",
            ["absent or any other value", "`a`"],
        ),
        ({"StringLike": {"acs:SourceVpc": "a*"}}, "`acs:SourceVpc`", ["absent or any other value", "`ax`"]),
        ({"Bool": {"acs:MFAPresent": "true"}}, "`acs:MFAPresent`", ["absent or `false`", "`true`"]),
        ({"NumericLessThan": {"ecs:Count": "5"}}, "`ecs:Count`", ["absent or `5` or `6`", "`4`"]),
        (
            {"IpAddress": {"acs:SourceIp": "10.0.0.0/8"}},
            "`acs:SourceIp`",
            ["absent or any other value", "`10.0.0.0`"],
        ),
    ],
)
def test_values_of_every_kind(test: dict[str, Any], subject: str, choices: list[str]) -> None:
    assert of_axes({"Action": "*", "Condition": test}) == {subject: choices}


def test_days_beside_a_time() -> None:
    before = of_axes({"Action": "*", "Condition": {"DateLessThan": {"acs:CurrentTime": "2026-01-01"}}})
    times = ["absent or `2026-01-01` or `2026-01-02T00:00:00+00:00`", "`2025-12-31T00:00:00+00:00`"]
    assert before == {"`acs:CurrentTime`": times}
    last = of_axes({"Action": "*", "Condition": {"DateLessThan": {"acs:CurrentTime": "9999-12-31"}}})
    assert last == {"`acs:CurrentTime`": ["absent or `9999-12-31`", "`9999-12-30T00:00:00+00:00`"]}


def test_sets_of_values() -> None:
    test = {"ForAllValues:StringEquals": {"ram:ServiceNames": ["a"]}}
    assert of_axes({"Action": "*", "Condition": test}) == {
        "`ram:ServiceNames`": ["absent or `a`", "any other value or `a` and any other value"]
    }


def test_an_older_key_asks_about_the_same() -> None:
    assert subject_of("ecs:tag/a") == subject_of("acs:resourcetag/a") == Subject(KeyOrigin.RESOURCE_TAG, "a")
    assert subject_of("acs:PrincipalARN") == subject_of("acs:principalArn")
    assert subject_of("acs:RequestTag/a") == Subject(KeyOrigin.REQUEST_TAG, "acs:RequestTag/a")
    assert subject_of("acs:SourceVpc") == Subject(KeyOrigin.CONTEXT, "acs:SourceVpc")


def test_callers_of_every_kind() -> None:
    test = {"StringLike": {"acs:PrincipalARN": ["acs:ram:*:*:role/ci", "acs:ram::2:alice*", "short"]}}
    assert of_axes({"Action": "*", "Condition": test}) == {
        "the caller": ["anyone else", "`acs:ram::1000000000000001:role/ci`"]
    }
    names = {
        "RAM": ["acs:ram::2:root", "acs:ram::2:role/x"],
        "Service": "ecs.aliyuncs.com",
        "Federated": "acs:ram::1:saml-provider/i",
    }
    (axis,) = axes(read({"Action": "sts:AssumeRole", "Principal": names}, kind=PolicyKind.TRUST), DEFAULT)
    assert [(each.caller.kind.value, each.caller.arn) for each in axis.choices if each.caller] == [
        ("user", "acs:ram::1000000000000001:user/alice"),
        ("user", "acs:ram::2:user/alice"),
        ("role", "acs:ram::2:role/x"),
        ("service", "ecs.aliyuncs.com"),
        ("federated", "acs:ram::1:saml-provider/i"),
    ]


def test_a_caller_who_is_trusted_and_meets_the_conditions() -> None:
    trusting = {"Action": "sts:AssumeRole", "Principal": {"RAM": "acs:ram::1:root"}}
    role = {"StringLike": {"acs:PrincipalARN": "acs:ram:*:*:role/*"}}
    (statement,) = read({**trusting, "Condition": role}, kind=PolicyKind.TRUST)
    names = ("acs:ram::2:role/x", "acs:ram::1:user/x", "acs:ram::1:role/x")
    callers = [
        Principal(PrincipalKind.ROLE if "role" in arn else PrincipalKind.USER, arn, arn[9:10])
        for arn in names
    ]
    choices = tuple(Choice(caller=each) for each in callers)
    assert Axis(subject_of("acs:PrincipalARN"), choices).meeting(statement, DEFAULT) == choices[2]
    assert Axis(subject_of("acs:PrincipalARN"), choices[:2]).meeting(statement, DEFAULT) is None
    tag = subject_of("acs:ResourceTag/a")
    assert Axis(tag, (Choice(None),)).meeting(statement, DEFAULT) == Choice(None)


def test_patterns_without_a_colon_and_pairs_of_names() -> None:
    assert of_actions("ecs*") == {"ecs:Other": ("ecs*",), "other:Other": (OTHER_ACTION,)}
    assert list(of_actions("*Run", "o*s*")) == ["ecs:OtherRun", "o:OthersOther", "other:Other"]
    both = of_resources("ecs:X", "acs:ecs:cn-*:*:image/*", "acs:ecs:*:*:*/m-1", "acs:ecs:*:2:disk/*")
    assert f"{HERE}:image/m-1" in both
    assert "acs:ecs:cn-hangzhou:2:disk/m-1" in both


def test_words_of_choices() -> None:
    many = Choice(("a",), alike=tuple((each,) for each in "bcde"))
    assert many.text == "`a` or `b` or `c` or 2 more"
    assert Choice(("a",), alike=(("b",), None)).text == "`a` or `b` or absent"
    assert Choice(("a", "b")).text == "`a` and `b`"
    assert Choice(("x",), alike=(("192.0.2.1",), ("2001:db8::1",))).text == "any other value"
    assert Choice(caller=CALLER).text == "anyone else"
    assert (
        Choice(caller=Principal(PrincipalKind.ROLE, "acs:ram::1:role/ci", "1")).text == "`acs:ram::1:role/ci`"
    )


def test_a_choice_that_meets_all_that_a_statement_asks() -> None:
    condition = {"StringLike": {"acs:ResourceTag/a": "b*"}, "StringNotEquals": {"ecs:tag/a": "b"}}
    (statement,) = read({"Action": "*", "Condition": {**condition, "Bool": {"acs:MFAPresent": "true"}}})
    subject = subject_of("acs:ResourceTag/a")
    choices = tuple(Choice((each,)) for each in ("x", "b", "bc"))
    assert Axis(subject, choices).meeting(statement, DEFAULT) == choices[2]
    assert Axis(subject, choices[:2]).meeting(statement, DEFAULT) is None
    absent = Choice(None)
    (negated,) = read({"Action": "*", "Condition": {"StringNotEquals": {"acs:ResourceTag/a": "b"}}})
    assert Axis(subject, (absent,)).meeting(negated, DEFAULT) == absent
    assert Axis(subject, (absent,)).meeting(negated, change(DEFAULT, "negated-absent=fails")) is None


@pytest.mark.parametrize(
    ("one", "two", "text"),
    [
        ("a*", "*b", "ab"),
        ("a*c", "ab*", "abc"),
        ("a?", "?b", "ab"),
        ("?", "?", "x"),
        ("*", "*", ""),
        ("**", "a", "a"),
        ("*?", "?", "x"),
        ("a*b", "*c*", "acb"),
        ("a", "b", None),
        ("a*", "b*", None),
        ("?", "", None),
        ("ab", "a", None),
        ("", "", ""),
    ],
)
def test_a_text_that_two_patterns_share(one: str, two: str, text: str | None) -> None:
    assert common(one, two) == text
    assert (common(two, one) is None) is (text is None)
