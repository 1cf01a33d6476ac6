"""Behaviour of ECS: security groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from imagefence.api import ecs_faults
from imagefence.api import ecs_network as ecs
from imagefence.sandbox.call import Call, Refused, performs
from imagefence.sandbox.compute import Region, SecurityGroup
from imagefence.sandbox.ecs_lookup import passing, region_of, settled
from imagefence.sandbox.ecs_paging import either
from imagefence.sandbox.ecs_parts import (
    check_description,
    check_name,
    checked_tags,
    fuzzy,
    has_tags,
    new_id,
    tag_items,
    to_seconds,
)

PER_REGION = 100
Test = Callable[[SecurityGroup], bool]


@performs(ecs.CREATE_SECURITY_GROUP)
def create_security_group(call: Call, request: ecs.CreateSecurityGroup) -> ecs.CreateSecurityGroupAnswer:
    """Creates a security group in a VPC."""
    # Differs from the cloud: there is no classic network, and groups have no rules.
    region = region_of(call, request.region_id)
    check_name(request.security_group_name, ecs.BAD_GROUP_NAME)
    check_description(request.description, ecs_faults.DESCRIPTION_MALFORMED)
    if request.security_group_type not in ("", "normal", "enterprise"):
        raise Refused(ecs.BAD_GROUP_TYPE)
    if not request.vpc_id:
        raise Refused(ecs.NO_VPC)
    if request.vpc_id not in region.vpcs:
        raise Refused(ecs_faults.VPC_NOT_FOUND)
    if len(region.security_groups) >= PER_REGION:
        raise Refused(ecs.GROUP_QUOTA)
    tags = checked_tags(request.tag)
    group = new_group(call, region, request.vpc_id, request.security_group_name)
    group.description = request.description
    group.kind = request.security_group_type or "normal"
    group.tags = tags
    return ecs.CreateSecurityGroupAnswer(security_group_id=group.id)


def new_group(call: Call, region: Region, vpc_id: str, name: str) -> SecurityGroup:
    """A new security group of a VPC."""
    group = SecurityGroup(
        id=new_id(call, "sg", region.id),
        owner=call.account.id,
        region_id=region.id,
        created=call.now,
        name=name,
        vpc_id=vpc_id,
    )
    region.security_groups[group.id] = group
    return group


def default_group(call: Call, region: Region, vpc_id: str) -> SecurityGroup:
    """The group of a VPC that instances get whose launch names none."""
    for group in region.security_groups.values():
        if group.vpc_id == vpc_id and group.name == f"sg-default-{vpc_id}":
            return group
    return new_group(call, region, vpc_id, f"sg-default-{vpc_id}")


@performs(ecs.DESCRIBE_SECURITY_GROUPS)
def describe_security_groups(
    call: Call, request: ecs.DescribeSecurityGroups
) -> ecs.DescribeSecurityGroupsAnswer:
    """Lists the caller's security groups."""
    region = region_of(call, request.region_id)
    if request.security_group_type not in ("", "normal", "enterprise"):
        raise Refused(ecs.BAD_GROUP_TYPE)
    tests = list(group_tests(request))
    found = passing(settled(call, region.security_groups), tests)
    page = either(found, request, 10)
    members = Counter(
        group_id for instance in region.instances.values() for group_id in instance.security_group_ids
    )
    items = tuple(group_item(one, members[one.id]) for one in page.items)
    return ecs.DescribeSecurityGroupsAnswer(
        next_token=page.next_token,
        page_number=request.page_number,
        page_size=request.page_size,
        region_id=region.id,
        security_groups=ecs.SecurityGroups(security_group=items),
        total_count=page.total,
    )


def group_tests(request: ecs.DescribeSecurityGroups) -> Iterable[Test]:
    """The tests that the request asks for."""
    if request.security_group_ids is not None:
        wanted = frozenset(request.security_group_ids)
        yield lambda one: one.id in wanted
    if request.security_group_id:
        yield lambda one: one.id == request.security_group_id
    if request.vpc_id:
        yield lambda one: one.vpc_id == request.vpc_id
    if request.security_group_type:
        yield lambda one: one.kind == request.security_group_type
    if request.security_group_name:
        name = request.security_group_name
        matches = fuzzy(f"*{name}*" if request.fuzzy_query else name)
        yield lambda one: matches(one.name)
    if request.network_type == "classic":
        yield lambda one: not one.vpc_id
    if request.tag:
        yield lambda one: has_tags(one.tags, request.tag)


def group_item(group: SecurityGroup, members: int) -> ecs.SecurityGroup:
    return ecs.SecurityGroup(
        creation_time=to_seconds(group.created),
        description=group.description,
        ecs_count=members,
        security_group_id=group.id,
        security_group_name=group.name,
        security_group_type=group.kind,
        tags=tag_items(group.tags),
        vpc_id=group.vpc_id,
    )
