"""Town: what the story is played in, once it has been filled."""

from __future__ import annotations

from dataclasses import dataclass, field

from imagefence.cloud.session import Session

HOME, AWAY = "cn-hangzhou", "cn-shanghai"
GOLDEN_KEY, GOLDEN_VALUE = "environment", "production"


@dataclass(frozen=True, slots=True)
class Key:
    """An access key, and by which name the story calls its owner."""

    id: str
    secret: str = field(repr=False)
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Network:
    """Where instances stand in a region."""

    zone_id: str
    v_switch_id: str
    security_group_id: str
    instance_type: str


@dataclass(frozen=True, slots=True)
class Member:
    """An account, its administrator's session, and its networks by region."""

    account_id: str
    name: str
    session: Session
    networks: dict[str, Network] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Gate:
    """The sandbox as its ready file tells of it: the endpoint, two accounts' root keys; and its process."""

    endpoint: str
    account_id: str
    root: Key
    other_account_id: str
    other_root: Key
    process_id: int = 0


@dataclass(slots=True)
class Town:
    """Everything that chapters speak of; images and instances by the names that the story gives them."""

    gate: Gate
    admin_key: Key
    admin: Session
    directory: dict[str, str]
    members: dict[str, Member]
    developer_key: Key
    developer: Session
    solo: Member
    solo_admin_key: Key
    solo_developer: Session
    images: dict[str, str] = field(default_factory=dict)
    instances: dict[str, str] = field(default_factory=dict)
