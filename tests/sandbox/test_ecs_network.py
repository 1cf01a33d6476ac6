"""Regions, types, networks and security groups over a real socket."""

from __future__ import annotations

from typing import Any

import pytest

from ecs_lab import Lab, tags
from harness import Sandbox


@pytest.fixture(scope="module")
def lab(sandbox: Sandbox) -> Lab:
    return Lab(sandbox)


@pytest.fixture(scope="module")
def vpc(lab: Lab) -> str:
    vpc = lab.call("CreateVpc", "vpc", CidrBlock="192.168.0.0/16", VpcName="base", Tag=tags(team="net"))[
        "VpcId"
    ]
    lab.until(lambda: lab.one("DescribeVpcs", "vpc", VpcId=vpc)["Status"] == "Available")
    return str(vpc)


def test_every_region_has_zones_and_the_same_stock(sandbox: Sandbox, lab: Lab) -> None:
    regions = lab.items("DescribeRegions", AcceptLanguage="en-US")
    assert {"cn-hangzhou", "cn-shanghai", "ap-southeast-1"} <= {region["RegionId"] for region in regions}
    assert {region["LocalName"] for region in regions} >= {"China (Hangzhou)", "Singapore"}
    for region in regions:
        there = Lab(sandbox, region=region["RegionId"])
        assert len(there.items("DescribeZones")) >= 2
        assert there.call("DescribeImages")["TotalCount"] >= 8


def test_a_zone_names_what_it_offers_unless_asked_not_to(lab: Lab) -> None:
    zone = lab.items("DescribeZones")[0]
    assert zone["ZoneId"] == "cn-hangzhou-h"
    assert "ecs.g7.large" in zone["AvailableInstanceTypes"]["InstanceTypes"]
    assert lab.items("DescribeZones", Verbose=False)[0]["AvailableInstanceTypes"]["InstanceTypes"] == []
    assert lab.fault("DescribeZones", AcceptLanguage="la") == "InvalidAcceptLanguage.NotFound"


def test_instance_types_are_filtered_and_paged(lab: Lab) -> None:
    (kind,) = lab.items("DescribeInstanceTypes", InstanceTypes=["ecs.g7.xlarge"])
    assert (kind["CpuCoreCount"], kind["MemorySize"], kind["InstanceTypeFamily"]) == (4, 16, "ecs.g7")
    arms = lab.items("DescribeInstanceTypes", CpuArchitecture="ARM", MinimumCpuCoreCount=8)
    assert {kind["InstanceTypeId"] for kind in arms} == {"ecs.g8y.2xlarge", "ecs.g8y.4xlarge"}
    first = lab.call("DescribeInstanceTypes", MaxResults=30)
    second = lab.call("DescribeInstanceTypes", MaxResults=30, NextToken=first["NextToken"])
    names = [
        kind["InstanceTypeId"] for body in (first, second) for kind in body["InstanceTypes"]["InstanceType"]
    ]
    assert len(names) == len(set(names)) == len(lab.items("DescribeInstanceTypes"))
    assert lab.fault("DescribeInstanceTypes", NextToken="9" * 5000) == "InvalidParameter"


