"""A resource directory as a value: the tree of folders and accounts with the control policies on each.

Source: help.aliyun.com resource-management/resource-directory/product-overview, control-policy overview.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from imagefence.policy.policies import AttachedPolicy, Level

ROOT = "Root"


@dataclass(frozen=True, slots=True)
class Account:
    """A member account, or the management account (whose path is `Root/<name>`, without policies)."""

    id: str
    name: str
    path: str
    control_policies: tuple[AttachedPolicy, ...] = ()


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder with what lies in it; `path` is made of names: `Root/Workloads`."""

    id: str
    name: str
    path: str
    children: tuple[Folder, ...] = ()
    accounts: tuple[Account, ...] = ()
    control_policies: tuple[AttachedPolicy, ...] = ()


Node = Folder | Account


@dataclass(frozen=True, slots=True)
class Organization:
    """A directory; the management account hangs in no folder, as no control policy meets it."""

    directory_id: str
    root: Folder
    management_account: Account
    control_policies_enabled: bool = True

    @property
    def accounts(self) -> tuple[Account, ...]:
        """All members, without the management account."""
        return covered_accounts(self.root)


def nodes(root: Folder) -> Iterator[Node]:
    """Walks a folder, the accounts in it and all below it, from the top."""
    yield root
    yield from root.accounts
    for child in root.children:
        yield from nodes(child)


def covered_accounts(node: Node) -> tuple[Account, ...]:
    """Gives the accounts that a policy on a node reaches."""
    if isinstance(node, Account):
        return (node,)
    return tuple(found for found in nodes(node) if isinstance(found, Account))


def find_node(organization: Organization, place: str) -> Node | None:
    """Finds a node by its path (`Root/Workloads`) or by its id (`fd-…`, a member's account id).

    Where two nodes share a path, the folder wins over the account; ids are never ambiguous.
    """
    wanted = place.strip("/")
    found = [node for node in nodes(organization.root) if wanted in (node.path, node.id)]
    return next((node for node in found if isinstance(node, Folder)), found[0] if found else None)


def way_down(organization: Organization, node: Node) -> tuple[Node, ...]:
    """Gives the nodes from Root down to `node`, both included; nothing for a stranger."""
    return _way(organization.root, node.id)


def _way(folder: Folder, wanted: str) -> tuple[Node, ...]:
    if folder.id == wanted:
        return (folder,)
    for account in folder.accounts:
        if account.id == wanted:
            return (folder, account)
    for child in folder.children:
        below = _way(child, wanted)
        if below:
            return (folder, *below)
    return ()


def levels(organization: Organization, account_id: str) -> tuple[Level, ...] | None:
    """Gives the control policies over an account, from Root down to the account itself.

    None where none are asked: control policies are off, or the account is no member (the management
    account above all). Source: help.aliyun.com
    resource-management/resource-directory/user-guide/control-policy-overview.
    """
    if not organization.control_policies_enabled:
        return None
    way = _way(organization.root, account_id)
    if not way or not isinstance(way[-1], Account):
        return None
    return tuple(Level(node.path, node.control_policies) for node in way)
