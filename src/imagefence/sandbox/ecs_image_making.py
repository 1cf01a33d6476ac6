"""Behaviour of ECS: making, copying, changing and deleting images."""

from __future__ import annotations

from imagefence.api import ecs_faults
from imagefence.api import ecs_images as ecs
from imagefence.api.operation import Fault
from imagefence.sandbox.call import Call, Refused, performs
from imagefence.sandbox.compute import Disk, Image, ImageDisk, Instance, Region
from imagefence.sandbox.ecs_lookup import (
    own_image,
    region_of,
    source_of,
    the_instance,
    the_snapshot,
    visible_image,
)
from imagefence.sandbox.ecs_parts import check_description, check_name, checked_tags, new_id, soon
from imagefence.sandbox.ecs_snapshots import take_snapshot
from imagefence.sandbox.stock import REGIONS, stock_images

SYSTEM_DEVICE = "/dev/xvda"


@performs(ecs.CREATE_IMAGE)
def create_image(call: Call, request: ecs.CreateImage) -> ecs.CreateImageAnswer:
    """Makes an image: of an instance before all, else of the mapped snapshots, else of one snapshot."""
    region = region_of(call, request.region_id)
    check_name(request.image_name, ecs_faults.IMAGE_NAME_MALFORMED)
    check_description(request.description, ecs_faults.DESCRIPTION_MALFORMED)
    check_new_name(region, request.image_name, ecs_faults.IMAGE_NAME_DUPLICATED)
    tags = checked_tags(request.tag)
    if request.instance_id:
        image = image_of_instance(call, region, request)
    else:
        image = image_of_snapshots(call, region, request)
    image.tags = tags
    region.images[image.id] = image
    return ecs.CreateImageAnswer(image_id=image.id)


def check_new_name(region: Region, name: str, fault: Fault) -> None:
    """Refuses a name that an own image of the region already bears."""
    if name and any(image.name == name for image in region.images.values()):
        raise Refused(fault)


def blank_image(call: Call, region: Region, request: ecs.CreateImage) -> Image:
    """A new image that is still being created."""
    image_id = new_id(call, "m", region.id)
    return Image(
        id=image_id,
        owner=call.account.id,
        region_id=region.id,
        created=call.now,
        name=request.image_name or image_id,
        description=request.description,
        status="Creating",
        upcoming=soon(call, "Available"),
        family=request.image_family,
        version=request.image_version,
        resource_group_id=request.resource_group_id,
        boot_mode=request.boot_mode or "UEFI-Preferred",
        architecture=request.architecture or "x86_64",
        platform=request.platform or "Others Linux",
        imds_support=request.features.imds_support or "v2",
    )


def image_of_instance(call: Call, region: Region, request: ecs.CreateImage) -> Image:
    """An image of a running or stopped instance, with a snapshot of each of its disks."""
    instance = the_instance(call, request.instance_id)
    if instance.region_id != region.id:
        raise Refused(ecs_faults.INSTANCE_NOT_FOUND)
    if instance.status not in ("Running", "Stopped"):
        raise Refused(ecs.INSTANCE_NOT_IMAGEABLE)
    image = blank_image(call, region, request)
    disks = [disk for disk in region.disks.values() if disk.instance_id == instance.id]
    disks.sort(key=lambda disk: disk.kind != "system")
    image.disks = tuple(imaged(call, region, disk, image.id) for disk in disks)
    image.size_gib = image.disks[0].size_gib
    inherit_system(image, instance, request)
    return image


def imaged(call: Call, region: Region, disk: Disk, image_id: str) -> ImageDisk:
    snapshot = take_snapshot(call, region, disk, f"Created_from_{image_id}")
    device = SYSTEM_DEVICE if disk.kind == "system" else disk.device
    return ImageDisk(device, disk.size_gib, snapshot.id)


def inherit_system(image: Image, instance: Instance, request: ecs.CreateImage) -> None:
    """Takes over the instance's operating system."""
    image.os_name = instance.os_name
    image.os_type = instance.os_type
    image.platform = request.platform or instance.platform
    image.architecture = request.architecture or instance.architecture


def image_of_snapshots(call: Call, region: Region, request: ecs.CreateImage) -> Image:
    """An image of accomplished snapshots, one of them of a system disk."""
    mappings = request.disk_device_mapping or (ecs.ImageDiskMapping(snapshot_id=request.snapshot_id),)
    snapshots = [the_snapshot(call, region, row.snapshot_id) for row in mappings if row.snapshot_id]
    if not snapshots:
        raise Refused(ecs.NO_SOURCE)
    if any(snapshot.status != "accomplished" for snapshot in snapshots):
        raise Refused(ecs.SNAPSHOT_NOT_READY)
    systems = [snapshot for snapshot in snapshots if snapshot.disk_kind == "system"]
    if not systems:
        raise Refused(ecs.NOT_A_SYSTEM_SNAPSHOT)
    image = blank_image(call, region, request)
    rest = [snapshot for snapshot in snapshots if snapshot is not systems[0]]
    image.disks = (
        ImageDisk(SYSTEM_DEVICE, systems[0].size_gib, systems[0].id),
        *(
            ImageDisk(f"/dev/xvd{chr(ord('b') + place)}", snapshot.size_gib, snapshot.id)
            for place, snapshot in enumerate(rest)
        ),
    )
    image.size_gib = systems[0].size_gib
    return image


