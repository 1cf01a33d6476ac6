"""The state of ECS and VPC in one account and region."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import msgspec

Upcoming = tuple[tuple[datetime, str], ...]


@dataclass(slots=True, kw_only=True)
class Stateful:
    """What every object has: an id, an owner, tags, and a status that moves on with the clock.

    `raw` is the object's encoded item in answers.
    """

    # INVARIANT: whoever changes an object drops `raw`, by `changed`, `retag`, `become` or `settle`.
    id: str
    owner: str
    region_id: str
    created: datetime
    name: str = ""
    description: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    status: str = "Available"
    upcoming: Upcoming = ()
    raw: msgspec.Raw | None = None

    def changed(self) -> None:
        """Drops the encoded item."""
        self.raw = None

    def retag(self, tags: dict[str, str]) -> None:
        """Replaces all tags."""
        self.tags = tags
        self.raw = None

    def become(self, status: str, upcoming: Upcoming = ()) -> None:
        """Takes a status now, and others at later times."""
        self.status = status
        self.upcoming = upcoming
        self.raw = None

    def settle(self, now: datetime) -> None:
        """Takes the statuses that are due."""
        while self.upcoming and self.upcoming[0][0] <= now:
            self.status = self.upcoming[0][1]
            self.upcoming = self.upcoming[1:]
            self.raw = None


@dataclass(frozen=True, slots=True)
class ImageDisk:
    """One disk of an image: `/dev/xvda` is the system disk."""

    device: str
    size_gib: int
    snapshot_id: str = ""


@dataclass(slots=True, kw_only=True)
class Image(Stateful):
    """An image; `source` is System, Custom or Marketplace, `shared_with` maps accounts to times.

    A custom image with `public` set is a community image. An image of the vendor has no owner.
    """

    source: str = "Custom"
    platform: str = "Others Linux"
    os_type: str = "linux"
    os_name: str = ""
    architecture: str = "x86_64"
    boot_mode: str = "UEFI-Preferred"
    family: str = ""
    version: str = ""
    size_gib: int = 40
    copied: bool = False
    public: bool = False
    shared_with: dict[str, datetime] = field(default_factory=dict)
    disks: tuple[ImageDisk, ...] = ()
    resource_group_id: str = ""
    login_as_non_root: bool = True
    imds_support: str = "v2"


@dataclass(slots=True, kw_only=True)
class Disk(Stateful):
    """A cloud disk; `kind` is system or data, `device` and `instance_id` are empty while it is detached."""

    kind: str
    size_gib: int
    zone_id: str
    category: str = "cloud_essd"
    device: str = ""
    instance_id: str = ""
    image_id: str = ""
    snapshot_id: str = ""
    delete_with_instance: bool = True
    encrypted: bool = False
    kms_key_id: str = ""
    performance_level: str = "PL1"
    attached: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Snapshot(Stateful):
    """A snapshot of a disk; it goes from progressing to accomplished."""

    disk_id: str
    disk_kind: str
    size_gib: int
    retention_days: int = 0
    encrypted: bool = False


@dataclass(slots=True, kw_only=True)
class SecurityGroup(Stateful):
    """A security group; `vpc_id` is empty in the classic network."""

    vpc_id: str = ""
    kind: str = "normal"


@dataclass(slots=True, kw_only=True)
class VSwitch(Stateful):
    """A vSwitch; `next_host` counts the addresses given out."""

    vpc_id: str
    zone_id: str
    cidr: str
    default: bool = False
    next_host: int = 10


@dataclass(slots=True, kw_only=True)
class Vpc(Stateful):
    """A VPC."""

    cidr: str
    router_id: str
    route_table_id: str
    default: bool = False


@dataclass(slots=True, kw_only=True)
class Instance(Stateful):
    """An instance; `image_id` names the image its system disk was made from."""

    image_id: str
    instance_type: str
    zone_id: str
    system_disk_id: str
    host_name: str = ""
    vpc_id: str = ""
    vswitch_id: str = ""
    private_ip: str = ""
    public_ip: str = ""
    mac: str = ""
    eni_id: str = ""
    serial: str = ""
    security_group_ids: tuple[str, ...] = ()
    key_pair_name: str = ""
    charge_type: str = "PostPaid"
    internet_charge_type: str = "PayByTraffic"
    bandwidth_in: int = 0
    bandwidth_out: int = 0
    spot_strategy: str = "NoSpot"
    os_name: str = ""
    os_type: str = "linux"
    platform: str = "Others Linux"
    architecture: str = "x86_64"
    deletion_protection: bool = False
    http_tokens: str = "optional"
    login_as_non_root: bool = False
    resource_group_id: str = ""
    started: datetime | None = None
    stopped_mode: str = "Not-applicable"


@dataclass(slots=True)
class Region:
    """All that one account has in one region, by id."""

    id: str
    images: dict[str, Image] = field(default_factory=dict)
    instances: dict[str, Instance] = field(default_factory=dict)
    disks: dict[str, Disk] = field(default_factory=dict)
    snapshots: dict[str, Snapshot] = field(default_factory=dict)
    security_groups: dict[str, SecurityGroup] = field(default_factory=dict)
    vpcs: dict[str, Vpc] = field(default_factory=dict)
    vswitches: dict[str, VSwitch] = field(default_factory=dict)
