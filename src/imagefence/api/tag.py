"""The Tag service: tags on the resources of any product, named by `arn:acs:…`.

Source: help.aliyun.com resource-management/tag, pages of each operation.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from imagefence.api import faults
from imagefence.api.operation import (
    Access,
    Answer,
    Authorized,
    Fault,
    Item,
    JsonMap,
    Operation,
    Paging,
    Parameters,
)
from imagefence.api.products import TAG

BAD_ARN = Fault(
    400,
    "InvalidResourceARN.FormatError",
    "The format of parameter ResourceARN: {arn} is not valid, for the correct format, "
    "you can refer to the Recommend.",
)
ARN_REGION = Fault(
    400,
    "InvalidResourceARN.Region",
    "The Region specified in the ResourceARN parameter does not match the RegionId parameter, "
    "specifically: {arn}.",
)
ARN_ACCOUNT = Fault(
    400,
    "InvalidResourceARN.Account",
    "The Account specified in the ResourceARN parameter does not match the actual account, "
    "specifically: {arn}.",
)
BAD_SERVICE = Fault(
    400,
    "InvalidParameter.ServiceCode",
    "The parameter service code: {service} in  ResourceARN is not valid or not support.",
)
BAD_RESOURCE_TYPE = Fault(
    400,
    "InvalidParameter.ResourceType",
    "The parameter resource type: {type} in ResourceARN is not valid or not support.",
)
BAD_TAG_KEY = Fault(
    400,
    "InvalidParameter.TagKey",
    "The TagKey parameter  is invalid. The following TagKeys are invalid: {key}.",
)
BAD_TAG_VALUE = Fault(
    400,
    "InvalidParameter.TagValue",
    "The TagValue parameter is invalid. The following TagValues are invalid: {value}.",
)
BAD_TAGS = Fault(
    400,
    "InvalidParameter.Tags",
    "The Tags parameter cannot be empty, and JSON parsing should adhere to the format of a Map.",
)
TOO_MANY_RESOURCES = Fault(403, "NumberExceed.ResourceIds", "The maximum number of ResourceIds is exceeded.")
TOO_MANY_TAGS = Fault(403, "NumberExceed.Tags", "The maximum number of Tags is exceeded.")
TAG_QUOTA = Fault(
    403,
    "QuotaExceed.TagsPerResource",
    "The maximum number of tags for each resource is exceeded.",
)
RESOURCE_NOT_FOUND = Fault(404, "InvalidResourceId.NotFound", "The resourceId is not found.")


class Result(Item):
    """Why a resource was left out."""

    code: str = ""
    message: str = ""


class FailedResource(Item):
    """A resource that was left out."""

    resource_arn: str = msgspec.field(name="ResourceARN", default="")
    result: Result = msgspec.field(default_factory=Result)


class FailedResources(Item):
    """The list of resources left out."""

    failed_resource: tuple[FailedResource, ...] = ()


class TagResources(Parameters, frozen=True, kw_only=True):
    """Sets 1 to 10 tags on up to 50 resources."""

    region_id: str
    tags: JsonMap
    resource_arn: tuple[str, ...] = msgspec.field(name="ResourceARN")


class TagResourcesAnswer(Answer):
    """The resources that were not tagged."""

    failed_resources: FailedResources = msgspec.field(default_factory=FailedResources)


# Why: whether the product's own action is asked too is not said (U-12); the sandbox asks both by default.
TAG_RESOURCES = Operation(
    product=TAG,
    name="TagResources",
    request=TagResources,
    response=TagResourcesAnswer,
    access=Access.WRITE,
    authorizes=(
        Authorized("arn", of="resource_arn"),
        Authorized("arn", of="resource_arn", action="ecs:TagResources"),
        Authorized("arn", of="resource_arn", action="vpc:TagResources"),
    ),
    doc="https://api.aliyun.com/document/Tag/2018-08-28/TagResources",
    faults=(
        faults.REGION_NOT_FOUND,
        BAD_ARN,
        ARN_REGION,
        ARN_ACCOUNT,
        BAD_SERVICE,
        BAD_RESOURCE_TYPE,
        BAD_TAG_KEY,
        BAD_TAG_VALUE,
        BAD_TAGS,
        TOO_MANY_RESOURCES,
        TOO_MANY_TAGS,
    ),
)


class UntagResources(Parameters, frozen=True, kw_only=True):
    """Removes 1 to 10 tag keys from up to 50 resources."""

    region_id: str
    resource_arn: tuple[str, ...] = msgspec.field(name="ResourceARN")
    tag_key: tuple[str, ...]


class UntagResourcesAnswer(Answer):
    """The resources that were not untagged."""

    failed_resources: FailedResources = msgspec.field(default_factory=FailedResources)


UNTAG_RESOURCES = Operation(
    product=TAG,
    name="UntagResources",
    request=UntagResources,
    response=UntagResourcesAnswer,
    access=Access.WRITE,
    authorizes=(
        Authorized("arn", of="resource_arn"),
        Authorized("arn", of="resource_arn", action="ecs:UntagResources"),
        Authorized("arn", of="resource_arn", action="vpc:UntagResources"),
    ),
    doc="https://api.aliyun.com/document/Tag/2018-08-28/UntagResources",
    faults=(
        faults.REGION_NOT_FOUND,
        BAD_ARN,
        ARN_REGION,
        ARN_ACCOUNT,
        BAD_SERVICE,
        BAD_RESOURCE_TYPE,
        TOO_MANY_RESOURCES,
        TOO_MANY_TAGS,
    ),
)


class ListTagResources(Parameters, frozen=True, kw_only=True):
    """Lists resources with their tags, by name or by tags that they must all have."""

    region_id: str
    next_token: str = ""
    page_size: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 50
    tags: JsonMap | None = None
    category: str = ""
    resource_arn: tuple[str, ...] = msgspec.field(name="ResourceARN", default=())


class Tag(Item):
    """One tag; `category` is Custom for those that users set."""

    category: str = ""
    key: str = ""
    value: str = ""


class TagResource(Item):
    """A resource with its tags."""

    resource_arn: str = msgspec.field(name="ResourceARN", default="")
    tags: tuple[Tag, ...] = ()


class ListTagResourcesAnswer(Answer):
    """One page of resources with their tags."""

    next_token: str = ""
    tag_resources: tuple[TagResource, ...] = ()


LIST_TAG_RESOURCES = Operation(
    product=TAG,
    name="ListTagResources",
    request=ListTagResources,
    response=ListTagResourcesAnswer,
    access=Access.READ,
    authorizes=(Authorized("*"),),
    doc="https://api.aliyun.com/document/Tag/2018-08-28/ListTagResources",
    faults=(faults.REGION_NOT_FOUND, BAD_ARN, ARN_REGION, TOO_MANY_RESOURCES),
    paging=Paging.NEXT_TOKEN,
    items="tag_resources",
)

OPERATIONS = (TAG_RESOURCES, UNTAG_RESOURCES, LIST_TAG_RESOURCES)
