"""Takes a fence down: what it made goes, what it changed gets its old text back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from imagefence.cloud.session import Session
from imagefence.fence.apply import Told, take_all
from imagefence.fence.documents import same_text
from imagefence.fence.journal import Journal
from imagefence.fence.plan import full_access, gone_role, is_allow_list, once, path_of
from imagefence.fence.standing import (
    FULL_ACCESS,
    FULL_ACCESS_ID,
    MARK,
    AccountStanding,
    ControlStanding,
    PolicyStanding,
    Standing,
)
from imagefence.fence.steps import Step, StepKind

Origins = Mapping[tuple[str, str, str, str], Step]


def remove(steps: tuple[Step, ...], standing: Standing, own: Session, journal: Journal, told: Told) -> None:
    """Takes the fence down and says so in the journal."""
    take_all(steps, standing, own, journal, told)
    journal.write("removed")


def removal(standing: Standing, origins: Origins) -> tuple[Step, ...]:
    """The steps from what stands back to what stood before.

    FullAliyunAccess comes back first, as the last policy of a node can't be detached.
    """
    return once(
        (
            *full_access_back(standing, origins),
            *(
                s
                for name, one in standing.control.items()
                for s in control_back(standing, origins, name, one)
            ),
            *(step for account in standing.accounts.values() for step in account_back(account, origins)),
        )
    )


def full_access_back(standing: Standing, origins: Origins) -> Iterator[Step]:
    """FullAliyunAccess on each node that lost it to the allow list."""
    listed = {node for name, one in standing.control.items() if is_allow_list(name) for node in one.nodes}
    for node, held in standing.attached.items():
        origin = origins.get(("control", standing.own_account, FULL_ACCESS, node))
        taken = origin is not None and origin.kind is StepKind.DETACH_CONTROL
        if (taken or node in listed) and FULL_ACCESS_ID not in held:
            yield full_access(StepKind.ATTACH_CONTROL, standing, node, path_of(standing, node))


def control_back(standing: Standing, origins: Origins, name: str, found: ControlStanding) -> Iterator[Step]:
    """One control policy: deleted if a fence made it, else its old text and places."""
    own = standing.own_account
    origin = origins.get(("control", own, name, ""))
    ours = found.about.startswith(MARK)
    old = "" if ours else before(origin, StepKind.UPDATE_CONTROL)
    for node in found.nodes:
        hung = origins.get(("control", own, name, node))
        if ours or (hung is not None and hung.kind is StepKind.ATTACH_CONTROL):
            yield Step(StepKind.DETACH_CONTROL, own, name, node, path_of(standing, node))
    if ours:
        yield Step(StepKind.DELETE_CONTROL, own, name, before=found.text, about=found.about)
    elif old and not same_text(old, found.text):
        yield Step(StepKind.UPDATE_CONTROL, own, name, before=found.text, after=old)
    for step in origins.values():
        gone = step.kind is StepKind.DETACH_CONTROL and step.name == name and step.target not in found.nodes
        if gone and not ours:
            yield Step(StepKind.ATTACH_CONTROL, own, name, step.target, step.path)


def account_back(account: AccountStanding, origins: Origins) -> Iterator[Step]:
    """The policies and the roles of one account."""
    for name, policy in account.policies.items():
        yield from policy_back(account, origins, name, policy)
    for name, role in account.roles.items():
        old = before(origins.get(("role", account.id, name, "")), StepKind.UPDATE_TRUST)
        if role.about.startswith(MARK):
            yield from gone_role(account, role)
        elif old and not same_text(old, role.trust):
            yield Step(StepKind.UPDATE_TRUST, account.id, name, before=role.trust, after=old)


def before(origin: Step | None, kind: StepKind) -> str:
    """The text that stood before the first change of this kind, or nothing."""
    return origin.before if origin is not None and origin.kind is kind else ""


def policy_back(
    account: AccountStanding, origins: Origins, name: str, found: PolicyStanding
) -> Iterator[Step]:
    """One RAM policy: deleted if a fence made it, else its old text and places."""
    origin = origins.get(("policy", account.id, name, ""))
    ours = found.about.startswith(MARK)
    old = "" if ours else before(origin, StepKind.UPDATE_POLICY)
    for place in found.attached:
        hung = origins.get(("policy", account.id, name, place))
        if ours or (hung is not None and hung.kind is StepKind.ATTACH_POLICY):
            yield Step(StepKind.DETACH_POLICY, account.id, name, place)
    if ours:
        yield Step(StepKind.DELETE_POLICY, account.id, name, before=found.text, about=found.about)
    elif old and not same_text(old, found.text):
        yield Step(StepKind.UPDATE_POLICY, account.id, name, before=found.text, after=old)
    for step in origins.values():
        gone = step.kind is StepKind.DETACH_POLICY and step.name == name and step.account == account.id
        if gone and not ours and step.target not in found.attached:
            yield Step(StepKind.ATTACH_POLICY, account.id, name, step.target)
