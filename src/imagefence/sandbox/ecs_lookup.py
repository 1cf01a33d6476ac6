"""Where the behaviours find regions and objects, and what of them authorisation sees."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from imagefence.api import ecs_faults
from imagefence.api.faults import REGION_NOT_FOUND
from imagefence.policy.readings import SharedTags
from imagefence.sandbox.call import Call, Refused, Taggable, finds
from imagefence.sandbox.compute import Disk, Image, Instance, Region, Snapshot, Stateful
from imagefence.sandbox.stock import REGIONS, stock_images

S = TypeVar("S", bound=Stateful)
T = TypeVar("T")


def region_of(call: Call, region_id: str) -> Region:
    """The caller's region; refuses one that does not exist."""
    regions = call.account.regions
    if region_id in regions:
        return regions[region_id]
    if region_id not in REGIONS:
        raise Refused(REGION_NOT_FOUND)
    return regions.setdefault(region_id, Region(region_id))


def anywhere(call: Call, shelf: Callable[[Region], dict[str, S]], item_id: str) -> S | None:
    """The caller's object on a shelf of any region, brought up to now."""
    for region in call.account.regions.values():
        item = shelf(region).get(item_id)
        if item is not None:
            item.settle(call.now)
            return item
    return None


def the_instance(call: Call, instance_id: str) -> Instance:
    """The caller's instance, in any region; refuses an unknown id."""
    item = anywhere(call, lambda region: region.instances, instance_id)
    if item is None:
        raise Refused(ecs_faults.INSTANCE_NOT_FOUND)
    return item


def the_disk(call: Call, disk_id: str) -> Disk:
    """The caller's disk, in any region; refuses an unknown id."""
    item = anywhere(call, lambda region: region.disks, disk_id)
    if item is None:
        raise Refused(ecs_faults.DISK_NOT_FOUND)
    return item


def the_snapshot(call: Call, region: Region, snapshot_id: str) -> Snapshot:
    """The caller's snapshot in a region; refuses an unknown id."""
    item = region.snapshots.get(snapshot_id)
    if item is None:
        raise Refused(ecs_faults.SNAPSHOT_NOT_FOUND)
    item.settle(call.now)
    return item


def own_image(call: Call, region: Region, image_id: str) -> Image:
    """The caller's own image; refuses an unknown id and the images of others."""
    image = region.images.get(image_id)
    if image is None:
        raise Refused(ecs_faults.IMAGE_NOT_FOUND)
    image.settle(call.now)
    return image


def settled(call: Call, items: dict[str, S]) -> list[S]:
    """All objects, brought up to now, in the order of their making."""
    for item in items.values():
        if item.upcoming:
            item.settle(call.now)
    return list(items.values())


def passing(items: list[T], tests: Iterable[Callable[[T], bool]]) -> list[T]:
    """The objects that pass every test, narrowed test by test, which is quicker than object by object."""
    for test in tests:
        items = [one for one in items if test(one)]
    return items


def foreign_images(call: Call, region_id: str) -> Iterator[Image]:
    """The images that other accounts share with the caller or with everybody."""
    for account in call.world.accounts.values():
        region = account.regions.get(region_id)
        if region is None or account is call.account:
            continue
        for image in region.images.values():
            if image.public or call.account.id in image.shared_with:
                image.settle(call.now)
                yield image


def visible_image(call: Call, region_id: str, image_id: str) -> Image | None:
    """An image that the caller may use: its own, the vendor's, shared or public; None for a stranger's."""
    own = region_of(call, region_id).images.get(image_id)
    if own is not None:
        own.settle(call.now)
        return own
    stock = stock_images(region_id).get(image_id)
    if stock is not None:
        return stock
    return next((image for image in foreign_images(call, region_id) if image.id == image_id), None)


def image_of_family(call: Call, region_id: str, family: str) -> Image | None:
    """The newest available image of a family, the caller's own or the vendor's."""
    own = settled(call, region_of(call, region_id).images)
    candidates = [*own, *stock_images(region_id).values()]
    fitting = [image for image in candidates if image.family == family and image.status == "Available"]
    return max(fitting, key=lambda image: (image.created, image.id), default=None)


def source_of(call: Call, image: Image) -> str:
    """Where an image comes from, as the caller sees it: the values of ecs:ImageSource."""
    if image.source != "Custom":
        return image.source
    if image.owner == call.account.id:
        return "Custom"
    return "Shared" if call.account.id in image.shared_with else "Community"


def as_authorised(call: Call, image: Image) -> Taggable:
    """What authorisation sees of an image: of another account's, under the default reading, no tags."""
    if image.owner == call.account.id or call.world.readings.shared_tags is SharedTags.OWNERS:
        return image
    return Image(
        id=image.id,
        owner=image.owner,
        region_id=image.region_id,
        created=image.created,
        name=image.name,
        source=image.source,
    )


@finds("image")
def find_image(call: Call, image_id: str) -> Taggable | None:
    """An image that the caller may use, in the region of the call.

    ReplaceSystemDisk names no region, so its image is looked for in all of them.
    """
    places = [region for region in REGIONS if call.region_id in ("", region)]
    found = (visible_image(call, region, image_id) for region in places)
    image = next((image for image in found if image is not None), None)
    return as_authorised(call, image) if image is not None else None


@finds("imagefamily")
def find_image_family(call: Call, family: str) -> Taggable | None:
    """The image that a family stands for now."""
    return image_of_family(call, call.region_id, family) if call.region_id in REGIONS else None


@finds("instance")
def find_instance(call: Call, instance_id: str) -> Taggable | None:
    """The caller's instance."""
    return anywhere(call, lambda region: region.instances, instance_id)


@finds("disk")
def find_disk(call: Call, disk_id: str) -> Taggable | None:
    """The caller's disk."""
    return anywhere(call, lambda region: region.disks, disk_id)


@finds("snapshot")
def find_snapshot(call: Call, snapshot_id: str) -> Taggable | None:
    """The caller's snapshot."""
    return anywhere(call, lambda region: region.snapshots, snapshot_id)


@finds("securitygroup")
def find_security_group(call: Call, group_id: str) -> Taggable | None:
    """The caller's security group."""
    return anywhere(call, lambda region: region.security_groups, group_id)


@finds("vswitch")
def find_vswitch(call: Call, vswitch_id: str) -> Taggable | None:
    """The caller's vSwitch."""
    return anywhere(call, lambda region: region.vswitches, vswitch_id)


@finds("vpc")
def find_vpc(call: Call, vpc_id: str) -> Taggable | None:
    """The caller's VPC."""
    return anywhere(call, lambda region: region.vpcs, vpc_id)


@finds("keypair")
def find_key_pair(call: Call, name: str) -> Taggable | None:
    """No account has a key pair."""
    # Differs from the cloud: there are no key pairs, so a launch that names one is refused.
    return None