def test_a_vswitch_counts_its_addresses(lab: Lab, vpc: str) -> None:
    made = lab.call("CreateVSwitch", "vpc", VpcId=vpc, ZoneId="cn-hangzhou-i", CidrBlock="192.168.1.0/24")
    vswitch = made["VSwitchId"]
    assert lab.one("DescribeVSwitches", "vpc", VSwitchId=vswitch)["AvailableIpAddressCount"] == 252
    group = lab.call("CreateSecurityGroup", VpcId=vpc)["SecurityGroupId"]
    item = lab.instance(lab.launch(VSwitchId=vswitch, SecurityGroupId=group))
    assert item["VpcAttributes"]["PrivateIpAddress"]["IpAddress"][0].startswith("192.168.1.")
    assert lab.one("DescribeVSwitches", "vpc", VSwitchId=vswitch)["AvailableIpAddressCount"] == 251
    assert vswitch in lab.one("DescribeVpcs", "vpc", VpcId=vpc)["VSwitchIds"]["VSwitchId"]
    assert lab.one("DescribeSecurityGroups", SecurityGroupId=group)["EcsCount"] == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"VpcId": "vpc-nobody"}, "InvalidVpcId.NotFound"),
        ({"ZoneId": "cn-shanghai-b"}, "InvalidZoneId.NotFound"),
        ({"CidrBlock": "192.168.1.128/25"}, "InvalidCidrBlock.Overlapped"),
        ({"CidrBlock": "10.0.0.0/24"}, "InvalidParameter"),
        ({"CidrBlock": "192.168.2.0/30"}, "InvalidCidrBlock.Malformed"),
        ({"CidrBlock": "everything"}, "InvalidCidrBlock.Malformed"),
        ({"VSwitchName": "http://x"}, "InvalidVSwitchName.Malformed"),
        ({"Tag": tags(**{"acs:x": "1"})}, "InvalidTagKey"),
    ],
)
def test_bad_vswitches_are_refused(lab: Lab, vpc: str, change: dict[str, Any], code: str) -> None:
    parameters = {"VpcId": vpc, "ZoneId": "cn-hangzhou-h", "CidrBlock": "192.168.9.0/24", **change}
    assert lab.fault("CreateVSwitch", "vpc", **parameters) == code


@pytest.mark.parametrize("block", ["10.0.0.0/33", "10.0.0.0/29", "ten"])
def test_bad_vpcs_are_refused(lab: Lab, block: str) -> None:
    assert lab.fault("CreateVpc", "vpc", CidrBlock=block) == "InvalidParameter"


def test_filters_of_vpcs(lab: Lab, vpc: str) -> None:
    assert lab.ids("DescribeVpcs", "vpc", VpcName="base") == [vpc]
    assert lab.ids("DescribeVpcs", "vpc", Tag=tags(team="net")) == [vpc]
    assert lab.ids("DescribeVpcs", "vpc", Tag=tags(team="x")) == []
    assert vpc not in lab.ids("DescribeVpcs", "vpc", IsDefault=True)


def test_security_groups_by_id_name_and_tag(lab: Lab, vpc: str) -> None:
    made = lab.call("CreateSecurityGroup", VpcId=vpc, SecurityGroupName="front-door", Tag=tags(open="yes"))
    group = made["SecurityGroupId"]
    for filters in (
        {"SecurityGroupIds": f'["{group}"]'},
        {"SecurityGroupName": "front-*"},
        {"SecurityGroupName": "door", "FuzzyQuery": True},
        {"Tag": tags(open="yes")},
    ):
        assert lab.ids("DescribeSecurityGroups", **filters) == [group]
    assert lab.ids("DescribeSecurityGroups", SecurityGroupName="door") == []
    assert lab.ids("DescribeSecurityGroups", SecurityGroupIds="[]") == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"VpcId": ""}, "InvalidVpcId.NotFound"),
        ({"VpcId": "vpc-nobody"}, "InvalidVpcId.NotFound"),
        ({"SecurityGroupType": "odd"}, "InvalidParams.GroupType"),
        ({"SecurityGroupName": "9lives"}, "InvalidSecurityGroupName.Malformed"),
    ],
)
def test_bad_security_groups_are_refused(lab: Lab, vpc: str, change: dict[str, Any], code: str) -> None:
    assert lab.fault("CreateSecurityGroup", **{"VpcId": vpc, **change}) == code


def test_a_group_of_another_vpc_is_refused(lab: Lab, vpc: str) -> None:
    net = lab.network()
    net["SecurityGroupId"] = lab.call("CreateSecurityGroup", VpcId=vpc)["SecurityGroupId"]
    launch = {"ImageId": "ubuntu_22_04_x64_20G_alibase_20240530.vhd", "InstanceType": "ecs.g7.large"}
    assert lab.fault("RunInstances", **launch, **net) == "InvalidSecurityGroup.VpcMismatch"
