"""Snapshot: the fleet as it was read at one time, with the gaps in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from imagefence.cloud.gap import Gap


class Origin(Enum):
    """Whose an image is, as the account that uses it sees it (DescribeImages ImageOwnerAlias)."""

    OWN = "own"
    SHARED = "shared"
    COMMUNITY = "community"
    MARKETPLACE = "marketplace"
    STOCK = "stock"


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """An account that was looked at; `path` is its place in the directory, empty outside one."""

    id: str
    name: str = ""
    path: str = ""
    management: bool = False


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """An image as `account_id` sees it in `region_id`; `tags` are those that account sees."""

    id: str
    account_id: str
    region_id: str
    origin: Origin
    name: str = ""
    owner_id: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    status: str = ""
    created_at: datetime | None = None
    copied: bool = False
    family: str = ""
    system: str = ""
    platform: str = ""
    architecture: str = ""
    size_gib: int = 0


@dataclass(frozen=True, slots=True)
class InstanceRecord:
    """An instance; `image_id` is that of its system disk, which ReplaceSystemDisk changes.

    `launched_from` is the image id that DescribeInstances tells, where it differs from the disk's.
    """

    id: str
    account_id: str
    region_id: str
    image_id: str
    name: str = ""
    status: str = ""
    instance_type: str = ""
    zone_id: str = ""
    created_at: datetime | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    system_disk_id: str = ""
    launched_from: str = ""


# One image is seen by several accounts, each with its own view of its tags.
ImageKey = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The fleet; nothing in it is missing but what `gaps` says."""

    taken_at: datetime
    accounts: tuple[AccountRecord, ...] = ()
    regions: tuple[str, ...] = ()
    images: tuple[ImageRecord, ...] = ()
    instances: tuple[InstanceRecord, ...] = ()
    gaps: tuple[Gap, ...] = ()

    @property
    def whole(self) -> bool:
        """True when everything asked for was read."""
        return not self.gaps

    def by_key(self) -> dict[ImageKey, ImageRecord]:
        """Images by (account that sees it, region, image id)."""
        return {(image.account_id, image.region_id, image.id): image for image in self.images}
