"""The gate asks for every resource of a call, each with its own tags; by the official SDK throughout."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from harness import Sandbox
from imagefence.api.ecs_instances import RUN_INSTANCES
from imagefence.api.registry import OPERATIONS
from imagefence.policy.readings import LaunchAsks, NegatedAbsent, Readings
from imagefence.sandbox.birth import fresh_world
from imagefence.sandbox.call import PERFORMS, Call
from imagefence.sandbox.gate import resources_by_action
from imagefence.sandbox.in_force import principal_of

ANYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
UNTAGGED_IMAGES = {
    "Effect": "Deny",
    "Action": ["ecs:RunInstances", "ecs:CreateInstance"],
    "Resource": "acs:ecs:*:*:image/*",
    "Condition": {"StringNotEquals": {"acs:ResourceTag/environment": "production"}},
}
REGION = "cn-hangzhou"


class Yard:
    """A sandbox with a network and two images, `golden` with the tag and `plain` without."""

    def __init__(self, readings: Readings | None = None) -> None:
        self.sandbox = Sandbox(fresh_world(seed=5, readings=readings or Readings()))
        self.sandbox.world.settle *= 0
        self.models = self.sandbox.models("ecs")
        vpcs = self.sandbox.models("vpc")
        vpc = self.sandbox.client("vpc")
        root = self.sandbox.client("ecs")
        self.vpc = vpc.create_vpc(vpcs.CreateVpcRequest(region_id=REGION)).body.vpc_id
        zones = root.describe_zones(self.models.DescribeZonesRequest(region_id=REGION)).body.zones
        self.vswitch = vpc.create_vswitch(
            vpcs.CreateVSwitchRequest(
                region_id=REGION,
                vpc_id=self.vpc,
                zone_id=zones.zone[0].zone_id,
                cidr_block="172.16.0.0/24",
            )
        ).body.v_switch_id
        self.group = root.create_security_group(
            self.models.CreateSecurityGroupRequest(region_id=REGION, vpc_id=self.vpc)
        ).body.security_group_id
        self.stock = self.stock_image()
        self.plain = self.copied("plain")
        self.golden = self.copied("golden", environment="production")

    def stock_image(self) -> str:
        listed = self.sandbox.client("ecs").describe_images(
            self.models.DescribeImagesRequest(region_id=REGION, image_owner_alias="system")
        )
        images = [i for i in listed.body.images.image if i.architecture == "x86_64"]
        image_id: str = images[0].image_id
        return image_id

    def copied(self, name: str, **tags: str) -> str:
        """A custom image, made from an instance of the stock image."""
        ecs = self.sandbox.client("ecs")
        instance = self.launch(ecs, self.stock)
        tag = [self.models.CreateImageRequestTag(key=k, value=v) for k, v in tags.items()]
        made = ecs.create_image(
            self.models.CreateImageRequest(region_id=REGION, instance_id=instance, image_name=name, tag=tag)
        )
        image_id: str = made.body.image_id
        return image_id

    def launch(self, ecs: Any, image_id: str, **more: Any) -> str:
        """Launches one instance; gives its id."""
        request = self.models.RunInstancesRequest(
            region_id=REGION,
            image_id=image_id,
            instance_type="ecs.g7.large",
            security_group_id=self.group,
            v_switch_id=self.vswitch,
            **more,
        )
        (instance,) = ecs.run_instances(request).body.instance_id_sets.instance_id_set
        assert isinstance(instance, str)
        return instance

    def outcome(self, ecs: Any, image_id: str, **more: Any) -> str:
        """`launched`, or the code of the refusal with its kind."""
        try:
            self.launch(ecs, image_id, **more)
        except Exception as error:  # noqa: BLE001 - the SDK's own exceptions have no common public base
            detail = getattr(error, "access_denied_detail", None) or {}
            return f"{error.code} {detail.get('NoPermissionType', '')}".strip()  # type: ignore[attr-defined]
        return "launched"


@pytest.fixture(scope="module")
def yard() -> Iterator[Yard]:
    made = Yard()
    yield made
    made.sandbox.stop()


@pytest.fixture(scope="module")
def fenced(yard: Yard) -> Any:
    """A user under an Allow of everything and a Deny on untagged images."""
    return yard.sandbox.as_key("ecs", yard.sandbox.user("fenced", ANYTHING, UNTAGGED_IMAGES))


def test_a_deny_on_untagged_images_holds(yard: Yard, fenced: Any) -> None:
    assert yard.outcome(fenced, yard.golden) == "launched"
    assert yard.outcome(fenced, yard.plain) == "Forbidden.RAM ExplicitDeny"
    assert yard.outcome(fenced, yard.stock) == "Forbidden.RAM ExplicitDeny"
    assert yard.outcome(yard.sandbox.client("ecs"), yard.plain) == "launched"


def test_a_dry_run_tells_the_same(yard: Yard, fenced: Any) -> None:
    assert yard.outcome(fenced, yard.golden, dry_run=True) == "DryRunOperation"
    assert yard.outcome(fenced, yard.plain, dry_run=True) == "Forbidden.RAM ExplicitDeny"


def test_without_the_image_in_the_declaration_the_fence_is_open(
    yard: Yard, fenced: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What makes the fence hold is the image among the authorised resources, and nothing else."""
    for left_out in RUN_INSTANCES.authorizes:
        less = tuple(entry for entry in RUN_INSTANCES.authorizes if entry != left_out)
        forged = replace(RUN_INSTANCES, authorizes=less)
        place = (RUN_INSTANCES.product.version, RUN_INSTANCES.name)
        with monkeypatch.context() as patch:
            patch.setitem(OPERATIONS, place, forged)
            patch.setitem(PERFORMS, forged, PERFORMS[RUN_INSTANCES])
            is_image = (left_out.kind, left_out.of) == ("image", "image_id")
            expected = "launched" if is_image else "Forbidden.RAM ExplicitDeny"
            assert yard.outcome(fenced, yard.plain) == expected, left_out


