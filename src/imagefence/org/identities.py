"""The identities of one account as values: users, groups and roles with what is attached to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from imagefence.policy.document import Document
from imagefence.policy.policies import AttachedPolicy
from imagefence.policy.request import Principal, PrincipalKind

SERVICE_LINKED = "AliyunServiceRoleFor"


@dataclass(frozen=True, slots=True)
class User:
    """A RAM user; `groups` holds the names of its groups."""

    name: str
    policies: tuple[AttachedPolicy, ...] = ()
    groups: tuple[str, ...] = ()
    id: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A RAM user group."""

    name: str
    policies: tuple[AttachedPolicy, ...] = ()


@dataclass(frozen=True, slots=True)
class Role:
    """A RAM role; `trust` is None where its trust policy could not be read."""

    name: str
    policies: tuple[AttachedPolicy, ...] = ()
    trust: Document | None = None
    service_linked: bool = False
    id: str = ""


@dataclass(frozen=True, slots=True)
class Identities:
    """All identities of an account."""

    account_id: str
    users: tuple[User, ...] = ()
    groups: tuple[Group, ...] = ()
    roles: tuple[Role, ...] = ()

    def user(self, name: str) -> User | None:
        """Finds a user by name."""
        return next((user for user in self.users if user.name == name), None)

    def group(self, name: str) -> Group | None:
        """Finds a group by name."""
        return next((group for group in self.groups if group.name == name), None)

    def role(self, name: str) -> Role | None:
        """Finds a role by name, whatever its case: acs:PrincipalARN writes role names in lower case."""
        folded = name.lower()
        return next((role for role in self.roles if role.name.lower() == folded), None)


def user_principal(account_id: str, name: str, *, in_management_account: bool = False) -> Principal:
    """Names a RAM user as a caller."""
    return Principal(
        PrincipalKind.USER, f"acs:ram::{account_id}:user/{name}", account_id, in_management_account
    )


def role_principal(
    account_id: str, name: str, *, in_management_account: bool = False, service_linked: bool = False
) -> Principal:
    """Names a role as a caller: lower-case role name, no session name."""
    kind = PrincipalKind.SERVICE_LINKED_ROLE if service_linked else PrincipalKind.ROLE
    arn = f"acs:ram::{account_id}:role/{name.lower()}"
    return Principal(kind, arn, account_id, in_management_account)


def root_principal(account_id: str, *, in_management_account: bool = False) -> Principal:
    """Names the account itself as a caller."""
    return Principal(PrincipalKind.ROOT, f"acs:ram::{account_id}:root", account_id, in_management_account)


def principals(identities: Identities, *, in_management_account: bool = False) -> Iterator[Principal]:
    """Gives every caller of an account: its users, its roles, and the account itself."""
    account = identities.account_id
    for user in identities.users:
        yield user_principal(account, user.name, in_management_account=in_management_account)
    for role in identities.roles:
        yield role_principal(
            account,
            role.name,
            in_management_account=in_management_account,
            service_linked=role.service_linked,
        )
    yield root_principal(account, in_management_account=in_management_account)
