"""Decisions, layers, statements and conditions in words, and in the fields of AccessDeniedDetail."""

from __future__ import annotations

import json
from typing import Any

import pytest

from imagefence.policy.decision import Decision, PolicyType, Reason, Verdict
from imagefence.policy.document import PolicyKind
from imagefence.policy.explain import (
    PRINCIPAL_TYPES,
    AuthPrincipal,
    access_denied_detail,
    condition_words,
    in_words,
    layer_name,
    sentence,
)
from imagefence.policy.parse import parse
from imagefence.policy.request import PrincipalKind, Resource

ALLOW, EXPLICIT, IMPLICIT, OPEN = (
    Verdict.ALLOW,
    Verdict.EXPLICIT_DENY,
    Verdict.IMPLICIT_DENY,
    Verdict.INDETERMINATE,
)
IMAGE = Resource("acs:ecs:cn-hangzhou:1:image/m-1")
CONTROL, ACCOUNT = PolicyType.CONTROL, PolicyType.IDENTITY


def decided(
    verdict: Verdict, layer: PolicyType | None, node: str, resource: Resource | None = IMAGE
) -> Decision:
    """A decision with a reason of another verdict before its own."""
    other = Reason(ALLOW if verdict is not ALLOW else OPEN, ACCOUNT, "something else")
    return Decision(verdict, layer, resource, (other, Reason(verdict, layer, "so it is", node=node)))


@pytest.mark.parametrize(
    ("decision", "words"),
    [
        (decided(ALLOW, ACCOUNT, ""), "allowed: so it is"),
        (decided(EXPLICIT, ACCOUNT, "group/dev"), "denied at `image/m-1` by the identity policies: so it is"),
        (
            decided(IMPLICIT, CONTROL, "Root"),
            "not allowed at `image/m-1` by the control policies on Root: so it is",
        ),
        (decided(IMPLICIT, CONTROL, ""), "not allowed at `image/m-1` by the control policies: so it is"),
        (decided(OPEN, PolicyType.SESSION, "", None), "undecided by the session policy: so it is"),
        (decided(OPEN, None, ""), "undecided: so it is"),
        (
            decided(EXPLICIT, PolicyType.TRUST, "", Resource("*")),
            "denied at `*` by the trust policy: so it is",
        ),
        (Decision(ALLOW), "allowed"),
        (Decision(IMPLICIT, ACCOUNT, IMAGE), "not allowed"),
    ],
)
def test_a_decision_in_one_sentence(decision: Decision, words: str) -> None:
    assert sentence(decision) == words


def test_layers_by_name() -> None:
    names = [layer_name(Reason(IMPLICIT, layer, "", node="n")) for layer in (None, *PolicyType)]
    assert names == [
        "account owner",
        "control policies on n",
        "session policy",
        "identity policies",
        "identity policies of the resource group",
        "trust policy",
    ]


def statement(**parts: Any) -> Any:
    """One parsed statement."""
    kind = PolicyKind.TRUST if "Principal" in parts else PolicyKind.IDENTITY
    return parse(json.dumps({"Version": "1", "Statement": [parts]}), kind).statements[0]


def test_statements_in_words() -> None:
    tests = {"StringEquals": {"acs:SourceVpc": ["a", "b"]}, "Bool": {"acs:MFAPresent": "true"}}
    deny = statement(Effect="Deny", NotAction=["ecs:*", "vpc:*"], NotResource="acs:ecs:*:*:image/*")
    assert in_words(deny) == "denies all but `ecs:*`, `vpc:*` on all but `acs:ecs:*:*:image/*`"
    allow = statement(
        Effect="Allow", Action="*", Resource=["acs:oss:*:*:a", "acs:oss:*:*:b"], Condition=tests
    )
    assert in_words(allow) == (
        "allows `*` on `acs:oss:*:*:a`, `acs:oss:*:*:b` where `acs:SourceVpc` is `a` or `b`"
        " and `acs:MFAPresent` is `true`"
    )
    trust = statement(Effect="Allow", Action="sts:AssumeRole", Principal={"RAM": "acs:ram::1:root"})
    assert in_words(trust) == "allows `sts:AssumeRole`"


@pytest.mark.parametrize(
    ("operator", "value", "words"),
    [
        ("StringEquals", "1", "`k:x` is `1`"),
        ("StringNotEquals", "1", "`k:x` is not `1`"),
        ("StringEqualsIgnoreCase", "1", "`k:x` is, whatever its case, `1`"),
        ("StringNotEqualsIgnoreCase", "1", "`k:x` is not, whatever its case, `1`"),
        ("StringLike", "1*", "`k:x` is like `1*`"),
        ("StringNotLike", "1*", "`k:x` is not like `1*`"),
        ("NumericLessThan", "1", "`k:x` is less than `1`"),
        ("NumericLessThanEquals", "1", "`k:x` is at most `1`"),
        ("DateGreaterThan", "2026-01-01", "`k:x` is greater than `2026-01-01`"),
        ("DateGreaterThanEquals", "2026-01-01", "`k:x` is at least `2026-01-01`"),
        ("IpAddress", "::1", "`k:x` is within `::1`"),
        ("NotIpAddress", "::1", "`k:x` is not within `::1`"),
        ("ForAnyValue:StringEquals", "1", "some value of `k:x` is `1`"),
        ("ForAllValues:StringNotLike", "1", "every value of `k:x` is not like `1`"),
    ],
)
def test_conditions_in_words(operator: str, value: str, words: str) -> None:
    read = statement(Effect="Allow", Action="*", Resource="*", Condition={operator: {"k:x": value}})
    assert condition_words(read.conditions[0]) == words


@pytest.mark.parametrize(
    ("verdict", "layer", "policy_type", "no_permission"),
    [
        (EXPLICIT, CONTROL, "ControlPolicy", "ExplicitDeny"),
        (IMPLICIT, PolicyType.SESSION, "SessionPolicy", "ImplicitDeny"),
        (IMPLICIT, PolicyType.TRUST, "AssumeRolePolicy", "ImplicitDeny"),
        (OPEN, None, "AccountLevelIdentityBasedPolicy", "ImplicitDeny"),
        (OPEN, PolicyType.RESOURCE_GROUP, "ResourceGroupLevelIdentityBasedPolicy", "ImplicitDeny"),
    ],
)
def test_a_refusal_in_the_fields_of_the_cloud(
    verdict: Verdict, layer: PolicyType | None, policy_type: str, no_permission: str
) -> None:
    caller = AuthPrincipal(PRINCIPAL_TYPES[PrincipalKind.ROLE], "1", "ci:session")
    assert access_denied_detail(Decision(verdict, layer), "ecs:RunInstances", caller) == {
        "AuthAction": "ecs:RunInstances",
        "AuthPrincipalType": "AssumedRoleUser",
        "AuthPrincipalOwnerId": "1",
        "AuthPrincipalDisplayName": "ci:session",
        "PolicyType": policy_type,
        "NoPermissionType": no_permission,
    }


def test_every_caller_has_a_type() -> None:
    assert [PRINCIPAL_TYPES[kind] for kind in PrincipalKind] == [
        *("SubUser", "AssumedRoleUser", "Root", "AssumedRoleUser", "Service", "Federated"),
    ]
