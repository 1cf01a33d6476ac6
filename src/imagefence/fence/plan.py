"""Scope and what stands to the steps between them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from imagefence.fence.assumptions import Assumption, assumptions
from imagefence.fence.checks import refusals_of
from imagefence.fence.documents import (
    PREFIX,
    PolicyText,
    fence_policies,
    role_policy,
    role_policy_name,
    same_text,
    trust_text,
)
from imagefence.fence.standing import (
    FULL_ACCESS,
    FULL_ACCESS_ID,
    MARK,
    AccountStanding,
    PolicyStanding,
    RoleStanding,
    Standing,
)
from imagefence.fence.steps import Step, StepKind
from imagefence.org.identities import Identities
from imagefence.policy.document import PolicyKind
from imagefence.scope.scope import Exemption, Form, May, Scope


@dataclass(frozen=True, slots=True)
class FencePlan:
    """The steps, what they rest on, and why they may not be taken; empty steps mean that the fence stands."""

    scope: Scope
    policies: tuple[PolicyText, ...]
    steps: tuple[Step, ...]
    assumptions: tuple[Assumption, ...]
    remarks: tuple[str, ...] = ()
    refusals: tuple[str, ...] = ()


def make_plan(scope: Scope, standing: Standing, now: datetime) -> FencePlan:
    """Makes the plan; raises Refusal where a policy would be too long."""
    kind = PolicyKind.IDENTITY if scope.attach.principals else PolicyKind.CONTROL
    policies = fence_policies(scope, kind, standing.covered)
    steps = once(
        (
            *role_steps(scope, standing),
            *policy_steps(scope, standing, policies),
            *stale_roles(scope, standing),
        )
    )
    return FencePlan(
        scope,
        policies,
        steps,
        assumptions(scope, policies, probed_account(scope, standing), now),
        (*scope.warnings, *remarks(scope, standing, now)),
        refusals_of(scope, standing, policies, now),
    )


def other_forms(plan: FencePlan, standing: Standing, now: datetime) -> dict[str, tuple[Assumption, ...]]:
    """What the forms that the scope does not choose would rest on; only nodes know more than one form."""
    if plan.scope.attach.principals:
        return {}
    account = probed_account(plan.scope, standing)
    scopes = [replace(plan.scope, form=form) for form in Form if form is not plan.scope.form]
    return {
        scope.form.value: assumptions(
            scope, fence_policies(scope, PolicyKind.CONTROL, standing.covered), account, now
        )
        for scope in scopes
    }


def probed_account(scope: Scope, standing: Standing) -> str:
    """The account whose launches are tried: a covered one that builds no golden images."""
    builders = scope.owner_accounts
    return next((one for one in standing.covered if one not in builders), standing.own_account)


def once(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The same steps in their order, none twice."""
    return tuple({(step.kind, *step.key): step for step in reversed(tuple(steps))}.values())[::-1]


def remarks(scope: Scope, standing: Standing, now: datetime) -> Iterator[str]:
    """What a user should know beside the steps."""
    for exemption in scope.exemptions:
        if exemption.until and exemption.until <= now:
            yield f"the exemption of `{exemption.role}` has ended at {exemption.until:%Y-%m-%d %H:%M} UTC"
    if not scope.owner_accounts:
        yield "without `approved.owner_accounts` nothing but the tags speaks against foreign images"
    if scope.attach.nodes:
        yield from trusted_behind_the_fence(scope, standing)
    for step in role_steps(scope, standing):
        if step.kind is StepKind.UPDATE_TRUST:
            yield (
                f"role `{step.name}` of account {step.account} trusted others until now: sessions that they "
                "have opened stay exempt until they end, at most 12 hours"
            )
    for account in standing.accounts.values():
        for exemption in scope.exemptions:
            if besides := besides_its_own(exemption, account.identities):
                yield (
                    f"the exempt role `{exemption.role}` of account {account.id} holds more than the fence "
                    f"gives it: {', '.join(besides)}"
                )
    for gap in standing.gaps:
        yield f"not read: {gap}"


def besides_its_own(exemption: Exemption, identities: Identities) -> tuple[str, ...]:
    """The policies of an exempt role that the fence has not given it."""
    role = identities.role(exemption.role)
    own = role_policy_name(exemption.role)
    return tuple(policy.name for policy in role.policies if policy.name != own) if role else ()


