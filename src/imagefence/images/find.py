"""Images by tag, over accounts and regions at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from imagefence.api.ecs_images import DESCRIBE_IMAGES, DescribeImages
from imagefence.api.ecs_shapes import TagPair
from imagefence.cloud.accounts import AccountSession, at_once
from imagefence.cloud.gap import Gap, gap_of
from imagefence.cloud.session import Session
from imagefence.errors import ImagefenceError, InputError
from imagefence.images.image import Image, image_of, newest_first

OWNERS = ("self", "system", "others", "marketplace")
EVERY_STATUS = ("Creating", "Waiting", "Available", "UnAvailable", "CreateFailed", "Deprecated")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which images: all given parts must hold. A tag with an empty value asks for the key alone."""

    tags: Mapping[str, str] = field(default_factory=dict)
    owner: str = ""
    name: str = ""
    family: str = ""
    platform: str = ""
    image_id: str = ""
    statuses: tuple[str, ...] = ("Available",)


@dataclass(frozen=True, slots=True)
class Found:
    """The images, newest first, and what could not be read."""

    images: tuple[Image, ...]
    gaps: tuple[Gap, ...] = ()


def images_in(session: Session, region_id: str, wanted: Wanted) -> list[Image]:
    """Lists the images of one account in one region, all pages."""
    request = DescribeImages(
        region_id=region_id,
        status=wanted.statuses,
        image_id=(wanted.image_id,) if wanted.image_id else (),
        image_name=wanted.name,
        image_family=wanted.family,
        image_owner_alias=wanted.owner,
        tag=tuple(TagPair(key=key, value=value) for key, value in wanted.tags.items()),
    )
    account_id = session.account_id
    found = (image_of(wire, account_id, region_id) for wire in session.pages(DESCRIBE_IMAGES, request))
    return [image for image in found if on_platform(image, wanted.platform)]


def on_platform(image: Image, platform: str) -> bool:
    """Compares with the platform (`Ubuntu`) or the system's name (`Ubuntu 24.04 64 bit`), in any case."""
    text = platform.lower()
    return text in image.platform.lower() or text in image.system.lower()


def find_images(
    accounts: Sequence[AccountSession],
    region_ids: Iterable[str],
    wanted: Wanted,
    told: Callable[[], None] = lambda: None,
) -> Found:
    """Looks in every account and region at once; `told` is called after each.

    A place that can't be read is a gap; where none can, the first error is raised.
    """
    places = list(product(accounts, region_ids))

    def look(place: tuple[AccountSession, str]) -> list[Image] | ImagefenceError:
        account, region_id = place
        try:
            return images_in(account.session, region_id, wanted)
        except ImagefenceError as error:
            return error
        finally:
            told()

    looks = at_once(look, places)
    errors = [look for look in looks if isinstance(look, ImagefenceError)]
    if errors and len(errors) == len(looks):
        raise errors[0]
    gaps = (
        gap_of(look, account=account.account_id, region=region_id, call="DescribeImages")
        for (account, region_id), look in zip(places, looks, strict=True)
        if isinstance(look, ImagefenceError)
    )
    images = [image for look in looks if not isinstance(look, ImagefenceError) for image in look]
    return Found(tuple(newest_first(each_once(images))), tuple(gaps))


def each_once(images: Iterable[Image]) -> list[Image]:
    """Keeps one view of an image that all accounts see alike: the system's and the market's."""
    kept: dict[tuple[str, ...], Image] = {}
    for image in images:
        common = image.owner in ("system", "marketplace")
        key = (image.region_id, image.id) if common else (image.account_id, image.region_id, image.id)
        kept.setdefault(key, image)
    return list(kept.values())


def chosen_accounts(accounts: Sequence[AccountSession], ids: Sequence[str]) -> tuple[AccountSession, ...]:
    """Keeps the accounts that a user named; all where none was."""
    known = {account.account_id: account for account in accounts}
    for account_id in ids:
        if account_id not in known:
            raise InputError(
                f"account `{account_id}` is not reachable",
                help="reachable accounts: " + ", ".join(known),
            )
    return tuple(known[account_id] for account_id in ids) if ids else tuple(accounts)
