"""The fleet: every instance of every account and region, with the images that it runs on.

Source: help.aliyun.com ecs/developer-reference, DescribeInstances, DescribeDisks, DescribeImages.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from difflib import get_close_matches

from imagefence.api.ecs_disks import DESCRIBE_DISKS, DescribeDisks, Disk
from imagefence.api.ecs_images import DESCRIBE_IMAGES, DescribeImages, Image
from imagefence.api.ecs_instances import DESCRIBE_INSTANCES, DescribeInstances, Instance
from imagefence.api.ecs_shapes import Tags
from imagefence.cloud.accounts import THREADS, AccountSession, at_once, reachable_accounts, regions
from imagefence.cloud.gap import Gap, gap_of
from imagefence.cloud.session import Session
from imagefence.errors import CloudFault, ConfigError, Unreachable
from imagefence.inventory.organization import read_organization
from imagefence.inventory.reading import Reader
from imagefence.inventory.snapshot import AccountRecord, ImageRecord, InstanceRecord, Origin, Snapshot
from imagefence.org.organization import Organization

Progress = Callable[[int, int], None]

# Why: without Status only Available images are listed, and instances outlive the good state of their image.
EVERY_STATUS = ("Creating", "Waiting", "Available", "UnAvailable", "CreateFailed", "Deprecated")
# Where an image that is not the account's own can lie: alias and IsPublic of DescribeImages.
ELSEWHERE: tuple[tuple[str, bool | None], ...] = (
    ("system", None),
    ("others", None),
    ("others", True),
    ("marketplace", None),
)
ORIGINS = {"self": Origin.OWN, "system": Origin.STOCK, "marketplace": Origin.MARKETPLACE}


@dataclass(frozen=True, slots=True)
class Place:
    """What lies in one region of one account."""

    images: tuple[ImageRecord, ...]
    instances: tuple[InstanceRecord, ...]
    gaps: tuple[Gap, ...]


def silent(done: int, whole: int) -> None:
    """Shows no progress."""


def read_fleet(
    session: Session,
    *,
    accounts: Collection[str] = (),
    region_ids: Collection[str] = (),
    progress: Progress = silent,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Snapshot:
    """Reads every account that the session reaches, in all its regions, or only those named.

    `progress` is told how many of the places are read. Raises ConfigError for an account out of reach.
    """
    reached, gaps = reachable_accounts(session)
    # Why: the directory is read here for names and paths alone; no gap in it hides an instance.
    organization, _ = read_organization(session, policies=False)
    known = account_records(reached, gaps, organization)
    chosen = choose(known, accounts)
    sessions = [one for one in reached if one.account_id in chosen]
    gaps = tuple(gap for gap in gaps if not gap.account or gap.account in chosen)
    wanted, region_gaps = places_of(sessions, region_ids)
    read = read_places(wanted, progress)
    return Snapshot(
        taken_at=clock(),
        accounts=tuple(record for record in known if record.id in chosen),
        regions=tuple(dict.fromkeys(region for _, region in wanted)),
        images=tuple(image for place in read for image in place.images),
        instances=tuple(instance for place in read for instance in place.instances),
        gaps=(*gaps, *region_gaps, *(gap for place in read for gap in place.gaps)),
    )


def account_records(
    reached: Sequence[AccountSession], gaps: Sequence[Gap], organization: Organization | None
) -> tuple[AccountRecord, ...]:
    """The accounts that were reached, then those that could not be, in the order of the directory."""
    records = {
        one.account_id: AccountRecord(one.account_id, one.name, management=one.management) for one in reached
    }
    for gap in gaps:
        if gap.account and gap.account not in records:
            records[gap.account] = AccountRecord(gap.account)
    if organization is None:
        return tuple(records.values())
    placed = {one.id: one for one in (organization.management_account, *organization.accounts)}
    ordered = [*(records[id_] for id_ in placed if id_ in records)]
    ordered += [record for record in records.values() if record.id not in placed]
    return tuple(
        replace(record, path=placed[record.id].path, name=record.name or placed[record.id].name)
        if record.id in placed
        else record
        for record in ordered
    )


def choose(known: Sequence[AccountRecord], wanted: Collection[str]) -> frozenset[str]:
    """The ids of the accounts asked for, by id or name; all without any."""
    names = {name for record in known for name in (record.id, record.name) if name}
    for name in wanted:
        if name not in names:
            raise ConfigError(
                f"account `{name}` is not within reach",
                help=f"reached: {', '.join(record.name or record.id for record in known)}",
            )
    return frozenset(r.id for r in known if not wanted or r.id in wanted or r.name in wanted)


def places_of(
    sessions: Sequence[AccountSession], region_ids: Collection[str]
) -> tuple[list[tuple[AccountSession, str]], list[Gap]]:
    """Every pair of account and region to read, and the accounts whose regions could not be listed."""
    if region_ids:
        check_regions(sessions, region_ids)
        return [(one, region) for one in sessions for region in region_ids], []
    listed = at_once(regions_or_gap, sessions)
    gaps = [found for found in listed if isinstance(found, Gap)]
    places = [
        (one, region)
        for one, found in zip(sessions, listed, strict=True)
        if not isinstance(found, Gap)
        for region in found
    ]
    return places, gaps


def check_regions(sessions: Sequence[AccountSession], region_ids: Collection[str]) -> None:
    """Raises ConfigError for a region that the cloud does not have."""
    known = regions_or_gap(sessions[0]) if sessions else ()
    if isinstance(known, Gap):
        return
    for region in region_ids:
        if known and region not in known:
            near = get_close_matches(region, known, 1)
            meant = f"did you mean `{near[0]}`?" if near else f"there are {', '.join(known)}"
            raise ConfigError(f"there is no region `{region}`", help=meant)


def regions_or_gap(one: AccountSession) -> tuple[str, ...] | Gap:
    """The regions of an account, or why they could not be listed."""
    try:
        return regions(one.session)
    except (CloudFault, Unreachable) as error:
        return gap_of(error, account=one.account_id, call="DescribeRegions")


def read_places(wanted: Sequence[tuple[AccountSession, str]], progress: Progress) -> list[Place]:
    """Reads the places at once, in a few threads, and gives them in the order asked for."""
    progress(0, len(wanted))
    with ThreadPoolExecutor(max_workers=THREADS) as pool:
        futures = [pool.submit(read_place, one, region) for one, region in wanted]
        for done, _ in enumerate(as_completed(futures), start=1):
            progress(done, len(wanted))
        return [future.result() for future in futures]


def read_place(one: AccountSession, region_id: str) -> Place:
    """Reads the instances of a region, their system disks, and the images that matter to them."""
    reader = Reader(one.session, one.account_id)
    listed = reader.items(DESCRIBE_INSTANCES, DescribeInstances(region_id=region_id))
    disks = read_system_disks(reader, region_id) if listed else {}
    instances = {
        instance.instance_id: instance_record(
            instance, disks.get(instance.instance_id), one.account_id, region_id
        )
        for instance in listed
    }
    images = read_images(reader, region_id, {instance.image_id for instance in instances.values()})
    return Place(images, tuple(instances.values()), tuple(reader.gaps))


def read_system_disks(reader: Reader, region_id: str) -> dict[str, Disk]:
    """The system disks by instance."""
    disks = reader.items(DESCRIBE_DISKS, DescribeDisks(region_id=region_id, disk_type="system"))
    return {disk.instance_id: disk for disk in disks if disk.instance_id}


def read_images(reader: Reader, region_id: str, used: Collection[str]) -> tuple[ImageRecord, ...]:
    """The account's own images, and every other one that its instances run on."""
    request = DescribeImages(region_id=region_id, image_owner_alias="self", status=EVERY_STATUS)
    own = reader.items(DESCRIBE_IMAGES, request)
    found = {image.image_id: image_record(image, reader.account_id, region_id) for image in own}
    for image_id in sorted(set(used) - set(found) - {""}):
        image = look_up(reader, region_id, image_id)
        if image is not None:
            found[image_id] = image_record(image, reader.account_id, region_id)
    return tuple(found.values())


