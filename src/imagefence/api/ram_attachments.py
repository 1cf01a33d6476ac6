"""RAM: the policies attached to users, groups and roles.

Attaching and detaching ask for two resources: the identity and the policy.
Source: AlibabaCloudDocs/ram, pages of each operation; "RAM authentication" for the resources.
"""

from __future__ import annotations

from typing import Any

import msgspec

from imagefence.api import ram_faults as faults
from imagefence.api.operation import Access, Answer, Authorized, Item, Operation, Parameters
from imagefence.api.products import RAM
from imagefence.api.ram_faults import doc
from imagefence.api.ram_policies import EITHER_ONE, AnyPolicy, BriefPolicy

THE_USER = (Authorized("user", of="user_name"),)
THE_GROUP = (Authorized("group", of="group_name"),)
THE_ROLE = (Authorized("role", of="role_name"),)


class UserAttachment(AnyPolicy, frozen=True):
    """Parameters of AttachPolicyToUser and DetachPolicyFromUser."""

    user_name: str


class GroupAttachment(AnyPolicy, frozen=True):
    """Parameters of AttachPolicyToGroup and DetachPolicyFromGroup."""

    group_name: str


class RoleAttachment(AnyPolicy, frozen=True):
    """Parameters of AttachPolicyToRole and DetachPolicyFromRole."""

    role_name: str


class ListPoliciesForUser(Parameters, frozen=True):
    """Parameters of ListPoliciesForUser."""

    user_name: str


class ListPoliciesForGroup(Parameters, frozen=True):
    """Parameters of ListPoliciesForGroup."""

    group_name: str


class ListPoliciesForRole(Parameters, frozen=True):
    """Parameters of ListPoliciesForRole."""

    role_name: str


class AttachedPolicy(BriefPolicy):
    """A policy attached to an identity."""

    attach_date: str = ""


class AttachedPolicies(Item):
    """The policies attached to an identity."""

    policy: tuple[AttachedPolicy, ...] = ()


class AttachedUser(Item):
    """A user that a policy is attached to."""

    user_id: str = ""
    user_name: str = ""
    display_name: str = ""
    attach_date: str = ""


class AttachedGroup(Item):
    """A group that a policy is attached to."""

    group_name: str = ""
    comments: str = ""
    attach_date: str = ""


class AttachedRole(Item):
    """A role that a policy is attached to."""

    role_id: str = ""
    role_name: str = ""
    arn: str = ""
    description: str = ""
    attach_date: str = ""


class AttachedUsers(Item):
    """The users that a policy is attached to."""

    user: tuple[AttachedUser, ...] = ()


class AttachedGroups(Item):
    """The groups that a policy is attached to."""

    group: tuple[AttachedGroup, ...] = ()


class AttachedRoles(Item):
    """The roles that a policy is attached to."""

    role: tuple[AttachedRole, ...] = ()


class AttachedPoliciesAnswer(Answer):
    """Answer of ListPoliciesForUser, ListPoliciesForGroup and ListPoliciesForRole."""

    policies: AttachedPolicies = msgspec.field(default_factory=AttachedPolicies)


class ListEntitiesForPolicyAnswer(Answer):
    """Answer of ListEntitiesForPolicy."""

    users: AttachedUsers = msgspec.field(default_factory=AttachedUsers)
    groups: AttachedGroups = msgspec.field(default_factory=AttachedGroups)
    roles: AttachedRoles = msgspec.field(default_factory=AttachedRoles)


