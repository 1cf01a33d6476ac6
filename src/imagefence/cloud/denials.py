"""What a denial says: who was denied what, by which layer, and where to look.

Source: help.aliyun.com ram/DecodeDiagnosticMessage; AccessDeniedDetail of the error answer.
"""

from __future__ import annotations

from collections.abc import Mapping

LAYERS = {
    "ControlPolicy": "a control policy of the resource directory",
    "SessionPolicy": "the session policy of the assumed role",
    "AccountLevelIdentityBasedPolicy": "the policies of the caller in its account",
    "ResourceGroupLevelIdentityBasedPolicy": "the policies of the caller in the resource group",
    "AssumeRolePolicy": "the trust policy of the role",
}
HOW = {
    "ExplicitDeny": "a Deny statement hit",
    "ImplicitDeny": "no statement allows it",
}
CALLERS = {"SubUser": "RAM user", "AssumedRoleUser": "role session", "Federated": "federated user"}


def sentence(detail: Mapping[str, str]) -> str:
    """Says in one sentence what AccessDeniedDetail holds, and how to learn more."""
    layer = LAYERS.get(detail.get("PolicyType", ""), detail.get("PolicyType", "") or "an unnamed layer")
    how = HOW.get(detail.get("NoPermissionType", ""), "no reason given")
    caller = CALLERS.get(detail.get("AuthPrincipalType", ""), "caller")
    name = detail.get("AuthPrincipalDisplayName", "")
    owner = detail.get("AuthPrincipalOwnerId", "")
    action = detail.get("AuthAction", "") or "the call"
    return (
        f"{layer} denied `{action}` to the {caller} `{name}` of account {owner} ({how}); "
        "`imagefence why` explains the error, `imagefence simulate` shows every statement that counted"
    )
