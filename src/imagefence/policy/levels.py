"""Every level of a decision with its own outcome, also those that were not asked any more.

Sources: help.aliyun.com ram/policy-evaluation-process, resource-directory/user-guide/control-policy-overview.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from imagefence.policy.asking import standing
from imagefence.policy.authorize import (
    ASSUME_ROLE,
    REFUSALS,
    decide,
    owner_passes,
    questions,
    unbound,
    verdict,
)
from imagefence.policy.decision import Decision, PolicyType, Verdict
from imagefence.policy.document import Effect
from imagefence.policy.logic import Truth
from imagefence.policy.policies import AttachedPolicy, Policies
from imagefence.policy.question import Question
from imagefence.policy.readings import DEFAULT, Readings, ResourceGroup
from imagefence.policy.request import OUTSIDE_RAM, Request, Resource
from imagefence.policy.rules import Hit, session_layer, trust_layer, unit


@dataclass(frozen=True, slots=True)
class LevelOutcome:
    """What one level says by itself, and the statements that made it.

    `node` names the place of a control policy. `passed_over` says why the level is not asked at all;
    `refuses` marks the one that the decision
    names, the first in the order of evaluation.
    """

    policy_type: PolicyType | None
    node: str
    verdict: Verdict
    hits: tuple[Hit[Truth], ...] = ()
    passed_over: str = ""
    refuses: bool = False


@dataclass(frozen=True, slots=True)
class ResourceOutcome:
    """One action on one resource: the levels from Root down, then session, identity, group and trust."""

    action: str
    resource: Resource
    decision: Decision
    levels: tuple[LevelOutcome, ...]


def outcomes(
    request: Request, policies: Policies, readings: Readings = DEFAULT
) -> tuple[ResourceOutcome, ...]:
    """Asks every level about every resource of a request, each by itself."""
    policies = standing(policies, readings)
    return tuple(_outcome_of(question, policies) for question in questions(request, readings))


def _outcome_of(question: Question, policies: Policies) -> ResourceOutcome:
    decision = decide(question, policies)
    levels = tuple(_marked(each, decision) for each in _levels(question, policies))
    return ResourceOutcome(question.action_name, question.target, decision, levels)


def _marked(level: LevelOutcome, decision: Decision) -> LevelOutcome:
    """Marks the level that the decision names."""
    if decision.verdict not in REFUSALS or level.passed_over or level.policy_type != decision.policy_type:
        return level
    node = decision.reasons[0].node if level.policy_type is PolicyType.CONTROL else ""
    return replace(level, refuses=level.node == node)


def _levels(question: Question, policies: Policies) -> Iterator[LevelOutcome]:
    exempt = unbound(question)
    for level in policies.control or ():
        yield _outcome(question, PolicyType.CONTROL, level.node, level.policies, exempt)
    if policies.session is not None:
        hits = session_layer(question, policies.session).outcome
        yield LevelOutcome(PolicyType.SESSION, "", verdict(hits), _speaking(hits.hits))
    assumes = question.action_name.lower() in ASSUME_ROLE
    if owner_passes(question):
        said = "the owner may do everything in its own account"
        yield LevelOutcome(None, "", Verdict.ALLOW, passed_over=said)
    elif not (assumes and question.caller.kind in OUTSIDE_RAM):
        yield from _own(question, policies)
    if assumes:
        trust = trust_layer(question, policies).outcome
        found = verdict(trust) if policies.trust is not None else Verdict.INDETERMINATE
        yield LevelOutcome(PolicyType.TRUST, "", found, _speaking(trust.hits))


def _own(question: Question, policies: Policies) -> Iterator[LevelOutcome]:
    """Account scope, and the resource group where the account scope is silent, or both in one pool."""
    if question.readings.resource_group is ResourceGroup.ONE_POOL:
        pool = policies.identity + policies.identity_resource_group
        yield _outcome(question, PolicyType.IDENTITY, "", pool)
        return
    account = _outcome(question, PolicyType.IDENTITY, "", policies.identity)
    if not policies.identity_resource_group:
        yield account
        return
    silent = account.verdict is Verdict.IMPLICIT_DENY
    yield replace(account, passed_over="silent, so the resource group is asked") if silent else account
    spoken = "" if silent else "the account scope has spoken"
    yield _outcome(question, PolicyType.RESOURCE_GROUP, "", policies.identity_resource_group, spoken)


def _outcome(
    question: Question,
    policy_type: PolicyType,
    node: str,
    policies: tuple[AttachedPolicy, ...],
    passed_over: str = "",
) -> LevelOutcome:
    found = unit(question, policies)
    return LevelOutcome(policy_type, node, verdict(found), _speaking(found.hits), passed_over)


def _speaking(hits: tuple[Hit[Truth], ...]) -> tuple[Hit[Truth], ...]:
    """The statements that count: the Denies where one holds, else all that hold or may."""
    denies = tuple(hit for hit in hits if hit.holds and hit.statement.effect is Effect.DENY)
    return denies or hits
