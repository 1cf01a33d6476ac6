"""RAM users, keys, groups and roles, called by the official SDK over a socket."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from alibabacloud_ram20150501 import models as ram
from darabonba.exceptions import DaraException

TRUST = json.dumps(
    {
        "Version": "1",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": ["ecs.aliyuncs.com"]},
            }
        ],
    }
)
ALLOW_ALL = json.dumps({"Version": "1", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})


def refused(call: Callable[[], Any]) -> tuple[int, str]:
    """The status and code of a call that must fail."""
    with pytest.raises(DaraException) as error:
        call()
    return error.value.data["statusCode"], error.value.code


def test_a_user_lives_from_creation_to_deletion(fresh_sandbox: Any) -> None:
    client = fresh_sandbox.client("ram")
    made = client.create_user(ram.CreateUserRequest(user_name="alice", comments="first")).body.user
    assert len(made.user_id) == 18
    assert made.display_name == "alice"
    assert made.create_date.endswith("Z")

    changed = client.update_user(
        ram.UpdateUserRequest(user_name="alice", new_user_name="alice.b", new_comments="")
    ).body.user
    assert (changed.user_name, changed.comments, changed.user_id) == ("alice.b", "", made.user_id)
    assert refused(lambda: client.get_user(ram.GetUserRequest(user_name="alice"))) == (
        404,
        "EntityNotExist.User",
    )
    client.delete_user(ram.DeleteUserRequest(user_name="alice.b"))
    assert client.list_users(ram.ListUsersRequest()).body.users.user == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "MissingParameter"),
        ("a b", "InvalidParameter.UserName.InvalidChars"),
        ("a" * 65, "InvalidParameter.UserName.Length"),
    ],
)
def test_a_bad_user_name_is_refused(sandbox: Any, name: str, code: str) -> None:
    client = sandbox.client("ram")
    assert refused(lambda: client.create_user(ram.CreateUserRequest(user_name=name))) == (400, code)


def test_a_name_is_given_once(fresh_sandbox: Any) -> None:
    client = fresh_sandbox.client("ram")
    client.create_user(ram.CreateUserRequest(user_name="twin"))
    client.create_group(ram.CreateGroupRequest(group_name="twin"))
    client.create_role(ram.CreateRoleRequest(role_name="twin", assume_role_policy_document=TRUST))
    client.create_policy(ram.CreatePolicyRequest(policy_name="twin", policy_document=ALLOW_ALL))
    again = {
        "User": lambda: client.create_user(ram.CreateUserRequest(user_name="twin")),
        "Group": lambda: client.create_group(ram.CreateGroupRequest(group_name="twin")),
        "Role": lambda: client.create_role(
            ram.CreateRoleRequest(role_name="Twin", assume_role_policy_document=TRUST)
        ),
        "Policy": lambda: client.create_policy(
            ram.CreatePolicyRequest(policy_name="twin", policy_document=ALLOW_ALL)
        ),
    }
    for kind, call in again.items():
        assert refused(call) == (409, f"EntityAlreadyExists.{kind}")


def test_users_are_listed_page_by_page(fresh_sandbox: Any) -> None:
    client = fresh_sandbox.client("ram")
    names = [f"user-{number:02d}" for number in range(7)]
    for name in reversed(names):
        client.create_user(ram.CreateUserRequest(user_name=name))
    seen: list[str] = []
    marker = None
    while True:
        page = client.list_users(ram.ListUsersRequest(max_items=3, marker=marker)).body
        seen += [user.user_name for user in page.users.user]
        marker = page.marker
        if not page.is_truncated:
            break
    assert seen == names
    assert marker is None
    assert refused(lambda: client.list_users(ram.ListUsersRequest(max_items=1001)))[0] == 400


def test_keys_open_close_and_run_out(fresh_sandbox: Any) -> None:
    client = fresh_sandbox.client("ram")
    client.create_user(ram.CreateUserRequest(user_name="alice"))
    make = ram.CreateAccessKeyRequest(user_name="alice")
    first = client.create_access_key(make).body.access_key
    client.create_access_key(make)
    assert refused(lambda: client.create_access_key(make)) == (409, "LimitExceeded.User.AccessKey")
    assert refused(lambda: client.delete_user(ram.DeleteUserRequest(user_name="alice"))) == (
        409,
        "DeleteConflict.User.AccessKey",
    )

    hers = fresh_sandbox.client("sts", first.access_key_id, first.access_key_secret)
    assert hers.get_caller_identity().body.identity_type == "RAMUser"
    off = ram.UpdateAccessKeyRequest(
        user_name="alice", user_access_key_id=first.access_key_id, status="Inactive"
    )
    client.update_access_key(off)
    assert refused(hers.get_caller_identity)[1] == "InvalidAccessKeyId.Inactive"
    client.delete_access_key(
        ram.DeleteAccessKeyRequest(user_name="alice", user_access_key_id=first.access_key_id)
    )
    assert refused(hers.get_caller_identity) == (404, "InvalidAccessKeyId.NotFound")
    listed = client.list_access_keys(ram.ListAccessKeysRequest(user_name="alice")).body
    assert len(listed.access_keys.access_key) == 1


def test_keys_without_a_name_are_the_callers_own(fresh_sandbox: Any) -> None:
    own = fresh_sandbox.client("ram").list_access_keys(ram.ListAccessKeysRequest()).body
    assert [key.access_key_id for key in own.access_keys.access_key] == [fresh_sandbox.access_key_id]

    key = fresh_sandbox.user("bob", {"Effect": "Allow", "Action": "ram:*", "Resource": "*"})
    hers = fresh_sandbox.as_key("ram", key).list_access_keys(ram.ListAccessKeysRequest()).body
    assert [each.access_key_id for each in hers.access_keys.access_key] == [key.id]


def test_a_group_holds_members_and_its_members_hold_it(fresh_sandbox: Any) -> None:
    client = fresh_sandbox.client("ram")
    client.create_user(ram.CreateUserRequest(user_name="alice"))
    client.create_group(ram.CreateGroupRequest(group_name="devs", comments="who write code"))
    join = ram.AddUserToGroupRequest(user_name="alice", group_name="devs")
    client.add_user_to_group(join)
    assert refused(lambda: client.add_user_to_group(join)) == (409, "EntityAlreadyExists.User.Group")

    groups = client.list_groups_for_user(ram.ListGroupsForUserRequest(user_name="alice")).body.groups.group
    users = client.list_users_for_group(ram.ListUsersForGroupRequest(group_name="devs")).body.users.user
    assert [(group.group_name, group.comments) for group in groups] == [("devs", "who write code")]
    assert [user.user_name for user in users] == ["alice"]
    assert refused(lambda: client.delete_group(ram.DeleteGroupRequest(group_name="devs"))) == (
        409,
        "DeleteConflict.Group.User",
    )
    assert refused(lambda: client.delete_user(ram.DeleteUserRequest(user_name="alice"))) == (
        409,
        "DeleteConflict.User.Group",
    )
    leave = ram.RemoveUserFromGroupRequest(user_name="alice", group_name="devs")
    client.remove_user_from_group(leave)
    assert refused(lambda: client.remove_user_from_group(leave)) == (404, "EntityNotExist.User.Group")
    client.delete_group(ram.DeleteGroupRequest(group_name="devs"))
    client.delete_user(ram.DeleteUserRequest(user_name="alice"))


def test_a_user_joins_ten_groups_at_most(fresh_sandbox: Any) -> None:
    client = fresh_sandbox.client("ram")
    client.create_user(ram.CreateUserRequest(user_name="alice"))
    for number in range(11):
        client.create_group(ram.CreateGroupRequest(group_name=f"g{number}"))
    for number in range(10):
        client.add_user_to_group(ram.AddUserToGroupRequest(user_name="alice", group_name=f"g{number}"))
    assert refused(
        lambda: client.add_user_to_group(ram.AddUserToGroupRequest(user_name="alice", group_name="g10"))
    ) == (409, "LimitExceeded.User.Group")


def test_a_role_keeps_its_trust_and_its_case(fresh_sandbox: Any) -> None:
    client = fresh_sandbox.client("ram")
    made = client.create_role(
        ram.CreateRoleRequest(
            role_name="ImageAdmin",
            assume_role_policy_document=TRUST,
            tag=[ram.CreateRoleRequestTag(key="team", value="images")],
        )
    ).body.role
    assert made.arn == f"acs:ram::{fresh_sandbox.account_id}:role/ImageAdmin"
    shown = client.get_role(ram.GetRoleRequest(role_name="ImageAdmin")).body.role
    assert json.loads(shown.assume_role_policy_document) == json.loads(TRUST)
    assert shown.max_session_duration == 3600
    listed = client.list_roles(ram.ListRolesRequest()).body.roles.role
    assert [(role.role_name, role.tags.tag[0].tag_value) for role in listed] == [("ImageAdmin", "images")]

    long = ram.UpdateRoleRequest(role_name="ImageAdmin", new_max_session_duration=7200)
    assert client.update_role(long).body.role.max_session_duration == 7200
    endless = ram.UpdateRoleRequest(role_name="ImageAdmin", new_max_session_duration=99999)
    assert refused(lambda: client.update_role(endless)) == (400, "InvalidParameter.MaxSessionDuration")
    client.delete_role(ram.DeleteRoleRequest(role_name="ImageAdmin"))
    assert refused(lambda: client.get_role(ram.GetRoleRequest(role_name="ImageAdmin"))) == (
        404,
        "EntityNotExist.Role",
    )


def test_a_trust_policy_that_breaks_the_grammar_is_refused(sandbox: Any) -> None:
    client = sandbox.client("ram")
    for text in ("{", ALLOW_ALL):
        call = ram.CreateRoleRequest(role_name="broken", assume_role_policy_document=text)
        assert refused(partial(client.create_role, call)) == (400, "MalformedPolicyDocument")


def test_the_gate_names_the_user_that_is_asked_for(fresh_sandbox: Any) -> None:
    account = fresh_sandbox.account_id
    key = fresh_sandbox.user(
        "helpdesk",
        {"Effect": "Allow", "Action": "ram:GetUser", "Resource": f"acs:ram:*:{account}:user/helpdesk"},
    )
    client = fresh_sandbox.as_key("ram", key)
    assert client.get_user(ram.GetUserRequest(user_name="helpdesk")).body.user.user_name == "helpdesk"
    fresh_sandbox.client("ram").create_user(ram.CreateUserRequest(user_name="other"))
    assert refused(lambda: client.get_user(ram.GetUserRequest(user_name="other"))) == (403, "NoPermission")
    assert refused(lambda: client.list_users(ram.ListUsersRequest())) == (403, "NoPermission")


def test_a_role_name_can_be_protected_before_the_role_exists(fresh_sandbox: Any) -> None:
    account = fresh_sandbox.account_id
    key = fresh_sandbox.user(
        "builder",
        {"Effect": "Allow", "Action": "ram:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "ram:CreateRole", "Resource": f"acs:ram:*:{account}:role/image-admin"},
    )
    client = fresh_sandbox.as_key("ram", key)

    def create(name: str) -> Any:
        return client.create_role(ram.CreateRoleRequest(role_name=name, assume_role_policy_document=TRUST))

    assert refused(lambda: create("image-admin")) == (403, "NoPermission")
    assert create("harmless").body.role.role_name == "harmless"


def test_creating_a_role_tells_whom_it_trusts(fresh_sandbox: Any) -> None:
    key = fresh_sandbox.user(
        "builder",
        {
            "Effect": "Allow",
            "Action": "ram:CreateRole",
            "Resource": "*",
            "Condition": {"StringEquals": {"ram:ServiceNames": ["ecs.aliyuncs.com"]}},
        },
    )
    client = fresh_sandbox.as_key("ram", key)
    client.create_role(ram.CreateRoleRequest(role_name="for-ecs", assume_role_policy_document=TRUST))
    other = TRUST.replace("ecs.aliyuncs.com", "fc.aliyuncs.com")
    call = ram.CreateRoleRequest(role_name="for-fc", assume_role_policy_document=other)
    assert refused(lambda: client.create_role(call)) == (403, "NoPermission")
