"""Hostile texts: lint answers every one, in a time that grows with the text."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefence.lint.fixes import mend
from imagefence.lint.lint import lint_text
from imagefence.lint.rules import RULES
from imagefence.lint.sarif import Linted, sarif
from imagefence.policy.document import PolicyKind

WORDS = st.sampled_from(
    [
        *("Version", "Statement", "Effect", "effect", "Action", "NotAction", "Resource", "Condition", "Sid"),
        *("Principal", "RAM", "1", "Allow", "deny", "*", "ecs:*", "ecs:runinstances", "acs:ecs:*:*:image/*"),
        *("StringEquals", "stringlike", "Bool", "acs:SourceIp", "acs:principalarn", "acs:MFAPresent ", "~1/"),
        *("10.1.2.3/8", "true", "", "ecs:<x>", "acs:ram:*:*:role/A", "\ud800", "ß\u202e", "${x}", "a/b:c"),
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)
STATEMENTS = st.fixed_dictionaries(
    {
        "Effect": WORDS | st.sampled_from(["Allow", "Deny"]),
        "Action": VALUES | WORDS,
        "Resource": VALUES | WORDS,
    },
    optional={"Condition": VALUES, "Principal": VALUES, "NotAction": VALUES, "Sid": VALUES},
)
KINDS = st.sampled_from(PolicyKind)


def answered(text: str, kind: PolicyKind) -> None:
    remarks = lint_text(text, kind)
    assert all(each.line >= 1 and each.column >= 1 for each in remarks)
    assert all((each.line, each.column) <= (each.end_line, each.end_column) for each in remarks)
    json.dumps(sarif([Linted("x", text, remarks)]))
    once = mend(text, lambda each: lint_text(each, kind), set(RULES)).text
    assert mend(once, lambda each: lint_text(each, kind), set(RULES)).text == once


@given(VALUES, KINDS)
def test_any_json_is_answered(value: Any, kind: PolicyKind) -> None:
    answered(json.dumps(value), kind)


@given(st.lists(STATEMENTS, min_size=1, max_size=3), KINDS, st.booleans(), st.sampled_from(["1", 1, "2"]))
def test_anything_like_a_policy_is_answered(
    statements: list[Any], kind: PolicyKind, bare: bool, version: object
) -> None:
    policy = {"Version": version, "Statement": statements[0] if bare else statements}
    answered(json.dumps(policy, indent=1, ensure_ascii=False), kind)


@given(st.lists(STATEMENTS, min_size=1, max_size=2), st.data())
def test_a_text_that_is_cut_or_spoilt_is_answered(statements: list[Any], data: st.DataObject) -> None:
    text = json.dumps({"Version": "1", "Statement": statements})
    at = data.draw(st.integers(0, len(text)))
    answered(
        text[:at] + data.draw(st.text(max_size=3)) + text[at + data.draw(st.integers(0, 9)) :],
        PolicyKind.CONTROL,
    )


def statement(**parts: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "ecs:RunInstances", "Resource": "*", **parts}


@pytest.mark.parametrize(
    "statements",
    [
        [statement(Action=[f"ecs:X{n}*" for n in range(5000)])],
        [statement(Action=[f"ecs:Describe{n}" for n in range(3000)])],
        [statement(Resource=f"acs:ecs:*:*:image/m-{n}") for n in range(3000)],
        [statement(Action="*a" * 5000 + "b")],
        [statement(Condition={"StringEquals": {f"acs:ResourceTag/{n}": "*" for n in range(3000)}})],
        [{} for _ in range(3000)],
    ],
    ids=["globs", "unknown", "statements", "stars", "keys", "broken"],
)
def test_what_is_far_over_the_limits_is_answered(statements: list[dict[str, Any]]) -> None:
    remarks = lint_text(json.dumps({"Version": "1", "Statement": statements}), PolicyKind.CONTROL)
    assert "too-long" in {each.rule for each in remarks}


@pytest.mark.parametrize("text", ["[" * 20_000, '{"a":' * 20_000, '"' * 100_001, "\x00", "\ufeff{}", "null"])
def test_what_is_nothing_like_a_policy_is_answered(text: str) -> None:
    answered(text, PolicyKind.CONTROL)
