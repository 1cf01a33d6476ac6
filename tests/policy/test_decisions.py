"""Every case of tests/cases/decisions.json, under the default readings and under the others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from imagefence.policy.authorize import authorize
from imagefence.policy.document import PolicyKind
from imagefence.policy.parse import parse
from imagefence.policy.policies import AttachedPolicy, Level, Policies
from imagefence.policy.readings import DEFAULT, change
from imagefence.policy.request import Context, Principal, PrincipalKind, Request, Resource

CASES: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "cases" / "decisions.json").read_text(encoding="utf-8")
)
OTHERWISE = [
    pytest.param(case, other, id=f"{case['id']}-{other['reading']}")
    for case in CASES["cases"]
    for other in case.get("otherwise", ())
]


def attached(reference: Any, kind: PolicyKind, place: int) -> AttachedPolicy:
    data = CASES["policies"][reference] if isinstance(reference, str) else reference
    name = reference if isinstance(reference, str) else f"policy {place}"
    return AttachedPolicy(name, parse(json.dumps(data), kind, stored=True))


def pool(references: list[Any], kind: PolicyKind) -> tuple[AttachedPolicy, ...]:
    return tuple(attached(each, kind, place) for place, each in enumerate(references))


def policies_of(written: dict[str, Any]) -> Policies:
    control = written.get("control")
    return Policies(
        identity=pool(written.get("identity", []), PolicyKind.IDENTITY),
        identity_resource_group=pool(written.get("resource_group", []), PolicyKind.IDENTITY),
        session=attached(written["session"], PolicyKind.SESSION, 0) if "session" in written else None,
        control=control
        and tuple(Level(f"level {n}", pool(each, PolicyKind.CONTROL)) for n, each in enumerate(control)),
        trust=attached(written["trust"], PolicyKind.TRUST, 0) if "trust" in written else None,
    )


def resource_of(written: Any) -> Resource:
    if isinstance(written, str):
        return Resource(written)
    return Resource(
        written["name"],
        written.get("tags", {}),
        written.get("new", False),
        written.get("owner", ""),
        written.get("owner_tags"),
        written.get("receiver_tags"),
    )


def request_of(call: dict[str, Any]) -> Request:
    caller = call["caller"]
    return Request(
        Principal(
            PrincipalKind(caller["kind"]),
            caller["arn"],
            caller["account"],
            caller.get("in_management_account", False),
        ),
        call["action"],
        tuple(resource_of(each) for each in call["on"]),
        Context(
            {key: tuple(values) for key, values in call.get("context", {}).items()},
            frozenset(call.get("unknown", ())),
        ),
    )


def test_all_cases_are_there() -> None:
    given = [case for case in CASES["cases"] if "page" not in case]
    assert len(given) == 420
    assert sum("otherwise" in case for case in given) == 56


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
