"""ECS: snapshots.

Source: help.aliyun.com ecs/developer-reference, pages of each operation; ecs/ram-authorization.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from imagefence.api import ecs_faults, faults
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

BAD_SNAPSHOT_NAME = Fault(
    400, "InvalidSnapshotName.Malformed", "The specified SnapshotName is wrongly formed."
)
BAD_RETENTION = Fault(400, "InvalidRetentionDays.Malformed", "The specified RetentionDays is not valid.")
ALREADY_CREATING = Fault(
    403, "IncorrectDiskStatus.CreatingSnapshot", "A previous snapshot creation is in process."
)
USED_BY_IMAGE = Fault(
    403,
    "SnapshotCreatedImage",
    "The snapshot has been used to create user defined image(s).",
)
USED_BY_DISK = Fault(403, "SnapshotCreatedDisk", "The snapshot has been used to create disk(s).")


class CreateSnapshot(Parameters, frozen=True, kw_only=True):
    """Takes a snapshot of a disk; it is accomplished later. `retention_days` of 0 keeps it for ever."""

    disk_id: str
    snapshot_name: str = ""
    description: str = ""
    retention_days: int = 0
    category: str = ""
    client_token: str = ""
    resource_group_id: str = ""
    tag: tuple[TagPair, ...] = ()


class CreateSnapshotAnswer(Answer):
    """The id of the snapshot."""

    snapshot_id: str = ""


CREATE_SNAPSHOT = Operation(
    product=ECS,
    name="CreateSnapshot",
    request=CreateSnapshot,
    response=CreateSnapshotAnswer,
    access=Access.WRITE,
    authorizes=(Authorized("disk", of="disk_id"), Authorized("snapshot", new=True)),
    doc="https://api.aliyun.com/document/Ecs/2014-05-26/CreateSnapshot",
    faults=(
        ecs_faults.DISK_NOT_FOUND,
        ecs_faults.DESCRIPTION_MALFORMED,
        ecs_faults.TAG_KEY_MALFORMED,
        ecs_faults.TAG_VALUE_MALFORMED,
        ecs_faults.TAG_KEY_DUPLICATE,
        ecs_faults.TAGS_TOO_MANY,
        BAD_SNAPSHOT_NAME,
        BAD_RETENTION,
        ALREADY_CREATING,
    ),
)


class DescribeSnapshots(Parameters, frozen=True, kw_only=True):
    """Lists snapshots; `snapshot_ids` is None where not given, and an empty list finds nothing."""

    region_id: str
    instance_id: str = ""
    disk_id: str = ""
    snapshot_ids: JsonList | None = None
    snapshot_name: str = ""
    status: str = ""
    snapshot_type: str = ""
    usage: str = ""
    source_disk_type: str = ""
    encrypted: bool | None = None
    resource_group_id: str = ""
    page_number: Annotated[int, msgspec.Meta(ge=1)] = 1
    page_size: Annotated[int, msgspec.Meta(ge=1, le=100)] = 10
    next_token: str = ""
    max_results: Annotated[int, msgspec.Meta(ge=1, le=100)] | None = None
    dry_run: bool = False
    tag: tuple[TagPair, ...] = ()


class Snapshot(Item):
    """A snapshot; `source_disk_size` is in GiB, as text."""

    available: bool = False
    category: str = ""
    creation_time: str = ""
    description: str = ""
    encrypted: bool = False
    last_modified_time: str = ""
    product_code: str = ""
    progress: str = ""
    region_id: str = ""
    resource_group_id: str = ""
    retention_days: int = 0
    snapshot_id: str = ""
    snapshot_name: str = ""
    snapshot_type: str = ""
    source_disk_id: str = ""
    source_disk_size: str = ""
    source_disk_type: str = ""
    status: str = ""
    tags: Tags = msgspec.field(default_factory=Tags)
    usage: str = ""


class Snapshots(Item):
    """The list of snapshots."""

    snapshot: tuple[Snapshot, ...] = ()


class DescribeSnapshotsAnswer(Answer):
    """One page of snapshots."""

    next_token: str = ""
    page_number: int = 1
    page_size: int = 10
    snapshots: Snapshots = msgspec.field(default_factory=Snapshots)
    total_count: int = 0


DESCRIBE_SNAPSHOTS = Operation(
    product=ECS,
    name="DescribeSnapshots",
    request=DescribeSnapshots,
    response=DescribeSnapshotsAnswer,
    access=Access.READ,
    authorizes=(Authorized("snapshot", of="snapshot_ids", otherwise="*"),),
    doc="https://api.aliyun.com/document/Ecs/2014-05-26/DescribeSnapshots",
    faults=(faults.REGION_NOT_FOUND, ecs_faults.STATUS_NOT_FOUND),
    paging=Paging.NEXT_TOKEN,
    items="snapshots.snapshot",
)


class DeleteSnapshot(Parameters, frozen=True, kw_only=True):
    """Deletes a snapshot; `force` also one that disks were made from. A missing id is ignored."""

    snapshot_id: str
    force: bool = False


class DeleteSnapshotAnswer(Answer):
    """Nothing but the request's id."""


DELETE_SNAPSHOT = Operation(
    product=ECS,
    name="DeleteSnapshot",
    request=DeleteSnapshot,
    response=DeleteSnapshotAnswer,
    access=Access.WRITE,
    authorizes=(Authorized("snapshot", of="snapshot_id"),),
    doc="https://api.aliyun.com/document/Ecs/2014-05-26/DeleteSnapshot",
    faults=(USED_BY_IMAGE, USED_BY_DISK),
)

OPERATIONS = (CREATE_SNAPSHOT, DESCRIBE_SNAPSHOTS, DELETE_SNAPSHOT)
