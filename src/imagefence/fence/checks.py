"""Why a fence may not be put up: limits, lock-outs, and nobody left who can launch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from imagefence.fence.assumptions import EVERYTHING
from imagefence.fence.documents import PREFIX, PolicyText, role_policy, role_policy_name
from imagefence.fence.probes import create_image, golden, launch, probes, requests, tag_image
from imagefence.fence.standing import FULL_ACCESS, AccountStanding, Standing
from imagefence.org.identities import principals, role_principal, user_principal
from imagefence.org.in_force import policies_in_force
from imagefence.org.organization import Account, Folder, Organization, levels
from imagefence.policy.authorize import authorize
from imagefence.policy.decision import Decision, Verdict
from imagefence.policy.document import PolicyKind
from imagefence.policy.explain import sentence
from imagefence.policy.parse import parse
from imagefence.policy.policies import AttachedPolicy, Policies
from imagefence.policy.readings import Readings
from imagefence.policy.request import Context, Principal, PrincipalKind, Request, Resource
from imagefence.scope.scope import Exemption, May, Scope

POLICIES_ON_NODE = 10  # help.aliyun.com AttachControlPolicy
CUSTOM_ON_IDENTITY = 10  # help.aliyun.com ram/product-overview/limits


def refusals_of(
    scope: Scope, standing: Standing, policies: Sequence[PolicyText], now: datetime
) -> tuple[str, ...]:
    """Gives every reason against the plan; none means that it may be applied."""
    unread = tuple(unread_accounts(scope, standing))
    if unread:
        return unread
    roles = tuple(role_limits(scope, standing))
    if scope.attach.principals:
        limits = principal_limits(scope, standing, policies)
        return (*limits, *roles, *principal_lock_outs(scope, standing, policies, now))
    return (*node_limits(scope, standing, policies), *roles, *node_lock_outs(scope, standing, policies, now))


def unread_accounts(scope: Scope, standing: Standing) -> Iterator[str]:
    """Covered accounts that can't be entered: their exempt roles could not be seen to."""
    if not scope.exemptions:
        return
    for account in standing.covered:
        if account not in standing.accounts:
            why = next((str(gap) for gap in standing.gaps if gap.account == account), "it could not be read")
            yield f"the exempt roles of account {account} can't be made or protected: {why}"


def node_limits(scope: Scope, standing: Standing, policies: Sequence[PolicyText]) -> Iterator[str]:
    """Holds every node to its number of policies."""
    for node in standing.targets:
        names = {n for n in standing.attached.get(node.id, {}).values() if not n.startswith(PREFIX)}
        # Why: the allow list is attached before FullAliyunAccess leaves, so both count for a moment.
        count = len(names) + len(policies)
        if count > POLICIES_ON_NODE:
            yield (
                f"`{node.path}` would hold {count} control policies, and a node holds {POLICIES_ON_NODE}: "
                f"detach {count - POLICIES_ON_NODE} of {', '.join(sorted(names))}"
            )


def principal_limits(scope: Scope, standing: Standing, policies: Sequence[PolicyText]) -> Iterator[str]:
    """Holds every user, group and role to its number of policies, and to being there at all."""
    for account in standing.accounts.values():
        for kind, name in scope.attach.principals:
            place = f"{kind}/{name}"
            if place not in account.custom_counts:
                yield f"there is no {kind} `{name}` in account {account.id}"
                continue
            ours = sum(place in policy.attached for policy in account.policies.values())
            count = account.custom_counts[place] - ours + len(policies)
            if count > CUSTOM_ON_IDENTITY:
                yield f"{place} would hold {count} custom policies, and it may hold {CUSTOM_ON_IDENTITY}"