ALLOWED_PARTS = ["instance/*", "image/*", "securitygroup/*", "vswitch/*", "vpc/*"]


@pytest.mark.parametrize("left_out", ALLOWED_PARTS)
def test_every_resource_must_be_allowed(yard: Yard, left_out: str) -> None:
    parts = [f"acs:*:*:*:{part}" for part in ALLOWED_PARTS if part != left_out]
    user = yard.sandbox.user(
        "without-" + left_out.split("/", maxsplit=1)[0],
        {"Effect": "Allow", "Action": "ecs:*", "Resource": parts},
    )
    ecs = yard.sandbox.as_key("ecs", user)
    assert yard.outcome(ecs, yard.golden) == "Forbidden.RAM ImplicitDeny"


def test_all_resources_allowed_by_name(yard: Yard) -> None:
    parts = [f"acs:*:{REGION}:{yard.sandbox.account_id}:{part}" for part in ALLOWED_PARTS]
    user = yard.sandbox.user("by-name", {"Effect": "Allow", "Action": "ecs:*", "Resource": parts})
    assert yard.outcome(yard.sandbox.as_key("ecs", user), yard.golden) == "launched"


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda one: f"{one.product.code}.{one.name}")
def test_no_call_passes_unasked(operation: Any) -> None:
    """Even one that names nothing is asked, for `*`; but for GetCallerIdentity, which needs no permission."""
    world = fresh_world(seed=5)
    account = next(iter(world.accounts.values()))
    key = next(iter(world.keys.values()))
    call = Call(world, account, key, principal_of(world, key), REGION, world.clock(), "id")
    fields = msgspec.structs.fields(operation.request)
    blank = {one.name: "" for one in fields if one.required and one.type is str}
    others = {one.name: None for one in fields if one.required and one.type is not str}
    asked = resources_by_action(call, operation, operation.request(**blank, **others))
    own = asked.get(operation.action, [])
    assert bool(own) == (operation.name != "GetCallerIdentity")


def test_request_tags_are_those_of_the_call(yard: Yard) -> None:
    deny = {
        "Effect": "Deny",
        "Action": "ecs:RunInstances",
        "Resource": "*",
        "Condition": {"StringEquals": {"acs:RequestTag/environment": "production"}},
    }
    ecs = yard.sandbox.as_key("ecs", yard.sandbox.user("tagger", ANYTHING, deny))
    tag = yard.models.RunInstancesRequestTag
    production, test = tag(key="environment", value="production"), tag(key="environment", value="test")
    assert yard.outcome(ecs, yard.plain, tag=[test]) == "launched"
    assert yard.outcome(ecs, yard.plain, tag=[test, production]) == "Forbidden.RAM ExplicitDeny"


def test_a_call_without_region_is_asked_in_the_object_s(yard: Yard) -> None:
    instance = yard.launch(yard.sandbox.client("ecs"), yard.golden)
    here = {"Effect": "Allow", "Action": "ecs:StopInstance", "Resource": f"acs:ecs:{REGION}:*:instance/*"}
    elsewhere = {**here, "Resource": "acs:ecs:cn-shanghai:*:instance/*"}
    request = yard.models.StopInstanceRequest(instance_id=instance)
    refused = yard.sandbox.as_key("ecs", yard.sandbox.user("elsewhere", elsewhere))
    with pytest.raises(Exception, match="403"):
        refused.stop_instance(request)
    yard.sandbox.as_key("ecs", yard.sandbox.user("here", here)).stop_instance(request)


@pytest.mark.parametrize(
    "readings",
    [Readings(negated_absent=NegatedAbsent.FAILS), Readings(launch_asks=LaunchAsks.EVERYTHING)],
)
def test_the_gate_decides_by_the_readings_it_is_given(readings: Readings) -> None:
    """Under these the Deny does not meet an untagged image: the fence says so, and the sandbox shows it."""
    yard = Yard(readings)
    try:
        user = yard.sandbox.user("fenced", ANYTHING, UNTAGGED_IMAGES)
        assert yard.outcome(yard.sandbox.as_key("ecs", user), yard.plain) == "launched"
    finally:
        yard.sandbox.stop()
