"""A small fleet in the sandbox, made by the official SDK: a network, an instance, images of two accounts."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

HANGZHOU, SHANGHAI = "cn-hangzhou", "cn-shanghai"
GOLDEN = {"environment": "production"}


@dataclass(frozen=True)
class Shop:
    """What was made, by id; of the golden images the oldest comes first."""

    sandbox: Any
    v_switch_id: str
    security_group_id: str
    stock: str
    golden: tuple[str, str]
    plain: str
    elsewhere: str
    shared: str
    other_account_id: str


@pytest.fixture(scope="module")
def shop(sandbox: Any) -> Shop:
    """Two golden images and a plain one in Hangzhou, a golden one in Shanghai, one of another account."""
    own = Maker(sandbox)
    switch, group = own.network()
    stock = own.stock_image()
    instance = own.instance(stock, switch, group)
    first = own.image(instance, "golden-1", GOLDEN)
    time.sleep(1.1)  # Why: CreationTime has whole seconds, and "newest" is what is tested.
    second = own.image(instance, "golden-2", {**GOLDEN, "team": "web"})
    plain = own.image(instance, "plain", {})
    elsewhere = own.copy(first, "golden-sh", GOLDEN)
    key = sandbox.other_accounts[0]
    other = Maker(sandbox, key["access_key_id"], key["access_key_secret"])
    shared = other.image(other.instance(stock, *other.network()), "gift", {})
    other.share(shared, sandbox.account_id)
    return Shop(sandbox, switch, group, stock, (first, second), plain, elsewhere, shared, key["account_id"])


class Maker:
    """Makes things in one account by the official SDK."""

    def __init__(
        self, sandbox: Any, key: str | None = None, secret: str | None = None, token: str | None = None
    ) -> None:
        self.ecs, self.models = sandbox.client("ecs", key, secret, token), sandbox.models("ecs")
        self.vpc, self.vpc_models = sandbox.client("vpc", key, secret, token), sandbox.models("vpc")

    def network(self) -> tuple[str, str]:
        """A VPC's vSwitch and security group."""
        request = self.vpc_models.CreateVpcRequest(region_id=HANGZHOU, cidr_block="10.0.0.0/8")
        vpc_id = self.vpc.create_vpc(request).body.vpc_id
        until(lambda: self.vpc_status(vpc_id) == "Available")
        switch = self.vpc.create_vswitch(
            self.vpc_models.CreateVSwitchRequest(
                region_id=HANGZHOU, vpc_id=vpc_id, zone_id="cn-hangzhou-h", cidr_block="10.0.0.0/24"
            )
        ).body.v_switch_id
        until(lambda: self.switch_status(switch) == "Available")
        asked = self.models.CreateSecurityGroupRequest(region_id=HANGZHOU, vpc_id=vpc_id)
        return switch, self.ecs.create_security_group(asked).body.security_group_id

    def vpc_status(self, vpc_id: str) -> str:
        """The status of a VPC."""
        request = self.vpc_models.DescribeVpcsRequest(region_id=HANGZHOU, vpc_id=vpc_id)
        return str(self.vpc.describe_vpcs(request).body.vpcs.vpc[0].status)

    def switch_status(self, switch: str) -> str:
        """The status of a vSwitch."""
        request = self.vpc_models.DescribeVSwitchesRequest(region_id=HANGZHOU, v_switch_id=switch)
        return str(self.vpc.describe_vswitches(request).body.v_switches.v_switch[0].status)

    def stock_image(self) -> str:
        """Some image of the vendor's."""
        request = self.models.DescribeImagesRequest(
            region_id=HANGZHOU, architecture="x86_64", ostype="linux", image_owner_alias="system"
        )
        return str(self.ecs.describe_images(request).body.images.image[0].image_id)

    def instance(self, image: str, switch: str, group: str) -> str:
        """A running instance."""
        request = self.models.RunInstancesRequest(
            region_id=HANGZHOU,
            image_id=image,
            instance_type="ecs.g6.large",
            v_switch_id=switch,
            security_group_id=group,
        )
        instance = self.ecs.run_instances(request).body.instance_id_sets.instance_id_set[0]
        until(lambda: self.status(instance) == "Running")
        return str(instance)

    def status(self, instance: str) -> str:
        """The status of an instance."""
        request = self.models.DescribeInstancesRequest(region_id=HANGZHOU, instance_ids=f'["{instance}"]')
        return str(self.ecs.describe_instances(request).body.instances.instance[0].status)

    def image(self, instance: str, name: str, tags: dict[str, str]) -> str:
        """An image of an instance."""
        pairs = [self.models.CreateImageRequestTag(key=key, value=value) for key, value in tags.items()]
        request = self.models.CreateImageRequest(
            region_id=HANGZHOU, instance_id=instance, image_name=name, tag=pairs
        )
        image = self.ecs.create_image(request).body.image_id
        until(lambda: self.available(image, HANGZHOU))
        return str(image)

    def copy(self, image: str, name: str, tags: dict[str, str]) -> str:
        """A copy of an image in Shanghai."""
        pairs = [self.models.CopyImageRequestTag(key=key, value=value) for key, value in tags.items()]
        request = self.models.CopyImageRequest(
            region_id=HANGZHOU,
            image_id=image,
            destination_region_id=SHANGHAI,
            destination_image_name=name,
            tag=pairs,
        )
        copy = self.ecs.copy_image(request).body.image_id
        until(lambda: self.available(copy, SHANGHAI))
        return str(copy)

    def available(self, image: str, region: str) -> bool:
        """Tells whether an image can be used."""
        request = self.models.DescribeImagesRequest(region_id=region, image_id=image)
        return bool(self.ecs.describe_images(request).body.images.image)

    def share(self, image: str, account_id: str) -> None:
        """Shares an image."""
        request = self.models.ModifyImageSharePermissionRequest(
            region_id=HANGZHOU, image_id=image, add_account=[account_id]
        )
        self.ecs.modify_image_share_permission(request)

    def tags(self, image: str) -> dict[str, str]:
        """The tags of an image."""
        request = self.models.DescribeImagesRequest(region_id=HANGZHOU, image_id=image)
        found = self.ecs.describe_images(request).body.images.image[0]
        return {tag.tag_key: tag.tag_value for tag in found.tags.tag}

    def instances(self, name: str) -> list[Any]:
        """The instances of a name."""
        request = self.models.DescribeInstancesRequest(region_id=HANGZHOU, instance_name=name)
        return list(self.ecs.describe_instances(request).body.instances.instance)


@pytest.fixture(scope="session")
def make_maker() -> Callable[..., Maker]:
    """Gives `make_maker(sandbox, key)`: the official SDK with a key."""
    return lambda sandbox, key: Maker(sandbox, key.id, key.secret, key.token)


@pytest.fixture
def maker(shop: Shop) -> Maker:
    """The official SDK in the first account."""
    return Maker(shop.sandbox)


def until(true: Any) -> None:
    """Waits for the sandbox, which takes its time as the cloud does."""
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)
