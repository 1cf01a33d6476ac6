"""What a refused caller is told: the AccessDeniedDetail.

Source: help.aliyun.com ram "DecodeDiagnosticMessage"; the ECS announcement on AccessDeniedDetail.
"""

from __future__ import annotations

import json
from base64 import b64encode

from imagefence.policy.decision import Decision, Reason, Verdict
from imagefence.policy.explain import PRINCIPAL_TYPES, AuthPrincipal, access_denied_detail
from imagefence.policy.request import Context, PrincipalKind
from imagefence.sandbox.call import Call

ENTITIES = {"user": "User", "group": "Group", "role": "Role"}


def denial_of(call: Call, action: str, decision: Decision, context: Context) -> dict[str, str]:
    """The detail of one refusal; the diagnostic message names the resource and the policies that counted."""
    principal = principal_shown(call)
    detail = access_denied_detail(decision, action, principal)
    message = {
        "ExplicitDeny": decision.verdict is Verdict.EXPLICIT_DENY,
        "NoPermissionPolicyType": detail["PolicyType"],
        "AuthAction": action,
        "AuthResource": decision.resource.name if decision.resource is not None else "*",
        "AuthPrincipal": principal.fields(),
        "AuthConditions": conditions(decision, context),
        "MatchedPolicies": [matched(r) for r in decision.reasons if r.policy is not None],
        "Reasons": [reason.text for reason in decision.reasons],
    }
    # Differs from the cloud: the message is readable (JSON in base64), where the cloud's is sealed.
    sealed = b64encode(json.dumps(message).encode()).decode()
    return {**detail, "EncodedDiagnosticMessage": sealed}


def principal_shown(call: Call) -> AuthPrincipal:
    """The caller's kind and the name the cloud shows: a user's id, or a role with its session."""
    _, _, name = call.key.principal.partition("/")
    kind = PRINCIPAL_TYPES[call.principal.kind]
    if call.principal.kind is PrincipalKind.ROOT:
        return AuthPrincipal(kind, call.account.id, call.account.id)
    if call.principal.kind is PrincipalKind.USER:
        user = call.account.identities.users.get(name)
        return AuthPrincipal(kind, call.account.id, user.id if user is not None else name)
    return AuthPrincipal(kind, call.account.id, f"{name}:{call.key.session_name}")


def conditions(decision: Decision, context: Context) -> list[dict[str, object]]:
    """The condition keys of the call with their values, the refused resource's tags among them."""
    tags = (decision.resource.tags if decision.resource is not None else None) or {}
    known = {**context.known, **{f"acs:ResourceTag/{key}": (value,) for key, value in tags.items()}}
    return [{"ConditionKey": key, "ConditionValues": list(values)} for key, values in sorted(known.items())]


def matched(reason: Reason) -> dict[str, object]:
    """One policy that made the decision."""
    assert reason.policy is not None
    place, _, _ = reason.policy.attached_to.partition("/")
    return {
        "Effect": reason.statement.effect.value if reason.statement is not None else "",
        "PolicyIdentifier": reason.policy.name,
        "PolicyType": "System" if reason.policy.system else "Custom",
        "PolicyVersion": reason.policy.version,
        "AttachedEntityType": ENTITIES.get(place, "Node"),
        "AttachedScope": reason.policy.attached_to,
    }
