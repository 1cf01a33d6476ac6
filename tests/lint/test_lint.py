"""What lint says of whole policies, where they are attached."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from imagefence.cli.vocabulary import PUBLISHED, example, vocabulary
from imagefence.lint.lint import Surroundings, lint_attachment, lint_text
from imagefence.lint.remark import RULES, Remark, Severity
from imagefence.policy.document import PolicyKind
from imagefence.policy.parse import parse
from imagefence.policy.readings import ALTERNATIVES, DEFAULT, Readings, change

FULL = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
LINT = Path(__file__).parents[2] / "src" / "imagefence" / "lint"


def remarks(*statements: dict[str, Any], kind: str = "control", beside: bool | None = None) -> set[str]:
    text = json.dumps({"Version": "1", "Statement": list(statements)})
    found = lint_text(text, PolicyKind(kind), vocabulary=vocabulary(), surroundings=Surroundings(beside))
    return {each.rule for each in found}


def published(beside: bool | None) -> dict[str, Remark]:
    found = lint_text(
        example(PUBLISHED), PolicyKind.CONTROL, vocabulary=vocabulary(), surroundings=Surroundings(beside)
    )
    return {each.rule: each for each in found}


def test_published_policy_blocks_nothing_beside_full_access() -> None:
    found = published(True)
    assert found["blocks-nothing"].severity is Severity.ERROR
    assert found["blocks-nothing"].pointer == "/Statement/0"
    assert "dead-account" not in found
    assert "blocks-nothing" in published(None), "every node carries FullAliyunAccess by default"


def test_published_policy_alone_refuses_even_the_golden_image() -> None:
    found = published(False)
    assert found["dead-account"].severity is Severity.ERROR
    assert found["tag-on-every-resource"].severity is Severity.ERROR
    assert found["tag-on-every-resource"].pointer == "/Statement/0/Condition"
    assert "blocks-nothing" not in found


def test_published_policy_leaves_doors_open_and_names_nothing() -> None:
    found = published(True)
    assert "`tag:TagResources`" in found["open-doors"].message
    assert "ecs:TagResources" in found["unknown-action"].help


def test_attachment_knows_what_hangs_beside() -> None:
    full, guard = parse(FULL, PolicyKind.CONTROL), parse(example(PUBLISHED), PolicyKind.CONTROL)
    beside = {each.rule for place, each in lint_attachment((full, guard)) if place == 1}
    alone = {each.rule for _, each in lint_attachment((guard,))}
    assert "blocks-nothing" in beside
    assert "blocks-nothing" not in {each.rule for place, each in lint_attachment((full, guard)) if place == 0}
    assert "dead-account" in alone


def test_a_deny_with_all_doors_shut_has_no_error() -> None:
    deny = {
        "Effect": "Deny",
        "Action": ["ecs:TagResources", "tag:TagResources", "ecs:C*Image", "ecs:ImportImage"],
        "Resource": "*",
    }
    assert remarks(deny, beside=True) == set()


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ({"Effect": "Deny", "Action": ["ecs:*", "ecs:Run*"], "Resource": "*"}, "redundant"),
        ({"Effect": "Deny", "Action": "e*", "Resource": "*"}, "glob-over-colon"),
        ({"Effect": "Deny", "Action": "*", "NotResource": "acs:ecs:*:*:image/*"}, "not-resource"),
        (
            {
                "Effect": "Deny",
                "Action": "*",
                "Resource": "*",
                "Condition": {"StringEquals": {"acs:NoSuchKey": "x"}},
            },
            "unknown-key",
        ),
        (
            {
                "Effect": "Deny",
                "Action": "*",
                "Resource": "*",
                "Condition": {"StringEquals": {"acs:PrincipalArn": "x"}},
            },
            "key-spelling",
        ),
        (
            {
                "Effect": "Deny",
                "Action": "*",
                "Resource": "*",
                "Condition": {"Bool": {"ecs:IsDiskEncrypted": "true"}},
            },
            "type-mismatch",
        ),
        (
            {
                "Effect": "Deny",
                "Action": "ecs:RunInstances",
                "Resource": "acs:ecs:*:*:image/*",
                "Condition": {"StringNotEquals": {"acs:ResourceTag/environment": "production"}},
            },
            "absent-tag",
        ),
        (
            {"Effect": "Allow", "NotAction": "ecs:RunInstances", "Resource": "*"},
            "allow-in-control-policy",
        ),
    ],
)
def test_rule(statement: dict[str, Any], rule: str) -> None:
    assert rule in remarks(statement)
    plain = {"Effect": "Deny", "Action": "oss:PutBucket", "Resource": "*"}
    assert rule not in remarks(plain)


def test_the_same_statement_twice_is_redundant() -> None:
    deny = {"Effect": "Deny", "Action": "oss:PutBucket", "Resource": "*"}
    assert remarks(deny, deny) == {"redundant"}


def test_every_rule_is_in_the_table() -> None:
    sources = "".join(path.read_text() for path in LINT.glob("*.py"))
    used = set(
        re.findall(r'"([a-z]+(?:-[a-z]+)*)",\s+(?:Severity\.)?(?:ERROR|WARNING|NOTE|severity)', sources)
    )
    assert used == set(RULES)
    page = (Path(__file__).parents[2] / "docs" / "semantics.md").read_text()
    assert all(f"| `{rule}` | {text} |" in page for rule, text in RULES.items())


def test_every_reading_is_in_the_docs_and_changes_one_field() -> None:
    page = (Path(__file__).parents[2] / "docs" / "semantics.md").read_text()
    for other in ALTERNATIVES:
        assert change(DEFAULT, other.name) == other.readings
        changed = [
            f for f in Readings.__dataclass_fields__ if getattr(other.readings, f) != getattr(DEFAULT, f)
        ]
        name, _, value = other.name.partition("=")
        assert changed == [name]
        row = next(line for line in page.splitlines() if f"`{name.replace('_', '-')}` =" in line)
        assert row.startswith(f"| {other.id} |")
        assert value in row
    assert {other.id for other in ALTERNATIVES} == {f"U-{n}" for n in range(1, 18)}


@pytest.mark.parametrize("wrong", ["negated-absent=perhaps", "no-such=holds", "holds"])
def test_unknown_reading_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="reading"):
        change(DEFAULT, wrong)
