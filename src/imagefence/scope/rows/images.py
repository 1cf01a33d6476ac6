"""Roads that make an image look approved, or that bring one into another account."""

from __future__ import annotations

from imagefence.scope.road import ECS_TABLE, Barrier, Caller, Group, Road

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
TAG_ROLE = "AliyunServiceRoleForTag"

IMAGE_ROADS: tuple[Road, ...] = (
    Road(
        name="tag-by-ecs",
        actions=TAG_ACTIONS,
        group=Group.IMAGES,
        authorizes=("<resource_type>/<id>",),
        keys=("acs:RequestTag/<key>", "acs:ResourceTag/<key>"),
        closed_by=Barrier.TAGGING,
        remark="images alone: an instance or a disk may wear the same key",
        source="help.aliyun.com ecs TagResources, doc 110424",
    ),
    Road(
        name="tag-by-tag-service",
        actions=TAG_SERVICE_ACTIONS,
        group=Group.IMAGES,
        authorizes=("<arn>",),
        keys=("acs:RequestTag/<key>",),
        closed_by=Barrier.TAGGING,
        remark="also denied by key for all resources, as no page says which resource the Tag service "
        "authorises",
        unsure="which resource the Tag service authorises (U-12)",
        source="help.aliyun.com resource-management/tag/developer-reference/api-tag-2018-08-28-tagresources",
    ),
    Road(
        name="born-with-tag",
        actions=CREATE_ACTIONS,
        group=Group.IMAGES,
        authorizes=("image/*", "image/<id>", "instance/<id>", "snapshot/<id>"),
        keys=("acs:RequestTag/<key>",),
        closed_by=Barrier.CREATION,
        remark="with `image_creation: tagged` backups without the tag pass; `all` holds under U-11 too",
        source=ECS_TABLE,
    ),
    Road(
        name="shared-unapproved",
        actions=SHARE_ACTIONS,
        group=Group.IMAGES,
        role="whoever may share images of an owner account",
        authorizes=("image/<id>",),
        keys=("acs:ResourceTag/<key>",),
        closed_by=Barrier.SHARING,
        remark="with `distribute: share` receivers go by the owner alone, so an owner account behind the "
        "fence shares nothing without the tags; one outside the fence is trusted with what it shares",
        source=ECS_TABLE,
    ),
    Road(
        name="shared-with-a-group",
        actions=("ecs:ModifyImageShareGroupPermission",),
        group=Group.IMAGES,
        role="whoever may share images of an owner account",
        authorizes=("image/<id>",),
        keys=("acs:ResourceTag/<key>",),
        closed_by=Barrier.SHARING,
        remark="the same through a group of receivers",
        unsure="no page says what it authorises",
        source="alibabacloud-ecs20140526, ModifyImageShareGroupPermission",
    ),
    Road(
        name="shared-by-resource-sharing",
        actions=("resourcesharing:CreateResourceShare", "resourcesharing:AssociateResourceShare"),
        group=Group.SHARES,
        role="whoever may share images of an owner account",
        authorizes=(),
        closed_by=Barrier.DOOR,
        remark="shares an image with a folder or the whole directory; matters with `distribute: share`, "
        "where receivers go by the owner; closing it stops sharing of all other resources too",
        unsure="whether the image is authorised besides the share; as no tag of it is asked, only the door "
        "stops it",
        source="alibabacloud.com/help ecs/user-guide/share-a-custom-image",
    ),
)
TAGGER_ROADS: tuple[Road, ...] = (
    Road(
        name="tag-by-remediation",
        actions=(
            "config:CreateRemediation",
            "config:UpdateRemediation",
            "config:StartRemediation",
            "config:CreateAggregateRemediation",
            "config:UpdateAggregateRemediation",
            "config:StartAggregateRemediation",
        ),
        group=Group.TAGGERS,
        by=Caller.SERVICE_LINKED,
        role="AliyunServiceRoleForConfigRemediation",
        authorizes=(),
        closed_by=Barrier.DOOR,
        remark="whoever may write Cloud Config remediation rules can have a tag set; rules of the "
        "management account or of a delegated one reach members from outside the fence",
        unsure="whether a remediation template tags images",
        source="AliyunServiceRolePolicyForConfigRemediation, help.aliyun.com document_detail/193207",
    ),
    Road(
        name="tag-inheritance",
        actions=("tag:CreateAssociatedResourceRules", "tag:UpdateAssociatedResourceRule"),
        group=Group.TAGGERS,
        by=Caller.SERVICE_LINKED,
        role=TAG_ROLE,
        authorizes=(),
        closed_by=Barrier.DOOR,
        remark="a rule makes a resource inherit the tags of another, by a role that may tag everything",
        unsure="whether an image can inherit the tags of an instance or a snapshot",
        source="alibabacloud.com/help resource-management/tag/user-guide/associated-resource-label-settings",
    ),
    Road(
        name="tag-policy",
        actions=("tag:CreatePolicy", "tag:ModifyPolicy", "tag:AttachPolicy", "tag:EnablePolicyType"),
        group=Group.TAGGERS,
        by=Caller.SERVICE_LINKED,
        role=TAG_ROLE,
        authorizes=(),
        closed_by=Barrier.DOOR,
        remark="a tag policy can mend tags by itself, or hand down those of a resource group",
        unsure="whether images are among what it mends, and in whose name",
        source="help.aliyun.com resource-management/tag/user-guide/overview; AliyunServiceRolePolicyForTag",
    ),
)
