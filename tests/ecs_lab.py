"""One account's ECS and VPC in a sandbox, worked by the official SDK."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from harness import Sandbox

LINUX = "aliyun_3_x64_20G_alibase_20240528.vhd"
UBUNTU = "ubuntu_22_04_x64_20G_alibase_20240530.vhd"
ARM = "aliyun_3_arm64_20G_alibase_20240528.vhd"


class Lab:
    """Calls as the root of an account; answers come as the plain maps of the wire."""

    def __init__(self, sandbox: Sandbox, account: int = 0, region: str = "cn-hangzhou") -> None:
        sandbox.world.settle = timedelta(milliseconds=10)
        other = sandbox.other_accounts[account - 1] if account else {}
        key, secret = other.get("access_key_id"), other.get("access_key_secret")
        self.account_id = other.get("account_id", sandbox.account_id)
        self.region = region
        self.clients = {
            product: sandbox.client(product, key, secret, region=region) for product in ("ecs", "vpc", "tag")
        }
        self.models = {product: sandbox.models(product) for product in self.clients}

    def call(self, name: str, product: str = "ecs", **parameters: Any) -> dict[str, Any]:
        """Calls an operation by its wire name with wire parameters; RegionId is added where it exists."""
        kind = getattr(self.models[product], f"{name}Request")
        if hasattr(kind(), "region_id"):
            parameters = {"RegionId": self.region, **parameters}
        request = kind()
        request.from_map(parameters)
        method = getattr(self.clients[product], snake(name))
        body: dict[str, Any] = method(request).body.to_map()
        return body

    def fault(self, name: str, product: str = "ecs", **parameters: Any) -> str:
        """The code that a call is refused with."""
        with pytest.raises(Exception, match="code: ") as caught:
            self.call(name, product, **parameters)
        return str(getattr(caught.value, "code", caught.value))

    def network(self, zone: str = "h") -> dict[str, str]:
        """A vSwitch and a security group in a new VPC, as parameters of a launch."""
        vpc = self.call("CreateVpc", "vpc", CidrBlock="10.0.0.0/8")["VpcId"]
        self.until(lambda: self.one("DescribeVpcs", "vpc", VpcId=vpc)["Status"] == "Available")
        vswitch = self.call(
            "CreateVSwitch", "vpc", VpcId=vpc, ZoneId=f"{self.region}-{zone}", CidrBlock="10.1.0.0/24"
        )
        group = self.call("CreateSecurityGroup", VpcId=vpc)
        return {"VSwitchId": vswitch["VSwitchId"], "SecurityGroupId": group["SecurityGroupId"]}

    def launch(self, image: str = LINUX, **more: Any) -> str:
        """One instance, waited for until it runs."""
        parameters = {"ImageId": image, "InstanceType": "ecs.g7.large", **more}
        instance = self.call("RunInstances", **parameters)["InstanceIdSets"]["InstanceIdSet"][0]
        self.reaches(instance, "Running")
        return str(instance)

    def stopped(self, image: str = LINUX, **more: Any) -> str:
        """One stopped instance."""
        instance = self.launch(image, **more)
        self.call("StopInstance", InstanceId=instance)
        self.reaches(instance, "Stopped")
        return instance

    def image(self, name: str, **more: Any) -> str:
        """An available image of a new stopped instance."""
        image = self.call("CreateImage", InstanceId=self.stopped(), ImageName=name, **more)["ImageId"]
        self.until(lambda: image in self.ids("DescribeImages", ImageOwnerAlias="self", PageSize=100))
        return str(image)

    def instance(self, instance: str) -> dict[str, Any]:
        """The item of one instance."""
        return self.one("DescribeInstances", InstanceIds=f'["{instance}"]')

    def reaches(self, instance: str, status: str) -> None:
        """Waits for a status."""
        self.until(lambda: self.instance(instance)["Status"] == status)

    def items(self, name: str, product: str = "ecs", **parameters: Any) -> list[dict[str, Any]]:
        """The items of the double-wrapped list of an answer."""
        body = self.call(name, product, **parameters)
        outer = next(value for value in body.values() if isinstance(value, dict))
        items: list[dict[str, Any]] = next(iter(outer.values()))
        return items

    def one(self, name: str, product: str = "ecs", **parameters: Any) -> dict[str, Any]:
        """The only item."""
        (item,) = self.items(name, product, **parameters)
        return item

    def ids(self, name: str, product: str = "ecs", **parameters: Any) -> list[str]:
        """The ids of the items: `ImageId` of DescribeImages."""
        key = name.removeprefix("Describe").removesuffix("es" if name == "DescribeVSwitches" else "s") + "Id"
        return [item[key] for item in self.items(name, product, **parameters)]

    def until(self, done: Callable[[], bool], seconds: float = 3.0) -> None:
        """Waits until something holds."""
        end = time.monotonic() + seconds
        while not done():
            assert time.monotonic() < end, "it did not come about"
            time.sleep(0.005)


def snake(name: str) -> str:
    """`describe_vswitches` of `DescribeVSwitches`: the SDK's own way of spelling."""
    text = name.replace("VSwitch", "Vswitch")
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in text).lstrip("_")


def tags(**pairs: str) -> list[dict[str, str]]:
    """`Tag.N` of a request."""
    return [{"Key": key, "Value": value} for key, value in pairs.items()]
