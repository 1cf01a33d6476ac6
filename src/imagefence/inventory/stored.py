"""The shapes of a saved snapshot: as the values of `org`, but that policies name their text by number."""

from __future__ import annotations

import msgspec


class Shape(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Base of the shapes: what holds its default is left out, and an unknown field is refused."""


class StoredPolicy(Shape, frozen=True):
    """An attached policy; `document` is the place of its text in the file's `documents`."""

    name: str
    document: int
    version: str = ""
    attached_to: str = ""
    system: bool = False


class StoredHolder(Shape, frozen=True):
    """A user, group or role; `trust` is the place of a role's trust policy."""

    name: str
    id: str = ""
    groups: tuple[str, ...] = ()
    policies: tuple[StoredPolicy, ...] = ()
    trust: int | None = None
    service_linked: bool = False


class StoredIdentities(Shape, frozen=True):
    """The identities of an account."""

    account_id: str
    users: tuple[StoredHolder, ...] = ()
    groups: tuple[StoredHolder, ...] = ()
    roles: tuple[StoredHolder, ...] = ()


class StoredAccount(Shape, frozen=True):
    """An account of the directory."""

    id: str
    name: str
    path: str
    control_policies: tuple[StoredPolicy, ...] = ()


class StoredFolder(Shape, frozen=True):
    """A folder with what lies in it."""

    id: str
    name: str
    path: str
    children: tuple[StoredFolder, ...] = ()
    accounts: tuple[StoredAccount, ...] = ()
    control_policies: tuple[StoredPolicy, ...] = ()


class StoredOrganization(Shape, frozen=True):
    """The directory."""

    directory_id: str
    root: StoredFolder
    management_account: StoredAccount
    control_policies_enabled: bool = True
