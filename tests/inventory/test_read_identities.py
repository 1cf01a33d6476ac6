"""Users, groups and roles as they are read from a real account, and what stays unread."""

from __future__ import annotations

import json
from typing import Any

import pytest

from imagefence.cloud.session import open_session
from imagefence.inventory.identities import read_identities
from imagefence.inventory.reading import Reader
from imagefence.org.identities import Identities
from imagefence.policy.document import PolicyKind

TRUST = {
    "Version": "1",
    "Statement": [
        {"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": {"Service": ["ecs.aliyuncs.com"]}}
    ],
}
READ = {"Effect": "Allow", "Action": "ecs:Describe*", "Resource": "*"}
LAUNCH = {"Effect": "Allow", "Action": "ecs:RunInstances", "Resource": "*"}


def ram(sandbox: Any, operation: str, **fields: Any) -> None:
    named = "".join(part.capitalize() for part in operation.split("_"))
    request = getattr(sandbox.models("ram"), f"{named}Request")(**fields)
    getattr(sandbox.client("ram"), operation)(request)


@pytest.fixture(scope="module")
def read(sandbox: Any) -> Identities:
    sandbox.user("alice", READ)
    ram(sandbox, "create_group", group_name="dev")
    ram(sandbox, "add_user_to_group", user_name="alice", group_name="dev")
    attach = {"policy_type": "System", "policy_name": "AliyunECSFullAccess"}
    ram(sandbox, "attach_policy_to_group", group_name="dev", **attach)
    ram(sandbox, "create_role", role_name="CI", assume_role_policy_document=json.dumps(TRUST))
    ram(sandbox, "attach_policy_to_role", role_name="CI", policy_type="Custom", policy_name="alice-policy")
    document = json.dumps({"Version": "1", "Statement": [LAUNCH]})
    version = {"policy_name": "alice-policy", "policy_document": document, "set_as_default": True}
    ram(sandbox, "create_policy_version", **version)
    identities, gaps = read_identities(
        open_session(endpoint=sandbox.endpoint, environment=sandbox.environment())
    )
    assert gaps == ()
    return identities


def test_users_come_with_groups_and_the_default_version(sandbox: Any, read: Identities) -> None:
    alice = read.user("alice")
    assert alice is not None
    assert read.account_id == sandbox.account_id
    assert alice.groups == ("dev",)
    policy = alice.policies[0]
    assert (policy.name, policy.version, policy.attached_to, policy.system) == (
        "alice-policy",
        "v2",
        "user/alice",
        False,
    )
    assert "ecs:RunInstances" in str(policy.document.statements)


def test_system_policies_come_with_their_text(read: Identities) -> None:
    group = read.group("dev")
    assert group is not None
    assert [(policy.name, policy.system) for policy in group.policies] == [("AliyunECSFullAccess", True)]
    assert group.policies[0].document.statements


def test_roles_come_with_their_trust(read: Identities) -> None:
    role = read.role("ci")
    assert role is not None
    assert role.name == "CI"
    assert not role.service_linked
    assert role.trust is not None
    principals = role.trust.statements[0].principals
    assert principals is not None
    assert principals.service == ("ecs.aliyuncs.com",)
    assert [policy.attached_to for policy in role.policies] == ["role/CI"]


def test_what_may_not_be_read_is_a_gap(sandbox: Any, read: Identities) -> None:
    key = sandbox.user(
        "half",
        {"Effect": "Allow", "Action": ["ram:List*", "ram:GetRole"], "Resource": "*"},
        {"Effect": "Deny", "Action": "ram:ListGroups", "Resource": "*"},
    )
    identities, gaps = read_identities(
        open_session(endpoint=sandbox.endpoint, environment=sandbox.environment(key))
    )
    assert {gap.call for gap in gaps} == {"ListGroups", "GetPolicyVersion"}
    assert all(gap.account == sandbox.account_id for gap in gaps)
    assert all("403" in gap.reason for gap in gaps)
    assert identities.groups == ()
    assert identities.user("alice") is not None


@pytest.mark.parametrize(
    "document",
    [
        {"Version": "1", "Statement": READ},
        {"Version": "1", "Statement": []},
        {"Version": "1", "Statement": [{**READ, "Resource": "acs:ecs:*"}]},
        {"Version": "1", "Statement": [{**READ, "Resource": [f"acs:oss:*:*:b/{n:040}" for n in range(200)]}]},
    ],
    ids=["one-object", "no-statement", "short-pattern", "long"],
)
def test_what_the_cloud_holds_is_read_as_it_stands(sandbox: Any, document: dict[str, Any]) -> None:
    """A form that could not be saved today is no gap, or whoever holds the policy would look harmless."""
    reader = Reader(open_session(endpoint=sandbox.endpoint, environment=sandbox.environment()), "1" * 16)
    assert reader.document(json.dumps(document), PolicyKind.IDENTITY, "old", "GetPolicyVersion") is not None
    assert reader.gaps == []
    assert reader.document("{}", PolicyKind.IDENTITY, "broken", "GetPolicyVersion") is None
    assert len(reader.gaps) == 1
