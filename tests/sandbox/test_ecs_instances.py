"""Instances over a real socket: what launching, stopping and deleting do to what is listed."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any

import pytest

from ecs_lab import ARM, LINUX, UBUNTU, Lab, tags
from harness import Sandbox

TYPE = "ecs.g7.large"


@pytest.fixture(scope="module")
def lab(sandbox: Sandbox) -> Lab:
    return Lab(sandbox)


@pytest.fixture(scope="module")
def net(lab: Lab) -> dict[str, str]:
    return lab.network()


@pytest.fixture(scope="module")
def fleet(sandbox: Sandbox) -> Lab:
    """Twenty-five running instances in a region of their own."""
    lab = Lab(sandbox, region="cn-beijing")
    lab.launch(Amount=15, InstanceName="web-[1,3]", Tag=tags(tier="web", env="prod"))
    lab.launch(UBUNTU, Amount=10, InstanceName="db", UniqueSuffix=True, Tag=tags(tier="db", env="prod"))
    return lab


def test_a_fresh_account_has_no_instance(sandbox: Sandbox) -> None:
    assert Lab(sandbox, account=1).items("DescribeInstances") == []


def test_running_passes_through_pending_and_starting(fresh_sandbox: Sandbox) -> None:
    lab = Lab(fresh_sandbox)
    fresh_sandbox.world.settle = timedelta(milliseconds=60)
    call = lab.call("RunInstances", ImageId=LINUX, InstanceType=TYPE)
    (instance,) = call["InstanceIdSets"]["InstanceIdSet"]
    seen = []

    def runs() -> bool:
        seen.append(lab.instance(instance)["Status"])
        return bool(seen[-1] == "Running")

    lab.until(runs)
    assert list(dict.fromkeys(seen)) == ["Pending", "Starting", "Running"]


def test_create_instance_leaves_it_stopped(lab: Lab, net: dict[str, str]) -> None:
    instance = lab.call("CreateInstance", ImageId=LINUX, InstanceType=TYPE, **net)["InstanceId"]
    lab.reaches(instance, "Stopped")
    lab.call("StartInstance", InstanceId=instance)
    lab.reaches(instance, "Running")


def test_an_instance_shows_what_it_was_launched_with(lab: Lab, net: dict[str, str]) -> None:
    instance = lab.launch(UBUNTU, InstanceName="shown", Tag=tags(team="a"), InternetMaxBandwidthOut=5, **net)
    item = lab.instance(instance)
    assert item["ImageId"] == UBUNTU
    assert (item["Cpu"], item["Memory"], item["InstanceTypeFamily"]) == (2, 8192, "ecs.g7")
    assert item["VpcAttributes"]["VSwitchId"] == net["VSwitchId"]
    assert item["SecurityGroupIds"]["SecurityGroupId"] == [net["SecurityGroupId"]]
    assert item["Tags"]["Tag"] == [{"TagKey": "team", "TagValue": "a"}]
    assert item["PublicIpAddress"]["IpAddress"]
    assert item["ZoneId"] == "cn-hangzhou-h"


def test_without_network_the_default_one_is_made(fresh_sandbox: Sandbox) -> None:
    lab = Lab(fresh_sandbox)
    item = lab.instance(lab.launch())
    vswitch = lab.one("DescribeVSwitches", "vpc", VSwitchId=item["VpcAttributes"]["VSwitchId"])
    assert vswitch["IsDefault"] is True
    again = lab.instance(lab.launch())
    assert again["VpcAttributes"]["VpcId"] == item["VpcAttributes"]["VpcId"]


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({"Tag": tags(tier="web")}, 15),
        ({"Tag": tags(tier="web", env="prod")}, 15),
        ({"Tag": tags(tier="web", env="test")}, 0),
        ({"Tag": [{"Key": "tier"}]}, 25),
        ({"ImageId": UBUNTU}, 10),
        ({"InstanceName": "web-*"}, 15),
        ({"InstanceName": "web-003"}, 1),
        ({"InstanceName": "db010"}, 1),
        ({"InstanceName": "web"}, 0),
        ({"Status": "Running"}, 25),
        ({"Status": "Stopped"}, 0),
        ({"InstanceTypeFamily": "ecs.g7", "ZoneId": "cn-beijing-f"}, 25),
        ({"ZoneId": "cn-beijing-h"}, 0),
        ({"Filter": [{"Key": "CreationStartTime", "Value": "2020-01-01T00:00Z"}]}, 25),
        ({"Filter": [{"Key": "CreationEndTime", "Value": "2020-01-01T00:00Z"}]}, 0),
        ({"Filter": [{"Key": "ExpiredEndTime", "Value": "2120-01-01T00:00Z"}]}, 0),
        ({"InstanceIds": "[]"}, 0),
        ({"InstanceIds": '["i-nobody"]'}, 0),
    ],
)
def test_filters_must_all_pass(fleet: Lab, filters: dict[str, Any], count: int) -> None:
    assert fleet.call("DescribeInstances", **filters)["TotalCount"] == count


def test_pages_by_number_hold_each_instance_once(fleet: Lab) -> None:
    pages = [fleet.ids("DescribeInstances", PageNumber=number, PageSize=10) for number in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [10, 10, 5, 0]
    assert len({instance for page in pages for instance in page}) == 25


def test_pages_by_token_hold_each_instance_once(fleet: Lab) -> None:
    seen: list[str] = []
    token = ""
    while True:
        body = fleet.call("DescribeInstances", MaxResults=10, NextToken=token)
        seen += [item["InstanceId"] for item in body["Instances"]["Instance"]]
        token = body["NextToken"]
        if not token:
            break
    assert len(seen) == len(set(seen)) == 25


def test_pages_by_token_go_on_behind_an_instance_that_has_gone(fresh_sandbox: Sandbox) -> None:
    lab = Lab(fresh_sandbox)
    lab.launch(Amount=12)
    body = lab.call("DescribeInstances", MaxResults=10)
    last = body["Instances"]["Instance"][-1]["InstanceId"]
    lab.until(lambda: lab.call("DescribeInstances", Status="Running")["TotalCount"] == 12)
    lab.call("DeleteInstance", InstanceId=last, Force=True)
    assert len(lab.items("DescribeInstances", NextToken=body["NextToken"])) == 2


@pytest.mark.parametrize(("asked", "size"), [(1, 10), (10, 10), (1000, 25)])
def test_max_results_is_clamped(fleet: Lab, asked: int, size: int) -> None:
    assert len(fleet.items("DescribeInstances", MaxResults=asked)) == size


@pytest.mark.parametrize("text", ["ü", "!", "", "later", "later|i-1"])
def test_a_token_of_nobody_is_refused(fleet: Lab, text: str) -> None:
    token = urlsafe_b64encode(text.encode()).decode() or "ü"
    assert fleet.fault("DescribeInstances", NextToken=token) == "InvalidParameter"


def test_a_token_without_a_zone_is_no_failure_of_the_server(fleet: Lab) -> None:
    token = urlsafe_b64encode(b"2120-01-02|i-1").decode()
    assert fleet.items("DescribeInstances", NextToken=token) == []


def test_status_lists_and_pages(fleet: Lab) -> None:
    some = fleet.ids("DescribeInstances", PageSize=3)
    body = fleet.call("DescribeInstanceStatus", InstanceId=some)
    found = {row["InstanceId"]: row["Status"] for row in body["InstanceStatuses"]["InstanceStatus"]}
    assert found == dict.fromkeys(some, "Running")
    assert fleet.call("DescribeInstanceStatus", PageSize=50)["TotalCount"] == 25


def test_an_item_changes_with_its_instance(lab: Lab) -> None:
    instance = lab.launch()
    lab.call("TagResources", ResourceType="instance", ResourceId=[instance], Tag=tags(colour="red"))
    assert lab.instance(instance)["Tags"]["Tag"] == [{"TagKey": "colour", "TagValue": "red"}]
    lab.call("StopInstance", InstanceId=instance, StoppedMode="StopCharging")
    lab.reaches(instance, "Stopped")
    assert lab.instance(instance)["StoppedMode"] == "StopCharging"
    lab.call("UntagResources", ResourceType="instance", ResourceId=[instance], All=True)
    assert lab.instance(instance)["Tags"]["Tag"] == []


def test_wrong_status_is_refused(lab: Lab) -> None:
    instance = lab.launch()
    assert lab.fault("StartInstance", InstanceId=instance) == "IncorrectInstanceStatus"
    lab.call("RebootInstance", InstanceId=instance)
    assert lab.fault("StopInstance", InstanceId=instance) == "IncorrectInstanceStatus"
    lab.reaches(instance, "Running")
    lab.call("StopInstance", InstanceId=instance)
    assert lab.fault("RebootInstance", InstanceId=instance) == "IncorrectInstanceStatus"


def test_a_running_instance_goes_by_force_alone(lab: Lab) -> None:
    instance = lab.launch()
    assert lab.fault("DeleteInstance", InstanceId=instance) == "IncorrectInstanceStatus"
    lab.call("DeleteInstance", InstanceId=instance, Force=True)
    assert lab.items("DescribeInstances", InstanceIds=json.dumps([instance])) == []
    assert lab.items("DescribeDisks", InstanceId=instance) == []
    assert lab.fault("DeleteInstance", InstanceId=instance) == "InvalidInstanceId.NotFound"


def test_a_protected_instance_stays(lab: Lab) -> None:
    instance = lab.stopped(DeletionProtection=True)
    assert lab.fault("DeleteInstance", InstanceId=instance) == "InvalidOperation.DeletionProtection"
    assert lab.instance(instance)["DeletionProtection"] is True


def test_another_accounts_instance_is_not_there(sandbox: Sandbox, lab: Lab) -> None:
    instance = lab.launch()
    stranger = Lab(sandbox, account=1)
    assert stranger.fault("StopInstance", InstanceId=instance) == "InvalidInstanceId.NotFound"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ImageId": "m-nobody"}, "InvalidImageId.NotFound"),
        ({"ImageId": ""}, "MissingParameter"),
        ({"ImageFamily": "acs:ubuntu_22_04_x64"}, "UnexpectedImageFamily.ImageIdSupplied"),
        ({"ImageId": "", "ImageFamily": "nothing"}, "InvalidImageFamily.MissingAvailableImage"),
        ({"InstanceType": "ecs.moon.large"}, "InvalidInstanceType.ValueNotSupported"),
        ({"InstanceType": ""}, "MissingParameter"),
        ({"ImageId": ARM}, "ImageNotSupportInstanceType"),
        ({"VSwitchId": "vsw-nobody"}, "InvalidVSwitchId.NotFound"),
        ({"SecurityGroupId": "sg-nobody"}, "InvalidSecurityGroupId.NotFound"),
        ({"ZoneId": "cn-hangzhou-z"}, "InvalidZoneId.NotFound"),
        ({"KeyPairName": "mine"}, "InvalidKeyPairName.NotFound"),
        ({"Password": "short"}, "InvalidPassword.Malformed"),
        ({"Password": "Long-Enough-1", "PasswordInherit": True}, "InvalidPasswordParam.Mismatch"),
        ({"SystemDisk": {"Size": "10"}}, "InvalidSystemDiskSize.LessThanImageSize"),
        ({"SystemDisk": {"Size": "9" * 5000}}, "InvalidSystemDiskSize.ValueNotSupported"),
        ({"SystemDisk": {"Category": "floppy"}}, "InvalidSystemDiskCategory.ValueNotSupported"),
        ({"DataDisk": [{"SnapshotId": "s-nobody"}]}, "InvalidSnapshotId.NotFound"),
        ({"Amount": 0}, "InvalidMaxAmount.Malformed"),
        ({"Amount": 2, "MinAmount": 3}, "InvalidMinAmount.Malformed"),
        ({"InstanceName": "http://x"}, "InvalidInstanceName.Malformed"),
        ({"Tag": tags(**{"acs:x": "1"})}, "InvalidTagKey.Malformed"),
        ({"Tag": tags(x="http://y")}, "InvalidTagValue.Malformed"),
        ({"Tag": [*tags(x="1"), *tags(x="2")]}, "Duplicate.TagKey"),
        ({"Tag": tags(**{f"k{n}": "v" for n in range(21)})}, "NumberExceed.Tags"),
    ],
)
def test_a_launch_that_names_what_is_not_there_makes_nothing(
    lab: Lab, change: dict[str, Any], code: str
) -> None:
    before = lab.call("DescribeInstances")["TotalCount"]
    parameters = {"ImageId": LINUX, "InstanceType": TYPE, **change}
    assert lab.fault("RunInstances", **parameters) == code
    assert lab.call("DescribeInstances")["TotalCount"] == before


def test_a_family_is_its_newest_image(lab: Lab) -> None:
    instance = lab.launch("", ImageFamily="acs:ubuntu_22_04_x64")
    assert lab.instance(instance)["ImageId"] == UBUNTU


def test_one_client_token_makes_one_instance(lab: Lab) -> None:
    parameters = {"ImageId": LINUX, "InstanceType": TYPE, "ClientToken": "once", "InstanceName": "once"}
    first = lab.call("RunInstances", **parameters)["InstanceIdSets"]
    assert lab.call("RunInstances", **parameters)["InstanceIdSets"] == first
    assert lab.call("DescribeInstances", InstanceName="once")["TotalCount"] == 1
