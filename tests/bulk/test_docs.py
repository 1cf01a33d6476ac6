"""The page on bulk decisions: its example prints what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "bulk.md"


def test_the_example_prints_what_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    found = dict(re.findall(r"```(python|text)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL))
    exec(compile(found["python"], str(PAGE), "exec"), {})
    assert capsys.readouterr().out == found["text"]
