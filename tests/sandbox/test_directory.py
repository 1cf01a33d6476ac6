"""The resource directory and its control policies, called by both official SDKs over a socket."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from alibabacloud_ram20150501 import models as ram
from alibabacloud_resourcedirectorymaster20220419 import models as new
from alibabacloud_resourcemanager20200331 import models as old
from alibabacloud_sts20150401 import models as sts
from darabonba.exceptions import DaraException

FULL = "cp-FullAliyunAccess"
NO_USERS = json.dumps(
    {"Version": "1", "Statement": [{"Effect": "Deny", "Action": "ram:CreateUser", "Resource": "*"}]}
)
ONLY_RAM_READS = json.dumps(
    {"Version": "1", "Statement": [{"Effect": "Allow", "Action": ["ram:List*"], "Resource": "*"}]}
)


def refused(call: Callable[[], Any]) -> tuple[int, str]:
    """The status and code of a call that must fail."""
    with pytest.raises(DaraException) as error:
        call()
    return error.value.data["statusCode"], error.value.code


class Tree:
    """A directory under test, with control policies on unless said otherwise."""

    def __init__(self, sandbox: Any, controlled: bool = True) -> None:
        self.sandbox = sandbox
        self.client = sandbox.client("resourcedirectory")
        made = self.client.enable_resource_directory(
            new.EnableResourceDirectoryRequest(enable_mode="CurrentAccount")
        ).body.resource_directory
        self.root = made.root_folder_id
        if controlled:
            self.client.enable_control_policy()

    def folder(self, name: str, parent: str | None = None) -> str:
        request = new.CreateFolderRequest(folder_name=name, parent_folder_id=parent)
        folder_id: str = self.client.create_folder(request).body.folder.folder_id
        return folder_id

    def account(self, name: str, folder: str | None = None) -> str:
        request = new.CreateResourceAccountRequest(display_name=name, parent_folder_id=folder)
        account_id: str = self.client.create_resource_account(request).body.account.account_id
        return account_id

    def policy(self, name: str, document: str = NO_USERS) -> str:
        request = new.CreateControlPolicyRequest(
            policy_name=name, effect_scope="RAM", policy_document=document
        )
        policy_id: str = self.client.create_control_policy(request).body.control_policy.policy_id
        return policy_id

    def attach(self, policy: str, target: str) -> None:
        self.client.attach_control_policy(new.AttachControlPolicyRequest(policy_id=policy, target_id=target))

    def detach(self, policy: str, target: str) -> None:
        self.client.detach_control_policy(new.DetachControlPolicyRequest(policy_id=policy, target_id=target))

    def attached(self, target: str) -> list[str]:
        request = new.ListControlPolicyAttachmentsForTargetRequest(target_id=target)
        body = self.client.list_control_policy_attachments_for_target(request).body
        return [each.policy_id for each in body.control_policy_attachments.control_policy_attachment]

    def inside(self, account_id: str, product: str, entrant: Any) -> Any:
        """A client of a member's access role, entered by a user of the management account."""
        request = sts.AssumeRoleRequest(
            role_arn=f"acs:ram::{account_id}:role/ResourceDirectoryAccountAccessRole",
            role_session_name="entrant",
        )
        keys = self.sandbox.as_key("sts", entrant).assume_role(request).body.credentials
        return self.sandbox.client(product, keys.access_key_id, keys.access_key_secret, keys.security_token)


@pytest.fixture
def tree(fresh_sandbox: Any) -> Tree:
    return Tree(fresh_sandbox)


def create_user(client: Any, name: str = "eve") -> Any:
    return client.create_user(ram.CreateUserRequest(user_name=name))


def test_a_directory_is_opened_once_and_seen_by_both_products(fresh_sandbox: Any) -> None:
    older = fresh_sandbox.client("resourcemanager")
    assert refused(older.get_resource_directory) == (404, "ResourceDirectoryNotInUse")
    assert refused(lambda: older.list_accounts(old.ListAccountsRequest())) == (
        404,
        "EntityNotExists.ResourceDirectory",
    )
    made = older.init_resource_directory().body.resource_directory
    assert made.resource_directory_id.startswith("rd-")
    assert made.root_folder_id.startswith("r-")
    assert refused(older.init_resource_directory) == (409, "EntityAlreadyExists.ResourceDirectory")
    seen = fresh_sandbox.client("resourcedirectory").get_resource_directory().body.resource_directory
    assert seen.resource_directory_id == made.resource_directory_id
    assert seen.control_policy_status == "Disabled"
    assert seen.master_account_id == fresh_sandbox.account_id


