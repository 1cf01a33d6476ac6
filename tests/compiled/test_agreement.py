"""The compiled decisions against the readable ones: written cases, generated pairs, and how those shrink."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import soak
from generated import Case, cases
from imagefence.compiled.engine import compile_policies
from imagefence.compiled.hits import explained
from imagefence.errors import PolicySyntaxError
from imagefence.policy.authorize import authorize
from imagefence.policy.readings import DEFAULT, change
from written import CASES, policies_of, request_of

PAIRS = 5000
OTHERWISE = [
    pytest.param(case, other, id=f"{case['id']}-{other['reading']}")
    for case in CASES["cases"]
    for other in case.get("otherwise", ())
]


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["id"])
def test_written_case(case: dict[str, Any]) -> None:
    request, policies = request_of(case["call"]), policies_of(case["policies"])
    decision = compile_policies(policies).authorize(request)
    assert decision.verdict.value == case["verdict"], case["why"]
    assert not soak.difference_on(Case(case["policies"], case["call"]))


@pytest.mark.parametrize(("case", "other"), OTHERWISE)
def test_written_case_under_another_reading(case: dict[str, Any], other: dict[str, Any]) -> None:
    request, policies = request_of(other.get("call", case["call"])), policies_of(case["policies"])
    readings = change(DEFAULT, other["reading"])
    assert compile_policies(policies, readings).authorize(request).verdict.value == other["verdict"]
    call = other.get("call", case["call"])
    assert not soak.difference_on(Case(case["policies"], call, (other["reading"],)))


def test_generated_pairs() -> None:
    found: Counter[str] = Counter()
    for case, readable, differing in soak.decided(seed=0, pairs=PAIRS):
        assert not differing, soak.as_case(soak.shrunk(case, soak.differs))
        found[readable.verdict.value] += 1
    # Why: pairs that all end alike would hold nothing together.
    assert min(found.values()) > PAIRS / 20, found


def test_reasons_are_told_by_the_way_that_decides() -> None:
    for case, readable, _ in soak.decided(seed=1, pairs=200):
        request, policies, readings = case.read()
        compiled = compile_policies(policies, readings)
        assert explained(request, compiled.indexes) == readable


def test_shrinking_keeps_what_matters() -> None:
    def allowed(case: Case) -> bool:
        try:
            return authorize(*case.read()).allowed
        except (KeyError, PolicySyntaxError):
            return False

    large = next(case for case in cases(3) if case.readings and case.policies["identity"] and allowed(case))
    small = soak.shrunk(large, allowed)
    assert allowed(small)
    assert len(json.dumps(small.policies)) < len(json.dumps(large.policies))
    assert small.readings == ()
    assert soak.as_case(small)["verdict"] == "Allow"


def test_a_difference_becomes_a_case_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "cases").mkdir()
    monkeypatch.setattr(soak, "HERE", tmp_path)
    monkeypatch.setattr(soak, "difference_on", lambda case: "odd" if case.read()[1].control else "")
    case = next(case for case in cases(4) if "control" in case.policies)
    assert soak._told(case) == 1
    (path,) = (tmp_path / "cases").iterdir()
    (written,) = json.loads(path.read_text())["cases"]
    assert written["policies"].keys() == {"control"}
    assert written["why"] == "odd"
    assert "odd" in capsys.readouterr().err
