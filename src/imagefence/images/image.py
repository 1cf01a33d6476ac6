"""An image as one account sees it in one region."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from imagefence.api import ecs_images as ecs


@dataclass(frozen=True, slots=True)
class Image:
    """An image; `owner` is self, system, others or marketplace, as `account_id` sees it."""

    id: str
    account_id: str
    region_id: str
    name: str = ""
    owner: str = ""
    owner_id: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    status: str = ""
    created_at: str = ""
    family: str = ""
    platform: str = ""
    system: str = ""
    architecture: str = ""
    size_gib: int = 0
    description: str = ""
    public: bool = False
    copied: bool = False

    @property
    def own(self) -> bool:
        """True where the account that sees it owns it."""
        return self.owner == "self"


def newest_first(images: Iterable[Image]) -> list[Image]:
    """Sorts by creation time; ids settle a tie, so that the order is the same each time."""
    return sorted(images, key=lambda image: (image.created_at, image.id), reverse=True)


def image_of(wire: ecs.Image, account_id: str, region_id: str) -> Image:
    """Takes what matters of an image out of DescribeImages."""
    return Image(
        id=wire.image_id,
        account_id=account_id,
        region_id=region_id,
        name=wire.image_name,
        owner=wire.image_owner_alias,
        owner_id=str(wire.image_owner_id or ""),
        tags={tag.tag_key: tag.tag_value for tag in wire.tags.tag},
        status=wire.status,
        created_at=wire.creation_time,
        family=wire.image_family,
        platform=wire.platform or wire.os_type,
        system=wire.os_name_en or wire.os_name,
        architecture=wire.architecture,
        size_gib=wire.size,
        description=wire.description,
        public=wire.is_public,
        copied=wire.is_copied,
    )
