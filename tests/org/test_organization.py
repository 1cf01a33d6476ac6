"""The directory as a value: finding nodes, what they cover, and the control policies over an account."""

from __future__ import annotations

from dataclasses import replace

import pytest

from imagefence.org.identities import (
    Group,
    Identities,
    Role,
    User,
    principals,
    role_principal,
    root_principal,
    user_principal,
)
from imagefence.org.in_force import policies_in_force
from imagefence.org.organization import (
    Account,
    Folder,
    Organization,
    covered_accounts,
    find_node,
    levels,
    nodes,
    way_down,
)
from imagefence.policy.document import PolicyKind
from imagefence.policy.parse import parse
from imagefence.policy.policies import AttachedPolicy
from imagefence.policy.request import PrincipalKind

EVERYTHING = parse(
    '{"Version": "1", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}', PolicyKind.CONTROL
)


def policy(name: str) -> AttachedPolicy:
    return AttachedPolicy(name, EVERYTHING)


FULL = policy("FullAliyunAccess")
DEV = Account("1000000000000002", "dev", "Root/Workloads/dev", (FULL, policy("on-dev")))
OPS = Account("1000000000000003", "ops", "Root/ops", (FULL,))
DEEP = Folder("fd-2", "deep", "Root/Workloads/deep", control_policies=(FULL,))
WORKLOADS = Folder("fd-1", "Workloads", "Root/Workloads", (DEEP,), (DEV,), (FULL, policy("on-workloads")))
ROOT = Folder("r-1", "Root", "Root", (WORKLOADS,), (OPS,), (FULL,))
MANAGEMENT = Account("1000000000000001", "management", "Root/management")
TREE = Organization("rd-1", ROOT, MANAGEMENT)


def test_the_tree_is_walked_from_the_top() -> None:
    assert [node.path for node in nodes(ROOT)] == [
        "Root",
        "Root/ops",
        "Root/Workloads",
        "Root/Workloads/dev",
        "Root/Workloads/deep",
    ]


def test_the_management_account_is_none_of_the_accounts() -> None:
    assert {account.name for account in TREE.accounts} == {"dev", "ops"}


@pytest.mark.parametrize(
    ("place", "found"),
    [
        ("Root", ROOT),
        ("Root/Workloads", WORKLOADS),
        ("Root/Workloads/", WORKLOADS),
        ("fd-2", DEEP),
        ("1000000000000002", DEV),
        ("Root/Workloads/dev", DEV),
        ("Workloads", None),
        ("Root/workloads", None),
        ("1000000000000001", None),
    ],
)
def test_a_node_is_found_by_path_or_id(place: str, found: Folder | Account | None) -> None:
    assert find_node(TREE, place) == found


def test_a_folder_wins_over_an_account_of_the_same_path() -> None:
    same = replace(OPS, path="Root/Workloads")
    assert find_node(replace(TREE, root=replace(ROOT, accounts=(same,))), "Root/Workloads") == WORKLOADS


def test_a_policy_on_a_node_covers_the_accounts_below() -> None:
    assert covered_accounts(WORKLOADS) == (DEV,)
    assert covered_accounts(OPS) == (OPS,)
    assert covered_accounts(DEEP) == ()
    assert set(covered_accounts(ROOT)) == {DEV, OPS}


def test_the_way_down_ends_at_the_node() -> None:
    assert way_down(TREE, DEEP) == (ROOT, WORKLOADS, DEEP)
    assert way_down(TREE, MANAGEMENT) == ()


def test_levels_run_from_root_to_the_account() -> None:
    found = levels(TREE, DEV.id)
    assert found is not None
    assert [(level.node, [each.name for each in level.policies]) for level in found] == [
        ("Root", ["FullAliyunAccess"]),
        ("Root/Workloads", ["FullAliyunAccess", "on-workloads"]),
        ("Root/Workloads/dev", ["FullAliyunAccess", "on-dev"]),
    ]


@pytest.mark.parametrize("account_id", [MANAGEMENT.id, "1999999999999999", "fd-1"])
def test_no_levels_over_an_account_that_is_no_member(account_id: str) -> None:
    assert levels(TREE, account_id) is None


def test_no_levels_while_control_policies_are_off() -> None:
    assert levels(replace(TREE, control_policies_enabled=False), DEV.id) is None


IDENTITIES = Identities(
    DEV.id,
    users=(User("alice", (policy("own"),), ("devs", "gone")), User("bob")),
    groups=(Group("devs", (policy("shared"), policy("more"))),),
    roles=(Role("ImageAdmin", (policy("tagging"),)), Role("Linked", service_linked=True)),
)


def names(found: tuple[AttachedPolicy, ...]) -> list[str]:
    return [each.name for each in found]


def test_a_user_has_its_own_policies_and_its_groups() -> None:
    alice = policies_in_force(TREE, IDENTITIES, user_principal(DEV.id, "alice"))
    assert names(alice.identity) == ["own", "shared", "more"]
    assert alice.control is not None
    assert len(alice.control) == 3
    assert policies_in_force(TREE, IDENTITIES, user_principal(DEV.id, "bob")).identity == ()


def test_a_role_is_found_by_its_lower_case_name() -> None:
    principal = role_principal(DEV.id, "ImageAdmin")
    assert principal.arn == f"acs:ram::{DEV.id}:role/imageadmin"
    assert names(policies_in_force(None, IDENTITIES, principal).identity) == ["tagging"]


def test_the_root_has_no_policies_of_its_own() -> None:
    assert policies_in_force(TREE, IDENTITIES, root_principal(DEV.id)).identity == ()


def test_without_a_directory_there_is_no_control() -> None:
    assert policies_in_force(None, IDENTITIES, user_principal(DEV.id, "alice")).control is None


def test_a_session_policy_is_handed_through() -> None:
    session = policy("session")
    found = policies_in_force(None, IDENTITIES, role_principal(DEV.id, "imageadmin"), session=session)
    assert found.session is session


def test_every_caller_of_an_account_is_named() -> None:
    found = list(principals(IDENTITIES))
    assert [(each.kind, each.arn.rpartition(":")[2]) for each in found] == [
        (PrincipalKind.USER, "user/alice"),
        (PrincipalKind.USER, "user/bob"),
        (PrincipalKind.ROLE, "role/imageadmin"),
        (PrincipalKind.SERVICE_LINKED_ROLE, "role/linked"),
        (PrincipalKind.ROOT, "root"),
    ]
    assert not any(each.in_management_account for each in found)
    assert all(each.in_management_account for each in principals(IDENTITIES, in_management_account=True))
