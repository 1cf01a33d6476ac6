"""The roads to an instance from an image that nobody approved, as data.

The vendor's own pages are named row by row.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

ECS_TABLE = "help.aliyun.com ecs/developer-reference/api-ecs-2014-05-26-ram"
CONTROL_POLICIES = "help.aliyun.com resource-management/resource-directory/user-guide/control-policy-overview"


class Barrier(Enum):
    """The part of the fence that stands across a road."""

    LAUNCH = "launch"  # no instance or system disk from an image without the tags
    ORIGIN = "origin"  # none from stock or foreign images, whatever the image resource says
    TAGGING = "tagging"  # no approved tag on an image by hand
    CREATION = "creation"  # no image born with an approved tag
    FAMILY = "family"  # no image put in another family
    SHARING = "sharing"  # no image without the tags shared; only with `distribute: share`
    NAMES = "names"  # no exempt role made or changed by others
    LAUNCHERS = "launchers"  # no service told to launch; only with `other_launchers: closed`
    NONE = "none"  # no policy reaches it


@dataclass(frozen=True, slots=True)
class Road:
    """One road: the actions, who calls in the end, what is authorised with which keys, what closes it.

    `closed_by` names the barrier; `remark` says what the barrier can't do.
    """

    name: str
    actions: tuple[str, ...]
    caller: str
    authorizes: tuple[str, ...]
    keys: tuple[str, ...]
    closed_by: Barrier
    remark: str
    source: str


THE_CALLER = "the caller"
SERVICE_ROLE = "a service-linked role, outside control policies"
LAUNCHES = ("ecs:RunInstances", "ecs:CreateInstance")
LAUNCH_ACTIONS = (*LAUNCHES, "ecs:ReplaceSystemDisk")
# Why: the vendor's own policy misses AddTags and RemoveTags, which exist (U-13).
TAG_ACTIONS = (
    "ecs:TagResources",
    "ecs:UntagResources",
    "ecs:CreateTags",
    "ecs:DeleteTags",
    "ecs:AddTags",
    "ecs:RemoveTags",
)
TAG_SERVICE_ACTIONS = ("tag:TagResources", "tag:UntagResources")
CREATE_ACTIONS = ("ecs:CopyImage", "ecs:CreateImage", "ecs:ImportImage")
SHARE_ACTIONS = ("ecs:ModifyImageSharePermission",)
FAMILY_ACTIONS = ("ecs:ModifyImageAttribute",)
ROLE_ACTIONS = (
    "ram:CreateRole",
    "ram:UpdateRole",
    "ram:DeleteRole",
    "ram:AttachPolicyToRole",
    "ram:DetachPolicyFromRole",
)
POLICY_ACTIONS = (
    "ram:CreatePolicy",
    "ram:DeletePolicy",
    "ram:CreatePolicyVersion",
    "ram:DeletePolicyVersion",
    "ram:SetDefaultPolicyVersion",
)
DETACH_ACTIONS = ("ram:DetachPolicyFromUser", "ram:DetachPolicyFromGroup", "ram:DetachPolicyFromRole")
# Why UpdateGroup: it renames, and a Deny on the old name then covers nobody.
GROUP_ACTIONS = ("ram:RemoveUserFromGroup", "ram:UpdateGroup", "ram:DeleteGroup")
LAUNCHER_ACTIONS = (
    "ecs:CreateAutoProvisioningGroup",
    "ecs:CreateLaunchTemplate",
    "ecs:CreateLaunchTemplateVersion",
    "ecs:CreateImagePipeline",
    "ess:CreateScalingConfiguration",
    "ess:ModifyScalingConfiguration",
    "cs:CreateCluster",
    "cs:CreateClusterNodePool",
    "cs:ModifyClusterNodePool",
)

ROADS: tuple[Road, ...] = (
    Road(
        "launch",
        LAUNCHES,
        THE_CALLER,
        ("instance/*", "image/<id>", "securitygroup/<id>", "vswitch/<id>", "snapshot/<id>", "keypair/<name>"),
        ("acs:ResourceTag/<key>",),
        Barrier.LAUNCH,
        "asked at the image alone; needs U-1 (an absent key differs) and U-3 (each resource is asked)",
        ECS_TABLE,
    ),
    Road(
        "replace-system-disk",
        ("ecs:ReplaceSystemDisk",),
        THE_CALLER,
        ("instance/<id>", "image/<id>", "disk/<id>"),
        ("acs:ResourceTag/<key>",),
        Barrier.LAUNCH,
        "has neither ecs:ImageOwnerId nor ecs:ImageSource, so the image's tag is all that speaks",
        ECS_TABLE,
    ),
    Road(
        "stock-image",
        LAUNCHES,
        THE_CALLER,
        ("image/<id>",),
        ("ecs:ImageSource",),
        Barrier.ORIGIN,
        "holds where U-3 and U-15 leave the image resource out",
        ECS_TABLE,
    ),
    Road(
        "foreign-image",
        LAUNCHES,
        THE_CALLER,
        ("image/<id>",),
        ("ecs:ImageOwnerId",),
        Barrier.ORIGIN,
        "shared, community and marketplace images; only with `owner_accounts`, and needed where U-10 or U-15 "
        "let an outsider's tags count",
        ECS_TABLE,
    ),
    Road(
        "launch-template",
        LAUNCHES,
        THE_CALLER,
        ("launchtemplate/<id>", "image/<id of the template>"),
        ("acs:ResourceTag/<key>",),
        Barrier.LAUNCH,
        "the image that the template resolves to is asked; that it is, no page says",
        "help.aliyun.com ecs/developer-reference/api-ecs-2014-05-26-runinstances",
    ),
    Road(
        "image-family",
        FAMILY_ACTIONS,
        THE_CALLER,
        ("image/<id>",),
        (),
        Barrier.FAMILY,
        "a family resolves to its newest image, so nobody else may move an image into one",
        ECS_TABLE,
    ),
    Road(
        "tag-by-ecs",
        TAG_ACTIONS,
        THE_CALLER,
        ("image/<id>",),
        ("acs:RequestTag/<key>", "acs:ResourceTag/<key>"),
        Barrier.TAGGING,
        "images alone: an instance or a disk may wear the same key",
        "help.aliyun.com ecs TagResources, doc 110424",
    ),
    Road(
        "tag-by-tag-service",
        TAG_SERVICE_ACTIONS,
        THE_CALLER,
        ("<the tagged resource>",),
        ("acs:RequestTag/<key>",),
        Barrier.TAGGING,
        "also denied by key for all resources, as no page says which resource the Tag service authorises",
        "help.aliyun.com resource-management/tag/developer-reference/api-tag-2018-08-28-tagresources",
    ),
    Road(
        "tag-by-remediation",
        ("ecs:TagResources",),
        "AliyunServiceRoleForConfigRemediation, outside control policies",
        ("image/<id>",),
        (),
        Barrier.NONE,
        "whoever may write Cloud Config remediation rules can have a tag set",
        "AliyunServiceRolePolicyForConfigRemediation",
    ),
    Road(
        "born-with-tag",
        CREATE_ACTIONS,
        THE_CALLER,
        ("image/*", "instance/<id>", "snapshot/<id>"),
        ("acs:RequestTag/<key>",),
        Barrier.CREATION,
        "with `image_creation: tagged` backups without the tag pass; `all` holds under U-11 too",
        ECS_TABLE,
    ),
    Road(
        "shared-unapproved",
        SHARE_ACTIONS,
        "whoever may share images of an owner account",
        ("image/<id>",),
        ("acs:ResourceTag/<key>",),
        Barrier.SHARING,
        "with `distribute: share` receivers go by the owner alone, so an owner account behind the fence "
        "shares nothing without the tags; one outside the fence is trusted with what it shares",
        ECS_TABLE,
    ),
    Road(
        "tagged-before",
        TAG_ACTIONS,
        "whoever tagged an image before the fence stood over its account",
        ("image/<id>",),
        (),
        Barrier.NONE,
        "such images stay approved, also those of an account that is moved below the fence later, and under "
        "`share` those that an owner account shared before; "
        "`imagefence images list` shows all that wear the tags",
        ECS_TABLE,
    ),
    Road(
        "directory-role",
        (*ROLE_ACTIONS, *POLICY_ACTIONS),
        "the management account, by ResourceDirectoryAccountAccessRole in a member",
        ("role/<name>", "policy/<name>"),
        (),
        Barrier.NONE,
        "it sets the exempt roles up, so it may change their trust; others can't get at its own",
        CONTROL_POLICIES,
    ),
    Road(
        "exempt-role",
        ROLE_ACTIONS,
        THE_CALLER,
        ("role/<name>",),
        (),
        Barrier.NAMES,
        "the name in any case; the directory's own role may, or the fence could not be set up",
        "help.aliyun.com ram/developer-reference/api-ram-2015-05-01-createrole",
    ),
    Road(
        "other-launchers",
        LAUNCHER_ACTIONS,
        SERVICE_ROLE,
        ("*",),
        (),
        Barrier.LAUNCHERS,
        "scaling groups, provisioning groups, node pools and image pipelines launch by themselves; close the "
        "door where the image is chosen with `other_launchers: closed`",
        "AliyunServiceRolePolicyForECSImageBuilder; " + ECS_TABLE,
    ),
    Road(
        "reinit-or-reset-disk",
        ("ecs:ReInitDisk", "ecs:ResetDisk"),
        THE_CALLER,
        ("disk/<id>", "snapshot/<id>"),
        ("acs:ResourceTag/<key>",),
        Barrier.NONE,
        "brings an instance back to the image or the snapshot it had; the audit sees its image",
        ECS_TABLE,
    ),
    Road(
        "swap-disk",
        ("ecs:DetachDisk", "ecs:AttachDisk"),
        THE_CALLER,
        ("disk/<id>", "instance/<id>"),
        ("acs:ResourceTag/<key>",),
        Barrier.NONE,
        "a system disk can be rewritten on another instance; no condition key tells `Bootable`",
        "help.aliyun.com ecs AttachDisk",
    ),
    Road(
        "inside-the-instance",
        ("ecs:RunCommand",),
        "whoever has a shell",
        ("instance/<id>", "command/*"),
        (),
        Barrier.NONE,
        "tags on images can't speak of what is done after the launch",
        ECS_TABLE,
    ),
    Road(
        "exempt-callers",
        ("*",),
        "the management account, the root of a member, service-linked roles",
        ("*",),
        (),
        Barrier.NONE,
        "control policies do not meet them; `fence status` names them",
        CONTROL_POLICIES,
    ),
)


def roads_closed_by(barrier: Barrier) -> tuple[Road, ...]:
    """Gives the roads across which a barrier stands."""
    return tuple(road for road in ROADS if road.closed_by is barrier)
