"""Images over a real socket: who sees, shares, copies, starts and deletes them."""

from __future__ import annotations

from typing import Any

import pytest

from ecs_lab import ARM, LINUX, UBUNTU, Lab, tags
from harness import Sandbox


@pytest.fixture(scope="module")
def lab(sandbox: Sandbox) -> Lab:
    return Lab(sandbox)


@pytest.fixture(scope="module")
def other(sandbox: Sandbox) -> Lab:
    return Lab(sandbox, account=1)


@pytest.fixture(scope="module")
def golden(lab: Lab) -> str:
    return lab.image("golden", Tag=tags(environment="production", team="base"))


def named(lab: Lab, image: str, **more: Any) -> list[dict[str, Any]]:
    return lab.items("DescribeImages", ImageId=image, **more)


def test_a_fresh_account_sees_the_stock_images_of_several_systems(other: Lab) -> None:
    images = other.items("DescribeImages", PageSize=100)
    assert {image["ImageOwnerAlias"] for image in images} == {"system"}
    assert {"Aliyun", "Ubuntu", "Windows Server 2022"} <= {image["Platform"] for image in images}
    assert {LINUX, UBUNTU, ARM} <= {image["ImageId"] for image in images}


def test_an_image_takes_over_system_tags_and_disks(lab: Lab, golden: str) -> None:
    (image,) = named(lab, golden)
    assert (image["ImageOwnerAlias"], image["ImageOwnerId"]) == ("self", int(lab.account_id))
    assert image["Platform"] == "Aliyun"
    assert image["Tags"]["Tag"] == [
        {"TagKey": "environment", "TagValue": "production"},
        {"TagKey": "team", "TagValue": "base"},
    ]
    (disk,) = image["DiskDeviceMappings"]["DiskDeviceMapping"]
    assert (disk["Size"], disk["Type"]) == ("40", "system")
    assert lab.one("DescribeSnapshots", SnapshotIds=f'["{disk["SnapshotId"]}"]')["Usage"] == "image"


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"Tag": tags(environment="production")}, True),
        ({"Tag": tags(environment="production", team="base")}, True),
        ({"Tag": tags(environment="production", team="other")}, False),
        ({"Tag": tags(environment="Production")}, False),
        ({"ImageName": "gold*"}, True),
        ({"ImageName": "gold"}, False),
        ({"ImageOwnerAlias": "self"}, True),
        ({"ImageOwnerAlias": "system"}, False),
        ({"ImageOwnerAlias": "others"}, False),
        ({"ImageOwnerAlias": "marketplace"}, False),
        ({"OSType": "windows"}, False),
        ({"Architecture": "arm64"}, False),
        ({"InstanceType": "ecs.g7.large"}, True),
        ({"InstanceType": "ecs.g8y.large"}, False),
        ({"Status": "Creating,Deprecated"}, False),
        ({"Status": "Creating,Available"}, True),
        ({"Filter": [{"Key": "CreationStartTime", "Value": "2120-01-01T00:00Z"}]}, False),
    ],
)
def test_filters_of_images(lab: Lab, golden: str, filters: dict[str, Any], found: bool) -> None:
    assert (golden in lab.ids("DescribeImages", PageSize=100, **filters)) is found


def test_pages_hold_each_image_once_and_the_one_beyond_is_empty(lab: Lab) -> None:
    body = lab.call("DescribeImages", PageSize=5)
    pages = range(1, body["TotalCount"] // 5 + 2)
    seen = [image for page in pages for image in lab.ids("DescribeImages", PageSize=5, PageNumber=page)]
    assert len(seen) == len(set(seen)) == body["TotalCount"]
    beyond = lab.call("DescribeImages", PageSize=5, PageNumber=99)
    assert (beyond["Images"]["Image"], beyond["TotalCount"]) == ([], body["TotalCount"])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ImageOwnerAlias": "friends"}, "InvalidImageOwnerAlias.ValueNotSupported"),
        ({"Usage": "dust"}, "InvalidUsage"),
        ({"OSType": "plan9"}, "InvalidOSType"),
        ({"InstanceType": "ecs.moon.large"}, "InvalidInstanceType.ValueNotSupported"),
        ({"Filter": [{"Key": "Colour", "Value": "2020-01-01T00:00Z"}]}, "InvalidFilterKey.NotFound"),
        ({"Filter": [{"Key": "CreationStartTime", "Value": "noon"}]}, "InvalidFilterValue"),
        (
            {"Filter": [{"Key": "CreationStartTime", "Value": "9999-12-31T23:59-23:59"}]},
            "InvalidFilterValue",
        ),
        ({"PageSize": 101}, "InvalidParameter"),
        ({"RegionId": "cn-atlantis"}, "InvalidRegionId.NotFound"),
    ],
)
def test_bad_filters_are_refused(lab: Lab, change: dict[str, Any], code: str) -> None:
    assert lab.fault("DescribeImages", **change) == code


