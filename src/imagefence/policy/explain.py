"""Decision to words."""

from __future__ import annotations

from imagefence.policy.decision import Decision, PolicyType, Reason, Verdict
from imagefence.policy.names import split

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
    first = next((reason for reason in decision.reasons if reason.verdict is decision.verdict), None)
    if first is None or decision.allowed:
        return f"{VERBS[decision.verdict]}: {first.text}" if first else VERBS[decision.verdict]
    place = f" at `{split(decision.resource.name)[-1]}`" if decision.resource is not None else ""
    return f"{VERBS[decision.verdict]}{place} by the {layer_name(first)}: {first.text}"


def layer_name(reason: Reason) -> str:
    """Names the layer of a reason and, for control policies, its node."""
    name = LAYERS[reason.policy_type]
    return f"{name} on {reason.node}" if reason.node and reason.policy_type is PolicyType.CONTROL else name
