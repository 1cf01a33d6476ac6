"""Show one image wherever it lies, and change its tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from imagefence.api.ecs_image_shares import (
    DESCRIBE_IMAGE_SHARE_PERMISSION,
    DescribeImageSharePermission,
)
from imagefence.api.ecs_shapes import TagPair
from imagefence.api.ecs_tags import TAG_RESOURCES, UNTAG_RESOURCES, TagResources, UntagResources
from imagefence.cloud.accounts import AccountSession
from imagefence.cloud.gap import Gap, gap_of
from imagefence.cloud.session import Session
from imagefence.errors import ImagefenceError, InputError, Refusal
from imagefence.images.find import EVERY_STATUS, Wanted, find_images
from imagefence.images.image import Image


@dataclass(frozen=True, slots=True)
class Sight:
    """An image as every account that sees it does, its owner's view first, and whom it is shared with."""

    views: tuple[Image, ...]
    shared_with: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()

    @property
    def image(self) -> Image:
        """The best view: the owner's, where it was reached."""
        return self.views[0]

    @property
    def regions(self) -> tuple[str, ...]:
        """Where the image is; only the vendor's have one id in several regions."""
        return tuple(sorted({view.region_id for view in self.views}))

    @property
    def seen_by(self) -> tuple[str, ...]:
        """The accounts that see the image, of those that were asked."""
        return tuple(sorted({view.account_id for view in self.views}))


def find_image(accounts: Sequence[AccountSession], region_ids: Sequence[str], image_id: str) -> Sight:
    """Finds an image by id in any status, the owner's view first; raises InputError where nobody sees it."""
    found = find_images(accounts, region_ids, Wanted(image_id=image_id, statuses=EVERY_STATUS))
    if not found.images:
        unread = f"; {len(found.gaps)} regions could not be read" if found.gaps else ""
        raise InputError(
            f"no image `{image_id}` in accounts {', '.join(one.account_id for one in accounts)}{unread}",
            help="`imagefence images list` shows what is there",
        )
    return Sight(tuple(sorted(found.images, key=lambda image: not image.own)), gaps=found.gaps)


def with_shares(session: Session, sight: Sight) -> Sight:
    """Adds the accounts that the owner shares the image with; only the owner may ask."""
    if not sight.image.own:
        return sight
    request = DescribeImageSharePermission(region_id=sight.image.region_id, image_id=sight.image.id)
    try:
        shares = session.pages(DESCRIBE_IMAGE_SHARE_PERMISSION, request)
        return Sight(sight.views, tuple(share.aliyun_id for share in shares), sight.gaps)
    except ImagefenceError as error:
        gap = gap_of(error, account=sight.image.account_id, region=sight.image.region_id)
        return Sight(sight.views, (), (*sight.gaps, gap))


def tag_image(session: Session, image: Image, tags: Mapping[str, str]) -> None:
    """Sets tags on an own image; a key that exists gets the new value."""
    refuse_foreign(image)
    pairs = tuple(TagPair(key=key, value=value) for key, value in tags.items())
    request = TagResources(
        region_id=image.region_id, resource_type="image", resource_id=(image.id,), tag=pairs
    )
    session.call(TAG_RESOURCES, request)


def untag_image(session: Session, image: Image, keys: Sequence[str]) -> None:
    """Removes tags from an own image; a key that is not there is no error."""
    refuse_foreign(image)
    request = UntagResources(
        region_id=image.region_id, resource_type="image", resource_id=(image.id,), tag_key=tuple(keys)
    )
    session.call(UNTAG_RESOURCES, request)


def refuse_foreign(image: Image) -> None:
    """Refuses images of others: whoever owns an image may change what is in it after it was approved."""
    if image.own:
        return
    kind = {"system": "a stock", "marketplace": "a marketplace"}.get(image.owner, "a shared or community")
    raise Refusal(
        f"`{image.id}` is {kind} image, not account {image.account_id}'s own; tags can't approve it",
        help="copy it into the account (CopyImage) or build an own image, and tag that one",
    )
