"""ECS: security groups.

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

BAD_GROUP_NAME = Fault(
    400, "InvalidSecurityGroupName.Malformed", "Specified security group name is not valid."
)
BAD_GROUP_TYPE = Fault(400, "InvalidParams.GroupType", "The specified security group type is not valid.")
GROUP_QUOTA = Fault(403, "QuotaExceed.SecurityGroup", "The maximum number of security groups is reached.")
NO_VPC = Fault(403, "InvalidVpcId.NotFound", "The VpcId must not empty when only support vpc vm.")


class CreateSecurityGroup(Parameters, frozen=True, kw_only=True):
    """Creates a security group in a VPC."""

    region_id: str
    vpc_id: str = ""
    security_group_name: str = ""
    description: str = ""
    security_group_type: str = ""
    client_token: str = ""
    resource_group_id: str = ""
    tag: tuple[TagPair, ...] = ()


class CreateSecurityGroupAnswer(Answer):
    """The id of the security group."""

    security_group_id: str = ""


CREATE_SECURITY_GROUP = Operation(
    product=ECS,
    name="CreateSecurityGroup",
    request=CreateSecurityGroup,
    response=CreateSecurityGroupAnswer,
    access=Access.WRITE,
    authorizes=(
        Authorized("securitygroup", new=True),
        Authorized("vpc", of="vpc_id", service="vpc"),
    ),
    doc="https://api.aliyun.com/document/Ecs/2014-05-26/CreateSecurityGroup",
    faults=(
        faults.REGION_NOT_FOUND,
        ecs_faults.VPC_NOT_FOUND,
        ecs_faults.DESCRIPTION_MALFORMED,
        ecs_faults.TAG_KEY_MALFORMED,
        ecs_faults.TAG_VALUE_MALFORMED,
        ecs_faults.TAG_KEY_DUPLICATE,
        ecs_faults.TAGS_TOO_MANY,
        BAD_GROUP_NAME,
        BAD_GROUP_TYPE,
        GROUP_QUOTA,
        NO_VPC,
    ),
)


class DescribeSecurityGroups(Parameters, frozen=True, kw_only=True):
    """Lists security groups; `security_group_ids` is None where not given."""

    region_id: str
    security_group_ids: JsonList | None = None
    security_group_id: str = ""
    security_group_name: str = ""
    security_group_type: str = ""
    vpc_id: str = ""
    network_type: str = ""
    fuzzy_query: bool = False
    resource_group_id: str = ""
    page_number: Annotated[int, msgspec.Meta(ge=1)] = 1
    page_size: Annotated[int, msgspec.Meta(ge=1, le=100)] = 10
    next_token: str = ""
    max_results: Annotated[int, msgspec.Meta(ge=1, le=100)] | None = None
    dry_run: bool = False
    tag: tuple[TagPair, ...] = ()


class SecurityGroup(Item):
    """A security group."""

    creation_time: str = ""
    description: str = ""
    ecs_count: int = 0
    resource_group_id: str = ""
    rule_count: int = 0
    security_group_id: str = ""
    security_group_name: str = ""
    security_group_type: str = ""
    service_managed: bool = False
    tags: Tags = msgspec.field(default_factory=Tags)
    vpc_id: str = ""


class SecurityGroups(Item):
    """The list of security groups."""

    security_group: tuple[SecurityGroup, ...] = ()


class DescribeSecurityGroupsAnswer(Answer):
    """One page of security groups."""

    next_token: str = ""
    page_number: int = 1
    page_size: int = 10
    region_id: str = ""
    security_groups: SecurityGroups = msgspec.field(default_factory=SecurityGroups)
    total_count: int = 0


DESCRIBE_SECURITY_GROUPS = Operation(
    product=ECS,
    name="DescribeSecurityGroups",
    request=DescribeSecurityGroups,
    response=DescribeSecurityGroupsAnswer,
    access=Access.READ,
    authorizes=(Authorized("securitygroup", of="security_group_ids", otherwise="*"),),
    doc="https://api.aliyun.com/document/Ecs/2014-05-26/DescribeSecurityGroups",
    faults=(faults.REGION_NOT_FOUND, BAD_GROUP_TYPE),
    paging=Paging.NEXT_TOKEN,
    items="security_groups.security_group",
)

OPERATIONS = (CREATE_SECURITY_GROUP, DESCRIBE_SECURITY_GROUPS)
