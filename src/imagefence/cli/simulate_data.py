"""A simulated decision as data for JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from imagefence.policy.authorize import REFUSALS
from imagefence.policy.decision import Decision, Reason, Verdict
from imagefence.policy.explain import PRINCIPAL_TYPES, AuthPrincipal, access_denied_detail, sentence
from imagefence.policy.levels import LevelOutcome, ResourceOutcome
from imagefence.policy.near_miss import NearMiss
from imagefence.policy.policies import Policies
from imagefence.policy.readings import Alternative
from imagefence.policy.request import Request
from imagefence.policy.rules import Hit

EXIT_CODES = {
    Verdict.ALLOW: 0,
    Verdict.EXPLICIT_DENY: 3,
    Verdict.IMPLICIT_DENY: 3,
    Verdict.INDETERMINATE: 4,
}


@dataclass(frozen=True, slots=True)
class Simulated:
    """A request with its policies, the decision on it, and what to know about both.

    `outcomes` are the levels of each resource, `misses` the nearest misses, `others` the readings under
    which the verdict would be another, `notes` what the answer takes for granted, `gaps` the policies that
    could not be read. `shown` is the caller's name as the cloud shows it.
    """

    request: Request
    policies: Policies
    decision: Decision
    shown: str = ""
    outcomes: tuple[ResourceOutcome, ...] = ()
    misses: tuple[NearMiss, ...] = ()
    others: tuple[tuple[Alternative, Verdict], ...] = ()
    notes: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 allowed, 3 denied, 4 undecided."""
        return EXIT_CODES[self.decision.verdict]


def as_data(simulated: Simulated) -> dict[str, Any]:
    """All of it."""
    request = simulated.request
    return {
        "principal": request.principal.arn,
        "action": request.action,
        "resources": [resource.name for resource in request.resources],
        **decision_data(simulated.decision),
        "access_denied_detail": detail_of(request, simulated.decision, simulated.shown),
        "near_misses": [miss_data(miss) for miss in simulated.misses],
        "levels": [outcome_data(each) for each in simulated.outcomes],
        "rests_on": [
            {"id": other.id, "reading": written(other), "text": other.text, "verdict": verdict.value}
            for other, verdict in simulated.others
        ],
        "notes": list(simulated.notes),
        "gaps": list(simulated.gaps),
    }


def decision_data(decision: Decision) -> dict[str, Any]:
    """Verdict, layer, resource and reasons."""
    refused = decision.resource is not None and not decision.allowed
    return {
        "verdict": decision.verdict.value,
        "policy_type": decision.policy_type.value if decision.policy_type else None,
        "resource": decision.resource.name if decision.resource is not None and refused else None,
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


def detail_of(request: Request, decision: Decision, shown: str) -> dict[str, str] | None:
    """The AccessDeniedDetail of a denial; the name falls back to the principal's own."""
    if decision.verdict not in REFUSALS:
        return None
    caller = request.principal
    name = shown or caller.arn.rpartition("/")[2]
    principal = AuthPrincipal(PRINCIPAL_TYPES[caller.kind], caller.account, name)
    action = next((reason.action for reason in decision.reasons if reason.action), request.action)
    return access_denied_detail(decision, action, principal)


def miss_data(miss: NearMiss) -> dict[str, Any]:
    """One near miss; `changes` is empty where no single thing is enough."""
    return {
        "policy": miss.policy.name if miss.policy else None,
        "statement": miss.statement.index if miss.statement else None,
        "resource": miss.resource,
        "lacks": list(miss.lacks),
        "changes": [{"where": each.where.value, "text": each.text} for each in miss.changes],
    }


def outcome_data(outcome: ResourceOutcome) -> dict[str, Any]:
    """The levels of one resource."""
    return {
        "action": outcome.action,
        "resource": outcome.resource.name,
        "verdict": outcome.decision.verdict.value,
        "levels": [level_data(level) for level in outcome.levels],
    }


def level_data(level: LevelOutcome) -> dict[str, Any]:
    """One level with the statements that made it."""
    return {
        "policy_type": level.policy_type.value if level.policy_type else None,
        "node": level.node,
        "verdict": level.verdict.value,
        "refuses": level.refuses,
        "passed_over": level.passed_over or None,
        "statements": [hit_data(hit) for hit in level.hits],
    }


def hit_data(hit: Hit[bool | None]) -> dict[str, Any]:
    """One statement that counts; `holds` is null where an unknown key leaves it open."""
    from_file = hit.policy.version == "file"
    return {
        "policy": hit.policy.name,
        "version": None if from_file else hit.policy.version,
        "attached_to": hit.policy.attached_to,
        "statement": hit.statement.index,
        "line": hit.statement.line if from_file else None,
        "effect": hit.statement.effect.value,
        "holds": hit.holds,
    }


def written(other: Alternative) -> str:
    """A reading as an option takes it."""
    name, _, value = other.name.partition("=")
    return f"{name.replace('_', '-')}={value}"
