"""Every broken text of tests/cases/broken.json is refused at its place; the doubtful ones are read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from imagefence.errors import PolicySyntaxError, UnsupportedFeature
from imagefence.policy.document import PolicyKind
from imagefence.policy.parse import parse

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "cases" / "broken.json").read_text(encoding="utf-8")
)
REFUSED = [case for case in CASES if "rule" not in case]
DOUBTFUL = [case for case in CASES if "rule" in case]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["id"])
def test_refused_at_its_place(case: dict[str, Any]) -> None:
    with pytest.raises(PolicySyntaxError) as caught:
        parse(case["text"], PolicyKind(case["kind"]), source="guard.json")
    error = caught.value
    assert error.pointer == case["at"], case["mistake"]
    assert error.exit_code == 2
    assert (error.message, error.help) == (case["message"], case.get("help", ""))
    assert (error.line, error.column) == (case["line"], case["column"])
    assert isinstance(error, UnsupportedFeature) is case.get("unsupported", False)
    assert str(error).startswith(f"guard.json:{error.line}:{error.column}: ")


@pytest.mark.parametrize("case", DOUBTFUL, ids=lambda case: case["id"])
def test_doubtful_is_read(case: dict[str, Any]) -> None:
    parse(case["text"], PolicyKind(case["kind"]))


def test_there_are_both_kinds() -> None:
    assert len(REFUSED) == 99
    assert len(DOUBTFUL) == 15


def test_place_in_a_text_of_several_lines() -> None:
    text = '{\n "Version": "1",\n "Statement": [\n  {"Effect": "Deny",\n   "Action": ["ecs:*", "ecs/x"]}]}'
    with pytest.raises(PolicySyntaxError, match=r"x\.json:5:24: Statement\[0\]\.Action\[1\]: `ecs/x`"):
        parse(text, PolicyKind.CONTROL, source="x.json")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ('{"Version":"1","Statement":[{"Efect":"Allow"}]}', "`Effect`"),
        ('{"Version":"1","Statement":[{"Effect":"Alow","Action":"*","Resource":"*"}]}', "`Allow`"),
        (
            '{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*",'
            '"Condition":{"StringLik":{"acs:SourceVpc":"x"}}}]}',
            "`StringLike`",
        ),
    ],
)
def test_near_match_is_proposed(text: str, meant: str) -> None:
    with pytest.raises(PolicySyntaxError) as caught:
        parse(text, PolicyKind.IDENTITY)
    assert meant in caught.value.help


def test_unknown_operator_is_unsupported() -> None:
    text = (
        '{"Version":"1","Statement":[{"Effect":"Deny","Action":"*","Resource":"*",'
        '"Condition":{"Null":{"acs:ResourceTag/a":"true"}}}]}'
    )
    with pytest.raises(UnsupportedFeature):
        parse(text, PolicyKind.CONTROL)


def test_not_resource_is_refused_when_saving() -> None:
    text = '{"Version":"1","Statement":[{"Effect":"Deny","Action":"*","NotResource":"acs:ecs:*:*:image/*"}]}'
    parse(text, PolicyKind.CONTROL)
    with pytest.raises(PolicySyntaxError, match="NotResource"):
        parse(text, PolicyKind.CONTROL, saving=True)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"Version":' * 100_000, '{"Version":' + "9" * 6000 + "}"])
def test_hostile_text_is_refused(text: str) -> None:
    with pytest.raises(PolicySyntaxError):
        parse(text, PolicyKind.TRUST)