def test_an_image_that_is_still_made_is_neither_listed_nor_started(fresh_sandbox: Sandbox) -> None:
    lab = Lab(fresh_sandbox)
    instance = lab.stopped()
    fresh_sandbox.world.settle *= 100
    image = lab.call("CreateImage", InstanceId=instance, ImageName="slow")["ImageId"]
    assert named(lab, image) == []
    assert named(lab, image, Status="Creating")[0]["Progress"] == "0%"
    launch = {"ImageId": image, "InstanceType": "ecs.g7.large"}
    assert lab.fault("RunInstances", **launch) == "OperationDenied.ImageNotValid"
    assert lab.fault("CopyImage", ImageId=image, DestinationRegionId="cn-beijing") == "IncorrectImageStatus"


def test_a_strangers_image_can_not_be_seen_or_started_until_it_is_shared(lab: Lab, other: Lab) -> None:
    image = lab.image("lent", Tag=tags(environment="production"))
    launch = {"ImageId": image, "InstanceType": "ecs.g7.large"}
    assert named(other, image) == []
    assert other.fault("RunInstances", **launch) == "InvalidImageId.NotFound"

    lab.call("ModifyImageSharePermission", ImageId=image, AddAccount=[other.account_id])
    (seen,) = named(other, image)
    assert (seen["ImageOwnerAlias"], seen["ImageOwnerId"]) == ("others", int(lab.account_id))
    assert seen["Tags"]["Tag"] == []
    assert named(other, image, Tag=tags(environment="production")) == []
    assert len(named(lab, image, Tag=tags(environment="production"))) == 1
    assert other.instance(other.launch(image))["ImageId"] == image
    assert named(lab, image)[0]["IsSelfShared"] == "true"

    lab.call("ModifyImageSharePermission", ImageId=image, RemoveAccount=[other.account_id])
    assert other.fault("RunInstances", **launch) == "InvalidImageId.NotFound"


def test_shares_are_listed_to_the_owner_alone(lab: Lab, other: Lab) -> None:
    image = lab.image("listed")
    lab.call("ModifyImageSharePermission", ImageId=image, AddAccount=[other.account_id])
    body = lab.call("DescribeImageSharePermission", ImageId=image)
    assert [row["AliyunId"] for row in body["Accounts"]["Account"]] == [other.account_id]
    assert body["TotalCount"] == 1
    assert other.fault("DescribeImageSharePermission", ImageId=image) == "InvalidImageId.NotFound"
    assert (
        other.fault("ModifyImageSharePermission", ImageId=image, AddAccount=[lab.account_id])
        == "InvalidImageId.NotFound"
    )


@pytest.mark.parametrize(
    ("account", "code"), [("1", "InvalidAccount.NotFound"), ("own", "InvalidAccount.Forbbiden")]
)
def test_nobody_shares_with_a_stranger_or_with_himself(
    lab: Lab, golden: str, account: str, code: str
) -> None:
    added = [lab.account_id if account == "own" else account]
    assert lab.fault("ModifyImageSharePermission", ImageId=golden, AddAccount=added) == code


def test_a_community_image_is_found_by_is_public_and_not_copied(lab: Lab, other: Lab) -> None:
    image = lab.image("for-all")
    lab.call("ModifyImageSharePermission", ImageId=image, IsPublic=True)
    assert named(other, image) == []
    public: dict[str, Any] = {"ImageOwnerAlias": "others", "IsPublic": True}
    assert other.ids("DescribeImages", ImageOwnerId=int(lab.account_id), **public) == [image]
    assert other.ids("DescribeImages", ImageOwnerId=7, **public) == []
    assert other.instance(other.launch(image))["ImageId"] == image
    assert (
        other.fault("CopyImage", ImageId=image, DestinationRegionId="cn-beijing")
        == "OperationDenied.CommunityImage"
    )
    assert lab.fault("DeleteImage", ImageId=image, Force=True) == "ImageIsPublic"


