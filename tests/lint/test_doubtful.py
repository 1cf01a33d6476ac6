"""Every doubtful text of tests/cases/broken.json is remarked on at its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from imagefence.lint.lint import lint_text
from imagefence.policy.document import PolicyKind

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "cases" / "broken.json").read_text(encoding="utf-8")
)
DOUBTFUL = [case for case in CASES if "rule" in case]


@pytest.mark.parametrize("case", DOUBTFUL, ids=lambda case: case["id"])
def test_remark_at_its_place(case: dict[str, Any]) -> None:
    remarks = lint_text(case["text"], PolicyKind(case["kind"]))
    assert (case["rule"], case["at"]) in {(each.rule, each.pointer) for each in remarks}
