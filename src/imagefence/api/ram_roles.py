"""RAM: roles and their trust policies.

Source: AlibabaCloudDocs/ram, pages of each operation; "RAM authentication" for the resources.
"""

from __future__ import annotations

from typing import Any

import msgspec

from imagefence.api import ram_faults as faults
from imagefence.api.operation import Access, Answer, Authorized, Item, Operation, Paging, Parameters
from imagefence.api.products import RAM
from imagefence.api.ram_faults import JsonTags, Marker, MaxItems, doc

THE_ROLE = (Authorized("role", of="role_name"),)


class CreateRole(Parameters, frozen=True):
    """Parameters of CreateRole; `max_session_duration` is in seconds."""

    role_name: str
    assume_role_policy_document: str
    description: str = ""
    max_session_duration: int = 3600
    allow_console_login: bool = True
    tag: JsonTags = ()


class OneRole(Parameters, frozen=True):
    """Parameters of operations on one role."""

    role_name: str


class ListRoles(Parameters, frozen=True):
    """Parameters of ListRoles."""

    marker: str = ""
    max_items: MaxItems = 100
    tag: JsonTags = ()


class UpdateRole(Parameters, frozen=True):
    """Parameters of UpdateRole; what is left out stays."""

    role_name: str
    new_assume_role_policy_document: str | None = None
    new_max_session_duration: int | None = None
    new_description: str | None = None
    new_allow_console_login: bool | None = None


class TagItem(Item):
    """A tag in an answer of RAM."""

    tag_key: str = ""
    tag_value: str = ""


class TagItems(Item):
    """The tags of an object."""

    tag: tuple[TagItem, ...] = ()


class BriefRole(Item):
    """What all answers show of a role."""

    role_id: str = ""
    role_name: str = ""
    arn: str = ""
    description: str = ""
    max_session_duration: int = 0
    allow_console_login: bool = False
    create_date: str = ""


class ListedRole(BriefRole):
    """A role in a list: without its trust policy, with its tags."""

    update_date: str = ""
    tags: TagItems = msgspec.field(default_factory=TagItems)


class NewRole(BriefRole):
    """A role as CreateRole shows it."""

    assume_role_policy_document: str = ""


class ChangedRole(NewRole):
    """A role as UpdateRole shows it."""

    update_date: str = ""


class Role(ChangedRole):
    """A role as GetRole shows it."""

    is_service_linked_role: bool = False
    role_principal_name: str = ""


class Roles(Item):
    """A list of roles."""

    role: tuple[ListedRole, ...] = ()


class CreateRoleAnswer(Answer):
    """Answer of CreateRole."""

    role: NewRole = msgspec.field(default_factory=NewRole)


class GetRoleAnswer(Answer):
    """Answer of GetRole."""

    role: Role = msgspec.field(default_factory=Role)


class ListRolesAnswer(Answer):
    """Answer of ListRoles."""

    is_truncated: bool = False
    marker: Marker = msgspec.UNSET
    roles: Roles = msgspec.field(default_factory=Roles)


class UpdateRoleAnswer(Answer):
    """Answer of UpdateRole."""

    role: ChangedRole = msgspec.field(default_factory=ChangedRole)


BAD_DOCUMENT = (faults.MALFORMED_POLICY, faults.bad_length("AssumeRolePolicyDocument"))

CREATE_ROLE = Operation(
    product=RAM,
    name="CreateRole",
    request=CreateRole,
    response=CreateRoleAnswer,
    access=Access.WRITE,
    # Why: the page names the role itself, not `role/*`, so that a policy can protect a name before it exists.
    authorizes=(Authorized("role", of="role_name", new=True),),
    keys=("ram:TrustedPrincipalTypes", "ram:ServiceNames"),
    doc=doc("CreateRole"),
    faults=(faults.ROLE_EXISTS, faults.TOO_MANY_ROLES, *BAD_DOCUMENT),
)
GET_ROLE = Operation(
    product=RAM,
    name="GetRole",
    request=OneRole,
    response=GetRoleAnswer,
    access=Access.READ,
    authorizes=THE_ROLE,
    doc=doc("GetRole"),
    faults=(faults.NO_ROLE,),
)
LIST_ROLES = Operation(
    product=RAM,
    name="ListRoles",
    request=ListRoles,
    response=ListRolesAnswer,
    access=Access.READ,
    authorizes=(Authorized("role"),),
    doc=doc("ListRoles"),
    paging=Paging.MARKER,
    items="roles.role",
)
UPDATE_ROLE = Operation(
    product=RAM,
    name="UpdateRole",
    request=UpdateRole,
    response=UpdateRoleAnswer,
    access=Access.WRITE,
    authorizes=THE_ROLE,
    doc=doc("UpdateRole"),
    faults=(faults.NO_ROLE, *BAD_DOCUMENT),
)
DELETE_ROLE = Operation(
    product=RAM,
    name="DeleteRole",
    request=OneRole,
    response=Answer,
    access=Access.WRITE,
    authorizes=THE_ROLE,
    doc=doc("DeleteRole"),
    faults=(faults.NO_ROLE, faults.ROLE_HELD_BY_POLICY),
)

OPERATIONS: tuple[Operation[Any, Any], ...] = (
    CREATE_ROLE,
    GET_ROLE,
    LIST_ROLES,
    UPDATE_ROLE,
    DELETE_ROLE,
)