def test_a_copy_belongs_to_who_made_it_and_wears_only_its_own_tags(
    sandbox: Sandbox, lab: Lab, other: Lab, golden: str
) -> None:
    lab.call("ModifyImageSharePermission", ImageId=golden, AddAccount=[other.account_id])
    copy = other.call(
        "CopyImage",
        ImageId=golden,
        DestinationRegionId="cn-shanghai",
        DestinationImageName="copied",
        Tag=tags(from_="golden"),
    )["ImageId"]
    there = Lab(sandbox, account=1, region="cn-shanghai")
    there.until(lambda: named(there, copy) != [])
    (image,) = named(there, copy)
    assert (image["ImageOwnerAlias"], image["IsCopied"], image["ImageName"]) == ("self", True, "copied")
    assert image["Tags"]["Tag"] == [{"TagKey": "from_", "TagValue": "golden"}]
    lab.call("ModifyImageSharePermission", ImageId=golden, RemoveAccount=[other.account_id])
    assert other.fault("CopyImage", ImageId=golden) == "InvalidImageId.NotFound"
    assert there.instance(there.launch(copy))["ImageId"] == copy


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ImageId": LINUX}, "InvalidImageId.NotFound"),
        ({"DestinationRegionId": "cn-atlantis"}, "DestinationRegion.NotFound"),
        ({"DestinationImageName": "aliyun-x"}, "InvalidImageName.Malformed"),
        ({"DestinationImageName": "golden"}, "InvalidImageName.Duplicated"),
    ],
)
def test_bad_copies_are_refused(lab: Lab, golden: str, change: dict[str, Any], code: str) -> None:
    assert lab.fault("CopyImage", **{"ImageId": golden, **change}) == code


def test_an_image_of_snapshots_needs_one_of_a_system_disk(lab: Lab) -> None:
    instance = lab.stopped(DataDisk=[{"Size": 30}])
    disks = {disk["Type"]: disk["DiskId"] for disk in lab.items("DescribeDisks", InstanceId=instance)}
    snapshots = {kind: lab.call("CreateSnapshot", DiskId=disk)["SnapshotId"] for kind, disk in disks.items()}
    lab.until(
        lambda: all(one["Status"] == "accomplished" for one in lab.items("DescribeSnapshots", PageSize=100))
    )
    assert lab.fault("CreateImage", SnapshotId=snapshots["data"]) == "OperationDenied"
    both = [{"SnapshotId": snapshots["system"]}, {"SnapshotId": snapshots["data"]}]
    image = lab.call("CreateImage", DiskDeviceMapping=both)["ImageId"]
    lab.until(lambda: named(lab, image) != [])
    launched = lab.launch(image)
    sizes = {disk["Type"]: disk["Size"] for disk in lab.items("DescribeDisks", InstanceId=launched)}
    assert sizes == {"system": 40, "data": 30}
    assert lab.fault("DeleteSnapshot", SnapshotId=snapshots["system"]) == "SnapshotCreatedImage"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, "MissingParameter"),
        ({"InstanceId": "i-nobody"}, "InvalidInstanceId.NotFound"),
        ({"SnapshotId": "s-nobody"}, "InvalidSnapshotId.NotFound"),
        ({"ImageName": "1st"}, "InvalidImageName.Malformed"),
        ({"ImageName": "golden"}, "InvalidImageName.Duplicated"),
        ({"Tag": tags(aliyun="1")}, "InvalidTagKey.Malformed"),
    ],
)
def test_bad_images_are_refused(lab: Lab, golden: str, change: dict[str, Any], code: str) -> None:
    assert lab.fault("CreateImage", **change) == code


def test_deleting_spares_what_is_used_or_shared(lab: Lab, other: Lab) -> None:
    used, shared = lab.image("used"), lab.image("shared")
    instance = lab.launch(used)
    assert lab.fault("DeleteImage", ImageId=used) == "ImageUsingByInstance"
    lab.call("DeleteImage", ImageId=used, Force=True)
    assert named(lab, used) == []
    assert lab.instance(instance)["ImageId"] == used

    lab.call("ModifyImageSharePermission", ImageId=shared, AddAccount=[other.account_id])
    assert lab.fault("DeleteImage", ImageId=shared) == "ImageUseShared"
    lab.call("ModifyImageSharePermission", ImageId=shared, RemoveAccount=[other.account_id])
    lab.call("DeleteImage", ImageId=shared)
    lab.call("DeleteImage", ImageId=shared)
    assert lab.fault("DeleteImage", ImageId=LINUX) == "InvalidImageId.NotFound"


def test_a_deprecated_image_is_hidden_and_still_starts(lab: Lab, other: Lab) -> None:
    image = lab.image("old")
    lab.call("ModifyImageAttribute", ImageId=image, Status="Deprecated", ImageFamily="olds")
    assert named(lab, image) == []
    assert named(lab, image, Status="Deprecated")[0]["ImageFamily"] == "olds"
    assert lab.instance(lab.launch(image))["ImageId"] == image
    launch = {"ImageFamily": "olds", "InstanceType": "ecs.g7.large"}
    assert lab.fault("RunInstances", **launch) == "InvalidImageFamily.MissingAvailableImage"
    assert (
        lab.fault("ModifyImageSharePermission", ImageId=image, AddAccount=[other.account_id])
        == "OperationDenied.InvalidImageStatus"
    )
    lab.call("ModifyImageAttribute", ImageId=image, Status="Available", ImageName="young")
    assert named(lab, image)[0]["ImageName"] == "young"
    assert lab.fault("ModifyImageAttribute", ImageId=LINUX, ImageName="mine") == "InvalidImageId.NotFound"
