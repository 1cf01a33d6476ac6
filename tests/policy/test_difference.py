"""What `difference` finds: each example is true, both ways are symmetric, and what matters is found."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imagefence.policy.authorize import authorize
from imagefence.policy.difference import Difference, Group, difference
from imagefence.policy.document import Document, PolicyKind
from imagefence.policy.overlap import common, instance
from imagefence.policy.parse import parse
from imagefence.policy.pattern import glob
from imagefence.policy.policies import AttachedPolicy, Level, Policies
from imagefence.policy.readings import DEFAULT, NegatedAbsent
from imagefence.policy.request import Context, PrincipalKind, Request, Resource

ONE = {"Effect": "Allow", "Action": "*", "Resource": "*"}
ACTIONS = ("*", "ecs:*", "ecs:Run*", "ecs:RunInstances", "*:Describe*", "oss:GetObject")
NAMES = ("*", "acs:ecs:*:*:image/*", "acs:ecs:*:*:*", "acs:ecs:*:*:image/m-1", "acs:oss:*:*:b/*")
TESTS: tuple[dict[str, dict[str, Any]], ...] = (
    {},
    {"StringNotEquals": {"acs:ResourceTag/environment": "production"}},
    {"StringLike": {"acs:ResourceTag/environment": "prod*"}},
    {"StringNotLike": {"acs:PrincipalARN": ["acs:ram:*:*:role/image-admin"]}},
    {"IpAddress": {"acs:SourceIp": ["10.0.0.0/8"]}, "Bool": {"acs:SecureTransport": "true"}},
    {"DateLessThan": {"acs:CurrentTime": "2026-12-31T00:00:00Z"}},
    {"NumericGreaterThan": {"ecs:Count": "5"}},
    {"ForAnyValue:StringEquals": {"ram:ServiceNames": ["ecs.aliyuncs.com", "fc.aliyuncs.com"]}},
)

statements = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(("Allow", "Deny")),
        "Action": st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=2),
        "Resource": st.lists(st.sampled_from(NAMES), min_size=1, max_size=2),
        "Condition": st.sampled_from(TESTS),
    }
)
texts = st.lists(statements, min_size=1, max_size=4)


def document(*statements: dict[str, Any], kind: PolicyKind = PolicyKind.IDENTITY) -> Document:
    return parse(json.dumps({"Version": "1", "Statement": statements}), kind, stored=True)


def identity(*statements: dict[str, Any]) -> Policies:
    return Policies(identity=(AttachedPolicy("own", document(*statements)),))


def groups(found: Difference) -> tuple[Group, ...]:
    return found.allowed + found.denied


def in_short(found: tuple[Group, ...]) -> list[Any]:
    return [(group.actions, group.resources, group.settings, group.example.request) for group in found]


@given(texts, texts)
@settings(max_examples=150)
def test_each_example_is_true_and_sides_swap(one: list[dict[str, Any]], two: list[dict[str, Any]]) -> None:
    before, after = identity(*one), identity(*two)
    found, back = difference(before, after), difference(after, before)
    for group in groups(found):
        example = group.example
        assert authorize(example.request, before) == example.before
        assert authorize(example.request, after) == example.after
        assert example.after.allowed is (group in found.allowed)
        assert example.before.allowed is not example.after.allowed
    assert in_short(found.allowed) == in_short(back.denied)
    assert in_short(found.denied) == in_short(back.allowed)
    assert found.tried == back.tried


@given(texts)
@settings(max_examples=40)
def test_a_side_differs_from_itself_in_nothing(one: list[dict[str, Any]]) -> None:
    found = difference(identity(*one), identity(*reversed(one)))
    assert (found.allowed, found.denied, found.same) == ((), (), True)


@given(texts, st.data())
@settings(max_examples=200)
def test_a_statement_that_matters_is_missed(one: list[dict[str, Any]], data: st.DataObject) -> None:
    """Whatever request of a small world the two sides decide otherwise, some difference is found."""
    place = data.draw(st.integers(0, len(one) - 1))
    before, after = identity(*one), identity(*one[:place], *one[place + 1 :])
    if any(authorize(each, before).allowed is not authorize(each, after).allowed for each in WORLD):
        assert groups(difference(before, after))


def world() -> list[Request]:
    return [
        Request(
            replace(ALICE, kind=PrincipalKind.ROLE, arn=arn) if "role" in arn else ALICE,
            action,
            (Resource(name, tags),),
            Context(known),
        )
        for arn in ("user", "acs:ram::1000000000000001:role/image-admin")
        for action in ("ecs:RunInstances", "ecs:StopInstance", "ecs:DescribeImages", "oss:GetObject", "a:B")
        for name in ("*", "acs:ecs:r:1:image/m-1", "acs:ecs:r:1:image/m-2", "acs:ecs:r:1:disk/d")
        for tags in ({}, {"environment": "production"}, {"environment": "test"})
        for known in ({}, FULL)
    ]


ALICE = difference(identity(ONE), identity({**ONE, "Effect": "Deny"})).denied[0].example.request.principal
FULL = {
    "acs:SourceIp": ("10.1.1.1",),
    "acs:SecureTransport": ("true",),
    "acs:CurrentTime": ("2026-01-01T00:00:00Z",),
    "ecs:Count": ("6",),
    "ram:ServiceNames": ("ecs.aliyuncs.com",),
}
WORLD = world()


def test_a_loosened_tag_is_told_by_its_value() -> None:
    def guard(*values: str) -> Policies:
        deny = {
            "Effect": "Deny",
            "Action": ["ecs:RunInstances", "ecs:CreateInstance"],
            "Resource": "acs:ecs:*:*:image/*",
            "Condition": {"StringNotEquals": {"acs:ResourceTag/environment": list(values)}},
        }
        attached = AttachedPolicy("guard", document(ONE, deny, kind=PolicyKind.CONTROL))
        return Policies(identity=identity(ONE).identity, control=(Level("Root", (attached,)),))

    found = difference(guard("production"), guard("production", "staging"))
    (group,) = found.allowed
    assert not found.denied
    assert [each.names for each in group.actions] == [("ecs:RunInstances", "ecs:CreateInstance")]
    assert [each.names for each in group.resources] == [("acs:ecs:*:*:image/*",)]
    (((subject, choice),),) = group.settings
    assert (subject.text, choice.text) == ("the resource's tag `environment`", "`staging`")
    assert group.example.request.resources[0].tags == {"environment": "staging"}


def test_an_overlap_of_two_patterns_has_its_witness() -> None:
    allow = {**ONE, "Action": "ecs:*Image"}
    found = difference(identity(allow), identity(allow, {**ONE, "Action": "ecs:Create*", "Effect": "Deny"}))
    (group,) = found.denied
    action = group.example.request.action.lower()
    assert glob("ecs:*image")(action)
    assert glob("ecs:create*")(action)


def test_known_operations_make_the_examples() -> None:
    found = difference(
        identity(), identity({**ONE, "Action": "ecs:Run*"}), operations=("ecs:RunCommand", "oss:PutObject")
    )
    assert found.allowed[0].example.request.action == "ecs:RunCommand"
    assert found.allowed[0].actions[0].names == ("ecs:Run*",)


def test_trust_policies_differ_by_whom_they_name() -> None:
    def trust(**principals: str) -> Policies:
        statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principals}
        attached = AttachedPolicy("trust", document(statement, kind=PolicyKind.TRUST))
        return Policies(identity=identity(ONE).identity, trust=attached)

    found = difference(trust(RAM="acs:ram::1:root"), trust(RAM="acs:ram::1:root", Service="ecs.aliyuncs.com"))
    assert [group.example.request.principal.arn for group in found.allowed] == ["ecs.aliyuncs.com"]
    found = difference(trust(RAM="acs:ram::1:root"), trust(RAM="acs:ram::1:role/ci"))
    assert not found.allowed
    assert found.denied[0].example.request.principal.arn == "acs:ram::1:user/alice"


def test_the_readings_count() -> None:
    deny = {**ONE, "Effect": "Deny", "Condition": {"StringNotEquals": {"acs:SourceVpc": "vpc-1"}}}
    found = difference(identity(ONE), identity(ONE, deny))
    assert "absent" in found.denied[0].settings[0][0][1].text
    other = replace(DEFAULT, negated_absent=NegatedAbsent.FAILS)
    fails = difference(identity(ONE), identity(ONE, deny), readings=other)
    assert fails.denied[0].settings[0][0][1].text == "any other value"


def test_too_many_requests_are_cut_and_said_to_be() -> None:
    keys = {f"ecs:Key{number}": ["a", "b", "c"] for number in range(12)}
    deny = {**ONE, "Effect": "Deny", "Condition": {"StringEquals": keys}}
    found = difference(identity(ONE), identity(ONE, deny))
    assert found.cut
    assert found.denied
    assert found.tried < 1000
    few = difference(identity(ONE), identity({**ONE, "Action": "ecs:*"}), limit=1)
    assert (few.tried, few.cut) == (1, True)


@given(st.text("ab*?", max_size=6), st.text("ab*?", max_size=6), st.text("abx", max_size=5))
def test_common_text_is_accepted_by_both(one: str, two: str, text: str) -> None:
    found = common(one, two)
    if found is None:
        assert not (glob(one)(text) and glob(two)(text))
    else:
        assert glob(one)(found)
        assert glob(two)(found)


@given(st.text("ab*?", max_size=6), st.sampled_from(("", "x", "a/b")))
def test_an_instance_is_accepted(pattern: str, filler: str) -> None:
    assert glob(pattern)(instance(pattern, filler))


@pytest.mark.parametrize("pattern", ["*a" * 200, "?" * 300 + "*"])
def test_common_of_long_patterns_ends(pattern: str) -> None:
    found = common(pattern, "*" + "b*" * 200)
    assert found is not None
    assert glob(pattern)(found)
