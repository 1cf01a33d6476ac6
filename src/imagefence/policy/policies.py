"""The policies in force for one principal."""

from __future__ import annotations

from dataclasses import dataclass

from imagefence.policy.document import Document


@dataclass(frozen=True, slots=True)
class AttachedPolicy:
    """A document with the name, version and place by which a user knows it.

    `attached_to` is what it hangs on: `user/alice`, `group/dev`, `role/ci`, `Root/Workloads`.
    """

    name: str
    document: Document
    version: str = ""
    attached_to: str = ""
    system: bool = False


@dataclass(frozen=True, slots=True)
class Level:
    """One node of the directory (Root, Folder or Account) and the control policies on it."""

    node: str
    policies: tuple[AttachedPolicy, ...]


@dataclass(frozen=True, slots=True)
class Policies:
    """All that is asked when a principal calls.

    `identity` holds a user's own policies and its groups' in one pool, or a role's. `control` is None
    outside a directory or with control policies off, else the levels from Root down to the account under
    which the resources are named: the caller's, or that of a role to assume. `trust` is the trust policy
    of that role, for sts:AssumeRole alone, and None where it is not known.
    """

    identity: tuple[AttachedPolicy, ...] = ()
    identity_resource_group: tuple[AttachedPolicy, ...] = ()
    session: AttachedPolicy | None = None
    control: tuple[Level, ...] | None = None
    trust: AttachedPolicy | None = None
