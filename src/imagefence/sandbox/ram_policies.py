"""RAM policies and their versions."""

from __future__ import annotations

from typing import Any

from imagefence.api import ram_faults as faults
from imagefence.api import ram_policies as ram
from imagefence.api.operation import Answer
from imagefence.api.ram_roles import TagItem, TagItems
from imagefence.sandbox.call import Call, Refused, finds, performs
from imagefence.sandbox.identities import CUSTOM, SYSTEM, Attachments, Identities, Policy, PolicyVersion
from imagefence.sandbox.ram_lookup import (
    POLICY_NAME,
    check_identity_document,
    check_length,
    check_name,
    page,
    policy_of,
    stamp,
)
from imagefence.sandbox.system_policies import SYSTEM_POLICIES

MOST_POLICIES = 1500
MOST_VERSIONS = 5


@finds("policy")
def find_policy(call: Call, name: str) -> Policy | None:
    """Gives the gate a custom policy of the calling account."""
    return call.account.identities.policies.get(name)


@performs(ram.CREATE_POLICY)
def create_policy(call: Call, request: ram.CreatePolicy) -> ram.CreatePolicyAnswer:
    """Creates a custom policy with its version v1."""
    policies = call.account.identities.policies
    check_name(request.policy_name, "PolicyName", POLICY_NAME, 128)
    check_length(request.description, "Description", 1024)
    check_identity_document(call, request.policy_document)
    if request.policy_name in policies or request.policy_name in SYSTEM_POLICIES:
        raise Refused(faults.POLICY_EXISTS)
    if len(policies) >= MOST_POLICIES:
        raise Refused(faults.TOO_MANY_POLICIES)
    policy = Policy(
        name=request.policy_name,
        owner=call.account.id,
        created=call.now,
        updated=call.now,
        versions={"v1": PolicyVersion("v1", request.policy_document, call.now)},
        description=request.description,
        tags={tag.key: tag.value for tag in request.tag},
    )
    policies[policy.name] = policy
    call.account.identities.changed()
    return ram.CreatePolicyAnswer(policy=ram.NewPolicy(**_brief(policy)))


@performs(ram.GET_POLICY)
def get_policy(call: Call, request: ram.AnyPolicy) -> ram.GetPolicyAnswer:
    """Shows a policy with its default version."""
    policy = policy_of(call, request.policy_type, request.policy_name)
    return ram.GetPolicyAnswer(
        policy=ram.Policy(
            **_brief(policy),
            update_date=stamp(policy.updated),
            attachment_count=attachments_of(call.account.identities, policy),
            policy_document=policy.default.document,
        ),
        default_policy_version=_version(policy, policy.default),
    )


@performs(ram.LIST_POLICIES)
def list_policies(call: Call, request: ram.ListPolicies) -> ram.ListPoliciesAnswer:
    """Lists custom policies, then system policies, by name."""
    if request.policy_type not in ("", SYSTEM, CUSTOM):
        raise Refused(faults.POLICY_TYPE)
    identities = call.account.identities
    known = [*identities.policies.values(), *SYSTEM_POLICIES.values()]
    wanted = [policy for policy in known if _wanted(policy, request)]
    shown, marker = page(wanted, lambda p: f"{p.type}/{p.name}", request.marker, request.max_items)
    listed = tuple(
        ram.ListedPolicy(
            **_brief(policy),
            update_date=stamp(policy.updated),
            attachment_count=attachments_of(identities, policy),
            tags=TagItems(tag=tuple(TagItem(tag_key=k, tag_value=v) for k, v in sorted(policy.tags.items()))),
        )
        for policy in shown
    )
    return ram.ListPoliciesAnswer(
        is_truncated=bool(marker), marker=marker, policies=ram.ListedPolicies(policy=listed)
    )


@performs(ram.DELETE_POLICY)
def delete_policy(call: Call, request: ram.DeletePolicy) -> Answer:
    """Deletes a custom policy that is attached to nothing and has no version but the default one."""
    policy = policy_of(call, CUSTOM, request.policy_name)
    identities = call.account.identities
    place = (CUSTOM, policy.name)
    for holders, fault in (
        (identities.users, faults.POLICY_HELD_BY_USER),
        (identities.groups, faults.POLICY_HELD_BY_GROUP),
        (identities.roles, faults.POLICY_HELD_BY_ROLE),
    ):
        if any(place in holder.policies for holder in holders.values()):
            raise Refused(fault)
    if len(policy.versions) > 1 and not request.cascading_delete:
        raise Refused(faults.POLICY_HELD_BY_VERSION)
    del identities.policies[policy.name]
    identities.changed()
    return Answer()


