"""The world as a fix needs it: an instance, its disks, and the tags of its image."""

from __future__ import annotations

from imagefence.api.ecs_disks import DESCRIBE_DISKS, DescribeDisks, Disk
from imagefence.api.ecs_images import DESCRIBE_IMAGES, DescribeImages
from imagefence.api.ecs_instances import DESCRIBE_INSTANCES, DescribeInstances, Instance
from imagefence.cloud.session import Session
from imagefence.fix.plan import Before, DiskBefore

# Why: an image that is no longer Available can still be under an instance, so every status is asked for.
EVERY_STATUS = ("Creating", "Waiting", "Available", "UnAvailable", "CreateFailed", "Deprecated")


def find_instance(session: Session, region_id: str, instance_id: str) -> Instance | None:
    """The instance, or None where there is none (DescribeInstances leaves out unknown ids)."""
    request = DescribeInstances(region_id=region_id, instance_ids=(instance_id,))
    listed = session.call(DESCRIBE_INSTANCES, request, region_id).instances.instance
    return next(iter(listed), None)


def read_image_tags(session: Session, region_id: str, image_id: str) -> dict[str, str] | None:
    """The tags that this account sees on the image; None where it sees no such image."""
    request = DescribeImages(region_id=region_id, image_id=(image_id,), status=EVERY_STATUS)
    listed = session.call(DESCRIBE_IMAGES, request, region_id).images.image
    return next(({t.tag_key: t.tag_value for t in image.tags.tag} for image in listed), None)


def read_disks(session: Session, region_id: str, instance_id: str) -> tuple[DiskBefore, ...]:
    """The instance's disks, the system disk first."""
    request = DescribeDisks(region_id=region_id, instance_id=instance_id)
    disks = (_disk(disk) for disk in session.pages(DESCRIBE_DISKS, request, region_id))
    return tuple(sorted(disks, key=lambda disk: (not disk.system, disk.id)))


def _disk(disk: Disk) -> DiskBefore:
    return DiskBefore(
        id=disk.disk_id,
        system=disk.type == "system",
        category=disk.category,
        image_id=disk.image_id,
        deleted_with_instance=disk.delete_with_instance,
    )


def observe_instance(session: Session, region_id: str, instance_id: str) -> Before | None:
    """What a replace or a retire rests on; None when the instance is gone."""
    instance = find_instance(session, region_id, instance_id)
    if instance is None:
        return None
    disks = read_disks(session, region_id, instance_id)
    # Why: the disk tells what it was made of; the instance may still tell what it was launched with.
    image_id = next((disk.image_id for disk in disks if disk.system and disk.image_id), instance.image_id)
    return Before(
        instance_id=instance_id,
        image_id=image_id,
        status=instance.status,
        system=instance.os_type,
        kept_by=_kept_by(instance),
        disks=disks,
        image_tags=read_image_tags(session, region_id, image_id),
    )


def _kept_by(instance: Instance) -> str:
    """Source: help.aliyun.com ecs DeleteInstance: neither protected nor paid for in advance."""
    if instance.deletion_protection:
        return "its deletion protection"
    return "its subscription" if instance.instance_charge_type == "PrePaid" else ""


def observe_image(session: Session, region_id: str, image_id: str) -> Before:
    """What tagging an image, or putting it on a disk, rests on."""
    return Before(image_id=image_id, image_tags=read_image_tags(session, region_id, image_id))