def test_folders_nest_five_deep_with_names_of_their_own(tree: Tree) -> None:
    parent = tree.root
    for depth in range(1, 6):
        parent = tree.folder(f"level-{depth}", parent)
    assert refused(lambda: tree.folder("level-6", parent)) == (409, "LimitExceeded.Folder.Depth")
    assert refused(lambda: tree.folder("level-1")) == (400, "InvalidParameter.Folder.Name.AlreadyUsed")
    assert refused(lambda: tree.folder("x" * 25)) == (400, "InvalidParameter.Folder.Name.Length")
    assert refused(lambda: tree.folder("x", "fd-missing")) == (404, "EntityNotExists.Folder")

    deepest = tree.client.get_folder(new.GetFolderRequest(folder_id=parent)).body.folder
    assert deepest.resource_directory_path.count("/") == 6
    assert deepest.resource_directory_path.endswith(f"/{parent}")
    top = tree.client.list_folders_for_parent(new.ListFoldersForParentRequest()).body
    assert [folder.folder_name for folder in top.folders.folder] == ["level-1"]
    tree.client.delete_folder(new.DeleteFolderRequest(folder_id=parent))
    assert refused(
        lambda: tree.client.delete_folder(new.DeleteFolderRequest(folder_id=top.folders.folder[0].folder_id))
    ) == (409, "DeleteConflict.Folder.SubFolder")


def test_members_are_made_moved_and_listed(tree: Tree) -> None:
    prod, test = tree.folder("prod"), tree.folder("test")
    ids = [tree.account(f"member-{number}", prod) for number in range(3)]
    assert all(len(account_id) == 16 for account_id in ids)
    assert refused(lambda: tree.account("member-0")) == (
        409,
        "InvalidParameter.Account.DisplayName.AlreadyUsed",
    )
    tree.client.move_account(new.MoveAccountRequest(account_id=ids[0], destination_folder_id=test))
    moved = tree.client.get_account(new.GetAccountRequest(account_id=ids[0])).body.account
    assert moved.folder_id == test
    assert moved.resource_directory_path.endswith(f"{test}/{ids[0]}")

    older = tree.sandbox.client("resourcemanager")
    pages = [
        older.list_accounts(old.ListAccountsRequest(page_number=number, page_size=2)).body
        for number in (1, 2)
    ]
    assert [page.total_count for page in pages] == [3, 3]
    assert [each.account_id for page in pages for each in page.accounts.account] == ids
    assert refused(lambda: tree.client.delete_folder(new.DeleteFolderRequest(folder_id=prod))) == (
        409,
        "DeleteConflict.Folder.Account",
    )


def test_members_are_listed_by_token_too(tree: Tree) -> None:
    made = {tree.account(f"member-{number}") for number in range(5)}
    seen: list[str] = []
    token = None
    while True:
        body = tree.client.list_accounts(new.ListAccountsRequest(max_results=2, next_token=token)).body
        seen += [account.account_id for account in body.accounts.account]
        token = body.next_token
        if not token:
            break
    assert len(seen) == 5
    assert set(seen) == made


def test_the_management_account_enters_a_member_by_its_role(tree: Tree) -> None:
    member = tree.account("workload")
    allowed = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
    entrant = tree.sandbox.user("operator", allowed)
    client = tree.inside(member, "ram", entrant)
    assert [role.role_name for role in client.list_roles(ram.ListRolesRequest()).body.roles.role] == [
        "ResourceDirectoryAccountAccessRole"
    ]
    stranger = tree.sandbox.other_accounts[0]
    outside = tree.sandbox.client("sts", stranger["access_key_id"], stranger["access_key_secret"])
    request = sts.AssumeRoleRequest(
        role_arn=f"acs:ram::{member}:role/ResourceDirectoryAccountAccessRole", role_session_name="thief"
    )
    assert refused(lambda: outside.assume_role(request)) == (403, "NoPermission")


def test_a_member_sees_the_directory_and_manages_nothing(tree: Tree) -> None:
    member = tree.account("workload")
    allowed = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
    entrant = tree.sandbox.user("operator", allowed)
    client = tree.inside(member, "resourcedirectory", entrant)
    shown = client.get_resource_directory().body.resource_directory
    assert shown.master_account_id == tree.sandbox.account_id
    assert refused(lambda: client.list_accounts(new.ListAccountsRequest())) == (
        403,
        "MemberAccountAccessDenied",
    )


