"""The error answers of RAM, and the tags that it writes as JSON.

Source: AlibabaCloudDocs/ram "Error messages"; codes marked unsure there are from the Terraform provider.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from imagefence.api.operation import Fault


class RamTag(msgspec.Struct, frozen=True, rename="pascal"):
    """A tag as RAM takes it."""

    key: str = ""
    value: str = ""


JsonTags = Annotated[tuple[RamTag, ...], msgspec.Meta(extra={"wire": "json"})]
MaxItems = Annotated[int, msgspec.Meta(ge=1, le=1000)]
# Why: RAM leaves Marker out of the last page.
Marker = str | msgspec.UnsetType


def _bad(name: str, kind: str, text: str) -> Fault:
    return Fault(400, f"InvalidParameter.{name}.{kind}", f'The parameter - "{name}" {text}.')


def bad_chars(name: str) -> Fault:
    """The fault of a name with characters outside its alphabet."""
    return _bad(name, "InvalidChars", "contains invalid chars")


def bad_length(name: str) -> Fault:
    """The fault of a text that is too long."""
    return _bad(name, "Length", "beyond the length limit")


POLICY_TYPE = Fault(400, "InvalidParameter.PolicyType", 'The parameter - "PolicyType" is incorrect.')
MALFORMED_POLICY = Fault(400, "MalformedPolicyDocument", "{detail}")
STATUS = Fault(400, "InvalidParameter.Status", 'The parameter - "Status" is incorrect.')
SESSION_DURATION = Fault(
    400, "InvalidParameter.MaxSessionDuration", 'The parameter - "MaxSessionDuration" is incorrect.'
)

NO_USER = Fault(404, "EntityNotExist.User", "The user does not exist.")
NO_ACCESS_KEY = Fault(404, "EntityNotExist.User.AccessKey", "The user access key does not exist.")
NO_USER_GROUP = Fault(404, "EntityNotExist.User.Group", "The user has not joined the group.")
NO_USER_POLICY = Fault(
    404, "EntityNotExist.User.Policy", "The indicate policy attached to the user does not exist."
)
NO_GROUP = Fault(404, "EntityNotExist.Group", "The group does not exist.")
NO_GROUP_POLICY = Fault(
    404, "EntityNotExist.Group.Policy", "The indicate policy attached to the group does not exist."
)
NO_ROLE = Fault(404, "EntityNotExist.Role", "The role does not exist.")
NO_ROLE_POLICY = Fault(
    404, "EntityNotExist.Role.Policy", "The indicate policy attached to the role does not exist."
)
NO_POLICY = Fault(404, "EntityNotExist.Policy", "The policy does not exist.")
NO_VERSION = Fault(404, "EntityNotExist.Policy.Version", "The policy version does not exist.")

USER_EXISTS = Fault(409, "EntityAlreadyExists.User", "The user does already EXIST.")
USER_IN_GROUP = Fault(409, "EntityAlreadyExists.User.Group", "The user has already joined the group.")
USER_HAS_POLICY = Fault(
    409, "EntityAlreadyExists.User.Policy", "The user has already been attached this policy."
)
GROUP_EXISTS = Fault(409, "EntityAlreadyExists.Group", "The group does already EXIST.")
GROUP_HAS_POLICY = Fault(
    409, "EntityAlreadyExists.Group.Policy", "The group has already been attached this policy."
)
ROLE_EXISTS = Fault(409, "EntityAlreadyExists.Role", "The role does already EXIST.")
ROLE_HAS_POLICY = Fault(
    409, "EntityAlreadyExists.Role.Policy", "The role has already been attached this policy."
)
POLICY_EXISTS = Fault(409, "EntityAlreadyExists.Policy", "The policy does already EXIST.")


def _held(what: str, text: str) -> Fault:
    return Fault(409, f"DeleteConflict.{what}", text)


USER_HELD_BY_GROUP = _held("User.Group", "The user CAN NOT be in any group while deleting the user.")
USER_HELD_BY_KEY = _held("User.AccessKey", "The user CAN NOT has any access key while deleting the user.")
USER_HELD_BY_POLICY = _held(
    "User.Policy", "The user CAN NOT has any attached policy while deleting the user."
)
GROUP_HELD_BY_USER = _held("Group.User", "The group CAN NOT has any user member while deleting the group.")
GROUP_HELD_BY_POLICY = _held(
    "Group.Policy", "The entity CAN NOT has any attached policy while deleting the group."
)
ROLE_HELD_BY_POLICY = _held(
    "Role.Policy", "The role CAN NOT has any attached policy while deleting the role."
)
POLICY_HELD_BY_USER = _held(
    "Policy.User", "The policy CAN NOT been attached to any user while deleting the policy."
)
POLICY_HELD_BY_GROUP = _held(
    "Policy.Group", "The policy CAN NOT been attached to any group while deleting the policy."
)
POLICY_HELD_BY_ROLE = _held(
    "Policy.Role", "The policy CAN NOT been attached to any role while deleting the policy."
)
POLICY_HELD_BY_VERSION = _held(
    "Policy.Version", "The policy CAN NOT has any version except the default version."
)
DEFAULT_VERSION_HELD = _held(
    "Policy.Version.Default", "The default policy version CAN NOT been deleted directly."
)


def _limit(what: str, text: str) -> Fault:
    return Fault(409, f"LimitExceeded.{what}", f"{text} beyond the current limits.")


TOO_MANY_USERS = _limit("User", "The count of users")
TOO_MANY_KEYS = _limit("User.AccessKey", "The access key count of the user access keys")
TOO_MANY_USER_GROUPS = _limit("User.Group", "The count of groups the target user joined")
TOO_MANY_USER_POLICIES = _limit("User.Policy", "The policy count of the user attached policies")
TOO_MANY_GROUPS = _limit("Group", "The count of groups")
TOO_MANY_GROUP_POLICIES = _limit("Group.Policy", "The policy count of the group")
TOO_MANY_ROLES = _limit("Role", "The count of roles")
TOO_MANY_ROLE_POLICIES = _limit("Role.Policy", "The count of policies attached to the role")
TOO_MANY_POLICIES = _limit("Policy", "The count of policy")
TOO_MANY_VERSIONS = _limit("Policy.Version", "The count of policy version")


def doc(name: str) -> str:
    """The page of an operation."""
    return f"https://help.aliyun.com/zh/ram/developer-reference/api-ram-2015-05-01-{name.lower()}"
