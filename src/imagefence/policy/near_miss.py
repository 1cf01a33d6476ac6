"""Near misses: the statements that would have allowed, had one thing been otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from imagefence.policy.authorize import questions
from imagefence.policy.decision import Decision, PolicyType, Reason, Verdict
from imagefence.policy.document import ConditionTest, Effect, Statement
from imagefence.policy.policies import AttachedPolicy, Policies
from imagefence.policy.question import Question
from imagefence.policy.readings import DEFAULT, Readings
from imagefence.policy.request import Request


@dataclass(frozen=True, slots=True)
class NearMiss:
    """An Allow that covers the action, and what it lacked on `resource`."""

    policy: AttachedPolicy
    statement: Statement
    resource: str
    lacked: str


def near_misses(
    request: Request, policies: Policies, decision: Decision, readings: Readings = DEFAULT
) -> tuple[NearMiss, ...]:
    """Finds them for a decision of ImplicitDeny; nothing for any other."""
    if decision.verdict is not Verdict.IMPLICIT_DENY:
        return ()
    asked = {(each.action_name, each.target.name): each for each in questions(request, readings)}
    found = [
        miss
        for reason in decision.reasons
        if (question := asked.get((reason.action, reason.resource))) is not None
        for miss in _misses(question, _silent(policies, reason))
    ]
    return tuple(found)


def _silent(policies: Policies, reason: Reason) -> tuple[AttachedPolicy, ...]:
    """The policies of the layer in which nothing allowed."""
    if reason.policy_type is PolicyType.CONTROL:
        levels = policies.control or ()
        return tuple(each for level in levels if level.node == reason.node for each in level.policies)
    if reason.policy_type is PolicyType.SESSION:
        return (policies.session,) if policies.session else ()
    if reason.policy_type is PolicyType.TRUST:
        return (policies.trust,) if policies.trust else ()
    return policies.identity + policies.identity_resource_group


def _misses(question: Question, policies: tuple[AttachedPolicy, ...]) -> Iterator[NearMiss]:
    for policy in policies:
        for statement in policy.document.statements:
            if statement.effect is Effect.ALLOW and question.action(statement.actions):
                lacked = _lacked(question, statement)
                if lacked:
                    yield NearMiss(policy, statement, question.target.name, lacked)


def _lacked(question: Question, statement: Statement) -> str:
    if statement.principals is not None and not question.named(statement.principals):
        return f"it does not trust `{question.caller.arn}`"
    if statement.principals is None and not question.resource(statement.resources):
        return "its Resource does not cover the name"
    failed = (test for test in statement.conditions if question.test(test) is False)
    return "; ".join(_failed(question, test) for test in failed)


def _failed(question: Question, test: ConditionTest) -> str:
    values = question.values(test.key)
    shown = " ".join(f"`{value}`" for value in values) if isinstance(values, tuple) else values
    given = shown or "absent"
    wanted = ", ".join(f"`{value}`" for value in test.values)
    return f"`{test.key}` is {given}, asked is {test.operator.name} {wanted}"
