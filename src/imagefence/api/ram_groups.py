"""RAM: user groups and who is in them.

Source: AlibabaCloudDocs/ram, pages of each operation; "RAM authentication" for the resources.
"""

from __future__ import annotations

from typing import Any

import msgspec

from imagefence.api import ram_faults as faults
from imagefence.api.operation import Access, Answer, Authorized, Item, Operation, Paging, Parameters
from imagefence.api.products import RAM
from imagefence.api.ram_faults import Marker, MaxItems, doc

THE_GROUP = (Authorized("group", of="group_name"),)
THE_USER = (Authorized("user", of="user_name"),)


class CreateGroup(Parameters, frozen=True):
    """Parameters of CreateGroup."""

    group_name: str
    comments: str = ""


class OneGroup(Parameters, frozen=True):
    """Parameters of operations on one group."""

    group_name: str


class ListGroups(Parameters, frozen=True):
    """Parameters of ListGroups."""

    marker: str = ""
    max_items: MaxItems = 100


class Membership(Parameters, frozen=True):
    """Parameters of AddUserToGroup and RemoveUserFromGroup."""

    user_name: str
    group_name: str


class ListGroupsForUser(Parameters, frozen=True):
    """Parameters of ListGroupsForUser."""

    user_name: str


class ListUsersForGroup(Parameters, frozen=True):
    """Parameters of ListUsersForGroup."""

    group_name: str
    marker: str = ""
    max_items: MaxItems = 100


class NewGroup(Item):
    """A group as CreateGroup shows it."""

    group_id: str = ""
    group_name: str = ""
    comments: str = ""
    create_date: str = ""


class Group(NewGroup):
    """A RAM user group."""

    update_date: str = ""


class Groups(Item):
    """A list of groups."""

    group: tuple[Group, ...] = ()


class JoinedGroup(Item):
    """A group that a user is in."""

    group_id: str = ""
    group_name: str = ""
    comments: str = ""
    join_date: str = ""


class JoinedGroups(Item):
    """The groups of a user."""

    group: tuple[JoinedGroup, ...] = ()


class JoinedUser(Item):
    """A user in a group."""

    user_name: str = ""
    display_name: str = ""
    join_date: str = ""


class JoinedUsers(Item):
    """The users of a group."""

    user: tuple[JoinedUser, ...] = ()


class CreateGroupAnswer(Answer):
    """Answer of CreateGroup."""

    group: NewGroup = msgspec.field(default_factory=NewGroup)


class GetGroupAnswer(Answer):
    """Answer of GetGroup."""

    group: Group = msgspec.field(default_factory=Group)


class ListGroupsAnswer(Answer):
    """Answer of ListGroups."""

    is_truncated: bool = False
    marker: Marker = msgspec.UNSET
    groups: Groups = msgspec.field(default_factory=Groups)


class ListGroupsForUserAnswer(Answer):
    """Answer of ListGroupsForUser."""

    groups: JoinedGroups = msgspec.field(default_factory=JoinedGroups)


class ListUsersForGroupAnswer(Answer):
    """Answer of ListUsersForGroup."""

    is_truncated: bool = False
    marker: Marker = msgspec.UNSET
    users: JoinedUsers = msgspec.field(default_factory=JoinedUsers)


CREATE_GROUP = Operation(
    product=RAM,
    name="CreateGroup",
    request=CreateGroup,
    response=CreateGroupAnswer,
    access=Access.WRITE,
    authorizes=(Authorized("group", new=True),),
    doc=doc("CreateGroup"),
    faults=(faults.GROUP_EXISTS, faults.TOO_MANY_GROUPS),
)
GET_GROUP = Operation(
    product=RAM,
    name="GetGroup",
    request=OneGroup,
    response=GetGroupAnswer,
    access=Access.READ,
    authorizes=THE_GROUP,
    doc=doc("GetGroup"),
    faults=(faults.NO_GROUP,),
)
LIST_GROUPS = Operation(
    product=RAM,
    name="ListGroups",
    request=ListGroups,
    response=ListGroupsAnswer,
    access=Access.READ,
    authorizes=(Authorized("group"),),
    doc=doc("ListGroups"),
    paging=Paging.MARKER,
    items="groups.group",
)
DELETE_GROUP = Operation(
    product=RAM,
    name="DeleteGroup",
    request=OneGroup,
    response=Answer,
    access=Access.WRITE,
    authorizes=THE_GROUP,
    doc=doc("DeleteGroup"),
    faults=(faults.NO_GROUP, faults.GROUP_HELD_BY_USER, faults.GROUP_HELD_BY_POLICY),
)
ADD_USER_TO_GROUP = Operation(
    product=RAM,
    name="AddUserToGroup",
    request=Membership,
    response=Answer,
    access=Access.WRITE,
    authorizes=THE_USER + THE_GROUP,
    doc=doc("AddUserToGroup"),
    faults=(faults.NO_USER, faults.NO_GROUP, faults.USER_IN_GROUP, faults.TOO_MANY_USER_GROUPS),
)
REMOVE_USER_FROM_GROUP = Operation(
    product=RAM,
    name="RemoveUserFromGroup",
    request=Membership,
    response=Answer,
    access=Access.WRITE,
    authorizes=THE_USER + THE_GROUP,
    doc=doc("RemoveUserFromGroup"),
    faults=(faults.NO_USER, faults.NO_GROUP, faults.NO_USER_GROUP),
)
LIST_GROUPS_FOR_USER = Operation(
    product=RAM,
    name="ListGroupsForUser",
    request=ListGroupsForUser,
    response=ListGroupsForUserAnswer,
    access=Access.READ,
    authorizes=THE_USER,
    doc=doc("ListGroupsForUser"),
    faults=(faults.NO_USER,),
    items="groups.group",
)
LIST_USERS_FOR_GROUP = Operation(
    product=RAM,
    name="ListUsersForGroup",
    request=ListUsersForGroup,
    response=ListUsersForGroupAnswer,
    access=Access.READ,
    authorizes=THE_GROUP,
    doc=doc("ListUsersForGroup"),
    faults=(faults.NO_GROUP,),
    paging=Paging.MARKER,
    items="users.user",
)

OPERATIONS: tuple[Operation[Any, Any], ...] = (
    CREATE_GROUP,
    GET_GROUP,
    LIST_GROUPS,
    DELETE_GROUP,
    ADD_USER_TO_GROUP,
    REMOVE_USER_FROM_GROUP,
    LIST_GROUPS_FOR_USER,
    LIST_USERS_FOR_GROUP,
)
