"""Decision to words: one sentence, and lines level by level."""

from __future__ import annotations

from collections.abc import Iterator

from imagefence.policy.decision import Decision, PolicyType, Reason, Verdict

VERBS = {
    Verdict.ALLOW: "allowed",
    Verdict.EXPLICIT_DENY: "denied",
    Verdict.IMPLICIT_DENY: "not allowed",
    Verdict.INDETERMINATE: "undecided",
}
LAYERS = {
    None: "account owner",
    PolicyType.CONTROL: "control policies",
    PolicyType.SESSION: "session policy",
    PolicyType.IDENTITY: "identity policies",
    PolicyType.RESOURCE_GROUP: "identity policies of the resource group",
    PolicyType.TRUST: "trust policy",
}


def sentence(decision: Decision) -> str:
    """Says a decision in one sentence, with the first statement that made it."""
    text = VERBS[decision.verdict]
    if decision.resource is not None and not decision.allowed:
        text += f" at `{decision.resource.name}`"
    first = next((reason for reason in decision.reasons if reason.verdict is decision.verdict), None)
    if first is None:
        return text
    return f"{text}: {first.text}" if decision.allowed else f"{text} by the {layer_name(first)}: {first.text}"


def lines(decision: Decision) -> Iterator[tuple[str, str, str]]:
    """Yields resource, layer and text of each reason, in the order in which the layers were asked."""
    for reason in decision.reasons:
        yield reason.resource, layer_name(reason), f"{reason.text}{_origin(reason)}"


def layer_name(reason: Reason) -> str:
    """Names the layer of a reason and, for control policies, its node."""
    name = LAYERS[reason.policy_type]
    return f"{name} on {reason.node}" if reason.node and reason.policy_type is PolicyType.CONTROL else name


def _origin(reason: Reason) -> str:
    parts: list[str] = []
    if reason.policy is not None and reason.policy.version:
        parts.append(reason.policy.version)
    if reason.policy is not None and reason.policy.attached_to and reason.policy.attached_to != reason.node:
        parts.append(f"attached to {reason.policy.attached_to}")
    if reason.statement is not None and reason.statement.sid:
        parts.append(f"Sid {reason.statement.sid}")
    return f" ({', '.join(parts)})" if parts else ""
