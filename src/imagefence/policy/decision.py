"""Decisions: the verdict and what made it, in one value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from imagefence.policy.document import Statement
from imagefence.policy.policies import AttachedPolicy
from imagefence.policy.request import Resource


class Verdict(Enum):
    """The four answers; a gate treats all but ALLOW as a denial."""

    ALLOW = "Allow"
    EXPLICIT_DENY = "ExplicitDeny"
    IMPLICIT_DENY = "ImplicitDeny"
    INDETERMINATE = "Indeterminate"


class PolicyType(Enum):
    """The layer named in AccessDeniedDetail.PolicyType."""

    CONTROL = "ControlPolicy"
    SESSION = "SessionPolicy"
    IDENTITY = "AccountLevelIdentityBasedPolicy"
    RESOURCE_GROUP = "ResourceGroupLevelIdentityBasedPolicy"
    TRUST = "AssumeRolePolicy"


@dataclass(frozen=True, slots=True)
class Reason:
    """One step of a decision: a statement that counted, or a unit in which none did (`statement=None`)."""

    verdict: Verdict
    policy_type: PolicyType | None
    text: str
    policy: AttachedPolicy | None = None
    statement: Statement | None = None
    node: str = ""
    resource: str = ""
    action: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer for a request: for a denial with the layer, the resource that failed and the reasons."""

    verdict: Verdict
    policy_type: PolicyType | None = None
    resource: Resource | None = None
    reasons: tuple[Reason, ...] = ()

    @property
    def allowed(self) -> bool:
        """True for Allow alone."""
        return self.verdict is Verdict.ALLOW