@performs(ecs.COPY_IMAGE)
def copy_image(call: Call, request: ecs.CopyImage) -> ecs.CopyImageAnswer:
    """Copies an own or a shared image; the copy belongs to the caller and bears the call's tags alone."""
    source = copied_image(call, request)
    target_id = request.destination_region_id or request.region_id
    if target_id not in REGIONS:
        raise Refused(ecs.DESTINATION_NOT_FOUND)
    target = region_of(call, target_id)
    check_name(request.destination_image_name, ecs.COPY_NAME_MALFORMED)
    check_description(request.destination_description, ecs_faults.DESCRIPTION_MALFORMED)
    check_new_name(target, request.destination_image_name, ecs.COPY_NAME_DUPLICATED)
    copy = copy_of(call, source, target, request)
    target.images[copy.id] = copy
    return ecs.CopyImageAnswer(image_id=copy.id)


def copied_image(call: Call, request: ecs.CopyImage) -> Image:
    """The image to copy; refuses the system's and the community's, and one that is not available."""
    # Differs from the cloud: a shared image may be copied into any region and several copies run at once;
    # the pages do not agree whether the first copy must stay in the image's region.
    source = visible_image(call, region_of(call, request.region_id).id, request.image_id)
    if source is None or source.source == "System":
        raise Refused(ecs_faults.IMAGE_NOT_FOUND)
    if source_of(call, source) == "Community":
        raise Refused(ecs.COMMUNITY_IMAGE)
    if source.status != "Available":
        raise Refused(ecs.IMAGE_NOT_AVAILABLE)
    return source


def copy_of(call: Call, source: Image, target: Region, request: ecs.CopyImage) -> Image:
    image_id = new_id(call, "m", target.id)
    return Image(
        id=image_id,
        owner=call.account.id,
        region_id=target.id,
        created=call.now,
        name=request.destination_image_name or image_id,
        description=request.destination_description,
        tags=checked_tags(request.tag),
        status="Waiting",
        upcoming=soon(call, "Creating", "Available"),
        platform=source.platform,
        os_type=source.os_type,
        os_name=source.os_name,
        architecture=source.architecture,
        boot_mode=source.boot_mode,
        size_gib=source.size_gib,
        copied=True,
        disks=tuple(ImageDisk(disk.device, disk.size_gib) for disk in source.disks),
        resource_group_id=request.resource_group_id,
        login_as_non_root=source.login_as_non_root,
        imds_support=source.imds_support,
    )


@performs(ecs.DELETE_IMAGE)
def delete_image(call: Call, request: ecs.DeleteImage) -> ecs.DeleteImageAnswer:
    """Deletes an own image; one that is gone already is ignored, as the page of the operation says."""
    region = region_of(call, request.region_id)
    image = region.images.get(request.image_id)
    if image is None:
        if request.image_id in stock_images(region.id):
            raise Refused(ecs_faults.IMAGE_NOT_FOUND)
        return ecs.DeleteImageAnswer()
    if image.public:
        raise Refused(ecs.IMAGE_IS_PUBLIC)
    if not request.force and image.shared_with:
        raise Refused(ecs.IMAGE_IS_SHARED)
    if not request.force and any(i.image_id == image.id for i in region.instances.values()):
        raise Refused(ecs.IMAGE_IN_USE)
    del region.images[image.id]
    return ecs.DeleteImageAnswer()


@performs(ecs.MODIFY_IMAGE_ATTRIBUTE)
def modify_image_attribute(call: Call, request: ecs.ModifyImageAttribute) -> ecs.ModifyImageAttributeAnswer:
    """Changes name, description and family; deprecates an available image, and back."""
    region = region_of(call, request.region_id)
    image = own_image(call, region, request.image_id)
    check_name(request.image_name, ecs_faults.IMAGE_NAME_MALFORMED)
    check_description(request.description, ecs_faults.DESCRIPTION_MALFORMED)
    if request.image_name and request.image_name != image.name:
        check_new_name(region, request.image_name, ecs_faults.IMAGE_NAME_DUPLICATED)
    if request.status:
        change_status(image, request.status)
    image.name = request.image_name or image.name
    image.description = request.description or image.description
    if request.image_family is not None:
        image.family = request.image_family
    image.changed()
    return ecs.ModifyImageAttributeAnswer()


def change_status(image: Image, status: str) -> None:
    """Takes Deprecated or Available; a shared image must be unshared before it is deprecated."""
    settled_status = image.status in ("Available", "Deprecated")
    if status not in ("Available", "Deprecated") or not settled_status:
        raise Refused(ecs.IMAGE_STATUS_NOT_AVAILABLE)
    if status == "Deprecated" and image.shared_with:
        raise Refused(ecs.IMAGE_IS_SHARED)
    image.become(status)
