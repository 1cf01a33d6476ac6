"""Behaviour of ECS: images."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from imagefence.api import ecs_images as ecs
from imagefence.sandbox.call import Call, Refused, performs
from imagefence.sandbox.compute import Image, Region
from imagefence.sandbox.ecs_lookup import foreign_images, passing, region_of, settled, source_of
from imagefence.sandbox.ecs_paging import numbered
from imagefence.sandbox.ecs_parts import creation_test, fuzzy, has_tags, tag_items, to_seconds
from imagefence.sandbox.stock import TYPES, stock_images

ALIASES = {"System": "system", "Custom": "self", "Shared": "others", "Community": "others"}
Test = Callable[[Image], bool]


@performs(ecs.DESCRIBE_IMAGES)
def describe_images(call: Call, request: ecs.DescribeImages) -> ecs.DescribeImagesAnswer:
    """Lists images; by default the available ones of the system, of the caller and shared with it."""
    region = region_of(call, request.region_id)
    used = {instance.image_id for instance in region.instances.values()}
    tests = [*name_tests(call, request), *kind_tests(request), *use_tests(request, used)]
    found = passing(offered(call, region, request), tests)
    page = numbered(found, request.page_number, request.page_size)
    items = tuple(image_item(call, image, used) for image in page.items)
    return ecs.DescribeImagesAnswer(
        images=ecs.Images(image=items),
        page_number=request.page_number,
        page_size=request.page_size,
        region_id=region.id,
        total_count=page.total,
    )


def offered(call: Call, region: Region, request: ecs.DescribeImages) -> list[Image]:
    """The images of the owners that the request names.

    Community images come only with IsPublic under the alias `others`; marketplace images are not sold here.
    Source: help.aliyun.com ecs DescribeImages, ImageOwnerAlias and IsPublic.
    """
    alias = request.image_owner_alias
    if alias not in ("", "system", "self", "others", "marketplace"):
        raise Refused(ecs.BAD_OWNER_ALIAS)
    images: list[Image] = []
    if alias in ("", "self") and not request.is_public:
        images += reversed(settled(call, region.images))
    if alias in ("", "others"):
        images += others(call, region, request)
    if alias in ("", "system"):
        images += stock_images(region.id).values()
    return images


def others(call: Call, region: Region, request: ecs.DescribeImages) -> Iterable[Image]:
    """Shared images, or with IsPublic the community's; ImageOwnerId narrows both."""
    community = request.is_public is True
    wanted = str(request.image_owner_id) if request.image_owner_id else ""
    for image in foreign_images(call, region.id):
        shown = image.public if community else call.account.id in image.shared_with
        if shown and wanted in ("", image.owner):
            yield image


def name_tests(call: Call, request: ecs.DescribeImages) -> Iterable[Test]:
    """The tests of ids, names, families and tags that the request asks for."""
    if request.image_id:
        yield lambda image: image.id in request.image_id
    if request.image_name:
        matches = fuzzy(request.image_name)
        yield lambda image: matches(image.name)
    if request.image_family:
        yield lambda image: image.family == request.image_family
    if request.tag:
        yield lambda image: has_tags(seen_tags(call, image), request.tag)
    if request.resource_group_id:
        yield lambda image: image.resource_group_id == request.resource_group_id
    if request.snapshot_id:
        yield lambda image: any(disk.snapshot_id == request.snapshot_id for disk in image.disks)


def kind_tests(request: ecs.DescribeImages) -> Iterable[Test]:
    """The tests of status, system and machine; a status list given empty means the default."""
    statuses = request.status or ("Available",)
    yield lambda image: image.status in statuses
    if request.os_type:
        if request.os_type not in ("linux", "windows"):
            raise Refused(ecs.BAD_OS_TYPE)
        yield lambda image: image.os_type == request.os_type
    if request.architecture:
        yield lambda image: image.architecture == request.architecture
    if request.instance_type:
        kind = TYPES.get(request.instance_type)
        if kind is None:
            raise Refused(ecs.TYPE_NOT_FOUND)
        yield lambda image: (image.architecture == "arm64") == (kind.architecture == "ARM")


def use_tests(request: ecs.DescribeImages, used: set[str]) -> Iterable[Test]:
    """The tests of use and of the time of creation."""
    if request.usage:
        if request.usage not in ("instance", "none"):
            raise Refused(ecs.BAD_USAGE)
        yield lambda image: (image.id in used) == (request.usage == "instance")
    for filter_ in request.filter:
        yield creation_test(filter_)


def seen_tags(call: Call, image: Image) -> dict[str, str]:
    """The tags that the caller sees on an image: of another account's none (U-10)."""
    return image.tags if image.owner == call.account.id else {}


def image_item(call: Call, image: Image, used: set[str]) -> ecs.Image:
    """An image as the caller sees it: of another account's no tags."""
    own = image.owner == call.account.id
    return ecs.Image(
        architecture=image.architecture,
        boot_mode=image.boot_mode,
        creation_time=to_seconds(image.created),
        description=image.description,
        disk_device_mappings=disk_items(image),
        features=ecs.Features(imds_support=image.imds_support, nvme_support="supported"),
        image_family=image.family,
        image_id=image.id,
        image_name=image.name,
        image_owner_alias=ALIASES[source_of(call, image)],
        image_owner_id=int(image.owner or 0),
        image_version=image.version,
        is_copied=image.copied,
        is_public=image.public,
        is_self_shared="true" if own and image.shared_with else "",
        is_support_cloudinit=True,
        is_support_io_optimized=True,
        login_as_non_root_supported=image.login_as_non_root,
        os_name=image.os_name,
        os_name_en=image.os_name,
        os_type=image.os_type,
        platform=image.platform,
        progress="100%" if image.status in ("Available", "Deprecated") else "0%",
        resource_group_id=image.resource_group_id,
        size=image.size_gib,
        status=image.status,
        tags=tag_items(seen_tags(call, image)),
        usage="instance" if image.id in used else "none",
    )


def disk_items(image: Image) -> ecs.DiskDeviceMappings:
    """The disks of an image; the device of the system disk is the first."""
    return ecs.DiskDeviceMappings(
        disk_device_mapping=tuple(
            ecs.DiskDeviceMapping(
                device=disk.device,
                progress="100%",
                size=str(disk.size_gib),
                snapshot_id=disk.snapshot_id,
                type="system" if disk.device == "/dev/xvda" else "data",
            )
            for disk in image.disks
        )
    )