def role_limits(scope: Scope, standing: Standing) -> Iterator[str]:
    """Holds each exempt role that is already there to its number of policies, its own one among them."""
    for account in standing.accounts.values():
        for exemption in scope.exemptions:
            place = f"role/{exemption.role}"
            own = account.policies.get(role_policy_name(exemption.role))
            count = account.custom_counts.get(place, 0) + (own is None or place not in own.attached)
            if count > CUSTOM_ON_IDENTITY:
                yield (
                    f"{place} of account {account.id} would hold {count} custom policies, "
                    f"and it may hold {CUSTOM_ON_IDENTITY}"
                )


def node_lock_outs(
    scope: Scope, standing: Standing, policies: Sequence[PolicyText], now: datetime
) -> Iterator[str]:
    """Asks the real policies with the planned ones among them: exempt roles, and launches at all."""
    organization = standing.organization
    if organization is None:
        return
    after = planned_organization(scope, organization, standing, policies)
    for account_id in standing.covered:
        control = levels(after, account_id)
        own = Policies(control=control)
        for exemption in scope.exemptions:
            yield from lock_out(scope, exemption, account_id, own, now)
        admin = replace(own, identity=(attached(EVERYTHING, "AdministratorAccess"),))
        caller = user_principal(account_id, "administrator")
        decision = authorize(launch(caller, golden(scope, account_id), now), admin)
        if refused(decision):
            yield f"nobody in account {account_id} could launch a golden image: {sentence(decision)}"
        for road in open_roads(scope, caller, admin, now):
            yield f"the fence would not hold in account {account_id}: {road} would still pass"


def open_roads(scope: Scope, caller: Principal, policies: Policies, now: datetime) -> tuple[str, ...]:
    """The roads that these policies leave open to a caller, as read by default."""
    tried = (probe for probe in probes(scope, caller, now, Readings()) if probe.road)
    return tuple(probe.name for probe in tried if authorize(probe.request, policies).allowed)


def lock_out(
    scope: Scope, exemption: Exemption, account_id: str, policies: Policies, now: datetime
) -> Iterator[str]:
    """Asks whether an exempt role can still do what it is exempt for."""
    if exemption.until and exemption.until <= now:
        return
    caller = role_principal(account_id, exemption.role)
    own = attached(role_policy(exemption).text, "its own policy")
    granted = replace(policies, identity=(*policies.identity, own))
    wanted = {
        May.TAG: tag_image(caller, scope, now),
        May.CREATE_IMAGE: create_image(caller, requests(scope), now),
        May.LAUNCH: launch_of_any(caller, now),
    }
    for may in May:
        if may in exemption.may:
            decision = authorize(wanted[may], granted)
            if refused(decision):
                yield (
                    f"the exempt role `{exemption.role}` of account {account_id} would be locked out of "
                    f"`{may.value}`: {sentence(decision)}"
                )


def launch_of_any(caller: Principal, now: datetime) -> Request:
    """A launch from an image that nobody approved, as an exempt launcher may make it."""
    known = {"acs:CurrentTime": (now.strftime("%Y-%m-%dT%H:%M:%SZ"),)}
    image = Resource(f"acs:ecs:cn-hangzhou:{caller.account}:image/m-untagged")
    return Request(caller, "ecs:RunInstances", (image,), Context(known))


def principal_lock_outs(
    scope: Scope, standing: Standing, policies: Sequence[PolicyText], now: datetime
) -> Iterator[str]:
    """In one account: somebody who could launch golden images before must still be able to."""
    fence = tuple(attached(policy.text, policy.name) for policy in policies)
    for account in standing.accounts.values():
        before, after = launchers(scope, account, (), now), launchers(scope, account, fence, now)
        if before and not after:
            yield f"nobody in account {account.id} could launch a golden image any more"
        for exemption in scope.exemptions:
            bound = fence if exemption.role in scope.attach.roles else ()
            yield from lock_out(scope, exemption, account.id, Policies(identity=bound), now)
        if caller_is_fenced(scope, account, standing.caller):
            yield (
                f"the caller {standing.caller} is behind the fence itself and could not take it off again: "
                "use the root key, or a user that the fence does not name"
            )


