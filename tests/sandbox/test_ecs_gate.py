"""What ECS operations ask RAM for: every resource of the call by itself, and the condition keys."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from ecs_lab import LINUX, UBUNTU, Lab, tags
from harness import Sandbox
from imagefence.policy.readings import DEFAULT, change

ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
NUMBERS = count()


@pytest.fixture(scope="module")
def lab(sandbox: Sandbox) -> Lab:
    return Lab(sandbox)


@pytest.fixture(scope="module")
def net(lab: Lab) -> dict[str, str]:
    return lab.network()


@pytest.fixture(scope="module")
def golden(lab: Lab) -> str:
    return lab.image("golden", Tag=tags(environment="production"))


@pytest.fixture(scope="module")
def snapshot(lab: Lab) -> str:
    disk = lab.one("DescribeDisks", InstanceId=lab.stopped())["DiskId"]
    made = lab.call("CreateSnapshot", DiskId=disk)["SnapshotId"]
    lab.until(lambda: lab.one("DescribeSnapshots", DiskId=disk)["Status"] == "accomplished")
    return str(made)


def denied(action: str, resource: str = "*", **condition: Any) -> dict[str, Any]:
    """A Deny; `Condition` is given as operator="key value"."""
    statement: dict[str, Any] = {"Effect": "Deny", "Action": action, "Resource": resource}
    if condition:
        statement["Condition"] = {
            operator: dict([text.split(" ", 1)]) for operator, text in condition.items()
        }
    return statement


def under(sandbox: Sandbox, *statements: dict[str, Any]) -> Lab:
    """The first account's ECS, called by a new user who may do all but what the statements deny."""
    key = sandbox.user(f"user-{next(NUMBERS)}", ALL, *statements)
    lab = Lab(sandbox)
    lab.clients = {product: sandbox.as_key(product, key) for product in lab.clients}
    return lab


def refuses(lab: Lab, name: str, **parameters: Any) -> bool:
    """Whether RAM refuses a dry run, which a permitted one ends with DryRunOperation."""
    code = lab.fault(name, DryRun=True, **parameters)
    assert code in ("Forbidden.RAM", "DryRunOperation")
    return code == "Forbidden.RAM"


@pytest.fixture(scope="module")
def launch(net: dict[str, str], golden: str, snapshot: str) -> dict[str, Any]:
    """A launch that names one of every kind of resource."""
    return {
        "ImageId": golden,
        "InstanceType": "ecs.g7.large",
        "DataDisk": [{"SnapshotId": snapshot}],
        **net,
    }


@pytest.fixture(scope="module")
def parts(lab: Lab, net: dict[str, str], golden: str, snapshot: str) -> dict[str, str]:
    """The names behind `acs:` of all that the launch must ask for."""
    vpc = lab.one("DescribeVSwitches", "vpc", VSwitchId=net["VSwitchId"])["VpcId"]
    ecs, own = f"acs:ecs:cn-hangzhou:{lab.account_id}", f"acs:vpc:cn-hangzhou:{lab.account_id}"
    return {
        "instance": f"{ecs}:instance/*",
        "image": f"{ecs}:image/{golden}",
        "securitygroup": f"{ecs}:securitygroup/{net['SecurityGroupId']}",
        "snapshot": f"{ecs}:snapshot/{snapshot}",
        "vswitch": f"{own}:vswitch/{net['VSwitchId']}",
        "vpc": f"{own}:vpc/{vpc}",
    }


@pytest.mark.parametrize("operation", ["RunInstances", "CreateInstance"])
@pytest.mark.parametrize("part", ["instance", "image", "securitygroup", "snapshot", "vswitch", "vpc"])
def test_a_launch_asks_for_every_resource_it_names(
    sandbox: Sandbox, parts: dict[str, str], launch: dict[str, Any], operation: str, part: str
) -> None:
    assert refuses(under(sandbox, denied(f"ecs:{operation}", parts[part])), operation, **launch)


def test_a_launch_asks_for_nothing_else(
    sandbox: Sandbox, parts: dict[str, str], launch: dict[str, Any]
) -> None:
    allowed = {"Effect": "Allow", "Action": "ecs:RunInstances", "Resource": list(parts.values())}
    key = sandbox.user("exactly", allowed)
    lab = Lab(sandbox)
    lab.clients["ecs"] = sandbox.as_key("ecs", key)
    assert not refuses(lab, "RunInstances", **launch)


def test_each_of_several_security_groups_is_asked_for(
    sandbox: Sandbox, lab: Lab, net: dict[str, str]
) -> None:
    more = lab.call("CreateSecurityGroup", VpcId=lab.one("DescribeVSwitches", "vpc", **vswitch(net))["VpcId"])
    groups = [net["SecurityGroupId"], more["SecurityGroupId"]]
    user = under(sandbox, denied("ecs:RunInstances", f"acs:ecs:*:*:securitygroup/{groups[1]}"))
    base = {"ImageId": LINUX, "InstanceType": "ecs.g7.large", **vswitch(net)}
    assert refuses(user, "RunInstances", SecurityGroupIds=groups, **base)
    assert not refuses(user, "RunInstances", SecurityGroupIds=groups[:1], **base)