ATTACH_POLICY_TO_USER = Operation(
    product=RAM,
    name="AttachPolicyToUser",
    request=UserAttachment,
    response=Answer,
    access=Access.WRITE,
    authorizes=THE_USER + EITHER_ONE,
    doc=doc("AttachPolicyToUser"),
    faults=(
        faults.NO_USER,
        faults.NO_POLICY,
        faults.USER_HAS_POLICY,
        faults.TOO_MANY_USER_POLICIES,
        faults.POLICY_TYPE,
    ),
)
DETACH_POLICY_FROM_USER = Operation(
    product=RAM,
    name="DetachPolicyFromUser",
    request=UserAttachment,
    response=Answer,
    access=Access.WRITE,
    authorizes=THE_USER + EITHER_ONE,
    doc=doc("DetachPolicyFromUser"),
    faults=(faults.NO_USER, faults.NO_USER_POLICY, faults.POLICY_TYPE),
)
ATTACH_POLICY_TO_GROUP = Operation(
    product=RAM,
    name="AttachPolicyToGroup",
    request=GroupAttachment,
    response=Answer,
    access=Access.WRITE,
    authorizes=THE_GROUP + EITHER_ONE,
    doc=doc("AttachPolicyToGroup"),
    faults=(
        faults.NO_GROUP,
        faults.NO_POLICY,
        faults.GROUP_HAS_POLICY,
        faults.TOO_MANY_GROUP_POLICIES,
        faults.POLICY_TYPE,
    ),
)
DETACH_POLICY_FROM_GROUP = Operation(
    product=RAM,
    name="DetachPolicyFromGroup",
    request=GroupAttachment,
    response=Answer,
    access=Access.WRITE,
    authorizes=THE_GROUP + EITHER_ONE,
    doc=doc("DetachPolicyFromGroup"),
    faults=(faults.NO_GROUP, faults.NO_GROUP_POLICY, faults.POLICY_TYPE),
)
ATTACH_POLICY_TO_ROLE = Operation(
    product=RAM,
    name="AttachPolicyToRole",
    request=RoleAttachment,
    response=Answer,
    access=Access.WRITE,
    authorizes=THE_ROLE + EITHER_ONE,
    doc=doc("AttachPolicyToRole"),
    faults=(
        faults.NO_ROLE,
        faults.NO_POLICY,
        faults.ROLE_HAS_POLICY,
        faults.TOO_MANY_ROLE_POLICIES,
        faults.POLICY_TYPE,
    ),
)
DETACH_POLICY_FROM_ROLE = Operation(
    product=RAM,
    name="DetachPolicyFromRole",
    request=RoleAttachment,
    response=Answer,
    access=Access.WRITE,
    authorizes=THE_ROLE + EITHER_ONE,
    doc=doc("DetachPolicyFromRole"),
    faults=(faults.NO_ROLE, faults.NO_ROLE_POLICY, faults.POLICY_TYPE),
)
LIST_POLICIES_FOR_USER = Operation(
    product=RAM,
    name="ListPoliciesForUser",
    request=ListPoliciesForUser,
    response=AttachedPoliciesAnswer,
    access=Access.READ,
    authorizes=THE_USER,
    doc=doc("ListPoliciesForUser"),
    faults=(faults.NO_USER,),
    items="policies.policy",
)
LIST_POLICIES_FOR_GROUP = Operation(
    product=RAM,
    name="ListPoliciesForGroup",
    request=ListPoliciesForGroup,
    response=AttachedPoliciesAnswer,
    access=Access.READ,
    authorizes=THE_GROUP,
    doc=doc("ListPoliciesForGroup"),
    faults=(faults.NO_GROUP,),
    items="policies.policy",
)
LIST_POLICIES_FOR_ROLE = Operation(
    product=RAM,
    name="ListPoliciesForRole",
    request=ListPoliciesForRole,
    response=AttachedPoliciesAnswer,
    access=Access.READ,
    authorizes=THE_ROLE,
    doc=doc("ListPoliciesForRole"),
    faults=(faults.NO_ROLE,),
    items="policies.policy",
)
LIST_ENTITIES_FOR_POLICY = Operation(
    product=RAM,
    name="ListEntitiesForPolicy",
    request=AnyPolicy,
    response=ListEntitiesForPolicyAnswer,
    access=Access.READ,
    authorizes=EITHER_ONE,
    doc=doc("ListEntitiesForPolicy"),
    faults=(faults.NO_POLICY, faults.POLICY_TYPE),
)

OPERATIONS: tuple[Operation[Any, Any], ...] = (
    ATTACH_POLICY_TO_USER,
    DETACH_POLICY_FROM_USER,
    ATTACH_POLICY_TO_GROUP,
    DETACH_POLICY_FROM_GROUP,
    ATTACH_POLICY_TO_ROLE,
    DETACH_POLICY_FROM_ROLE,
    LIST_POLICIES_FOR_USER,
    LIST_POLICIES_FOR_GROUP,
    LIST_POLICIES_FOR_ROLE,
    LIST_ENTITIES_FOR_POLICY,
)
