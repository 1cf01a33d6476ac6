"""Roads that create an instance or give it another system disk in the caller's own name."""

from __future__ import annotations

from imagefence.scope.road import ECS_TABLE, Barrier, Group, Road
from imagefence.scope.scope import May

LAUNCHES = ("ecs:RunInstances", "ecs:CreateInstance")
LAUNCH_ACTIONS = (*LAUNCHES, "ecs:ReplaceSystemDisk")
LAUNCH_RESOURCES = (
    "instance/*",
    "image/<id>",
    "securitygroup/<id>",
    "snapshot/<id>",
    "keypair/<id>",
    "vpc:vswitch/<id>",
    "vpc:vpc/<id>",
)
LAUNCH_ROADS: tuple[Road, ...] = (
    Road(
        name="launch",
        actions=LAUNCHES,
        group=Group.LAUNCHES,
        authorizes=LAUNCH_RESOURCES,
        keys=("acs:ResourceTag/<key>",),
        closed_by=Barrier.LAUNCH,
        remark="asked at the image alone; needs U-1 (an absent key differs) and U-3 (each resource is asked)",
        source=ECS_TABLE,
    ),
    Road(
        name="replace-system-disk",
        actions=("ecs:ReplaceSystemDisk",),
        group=Group.LAUNCHES,
        authorizes=("instance/<id>", "image/<id>", "disk/<id>"),
        keys=("acs:ResourceTag/<key>",),
        closed_by=Barrier.LAUNCH,
        remark="has neither ecs:ImageOwnerId nor ecs:ImageSource, so the image's tag is all that speaks",
        source=ECS_TABLE,
    ),
    Road(
        name="stock-image",
        actions=LAUNCHES,
        group=Group.LAUNCHES,
        authorizes=LAUNCH_RESOURCES,
        keys=("ecs:ImageSource",),
        closed_by=Barrier.ORIGIN,
        remark="holds where U-3 and U-15 leave the image resource out",
        source=ECS_TABLE,
    ),
    Road(
        name="foreign-image",
        actions=LAUNCHES,
        group=Group.LAUNCHES,
        authorizes=LAUNCH_RESOURCES,
        keys=("ecs:ImageOwnerId",),
        closed_by=Barrier.ORIGIN,
        remark="shared, community and marketplace images; by their owner only with `owner_accounts`, which "
        "is needed where U-10 or U-15 let an outsider's tags count",
        source=ECS_TABLE,
    ),
    Road(
        name="server-image",
        actions=LAUNCHES,
        group=Group.LAUNCHES,
        authorizes=LAUNCH_RESOURCES,
        keys=("ecs:ImageOwnerId", "acs:ResourceTag/<key>"),
        closed_by=Barrier.ORIGIN,
        remark="an image of a simple application server, shared with ECS by "
        "swas-open:ModifyImageShareStatus, comes in as a shared image",
        unsure="whether its owner shows as the account itself; without the tags it is refused all the same",
        source="alibabacloud.com/help simple-application-server "
        "api-swas-open-2020-06-01-modifyimagesharestatus",
    ),
    Road(
        name="launch-template",
        actions=LAUNCHES,
        group=Group.LAUNCHES,
        authorizes=LAUNCH_RESOURCES,
        keys=("acs:ResourceTag/<key>",),
        closed_by=Barrier.LAUNCH,
        remark="the image that the template resolves to is asked",
        unsure="that the template is resolved before the policies are asked, no page says",
        source="help.aliyun.com ecs/developer-reference/api-ecs-2014-05-26-runinstances",
    ),
    Road(
        name="image-family",
        actions=("ecs:ModifyImageAttribute",),
        group=Group.LAUNCHES,
        authorizes=("image/<id>",),
        closed_by=Barrier.FAMILY,
        remark="a family resolves to its newest image, so nobody else may move an image into one",
        source=ECS_TABLE,
    ),
)
DISK_ROADS: tuple[Road, ...] = (
    Road(
        name="reinit-or-reset-disk",
        actions=("ecs:ReInitDisk", "ecs:ResetDisk", "ecs:ResetDisks"),
        group=Group.DISKS,
        authorizes=("disk/<id>", "snapshot/<id>"),
        keys=("acs:ResourceTag/<key>",),
        closed_by=Barrier.DOOR,
        exempt=May.LAUNCH,
        remark="brings an instance back to the image or the snapshot it had; the audit sees its image; "
        "closing it stops all resetting of disks",
        unsure="what ecs:ResetDisks authorises",
        source=ECS_TABLE,
    ),
    Road(
        name="swap-disk",
        actions=("ecs:DetachDisk", "ecs:AttachDisk"),
        group=Group.DISKS,
        authorizes=("disk/<id>", "instance/<id>"),
        keys=("acs:ResourceTag/<key>",),
        closed_by=Barrier.DOOR,
        exempt=May.LAUNCH,
        remark="a system disk can be rewritten on another instance; no condition key tells `Bootable`, so "
        "closing it stops moving data disks too",
        source="help.aliyun.com ecs AttachDisk",
    ),
)
