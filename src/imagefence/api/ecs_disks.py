"""ECS: disks.

Source: help.aliyun.com ecs/developer-reference, pages of each operation; ecs/ram-authorization.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from imagefence.api import ecs_faults, faults
from imagefence.api.ecs_launch import (
    BAD_PASSWORD,
    DISK_SMALLER_THAN_IMAGE,
    KEY_PAIR_NOT_FOUND,
    NO_IMAGE,
    PASSWORD_AND_INHERIT,
)
from imagefence.api.ecs_shapes import TagPair, Tags
from imagefence.api.operation import (
    Access,
    Answer,
    Authorized,
    Fault,
    Item,
    JsonList,
    Operation,
    Paging,
    Parameters,
)
from imagefence.api.products import ECS

SNAPSHOT_IN_PROGRESS = Fault(
    403,
    "DiskCreatingSnapshot",
    "The operation is denied due to a snapshot of the specified disk is not completed yet.",
)
REPLACE_KEYS = (
    "ecs:IsDiskEncrypted",
    "ecs:IsSystemDiskEncrypted",
    "ecs:PasswordInherit",
    "ecs:PasswordCustomized",
    "ecs:IsDiskByokEncrypted",
    "ecs:IsSystemDiskByokEncrypted",
    "ecs:LoginAsNonRoot",
    "ecs:ImagePlatform",
)


class ReplacementDisk(Parameters, frozen=True, kw_only=True):
    """`SystemDisk.*`; `size` is in GiB."""

    size: int = 0


class ReplaceSystemDisk(Parameters, frozen=True, kw_only=True):
    """Gives a stopped instance a new system disk made from an image; the old disk is released."""

    instance_id: str
    image_id: str = ""
    system_disk: ReplacementDisk = ReplacementDisk()
    client_token: str = ""
    password: str = ""
    password_inherit: bool = False
    key_pair_name: str = ""
    platform: str = ""
    architecture: str = ""
    encrypted: bool = False
    kms_key_id: str = msgspec.field(name="KMSKeyId", default="")


class ReplaceSystemDiskAnswer(Answer):
    """The id of the new system disk."""

    disk_id: str = ""


REPLACE_SYSTEM_DISK = Operation(
    product=ECS,
    name="ReplaceSystemDisk",
    request=ReplaceSystemDisk,
    response=ReplaceSystemDiskAnswer,
    access=Access.WRITE,
    authorizes=(
        Authorized("instance", of="instance_id"),
        Authorized("image", of="image_id", always=True),
        Authorized("disk", of="instance_id", at="instance", via="system_disk_id"),
    ),
    doc="https://api.aliyun.com/document/Ecs/2014-05-26/ReplaceSystemDisk",
    keys=REPLACE_KEYS,
    faults=(
        ecs_faults.INSTANCE_NOT_FOUND,
        ecs_faults.IMAGE_NOT_FOUND,
        ecs_faults.IMAGE_NOT_VALID,
        ecs_faults.INCORRECT_INSTANCE_STATUS,
        NO_IMAGE,
        BAD_PASSWORD,
        PASSWORD_AND_INHERIT,
        KEY_PAIR_NOT_FOUND,
        DISK_SMALLER_THAN_IMAGE,
        SNAPSHOT_IN_PROGRESS,
    ),
)


class DescribeDisks(Parameters, frozen=True, kw_only=True):
    """Lists disks; `disk_ids` is None where not given, and an empty list finds nothing."""

    region_id: str
    zone_id: str = ""
    disk_ids: JsonList | None = None
    instance_id: str = ""
    disk_type: str = ""
    category: str = ""
    status: str = ""
    snapshot_id: str = ""
    disk_name: str = ""
    delete_with_instance: bool | None = None
    encrypted: bool | None = None
    resource_group_id: str = ""
    page_number: Annotated[int, msgspec.Meta(ge=1)] = 1
    page_size: Annotated[int, msgspec.Meta(ge=1, le=100)] = 10
    next_token: str = ""
    max_results: Annotated[int, msgspec.Meta(ge=1, le=500)] | None = None
    dry_run: bool = False
    tag: tuple[TagPair, ...] = ()


class Attachment(Item):
    """Where a disk is attached."""

    attached_time: str = ""
    device: str = ""
    instance_id: str = ""


class Attachments(Item):
    """The list of attachments."""

    attachment: tuple[Attachment, ...] = ()


class Disk(Item):
    """A disk; `type` is system or data, `size` in GiB."""

    attached_time: str = ""
    attachments: Attachments = msgspec.field(default_factory=Attachments)
    category: str = ""
    creation_time: str = ""
    delete_auto_snapshot: bool = False
    delete_with_instance: bool = False
    description: str = ""
    detached_time: str = ""
    device: str = ""
    disk_charge_type: str = ""
    disk_id: str = ""
    disk_name: str = ""
    enable_auto_snapshot: bool = False
    encrypted: bool = False
    expired_time: str = ""
    image_id: str = ""
    instance_id: str = ""
    kms_key_id: str = msgspec.field(name="KMSKeyId", default="")
    performance_level: str = ""
    portable: bool = False
    product_code: str = ""
    region_id: str = ""
    resource_group_id: str = ""
    serial_number: str = ""
    size: int = 0
    source_snapshot_id: str = ""
    status: str = ""
    tags: Tags = msgspec.field(default_factory=Tags)
    type: str = ""
    zone_id: str = ""


class Disks(Item):
    """The list of disks."""

    disk: tuple[Disk, ...] = ()


class DescribeDisksAnswer(Answer):
    """One page of disks."""

    disks: Disks = msgspec.field(default_factory=Disks)
    next_token: str = ""
    page_number: int = 1
    page_size: int = 10
    total_count: int = 0


DESCRIBE_DISKS = Operation(
    product=ECS,
    name="DescribeDisks",
    request=DescribeDisks,
    response=DescribeDisksAnswer,
    access=Access.READ,
    authorizes=(Authorized("disk", of="disk_ids", otherwise="*"),),
    doc="https://api.aliyun.com/document/Ecs/2014-05-26/DescribeDisks",
    faults=(faults.REGION_NOT_FOUND,),
    paging=Paging.NEXT_TOKEN,
    items="disks.disk",
)

OPERATIONS = (REPLACE_SYSTEM_DISK, DESCRIBE_DISKS)
