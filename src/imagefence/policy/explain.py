"""Decision to words."""

from __future__ import annotations

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
    if decision.verdict is Verdict.IMPLICIT_DENY:
        return first.text
    return f"{text}: {first.text}" if decision.allowed else f"{text} by the {layer_name(first)}: {first.text}"


def layer_name(reason: Reason) -> str:
    """Names the layer of a reason and, for control policies, its node."""
    name = LAYERS[reason.policy_type]
    return f"{name} on {reason.node}" if reason.node and reason.policy_type is PolicyType.CONTROL else name
