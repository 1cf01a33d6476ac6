"""What hangs where: nodes of the directory, users, groups and roles, each with its policies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from imagefence.org.identities import Identities, Role
from imagefence.org.organization import Organization, nodes
from imagefence.policy.document import Document
from imagefence.policy.policies import AttachedPolicy

NO_PLACE = (0, 0)


class HolderKind(Enum):
    """What policies hang on; the value is the name of its part of a file."""

    NODE = "nodes"
    USER = "users"
    GROUP = "groups"
    ROLE = "roles"


@dataclass(frozen=True, slots=True)
class Hung:
    """A policy on a holder; the document is None where only its name is known. `at`: line and column."""

    name: str
    document: Document | None = None
    system: bool = False
    at: tuple[int, int] = NO_PLACE


@dataclass(frozen=True, slots=True)
class Holder:
    """A node by its path (`Root/Workloads`), or an identity by its name; a user names its groups."""

    kind: HolderKind
    name: str
    policies: tuple[Hung, ...] = ()
    groups: tuple[str, ...] = ()
    trust: Document | None = None
    at: tuple[int, int] = NO_PLACE

    @property
    def custom(self) -> list[Hung]:
        """The policies that are not the vendor's."""
        return [each for each in self.policies if not each.system]


@dataclass(frozen=True, slots=True)
class Arrangement:
    """All holders, and how many versions each custom RAM policy has, where that is known."""

    holders: tuple[Holder, ...] = ()
    versions: tuple[tuple[str, int, tuple[int, int]], ...] = ()

    def of(self, kind: HolderKind) -> list[Holder]:
        """The holders of one kind."""
        return [each for each in self.holders if each.kind is kind]

    def above(self, node: Holder) -> list[Holder]:
        """The nodes above a node, from the top."""
        return [each for each in self.of(HolderKind.NODE) if node.name.startswith(f"{each.name}/")]

    def pool(self, holder: Holder) -> list[Hung]:
        """The policies that hold for an identity: its own, and those of its groups."""
        groups = [each for each in self.of(HolderKind.GROUP) if each.name in holder.groups]
        return [*holder.policies, *(policy for group in groups for policy in group.policies)]


def of_organization(organization: Organization) -> Iterator[Holder]:
    """The nodes of a directory whose control policies are on."""
    if organization.control_policies_enabled:
        for node in nodes(organization.root):
            yield Holder(HolderKind.NODE, node.path, _hung(node.control_policies))


def of_identities(identities: Identities) -> Iterator[Holder]:
    """The users, groups and roles of an account."""
    for user in identities.users:
        yield Holder(HolderKind.USER, user.name, _hung(user.policies), user.groups)
    for group in identities.groups:
        yield Holder(HolderKind.GROUP, group.name, _hung(group.policies))
    for role in identities.roles:
        yield Holder(HolderKind.ROLE, role.name, _hung(role.policies), trust=_own_trust(role))


def _own_trust(role: Role) -> Document | None:
    # Why: nobody can edit the trust of a service-linked role.
    return None if role.service_linked else role.trust


def _hung(policies: tuple[AttachedPolicy, ...]) -> tuple[Hung, ...]:
    return tuple(Hung(each.name, each.document, each.system) for each in policies)
