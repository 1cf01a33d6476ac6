"""RAM: attaching policies to users, groups and roles."""

from __future__ import annotations

from collections.abc import Iterator

from imagefence.api import ram_attachments as ram
from imagefence.api import ram_faults as faults
from imagefence.api.operation import Answer, Fault
from imagefence.api.ram_policies import AnyPolicy
from imagefence.sandbox.call import Call, Refused, performs
from imagefence.sandbox.identities import CUSTOM, SYSTEM, Attachments, Identities
from imagefence.sandbox.ram_lookup import group_of, policy_of, role_of, stamp, user_of
from imagefence.sandbox.system_policies import SYSTEM_POLICIES

# Source: help.aliyun.com ram/product-overview/limits: to a user, a group or a role each.
MOST_ATTACHED = {SYSTEM: 20, CUSTOM: 10}


@performs(ram.ATTACH_POLICY_TO_USER)
def attach_policy_to_user(call: Call, request: ram.UserAttachment) -> Answer:
    """Attaches a policy to a user."""
    held = user_of(call, request.user_name).policies
    return _attach(call, held, request, faults.USER_HAS_POLICY, faults.TOO_MANY_USER_POLICIES)


@performs(ram.ATTACH_POLICY_TO_GROUP)
def attach_policy_to_group(call: Call, request: ram.GroupAttachment) -> Answer:
    """Attaches a policy to a group, and so to all of its members."""
    held = group_of(call, request.group_name).policies
    return _attach(call, held, request, faults.GROUP_HAS_POLICY, faults.TOO_MANY_GROUP_POLICIES)


@performs(ram.ATTACH_POLICY_TO_ROLE)
def attach_policy_to_role(call: Call, request: ram.RoleAttachment) -> Answer:
    """Attaches a policy to a role."""
    held = role_of(call, request.role_name).policies
    return _attach(call, held, request, faults.ROLE_HAS_POLICY, faults.TOO_MANY_ROLE_POLICIES)


@performs(ram.DETACH_POLICY_FROM_USER)
def detach_policy_from_user(call: Call, request: ram.UserAttachment) -> Answer:
    """Detaches a policy from a user."""
    return _detach(call, user_of(call, request.user_name).policies, request, faults.NO_USER_POLICY)


@performs(ram.DETACH_POLICY_FROM_GROUP)
def detach_policy_from_group(call: Call, request: ram.GroupAttachment) -> Answer:
    """Detaches a policy from a group."""
    return _detach(call, group_of(call, request.group_name).policies, request, faults.NO_GROUP_POLICY)


@performs(ram.DETACH_POLICY_FROM_ROLE)
def detach_policy_from_role(call: Call, request: ram.RoleAttachment) -> Answer:
    """Detaches a policy from a role."""
    return _detach(call, role_of(call, request.role_name).policies, request, faults.NO_ROLE_POLICY)


@performs(ram.LIST_POLICIES_FOR_USER)
def list_policies_for_user(call: Call, request: ram.ListPoliciesForUser) -> ram.AttachedPoliciesAnswer:
    """Lists what is attached to the user itself, without what comes through groups."""
    return _listed(call, user_of(call, request.user_name).policies)


@performs(ram.LIST_POLICIES_FOR_GROUP)
def list_policies_for_group(call: Call, request: ram.ListPoliciesForGroup) -> ram.AttachedPoliciesAnswer:
    """Lists what is attached to a group."""
    return _listed(call, group_of(call, request.group_name).policies)


@performs(ram.LIST_POLICIES_FOR_ROLE)
def list_policies_for_role(call: Call, request: ram.ListPoliciesForRole) -> ram.AttachedPoliciesAnswer:
    """Lists what is attached to a role."""
    return _listed(call, role_of(call, request.role_name).policies)


@performs(ram.LIST_ENTITIES_FOR_POLICY)
def list_entities_for_policy(call: Call, request: AnyPolicy) -> ram.ListEntitiesForPolicyAnswer:
    """Lists the users, groups and roles that a policy is attached to."""
    policy = policy_of(call, request.policy_type, request.policy_name)
    place = (policy.type, policy.name)
    identities = call.account.identities
    return ram.ListEntitiesForPolicyAnswer(
        users=ram.AttachedUsers(user=tuple(_users(identities, place))),
        groups=ram.AttachedGroups(group=tuple(_groups(identities, place))),
        roles=ram.AttachedRoles(role=tuple(_roles(identities, place))),
    )


def _attach(call: Call, held: Attachments, request: AnyPolicy, twice: Fault, too_many: Fault) -> Answer:
    policy = policy_of(call, request.policy_type, request.policy_name)
    place = (policy.type, policy.name)
    if place in held:
        raise Refused(twice)
    if sum(kind == policy.type for kind, _ in held) >= MOST_ATTACHED[policy.type]:
        raise Refused(too_many)
    held[place] = call.now
    call.account.identities.changed()
    return Answer()


def _detach(call: Call, held: Attachments, request: AnyPolicy, missing: Fault) -> Answer:
    if request.policy_type not in MOST_ATTACHED:
        raise Refused(faults.POLICY_TYPE)
    if held.pop((request.policy_type, request.policy_name), None) is None:
        raise Refused(missing)
    call.account.identities.changed()
    return Answer()


def _listed(call: Call, held: Attachments) -> ram.AttachedPoliciesAnswer:
    custom = call.account.identities.policies
    policies = tuple(
        ram.AttachedPolicy(
            policy_name=name,
            policy_type=kind,
            description=policy.description,
            default_version=policy.default_version,
            attach_date=stamp(since),
        )
        for (kind, name), since in held.items()
        for policy in ((SYSTEM_POLICIES if kind == SYSTEM else custom)[name],)
    )
    return ram.AttachedPoliciesAnswer(policies=ram.AttachedPolicies(policy=policies))


def _users(identities: Identities, place: tuple[str, str]) -> Iterator[ram.AttachedUser]:
    for user in identities.users.values():
        if place in user.policies:
            yield ram.AttachedUser(
                user_id=user.id,
                user_name=user.name,
                display_name=user.display_name,
                attach_date=stamp(user.policies[place]),
            )


def _groups(identities: Identities, place: tuple[str, str]) -> Iterator[ram.AttachedGroup]:
    for group in identities.groups.values():
        if place in group.policies:
            since = stamp(group.policies[place])
            yield ram.AttachedGroup(group_name=group.name, comments=group.comments, attach_date=since)


def _roles(identities: Identities, place: tuple[str, str]) -> Iterator[ram.AttachedRole]:
    for role in identities.roles.values():
        if place in role.policies:
            yield ram.AttachedRole(
                role_id=role.id,
                role_name=role.name,
                arn=role.arn,
                description=role.description,
                attach_date=stamp(role.policies[place]),
            )
