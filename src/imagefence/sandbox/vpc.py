"""Behaviour of VPC: networks and vSwitches."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import IPv4Network

from imagefence.api import ecs_faults, vpc
from imagefence.api.ecs_shapes import TagPair
from imagefence.sandbox.call import Call, Refused, performs
from imagefence.sandbox.compute import Region, Vpc, VSwitch
from imagefence.sandbox.ecs_lookup import anywhere, passing, region_of, settled
from imagefence.sandbox.ecs_paging import numbered
from imagefence.sandbox.ecs_parts import (
    check_name,
    good_tag_key,
    good_tag_value,
    has_tags,
    new_id,
    soon,
    to_seconds,
)
from imagefence.sandbox.stock import DEFAULT_REGION, REGIONS

# The vendor keeps the first and the last three addresses of each vSwitch.
RESERVED_ADDRESSES = 4


def network(text: str) -> IPv4Network | None:
    """The CIDR block that a text names, or None."""
    try:
        return IPv4Network(text)
    except ValueError:
        return None


def vpc_tags(pairs: Iterable[TagPair]) -> dict[str, str]:
    """The tags of a request; refuses those that the VPC pages rule out."""
    tags = {pair.key: pair.value for pair in pairs}
    if not all(good_tag_key(key) for key in tags):
        raise Refused(vpc.BAD_TAG_KEY)
    if not all(good_tag_value(value) for value in tags.values()):
        raise Refused(vpc.BAD_TAG_VALUE)
    return tags


def tag_items(tags: dict[str, str]) -> vpc.Tags:
    return vpc.Tags(tag=tuple(vpc.Tag(key=key, value=value) for key, value in tags.items()))


@performs(vpc.CREATE_VPC)
def create_vpc(call: Call, request: vpc.CreateVpc) -> vpc.CreateVpcAnswer:
    """Creates a VPC with its router and route table."""
    region = region_of(call, request.region_id)
    if request.vpc_name.startswith(("http://", "https://")) or len(request.vpc_name) > 128:
        raise Refused(vpc.BAD_VPC_NAME)
    block = network(request.cidr_block)
    if block is None or not 8 <= block.prefixlen <= 28:
        raise Refused(vpc.BAD_VPC_CIDR)
    made = new_vpc(call, region, request.cidr_block)
    made.name = request.vpc_name
    made.description = request.description
    made.tags = vpc_tags(request.tag)
    region.vpcs[made.id] = made
    return vpc.CreateVpcAnswer(
        resource_group_id=request.resource_group_id,
        route_table_id=made.route_table_id,
        v_router_id=made.router_id,
        vpc_id=made.id,
    )


def new_vpc(call: Call, region: Region, cidr: str) -> Vpc:
    """A VPC that is still pending."""
    return Vpc(
        id=new_id(call, "vpc", region.id),
        owner=call.account.id,
        region_id=region.id,
        created=call.now,
        status="Pending",
        upcoming=soon(call, "Available"),
        cidr=cidr,
        router_id=new_id(call, "vrt", region.id),
        route_table_id=new_id(call, "vtb", region.id),
    )


@performs(vpc.DESCRIBE_VPCS)
def describe_vpcs(call: Call, request: vpc.DescribeVpcs) -> vpc.DescribeVpcsAnswer:
    """Lists the caller's VPCs."""
    region = region_of(call, request.region_id)
    found = [one for one in settled(call, region.vpcs) if vpc_fits(one, request)]
    page = numbered(found, request.page_number, request.page_size)
    return vpc.DescribeVpcsAnswer(
        page_number=request.page_number,
        page_size=request.page_size,
        total_count=page.total,
        vpcs=vpc.Vpcs(vpc=tuple(vpc_item(region, one) for one in page.items)),
    )


def vpc_fits(one: Vpc, request: vpc.DescribeVpcs) -> bool:
    """Whether a VPC passes the request's filters."""
    return (
        (not request.vpc_id or one.id in request.vpc_id)
        and request.vpc_name in ("", one.name)
        and request.is_default in (None, one.default)
        and has_tags(one.tags, request.tag)
    )


def vpc_item(region: Region, one: Vpc) -> vpc.Vpc:
    vswitch_ids = tuple(vswitch.id for vswitch in region.vswitches.values() if vswitch.vpc_id == one.id)
    return vpc.Vpc(
        cidr_block=one.cidr,
        creation_time=to_seconds(one.created),
        description=one.description,
        is_default=one.default,
        owner_id=int(one.owner),
        region_id=one.region_id,
        router_table_ids=vpc.RouterTableIds(router_table_ids=(one.route_table_id,)),
        status=one.status,
        tags=tag_items(one.tags),
        v_router_id=one.router_id,
        v_switch_ids=vpc.VSwitchIds(v_switch_id=vswitch_ids),
        vpc_id=one.id,
        vpc_name=one.name,
    )


