"""RAM policies, versions and attachments, called by the official SDK over a socket."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from alibabacloud_ram20150501 import models as ram
from darabonba.exceptions import DaraException

USERS_ONLY = json.dumps(
    {"Version": "1", "Statement": [{"Effect": "Allow", "Action": "ram:ListUsers", "Resource": "*"}]}
)
GROUPS_ONLY = USERS_ONLY.replace("ListUsers", "ListGroups")


def refused(call: Callable[[], Any]) -> tuple[int, str]:
    """The status and code of a call that must fail."""
    with pytest.raises(DaraException) as error:
        call()
    return error.value.data["statusCode"], error.value.code


def create(client: Any, name: str, document: str = USERS_ONLY) -> Any:
    return client.create_policy(
        ram.CreatePolicyRequest(policy_name=name, policy_document=document)
    ).body.policy


def attach(client: Any, user: str, policy: str, kind: str = "Custom") -> Any:
    return client.attach_policy_to_user(
        ram.AttachPolicyToUserRequest(policy_type=kind, policy_name=policy, user_name=user)
    )


def test_a_policy_and_its_versions(fresh_sandbox: Any) -> None:
    client = fresh_sandbox.client("ram")
    assert create(client, "listing").default_version == "v1"
    add = ram.CreatePolicyVersionRequest(policy_name="listing", policy_document=GROUPS_ONLY)
    for number in range(2, 6):
        assert client.create_policy_version(add).body.policy_version.version_id == f"v{number}"
    assert refused(lambda: client.create_policy_version(add)) == (409, "LimitExceeded.Policy.Version")

    one = ram.DeletePolicyVersionRequest(policy_name="listing", version_id="v1")
    assert refused(lambda: client.delete_policy_version(one)) == (
        409,
        "DeleteConflict.Policy.Version.Default",
    )
    client.set_default_policy_version(
        ram.SetDefaultPolicyVersionRequest(policy_name="listing", version_id="v3")
    )
    client.delete_policy_version(one)
    assert client.create_policy_version(add).body.policy_version.version_id == "v6", "ids are never reused"
    shown = client.get_policy(ram.GetPolicyRequest(policy_type="Custom", policy_name="listing")).body
    assert shown.policy.default_version == shown.default_policy_version.version_id == "v3"
    assert json.loads(shown.default_policy_version.policy_document) == json.loads(GROUPS_ONLY)
    versions = client.list_policy_versions(
        ram.ListPolicyVersionsRequest(policy_type="Custom", policy_name="listing")
    ).body.policy_versions.policy_version
    assert [(each.version_id, each.is_default_version) for each in versions] == [
        ("v2", False),
        ("v3", True),
        ("v4", False),
        ("v5", False),
        ("v6", False),
    ]


def test_rotation_drops_the_oldest_version_that_is_not_in_force(fresh_sandbox: Any) -> None:
    client = fresh_sandbox.client("ram")
    create(client, "rotating")
    add = ram.CreatePolicyVersionRequest(
        policy_name="rotating",
        policy_document=GROUPS_ONLY,
        rotate_strategy="DeleteOldestNonDefaultVersionWhenLimitExceeded",
    )
    for _ in range(5):
        client.create_policy_version(add)
    versions = client.list_policy_versions(
        ram.ListPolicyVersionsRequest(policy_type="Custom", policy_name="rotating")
    ).body.policy_versions.policy_version
    assert [each.version_id for each in versions] == ["v1", "v3", "v4", "v5", "v6"]


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ('{"Version": "1"}', "MalformedPolicyDocument"),
        (USERS_ONLY.replace("Allow", "allow"), "MalformedPolicyDocument"),
        (USERS_ONLY.replace('"Resource"', '"NotResource"'), "MalformedPolicyDocument"),
        (USERS_ONLY + " " * 6144, "InvalidParameter.PolicyDocument.Length"),
    ],
)
def test_a_bad_document_is_refused_on_saving(sandbox: Any, document: str, code: str) -> None:
    client = sandbox.client("ram")
    assert refused(lambda: create(client, "broken", document)) == (400, code)


def test_a_malformed_document_is_refused_with_its_place(sandbox: Any) -> None:
    with pytest.raises(DaraException) as error:
        create(sandbox.client("ram"), "broken", USERS_ONLY.replace('"Allow"', '"allow"'))
    assert "Statement[0].Effect" in error.value.message


def test_what_is_attached_holds_policy_and_user(fresh_sandbox: Any) -> None:
    client = fresh_sandbox.client("ram")
    client.create_user(ram.CreateUserRequest(user_name="alice"))
    create(client, "listing")
    attach(client, "alice", "listing")
    attach(client, "alice", "ReadOnlyAccess", "System")
    assert refused(lambda: attach(client, "alice", "listing")) == (409, "EntityAlreadyExists.User.Policy")
    assert refused(lambda: attach(client, "alice", "missing")) == (404, "EntityNotExist.Policy")
    assert refused(lambda: attach(client, "alice", "listing", "Other")) == (
        400,
        "InvalidParameter.PolicyType",
    )

    held = client.list_policies_for_user(ram.ListPoliciesForUserRequest(user_name="alice")).body
    assert {(each.policy_type, each.policy_name) for each in held.policies.policy} == {
        ("Custom", "listing"),
        ("System", "ReadOnlyAccess"),
    }
    entities = client.list_entities_for_policy(
        ram.ListEntitiesForPolicyRequest(policy_type="Custom", policy_name="listing")
    ).body
    assert [user.user_name for user in entities.users.user] == ["alice"]
    assert entities.groups.group == entities.roles.role == []
    delete = ram.DeletePolicyRequest(policy_name="listing")
    assert refused(lambda: client.delete_policy(delete)) == (409, "DeleteConflict.Policy.User")
    assert refused(lambda: client.delete_user(ram.DeleteUserRequest(user_name="alice"))) == (
        409,
        "DeleteConflict.User.Policy",
    )
    detach = ram.DetachPolicyFromUserRequest(policy_type="Custom", policy_name="listing", user_name="alice")
    client.detach_policy_from_user(detach)
    assert refused(lambda: client.detach_policy_from_user(detach)) == (404, "EntityNotExist.User.Policy")
    client.delete_policy(delete)


def test_ten_custom_policies_fit_on_a_user(fresh_sandbox: Any) -> None:
    client = fresh_sandbox.client("ram")
    client.create_user(ram.CreateUserRequest(user_name="alice"))
    for number in range(11):
        create(client, f"p{number}")
    for number in range(10):
        attach(client, "alice", f"p{number}")
    assert refused(lambda: attach(client, "alice", "p10")) == (409, "LimitExceeded.User.Policy")
    attach(client, "alice", "AdministratorAccess", "System")


def test_policies_are_listed_by_type_and_page(fresh_sandbox: Any) -> None:
    client = fresh_sandbox.client("ram")
    for name in ("one", "two", "three"):
        create(client, name)
    page = client.list_policies(ram.ListPoliciesRequest(policy_type="Custom", max_items=2)).body
    rest = client.list_policies(
        ram.ListPoliciesRequest(policy_type="Custom", max_items=2, marker=page.marker)
    ).body
    names = [policy.policy_name for policy in page.policies.policy + rest.policies.policy]
    assert (names, page.is_truncated, rest.is_truncated) == (["one", "three", "two"], True, False)
    system = client.list_policies(ram.ListPoliciesRequest(policy_type="System")).body.policies.policy
    assert {"AdministratorAccess", "AliyunECSFullAccess"} <= {policy.policy_name for policy in system}
    assert all(policy.attachment_count == 0 for policy in system)


def test_a_policy_of_the_group_is_in_force_for_its_members_at_once(fresh_sandbox: Any) -> None:
    client = fresh_sandbox.client("ram")
    key = fresh_sandbox.user("alice")
    hers = fresh_sandbox.as_key("ram", key)
    assert refused(lambda: hers.list_users(ram.ListUsersRequest())) == (403, "NoPermission")

    client.create_group(ram.CreateGroupRequest(group_name="devs"))
    create(client, "listing")
    client.attach_policy_to_group(
        ram.AttachPolicyToGroupRequest(policy_type="Custom", policy_name="listing", group_name="devs")
    )
    client.add_user_to_group(ram.AddUserToGroupRequest(user_name="alice", group_name="devs"))
    assert len(hers.list_users(ram.ListUsersRequest()).body.users.user) == 1

    client.create_policy_version(
        ram.CreatePolicyVersionRequest(
            policy_name="listing", policy_document=GROUPS_ONLY, set_as_default=True
        )
    )
    assert refused(lambda: hers.list_users(ram.ListUsersRequest())) == (403, "NoPermission")
    assert len(hers.list_groups(ram.ListGroupsRequest()).body.groups.group) == 1
    client.remove_user_from_group(ram.RemoveUserFromGroupRequest(user_name="alice", group_name="devs"))
    assert refused(lambda: hers.list_groups(ram.ListGroupsRequest())) == (403, "NoPermission")


def test_attaching_asks_for_the_identity_and_for_the_policy(fresh_sandbox: Any) -> None:
    account = fresh_sandbox.account_id
    client = fresh_sandbox.client("ram")
    create(client, "listing")
    only_user = fresh_sandbox.user(
        "half", {"Effect": "Allow", "Action": "ram:*", "Resource": f"acs:ram:*:{account}:user/*"}
    )
    both = fresh_sandbox.user(
        "whole",
        {
            "Effect": "Allow",
            "Action": "ram:*",
            "Resource": [
                f"acs:ram:*:{account}:user/*",
                f"acs:ram:*:{account}:policy/listing",
                "acs:ram:*:system:policy/ReadOnlyAccess",
            ],
        },
    )
    first, second = fresh_sandbox.as_key("ram", only_user), fresh_sandbox.as_key("ram", both)
    assert refused(lambda: attach(first, "half", "listing")) == (403, "NoPermission")
    assert refused(lambda: attach(first, "half", "ReadOnlyAccess", "System")) == (403, "NoPermission")
    attach(second, "half", "listing")
    attach(second, "half", "ReadOnlyAccess", "System")
    assert refused(lambda: attach(second, "half", "AdministratorAccess", "System")) == (403, "NoPermission")
