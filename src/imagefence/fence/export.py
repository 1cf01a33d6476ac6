"""What a plan brings about, written for tools that keep policies as code.

A declaration holds the whole fence, not only what changes: a file that left out what stands already would
tell its tool to take that away. What no declaration can say is told in notes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from imagefence.errors import Refusal
from imagefence.fence.plan import FencePlan, once, policy_steps, role_steps
from imagefence.fence.standing import FULL_ACCESS, AccountStanding, RoleStanding, Standing
from imagefence.fence.steps import Step, StepKind

CONTROL = (StepKind.CREATE_CONTROL, StepKind.ATTACH_CONTROL)
DECLARED = (StepKind.CREATE_ROLE, StepKind.CREATE_POLICY, StepKind.ATTACH_POLICY, *CONTROL)
UNDECLARED = (
    StepKind.ENABLE_CONTROL,
    StepKind.DETACH_CONTROL,
    StepKind.DELETE_CONTROL,
    StepKind.DETACH_POLICY,
    StepKind.DELETE_POLICY,
    StepKind.DELETE_ROLE,
)


@dataclass(frozen=True, slots=True)
class Export:
    """The texts by the names of their files, and what they cannot say."""

    files: Mapping[str, str]
    notes: tuple[str, ...] = ()


def exportable(plan: FencePlan) -> None:
    """Raises Refusal where `apply` would."""
    if plan.refusals:
        raise Refusal(
            f"the fence is not exported: {plan.refusals[0]}",
            help="; ".join(plan.refusals[1:]) or "change the scope or what it names, and plan again",
        )


def declared(plan: FencePlan, standing: Standing) -> tuple[Step, ...]:
    """Everything that the fence is made of, as the steps that would make it on bare ground."""
    bare = replace(
        standing,
        control={},
        attached={},
        accounts={name: bare_account(plan, one) for name, one in standing.accounts.items()},
    )
    steps = once((*role_steps(plan.scope, bare), *policy_steps(plan.scope, bare, plan.policies)))
    named = (replace(made(step), about=about(made(step), standing)) for step in steps)
    return tuple(step for step in named if step.kind in DECLARED)


def made(step: Step) -> Step:
    """A role that stands is declared like a new one."""
    return replace(step, kind=StepKind.CREATE_ROLE) if step.kind is StepKind.UPDATE_TRUST else step


def bare_account(plan: FencePlan, account: AccountStanding) -> AccountStanding:
    """An account without policies; its exempt roles keep the case of their names."""
    wanted = {exemption.role for exemption in plan.scope.exemptions}
    roles = {
        name: RoleStanding(role.name, "", role.about)
        for name, role in account.roles.items()
        if name.lower() in wanted
    }
    return replace(account, roles=roles, policies={})


def about(step: Step, standing: Standing) -> str:
    """The description of what a step makes: that which stands, as no step of a plan changes one."""
    account = standing.accounts.get(step.account)
    if step.kind is StepKind.CREATE_CONTROL and step.name in standing.control:
        return standing.control[step.name].about
    if account is not None and step.kind is StepKind.CREATE_ROLE and step.name in account.roles:
        return account.roles[step.name].about
    if account is not None and step.kind is StepKind.CREATE_POLICY and step.name in account.policies:
        return account.policies[step.name].about
    return step.about


def stands(step: Step, standing: Standing) -> bool:
    """Tells whether what a step makes is there already, whatever its text."""
    if step.kind is StepKind.CREATE_CONTROL:
        return step.name in standing.control
    if step.kind is StepKind.ATTACH_CONTROL:
        return step.name in standing.attached.get(step.target, {}).values()
    account = standing.accounts[step.account]
    if step.kind is StepKind.CREATE_ROLE:
        return step.name in account.roles
    found = account.policies.get(step.name)
    if step.kind is StepKind.ATTACH_POLICY:
        return found is not None and step.target in found.attached
    return found is not None


def undeclared(plan: FencePlan) -> Iterator[str]:
    """The steps of a plan that no declaration takes, with the reason, after what `plan` remarks."""
    yield from plan.remarks
    for step in plan.steps:
        if step.kind is StepKind.ENABLE_CONTROL:
            yield by_hand(step, "do it before anything else: the directory itself is not declared here")
        elif step.kind is StepKind.DETACH_CONTROL and step.name == FULL_ACCESS:
            yield by_hand(step, "do it last: a declaration can't say that a policy does not hang somewhere")
        elif step.kind in UNDECLARED:
            yield by_hand(step, "a declaration can't take away what it has not made")
        elif step.name == FULL_ACCESS:
            yield by_hand(step, "do it first: nothing is allowed on the node once the allow list is gone")


def by_hand(step: Step, why: str) -> str:
    """The note on a step that is left to the user."""
    return f"not expressed: {step}; {why} (`imagefence fence apply` takes this step)"


def tail(name: str) -> str:
    """Six characters that tell a name from others of the same label."""
    return sha256(name.encode()).hexdigest()[:6]


def printed(data: object) -> str:
    """Data as the text of a file."""
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def plan_file(plan: FencePlan, standing: Standing) -> Export:
    """The plan in this project's own form: docs/fence.md."""
    exportable(plan)
    data: dict[str, Any] = {
        "format": "imagefence-fence-plan",
        "version": 1,
        "account": standing.own_account,
        "directory": standing.organization.directory_id if standing.organization else None,
        "steps": [row(step) for step in plan.steps],
        "fence": [row(step) for step in declared(plan, standing)],
        "notes": list(plan.remarks),
    }
    return Export({"imagefence-fence.json": printed(data)}, plan.remarks)


def row(step: Step) -> dict[str, Any]:
    """A step with its documents as JSON; what does not apply is left out."""
    texts = {"before": step.before, "after": step.after}
    plain = {
        "step": step.kind.value,
        "account": step.account,
        "name": step.name,
        "target": step.target,
        "path": step.path,
        "policy_type": step.policy_type if step.kind in ATTACHING else "",
        "description": step.about,
    }
    documents = {key: json.loads(text) for key, text in texts.items() if text}
    return {key: value for key, value in plain.items() if value} | documents


ATTACHING = (StepKind.ATTACH_POLICY, StepKind.DETACH_POLICY)