def vswitch(net: dict[str, str]) -> dict[str, str]:
    return {"VSwitchId": net["VSwitchId"]}


def test_an_image_family_is_asked_for_as_the_image_it_stands_for(sandbox: Sandbox) -> None:
    user = under(sandbox, denied("ecs:RunInstances", f"acs:ecs:*:*:image/{UBUNTU}"))
    assert refuses(user, "RunInstances", ImageFamily="acs:ubuntu_22_04_x64", InstanceType="ecs.g7.large")
    assert not refuses(user, "RunInstances", ImageFamily="acs:debian_12_5_x64", InstanceType="ecs.g7.large")


@pytest.mark.parametrize("part", ["instance/*", "image/*", "disk/*"])
def test_replacing_a_disk_asks_for_instance_image_and_disk(sandbox: Sandbox, lab: Lab, part: str) -> None:
    instance = lab.stopped()
    user = under(sandbox, denied("ecs:ReplaceSystemDisk", f"acs:ecs:*:*:{part}"))
    assert user.fault("ReplaceSystemDisk", InstanceId=instance, ImageId=UBUNTU) == "Forbidden.RAM"
    assert lab.instance(instance)["ImageId"] == LINUX


def test_replacing_a_disk_asks_for_the_tags_of_the_image(
    sandbox: Sandbox, lab: Lab, golden: str, lent: str
) -> None:
    instance = lab.stopped()
    user = under(
        sandbox,
        denied(
            "ecs:ReplaceSystemDisk",
            "acs:ecs:*:*:image/*",
            StringNotEquals="acs:ResourceTag/environment production",
        ),
    )
    for image in (UBUNTU, lent, "m-nobody"):
        assert user.fault("ReplaceSystemDisk", InstanceId=instance, ImageId=image) == "Forbidden.RAM"
    user.call("ReplaceSystemDisk", InstanceId=instance, ImageId=golden)
    assert lab.instance(instance)["ImageId"] == golden


def test_a_copy_asks_for_its_source_and_for_the_tags_it_will_wear(sandbox: Sandbox, golden: str) -> None:
    copy = {"ImageId": golden, "DestinationRegionId": "cn-beijing"}
    assert refuses(
        under(sandbox, denied("ecs:CopyImage", f"acs:ecs:*:*:image/{golden}")), "CopyImage", **copy
    )
    tagged = denied("ecs:CopyImage", StringEquals="acs:RequestTag/environment production")
    user = under(sandbox, tagged)
    assert refuses(user, "CopyImage", **copy, Tag=tags(environment="production"))
    assert not refuses(user, "CopyImage", **copy, Tag=tags(environment="test"))


@pytest.mark.parametrize(
    ("operation", "named"),
    [
        ("DescribeImages", "ImageId"),
        ("DeleteImage", "ImageId"),
        ("ModifyImageAttribute", "ImageId"),
        ("ModifyImageSharePermission", "ImageId"),
    ],
)
def test_operations_on_one_image_ask_for_it(
    sandbox: Sandbox, golden: str, operation: str, named: str
) -> None:
    user = under(sandbox, denied(f"ecs:{operation}", f"acs:ecs:*:*:image/{golden}"))
    assert refuses(user, operation, **{named: golden})
    assert not refuses(user, operation, **{named: "m-other"})


def test_the_images_of_the_vendor_are_listed_without_permission(sandbox: Sandbox) -> None:
    user = under(sandbox, denied("ecs:DescribeImages"))
    assert user.fault("DescribeImages") == "Forbidden.RAM"
    assert user.items("DescribeImages", ImageOwnerAlias="system")


