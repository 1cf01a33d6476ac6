"""Requests and policies as tests/cases/decisions.json writes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from imagefence.policy.document import PolicyKind
from imagefence.policy.parse import parse
from imagefence.policy.policies import AttachedPolicy, Level, Policies
from imagefence.policy.request import Context, Principal, PrincipalKind, Request, Resource

CASES: dict[str, Any] = json.loads(
    (Path(__file__).parent / "cases" / "decisions.json").read_text(encoding="utf-8")
)


def attached(reference: Any, kind: PolicyKind, place: int) -> AttachedPolicy:
    """A policy by its name in the file, or written out."""
    data = CASES["policies"][reference] if isinstance(reference, str) else reference
    name = reference if isinstance(reference, str) else f"policy {place}"
    return AttachedPolicy(name, parse(json.dumps(data), kind, stored=True))


def pool(references: list[Any], kind: PolicyKind) -> tuple[AttachedPolicy, ...]:
    """The policies of one unit."""
    return tuple(attached(each, kind, place) for place, each in enumerate(references))


def policies_of(written: dict[str, Any]) -> Policies:
    """The policies in force."""
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
    """A resource by its name, or with its tags."""
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
    """A call."""
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
