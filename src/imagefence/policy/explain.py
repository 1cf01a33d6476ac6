"""Decision to words: one sentence, and the fields of the cloud's AccessDeniedDetail."""

from __future__ import annotations

from dataclasses import dataclass

from imagefence.policy.decision import Decision, PolicyType, Reason, Verdict
from imagefence.policy.names import split
from imagefence.policy.request import PrincipalKind

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
    if first.policy_type is None:
        return f"{VERBS[decision.verdict]}: {first.text}"
    place = f" at `{split(decision.resource.name)[-1]}`" if decision.resource is not None else ""
    return f"{VERBS[decision.verdict]}{place} by the {layer_name(first)}: {first.text}"


def layer_name(reason: Reason) -> str:
    """Names the layer of a reason and, for control policies, its node."""
    name = LAYERS[reason.policy_type]
    return f"{name} on {reason.node}" if reason.node and reason.policy_type is PolicyType.CONTROL else name


@dataclass(frozen=True, slots=True)
class AuthPrincipal:
    """Who was refused, in the cloud's words.

    `kind` is SubUser, AssumedRoleUser, Federated, Root or Service; `display_name` is a user's id, or
    `role:session`.
    """

    kind: str
    owner_id: str
    display_name: str

    def fields(self) -> dict[str, str]:
        """The three fields of AccessDeniedDetail."""
        return {
            "AuthPrincipalType": self.kind,
            "AuthPrincipalOwnerId": self.owner_id,
            "AuthPrincipalDisplayName": self.display_name,
        }


PRINCIPAL_TYPES = {
    PrincipalKind.USER: "SubUser",
    PrincipalKind.ROLE: "AssumedRoleUser",
    PrincipalKind.SERVICE_LINKED_ROLE: "AssumedRoleUser",
    PrincipalKind.ROOT: "Root",
    PrincipalKind.FEDERATED: "Federated",
    PrincipalKind.SERVICE: "Service",
}


def access_denied_detail(decision: Decision, action: str, principal: AuthPrincipal) -> dict[str, str]:
    """The fields of AccessDeniedDetail that can be told in the open; a gate reports all but Allow so.

    When nothing allows at all the cloud names the account-level identity policies.
    Source: help.aliyun.com ram "DecodeDiagnosticMessage"; the SDK models of AccessDeniedDetail.
    """
    explicit = decision.verdict is Verdict.EXPLICIT_DENY
    return {
        "AuthAction": action,
        **principal.fields(),
        "PolicyType": (decision.policy_type or PolicyType.IDENTITY).value,
        "NoPermissionType": (Verdict.EXPLICIT_DENY if explicit else Verdict.IMPLICIT_DENY).value,
    }
