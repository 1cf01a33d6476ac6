"""Every case of tests/cases/decisions.json, under the default readings and under the others."""

from __future__ import annotations

from typing import Any

import pytest

from imagefence.policy.authorize import authorize
from imagefence.policy.readings import ALTERNATIVES, DEFAULT, change
from written import CASES, policies_of, request_of

OTHERWISE = [
    pytest.param(case, other, id=f"{case['id']}-{other['reading']}")
    for case in CASES["cases"]
    for other in case.get("otherwise", ())
]


def test_all_cases_are_there() -> None:
    given = [case for case in CASES["cases"] if "page" not in case]
    assert len(given) == 420
    assert sum("otherwise" in case for case in given) == 70


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["id"])
def test_decision(case: dict[str, Any]) -> None:
    decision = authorize(request_of(case["call"]), policies_of(case["policies"]))
    assert decision.verdict.value == case["verdict"], case["why"]
    if "layer" in case:
        assert decision.policy_type is not None
        assert decision.policy_type.value == case["layer"]
    assert decision.reasons
    if decision.allowed:
        assert decision.policy_type is None
    else:
        assert all(reason.verdict is decision.verdict for reason in decision.reasons)


@pytest.mark.parametrize(("case", "other"), OTHERWISE)
def test_decision_under_another_reading(case: dict[str, Any], other: dict[str, Any]) -> None:
    readings = change(DEFAULT, other["reading"])
    decision = authorize(request_of(other.get("call", case["call"])), policies_of(case["policies"]), readings)
    assert decision.verdict.value == other["verdict"]


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["id"])
def test_no_reading_changes_a_case_but_those_that_it_lists(case: dict[str, Any]) -> None:
    listed = {other["reading"] for other in case.get("otherwise", ())}
    request, policies = request_of(case["call"]), policies_of(case["policies"])
    for other in ALTERNATIVES:
        if other.name.replace("_", "-") not in listed:
            assert authorize(request, policies, other.readings).verdict.value == case["verdict"], other.name