def launchers(
    scope: Scope, account: AccountStanding, fence: tuple[AttachedPolicy, ...], now: datetime
) -> tuple[str, ...]:
    """Who could launch a golden image, with the fence on those whom it names."""
    found = []
    for principal in principals(account.identities):
        if principal.kind not in (PrincipalKind.USER, PrincipalKind.ROLE):
            continue
        own = policies_in_force(None, account.identities, principal)
        if fence and is_fenced(scope, account, principal):
            own = replace(own, identity=(*unfenced(own.identity), *fence))
        if not refused(authorize(launch(principal, golden(scope, account.id), now), own)):
            found.append(principal.arn)
    return tuple(found)


def unfenced(policies: tuple[AttachedPolicy, ...]) -> tuple[AttachedPolicy, ...]:
    """The policies without those of an earlier fence."""
    return tuple(policy for policy in policies if not policy.name.startswith(PREFIX))


def is_fenced(scope: Scope, account: AccountStanding, principal: Principal) -> bool:
    """Tells whether the scope names a user, one of its groups, or a role."""
    name = principal.arn.rpartition("/")[2]
    if principal.kind is PrincipalKind.USER:
        user = account.identities.user(name)
        groups = user.groups if user else ()
        return name in scope.attach.users or any(group in scope.attach.groups for group in groups)
    return name in {role.lower() for role in scope.attach.roles}


def caller_is_fenced(scope: Scope, account: AccountStanding, arn: str) -> bool:
    """Tells whether the caller of the tool is one of those that it fences."""
    for principal in principals(account.identities):
        role = f":assumed-role/{principal.arn.rpartition('/')[2]}/"
        mine = principal.arn == arn or (principal.kind is PrincipalKind.ROLE and role in arn.lower())
        if mine and is_fenced(scope, account, principal):
            return True
    return False


def refused(decision: Decision) -> bool:
    """Tells a certain refusal; what hangs on unknown keys may still be allowed."""
    return decision.verdict in (Verdict.EXPLICIT_DENY, Verdict.IMPLICIT_DENY)


def attached(text: str, name: str, kind: PolicyKind = PolicyKind.IDENTITY) -> AttachedPolicy:
    """A text as an attached policy."""
    return AttachedPolicy(name, parse(text, kind, source=name))


def planned_organization(
    scope: Scope, organization: Organization, standing: Standing, policies: Sequence[PolicyText]
) -> Organization:
    """The directory as it would be: our old policies away, the planned ones on their nodes."""
    fence = tuple(attached(policy.text, policy.name, PolicyKind.CONTROL) for policy in policies)
    targets = {node.id: fence for node in standing.targets}
    root = replanned(organization.root, scope, targets)
    return replace(organization, root=root, control_policies_enabled=True)


def replanned(folder: Folder, scope: Scope, targets: Mapping[str, tuple[AttachedPolicy, ...]]) -> Folder:
    """A folder and all below it with the planned policies."""
    return replace(
        folder,
        control_policies=on_node(folder, scope, targets),
        accounts=tuple(replace(a, control_policies=on_node(a, scope, targets)) for a in folder.accounts),
        children=tuple(replanned(child, scope, targets) for child in folder.children),
    )


def on_node(
    node: Folder | Account, scope: Scope, targets: Mapping[str, tuple[AttachedPolicy, ...]]
) -> tuple[AttachedPolicy, ...]:
    """What would hang on one node; with control policies off so far, FullAliyunAccess hangs everywhere."""
    full = (attached(EVERYTHING, FULL_ACCESS, PolicyKind.CONTROL),)
    others = tuple(p for p in unfenced(node.control_policies) if p.name != FULL_ACCESS)
    had = any(policy.name == FULL_ACCESS for policy in node.control_policies) or not node.control_policies
    listed = any(policy.name.startswith(f"{PREFIX}allow") for policy in node.control_policies)
    if node.id in targets and scope.form.allows:
        return (*others, *targets[node.id])
    return (*(full if had or listed else ()), *others, *targets.get(node.id, ()))
