"""Nearest misses: the one thing in the request or the policies that would have let a refused call pass.

Every proposal is tried: a change is kept only if the whole request, decided again, is allowed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from imagefence.policy.authorize import REFUSALS, authorize, questions
from imagefence.policy.changes import (
    Case,
    Change,
    allowed_anew,
    settings,
    silent_layer,
    with_action,
    with_principal,
    with_resources,
    without_statement,
)
from imagefence.policy.decision import Decision, Reason, Verdict
from imagefence.policy.document import ConditionTest, Effect, In, Statement
from imagefence.policy.explain import condition_words
from imagefence.policy.pattern import has_wildcard
from imagefence.policy.policies import AttachedPolicy, Policies
from imagefence.policy.question import Question
from imagefence.policy.readings import DEFAULT, Readings
from imagefence.policy.request import Request

# Why: each trial decides the request once more, and statements with near misses may be thousands.
TRIALS = 64
SHOWN = 3


@dataclass(frozen=True, slots=True)
class NearMiss:
    """What a statement lacked to let `resource` pass, or what an avoided Deny would have needed.

    Each of `changes` alone lets the whole request pass; without any, one thing is not enough.
    `policy` and `statement` are None for a statement that would have to be written anew.
    """

    resource: str
    lacks: tuple[str, ...]
    policy: AttachedPolicy | None = None
    statement: Statement | None = None
    changes: tuple[Change, ...] = ()

    @property
    def change(self) -> Change | None:
        """The first of the changes."""
        return self.changes[0] if self.changes else None

    @property
    def lacked(self) -> str:
        """All that it lacked, in one line."""
        return "; ".join(self.lacks)


@dataclass(frozen=True, slots=True)
class _Refused:
    """A refused request with what was asked of RAM for it."""

    case: Case
    readings: Readings
    asked: dict[tuple[str, str], Question]

    def tried(self, changes: Iterator[Change]) -> Change | None:
        """The first change that lets the whole request pass."""
        for change in changes:
            if authorize(change.case.request, change.case.policies, self.readings).verdict is Verdict.ALLOW:
                return change
        return None


def near_misses(
    request: Request, policies: Policies, decision: Decision, readings: Readings = DEFAULT
) -> tuple[NearMiss, ...]:
    """Finds them for a refusal: those with a proven single change first, then by what they lack."""
    if decision.verdict not in REFUSALS:
        return ()
    asked = {(each.action_name, each.target.name): each for each in questions(request, readings)}
    refused = _Refused(Case(request, policies), readings, asked)
    reasons = [each for each in decision.reasons if (each.action, each.resource) in asked]
    if decision.verdict is Verdict.EXPLICIT_DENY:
        found = list(_avoided(refused, reasons))
    else:
        found = list(_allowing(refused, reasons))
        if not any(miss.changes for miss in found):
            found += _anew(refused, reasons)
    found.sort(key=lambda miss: (not miss.changes, len(miss.lacks)))
    return tuple(found[:SHOWN])


def _allowing(refused: _Refused, reasons: list[Reason]) -> Iterator[NearMiss]:
    """The Allows of the silent layers, those that lack least first."""
    near = [
        (lacks, policy, statement, reason)
        for reason in reasons
        for policy in silent_layer(refused.case.policies, reason)
        for statement in policy.document.statements
        if statement.effect is Effect.ALLOW
        and (lacks := _lacks(refused.asked[reason.action, reason.resource], statement))
        and _speaks_of(statement, reason.action)
    ]
    near.sort(key=lambda each: len(each[0]))
    for lacks, policy, statement, reason in islice(near, TRIALS):
        change = None
        if len(lacks) == 1:
            change = refused.tried(_supplied(refused, reasons, reason, policy, statement))
        yield NearMiss(reason.resource, lacks, policy, statement, (change,) if change else ())


def _speaks_of(statement: Statement, action: str) -> bool:
    """Leaves out the statements that are about other services altogether."""
    if not isinstance(statement.actions, In):
        return True
    service = action.partition(":")[0].lower()
    named = (pattern.partition(":")[0].lower() for pattern in statement.actions.patterns)
    return any(each == service or has_wildcard(each) for each in named)


def _lacks(question: Question, statement: Statement) -> tuple[str, ...]:
    """What keeps an Allow from hitting; nothing where an unknown key leaves it open."""
    return tuple(_lacking(question, statement))


def _lacking(question: Question, statement: Statement) -> Iterator[str]:
    if not question.action(statement.actions):
        yield f"its {_element('Action', statement.actions)} does not cover `{question.action_name}`"
    if statement.principals is not None and not question.named(statement.principals):
        yield f"it does not trust `{question.caller.arn}`"
    if statement.principals is None and not question.resource(statement.resources):
        yield f"its {_element('Resource', statement.resources)} does not cover `{question.target.name}`"
    for test in statement.conditions:
        if question.test(test) is False:
            yield _failed(question, test)


def _element(name: str, covered: object) -> str:
    return name if isinstance(covered, In) else f"Not{name}"


def _failed(question: Question, test: ConditionTest) -> str:
    wanted = ", ".join(f"`{value}`" for value in test.values)
    operator = f"{test.quantifier}:{test.operator.name}" if test.quantifier else test.operator.name
    return f"`{test.key}` is {_shown(question, test)}, asked is {operator} {wanted}"


def _shown(question: Question, test: ConditionTest) -> str:
    values = question.values(test.key)
    shown = " ".join(f"`{value}`" for value in values) if isinstance(values, tuple) else values
    return shown or "absent"


def _supplied(
    refused: _Refused, reasons: list[Reason], reason: Reason, policy: AttachedPolicy, statement: Statement
) -> Iterator[Change]:
    """The changes that give an Allow the one thing it lacks: in the request first, then in the policy."""
    question = refused.asked[reason.action, reason.resource]
    for test in statement.conditions:
        if question.test(test) is False:
            yield from settings(refused.case, question, test)
    if not question.action(statement.actions):
        yield with_action(refused.case, policy, statement, reason.action)
    elif statement.principals is not None:
        yield with_principal(refused.case, policy, statement)
    elif not question.resource(statement.resources):
        same = [each.resource for each in reasons if _same_layer(each, reason)]
        yield with_resources(refused.case, policy, statement, same)


def _same_layer(one: Reason, other: Reason) -> bool:
    return (one.policy_type, one.node) == (other.policy_type, other.node)


def _anew(refused: _Refused, reasons: list[Reason]) -> Iterator[NearMiss]:
    """Where no Allow can be mended by one thing: one to be written."""
    for reason in reasons[:1]:
        same = [each.resource for each in reasons if _same_layer(each, reason)]
        change = allowed_anew(refused.case, reason, same)
        if refused.tried(iter((change,))):
            lack = f"no statement allows `{reason.action}` there"
            yield NearMiss(reason.resource, (lack,), changes=(change,))


def _avoided(refused: _Refused, reasons: list[Reason]) -> Iterator[NearMiss]:
    """What would have kept each Deny from hitting: each of its conditions, or else its not being there."""
    for reason in islice(reasons, TRIALS):
        policy, statement = reason.policy, reason.statement
        if policy is None or statement is None:
            continue
        question = refused.asked[reason.action, reason.resource]
        lacks = tuple(_kept(question, test) for test in statement.conditions)
        each = (refused.tried(settings(refused.case, question, test)) for test in statement.conditions)
        changes = tuple(change for change in each if change is not None)
        if not changes:
            gone = refused.tried(iter((without_statement(refused.case, policy, statement),)))
            changes = (gone,) if gone is not None else ()
        lacks = lacks or ("it denies without a condition",)
        yield NearMiss(reason.resource, lacks, policy, statement, changes)


def _kept(question: Question, test: ConditionTest) -> str:
    """Says of a condition of a Deny that it held, and with what."""
    return f"it denies where {condition_words(test)}, and it is {_shown(question, test)}"