@performs(ram.CREATE_POLICY_VERSION)
def create_policy_version(call: Call, request: ram.CreatePolicyVersion) -> ram.PolicyVersionAnswer:
    """Adds a version, and may make it the default one or rotate the oldest other one out."""
    policy = policy_of(call, CUSTOM, request.policy_name)
    check_identity_document(call, request.policy_document)
    if len(policy.versions) >= MOST_VERSIONS:
        if request.rotate_strategy != ram.ROTATE_OLDEST:
            raise Refused(faults.TOO_MANY_VERSIONS)
        del policy.versions[next(name for name in policy.versions if name != policy.default_version)]
    policy.last_version += 1
    version = PolicyVersion(f"v{policy.last_version}", request.policy_document, call.now)
    policy.versions[version.id] = version
    if request.set_as_default:
        policy.default_version = version.id
    policy.updated = call.now
    call.account.identities.changed()
    return ram.PolicyVersionAnswer(policy_version=_version(policy, version))


@performs(ram.GET_POLICY_VERSION)
def get_policy_version(call: Call, request: ram.GetPolicyVersion) -> ram.PolicyVersionAnswer:
    """Shows one version with its text."""
    policy = policy_of(call, request.policy_type, request.policy_name)
    return ram.PolicyVersionAnswer(policy_version=_version(policy, _one(policy, request.version_id)))


@performs(ram.LIST_POLICY_VERSIONS)
def list_policy_versions(call: Call, request: ram.AnyPolicy) -> ram.ListPolicyVersionsAnswer:
    """Lists the versions of a policy, oldest first."""
    policy = policy_of(call, request.policy_type, request.policy_name)
    versions = tuple(_version(policy, version) for version in policy.versions.values())
    return ram.ListPolicyVersionsAnswer(policy_versions=ram.PolicyVersions(policy_version=versions))


@performs(ram.SET_DEFAULT_POLICY_VERSION)
def set_default_policy_version(call: Call, request: ram.OneVersion) -> Answer:
    """Puts a version in force."""
    policy = policy_of(call, CUSTOM, request.policy_name)
    policy.default_version = _one(policy, request.version_id).id
    policy.updated = call.now
    call.account.identities.changed()
    return Answer()


@performs(ram.DELETE_POLICY_VERSION)
def delete_policy_version(call: Call, request: ram.OneVersion) -> Answer:
    """Deletes a version that is not in force."""
    policy = policy_of(call, CUSTOM, request.policy_name)
    version = _one(policy, request.version_id)
    if version.id == policy.default_version:
        raise Refused(faults.DEFAULT_VERSION_HELD)
    del policy.versions[version.id]
    policy.updated = call.now
    return Answer()


def attachments_of(identities: Identities, policy: Policy) -> int:
    """Counts the users, groups and roles of an account that a policy is attached to."""
    place = (policy.type, policy.name)
    held: list[Attachments] = [user.policies for user in identities.users.values()]
    held += [group.policies for group in identities.groups.values()]
    held += [role.policies for role in identities.roles.values()]
    return sum(place in attachments for attachments in held)


def _wanted(policy: Policy, request: ram.ListPolicies) -> bool:
    if request.policy_type and policy.type != request.policy_type:
        return False
    return all(policy.tags.get(tag.key) == tag.value for tag in request.tag)


def _one(policy: Policy, version_id: str) -> PolicyVersion:
    version = policy.versions.get(version_id)
    if version is None:
        raise Refused(faults.NO_VERSION)
    return version


def _version(policy: Policy, version: PolicyVersion) -> ram.PolicyVersion:
    return ram.PolicyVersion(
        version_id=version.id,
        is_default_version=version.id == policy.default_version,
        policy_document=version.document,
        create_date=stamp(version.created),
    )


def _brief(policy: Policy) -> dict[str, Any]:
    return {
        "policy_name": policy.name,
        "policy_type": policy.type,
        "description": policy.description,
        "default_version": policy.default_version,
        "create_date": stamp(policy.created),
    }
