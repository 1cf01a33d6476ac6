"""The identities of one account: RAM users, groups, roles and policies, as mutable state.

Whatever changes here calls `Identities.changed()`, so that the policies in force are put together anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from imagefence.compiled.engine import Compiled
from imagefence.policy.policies import Policies

SYSTEM = "System"
CUSTOM = "Custom"

PolicyKey = tuple[str, str]  # (PolicyType, PolicyName)
Attachments = dict[PolicyKey, datetime]  # with the date of attaching


@dataclass(slots=True)
class User:
    """A RAM user; `groups` maps group names to the date of joining."""

    name: str
    id: str
    owner: str
    created: datetime
    updated: datetime
    display_name: str = ""
    mobile_phone: str = ""
    email: str = ""
    comments: str = ""
    policies: Attachments = field(default_factory=dict)
    groups: dict[str, datetime] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Group:
    """A RAM user group."""

    name: str
    id: str
    owner: str
    created: datetime
    updated: datetime
    comments: str = ""
    policies: Attachments = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Role:
    """A RAM role; `trust` is the text of its trust policy."""

    name: str
    id: str
    owner: str
    created: datetime
    updated: datetime
    trust: str
    description: str = ""
    max_session_duration_s: int = 3600
    allow_console_login: bool = True
    service_linked: bool = False
    policies: Attachments = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        """The name of the role, in the case it was created with."""
        return f"acs:ram::{self.owner}:role/{self.name}"


@dataclass(slots=True)
class PolicyVersion:
    """One text of a policy."""

    id: str
    document: str
    created: datetime


@dataclass(slots=True)
class Policy:
    """A custom policy with its versions; version ids are never used again."""

    name: str
    owner: str
    created: datetime
    updated: datetime
    versions: dict[str, PolicyVersion]
    default_version: str = "v1"
    last_version: int = 1
    description: str = ""
    type: str = CUSTOM
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def default(self) -> PolicyVersion:
        """The version that is in force."""
        return self.versions[self.default_version]


@dataclass(frozen=True, slots=True)
class InForce:
    """Assembled policies, compiled, and the revisions (identities', directory's) they were made from."""

    revisions: tuple[int, int]
    policies: Policies
    compiled: Compiled


@dataclass(slots=True)
class Identities:
    """Everything RAM knows of one account; custom policies only, as system policies are everyone's.

    `in_force` remembers assembled policies by principal and session policy.
    """

    users: dict[str, User] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    policies: dict[str, Policy] = field(default_factory=dict)
    revision: int = 0
    in_force: dict[tuple[str, str], InForce] = field(default_factory=dict)

    def changed(self) -> None:
        """Marks that a user, group, role, policy or attachment has changed."""
        self.revision += 1
        self.in_force.clear()

    def role(self, name: str) -> Role | None:
        """Finds a role whatever the case of its name (role names are unique without it)."""
        found = self.roles.get(name)
        if found is not None:
            return found
        folded = name.lower()
        return next((role for key, role in self.roles.items() if key.lower() == folded), None)