def trusted_behind_the_fence(scope: Scope, standing: Standing) -> Iterator[str]:
    """Principals that exempt roles trust and that an administrator of a covered account can take."""
    for exemption in scope.exemptions:
        for trusted in exemption.trust:
            account = trusted.split(":")[3]
            if account in standing.covered:
                yield (
                    f"the exempt role `{exemption.role}` trusts {trusted}, which is behind the fence: an "
                    f"administrator of account {account} can become it and so the role"
                )


def policy_steps(scope: Scope, standing: Standing, policies: Sequence[PolicyText]) -> Iterator[Step]:
    """The steps for the fence's own policies, on nodes or on principals."""
    if scope.attach.principals:
        yield from principal_steps(scope, standing, policies)
    else:
        yield from node_steps(scope, standing, policies)


def role_steps(scope: Scope, standing: Standing) -> Iterator[Step]:
    """Sees to the exempt roles of every covered account, before any policy protects their names."""
    manager = (
        standing.organization.management_account.id if scope.attach.nodes and standing.organization else ""
    )
    for account in standing.accounts.values():
        for exemption in scope.exemptions:
            yield from one_role(exemption, account, trust_text(exemption, manager or account.id))


def one_role(exemption: Exemption, account: AccountStanding, trust: str) -> Iterator[Step]:
    """Sees to one exempt role: that it is there, whom it trusts, and what it may do."""
    found = next((role for name, role in account.roles.items() if name.lower() == exemption.role), None)
    name = found.name if found else exemption.role
    about = f"{MARK}exempt role" + (f", {exemption.reason}" if exemption.reason else "")
    if found is None:
        yield Step(StepKind.CREATE_ROLE, account.id, name, after=trust, about=about)
    elif not same_text(found.trust, trust):
        yield Step(StepKind.UPDATE_TRUST, account.id, name, before=found.trust, after=trust)
    policy = role_policy(exemption)
    yield from one_policy(policy, account, (f"role/{name}",))


def one_policy(policy: PolicyText, account: AccountStanding, places: Iterable[str]) -> Iterator[Step]:
    """Sees to one RAM policy: its text and what it hangs on."""
    found = account.policies.get(policy.name)
    if found is None:
        yield Step(StepKind.CREATE_POLICY, account.id, policy.name, after=policy.text, about=policy.about)
    elif not same_text(found.text, policy.text):
        yield Step(StepKind.UPDATE_POLICY, account.id, policy.name, before=found.text, after=policy.text)
    wanted, attached = tuple(places), found.attached if found else ()
    for place in wanted:
        if place not in attached:
            yield Step(StepKind.ATTACH_POLICY, account.id, policy.name, place)
    for place in attached:
        if place not in wanted:
            yield Step(StepKind.DETACH_POLICY, account.id, policy.name, place)


def principal_steps(scope: Scope, standing: Standing, policies: Sequence[PolicyText]) -> Iterator[Step]:
    """The fence as RAM policies on users, groups and roles of the one account."""
    for account in standing.accounts.values():
        places = [f"{kind}/{name}" for kind, name in scope.attach.principals]
        for policy in policies:
            yield from one_policy(policy, account, places)
        kept = {policy.name for policy in policies} | {role_policy(e).name for e in scope.exemptions}
        for name, found in account.policies.items():
            if name not in kept and found.about.startswith(MARK):
                yield from gone_policy(account.id, name, found)


def gone_policy(account: str, name: str, found: PolicyStanding) -> Iterator[Step]:
    """Takes a RAM policy of ours off everything and away."""
    for place in found.attached:
        yield Step(StepKind.DETACH_POLICY, account, name, place)
    yield Step(StepKind.DELETE_POLICY, account, name, before=found.text, about=found.about)


def stale_roles(scope: Scope, standing: Standing) -> Iterator[Step]:
    """Takes away the roles that a fence made and this one no longer names."""
    wanted = {exemption.role for exemption in scope.exemptions}
    for account in standing.accounts.values():
        for name, role in account.roles.items():
            if name.lower() not in wanted and role.about.startswith(MARK):
                yield from gone_role(account, role)


