"""Roads round the fence itself, and what no policy reaches."""

from __future__ import annotations

from imagefence.scope.road import CONTROL_POLICIES, ECS_TABLE, Barrier, Caller, Group, Road
from imagefence.scope.rows.images import TAG_ACTIONS

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
ROLE_RESOURCES = ("ram:role/*", "ram:role/<name>", "ram:policy/<name>")

BEYOND_ROADS: tuple[Road, ...] = (
    Road(
        name="exempt-role",
        actions=ROLE_ACTIONS,
        group=Group.BEYOND,
        authorizes=ROLE_RESOURCES,
        closed_by=Barrier.NAMES,
        remark="the name in any case; the directory's own role may, or the fence could not be set up",
        source="help.aliyun.com ram/developer-reference/api-ram-2015-05-01-createrole",
    ),
    Road(
        name="directory-role",
        actions=(*ROLE_ACTIONS, *POLICY_ACTIONS),
        group=Group.BEYOND,
        by=Caller.EXEMPT,
        role="the management account, by ResourceDirectoryAccountAccessRole in a member",
        authorizes=(*ROLE_RESOURCES, "ram:policy/*"),
        closed_by=Barrier.NONE,
        remark="it sets the exempt roles up, so it may change their trust; others can't get at its own",
        source=CONTROL_POLICIES,
    ),
    Road(
        name="tagged-before",
        actions=TAG_ACTIONS,
        group=Group.BEYOND,
        role="whoever tagged an image before the fence stood over its account",
        authorizes=("<resource_type>/<id>",),
        closed_by=Barrier.NONE,
        remark="such images stay approved, also those of an account that is moved below the fence later, "
        "and under `share` those that an owner account shared before; `imagefence images list` shows all "
        "that wear the tags",
        source=ECS_TABLE,
    ),
    Road(
        name="told-before",
        actions=("ess:ExecuteScalingRule", "ess:ScaleWithAdjustment", "ecs:ModifyAutoProvisioningGroup"),
        group=Group.BEYOND,
        by=Caller.SERVICE_LINKED,
        authorizes=(),
        closed_by=Barrier.NONE,
        remark="groups, templates, pipelines, node pools and remediation rules that stood before a door was "
        "closed go on with the image and the tags that they have",
        source="alibabacloud.com/help doc-detail/69789",
    ),
    Road(
        name="inside-the-instance",
        actions=("ecs:RunCommand",),
        group=Group.BEYOND,
        role="whoever has a shell",
        authorizes=("instance/<id>", "command/*"),
        closed_by=Barrier.NONE,
        remark="tags on images can't speak of what is done after the launch",
        source=ECS_TABLE,
    ),
    Road(
        name="exempt-callers",
        actions=("*",),
        group=Group.BEYOND,
        by=Caller.EXEMPT,
        role="the management account, the root of a member, service-linked roles",
        authorizes=("*",),
        closed_by=Barrier.NONE,
        remark="control policies do not meet them; `fence status` names them",
        source=CONTROL_POLICIES,
    ),
)
