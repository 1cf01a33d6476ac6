"""A small cloud built by the vendor's own clients: a directory, a member, a stranger, all kinds of images."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

HERE, THERE = "cn-hangzhou", "cn-shanghai"
STOCK = "ubuntu_22_04_x64_20G_alibase_20240530.vhd"
ADMIN = {"Effect": "Allow", "Action": "*", "Resource": "*"}


@dataclass
class Owner:
    """An account in which things are made, by its key; `networks` are made once a region."""

    sandbox: Any
    account_id: str
    key: tuple[str, str, str | None]
    networks: dict[str, tuple[str, str]] = field(default_factory=dict)

    def client(self, product: str, region: str = HERE) -> Any:
        return self.sandbox.client(product, *self.key, region=region)

    def call(self, product: str, operation: str, region: str = HERE, **fields: Any) -> Any:
        """One call of the vendor's client, named by its method."""
        models, wanted = self.sandbox.models(product), f"{operation.replace('_', '')}request"
        named = next(name for name in dir(models) if name.lower() == wanted)
        return getattr(self.client(product, region), operation)(getattr(models, named)(**fields)).body

    def network(self, region: str) -> tuple[str, str]:
        """A vSwitch and a security group."""
        if region not in self.networks:
            zones = self.call("ecs", "describe_zones", region, region_id=region).zones.zone
            vpc = self.call("vpc", "create_vpc", region, region_id=region, cidr_block="10.0.0.0/8").vpc_id
            switch = self.call(
                "vpc",
                "create_vswitch",
                region,
                region_id=region,
                zone_id=zones[0].zone_id,
                vpc_id=vpc,
                cidr_block="10.0.0.0/24",
            ).v_switch_id
            group = self.call("ecs", "create_security_group", region, region_id=region, vpc_id=vpc)
            self.networks[region] = (switch, group.security_group_id)
        return self.networks[region]

    def launch(self, image: str, name: str, region: str = HERE) -> str:
        """Runs one instance and gives its id."""
        switch, group = self.network(region)
        answer = self.call(
            "ecs",
            "run_instances",
            region,
            region_id=region,
            image_id=image,
            instance_type="ecs.g7.large",
            v_switch_id=switch,
            security_group_id=group,
            instance_name=name,
        )
        return str(answer.instance_id_sets.instance_id_set[0])

    def image(self, source: str, name: str, region: str = HERE, **tags: str) -> str:
        """Makes an image of an instance and gives its id."""
        tag = self.sandbox.models("ecs").CreateImageRequestTag
        worn = [tag(key=key, value=value) for key, value in tags.items()]
        fields: dict[str, Any] = {"region_id": region, "instance_id": source, "image_name": name, "tag": worn}
        return str(self.call("ecs", "create_image", region, **fields).image_id)


@dataclass
class Fleet:
    """The cloud and the names of what is in it: instances by the kind of their image."""

    sandbox: Any
    management: Owner
    member: Owner
    stranger: Owner
    key: Any
    instances: dict[str, str]
    images: dict[str, str]


def directory(sandbox: Any, key: Any) -> tuple[Owner, str]:
    """Enables a directory with control policies and gives the management account and a folder's id."""
    root = Owner(sandbox, sandbox.account_id, (sandbox.access_key_id, sandbox.access_key_secret, None))
    management = Owner(sandbox, sandbox.account_id, (key.id, key.secret, None))
    root.call("resourcedirectory", "enable_resource_directory", enable_mode="CurrentAccount")
    root.client("resourcedirectory").enable_control_policy()
    folder = management.call("resourcedirectory", "create_folder", folder_name="Workloads").folder
    return management, str(folder.folder_id)


def join(management: Owner, name: str, folder_id: str) -> Owner:
    """Makes a member account and enters it by the role that it trusts."""
    made = management.call(
        "resourcedirectory", "create_resource_account", display_name=name, parent_folder_id=folder_id
    )
    account_id = str(made.account.account_id)
    role = f"acs:ram::{account_id}:role/ResourceDirectoryAccountAccessRole"
    found = management.call("sts", "assume_role", role_arn=role, role_session_name="seed").credentials
    key = (found.access_key_id, found.access_key_secret, found.security_token)
    return Owner(management.sandbox, account_id, key)


def furnish(member: Owner, stranger: Owner) -> tuple[dict[str, str], dict[str, str]]:
    """Launches one instance from every kind of image; gives the instances and the images."""
    base, foreign = member.launch(STOCK, "stock"), stranger.launch(STOCK, "theirs")
    images = {
        "golden": member.image(base, "golden", environment="production"),
        "untagged": member.image(base, "untagged", environment="test"),
        "gone": member.image(base, "gone"),
        "shared": stranger.image(foreign, "partner-base", environment="production"),
        "community": stranger.image(foreign, "free-for-all"),
    }
    share: dict[str, Any] = {
        "region_id": HERE,
        "image_id": images["shared"],
        "add_account": [member.account_id],
    }
    stranger.call("ecs", "modify_image_share_permission", **share)
    publish: dict[str, Any] = {"region_id": HERE, "image_id": images["community"], "is_public": True}
    stranger.call("ecs", "modify_image_share_permission", **publish)
    instances = {"stock": base, "theirs": foreign}
    instances |= {kind: member.launch(image, kind) for kind, image in images.items()}
    instances["there"] = member.launch(STOCK, "there", THERE)
    member.call("ecs", "delete_image", region_id=HERE, image_id=images["gone"], force=True)
    return instances, images


@pytest.fixture(scope="module")
def fleet(sandbox: Any) -> Fleet:
    """The furnished cloud; what is made there is ready at once."""
    sandbox.world.settle = timedelta(0)
    key = sandbox.user("auditor", ADMIN)
    management, folder_id = directory(sandbox, key)
    other = sandbox.other_accounts[0]
    stranger = Owner(sandbox, other["account_id"], (other["access_key_id"], other["access_key_secret"], None))
    member = join(management, "dev", folder_id)
    instances, images = furnish(member, stranger)
    return Fleet(sandbox, management, member, stranger, key, instances, images)
