"""Takes the steps of a plan, one call after the other, with a line in the journal before and after each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import Any

from imagefence.api import control_policies as control
from imagefence.api import ram_attachments as attachments
from imagefence.api import ram_policies, ram_roles
from imagefence.api.directory_shapes import NoParameters
from imagefence.api.operation import Operation
from imagefence.cloud.session import Session
from imagefence.errors import Refusal, Unreachable
from imagefence.fence.journal import Journal
from imagefence.fence.plan import FencePlan
from imagefence.fence.standing import FULL_ACCESS, FULL_ACCESS_ID, Standing
from imagefence.fence.steps import Step, StepKind

ENABLING_S = 30.0
VERSIONS = 5  # help.aliyun.com ram/product-overview/limits
Told = Callable[[Step], None]


@dataclass(slots=True)
class Builder:
    """Takes steps; `ids` knows control policies by name, those made on the way too."""

    own: Session
    sessions: Mapping[str, Session]
    ids: dict[str, str] = field(default_factory=dict)

    def take(self, step: Step) -> None:
        """Takes one step."""
        TAKES[step.kind](self, step)

    def session(self, step: Step) -> Session:
        """The session of the step's account."""
        return self.sessions.get(step.account, self.own)


def apply(plan: FencePlan, standing: Standing, own: Session, journal: Journal, told: Told) -> None:
    """Applies a plan; raises Refusal, before anything is touched, where something speaks against it."""
    if plan.refusals:
        raise Refusal(
            f"the fence is not put up: {plan.refusals[0]}",
            help="; ".join(plan.refusals[1:]) or "change the scope or what it names, and plan again",
        )
    take_all(plan.steps, standing, own, journal, told)


def take_all(steps: Iterable[Step], standing: Standing, own: Session, journal: Journal, told: Told) -> None:
    """Takes steps in their order."""
    ids = {FULL_ACCESS: FULL_ACCESS_ID, **{name: one.id for name, one in standing.control.items()}}
    builder = Builder(own, standing.sessions, ids)
    for step in steps:
        journal.write("intent", step)
        builder.take(step)
        journal.write("done", step)
        told(step)


def create_role(builder: Builder, step: Step) -> None:
    """Makes an exempt role."""
    request = ram_roles.CreateRole(
        role_name=step.name, assume_role_policy_document=step.after, description=step.about
    )
    builder.session(step).call(ram_roles.CREATE_ROLE, request)


def update_trust(builder: Builder, step: Step) -> None:
    """Replaces the trust policy of a role."""
    request = ram_roles.UpdateRole(role_name=step.name, new_assume_role_policy_document=step.after)
    builder.session(step).call(ram_roles.UPDATE_ROLE, request)


def delete_role(builder: Builder, step: Step) -> None:
    """Deletes a role that nothing hangs on."""
    builder.session(step).call(ram_roles.DELETE_ROLE, ram_roles.OneRole(role_name=step.name))


def create_policy(builder: Builder, step: Step) -> None:
    """Makes a RAM policy."""
    request = ram_policies.CreatePolicy(
        policy_name=step.name, policy_document=step.after, description=step.about
    )
    builder.session(step).call(ram_policies.CREATE_POLICY, request)


def update_policy(builder: Builder, step: Step) -> None:
    """Makes a new default version, in place of the oldest other one where there are five."""
    session = builder.session(step)
    others = other_versions(session, step.name)
    if len(others) + 1 >= VERSIONS:
        delete_version(session, step.name, others[0])
    request = ram_policies.CreatePolicyVersion(
        policy_name=step.name, policy_document=step.after, set_as_default=True
    )
    session.call(ram_policies.CREATE_POLICY_VERSION, request)


def delete_policy(builder: Builder, step: Step) -> None:
    """Deletes a RAM policy with all its versions."""
    session = builder.session(step)
    for version in other_versions(session, step.name):
        delete_version(session, step.name, version)
    session.call(ram_policies.DELETE_POLICY, ram_policies.DeletePolicy(policy_name=step.name))


def other_versions(session: Session, name: str) -> list[str]:
    """The versions of a policy that are not in force, the oldest first."""
    request = ram_policies.AnyPolicy(policy_type="Custom", policy_name=name)
    found = session.call(ram_policies.LIST_POLICY_VERSIONS, request).policy_versions.policy_version
    others = [version.version_id for version in found if not version.is_default_version]
    return sorted(others, key=lambda version: int(version.lstrip("v") or 0))


