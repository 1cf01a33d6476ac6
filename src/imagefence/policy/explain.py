"""Decision to words: one sentence, and the fields of the cloud's AccessDeniedDetail."""

from __future__ import annotations

from dataclasses import dataclass

from imagefence.policy.decision import Decision, PolicyType, Reason, Verdict
from imagefence.policy.document import ConditionTest, Effect, In, NotIn, Statement
from imagefence.policy.names import split
from imagefence.policy.operators import Relation
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


RELATIONS = {
    Relation.EQUAL: "is",
    Relation.EQUAL_FOLDED: "is, whatever its case,",
    Relation.LIKE: "is like",
    Relation.LESS: "is less than",
    Relation.LESS_EQUAL: "is at most",
    Relation.GREATER: "is greater than",
    Relation.GREATER_EQUAL: "is at least",
    Relation.WITHIN: "is within",
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


def in_words(statement: Statement) -> str:
    """Says what a statement does: effect, actions, resources, and under which conditions."""
    does = "denies" if statement.effect is Effect.DENY else "allows"
    text = f"{does} {_covered(statement.actions)}"
    if statement.principals is None:
        text += f" on {_covered(statement.resources)}"
    if statement.conditions:
        text += " where " + " and ".join(condition_words(test) for test in statement.conditions)
    return text


def condition_words(test: ConditionTest) -> str:
    """Says what a condition asks of its key."""
    operator = test.operator
    values = " or ".join(f"`{value}`" for value in test.values)
    relation = RELATIONS[operator.relation]
    if operator.negated:
        relation = relation.replace("is", "is not", 1)
    several = {"ForAnyValue": "some value of ", "ForAllValues": "every value of "}.get(test.quantifier, "")
    return f"{several}`{test.key}` {relation} {values}"


def _covered(element: In | NotIn) -> str:
    shown = ", ".join(f"`{pattern}`" for pattern in element.patterns)
    return shown if isinstance(element, In) else f"all but {shown}"
