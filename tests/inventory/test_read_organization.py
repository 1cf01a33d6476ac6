"""The directory as it is read from its management account, and what others see of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from imagefence.cloud.session import Session, open_session
from imagefence.inventory.organization import read_organization
from imagefence.org.organization import Organization, find_node, levels

POLICY = {
    "Version": "1",
    "Statement": [{"Effect": "Deny", "Action": "ecs:RunInstances", "Resource": "acs:ecs:*:*:image/*"}],
}


def directory(sandbox: Any, operation: str, **fields: Any) -> Any:
    named = "".join(part.capitalize() for part in operation.split("_"))
    request = getattr(sandbox.models("resourcedirectory"), f"{named}Request")(**fields)
    return getattr(sandbox.client("resourcedirectory"), operation)(request).body


def folder(sandbox: Any, name: str, parent: str | None = None) -> str:
    return str(
        directory(sandbox, "create_folder", folder_name=name, parent_folder_id=parent).folder.folder_id
    )


def root_session(sandbox: Any) -> Session:
    return open_session(endpoint=sandbox.endpoint, environment=sandbox.environment())


@pytest.fixture(scope="module")
def member_id(sandbox: Any) -> str:
    directory(sandbox, "enable_resource_directory", enable_mode="CurrentAccount")
    sandbox.client("resourcedirectory").enable_control_policy()
    workloads = folder(sandbox, "Workloads")
    inner = folder(sandbox, "Inner", workloads)
    made = directory(sandbox, "create_resource_account", display_name="dev", parent_folder_id=inner)
    policy = directory(
        sandbox,
        "create_control_policy",
        policy_name="fence",
        effect_scope="RAM",
        policy_document=json.dumps(POLICY),
    ).control_policy
    directory(sandbox, "attach_control_policy", policy_id=policy.policy_id, target_id=workloads)
    return str(made.account.account_id)


@pytest.fixture(scope="module")
def read(sandbox: Any, member_id: str) -> Organization:
    organization, gaps = read_organization(root_session(sandbox))
    assert gaps == ()
    assert organization is not None
    return organization


def test_folders_and_accounts_have_their_paths(sandbox: Any, read: Organization, member_id: str) -> None:
    assert [(account.id, account.path) for account in read.accounts] == [
        (member_id, "Root/Workloads/Inner/dev")
    ]
    assert read.management_account.id == sandbox.account_id
    assert find_node(read, "Root/Workloads/Inner") is not None


def test_each_node_has_its_own_policies(read: Organization, member_id: str) -> None:
    found = levels(read, member_id)
    assert found is not None
    named = {level.node: sorted(policy.name for policy in level.policies) for level in found}
    assert named == {
        "Root": ["FullAliyunAccess"],
        "Root/Workloads": ["FullAliyunAccess", "fence"],
        "Root/Workloads/Inner": ["FullAliyunAccess"],
        "Root/Workloads/Inner/dev": ["FullAliyunAccess"],
    }
    fence = next(policy for policy in found[1].policies if policy.name == "fence")
    assert fence.attached_to == "Root/Workloads"
    assert not fence.system
    assert len(fence.document.statements) == 1


def test_the_tree_alone_asks_for_no_policies(sandbox: Any, member_id: str) -> None:
    organization, gaps = read_organization(root_session(sandbox), policies=False)
    assert gaps == ()
    assert organization is not None
    assert organization.root.control_policies == ()
    assert [account.id for account in organization.accounts] == [member_id]


def test_policies_that_may_not_be_read_are_gaps(sandbox: Any, member_id: str) -> None:
    key = sandbox.user(
        "half",
        {"Effect": "Allow", "Action": "resourcemanager:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "resourcemanager:GetControlPolicy", "Resource": "*"},
    )
    session = open_session(endpoint=sandbox.endpoint, environment=sandbox.environment(key))
    organization, gaps = read_organization(session)
    assert organization is not None
    assert {gap.call for gap in gaps} == {"GetControlPolicy"}
    assert organization.root.control_policies == ()


def test_an_account_outside_a_directory_has_none(sandbox: Any) -> None:
    other = sandbox.other_accounts[0]
    keys = {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": other["access_key_id"],
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": other["access_key_secret"],
    }
    session = open_session(endpoint=sandbox.endpoint, environment=keys)
    assert read_organization(session) == (None, ())
