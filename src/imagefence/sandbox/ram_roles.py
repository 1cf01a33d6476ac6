"""RAM roles and their trust policies."""

from __future__ import annotations

from typing import Any

from imagefence.api import ram_faults as faults
from imagefence.api import ram_roles as ram
from imagefence.api.operation import Answer
from imagefence.policy.document import PolicyKind
from imagefence.sandbox.call import Call, Refused, finds, performs
from imagefence.sandbox.identities import Role
from imagefence.sandbox.ram_lookup import (
    POLICY_LIMIT,
    ROLE_NAME,
    check_document,
    check_length,
    check_name,
    digits,
    page,
    role_of,
    stamp,
)

MOST_ROLES = 1000
SHORTEST_SESSION_S = 3600
LONGEST_SESSION_S = 43200


@finds("role")
def find_role(call: Call, name: str) -> Role | None:
    """Gives the gate a role of the calling account."""
    return call.account.identities.role(name)


@performs(ram.CREATE_ROLE)
def create_role(call: Call, request: ram.CreateRole) -> ram.CreateRoleAnswer:
    """Creates a role that trusts whom its trust policy names."""
    identities = call.account.identities
    check_name(request.role_name, "RoleName", ROLE_NAME)
    check_length(request.description, "Description", 1024)
    _check_trust(call, request.assume_role_policy_document)
    _check_duration(request.max_session_duration)
    if identities.role(request.role_name) is not None:
        raise Refused(faults.ROLE_EXISTS)
    if len(identities.roles) >= MOST_ROLES:
        raise Refused(faults.TOO_MANY_ROLES)
    role = Role(
        name=request.role_name,
        id=digits(call.world.random, 18),
        owner=call.account.id,
        created=call.now,
        updated=call.now,
        trust=request.assume_role_policy_document,
        description=request.description,
        max_session_duration_s=request.max_session_duration,
        allow_console_login=request.allow_console_login,
        tags={tag.key: tag.value for tag in request.tag},
    )
    identities.roles[role.name] = role
    identities.changed()
    return ram.CreateRoleAnswer(role=ram.NewRole(**_brief(role), assume_role_policy_document=role.trust))


@performs(ram.GET_ROLE)
def get_role(call: Call, request: ram.OneRole) -> ram.GetRoleAnswer:
    """Shows a role with its trust policy."""
    role = role_of(call, request.role_name)
    return ram.GetRoleAnswer(
        role=ram.Role(
            **_brief(role),
            assume_role_policy_document=role.trust,
            update_date=stamp(role.updated),
            is_service_linked_role=role.service_linked,
            role_principal_name=f"{role.name}@role.{role.owner}.onaliyunservice.com",
        )
    )


@performs(ram.LIST_ROLES)
def list_roles(call: Call, request: ram.ListRoles) -> ram.ListRolesAnswer:
    """Lists roles by name; tags in the request must all match."""
    roles = [
        role
        for role in call.account.identities.roles.values()
        if all(role.tags.get(tag.key) == tag.value for tag in request.tag)
    ]
    shown, marker = page(roles, lambda role: role.name, request.marker, request.max_items)
    listed = tuple(
        ram.ListedRole(**_brief(role), update_date=stamp(role.updated), tags=_tags(role)) for role in shown
    )
    return ram.ListRolesAnswer(is_truncated=bool(marker), marker=marker, roles=ram.Roles(role=listed))


@performs(ram.UPDATE_ROLE)
def update_role(call: Call, request: ram.UpdateRole) -> ram.UpdateRoleAnswer:
    """Changes what is given."""
    role = role_of(call, request.role_name)
    if request.new_assume_role_policy_document is not None:
        _check_trust(call, request.new_assume_role_policy_document)
        role.trust = request.new_assume_role_policy_document
    if request.new_max_session_duration is not None:
        _check_duration(request.new_max_session_duration)
        role.max_session_duration_s = request.new_max_session_duration
    if request.new_description is not None:
        check_length(request.new_description, "Description", 1024)
        role.description = request.new_description
    if request.new_allow_console_login is not None:
        role.allow_console_login = request.new_allow_console_login
    role.updated = call.now
    call.account.identities.changed()
    return ram.UpdateRoleAnswer(role=_changed(role))


@performs(ram.DELETE_ROLE)
def delete_role(call: Call, request: ram.OneRole) -> Answer:
    """Deletes a role that has no policies left, and its sessions with it."""
    role = role_of(call, request.role_name)
    if role.policies:
        raise Refused(faults.ROLE_HELD_BY_POLICY)
    del call.account.identities.roles[role.name]
    call.account.identities.changed()
    # Differs from the cloud: the sessions of a deleted role end at once.
    keys = call.world.keys
    for key in [key for key in keys.values() if key.account_id == call.account.id]:
        if key.principal == f"role/{role.name}":
            del keys[key.id]
    return Answer()


def _check_trust(call: Call, text: str) -> None:
    too_long = faults.bad_length("AssumeRolePolicyDocument")
    malformed = faults.MALFORMED_POLICY
    check_document(call, text, PolicyKind.TRUST, POLICY_LIMIT, too_long=too_long, malformed=malformed)


def _check_duration(seconds: int) -> None:
    if not SHORTEST_SESSION_S <= seconds <= LONGEST_SESSION_S:
        raise Refused(faults.SESSION_DURATION)


def _tags(role: Role) -> ram.TagItems:
    return ram.TagItems(tag=tuple(ram.TagItem(tag_key=k, tag_value=v) for k, v in sorted(role.tags.items())))


def _brief(role: Role) -> dict[str, Any]:
    return {
        "role_id": role.id,
        "role_name": role.name,
        "arn": role.arn,
        "description": role.description,
        "max_session_duration": role.max_session_duration_s,
        "allow_console_login": role.allow_console_login,
        "create_date": stamp(role.created),
    }


def _changed(role: Role) -> ram.ChangedRole:
    return ram.ChangedRole(
        **_brief(role), assume_role_policy_document=role.trust, update_date=stamp(role.updated)
    )