def gone_role(account: AccountStanding, role: RoleStanding) -> Iterator[Step]:
    """Takes a role of ours away, with the policy that was made for it."""
    own = role_policy_name(role.name)
    for kind, name in role.policies:
        yield Step(StepKind.DETACH_POLICY, account.id, name, f"role/{role.name}", policy_type=kind)
    if own in account.policies:
        found = account.policies[own]
        for place in found.attached:
            if place != f"role/{role.name}":
                yield Step(StepKind.DETACH_POLICY, account.id, own, place)
        yield Step(StepKind.DELETE_POLICY, account.id, own, before=found.text, about=found.about)
    yield Step(StepKind.DELETE_ROLE, account.id, role.name, before=role.trust, about=role.about)


def node_steps(scope: Scope, standing: Standing, policies: Sequence[PolicyText]) -> Iterator[Step]:
    """The fence as control policies on nodes."""
    own = standing.own_account
    organization = standing.organization
    if organization is not None and not organization.control_policies_enabled:
        yield Step(StepKind.ENABLE_CONTROL, own)
    for policy in policies:
        found = standing.control.get(policy.name)
        if found is None:
            yield Step(StepKind.CREATE_CONTROL, own, policy.name, after=policy.text, about=policy.about)
        elif not same_text(found.text, policy.text):
            yield Step(StepKind.UPDATE_CONTROL, own, policy.name, before=found.text, after=policy.text)
    yield from attach_steps(standing, policies)
    yield from full_access_steps(scope, standing)
    yield from stale_control(standing, policies)


def attach_steps(standing: Standing, policies: Sequence[PolicyText]) -> Iterator[Step]:
    """Attaches each policy to each node where it does not hang yet."""
    for node in standing.targets:
        for policy in policies:
            if policy.name not in standing.attached.get(node.id, {}).values():
                yield Step(StepKind.ATTACH_CONTROL, standing.own_account, policy.name, node.id, node.path)


def full_access_steps(scope: Scope, standing: Standing) -> Iterator[Step]:
    """FullAliyunAccess gives way to the allow list where it hangs, and comes back where it no longer does."""
    enabled = standing.organization is None or standing.organization.control_policies_enabled
    targets = {node.id: node.path for node in standing.targets}
    listed = {n for name, one in standing.control.items() if is_allow_list(name) for n in one.nodes}
    for node, path in targets.items():
        # Why: switching control policies on attaches FullAliyunAccess to every node.
        held = not enabled or FULL_ACCESS_ID in standing.attached.get(node, {})
        if scope.form.allows and held:
            yield full_access(StepKind.DETACH_CONTROL, standing, node, path)
    for node in sorted(listed):
        held = FULL_ACCESS_ID in standing.attached.get(node, {})
        if not held and not (scope.form.allows and node in targets):
            yield full_access(StepKind.ATTACH_CONTROL, standing, node, path_of(standing, node))


def full_access(kind: StepKind, standing: Standing, node: str, path: str) -> Step:
    """A step with FullAliyunAccess on one node."""
    return Step(kind, standing.own_account, FULL_ACCESS, node, path)


def is_allow_list(name: str) -> bool:
    """Tells the policies that stand in for FullAliyunAccess by their names."""
    return name.startswith(f"{PREFIX}allow")


def stale_control(standing: Standing, policies: Sequence[PolicyText]) -> Iterator[Step]:
    """Takes our policies off nodes that the scope no longer names, and away where it no longer has them."""
    wanted = {policy.name for policy in policies}
    targets = {node.id for node in standing.targets}
    for name, found in standing.control.items():
        if name not in wanted and not found.about.startswith(MARK):
            continue
        for node in found.nodes:
            if name not in wanted or node not in targets:
                path = path_of(standing, node)
                yield Step(StepKind.DETACH_CONTROL, standing.own_account, name, node, path)
        if name not in wanted:
            yield Step(
                StepKind.DELETE_CONTROL, standing.own_account, name, before=found.text, about=found.about
            )


def path_of(standing: Standing, node: str) -> str:
    """The path of a node, or its id where the directory does not show it."""
    found = standing.node(node)
    return found.path if found else node


def may_do(exemption: Exemption) -> str:
    """What an exempt role may do, in words."""
    return ", ".join(may.value for may in May if may in exemption.may)