@performs(vpc.CREATE_VSWITCH)
def create_vswitch(call: Call, request: vpc.CreateVSwitch) -> vpc.CreateVSwitchAnswer:
    """Creates a vSwitch in an available VPC, on a block that no other has."""
    parent = anywhere(call, lambda region: region.vpcs, request.vpc_id)
    if parent is None or request.region_id not in ("", parent.region_id):
        raise Refused(vpc.VPC_NOT_FOUND)
    if parent.status != "Available":
        raise Refused(vpc.VPC_STATUS)
    if request.zone_id not in REGIONS[parent.region_id].zones:
        raise Refused(vpc.ZONE_NOT_FOUND)
    region = region_of(call, parent.region_id)
    check_block(region, parent, request.cidr_block)
    check_name(request.v_switch_name, vpc.BAD_VSWITCH_NAME)
    made = new_vswitch(call, parent, request.zone_id, request.cidr_block)
    made.name = request.v_switch_name
    made.description = request.description
    made.tags = vpc_tags(request.tag)
    region.vswitches[made.id] = made
    return vpc.CreateVSwitchAnswer(v_switch_id=made.id)


def check_block(region: Region, parent: Vpc, cidr: str) -> None:
    """Refuses a block that is malformed, outside the VPC, or taken."""
    block = network(cidr)
    if block is None or not 16 <= block.prefixlen <= 29:
        raise Refused(vpc.BAD_CIDR)
    if not block.subnet_of(IPv4Network(parent.cidr)):
        raise Refused(vpc.CIDR_NOT_IN_VPC)
    neighbours = (one for one in region.vswitches.values() if one.vpc_id == parent.id)
    if any(block.overlaps(IPv4Network(one.cidr)) for one in neighbours):
        raise Refused(vpc.CIDR_OVERLAPS)


def new_vswitch(call: Call, parent: Vpc, zone_id: str, cidr: str) -> VSwitch:
    """A vSwitch that is still pending."""
    return VSwitch(
        id=new_id(call, "vsw", parent.region_id),
        owner=call.account.id,
        region_id=parent.region_id,
        created=call.now,
        status="Pending",
        upcoming=soon(call, "Available"),
        vpc_id=parent.id,
        zone_id=zone_id,
        cidr=cidr,
    )


@performs(vpc.DESCRIBE_VSWITCHES)
def describe_vswitches(call: Call, request: vpc.DescribeVSwitches) -> vpc.DescribeVSwitchesAnswer:
    """Lists the caller's vSwitches."""
    region = region_of(call, request.region_id or DEFAULT_REGION)
    tests = list(vswitch_tests(request))
    found = passing(settled(call, region.vswitches), tests)
    page = numbered(found, request.page_number, request.page_size)
    return vpc.DescribeVSwitchesAnswer(
        page_number=request.page_number,
        page_size=request.page_size,
        total_count=page.total,
        v_switches=vpc.VSwitches(v_switch=tuple(vswitch_item(region, one) for one in page.items)),
    )


def vswitch_tests(request: vpc.DescribeVSwitches) -> Iterable[Callable[[VSwitch], bool]]:
    """The tests that the request asks for."""
    if request.v_switch_id:
        yield lambda one: one.id in request.v_switch_id
    if request.vpc_id:
        yield lambda one: one.vpc_id == request.vpc_id
    if request.zone_id:
        yield lambda one: one.zone_id == request.zone_id
    if request.v_switch_name:
        yield lambda one: one.name == request.v_switch_name
    if request.is_default is not None:
        yield lambda one: one.default == request.is_default
    if request.tag:
        yield lambda one: has_tags(one.tags, request.tag)


def vswitch_item(region: Region, one: VSwitch) -> vpc.VSwitch:
    taken = sum(instance.vswitch_id == one.id for instance in region.instances.values())
    return vpc.VSwitch(
        available_ip_address_count=IPv4Network(one.cidr).num_addresses - RESERVED_ADDRESSES - taken,
        cidr_block=one.cidr,
        creation_time=to_seconds(one.created),
        description=one.description,
        is_default=one.default,
        owner_id=int(one.owner),
        status=one.status,
        tags=tag_items(one.tags),
        v_switch_id=one.id,
        v_switch_name=one.name,
        vpc_id=one.vpc_id,
        zone_id=one.zone_id,
    )


def the_vswitch(call: Call, region: Region, vswitch_id: str) -> VSwitch:
    """The caller's vSwitch in a region; refuses an unknown id."""
    one = region.vswitches.get(vswitch_id)
    if one is None:
        raise Refused(ecs_faults.VSWITCH_NOT_FOUND)
    one.settle(call.now)
    return one


def default_vswitch(call: Call, region: Region, zone_id: str) -> VSwitch:
    """The default vSwitch of a zone, made with the default VPC when a launch names none.

    Source: help.aliyun.com vpc, default VPC and default vSwitch.
    """
    parent = next((one for one in region.vpcs.values() if one.default), None)
    if parent is None:
        parent = new_vpc(call, region, "172.16.0.0/12")
        parent.default = True
        parent.become("Available")
        region.vpcs[parent.id] = parent
    for one in region.vswitches.values():
        if one.vpc_id == parent.id and one.default and one.zone_id == zone_id:
            return one
    made = new_vswitch(call, parent, zone_id, free_block(region, parent))
    made.default = True
    made.become("Available")
    region.vswitches[made.id] = made
    return made


def free_block(region: Region, parent: Vpc) -> str:
    """The first /20 of a VPC that no vSwitch overlaps."""
    taken = [IPv4Network(one.cidr) for one in region.vswitches.values() if one.vpc_id == parent.id]
    for block in IPv4Network(parent.cidr).subnets(new_prefix=20):
        if not any(block.overlaps(other) for other in taken):
            return str(block)
    raise Refused(vpc.CIDR_OVERLAPS)