def look_up(reader: Reader, region_id: str, image_id: str) -> Image | None:
    """An image of somebody else, by id; None when no kind of owner has it (any more)."""
    for alias, public in ELSEWHERE:
        request = DescribeImages(
            region_id=region_id,
            image_id=(image_id,),
            image_owner_alias=alias,
            is_public=public,
            status=EVERY_STATUS,
        )
        for image in reader.items(DESCRIBE_IMAGES, request):
            if isinstance(image, Image) and image.image_id == image_id:
                return image
    return None


def image_record(image: Image, account_id: str, region_id: str) -> ImageRecord:
    """An image as the account sees it."""
    elsewhere = Origin.COMMUNITY if image.is_public else Origin.SHARED
    origin = ORIGINS.get(image.image_owner_alias, elsewhere)
    owner = str(image.image_owner_id) if image.image_owner_id else ""
    return ImageRecord(
        id=image.image_id,
        account_id=account_id,
        region_id=region_id,
        origin=origin,
        name=image.image_name,
        owner_id=account_id if origin is Origin.OWN else owner,
        tags=tags_of(image.tags),
        status=image.status,
        created_at=moment(image.creation_time),
        copied=image.is_copied,
        family=image.image_family,
        system=image.os_name_en or image.os_name,
        platform=image.platform,
        architecture=image.architecture,
        size_gib=image.size,
    )


def instance_record(instance: Instance, disk: Disk | None, account_id: str, region_id: str) -> InstanceRecord:
    """An instance with the image of its system disk, or of its launch where the disk is not known."""
    on_disk = disk.image_id if disk and disk.image_id else instance.image_id
    return InstanceRecord(
        id=instance.instance_id,
        account_id=account_id,
        region_id=region_id,
        image_id=on_disk,
        name=instance.instance_name,
        status=instance.status,
        instance_type=instance.instance_type,
        zone_id=instance.zone_id,
        created_at=moment(instance.creation_time),
        tags=tags_of(instance.tags),
        system_disk_id=disk.disk_id if disk else "",
        launched_from=instance.image_id if on_disk != instance.image_id else "",
    )


def tags_of(tags: Tags) -> dict[str, str]:
    """Tags as a mapping."""
    return {tag.tag_key: tag.tag_value for tag in tags.tag}


def moment(text: str) -> datetime | None:
    """A time of the wire, with or without seconds; None where there is none."""
    return datetime.fromisoformat(text) if text else None
