"""The state of the sandbox: accounts, regions, directories and what lies in them.

Objects are plain mutable dataclasses; only behaviour files change them. All calls run one after the other
in one thread, so no object is ever seen half-changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from secrets import token_hex

from imagefence.policy.readings import Readings
from imagefence.sandbox.compute import Region
from imagefence.sandbox.directory_state import Directory
from imagefence.sandbox.fault_rules import Faults
from imagefence.sandbox.identities import Identities
from imagefence.sandbox.nonces import Nonces

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The real clock."""
    return datetime.now(UTC)


@dataclass(slots=True)
class AccessKey:
    """A credential and whom it stands for.

    `principal` is `root`, `user/<name>` or `role/<name>`; `token`, `session_name`, `session_policy` and
    `expires` belong to temporary credentials of STS alone.
    """

    id: str
    secret: str
    account_id: str
    principal: str
    created: datetime
    status: str = "Active"
    token: str = ""
    session_name: str = ""
    session_policy: str = ""
    expires: datetime | None = None


@dataclass(slots=True)
class Account:
    """One Alibaba Cloud account: its identities (RAM) and its regions."""

    id: str
    name: str
    identities: Identities = field(default_factory=Identities)
    regions: dict[str, Region] = field(default_factory=dict)
    directory: Directory | None = None


@dataclass(slots=True)
class World:
    """Everything; the clock and the source of ids are parameters."""

    clock: Clock = utc_now
    random: Random = field(default_factory=Random)
    readings: Readings = field(default_factory=Readings)
    settle: timedelta = timedelta(milliseconds=150)
    accounts: dict[str, Account] = field(default_factory=dict)
    keys: dict[str, AccessKey] = field(default_factory=dict)
    control_token: str = field(default_factory=lambda: token_hex(16))
    faults: Faults = field(default_factory=Faults)
    nonces: Nonces = field(default_factory=Nonces)
    client_tokens: dict[tuple[str, ...], tuple[str, object]] = field(default_factory=dict)