def test_full_access_hangs_on_every_node_once_control_policies_are_on(fresh_sandbox: Any) -> None:
    tree = Tree(fresh_sandbox, controlled=False)
    folder = tree.folder("before")
    member = tree.account("early", folder)
    policy = tree.policy("deny")
    assert refused(lambda: tree.attach(policy, folder)) == (409, "InvalidControlPolicyEnablementStatus")
    assert tree.attached(folder) == []
    on = tree.client.enable_control_policy().body.enablement_status
    assert on == "PendingEnable"
    status = tree.client.get_control_policy_enablement_status().body.enablement_status
    assert status == "Enabled"
    late = tree.account("late", tree.folder("after"))
    assert [tree.attached(node) for node in (tree.root, folder, member, late)] == [[FULL]] * 4


def test_ten_policies_fit_on_a_node_and_the_last_one_stays(tree: Tree) -> None:
    for number in range(9):
        tree.attach(tree.policy(f"deny-{number}"), tree.root)
    more = tree.policy("one-more")
    assert refused(lambda: tree.attach(more, tree.root)) == (409, "LimitExceeded.ControlPolicyAttachment")
    for policy in tree.attached(tree.root)[1:]:
        tree.detach(policy, tree.root)
    assert refused(lambda: tree.detach(FULL, tree.root)) == (400, "NotSupport.DetachLastControlPolicy")
    tree.attach(more, tree.root)
    tree.detach(FULL, tree.root)
    assert tree.attached(tree.root) == [more]
    assert refused(lambda: tree.attach(more, tree.sandbox.account_id)) == (404, "EntityNotExists.Target")


def test_a_control_policy_is_replaced_in_place_and_counted(tree: Tree) -> None:
    folder = tree.folder("prod")
    policy = tree.policy("fence")
    tree.attach(policy, folder)
    tree.attach(policy, tree.root)
    update = new.UpdateControlPolicyRequest(policy_id=policy, new_policy_document=ONLY_RAM_READS)
    assert tree.client.update_control_policy(update).body.control_policy.attachment_count == "2"
    shown = tree.client.get_control_policy(new.GetControlPolicyRequest(policy_id=policy)).body.control_policy
    assert (shown.policy_name, json.loads(shown.policy_document)) == ("fence", json.loads(ONLY_RAM_READS))
    targets = tree.client.list_target_attachments_for_control_policy(
        new.ListTargetAttachmentsForControlPolicyRequest(policy_id=policy)
    ).body.target_attachments.target_attachment
    assert {(each.target_name, each.target_type) for each in targets} == {
        ("Root", "Root"),
        ("prod", "Folder"),
    }
    delete = new.DeleteControlPolicyRequest(policy_id=policy)
    assert refused(lambda: tree.client.delete_control_policy(delete))[0] == 409
    tree.detach(policy, folder)
    tree.detach(policy, tree.root)
    tree.client.delete_control_policy(delete)
    assert refused(lambda: tree.client.get_control_policy(new.GetControlPolicyRequest(policy_id=policy))) == (
        404,
        "EntityNotExists.ControlPolicy",
    )


def test_control_policies_are_listed_by_type_and_page(tree: Tree) -> None:
    made = [tree.policy(f"deny-{number}") for number in range(3)]
    system = tree.client.list_control_policies(new.ListControlPoliciesRequest(policy_type="System")).body
    assert [each.policy_id for each in system.control_policies.control_policy] == [FULL]
    assert system.control_policies.control_policy[0].effect_scope == "All"
    second = tree.client.list_control_policies(
        new.ListControlPoliciesRequest(policy_type="Custom", page_number=2, page_size=2)
    ).body
    assert [each.policy_id for each in second.control_policies.control_policy] == made[2:]
    assert second.total_count == 3


@pytest.mark.parametrize(
    ("name", "document", "scope", "answer"),
    [
        ("1st", NO_USERS, "RAM", (400, "InvalidParameter.PolicyName.InvalidChars")),
        ("n" * 129, NO_USERS, "RAM", (400, "InvalidParameter.PolicyName.Length")),
        ("fine", NO_USERS, "All", (400, "InvalidParameter.EffectScope")),
        ("fine", NO_USERS + " " * 4096, "RAM", (409, "InvalidParameter.PolicyDocument.Length")),
        ("fine", NO_USERS.replace("Deny", "No"), "RAM", (400, "MalformedPolicyDocument")),
        ("FullAliyunAccess", NO_USERS, "RAM", (409, "EntityAlreadyExists.ControlPolicy")),
    ],
)
def test_a_bad_control_policy_is_refused(
    tree: Tree, name: str, document: str, scope: str, answer: tuple[int, str]
) -> None:
    request = new.CreateControlPolicyRequest(policy_name=name, effect_scope=scope, policy_document=document)
    assert refused(lambda: tree.client.create_control_policy(request)) == answer


