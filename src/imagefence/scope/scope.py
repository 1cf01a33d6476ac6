"""The Scope: which images are approved, how the fence stands, who is exempt. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Distribute(Enum):
    """How golden images reach the accounts: copied into each and tagged there, or shared."""

    COPY = "copy"
    SHARE = "share"


class Form(Enum):
    """The form of the fence (Denies beside FullAliyunAccess, or Allows instead; docs/fence.md)."""

    DENY = "deny"
    ALLOW = "allow"
    BOTH = "both"

    @property
    def denies(self) -> bool:
        """True where the launch itself is denied."""
        return self is not Form.ALLOW

    @property
    def allows(self) -> bool:
        """True where FullAliyunAccess gives way to a list of Allows."""
        return self is not Form.DENY


class May(Enum):
    """What an exempt role is let do."""

    TAG = "tag"
    CREATE_IMAGE = "create-image"
    LAUNCH = "launch"


class ImageCreation(Enum):
    """Which creations of images are denied to all but the exempt roles (docs/semantics.md, U-11)."""

    TAGGED = "tagged"
    ALL = "all"


class OtherLaunchers(Enum):
    """Whether the calls that let a service launch outside control policies stay open (section 10, item 4)."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class RoadChoice:
    """Which of the roads that can be closed are: those named or `every` one, less those in `but`.

    `close` and `but` hold names of roads and of groups. What is in `but` stays open by choice; a road that
    nobody speaks of is open as well.
    """

    every: bool = False
    close: tuple[str, ...] = ()
    but: tuple[str, ...] = ()


class FixDefault(Enum):
    """What `fix plan` proposes for a finding that nobody decided on."""

    ASK = "ask"
    TAG = "tag"
    REPLACE = "replace"
    RETIRE = "retire"


@dataclass(frozen=True, slots=True)
class Exemption:
    """A role that one or more Denies of the fence leave out; `until` is an aware UTC time.

    `trust` names who may assume it; without any it is the management account, or the own one outside a
    directory.
    """

    role: str
    may: frozenset[May]
    until: datetime | None = None
    reason: str = ""
    trust: tuple[str, ...] = ()

    @property
    def pattern(self) -> str:
        """The value for acs:PrincipalARN; roles appear there in lower case."""
        return f"acs:ram:*:*:role/{self.role.lower()}"


@dataclass(frozen=True, slots=True)
class Attachment:
    """Where the fence hangs: nodes by path (`Root/Workloads`) or id, or principals by name."""

    nodes: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()

    @property
    def principals(self) -> tuple[tuple[str, str], ...]:
        """The principals as pairs of kind (`user`, `group`, `role`) and name."""
        return (
            *(("user", name) for name in self.users),
            *(("group", name) for name in self.groups),
            *(("role", name) for name in self.roles),
        )


@dataclass(frozen=True, slots=True)
class Scope:
    """A `fence.yaml`: `tags` maps each approved key to its values (keys AND, values OR).

    `contact` says whom a refused developer asks: a name, a mail address or a page.
    """

    tags: Mapping[str, tuple[str, ...]]
    owner_accounts: tuple[str, ...] = ()
    distribute: Distribute = Distribute.COPY
    form: Form = Form.DENY
    attach: Attachment = Attachment()
    image_creation: ImageCreation = ImageCreation.TAGGED
    other_launchers: OtherLaunchers = OtherLaunchers.OPEN
    roads: RoadChoice = RoadChoice()
    exemptions: tuple[Exemption, ...] = ()
    fix_default: FixDefault = FixDefault.ASK
    contact: str = ""
    source: str = "fence.yaml"
    warnings: tuple[str, ...] = ()

    def exempt_to(self, may: May) -> tuple[Exemption, ...]:
        """Gives the exemptions that may do this."""
        return tuple(e for e in self.exemptions if may in e.may)


def wears_tags(scope: Scope, tags: Mapping[str, str]) -> bool:
    """Tells whether the tags hold every approved key with one of its values, to the letter."""
    return all(tags.get(key) in values for key, values in scope.tags.items())


def missing_tags(scope: Scope, tags: Mapping[str, str]) -> tuple[str, ...]:
    """Lists the approved keys that the tags lack or hold with another value, as `key=value|value`."""
    return tuple(
        f"{key}={'|'.join(values)}" for key, values in scope.tags.items() if tags.get(key) not in values
    )


def approves(scope: Scope, tags: Mapping[str, str], owner: str, *, used_by: str) -> bool:
    """Tells whether an image of account `owner` is approved for launches in account `used_by`.

    A receiver sees no tags of a shared image (docs/semantics.md, U-10), so with `share` its owner speaks
    for it;
    with `copy` the image must be the account's own, or an owner account's, and wear the tags.
    """
    if owner != used_by and owner not in scope.owner_accounts:
        return False
    if scope.distribute is Distribute.SHARE:
        return owner in scope.owner_accounts and (owner != used_by or wears_tags(scope, tags))
    return wears_tags(scope, tags)
