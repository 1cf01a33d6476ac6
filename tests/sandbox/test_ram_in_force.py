"""The policies in force for a caller, as the gate asks for them, and what a denial says of them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from alibabacloud_ram20150501 import models as ram
from darabonba.exceptions import DaraException

from imagefence.api import ram_attachments, ram_groups, ram_policies, ram_users
from imagefence.policy.authorize import authorize
from imagefence.policy.document import PolicyKind
from imagefence.policy.policies import AttachedPolicy, Policies
from imagefence.policy.request import PrincipalKind, Request, Resource
from imagefence.sandbox import behaviours  # noqa: F401 - binds every behaviour
from imagefence.sandbox.birth import add_key, fresh_world
from imagefence.sandbox.call import PERFORMS, Call
from imagefence.sandbox.identities import Role
from imagefence.sandbox.in_force import parsed, policies_in_force, principal_of
from imagefence.sandbox.system_policies import SYSTEM_POLICIES
from imagefence.sandbox.world import AccessKey, World

WORLD = fresh_world(seed=3)


def call_of(world: World, key: AccessKey) -> Call:
    account = world.accounts[key.account_id]
    return Call(world, account, key, principal_of(world, key), "", world.clock(), "r")


@pytest.fixture
def root() -> Call:
    world = fresh_world(seed=4)
    return call_of(world, next(iter(world.keys.values())))


def perform(call: Call, operation: Any, **parameters: Any) -> Any:
    return PERFORMS[operation](call, operation.request(**parameters))


@pytest.mark.parametrize("name", sorted(SYSTEM_POLICIES))
def test_a_system_policy_parses_and_allows_something(name: str) -> None:
    policy = SYSTEM_POLICIES[name]
    document = parsed(policy.default.document, PolicyKind.IDENTITY)
    assert document.statements
    assert len(policy.default.document) <= 6144


@pytest.mark.parametrize(
    ("name", "action", "allowed"),
    [
        ("AdministratorAccess", "ecs:RunInstances", True),
        ("ReadOnlyAccess", "ecs:DescribeInstances", True),
        ("ReadOnlyAccess", "ecs:RunInstances", False),
        ("AliyunECSFullAccess", "ecs:RunInstances", True),
        ("AliyunECSFullAccess", "ram:CreateUser", False),
        ("AliyunECSReadOnlyAccess", "ecs:DescribeImages", True),
        ("AliyunECSReadOnlyAccess", "ecs:DeleteImage", False),
        ("AliyunSTSAssumeRoleAccess", "ram:GetRole", False),
        ("AliyunVPCFullAccess", "vpc:CreateVpc", True),
        ("AliyunRAMFullAccess", "ram:CreateUser", True),
    ],
)
def test_a_system_policy_does_what_its_name_says(name: str, action: str, allowed: bool) -> None:
    document = parsed(SYSTEM_POLICIES[name].default.document, PolicyKind.IDENTITY)
    world = WORLD
    account = next(iter(world.accounts.values()))
    caller = principal_of(world, AccessKey("k", "s", account.id, "user/alice", world.clock()))
    request = Request(caller, action, (Resource("*"),))
    decision = authorize(request, Policies(identity=(AttachedPolicy(name, document),)))
    assert decision.allowed is allowed


def test_a_role_is_named_in_lower_case_without_its_session(root: Call) -> None:
    account = root.account
    linked = Role(
        "AliyunServiceRoleForTest", "1", account.id, root.now, root.now, trust="{}", service_linked=True
    )
    account.identities.roles[linked.name] = linked
    key = AccessKey("STS.k", "s", account.id, f"role/{linked.name}", root.now, session_name="night")
    principal = principal_of(root.world, key)
    assert principal.arn == f"acs:ram::{account.id}:role/aliyunservicerolefortest"
    assert principal.kind is PrincipalKind.SERVICE_LINKED_ROLE


def test_the_same_policies_are_given_until_something_changes(root: Call) -> None:
    perform(root, ram_users.CREATE_USER, user_name="alice")
    perform(root, ram_groups.CREATE_GROUP, group_name="devs")
    alice = call_of(root.world, add_key(root.world, root.account, "user/alice"))
    first = policies_in_force(alice)
    assert policies_in_force(alice) is first
    assert first.identity == ()

    attached = {"policy_type": "System", "policy_name": "ReadOnlyAccess"}
    perform(root, ram_attachments.ATTACH_POLICY_TO_GROUP, group_name="devs", **attached)
    perform(root, ram_groups.ADD_USER_TO_GROUP, user_name="alice", group_name="devs")
    second = policies_in_force(alice)
    assert [(each.name, each.attached_to) for each in second.identity] == [("ReadOnlyAccess", "group/devs")]
    perform(root, ram_attachments.DETACH_POLICY_FROM_GROUP, group_name="devs", **attached)
    assert policies_in_force(alice).identity == ()


def test_the_default_version_is_the_one_in_force(root: Call) -> None:
    text = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"ram:%s","Resource":"*"}]}'
    perform(root, ram_users.CREATE_USER, user_name="alice")
    perform(root, ram_policies.CREATE_POLICY, policy_name="p", policy_document=text % "GetUser")
    perform(
        root,
        ram_attachments.ATTACH_POLICY_TO_USER,
        user_name="alice",
        policy_type="Custom",
        policy_name="p",
    )
    alice = call_of(root.world, add_key(root.world, root.account, "user/alice"))
    assert policies_in_force(alice).identity[0].version == "v1"
    add = ram_policies.CREATE_POLICY_VERSION
    perform(root, add, policy_name="p", policy_document=text % "GetRole")
    assert policies_in_force(alice).identity[0].version == "v1"
    perform(root, ram_policies.SET_DEFAULT_POLICY_VERSION, policy_name="p", version_id="v2")
    assert policies_in_force(alice).identity[0].version == "v2"


def test_a_denial_can_be_opened_and_names_the_policy(fresh_sandbox: Any) -> None:
    key = fresh_sandbox.user(
        "alice",
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "ram:ListUsers", "Resource": "*"},
    )
    with pytest.raises(DaraException) as error:
        fresh_sandbox.as_key("ram", key).list_users(ram.ListUsersRequest())
    text = error.value.access_denied_detail["EncodedDiagnosticMessage"]
    request = ram.DecodeDiagnosticMessageRequest(encoded_diagnostic_message=text)
    body = fresh_sandbox.client("ram").decode_diagnostic_message(request).body
    message = body.decoded_diagnostic_message
    assert (message.explicit_deny, message.auth_action) == (True, "ram:ListUsers")
    assert message.auth_resource == f"acs:ram:*:{fresh_sandbox.account_id}:user/*"
    assert [(each.policy_identifier, each.effect) for each in message.matched_policies] == [
        ("alice-policy", "Deny")
    ]
    other = fresh_sandbox.other_accounts[0]
    stranger = fresh_sandbox.client("ram", other["access_key_id"], other["access_key_secret"])
    for client, each in ((stranger, text), (fresh_sandbox.client("ram"), json.dumps({}))):
        with pytest.raises(DaraException) as error:
            client.decode_diagnostic_message(
                ram.DecodeDiagnosticMessageRequest(encoded_diagnostic_message=each)
            )
        assert error.value.code == "EntityNotExist"