def test_the_system_policy_cannot_be_changed(tree: Tree) -> None:
    update = new.UpdateControlPolicyRequest(policy_id=FULL, new_description="mine")
    assert refused(lambda: tree.client.update_control_policy(update))[0] == 409
    assert (
        refused(lambda: tree.client.delete_control_policy(new.DeleteControlPolicyRequest(policy_id=FULL)))[0]
        == 409
    )


def test_a_control_policy_binds_members_below_and_nobody_else(tree: Tree) -> None:
    sandbox = tree.sandbox
    prod, test = tree.folder("prod"), tree.folder("test")
    bound, free = tree.account("bound", prod), tree.account("free", test)
    operator = sandbox.user("operator", {"Effect": "Allow", "Action": "*", "Resource": "*"})
    create_user(tree.inside(bound, "ram", operator), "before")

    tree.attach(tree.policy("no-users"), prod)
    with pytest.raises(DaraException) as error:
        create_user(tree.inside(bound, "ram", operator))
    assert error.value.access_denied_detail["PolicyType"] == "ControlPolicy"
    assert error.value.access_denied_detail["NoPermissionType"] == "ExplicitDeny"
    create_user(tree.inside(free, "ram", operator))
    create_user(sandbox.as_key("ram", operator))

    tree.client.move_account(new.MoveAccountRequest(account_id=free, destination_folder_id=prod))
    assert refused(lambda: create_user(tree.inside(free, "ram", operator), "after")) == (403, "NoPermission")
    tree.detach(tree.attached(prod)[1], prod)
    create_user(tree.inside(free, "ram", operator), "after")


def test_every_level_must_allow(tree: Tree) -> None:
    member = tree.account("narrow")
    operator = tree.sandbox.user("operator", {"Effect": "Allow", "Action": "*", "Resource": "*"})
    narrow = tree.policy("reads", ONLY_RAM_READS.replace('"ram:List*"', '"ram:List*", "sts:*"'))
    tree.attach(narrow, member)
    create_user(tree.inside(member, "ram", operator), "full-access-still-there")
    tree.detach(FULL, member)
    client = tree.inside(member, "ram", operator)
    client.list_users(ram.ListUsersRequest())
    with pytest.raises(DaraException) as error:
        create_user(client)
    assert error.value.access_denied_detail["NoPermissionType"] == "ImplicitDeny"


def test_attaching_asks_for_the_policy_and_for_the_node(tree: Tree) -> None:
    account = tree.sandbox.account_id
    prod, test = tree.folder("prod"), tree.folder("test")
    policy = tree.policy("fence")
    path = tree.client.get_folder(new.GetFolderRequest(folder_id=prod)).body.folder.resource_directory_path
    key = tree.sandbox.user(
        "fencer",
        {
            "Effect": "Allow",
            "Action": "resourcemanager:AttachControlPolicy",
            "Resource": [
                f"acs:resourcemanager:*:{account}:policy/controlpolicy/{policy}",
                f"acs:resourcemanager:*:{account}:folder/{path}",
            ],
        },
    )
    client = tree.sandbox.as_key("resourcedirectory", key)

    def attach(policy_id: str, target: str) -> Any:
        return client.attach_control_policy(
            new.AttachControlPolicyRequest(policy_id=policy_id, target_id=target)
        )

    assert refused(lambda: attach(policy, test)) == (403, "NoPermission")
    assert refused(lambda: attach(tree.policy("other"), prod)) == (403, "NoPermission")
    attach(policy, prod)
    assert policy in tree.attached(prod)


def test_switching_the_feature_off_detaches_everything(tree: Tree) -> None:
    member = tree.account("bound")
    tree.attach(tree.policy("no-users"), tree.root)
    operator = tree.sandbox.user("operator", {"Effect": "Allow", "Action": "*", "Resource": "*"})
    assert refused(lambda: create_user(tree.inside(member, "ram", operator))) == (403, "NoPermission")
    tree.client.disable_control_policy()
    assert tree.attached(tree.root) == []
    create_user(tree.inside(member, "ram", operator))
