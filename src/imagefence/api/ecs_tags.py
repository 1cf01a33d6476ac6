"""ECS: tags.

Source: help.aliyun.com ecs/developer-reference, pages of each operation; ecs/ram-authorization.
"""

from __future__ import annotations

import msgspec

from imagefence.api import ecs_faults, faults
from imagefence.api.ecs_shapes import TagPair
from imagefence.api.operation import (
    Access,
    Answer,
    Authorized,
    Fault,
    Item,
    Operation,
    Paging,
    Parameters,
)
from imagefence.api.products import ECS

TOO_MANY_RESOURCES = Fault(
    400,
    "NumberExceed.ResourceIds",
    "The ResourceIds parameter's number is exceed , Valid : 50.",
)
NO_RESOURCES = Fault(404, "MissingParameter.ResourceIds", "The parameter - ResourceIds.N should not be null.")
NO_TAGS = Fault(404, "MissingParameter.Tags", "The parameter - Tags should not be null.")
NO_TAG_KEYS = Fault(404, "MissingParameter.TagKey", "The parameter - TagKey.N should not be null.")
RESOURCE_NOT_FOUND = Fault(
    404,
    "InvalidResourceId.NotFound",
    "The specified ResourceIds are not found in our records.",
)
NOT_TAGGABLE = Fault(
    403,
    "InvalidResourceId.NotSupported",
    "The specified ResourceId does not support tagging.",
)
RESOURCE_TYPE_NOT_FOUND = Fault(
    404,
    "InvalidResourceType.NotFound",
    "The ResourceType provided does not exist in our records.",
)


class TagResources(Parameters, frozen=True, kw_only=True):
    """Sets tags on up to 50 resources of one type; a key that exists gets the new value."""

    region_id: str
    resource_type: str
    resource_id: tuple[str, ...]
    tag: tuple[TagPair, ...]


class TagResourcesAnswer(Answer):
    """Nothing but the request's id."""


TAG_RESOURCES = Operation(
    product=ECS,
    name="TagResources",
    request=TagResources,
    response=TagResourcesAnswer,
    access=Access.WRITE,
    authorizes=(Authorized("{resource_type}", of="resource_id"),),
    doc="https://api.aliyun.com/document/Ecs/2014-05-26/TagResources",
    faults=(
        faults.REGION_NOT_FOUND,
        ecs_faults.TAG_KEY_MALFORMED,
        ecs_faults.TAG_VALUE_MALFORMED,
        ecs_faults.TAG_KEY_DUPLICATE,
        ecs_faults.TAGS_TOO_MANY,
        ecs_faults.TAG_QUOTA,
        TOO_MANY_RESOURCES,
        NO_RESOURCES,
        NO_TAGS,
        RESOURCE_NOT_FOUND,
        NOT_TAGGABLE,
        RESOURCE_TYPE_NOT_FOUND,
    ),
)


class UntagResources(Parameters, frozen=True, kw_only=True):
    """Removes tags by key, or with `all` and no key every tag."""

    region_id: str
    resource_type: str
    resource_id: tuple[str, ...]
    tag_key: tuple[str, ...] = ()
    all: bool = False


class UntagResourcesAnswer(Answer):
    """Nothing but the request's id."""


UNTAG_RESOURCES = Operation(
    product=ECS,
    name="UntagResources",
    request=UntagResources,
    response=UntagResourcesAnswer,
    access=Access.WRITE,
    authorizes=(Authorized("{resource_type}", of="resource_id"),),
    doc="https://api.aliyun.com/document/Ecs/2014-05-26/UntagResources",
    faults=(
        faults.REGION_NOT_FOUND,
        TOO_MANY_RESOURCES,
        NO_RESOURCES,
        NO_TAG_KEYS,
        RESOURCE_NOT_FOUND,
        NOT_TAGGABLE,
        RESOURCE_TYPE_NOT_FOUND,
    ),
)


class TagFilter(Parameters, frozen=True, kw_only=True):
    """`TagFilter.N`: a key with any of up to five values; no value stands for any."""

    tag_key: str = ""
    tag_values: tuple[str, ...] = ()


class ListTagResources(Parameters, frozen=True, kw_only=True):
    """Lists tags by resources, by tags, or both; pages hold up to 50 entries."""

    region_id: str
    resource_type: str
    next_token: str = ""
    resource_id: tuple[str, ...] = ()
    tag: tuple[TagPair, ...] = ()
    tag_filter: tuple[TagFilter, ...] = ()


class TagResource(Item):
    """One tag on one resource."""

    resource_id: str = ""
    resource_type: str = ""
    tag_key: str = ""
    tag_value: str = ""


class TaggedResources(Item):
    """The list of tags on resources."""

    tag_resource: tuple[TagResource, ...] = ()


class ListTagResourcesAnswer(Answer):
    """One page of tags on resources."""

    next_token: str = ""
    tag_resources: TaggedResources = msgspec.field(default_factory=TaggedResources)


LIST_TAG_RESOURCES = Operation(
    product=ECS,
    name="ListTagResources",
    request=ListTagResources,
    response=ListTagResourcesAnswer,
    access=Access.READ,
    authorizes=(Authorized("*"),),
    doc="https://api.aliyun.com/document/Ecs/2014-05-26/ListTagResources",
    faults=(
        faults.REGION_NOT_FOUND,
        TOO_MANY_RESOURCES,
        NO_RESOURCES,
        RESOURCE_TYPE_NOT_FOUND,
    ),
    paging=Paging.NEXT_TOKEN,
    items="tag_resources.tag_resource",
)

OPERATIONS = (TAG_RESOURCES, UNTAG_RESOURCES, LIST_TAG_RESOURCES)
