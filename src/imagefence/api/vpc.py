"""VPC: networks and vSwitches.

Source: help.aliyun.com vpc/developer-reference, pages of each operation; vpc/ram-authorization.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from imagefence.api import faults
from imagefence.api.ecs_shapes import TagPair
from imagefence.api.operation import (
    Access,
    Answer,
    Authorized,
    CommaList,
    Fault,
    Item,
    Operation,
    Paging,
    Parameters,
)
from imagefence.api.products import VPC

PageNumber = Annotated[int, msgspec.Meta(ge=1)]
PageSize = Annotated[int, msgspec.Meta(ge=1, le=50)]

BAD_VPC_NAME = Fault(400, "InvalidVpcName.Malformed", "Specified VPC name is not valid.")
BAD_CIDR = Fault(400, "InvalidCidrBlock.Malformed", "Specified CIDR block is not valid.")
BAD_VPC_CIDR = Fault(400, "InvalidParameter", "Specified CIDR block is not valid")
CIDR_NOT_IN_VPC = Fault(400, "InvalidParameter", "Specified CIDR block is not valid in VPC.")
CIDR_OVERLAPS = Fault(
    400, "InvalidCidrBlock.Overlapped", "Specified CIDR block overlapped with other subnets."
)
BAD_VSWITCH_NAME = Fault(400, "InvalidVSwitchName.Malformed", "Specified virtual switch name is not valid.")
VPC_STATUS = Fault(400, "IncorrectVpcStatus", "Current VPC status does not support this operation.")
ZONE_NOT_FOUND = Fault(404, "InvalidZoneId.NotFound", "Specified zone does not exist.")
VPC_NOT_FOUND = Fault(404, "InvalidVpcId.NotFound", "Specified VPC does not exist.")
BAD_TAG_KEY = Fault(400, "InvalidTagKey", "The tag keys are not valid.")
BAD_TAG_VALUE = Fault(400, "InvalidTagValue", "The tag values are not valid.")


class Tag(Item):
    """One tag in a VPC answer."""

    key: str = ""
    value: str = ""


class Tags(Item):
    """The tags of a VPC object."""

    tag: tuple[Tag, ...] = ()


class CreateVpc(Parameters, frozen=True, kw_only=True):
    """Creates a VPC; it becomes Available later."""

    region_id: str
    cidr_block: str = "172.16.0.0/12"
    vpc_name: str = ""
    description: str = ""
    resource_group_id: str = ""
    client_token: str = ""
    dry_run: bool = False
    tag: tuple[TagPair, ...] = ()


class CreateVpcAnswer(Answer):
    """The ids of the VPC, its router and its route table."""

    resource_group_id: str = ""
    route_table_id: str = ""
    v_router_id: str = ""
    vpc_id: str = ""


CREATE_VPC = Operation(
    product=VPC,
    name="CreateVpc",
    request=CreateVpc,
    response=CreateVpcAnswer,
    access=Access.WRITE,
    authorizes=(Authorized("vpc", new=True),),
    doc="https://api.aliyun.com/document/Vpc/2016-04-28/CreateVpc",
    faults=(faults.REGION_NOT_FOUND, BAD_VPC_NAME, BAD_VPC_CIDR, BAD_TAG_KEY, BAD_TAG_VALUE),
)


class DescribeVpcs(Parameters, frozen=True, kw_only=True):
    """Lists VPCs."""

    region_id: str
    vpc_id: CommaList = ()
    vpc_name: str = ""
    is_default: bool | None = None
    resource_group_id: str = ""
    page_number: PageNumber = 1
    page_size: PageSize = 10
    dry_run: bool = False
    tag: tuple[TagPair, ...] = ()


class VSwitchIds(Item):
    """The vSwitches of a VPC."""

    v_switch_id: tuple[str, ...] = ()


class RouterTableIds(Item):
    """The route tables of a VPC."""

    router_table_ids: tuple[str, ...] = ()


class Vpc(Item):
    """A VPC."""

    cidr_block: str = ""
    creation_time: str = ""
    description: str = ""
    is_default: bool = False
    owner_id: int = 0
    region_id: str = ""
    resource_group_id: str = ""
    router_table_ids: RouterTableIds = msgspec.field(default_factory=RouterTableIds)
    status: str = ""
    tags: Tags = msgspec.field(default_factory=Tags)
    v_router_id: str = ""
    v_switch_ids: VSwitchIds = msgspec.field(default_factory=VSwitchIds)
    vpc_id: str = ""
    vpc_name: str = ""


class Vpcs(Item):
    """The list of VPCs."""

    vpc: tuple[Vpc, ...] = ()


class DescribeVpcsAnswer(Answer):
    """One page of VPCs."""

    page_number: int = 1
    page_size: int = 10
    total_count: int = 0
    vpcs: Vpcs = msgspec.field(default_factory=Vpcs)


DESCRIBE_VPCS = Operation(
    product=VPC,
    name="DescribeVpcs",
    request=DescribeVpcs,
    response=DescribeVpcsAnswer,
    access=Access.READ,
    authorizes=(Authorized("vpc", of="vpc_id", otherwise="*"),),
    doc="https://api.aliyun.com/document/Vpc/2016-04-28/DescribeVpcs",
    faults=(faults.REGION_NOT_FOUND,),
    paging=Paging.PAGE_NUMBER,
    items="vpcs.vpc",
)


class CreateVSwitch(Parameters, frozen=True, kw_only=True):
    """Creates a vSwitch in a zone of a VPC."""

    zone_id: str
    cidr_block: str
    vpc_id: str
    region_id: str = ""
    v_switch_name: str = ""
    description: str = ""
    client_token: str = ""
    tag: tuple[TagPair, ...] = ()


class CreateVSwitchAnswer(Answer):
    """The id of the vSwitch."""

    v_switch_id: str = ""


CREATE_VSWITCH = Operation(
    product=VPC,
    name="CreateVSwitch",
    request=CreateVSwitch,
    response=CreateVSwitchAnswer,
    access=Access.WRITE,
    authorizes=(Authorized("vswitch", new=True), Authorized("vpc", of="vpc_id")),
    doc="https://api.aliyun.com/document/Vpc/2016-04-28/CreateVSwitch",
    keys=("vpc:VPC",),
    faults=(
        faults.REGION_NOT_FOUND,
        BAD_VSWITCH_NAME,
        BAD_CIDR,
        CIDR_NOT_IN_VPC,
        CIDR_OVERLAPS,
        VPC_STATUS,
        ZONE_NOT_FOUND,
        VPC_NOT_FOUND,
        BAD_TAG_KEY,
        BAD_TAG_VALUE,
    ),
)


class DescribeVSwitches(Parameters, frozen=True, kw_only=True):
    """Lists vSwitches."""

    region_id: str = ""
    vpc_id: str = ""
    v_switch_id: CommaList = ()
    zone_id: str = ""
    v_switch_name: str = ""
    is_default: bool | None = None
    resource_group_id: str = ""
    page_number: PageNumber = 1
    page_size: PageSize = 10
    dry_run: bool = False
    tag: tuple[TagPair, ...] = ()


class VSwitch(Item):
    """A vSwitch."""

    available_ip_address_count: int = 0
    cidr_block: str = ""
    creation_time: str = ""
    description: str = ""
    is_default: bool = False
    owner_id: int = 0
    resource_group_id: str = ""
    status: str = ""
    tags: Tags = msgspec.field(default_factory=Tags)
    v_switch_id: str = ""
    v_switch_name: str = ""
    vpc_id: str = ""
    zone_id: str = ""


class VSwitches(Item):
    """The list of vSwitches."""

    v_switch: tuple[VSwitch, ...] = ()


class DescribeVSwitchesAnswer(Answer):
    """One page of vSwitches."""

    page_number: int = 1
    page_size: int = 10
    total_count: int = 0
    v_switches: VSwitches = msgspec.field(default_factory=VSwitches)


DESCRIBE_VSWITCHES = Operation(
    product=VPC,
    name="DescribeVSwitches",
    request=DescribeVSwitches,
    response=DescribeVSwitchesAnswer,
    access=Access.READ,
    authorizes=(Authorized("vswitch"),),
    doc="https://api.aliyun.com/document/Vpc/2016-04-28/DescribeVSwitches",
    keys=("vpc:VPC",),
    faults=(faults.REGION_NOT_FOUND,),
    paging=Paging.PAGE_NUMBER,
    items="v_switches.v_switch",
)

OPERATIONS = (CREATE_VPC, DESCRIBE_VPCS, CREATE_VSWITCH, DESCRIBE_VSWITCHES)
