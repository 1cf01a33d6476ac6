"""RAM user groups and their members."""

from __future__ import annotations

from imagefence.api import ram_faults as faults
from imagefence.api import ram_groups as ram
from imagefence.api.operation import Answer
from imagefence.sandbox.birth import letters
from imagefence.sandbox.call import Call, Refused, finds, performs
from imagefence.sandbox.identities import Group, User
from imagefence.sandbox.ram_lookup import (
    IDENTITY_NAME,
    check_length,
    check_name,
    group_of,
    page,
    stamp,
    user_of,
)

MOST_GROUPS = 300
MOST_GROUPS_OF_A_USER = 10


@finds("group")
def find_group(call: Call, name: str) -> Group | None:
    """Gives the gate a group of the calling account."""
    return call.account.identities.groups.get(name)


@performs(ram.CREATE_GROUP)
def create_group(call: Call, request: ram.CreateGroup) -> ram.CreateGroupAnswer:
    """Creates a group without members or policies."""
    identities = call.account.identities
    check_name(request.group_name, "GroupName", IDENTITY_NAME)
    check_length(request.comments, "Comments", 128)
    if request.group_name in identities.groups:
        raise Refused(faults.GROUP_EXISTS)
    if len(identities.groups) >= MOST_GROUPS:
        raise Refused(faults.TOO_MANY_GROUPS)
    group = Group(
        name=request.group_name,
        id="g-" + letters(call.world, 16),
        owner=call.account.id,
        created=call.now,
        updated=call.now,
        comments=request.comments,
    )
    identities.groups[group.name] = group
    identities.changed()
    return ram.CreateGroupAnswer(
        group=ram.NewGroup(
            group_id=group.id,
            group_name=group.name,
            comments=group.comments,
            create_date=stamp(group.created),
        )
    )


@performs(ram.GET_GROUP)
def get_group(call: Call, request: ram.OneGroup) -> ram.GetGroupAnswer:
    """Shows a group."""
    return ram.GetGroupAnswer(group=_shown(group_of(call, request.group_name)))


@performs(ram.LIST_GROUPS)
def list_groups(call: Call, request: ram.ListGroups) -> ram.ListGroupsAnswer:
    """Lists groups by name."""
    groups = call.account.identities.groups.values()
    shown, marker = page(groups, lambda group: group.name, request.marker, request.max_items)
    return ram.ListGroupsAnswer(
        is_truncated=bool(marker), marker=marker, groups=ram.Groups(group=tuple(map(_shown, shown)))
    )


@performs(ram.DELETE_GROUP)
def delete_group(call: Call, request: ram.OneGroup) -> Answer:
    """Deletes a group that has no members and no policies left."""
    group = group_of(call, request.group_name)
    if _members(call, group):
        raise Refused(faults.GROUP_HELD_BY_USER)
    if group.policies:
        raise Refused(faults.GROUP_HELD_BY_POLICY)
    del call.account.identities.groups[group.name]
    call.account.identities.changed()
    return Answer()


@performs(ram.ADD_USER_TO_GROUP)
def add_user_to_group(call: Call, request: ram.Membership) -> Answer:
    """Lets a user join a group."""
    user = user_of(call, request.user_name)
    group = group_of(call, request.group_name)
    if group.name in user.groups:
        raise Refused(faults.USER_IN_GROUP)
    if len(user.groups) >= MOST_GROUPS_OF_A_USER:
        raise Refused(faults.TOO_MANY_USER_GROUPS)
    user.groups[group.name] = call.now
    call.account.identities.changed()
    return Answer()


@performs(ram.REMOVE_USER_FROM_GROUP)
def remove_user_from_group(call: Call, request: ram.Membership) -> Answer:
    """Lets a user leave a group."""
    user = user_of(call, request.user_name)
    group = group_of(call, request.group_name)
    if group.name not in user.groups:
        raise Refused(faults.NO_USER_GROUP)
    del user.groups[group.name]
    call.account.identities.changed()
    return Answer()


@performs(ram.LIST_GROUPS_FOR_USER)
def list_groups_for_user(call: Call, request: ram.ListGroupsForUser) -> ram.ListGroupsForUserAnswer:
    """Lists the groups of a user."""
    user = user_of(call, request.user_name)
    known = call.account.identities.groups
    joined = tuple(
        ram.JoinedGroup(
            group_id=known[name].id,
            group_name=name,
            comments=known[name].comments,
            join_date=stamp(since),
        )
        for name, since in sorted(user.groups.items())
    )
    return ram.ListGroupsForUserAnswer(groups=ram.JoinedGroups(group=joined))


@performs(ram.LIST_USERS_FOR_GROUP)
def list_users_for_group(call: Call, request: ram.ListUsersForGroup) -> ram.ListUsersForGroupAnswer:
    """Lists the members of a group by name."""
    group = group_of(call, request.group_name)
    members = _members(call, group)
    shown, marker = page(members, lambda user: user.name, request.marker, request.max_items)
    joined = tuple(
        ram.JoinedUser(
            user_name=user.name, display_name=user.display_name, join_date=stamp(user.groups[group.name])
        )
        for user in shown
    )
    return ram.ListUsersForGroupAnswer(
        is_truncated=bool(marker), marker=marker, users=ram.JoinedUsers(user=joined)
    )


def _members(call: Call, group: Group) -> list[User]:
    return [user for user in call.account.identities.users.values() if group.name in user.groups]


def _shown(group: Group) -> ram.Group:
    return ram.Group(
        group_id=group.id,
        group_name=group.name,
        comments=group.comments,
        create_date=stamp(group.created),
        update_date=stamp(group.updated),
    )
