"""Behaviour of ECS: disks."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from imagefence.api import ecs_disks as ecs
from imagefence.api import ecs_launch as launch
from imagefence.sandbox.call import Call, Refused, performs
from imagefence.sandbox.compute import Disk, Image, Instance, Region
from imagefence.sandbox.ecs_launch import (
    check_machine,
    check_password,
    launched_image,
    new_disk,
    wear_image,
)
from imagefence.sandbox.ecs_lifecycle import in_status
from imagefence.sandbox.ecs_lookup import passing, region_of, settled
from imagefence.sandbox.ecs_paging import either
from imagefence.sandbox.ecs_parts import fuzzy, has_tags, tag_items, to_seconds
from imagefence.sandbox.ecs_snapshots import being_taken
from imagefence.sandbox.stock import TYPES

Test = Callable[[Disk], bool]


@performs(ecs.REPLACE_SYSTEM_DISK)
def replace_system_disk(call: Call, request: ecs.ReplaceSystemDisk) -> ecs.ReplaceSystemDiskAnswer:
    """Gives a stopped instance a system disk from another image; what the old one held is gone."""
    instance = in_status(call, request.instance_id, "Stopped")
    region = region_of(call, instance.region_id)
    image = launched_image(call, region, request.image_id)
    check_machine(image, TYPES[instance.instance_type])
    check_password(request.password, request.password_inherit)
    if request.key_pair_name:
        raise Refused(launch.KEY_PAIR_NOT_FOUND)
    old = region.disks[instance.system_disk_id]
    if being_taken(call, region, old):
        raise Refused(ecs.SNAPSHOT_IN_PROGRESS)
    new = replacement(call, instance, image, old, request)
    del region.disks[old.id]
    region.disks[new.id] = new
    instance.system_disk_id = new.id
    wear_image(instance, image)
    return ecs.ReplaceSystemDiskAnswer(disk_id=new.id)


def replacement(
    call: Call, instance: Instance, image: Image, old: Disk, request: ecs.ReplaceSystemDisk
) -> Disk:
    """The new system disk: of the size asked for, else as large as the old one and the image need."""
    size = request.system_disk.size or max(old.size_gib, image.size_gib)
    if size < image.size_gib:
        raise Refused(launch.DISK_SMALLER_THAN_IMAGE)
    new = new_disk(call, instance, "system", size, old.device)
    new.image_id = image.id
    new.category = old.category
    new.encrypted = request.encrypted
    new.kms_key_id = request.kms_key_id
    new.delete_with_instance = old.delete_with_instance
    return new


@performs(ecs.DESCRIBE_DISKS)
def describe_disks(call: Call, request: ecs.DescribeDisks) -> ecs.DescribeDisksAnswer:
    """Lists the caller's disks."""
    region = region_of(call, request.region_id)
    tests = [*place_tests(request), *kind_tests(request)]
    found = passing(settled(call, region.disks), tests)
    page = either(found, request, 10)
    return ecs.DescribeDisksAnswer(
        disks=ecs.Disks(disk=tuple(disk_item(region, one) for one in page.items)),
        next_token=page.next_token,
        page_number=request.page_number,
        page_size=request.page_size,
        total_count=page.total,
    )


def place_tests(request: ecs.DescribeDisks) -> Iterable[Test]:
    """The tests of ids, names and places that the request asks for."""
    if request.disk_ids is not None:
        wanted = frozenset(request.disk_ids)
        yield lambda one: one.id in wanted
    if request.instance_id:
        yield lambda one: one.instance_id == request.instance_id
    if request.zone_id:
        yield lambda one: one.zone_id == request.zone_id
    if request.snapshot_id:
        yield lambda one: one.snapshot_id == request.snapshot_id
    if request.disk_name:
        matches = fuzzy(request.disk_name)
        yield lambda one: matches(one.name)
    if request.tag:
        yield lambda one: has_tags(one.tags, request.tag)


def kind_tests(request: ecs.DescribeDisks) -> Iterable[Test]:
    """The tests of kind and status; `all` asks for nothing."""
    if request.disk_type not in ("", "all"):
        yield lambda one: one.kind == request.disk_type
    if request.category not in ("", "all"):
        yield lambda one: one.category == request.category
    if request.status not in ("", "All"):
        yield lambda one: one.status == request.status
    if request.delete_with_instance is not None:
        yield lambda one: one.delete_with_instance == request.delete_with_instance
    if request.encrypted is not None:
        yield lambda one: one.encrypted == request.encrypted


def disk_item(region: Region, disk: Disk) -> ecs.Disk:
    attached = ecs.Attachment(
        attached_time=to_seconds(disk.attached), device=disk.device, instance_id=disk.instance_id
    )
    return ecs.Disk(
        attached_time=to_seconds(disk.attached),
        attachments=ecs.Attachments(attachment=(attached,) if disk.instance_id else ()),
        category=disk.category,
        creation_time=to_seconds(disk.created),
        delete_with_instance=disk.delete_with_instance,
        description=disk.description,
        device=disk.device,
        disk_charge_type="PostPaid",
        disk_id=disk.id,
        disk_name=disk.name,
        encrypted=disk.encrypted,
        image_id=disk.image_id,
        instance_id=disk.instance_id,
        kms_key_id=disk.kms_key_id,
        performance_level=disk.performance_level if disk.category == "cloud_essd" else "",
        portable=disk.kind == "data",
        region_id=region.id,
        size=disk.size_gib,
        source_snapshot_id=disk.snapshot_id,
        status=disk.status,
        tags=tag_items(disk.tags),
        type=disk.kind,
        zone_id=disk.zone_id,
    )
