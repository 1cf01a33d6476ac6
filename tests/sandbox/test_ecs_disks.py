"""Disks and snapshots over a real socket, and the second way to get an image onto an instance."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ecs_lab import ARM, LINUX, UBUNTU, Lab, tags
from harness import Sandbox


@pytest.fixture(scope="module")
def lab(sandbox: Sandbox) -> Lab:
    return Lab(sandbox)


def system_disk(lab: Lab, instance: str) -> dict[str, Any]:
    return lab.one("DescribeDisks", InstanceId=instance, DiskType="system")


def test_replacing_gives_a_new_disk_of_the_other_image(lab: Lab) -> None:
    instance = lab.stopped(SystemDisk={"Size": "60"})
    old = system_disk(lab, instance)
    made = lab.call("ReplaceSystemDisk", InstanceId=instance, ImageId=UBUNTU)["DiskId"]
    new = system_disk(lab, instance)
    assert made == new["DiskId"] != old["DiskId"]
    assert (new["ImageId"], new["Size"], new["Status"]) == (UBUNTU, 60, "In_use")
    assert lab.items("DescribeDisks", DiskIds=json.dumps([old["DiskId"]])) == []
    item = lab.instance(instance)
    assert (item["ImageId"], item["OSName"]) == (UBUNTU, "Ubuntu 22.04 64 bit")


def test_replacing_spares_data_disks_and_old_snapshots(lab: Lab) -> None:
    instance = lab.stopped(DataDisk=[{"Size": 20, "DiskName": "data"}])
    snapshot = lab.call("CreateSnapshot", DiskId=system_disk(lab, instance)["DiskId"])["SnapshotId"]
    lab.until(lambda: lab.one("DescribeSnapshots", SnapshotIds=json.dumps([snapshot]))["Progress"] == "100%")
    lab.call("ReplaceSystemDisk", InstanceId=instance, ImageId=UBUNTU)
    assert lab.one("DescribeDisks", InstanceId=instance, DiskType="data")["DiskName"] == "data"
    image = lab.call("CreateImage", SnapshotId=snapshot)["ImageId"]
    assert lab.items("DescribeImages", ImageId=image, Status="Creating,Available")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ImageId": ""}, "MissingParameter"),
        ({"ImageId": "m-nobody"}, "InvalidImageId.NotFound"),
        ({"ImageId": ARM}, "ImageNotSupportInstanceType"),
        ({"InstanceId": "i-nobody"}, "InvalidInstanceId.NotFound"),
        ({"SystemDisk": {"Size": 10}}, "InvalidSystemDiskSize.LessThanImageSize"),
        ({"KeyPairName": "mine"}, "InvalidKeyPairName.NotFound"),
        ({"Password": "weak"}, "InvalidPassword.Malformed"),
    ],
)
def test_a_refused_replacement_leaves_the_disk(lab: Lab, change: dict[str, Any], code: str) -> None:
    instance = lab.stopped()
    before = system_disk(lab, instance)
    parameters = {"InstanceId": instance, "ImageId": UBUNTU, **change}
    assert lab.fault("ReplaceSystemDisk", **parameters) == code
    assert system_disk(lab, instance) == before


def test_a_running_instance_keeps_its_disk(lab: Lab) -> None:
    instance = lab.launch()
    assert lab.fault("ReplaceSystemDisk", InstanceId=instance, ImageId=UBUNTU) == "IncorrectInstanceStatus"
    assert lab.instance(instance)["ImageId"] == LINUX


def test_a_disk_stays_while_its_snapshot_is_taken(fresh_sandbox: Sandbox) -> None:
    lab = Lab(fresh_sandbox)
    instance = lab.stopped()
    disk = system_disk(lab, instance)["DiskId"]
    fresh_sandbox.world.settle *= 100
    lab.call("CreateSnapshot", DiskId=disk)
    assert lab.fault("CreateSnapshot", DiskId=disk) == "IncorrectDiskStatus.CreatingSnapshot"
    assert lab.fault("ReplaceSystemDisk", InstanceId=instance, ImageId=UBUNTU) == "DiskCreatingSnapshot"


def test_a_disk_that_does_not_go_with_its_instance_stays_behind(lab: Lab) -> None:
    instance = lab.stopped(DataDisk=[{"Size": 20, "DeleteWithInstance": False}, {"Size": 21}])
    kept = lab.one("DescribeDisks", InstanceId=instance, DeleteWithInstance=False)["DiskId"]
    lab.call("DeleteInstance", InstanceId=instance)
    disk = lab.one("DescribeDisks", DiskIds=json.dumps([kept]))
    assert (disk["Status"], disk["InstanceId"], disk["Attachments"]["Attachment"]) == ("Available", "", [])
    assert lab.items("DescribeDisks", Status="Available") == [disk]


def test_a_snapshot_lives_its_own_life(lab: Lab) -> None:
    instance = lab.stopped()
    disk = system_disk(lab, instance)["DiskId"]
    made = lab.call(
        "CreateSnapshot", DiskId=disk, SnapshotName="before", RetentionDays=7, Tag=tags(why="fix")
    )
    lab.until(lambda: lab.one("DescribeSnapshots", DiskId=disk)["Status"] == "accomplished")
    snapshot = lab.one("DescribeSnapshots", Tag=tags(why="fix"))
    assert snapshot["SnapshotId"] == made["SnapshotId"]
    assert (snapshot["SnapshotName"], snapshot["RetentionDays"], snapshot["SourceDiskSize"]) == (
        "before",
        7,
        "40",
    )
    assert lab.one("DescribeSnapshots", InstanceId=instance) == snapshot
    lab.call("DeleteInstance", InstanceId=instance)
    assert lab.one("DescribeSnapshots", DiskId=disk) == snapshot

    from_it = {"SnapshotId": made["SnapshotId"]}
    lab.launch(DataDisk=[from_it])
    assert lab.fault("DeleteSnapshot", **from_it) == "SnapshotCreatedDisk"
    lab.call("DeleteSnapshot", Force=True, **from_it)
    lab.call("DeleteSnapshot", **from_it)
    assert lab.items("DescribeSnapshots", DiskId=disk) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"DiskId": "d-nobody"}, "InvalidDiskId.NotFound"),
        ({"SnapshotName": "http://x"}, "InvalidSnapshotName.Malformed"),
        ({"RetentionDays": 70000}, "InvalidRetentionDays.Malformed"),
    ],
)
def test_bad_snapshots_are_refused(lab: Lab, change: dict[str, Any], code: str) -> None:
    disk = system_disk(lab, lab.stopped())["DiskId"]
    assert lab.fault("CreateSnapshot", **{"DiskId": disk, **change}) == code


def test_pages_of_disks_by_token(fresh_sandbox: Sandbox) -> None:
    lab = Lab(fresh_sandbox)
    lab.launch(Amount=5)
    first = lab.call("DescribeDisks", MaxResults=3)
    second = lab.call("DescribeDisks", MaxResults=3, NextToken=first["NextToken"])
    seen = [disk["DiskId"] for body in (first, second) for disk in body["Disks"]["Disk"]]
    assert len(set(seen)) == 5
    assert second["NextToken"] == ""
    assert lab.items("DescribeDisks", DiskIds="[]") == []
