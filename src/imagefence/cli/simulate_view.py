"""A simulated decision as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import click

from imagefence.policy.decision import Decision, PolicyType, Reason, Verdict
from imagefence.policy.document import Statement
from imagefence.policy.explain import layer_name, sentence
from imagefence.policy.near_miss import NearMiss
from imagefence.policy.policies import AttachedPolicy, Policies
from imagefence.policy.readings import Alternative
from imagefence.policy.request import Request

TONES = {
    Verdict.ALLOW: "green",
    Verdict.EXPLICIT_DENY: "red",
    Verdict.IMPLICIT_DENY: "red",
    Verdict.INDETERMINATE: "yellow",
}
EXIT_CODES = {
    Verdict.ALLOW: 0,
    Verdict.EXPLICIT_DENY: 3,
    Verdict.IMPLICIT_DENY: 3,
    Verdict.INDETERMINATE: 4,
}

UNDECIDED = Decision(Verdict.INDETERMINATE)


@dataclass(frozen=True, slots=True)
class Simulated:
    """A request with its policies, the decision on it, and what to know about both.

    `gaps` are policies that could not be read, `notes` what the answer takes for granted, `others` the
    readings under which it would be another.
    """

    request: Request
    policies: Policies
    decision: Decision = UNDECIDED
    gaps: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    others: tuple[tuple[Alternative, Verdict], ...] = ()
    misses: tuple[NearMiss, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 allowed, 3 denied, 4 undecided; an unread policy leaves all but an explicit Deny undecided."""
        if self.gaps and self.decision.verdict is not Verdict.EXPLICIT_DENY:
            return EXIT_CODES[Verdict.INDETERMINATE]
        return EXIT_CODES[self.decision.verdict]


def show(simulated: Simulated, *, as_json: bool) -> None:
    """Prints a decision."""
    if as_json:
        click.echo(json.dumps(as_data(simulated), indent=2, ensure_ascii=False))
        return
    for line in lines(simulated):
        click.echo(line)


def lines(simulated: Simulated) -> Iterator[str]:
    """The verdict, its reasons by resource, and what it rests on."""
    request, decision = simulated.request, simulated.decision
    yield f"{request.principal.arn} asks for {request.action}"
    verdict = click.style(decision.verdict.value, fg=TONES[decision.verdict], bold=True)
    yield f"{verdict}: {sentence(decision)}"
    for resource in dict.fromkeys(reason.resource for reason in decision.reasons):
        yield f"  {resource}" if resource else "  (no resource)"
        for reason in decision.reasons:
            if reason.resource == resource:
                yield f"    {layer_name(reason)}: {reason.text}{place(reason)}"
        for miss in simulated.misses:
            if miss.resource == resource:
                name = f"Statement[{miss.statement.index}] of `{miss.policy.name}`"
                yield f"    nearest: {name}, but {miss.lacked}{origin(miss.policy, miss.statement)}"
    for other, verdict_then in simulated.others:
        yield f"rests on {other.id}: if {other.text}, it is {verdict_then.value} (--reading {written(other)})"
    for note in simulated.notes:
        yield f"note: {note}"
    for gap in simulated.gaps:
        yield click.style(f"not read: {gap}", fg="yellow")


def place(reason: Reason) -> str:
    """Where the policy of a reason is: file and line, or version and what it is attached to."""
    if reason.policy is None or reason.statement is None:
        return ""
    return origin(reason.policy, reason.statement, on_node=reason.policy_type is PolicyType.CONTROL)


def origin(policy: AttachedPolicy, statement: Statement, *, on_node: bool = False) -> str:
    """File and line of a statement, or the policy's version and what it is attached to."""
    if policy.version == "file":
        return f" ({policy.name}:{statement.line})"
    text = ", ".join(part for part in (policy.version, "" if on_node else policy.attached_to) if part)
    return f" ({text})" if text else ""


def written(other: Alternative) -> str:
    """A reading as an option takes it."""
    name, _, value = other.name.partition("=")
    return f"{name.replace('_', '-')}={value}"


def as_data(simulated: Simulated) -> dict[str, Any]:
    """A decision for JSON."""
    decision = simulated.decision
    return {
        "principal": simulated.request.principal.arn,
        "action": simulated.request.action,
        "resources": [resource.name for resource in simulated.request.resources],
        **decision_data(decision),
        "near_misses": [
            {
                "policy": miss.policy.name,
                "statement": miss.statement.index,
                "resource": miss.resource,
                "lacked": miss.lacked,
            }
            for miss in simulated.misses
        ],
        "rests_on": [
            {"id": other.id, "reading": written(other), "text": other.text, "verdict": verdict.value}
            for other, verdict in simulated.others
        ],
        "notes": list(simulated.notes),
        "gaps": list(simulated.gaps),
    }


def decision_data(decision: Decision) -> dict[str, Any]:
    """Verdict, layer, resource and reasons."""
    return {
        "verdict": decision.verdict.value,
        "policy_type": decision.policy_type.value if decision.policy_type else None,
        "resource": decision.resource.name if decision.resource and not decision.allowed else None,
        "sentence": sentence(decision),
        "reasons": [reason_data(reason) for reason in decision.reasons],
    }


def reason_data(reason: Reason) -> dict[str, Any]:
    """One reason."""
    policy, statement = reason.policy, reason.statement
    return {
        "verdict": reason.verdict.value,
        "policy_type": reason.policy_type.value if reason.policy_type else None,
        "node": reason.node,
        "resource": reason.resource,
        "action": reason.action,
        "text": reason.text,
        "policy": policy.name if policy else None,
        "version": policy.version if policy and policy.version != "file" else None,
        "attached_to": policy.attached_to if policy else None,
        "statement": statement.index if statement else None,
        "line": statement.line if statement and policy and policy.version == "file" else None,
        "effect": statement.effect.value if statement else None,
    }