@pytest.mark.parametrize(
    ("condition", "change_", "hit"),
    [
        ("ecs:ImageSource System", {"ImageId": LINUX}, True),
        ("ecs:ImageSource System", {}, False),
        ("ecs:ImageSource Custom", {}, True),
        ("ecs:ImageOwnerId 0", {"ImageId": LINUX}, True),
        ("ecs:ImageOwnerId {account}", {}, True),
        ("ecs:ImageOwnerId {account}", {"ImageId": LINUX}, False),
        ("ecs:ImagePlatform Ubuntu", {"ImageId": UBUNTU}, True),
        ("ecs:ImagePlatform Ubuntu", {}, False),
        ("ecs:InstanceType ecs.g7.large", {}, True),
        ("ecs:InstanceTypeFamily ecs.g7", {}, True),
        ("ecs:InstanceTypeFamily ecs.g6", {}, False),
        ("ecs:NotSpecifySecurityGroupId true", {}, False),
        ("ecs:NotSpecifySecurityGroupId true", {"SecurityGroupId": ""}, True),
        ("ecs:AssociatePublicIpAddress true", {"InternetMaxBandwidthOut": 1}, True),
        ("ecs:AssociatePublicIpAddress true", {}, False),
        ("ecs:PasswordCustomized true", {"Password": "Long-Enough-1"}, True),
        ("ecs:PasswordInherit true", {"PasswordInherit": True}, True),
        ("ecs:LoginAsNonRoot true", {"ImageOptions": {"LoginAsNonRoot": True}}, True),
        ("ecs:SecurityHardeningMode true", {"HttpTokens": "required"}, True),
        ("ecs:SecurityEnhancementStrategy Active", {"SecurityEnhancementStrategy": "Active"}, True),
        ("ecs:IsSystemDiskEncrypted true", {"SystemDisk": {"Encrypted": "true"}}, True),
        ("ecs:IsSystemDiskByokEncrypted true", {"SystemDisk": {"KMSKeyId": "k"}}, True),
        ("ecs:IsDiskEncrypted true", {"DataDisk": [{"Size": 20, "Encrypted": "true"}]}, True),
        ("ecs:IsDiskByokEncrypted true", {"DataDisk": [{"Size": 20, "KMSKeyId": "k"}]}, True),
        ("ecs:IsDiskEncrypted true", {}, False),
        ("vpc:IsDefaultVSwitch true", {}, False),
        ("vpc:IsDefaultVpc true", {"VSwitchId": ""}, True),
        ("vpc:CreateDefaultVpc true", {"VSwitchId": ""}, False),
        ("vpc:VPC {vpc}", {}, True),
        ("acs:RequestTag/team a", {"Tag": tags(team="a")}, True),
    ],
)
def test_a_launch_feeds_its_condition_keys(
    sandbox: Sandbox,
    lab: Lab,
    launch: dict[str, Any],
    parts: dict[str, str],
    condition: str,
    change_: dict[str, Any],
    hit: bool,
) -> None:
    test = condition.format(account=lab.account_id, vpc=parts["vpc"])
    user = under(sandbox, denied("ecs:RunInstances", StringEquals=test))
    assert refuses(user, "RunInstances", **{**launch, **change_}) is hit


def test_replacing_a_disk_feeds_no_owner_of_the_image(sandbox: Sandbox, lab: Lab) -> None:
    instance = lab.stopped()
    owner = under(sandbox, denied("ecs:ReplaceSystemDisk", StringEquals="ecs:ImageSource System"))
    owner.call("ReplaceSystemDisk", InstanceId=instance, ImageId=UBUNTU)
    platform = under(sandbox, denied("ecs:ReplaceSystemDisk", StringEquals="ecs:ImagePlatform Ubuntu"))
    assert platform.fault("ReplaceSystemDisk", InstanceId=instance, ImageId=UBUNTU) == "Forbidden.RAM"


@pytest.fixture
def owners_tags(sandbox: Sandbox) -> Iterator[None]:
    """The reading under which authorisation sees the owner's tags of a shared image."""
    sandbox.world.readings = change(DEFAULT, "shared_tags=owners")
    yield
    sandbox.world.readings = DEFAULT


@pytest.fixture(scope="module")
def lent(sandbox: Sandbox, lab: Lab) -> str:
    """A tagged image of the second account, shared with the first."""
    other = Lab(sandbox, account=1)
    image = other.image("lent", Tag=tags(environment="production"))
    other.call("ModifyImageSharePermission", ImageId=image, AddAccount=[lab.account_id])
    return image


UNTAGGED = denied(
    "ecs:RunInstances", "acs:ecs:*:*:image/*", StringNotEquals="acs:ResourceTag/environment production"
)


def test_a_shared_image_shows_no_tags(sandbox: Sandbox, lent: str, golden: str) -> None:
    user = under(sandbox, UNTAGGED)
    launch = {"InstanceType": "ecs.g7.large"}
    assert refuses(user, "RunInstances", ImageId=lent, **launch)
    assert not refuses(user, "RunInstances", ImageId=golden, **launch)
    assert refuses(user, "RunInstances", ImageId=LINUX, **launch)
    source = under(sandbox, denied("ecs:RunInstances", StringEquals="ecs:ImageSource Shared"))
    assert refuses(source, "RunInstances", ImageId=lent, **launch)


@pytest.mark.usefixtures("owners_tags")
def test_under_the_other_reading_a_shared_image_shows_its_owners_tags(sandbox: Sandbox, lent: str) -> None:
    user = under(sandbox, UNTAGGED)
    assert not refuses(user, "RunInstances", ImageId=lent, InstanceType="ecs.g7.large")


@pytest.mark.parametrize("operation", ["TagResources", "UntagResources"])
def test_tagging_asks_for_each_resource_of_its_type(
    sandbox: Sandbox, lab: Lab, golden: str, operation: str
) -> None:
    user = under(sandbox, denied(f"ecs:{operation}", "acs:ecs:*:*:image/*"))
    what: dict[str, Any] = {"Tag": tags(a="1")} if operation == "TagResources" else {"TagKey": ["a"]}
    assert user.fault(operation, ResourceType="image", ResourceId=[golden], **what) == "Forbidden.RAM"
    instance = lab.launch()
    user.call(operation, ResourceType="instance", ResourceId=[instance], **what)
