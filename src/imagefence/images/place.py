"""Where to launch: vSwitch, security group and instance type, as given or from what the region has.

Source: help.aliyun.com ecs/RunInstances (the security group must be in the vSwitch's VPC).
"""

from __future__ import annotations

from dataclasses import dataclass

from imagefence.api.ecs_network import (
    DESCRIBE_SECURITY_GROUPS,
    DescribeSecurityGroups,
    SecurityGroup,
)
from imagefence.api.ecs_regions import (
    DESCRIBE_INSTANCE_TYPES,
    DESCRIBE_ZONES,
    DescribeInstanceTypes,
    DescribeZones,
    InstanceType,
)
from imagefence.api.vpc import DESCRIBE_VSWITCHES, DescribeVSwitches, VSwitch
from imagefence.cloud.session import Session
from imagefence.errors import InputError, Refusal
from imagefence.images.image import Image

ARCHITECTURES = {"arm64": "ARM"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where instances go and of what type they are."""

    v_switch_id: str
    security_group_id: str
    instance_type: str


def choose_place(session: Session, image: Image, asked: Place) -> Place:
    """Fills the empty parts of `asked` from what there is in the session's region.

    Nothing is read for parts that are given, so that a caller with few permissions can name them all.
    """
    if asked.v_switch_id and asked.security_group_id and asked.instance_type:
        return asked
    switches, groups = switches_of(session, asked), groups_of(session, asked)
    switch, group = matching(switches, groups, session.region_id)
    instance_type = asked.instance_type or smallest_type(session, image, switch.zone_id)
    return Place(switch.v_switch_id, group.security_group_id, instance_type)


def switches_of(session: Session, asked: Place) -> list[VSwitch]:
    """The asked vSwitch, or all, the VPC's default ones first."""
    named = (asked.v_switch_id,) if asked.v_switch_id else ()
    request = DescribeVSwitches(region_id=session.region_id, v_switch_id=named)
    found = list(session.pages(DESCRIBE_VSWITCHES, request))
    if asked.v_switch_id and not found:
        raise InputError(f"no vSwitch `{asked.v_switch_id}` in {session.region_id}")
    return sorted(found, key=lambda one: (not one.is_default, one.v_switch_id))


def groups_of(session: Session, asked: Place) -> list[SecurityGroup]:
    """The asked security group, or all."""
    request = DescribeSecurityGroups(region_id=session.region_id, security_group_id=asked.security_group_id)
    found = list(session.pages(DESCRIBE_SECURITY_GROUPS, request))
    if asked.security_group_id and not found:
        raise InputError(f"no security group `{asked.security_group_id}` in {session.region_id}")
    return sorted(found, key=lambda one: one.security_group_id)


def matching(
    switches: list[VSwitch], groups: list[SecurityGroup], region_id: str
) -> tuple[VSwitch, SecurityGroup]:
    """The first vSwitch that has a security group in its VPC, with that group."""
    for switch in switches:
        for group in groups:
            if group.vpc_id == switch.vpc_id:
                return switch, group
    missing = "no vSwitch" if not switches else "no security group in the VPC of a vSwitch"
    raise Refusal(
        f"{region_id} has {missing}",
        help="create one (VPC CreateVSwitch, ECS CreateSecurityGroup), or choose another --region",
    )


def smallest_type(session: Session, image: Image, zone_id: str) -> str:
    """The type with the fewest CPUs and least memory that fits the image and is sold in the zone."""
    sold = types_in(session, zone_id)
    wanted = ARCHITECTURES.get(image.architecture, "X86")
    found: list[InstanceType] = [
        one
        for one in session.pages(DESCRIBE_INSTANCE_TYPES, DescribeInstanceTypes())
        if (not sold or one.instance_type_id in sold) and one.cpu_architecture in ("", wanted)
    ]
    if not found:
        raise Refusal(f"no instance type in {zone_id} fits {image.architecture}", help="give one with --type")
    best = min(found, key=lambda one: (one.cpu_core_count, one.memory_size, one.instance_type_id))
    return best.instance_type_id


def types_in(session: Session, zone_id: str) -> frozenset[str]:
    """The instance types that a zone sells."""
    answer = session.call(DESCRIBE_ZONES, DescribeZones(region_id=session.region_id))
    for zone in answer.zones.zone:
        if zone.zone_id == zone_id:
            return frozenset(zone.available_instance_types.instance_types)
    return frozenset()
