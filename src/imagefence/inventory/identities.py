"""The users, groups and roles of an account, with the default version of every attached policy.

Source: AlibabaCloudDocs/ram, pages of ListPoliciesForUser, ListPoliciesForRole, GetPolicyVersion.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from imagefence.api import ram_attachments as attached
from imagefence.api import ram_groups, ram_policies, ram_roles, ram_users
from imagefence.cloud.accounts import at_once
from imagefence.cloud.gap import Gap
from imagefence.cloud.session import Session
from imagefence.inventory.reading import Reader
from imagefence.org.identities import SERVICE_LINKED, Group, Identities, Role, User
from imagefence.policy.document import Document, PolicyKind
from imagefence.policy.policies import AttachedPolicy

Listed = tuple[attached.AttachedPolicy, ...]
# A policy by type, name and version: one document, however often it is attached.
PolicyKey = tuple[str, str, str]
Documents = Mapping[PolicyKey, Document | None]


@dataclass(frozen=True, slots=True)
class Holder:
    """A user, group or role before the documents of its policies are known."""

    name: str
    place: str
    policies: Listed
    id: str = ""
    groups: tuple[str, ...] = ()
    trust: Document | None = None
    service_linked: bool = False


def read_identities(session: Session, account_id: str = "") -> tuple[Identities, tuple[Gap, ...]]:
    """Reads all identities of the session's account."""
    reader = Reader(session, account_id or session.account_id)
    users = at_once(
        lambda user: read_user(reader, user), reader.items(ram_users.LIST_USERS, ram_users.ListUsers())
    )
    groups = at_once(
        lambda group: read_group(reader, group.group_name),
        reader.items(ram_groups.LIST_GROUPS, ram_groups.ListGroups()),
    )
    roles = at_once(
        lambda role: read_role(reader, role), reader.items(ram_roles.LIST_ROLES, ram_roles.ListRoles())
    )
    documents = read_documents(reader, (*users, *groups, *roles))
    identities = Identities(
        reader.account_id,
        tuple(User(u.name, attach(u, documents), u.groups, u.id) for u in users),
        tuple(Group(g.name, attach(g, documents)) for g in groups),
        tuple(Role(r.name, attach(r, documents), r.trust, r.service_linked, r.id) for r in roles),
    )
    return identities, tuple(reader.gaps)


def read_user(reader: Reader, user: ram_users.User) -> Holder:
    """A user with its own policies and the names of its groups."""
    name = user.user_name
    groups = reader.items(ram_groups.LIST_GROUPS_FOR_USER, ram_groups.ListGroupsForUser(user_name=name))
    policies = reader.items(attached.LIST_POLICIES_FOR_USER, attached.ListPoliciesForUser(user_name=name))
    names = tuple(group.group_name for group in groups)
    return Holder(name, f"user/{name}", tuple(policies), user.user_id, names)


def read_group(reader: Reader, name: str) -> Holder:
    """A group with its policies."""
    policies = reader.items(attached.LIST_POLICIES_FOR_GROUP, attached.ListPoliciesForGroup(group_name=name))
    return Holder(name, f"group/{name}", tuple(policies))


def read_role(reader: Reader, listed: ram_roles.ListedRole) -> Holder:
    """A role with its policies and its trust, which ListRoles leaves out."""
    name = listed.role_name
    policies = reader.items(attached.LIST_POLICIES_FOR_ROLE, attached.ListPoliciesForRole(role_name=name))
    answer = reader.answer(ram_roles.GET_ROLE, ram_roles.OneRole(role_name=name))
    linked = name.startswith(SERVICE_LINKED)
    if answer is None:
        return Holder(name, f"role/{name}", tuple(policies), listed.role_id, service_linked=linked)
    trust = reader.document(
        answer.role.assume_role_policy_document, PolicyKind.TRUST, f"role/{name}", "GetRole"
    )
    return Holder(
        name,
        f"role/{name}",
        tuple(policies),
        listed.role_id,
        trust=trust,
        service_linked=linked or answer.role.is_service_linked_role,
    )


def read_documents(reader: Reader, holders: Iterable[Holder]) -> Documents:
    """The text of every attached policy, each asked for once."""
    keys = sorted({key_of(policy) for holder in holders for policy in holder.policies})
    return dict(zip(keys, at_once(lambda key: read_document(reader, key), keys), strict=True))


def read_document(reader: Reader, key: PolicyKey) -> Document | None:
    """The text of one version of a policy."""
    kind, name, version = key
    request = ram_policies.GetPolicyVersion(policy_type=kind, policy_name=name, version_id=version)
    answer = reader.answer(ram_policies.GET_POLICY_VERSION, request)
    if answer is None:
        return None
    text = answer.policy_version.policy_document
    return reader.document(text, PolicyKind.IDENTITY, name, "GetPolicyVersion")


def attach(holder: Holder, documents: Documents) -> tuple[AttachedPolicy, ...]:
    """The policies of an identity whose text is known; the others are gaps already."""
    return tuple(
        AttachedPolicy(
            policy.policy_name,
            document,
            policy.default_version,
            holder.place,
            policy.policy_type == ram_policies.SYSTEM,
        )
        for policy in holder.policies
        if (document := documents[key_of(policy)]) is not None
    )


def key_of(policy: attached.AttachedPolicy) -> PolicyKey:
    """What names the version of a policy that is in force."""
    return policy.policy_type, policy.policy_name, policy.default_version
