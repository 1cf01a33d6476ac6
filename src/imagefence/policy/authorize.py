"""Request and policies to a decision, in three-valued truth, with every statement that made it.

Sources: help.aliyun.com ram/policy-evaluation-process, resource-directory/user-guide/control-policy-overview.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from imagefence.policy.asking import BY_PROVIDER, WITHOUT_PERMISSION, asked, seen_tags, standing
from imagefence.policy.decision import Decision, PolicyType, Reason, Verdict
from imagefence.policy.document import Effect
from imagefence.policy.logic import Truth
from imagefence.policy.names import PARTS, split
from imagefence.policy.policies import Policies
from imagefence.policy.question import Facts, Question
from imagefence.policy.readings import DEFAULT, ForeignImage, Readings, Refusal
from imagefence.policy.request import OUTSIDE_RAM, PrincipalKind, Request
from imagefence.policy.rules import (
    Hit,
    Layer,
    Outcome,
    Stage,
    control_stages,
    identity_layer,
    session_layer,
    trust_layer,
)

ASSUME_ROLE = frozenset({"sts:assumerole"})
WEIGHT = {Verdict.EXPLICIT_DENY: 3, Verdict.IMPLICIT_DENY: 2, Verdict.INDETERMINATE: 1, Verdict.ALLOW: 0}
REFUSALS = frozenset({Verdict.EXPLICIT_DENY, Verdict.IMPLICIT_DENY})


def authorize(request: Request, policies: Policies, readings: Readings = DEFAULT) -> Decision:
    """Decides a request: every resource must pass by itself.

    A condition on an unknown key makes the decision Indeterminate where the verdict hangs on it; so does a
    call of which no resource is given. Raises nothing: what the engine does not understand was refused
    when parsed.
    """
    policies = standing(policies, readings)
    decisions = [decide(question, policies) for question in questions(request, readings)]
    return join(decisions, readings) if decisions else nothing_asked(request)


def questions(request: Request, readings: Readings = DEFAULT) -> Iterator[Question]:
    """What a call asks of RAM: one action on one resource at a time."""
    for each in asked(request, readings):
        facts = Facts.of(each)
        for resource in each.resources:
            tags = seen_tags(each, resource, readings)
            yield Question(each.principal, each.action, resource, tags, facts, readings)


def nothing_asked(request: Request) -> Decision:
    """The decision on a call that asks RAM nothing: it needs no permission, or what it needs is not known."""
    if request.action.lower() in WITHOUT_PERMISSION:
        return _unexplained(Verdict.ALLOW, f"`{request.action}` asks for no permission")
    if request.action.lower() in BY_PROVIDER and request.resources:
        text = f"an identity provider calls `{request.action}`, not `{request.principal.arn}`"
    else:
        text = f"which resources `{request.action}` authorises is not known"
    return _unexplained(Verdict.INDETERMINATE, text)


def _unexplained(found: Verdict, text: str) -> Decision:
    return Decision(found, reasons=(Reason(found, None, text),))


def join(decisions: Sequence[Decision], readings: Readings = DEFAULT) -> Decision:
    """One decision for a call that asks some: refused if any is; reasons are those of its verdict."""
    if len(decisions) == 1:
        return decisions[0]
    worst = _foremost(decisions, readings)
    reasons = tuple(reason for each in decisions if each.verdict is worst.verdict for reason in each.reasons)
    resource = worst.resource if worst.verdict is not Verdict.ALLOW else None
    return Decision(worst.verdict, worst.policy_type, resource, reasons)


def _foremost(decisions: Sequence[Decision], readings: Readings) -> Decision:
    if readings.resources is Refusal.FIRST:
        for decision in decisions:
            if decision.verdict in REFUSALS:
                return decision
    return max(decisions, key=lambda each: WEIGHT[each.verdict])


def verdict(outcome: Outcome[Truth]) -> Verdict:
    """Reads the verdict off an outcome in three-valued truth."""
    if outcome.denied is True:
        return Verdict.EXPLICIT_DENY
    if outcome.allowed is True:
        return Verdict.ALLOW
    unknown = outcome.denied is None or outcome.allowed is None
    return Verdict.INDETERMINATE if unknown else Verdict.IMPLICIT_DENY


def decide(question: Question, policies: Policies) -> Decision:
    """Decides one action on one resource; the policies are those that stand under its readings."""
    return settled(question, policies, stages(question, policies))


def settled(question: Question, policies: Policies, asked_in_turn: Iterable[Stage[Truth]]) -> Decision:
    """The stages refuse in their order; the first that does is final."""
    reasons: list[Reason] = list(_passed_over(question, policies))
    open_reasons: list[Reason] = []
    undecided: PolicyType | None = None
    for stage in asked_in_turn:
        layer, found = _settle(stage)
        if layer.policy_type is PolicyType.TRUST and policies.trust is None:
            found = Verdict.INDETERMINATE
        if found in REFUSALS:
            return Decision(found, layer.policy_type, question.target, _refusing(question, layer, found))
        if found is Verdict.INDETERMINATE:
            undecided = undecided or layer.policy_type
            open_reasons += _undecided(question, layer)
        else:
            reasons += (reason for each in stage for reason in _allowing(question, each))
    if undecided:
        return Decision(Verdict.INDETERMINATE, undecided, question.target, tuple(open_reasons))
    return Decision(Verdict.ALLOW, None, question.target, tuple(reasons))


def _settle(stage: Stage[Truth]) -> tuple[Layer[Truth], Verdict]:
    """The layer that speaks for a stage: a Deny first, then a silent one, then an undecided one."""
    found = [(layer, verdict(layer.outcome)) for layer in stage]
    return max(found, key=lambda pair: WEIGHT[pair[1]])


def stages(question: Question, policies: Policies) -> Iterator[Stage[Truth]]:
    """The layers in the order in which they refuse; those of one stage are asked together."""
    if policies.control is not None and not unbound(question):
        yield from control_stages(question, policies, question.readings)
    if policies.session is not None:
        yield (session_layer(question, policies.session),)
    assumes = question.action_name.lower() in ASSUME_ROLE
    own: Stage[Truth] = ()
    if not owner_passes(question) and not (assumes and question.caller.kind in OUTSIDE_RAM):
        own = (identity_layer(question, policies, question.readings),)
    if assumes:
        own += (trust_layer(question, policies),)
    if own:
        yield own


def unbound(question: Question) -> str:
    """Why control policies don't bind this call, or nothing."""
    caller = question.caller
    if caller.in_management_account:
        return "control policies do not bind the management account"
    if caller.kind is PrincipalKind.ROOT:
        return "control policies do not bind the owner of an account"
    if caller.kind is PrincipalKind.SERVICE_LINKED_ROLE:
        return "control policies do not bind service-linked roles"
    foreign = question.target.owner not in ("", caller.account)
    if foreign and question.readings.foreign_image is ForeignImage.OWNERS:
        return "the image belongs to another account, whose control policies are asked"
    return ""


