"""What lint says of whole policies, where they are attached."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from imagefence.cli.published import PUBLISHED, example
from imagefence.lint.lint import Surroundings, lint_text
from imagefence.lint.remark import Remark, Severity
from imagefence.policy.document import PolicyKind
from imagefence.policy.readings import ALTERNATIVES, DEFAULT, Readings, change


def remarks(*statements: dict[str, Any], kind: str = "control", beside: bool | None = None) -> set[str]:
    text = json.dumps({"Version": "1", "Statement": list(statements)})
    found = lint_text(text, PolicyKind(kind), surroundings=Surroundings(beside))
    return {each.rule for each in found}


def published(beside: bool | None) -> dict[str, Remark]:
    found = lint_text(example(PUBLISHED), PolicyKind.CONTROL, surroundings=Surroundings(beside))
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


def test_an_allow_list_of_services_may_stand_alone() -> None:
    services = {"Effect": "Allow", "Action": ["ecs:*", "rds:*"], "Resource": ["acs:*:*cn-beijing*:*:*"]}
    assert remarks(services) == {"allow-in-control-policy"}
    assert remarks(services, beside=True) == {"blocks-nothing"}
    assert remarks(services, beside=False) == set()


def test_published_policy_leaves_doors_open_and_names_nothing() -> None:
    found = published(True)
    assert "`tag:TagResources`" in found["open-doors"].message
    assert "ecs:TagResources" in found["unknown-action"].help


def test_a_deny_with_all_doors_shut_has_no_error() -> None:
    deny = {
        "Effect": "Deny",
        "Action": ["ecs:TagResources", "tag:TagResources", "ecs:C*Image", "ecs:ImportImage"],
        "Resource": "*",
    }
    assert remarks(deny, beside=True) == set()


def test_every_broken_statement_gives_one_remark_and_the_others_are_linted() -> None:
    broken = {
        "Effect": "Deny",
        "Action": "oss:*",
        "Resource": "*",
        "Condition": {"Null": {"acs:SourceVpc": "true"}},
    }
    upper = {"Effect": "DENY", "Action": "oss:*", "Resource": "*"}
    doubtful = {"Effect": "Deny", "Action": "e*", "Resource": "*"}
    text = json.dumps({"Version": "1", "Statement": [broken, doubtful, upper, "no"]})
    found = lint_text(text, PolicyKind.CONTROL)
    assert [(each.rule, each.pointer) for each in found] == [
        ("unknown-operator", "/Statement/0/Condition/Null"),
        ("glob-over-colon", "/Statement/1/Action"),
        ("element-case", "/Statement/2/Effect"),
        ("syntax", "/Statement/3"),
    ]
    assert "tests for presence" in found[0].help


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("{", (1, 2)),
        ("[]", (1, 1)),
        ('{"Version": "1"}', (1, 1)),
        ('{"Version":"1",\n"Version":"1"}', (2, 1)),
    ],
)
def test_what_is_no_policy_at_all_gives_one_remark(text: str, place: tuple[int, int]) -> None:
    (remark,) = lint_text(text, PolicyKind.CONTROL)
    assert (remark.rule, remark.severity) == ("syntax", Severity.ERROR)
    assert (remark.line, remark.column) == place


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


def test_a_statement_without_its_list_is_linted_at_its_places() -> None:
    text = '{"Version": "1", "Statement": {\n "Effect": "Deny", "Action": ["e*"], "Resource": "*"}}'
    found = lint_text(text, PolicyKind.CONTROL)
    assert [(each.rule, each.pointer, each.line, each.column) for each in found] == [
        ("bare-statement", "/Statement", 1, 31),
        ("glob-over-colon", "/Statement/Action/0", 2, 31),
    ]


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ('"Effect": "Deny", "Action": "*", "Resource": "*", "Principal": {}', (2, 52)),
        ('"Effect": "Deny", "Action": "*", "NotAction": "*", "Resource": "*"', (2, 35)),
        ('"Effect": "Deny", "Action": [1], "Resource": "*"', (2, 31)),
        ('"Effect": "Deny", "Action": "ecs:RunInstances", "Resource": "acs:ecs:x"', (2, 62)),
    ],
)
def test_a_break_is_told_at_the_key_or_the_value_that_is_wrong(
    statement: str, place: tuple[int, int]
) -> None:
    text = '{"Version": "1", "Statement": [{\n ' + statement + '}, {"Effect": "Deny"}]}'
    first, second = lint_text(text, PolicyKind.CONTROL)
    assert (first.line, first.column) == place
    assert second.pointer == "/Statement/1"
