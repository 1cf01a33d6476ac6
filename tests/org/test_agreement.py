"""What is read from outside and put together by `org` is what the sandbox's gate asks inside."""

from __future__ import annotations

import json
from typing import Any

import pytest
from alibabacloud_ram20150501 import models as ram
from alibabacloud_resourcedirectorymaster20220419 import models as rd
from alibabacloud_sts20150401 import models as sts

from imagefence.cloud.accounts import reachable_accounts
from imagefence.cloud.session import open_session
from imagefence.inventory.identities import read_identities
from imagefence.inventory.organization import read_organization
from imagefence.org.identities import principals
from imagefence.org.in_force import policies_in_force
from imagefence.policy.policies import Policies
from imagefence.policy.request import Principal, PrincipalKind
from imagefence.sandbox.call import Call
from imagefence.sandbox.in_force import policies_in_force as asked_by_the_gate
from imagefence.sandbox.in_force import principal_of
from imagefence.sandbox.world import AccessKey, World

DENY = json.dumps({"Version": "1", "Statement": [{"Effect": "Deny", "Action": "ecs:*", "Resource": "*"}]})
TRUST = json.dumps(
    {
        "Version": "1",
        "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": ["ecs.aliyuncs.com"]}}
        ],
    }
)


@pytest.fixture
def operator(fresh_sandbox: Any) -> Any:
    """A directory with a controlled member, identities in both accounts, and who reads them."""
    directory = fresh_sandbox.client("resourcedirectory")
    directory.enable_resource_directory(rd.EnableResourceDirectoryRequest(enable_mode="CurrentAccount"))
    directory.enable_control_policy()
    folder = directory.create_folder(rd.CreateFolderRequest(folder_name="Workloads")).body.folder.folder_id
    directory.create_resource_account(
        rd.CreateResourceAccountRequest(display_name="dev", parent_folder_id=folder)
    )
    policy = directory.create_control_policy(
        rd.CreateControlPolicyRequest(policy_name="no-ecs", effect_scope="RAM", policy_document=DENY)
    ).body.control_policy.policy_id
    directory.attach_control_policy(rd.AttachControlPolicyRequest(policy_id=policy, target_id=folder))
    key = fresh_sandbox.user("operator", {"Effect": "Allow", "Action": "*", "Resource": "*"})
    session = open_session(endpoint=fresh_sandbox.endpoint, environment=fresh_sandbox.environment(key))
    for account in fresh_sandbox.world.accounts.values():
        if account.directory is not None:
            populate(ram_client(fresh_sandbox, key, account.id))
    return session


def ram_client(sandbox: Any, key: Any, account_id: str) -> Any:
    """The official client in the management account, or in a member by its role."""
    if account_id == sandbox.account_id:
        return sandbox.client("ram")
    request = sts.AssumeRoleRequest(
        role_arn=f"acs:ram::{account_id}:role/ResourceDirectoryAccountAccessRole",
        role_session_name="populate",
    )
    own = sandbox.as_key("sts", key).assume_role(request).body.credentials
    return sandbox.client("ram", own.access_key_id, own.access_key_secret, own.security_token)


def populate(client: Any) -> None:
    """Gives an account a user in a group, and a role, each with policies."""
    client.create_policy(ram.CreatePolicyRequest(policy_name="no-ecs", policy_document=DENY))
    client.create_user(ram.CreateUserRequest(user_name="alice"))
    client.create_group(ram.CreateGroupRequest(group_name="devs"))
    client.add_user_to_group(ram.AddUserToGroupRequest(user_name="alice", group_name="devs"))
    client.create_role(ram.CreateRoleRequest(role_name="Builder", assume_role_policy_document=TRUST))
    client.attach_policy_to_user(
        ram.AttachPolicyToUserRequest(policy_type="Custom", policy_name="no-ecs", user_name="alice")
    )
    client.attach_policy_to_group(
        ram.AttachPolicyToGroupRequest(
            policy_type="System", policy_name="AliyunECSFullAccess", group_name="devs"
        )
    )
    client.attach_policy_to_role(
        ram.AttachPolicyToRoleRequest(
            policy_type="System", policy_name="AdministratorAccess", role_name="Builder"
        )
    )


def inside(world: World, principal: Principal) -> Policies:
    """What the gate would ask if `principal` called now."""
    account = world.accounts[principal.account]
    kind, _, name = principal.arn.rpartition(":")[2].partition("/")
    role = account.identities.role(name)
    place = f"{kind}/{role.name if kind == 'role' and role is not None else name}" if name else "root"
    key = AccessKey("k", "s", account.id, place, world.clock())
    assert principal_of(world, key) == principal
    return asked_by_the_gate(Call(world, account, key, principal, "", world.clock(), "r"))


def spelt(policies: Policies) -> Any:
    """The policies as plain data: names, versions, places and texts."""

    def pool(found: Any) -> list[tuple[str, str, str, Any]]:
        return [(each.name, each.version, each.attached_to, each.document) for each in found]

    levels = [(level.node, [name for name, *_ in pool(level.policies)]) for level in policies.control or ()]
    return sorted(pool(policies.identity), key=str), policies.control is None, levels


def test_reading_from_outside_agrees_with_the_gate(fresh_sandbox: Any, operator: Any) -> None:
    organization, gaps = read_organization(operator)
    accounts, more = reachable_accounts(operator)
    assert organization is not None
    assert gaps == more == ()
    seen = []
    for account in accounts:
        identities, missing = read_identities(account.session, account.account_id)
        assert missing == ()
        for principal in principals(identities, in_management_account=account.management):
            outside = policies_in_force(organization, identities, principal)
            assert spelt(outside) == spelt(inside(fresh_sandbox.world, principal)), principal.arn
            seen.append(principal)
    assert len(accounts) == 2
    kinds = [each.kind for each in seen]
    assert kinds.count(PrincipalKind.USER) == 3
    assert kinds.count(PrincipalKind.ROLE) == 3
    assert any(spelt(inside(fresh_sandbox.world, each))[2] for each in seen)
