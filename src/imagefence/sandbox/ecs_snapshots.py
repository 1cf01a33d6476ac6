"""Behaviour of ECS: snapshots."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from imagefence.api import ecs_faults
from imagefence.api import ecs_snapshots as ecs
from imagefence.sandbox.call import Call, Refused, performs
from imagefence.sandbox.compute import Disk, Region, Snapshot
from imagefence.sandbox.ecs_lookup import passing, region_of, settled, the_disk
from imagefence.sandbox.ecs_paging import either
from imagefence.sandbox.ecs_parts import (
    check_description,
    check_name,
    checked_tags,
    fuzzy,
    has_tags,
    new_id,
    soon,
    tag_items,
    to_seconds,
)

STATUSES = ("progressing", "accomplished", "failed")
Test = Callable[[Snapshot], bool]


@performs(ecs.CREATE_SNAPSHOT)
def create_snapshot(call: Call, request: ecs.CreateSnapshot) -> ecs.CreateSnapshotAnswer:
    """Takes a snapshot of a disk of which no other is being taken."""
    disk = the_disk(call, request.disk_id)
    region = region_of(call, disk.region_id)
    check_name(request.snapshot_name, ecs.BAD_SNAPSHOT_NAME)
    check_description(request.description, ecs_faults.DESCRIPTION_MALFORMED)
    if request.retention_days and not 1 <= request.retention_days <= 65536:
        raise Refused(ecs.BAD_RETENTION)
    if being_taken(call, region, disk):
        raise Refused(ecs.ALREADY_CREATING)
    tags = checked_tags(request.tag)
    snapshot = take_snapshot(call, region, disk, request.snapshot_name)
    snapshot.description = request.description
    snapshot.retention_days = request.retention_days
    snapshot.tags = tags
    return ecs.CreateSnapshotAnswer(snapshot_id=snapshot.id)


def being_taken(call: Call, region: Region, disk: Disk) -> bool:
    """Whether a snapshot of the disk is still progressing."""
    snapshots = settled(call, region.snapshots)
    return any(one.disk_id == disk.id and one.status == "progressing" for one in snapshots)


def take_snapshot(call: Call, region: Region, disk: Disk, name: str) -> Snapshot:
    """A new snapshot of a disk."""
    snapshot = Snapshot(
        id=new_id(call, "s", region.id),
        owner=call.account.id,
        region_id=region.id,
        created=call.now,
        name=name,
        status="progressing",
        upcoming=soon(call, "accomplished"),
        disk_id=disk.id,
        disk_kind=disk.kind,
        size_gib=disk.size_gib,
        encrypted=disk.encrypted,
    )
    region.snapshots[snapshot.id] = snapshot
    return snapshot


@performs(ecs.DESCRIBE_SNAPSHOTS)
def describe_snapshots(call: Call, request: ecs.DescribeSnapshots) -> ecs.DescribeSnapshotsAnswer:
    """Lists the caller's snapshots."""
    region = region_of(call, request.region_id)
    if request.status not in ("", "all", *STATUSES):
        raise Refused(ecs_faults.STATUS_NOT_FOUND)
    tests = list(snapshot_tests(region, request))
    found = passing(settled(call, region.snapshots), tests)
    page = either(found, request, 10)
    imaged = in_images(region)
    return ecs.DescribeSnapshotsAnswer(
        next_token=page.next_token,
        page_number=request.page_number,
        page_size=request.page_size,
        snapshots=ecs.Snapshots(snapshot=tuple(snapshot_item(one, imaged) for one in page.items)),
        total_count=page.total,
    )


def snapshot_tests(region: Region, request: ecs.DescribeSnapshots) -> Iterable[Test]:
    """The tests that the request asks for."""
    if request.snapshot_ids is not None:
        wanted = frozenset(request.snapshot_ids)
        yield lambda one: one.id in wanted
    if request.disk_id:
        yield lambda one: one.disk_id == request.disk_id
    if request.instance_id:
        disks = {disk.id for disk in region.disks.values() if disk.instance_id == request.instance_id}
        yield lambda one: one.disk_id in disks
    if request.status not in ("", "all"):
        yield lambda one: one.status == request.status
    if request.snapshot_name:
        matches = fuzzy(request.snapshot_name)
        yield lambda one: matches(one.name)
    if request.source_disk_type:
        yield lambda one: one.disk_kind == request.source_disk_type.lower()
    if request.snapshot_type == "auto":
        yield lambda one: False
    if request.encrypted is not None:
        yield lambda one: one.encrypted == request.encrypted
    if request.tag:
        yield lambda one: has_tags(one.tags, request.tag)


def in_images(region: Region) -> frozenset[str]:
    """The ids of the snapshots that images were made from."""
    return frozenset(disk.snapshot_id for image in region.images.values() for disk in image.disks)


def snapshot_item(snapshot: Snapshot, imaged: frozenset[str]) -> ecs.Snapshot:
    done = snapshot.status == "accomplished"
    return ecs.Snapshot(
        available=done,
        category="standard",
        creation_time=to_seconds(snapshot.created),
        description=snapshot.description,
        encrypted=snapshot.encrypted,
        last_modified_time=to_seconds(snapshot.created),
        progress="100%" if done else "0%",
        region_id=snapshot.region_id,
        retention_days=snapshot.retention_days,
        snapshot_id=snapshot.id,
        snapshot_name=snapshot.name,
        snapshot_type="user",
        source_disk_id=snapshot.disk_id,
        source_disk_size=str(snapshot.size_gib),
        source_disk_type=snapshot.disk_kind,
        status=snapshot.status,
        tags=tag_items(snapshot.tags),
        usage="image" if snapshot.id in imaged else "none",
    )


@performs(ecs.DELETE_SNAPSHOT)
def delete_snapshot(call: Call, request: ecs.DeleteSnapshot) -> ecs.DeleteSnapshotAnswer:
    """Deletes a snapshot that no image, and without force no disk, was made from."""
    for region in call.account.regions.values():
        if request.snapshot_id in region.snapshots:
            if request.snapshot_id in in_images(region):
                raise Refused(ecs.USED_BY_IMAGE)
            used = any(disk.snapshot_id == request.snapshot_id for disk in region.disks.values())
            if used and not request.force:
                raise Refused(ecs.USED_BY_DISK)
            del region.snapshots[request.snapshot_id]
    return ecs.DeleteSnapshotAnswer()
