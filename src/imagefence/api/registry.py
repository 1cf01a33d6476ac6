"""Every declared operation, found by the version and action that a request names."""

from __future__ import annotations

from typing import Any

from imagefence.api import (
    control_policies,
    directory,
    ecs_disks,
    ecs_image_shares,
    ecs_images,
    ecs_instances,
    ecs_lifecycle,
    ecs_network,
    ecs_regions,
    ecs_snapshots,
    ecs_tags,
    ram_attachments,
    ram_diagnosis,
    ram_groups,
    ram_policies,
    ram_roles,
    ram_users,
    resource_manager,
    sts,
    tag,
    vpc,
)
from imagefence.api.operation import Operation

ALL: tuple[Operation[Any, Any], ...] = (
    *control_policies.OPERATIONS,
    *directory.OPERATIONS,
    *ecs_disks.OPERATIONS,
    *ecs_image_shares.OPERATIONS,
    *ecs_images.OPERATIONS,
    *ecs_instances.OPERATIONS,
    *ecs_lifecycle.OPERATIONS,
    *ecs_network.OPERATIONS,
    *ecs_regions.OPERATIONS,
    *ecs_snapshots.OPERATIONS,
    *ecs_tags.OPERATIONS,
    *ram_attachments.OPERATIONS,
    *ram_diagnosis.OPERATIONS,
    *ram_groups.OPERATIONS,
    *ram_policies.OPERATIONS,
    *ram_roles.OPERATIONS,
    *ram_users.OPERATIONS,
    *resource_manager.OPERATIONS,
    *sts.OPERATIONS,
    *tag.OPERATIONS,
    *vpc.OPERATIONS,
)
OPERATIONS: dict[tuple[str, str], Operation[Any, Any]] = {
    (operation.product.version, operation.name): operation for operation in ALL
}
BY_ACTION: dict[str, Operation[Any, Any]] = {each.action.lower(): each for each in reversed(ALL)}


def operation_for(action: str) -> Operation[Any, Any] | None:
    """The declared operation behind a RAM action (case does not count), or None where none is declared."""
    return BY_ACTION.get(action.lower())