def owner_passes(question: Question) -> bool:
    """The owner may do everything in its own account, and with system policies, and is not asked."""
    if question.caller.kind is not PrincipalKind.ROOT:
        return False
    parts = split(question.target.name)
    return len(parts) != PARTS or parts[3] in ("", "*", "system", question.caller.account)


def _passed_over(question: Question, policies: Policies) -> Iterator[Reason]:
    exempt = unbound(question) if policies.control is not None else ""
    if exempt:
        yield _reason(question, Verdict.ALLOW, PolicyType.CONTROL, exempt)
    if owner_passes(question):
        yield _reason(question, Verdict.ALLOW, None, "the owner may do everything in its own account")


def _refusing(question: Question, layer: Layer[Truth], found: Verdict) -> tuple[Reason, ...]:
    denying = tuple(hit for hit in layer.outcome.hits if hit.statement.effect is Effect.DENY and hit.holds)
    if denying:
        return tuple(_hit_reason(question, layer, hit, found) for hit in denying)
    text = f"no statement allows `{question.action_name}`"
    return (_reason(question, found, layer.policy_type, text, node=layer.node),)


def _allowing(question: Question, layer: Layer[Truth]) -> Iterable[Reason]:
    for hit in layer.outcome.hits:
        if hit.holds and hit.statement.effect is Effect.ALLOW:
            yield _hit_reason(question, layer, hit, Verdict.ALLOW)


def _undecided(question: Question, layer: Layer[Truth]) -> Iterable[Reason]:
    for hit in layer.outcome.hits:
        if hit.holds is None:
            yield _hit_reason(question, layer, hit, Verdict.INDETERMINATE)
    if layer.policy_type is PolicyType.TRUST and not layer.outcome.hits:
        text = "the trust policy of the role is not known"
        yield _reason(question, Verdict.INDETERMINATE, layer.policy_type, text)


def _hit_reason(question: Question, layer: Layer[Truth], hit: Hit[Truth], found: Verdict) -> Reason:
    if found is Verdict.INDETERMINATE:
        does = f"may {hit.statement.effect.value.lower()}: {_unknown_keys(question, hit)}"
    else:
        does = "denies" if found is Verdict.EXPLICIT_DENY else "allows"
    text = f"Statement[{hit.statement.index}] of `{hit.policy.name}` {does}"
    return Reason(
        found,
        layer.policy_type,
        text,
        policy=hit.policy,
        statement=hit.statement,
        node=layer.node or hit.policy.attached_to,
        resource=question.target.name,
        action=question.action_name,
    )


def _unknown_keys(question: Question, hit: Hit[Truth]) -> str:
    keys = (test.key for test in hit.statement.conditions if question.test(test) is None)
    return ", ".join(f"`{key}` is unknown" for key in keys)


def _reason(
    question: Question, found: Verdict, policy_type: PolicyType | None, text: str, node: str = ""
) -> Reason:
    return Reason(
        found, policy_type, text, node=node, resource=question.target.name, action=question.action_name
    )
