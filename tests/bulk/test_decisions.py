"""Bulk decides every written case, and generated policies, as the readable evaluator does."""

from __future__ import annotations

from itertools import groupby, islice
from typing import Any

import pytest

from bulk_requests import batch_of
from generated import cases
from imagefence.bulk.decide import decide, statements
from imagefence.compiled.engine import compile_policies
from imagefence.policy.authorize import authorize
from imagefence.policy.decision import Decision
from imagefence.policy.policies import Policies
from imagefence.policy.readings import ALTERNATIVES, DEFAULT, Readings, change
from imagefence.policy.request import Request
from written import CASES, policies_of, request_of

Told = tuple[str, str | None, str | None, set[tuple[str, int, int]]]


def in_bulk(requests: list[Request], policies: Policies, readings: Readings) -> list[Told]:
    compiled = compile_policies(policies, readings)
    numbered = statements(compiled)
    return [
        (
            row["verdict"],
            row["policy_type"],
            row["resource"],
            {
                (each.policy.name, each.statement.index, each.statement.line)
                for n in row["statements"]
                for each in [numbered[n]]
            },
        )
        for row in decide(batch_of(requests), compiled, reasons=True).to_pylist()
    ]


def told(decision: Decision) -> Told:
    deciding = [(each.policy, each.statement) for each in decision.reasons]
    return (
        decision.verdict.value,
        decision.policy_type and decision.policy_type.value,
        decision.resource.name if decision.resource else None,
        {
            (policy.name, statement.index, statement.line)
            for policy, statement in deciding
            if policy and statement
        },
    )


def agree(requests: list[Request], policies: Policies, readings: Readings = DEFAULT) -> None:
    expected = [told(authorize(request, policies, readings)) for request in requests]
    assert in_bulk(requests, policies, readings) == expected


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: case["id"])
def test_a_written_case(case: dict[str, Any]) -> None:
    request, policies = request_of(case["call"]), policies_of(case["policies"])
    agree([request], policies)
    for other in case.get("otherwise", ()):
        agree([request_of(other.get("call", case["call"]))], policies, change(DEFAULT, other["reading"]))


@pytest.mark.parametrize("reading", ALTERNATIVES, ids=lambda each: each.name)
def test_all_calls_of_the_cases_in_one_batch_under_another_reading(reading: Any) -> None:
    requests = [request_of(case["call"]) for case in CASES["cases"]]
    policies = policies_of(next(case["policies"] for case in CASES["cases"] if "control" in case["policies"]))
    agree(requests, policies, reading.readings)


def test_generated_policies_and_calls() -> None:
    drawn = islice(cases(seed=20, calls_each=16), 2400)
    for _, together in groupby(drawn, key=lambda case: id(case.policies)):
        read = [case.read() for case in together]
        agree([request for request, _, _ in read], read[0][1], read[0][2])
