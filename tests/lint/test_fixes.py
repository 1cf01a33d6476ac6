"""Mends: certain, idempotent, and with the same decisions wherever the rule promises that."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generated import call, document
from imagefence.errors import PolicySyntaxError
from imagefence.lint.fixes import mend
from imagefence.lint.lint import Surroundings, lint_text
from imagefence.lint.remark import Remark
from imagefence.lint.rule import Mend, Rule, example
from imagefence.lint.rules import RULES
from imagefence.policy.authorize import authorize
from imagefence.policy.document import PolicyKind
from imagefence.policy.parse import parse
from imagefence.policy.policies import AttachedPolicy, Policies
from written import request_of

SAME = {rule.name for rule in RULES.values() if rule.mend is Mend.SAME}
MENDED = [rule for rule in RULES.values() if rule.mend is not Mend.NONE]
SLIPS = {
    "acs:SourceVpc": "acs:sourcevpc",
    "acs:PrincipalARN": "acs:PrincipalArn",
    "acs:ResourceTag/team": "acs:resourcetag/team",
}
LATE = {"acs:CurrentTime": "2026-11-24T10:00:00"}
OFFICE = {"acs:SourceIp": ["10.1.2.3/8", "203.0.113.7/24"]}


def linting(kind: PolicyKind, beside: bool | None = None) -> Any:
    return lambda text: lint_text(text, kind, surroundings=Surroundings(beside))


def mended(text: str, kind: PolicyKind = PolicyKind.IDENTITY, rules: set[str] | None = None) -> str:
    return mend(text, linting(kind), set(RULES) if rules is None else rules).text


@pytest.mark.parametrize("rule", MENDED, ids=lambda rule: rule.name)
def test_bad_example_is_mended_once_and_for_all(rule: Rule) -> None:
    text, lint = example(rule.bad), linting(rule.kind, rule.beside)
    before = [each.edit for each in lint(text) if each.rule == rule.name]
    if rule.name in {"unknown-operator", "malformed-key"}:
        assert before == [None], "what was meant is not certain in the example"
        return
    assert None not in before
    result = mend(text, lint, {rule.name})
    assert result.remarks
    assert rule.name not in {each.rule for each in lint(result.text)}
    assert mend(result.text, lint, {rule.name}).text == result.text


@pytest.mark.parametrize(
    "rule", [each for each in RULES.values() if each.mend is Mend.NONE], ids=lambda r: r.name
)
def test_a_rule_that_mends_nothing_offers_nothing(rule: Rule) -> None:
    if not rule.attachment:
        found = linting(rule.kind, rule.beside)(example(rule.bad))
        assert all(each.edit is None for each in found if each.rule == rule.name)


def readable(written: dict[str, Any]) -> dict[str, Any]:
    """The statements that keep to the grammar; the generator's short resource names do not."""
    plain = {"Effect": "Allow", "Action": ["ecs:*"], "Resource": ["*"]}
    kept = [each for each in written["Statement"] if keeps_to_grammar(each)]
    return {"Version": "1", "Statement": kept or [plain]}


def keeps_to_grammar(statement: dict[str, Any]) -> bool:
    try:
        parse(json.dumps({"Version": "1", "Statement": [statement]}), PolicyKind.IDENTITY)
    except PolicySyntaxError:
        return False
    return True


def spoilt(rng: random.Random, written: dict[str, Any]) -> dict[str, Any]:
    """A policy with something to mend in most places, and the same decisions as before."""
    for statement in written["Statement"]:
        for name in ("Action", "NotAction", "Resource", "NotResource"):
            if name in statement and rng.random() < 0.5:
                listed = statement[name] if isinstance(statement[name], list) else [statement[name]]
                statement[name] = [*listed, rng.choice(listed)]
        if rng.random() < 0.3:
            statement.setdefault("Condition", {})
        if rng.random() < 0.3:
            statement.setdefault("Condition", {})["DateLessThan"] = dict(LATE)
        if rng.random() < 0.3:
            statement.setdefault("Condition", {})["IpAddress"] = dict(OFFICE)
        for keys in statement.get("Condition", {}).values():
            for right, wrong in SLIPS.items():
                if right in keys and rng.random() < 0.7:
                    keys[wrong] = keys.pop(right)
    if rng.random() < 0.3:
        written["Statement"].append(json.loads(json.dumps(rng.choice(written["Statement"]))))
    return written


def decided(text: str, calls: list[dict[str, Any]]) -> list[object]:
    policy = AttachedPolicy("mine", parse(text, PolicyKind.IDENTITY, stored=True))
    policies = Policies(identity=(policy,))
    return [authorize(request_of(each), policies).verdict for each in calls]


@given(st.integers(0, 2**32), st.sampled_from([None, 1, 4]))
def test_mends_that_keep_the_meaning_keep_every_decision(seed: int, indent: int | None) -> None:
    rng = random.Random(seed)
    written = spoilt(rng, readable(document(rng, 6)))
    text = json.dumps(written, indent=indent, ensure_ascii=False)
    after = mended(text, rules=SAME)
    calls = [call(rng, {"identity": [written]}) for _ in range(12)]
    assert decided(after, calls) == decided(text, calls)
    assert mended(after, rules=SAME) == after
    left: tuple[Remark, ...] = lint_text(after, PolicyKind.IDENTITY)
    assert not [each for each in left if each.rule in SAME and each.edit is not None]


def test_layout_and_letters_stay() -> None:
    text = (
        '{"Version":"1",\n\n "Statement":[ {"Effect":"Allow", "Resource":"acs:oss:*:*:Größe/*",\n'
        '  "Action" : ["oss:*" ,\t"oss:Get*"] } ]}'
    )
    assert mended(text) == text.replace(' ,\t"oss:Get*"', "")


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ('"effect": "ALLOW"', '"Effect": "Allow"'),
        (
            '"Effect": "Allow", "condition": {"bool": {"acs:MFAPresent ": true}}',
            '"Effect": "Allow", "Condition": {"Bool": {"acs:MFAPresent": "true"}}',
        ),
        (
            '"Effect": "Allow", "Condition": {"NumericLessThan": {"my:Size": 5}}',
            '"Effect": "Allow", "Condition": {"NumericLessThan": {"my:Size": "5"}}',
        ),
    ],
)
def test_several_slips_in_one_statement_are_mended_in_turn(wrong: str, right: str) -> None:
    text = '{"Version": "1", "Statement": [{%s, "Action": "ecs:StartInstance", "Resource": "*"}]}'
    assert mended(text % wrong) == text % right


def test_of_patterns_that_cover_each_other_one_stays() -> None:
    text = (
        '{"Version": "1", "Statement": [{"Effect": "Deny", "Action": ["oss:**", "oss:*", "oss:***"], '
        '"Resource": ["acs:oss:*:*:**", "acs:oss:*:*:*"]}]}'
    )
    right = text.replace(', "oss:*", "oss:***"', "").replace(', "acs:oss:*:*:*"', "")
    assert mended(text) == right


def test_a_key_is_not_renamed_into_one_that_is_there() -> None:
    keys = '{"acs:SourceVPC": "vpc-1", "acs:SourceVpc": "vpc-2"}'
    text = (
        '{"Version": "1", "Statement": [{"Effect": "Allow", "Action": "oss:*", "Resource": "*", '
        '"Condition": {"StringEquals": %s}}]}'
    )
    assert mended(text % keys) == text % keys