def delete_version(session: Session, name: str, version: str) -> None:
    """Deletes one version."""
    request = ram_policies.OneVersion(policy_name=name, version_id=version)
    session.call(ram_policies.DELETE_POLICY_VERSION, request)


ATTACHES: dict[tuple[StepKind, str], Operation[Any, Any]] = {
    (StepKind.ATTACH_POLICY, "user"): attachments.ATTACH_POLICY_TO_USER,
    (StepKind.ATTACH_POLICY, "group"): attachments.ATTACH_POLICY_TO_GROUP,
    (StepKind.ATTACH_POLICY, "role"): attachments.ATTACH_POLICY_TO_ROLE,
    (StepKind.DETACH_POLICY, "user"): attachments.DETACH_POLICY_FROM_USER,
    (StepKind.DETACH_POLICY, "group"): attachments.DETACH_POLICY_FROM_GROUP,
    (StepKind.DETACH_POLICY, "role"): attachments.DETACH_POLICY_FROM_ROLE,
}


def attach_policy(builder: Builder, step: Step) -> None:
    """Attaches a RAM policy to a user, group or role, or detaches it."""
    kind, _, name = step.target.partition("/")
    operation = ATTACHES[step.kind, kind]
    names = {"policy_type": step.policy_type, "policy_name": step.name, f"{kind}_name": name}
    builder.session(step).call(operation, operation.request(**names))


def enable_control(builder: Builder, step: Step) -> None:
    """Switches control policies on and waits until they are."""
    builder.own.call(control.ENABLE_CONTROL_POLICY, NoParameters())
    end = monotonic() + ENABLING_S
    while monotonic() < end:
        answer = builder.own.call(control.GET_CONTROL_POLICY_ENABLEMENT_STATUS, NoParameters())
        if answer.enablement_status == "Enabled":
            return
        sleep(0.2)
    raise Unreachable(
        f"control policies are still being switched on after {ENABLING_S:.0f} s", help="apply again later"
    )


def create_control(builder: Builder, step: Step) -> None:
    """Makes a control policy."""
    request = control.CreateControlPolicy(
        policy_name=step.name, effect_scope="RAM", policy_document=step.after, description=step.about
    )
    answer = builder.own.call(control.CREATE_CONTROL_POLICY, request)
    builder.ids[step.name] = answer.control_policy.policy_id


def update_control(builder: Builder, step: Step) -> None:
    """Replaces the text of a control policy."""
    request = control.UpdateControlPolicy(policy_id=builder.ids[step.name], new_policy_document=step.after)
    builder.own.call(control.UPDATE_CONTROL_POLICY, request)


def delete_control(builder: Builder, step: Step) -> None:
    """Deletes a control policy that hangs nowhere."""
    request = control.DeleteControlPolicy(policy_id=builder.ids[step.name])
    builder.own.call(control.DELETE_CONTROL_POLICY, request)


def attach_control(builder: Builder, step: Step) -> None:
    """Attaches a control policy to a node."""
    request = control.Attachment(policy_id=builder.ids[step.name], target_id=step.target)
    builder.own.call(control.ATTACH_CONTROL_POLICY, request)


def detach_control(builder: Builder, step: Step) -> None:
    """Detaches a control policy from a node."""
    request = control.Attachment(policy_id=builder.ids[step.name], target_id=step.target)
    builder.own.call(control.DETACH_CONTROL_POLICY, request)


TAKES: dict[StepKind, Callable[[Builder, Step], None]] = {
    StepKind.CREATE_ROLE: create_role,
    StepKind.UPDATE_TRUST: update_trust,
    StepKind.DELETE_ROLE: delete_role,
    StepKind.CREATE_POLICY: create_policy,
    StepKind.UPDATE_POLICY: update_policy,
    StepKind.DELETE_POLICY: delete_policy,
    StepKind.ATTACH_POLICY: attach_policy,
    StepKind.DETACH_POLICY: attach_policy,
    StepKind.ENABLE_CONTROL: enable_control,
    StepKind.CREATE_CONTROL: create_control,
    StepKind.UPDATE_CONTROL: update_control,
    StepKind.DELETE_CONTROL: delete_control,
    StepKind.ATTACH_CONTROL: attach_control,
    StepKind.DETACH_CONTROL: detach_control,
}
