"""A short fuzz run, the same in every run, and every case that a longer one ever found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import strategies as st

from fuzz.target import Target, budget, hunt
from fuzz.targets import TARGETS

FOUND = sorted((Path(__file__).parents[1] / "cases" / "fuzz").glob("*.json"))
BY_NAME = {each.name: each for each in TARGETS}


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_short_run_finds_nothing(target: Target) -> None:
    failure = hunt(target, seed=0, examples=80)
    assert failure is None, failure


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.stem)
def test_what_was_found_holds_now(path: Path) -> None:
    found = json.loads(path.read_text(encoding="utf-8"))
    BY_NAME[found["target"]].watched(found["case"])


def test_a_fault_is_found_and_made_small() -> None:
    def wrong(case: dict[str, str]) -> None:
        assert "*" not in case["pattern"] or len(case["text"]) < 3

    failure = hunt(Target("glob", BY_NAME["glob"].cases, wrong), seed=0, examples=500)
    assert failure is not None
    assert failure.case["pattern"] == "*"
    assert len(failure.case["text"]) == 3


def test_a_hang_is_found() -> None:
    def endless(_: object) -> None:
        with budget(0.05):
            while True:
                pass

    failure = hunt(Target("endless", st.none(), endless), seed=0, examples=1)
    assert failure is not None
    assert failure.error.startswith("HangError")
