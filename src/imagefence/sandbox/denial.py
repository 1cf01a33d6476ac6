"""What a refused caller is told: the AccessDeniedDetail.

Source: help.aliyun.com ram "DecodeDiagnosticMessage"; the ECS announcement on AccessDeniedDetail.
"""

from __future__ import annotations

import json
from base64 import b64encode

from imagefence.policy.decision import Decision, PolicyType, Reason, Verdict
from imagefence.policy.request import PrincipalKind
from imagefence.sandbox.call import Call

ENTITIES = {"user": "User", "group": "Group", "role": "Role"}


def access_denied_detail(call: Call, action: str, decision: Decision) -> dict[str, str]:
    """The detail of one refusal; the diagnostic message names the resource and the policies that counted."""
    kind, name = principal_shown(call)
    policy_type = (decision.policy_type or PolicyType.IDENTITY).value
    refusal = "ExplicitDeny" if decision.verdict is Verdict.EXPLICIT_DENY else "ImplicitDeny"
    principal = {
        "AuthPrincipalType": kind,
        "AuthPrincipalOwnerId": call.account.id,
        "AuthPrincipalDisplayName": name,
    }
    message = {
        "ExplicitDeny": refusal == "ExplicitDeny",
        "NoPermissionPolicyType": policy_type,
        "AuthAction": action,
        "AuthResource": decision.resource.name if decision.resource is not None else "*",
        "AuthPrincipal": principal,
        "MatchedPolicies": [matched(r) for r in decision.reasons if r.policy is not None],
        "Reasons": [reason.text for reason in decision.reasons],
    }
    return {
        "AuthAction": action,
        **principal,
        "PolicyType": policy_type,
        "NoPermissionType": refusal,
        # Differs from the cloud: the message is readable (JSON in base64), where the cloud's is sealed.
        "EncodedDiagnosticMessage": b64encode(json.dumps(message).encode()).decode(),
    }


def principal_shown(call: Call) -> tuple[str, str]:
    """The caller's kind and the name the cloud shows: a user's id, or a role with its session."""
    _, _, name = call.key.principal.partition("/")
    if call.principal.kind is PrincipalKind.ROOT:
        return "Root", call.account.id
    if call.principal.kind is PrincipalKind.USER:
        user = call.account.identities.users.get(name)
        return "SubUser", user.id if user is not None else name
    return "AssumedRoleUser", f"{name}:{call.key.session_name}"


def matched(reason: Reason) -> dict[str, object]:
    """One policy that made the decision."""
    assert reason.policy is not None
    place, _, _ = reason.policy.attached_to.partition("/")
    entry: dict[str, object] = {
        "Effect": reason.statement.effect.value if reason.statement is not None else "",
        "PolicyIdentifier": reason.policy.name,
        "PolicyType": "System" if reason.policy.system else "Custom",
        "PolicyVersion": reason.policy.version,
        "AttachedEntityType": ENTITIES.get(place, "Node"),
        "AttachedEntity": reason.policy.attached_to,
    }
    if reason.statement is not None:
        entry["Statement"] = reason.statement.index
    return entry
