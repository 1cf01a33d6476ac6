"""Corners of the core that the larger tables pass by."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from imagefence.errors import PolicySyntaxError
from imagefence.policy.asking import standing
from imagefence.policy.authorize import authorize, questions
from imagefence.policy.changes import Case, allowed_anew, settings, without_statement
from imagefence.policy.decision import PolicyType, Reason, Verdict
from imagefence.policy.document import In, PolicyKind
from imagefence.policy.levels import outcomes
from imagefence.policy.matching import covers_action
from imagefence.policy.near_miss import near_misses
from imagefence.policy.parse import MAX_ITEMS, parse
from imagefence.policy.policies import AttachedPolicy, Policies
from imagefence.policy.positions import deeper_than
from imagefence.policy.readings import DEFAULT, change
from imagefence.policy.request import Context, Principal, PrincipalKind, Request, Resource

ALICE = Principal(PrincipalKind.USER, "acs:ram::1:user/alice", "1")
IMAGE = Resource("acs:ecs:cn-hangzhou:1:image/m-1")
ONE: dict[str, Any] = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def read(
    *statements: dict[str, Any], name: str = "p", kind: PolicyKind = PolicyKind.IDENTITY
) -> AttachedPolicy:
    """A policy of these statements."""
    text = json.dumps({"Version": "1", "Statement": statements})
    return AttachedPolicy(name, parse(text, kind, stored=True))


def test_only_images_are_shared_with_their_tags() -> None:
    tags: dict[str, Any] = {
        "owner_tags": {"a": "theirs"},
        "receiver_tags": {"a": "ours"},
        "tags": {"a": "seen"},
        "owner": "2",
    }
    for name, seen in (("image/m-1", "theirs"), ("disk/d-1", "seen")):
        request = Request(ALICE, "ecs:X", (Resource(f"acs:ecs:cn-hangzhou:1:{name}", **tags),))
        (question,) = questions(request, change(DEFAULT, "shared-tags=owners"))
        assert question.values("acs:ResourceTag/a") == (seen,)


def test_a_statement_without_a_variable_keeps_its_words_beside_one_that_has() -> None:
    policies = Policies(identity=(read({**ONE, "Action": "ecs:*", "Resource": "acs:oss:*:*:${x}/*"}),))
    (stands,) = standing(policies, change(DEFAULT, "variables=expanded")).identity[0].document.statements
    assert stands.actions == In(("ecs:*",))
    assert stands.resources == In(("*",))
    assert [test.key for test in stands.conditions] == ["policy:variable"]
    named = Policies(identity=(read({**ONE, "Action": "ecs:${x}", "Resource": "acs:oss:*:*:b"}),))
    (stands,) = standing(named, change(DEFAULT, "variables=expanded")).identity[0].document.statements
    assert (stands.actions, stands.resources) == (In(("*",)), In(("acs:oss:*:*:b",)))


@pytest.mark.parametrize("action", ["sts:AssumeRoleWithSAML", "sts:assumerolewithoidc"])
def test_a_provider_alone_assumes_a_role_by_its_own_call(action: str) -> None:
    request = Request(ALICE, action, (Resource("acs:ram::1:role/x"),))
    (reason,) = authorize(request, Policies(identity=(read(ONE),))).reasons
    assert reason.text == f"an identity provider calls `{action}`, not `acs:ram::1:user/alice`"
    (reason,) = authorize(replace(request, resources=()), Policies()).reasons
    assert reason.text == f"which resources `{action}` authorises is not known"


def test_a_pattern_is_parted_at_its_first_colon() -> None:
    by_part = change(DEFAULT, "action-glob=per-part")
    assert covers_action(In(("ecs:a:b",)), "ecs:a:b", by_part)
    assert not covers_action(In(("*:a:b",)), "x:b", by_part)


def test_a_changed_key_leaves_the_other_unknown_ones_unknown() -> None:
    test = {"StringEquals": {"acs:SourceVpc": "v"}}
    (condition,) = read({**ONE, "Condition": test}).document.statements[0].conditions
    unknown = frozenset({"acs:SourceVpc", "acs:AccessId"})
    request = Request(ALICE, "ecs:X", (IMAGE,), Context(unknown=unknown))
    (question,) = questions(request)
    made = next(settings(Case(request, Policies()), question, condition))
    assert made.case.request.context == Context({"acs:SourceVpc": ("v",)}, frozenset({"acs:AccessId"}))


def test_a_policy_of_the_same_name_or_text_is_another() -> None:
    one = read(ONE, ONE, name="one")
    namesake, twin = read(ONE, name="one"), replace(one, name="two")
    case = Case(Request(ALICE, "ecs:X", (IMAGE,)), Policies(identity=(one, namesake, twin)))
    after = without_statement(case, one, one.document.statements[0]).case.policies
    assert [len(each.document.statements) for each in after.identity] == [1, 1, 2]


def test_a_trust_policy_keeps_its_statements_beside_a_new_one() -> None:
    trusting = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"RAM": "acs:ram::2:root"}}
    trust = read(trusting, name="trust", kind=PolicyKind.TRUST)
    case = Case(Request(ALICE, "sts:AssumeRole", (IMAGE,)), Policies(trust=trust))
    reason = Reason(Verdict.IMPLICIT_DENY, PolicyType.TRUST, "", action="sts:AssumeRole")
    after = allowed_anew(case, reason, ["*"]).case.policies.trust
    assert after is not None
    assert after.name == "trust"
    assert after.document.statements[0] == trust.document.statements[0]
    assert len(after.document.statements) == 2


def test_the_level_that_denies_is_marked_whatever_its_policy_hangs_on() -> None:
    deny = replace(read({**ONE, "Effect": "Deny"}), attached_to="user/alice")
    (outcome,) = outcomes(Request(ALICE, "ecs:X", (IMAGE,)), Policies(identity=(deny,)))
    assert [level.refuses for level in outcome.levels] == [True]


def test_every_deny_is_told_with_its_policy_and_resource() -> None:
    deny = read({**ONE, "Effect": "Deny", "Condition": {"StringEquals": {"acs:SourceVpc": "v"}}}, name="deny")
    request = Request(ALICE, "ecs:X", (IMAGE,), Context({"acs:SourceVpc": ("v",)}))
    policies = Policies(identity=(read(ONE), deny))
    (found,) = near_misses(request, policies, authorize(request, policies))
    assert (found.resource, found.policy, found.statement) == (IMAGE.name, deny, deny.document.statements[0])


def test_near_misses_ask_what_the_reading_asks() -> None:
    tagging = Request(ALICE, "ecs:AddTags", (IMAGE,))
    alias = change(DEFAULT, "add-tags=alias")
    policies = Policies(identity=(read({**ONE, "Action": "ecs:AddTags"}),))
    (found,) = near_misses(tagging, policies, authorize(tagging, policies, alias), alias)
    assert found.lacks == ("its Action does not cover `ecs:CreateTags`",)


def test_lists_of_the_longest_length_are_read() -> None:
    (statement,) = read({**ONE, "Action": ["*"] * MAX_ITEMS}).document.statements
    assert len(statement.actions.patterns) == MAX_ITEMS


@pytest.mark.parametrize(
    ("text", "depth", "offset"), [("{}[[", 1, 3), ("{{}{{", 2, 4), ("[[][[", 2, 4), ("[]]]]]]", 0, 0)]
)
def test_depth_counts_what_is_open(text: str, depth: int, offset: int) -> None:
    assert deeper_than(text, depth) == offset


def test_the_first_day_of_all_has_a_day_after() -> None:
    test = {"DateGreaterThan": {"acs:CurrentTime": "0001-01-01"}}
    (condition,) = read({**ONE, "Condition": test}).document.statements[0].conditions
    request = Request(ALICE, "ecs:X", (IMAGE,))
    (question,) = questions(request)
    texts = [each.text for each in settings(Case(request, Policies()), question, condition)]
    assert texts[1:2] == ["`acs:CurrentTime` being `0001-01-02T00:00:00Z`"]


@pytest.mark.parametrize(("element", "words"), [("Action", "an action"), ("Resource", "a resource")])
def test_an_empty_string_is_no_name(element: str, words: str) -> None:
    with pytest.raises(PolicySyntaxError, match=f": expected {words}, not an empty string$"):
        read({**ONE, element: ""})


def test_a_document_keeps_the_length_of_its_text() -> None:
    text = json.dumps({"Version": "1", "Statement": [ONE]})
    assert parse(text, PolicyKind.IDENTITY).length == len(text)
    assert parse(f" {text}\n", PolicyKind.IDENTITY) == parse(text, PolicyKind.IDENTITY)
