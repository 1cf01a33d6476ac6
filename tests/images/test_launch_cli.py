"""`imagefence launch`: by the command line against the sandbox, with the official SDK as the witness."""

from __future__ import annotations

import json
from typing import Any

import pytest

GOLDEN = ("--image-tag", "environment=production")


def test_the_newest_golden_image_is_launched(shop: Any, run_cli: Any, maker: Any) -> None:
    result = run_cli(shop.sandbox, "launch", *GOLDEN, "--latest", "--name", "newest", "--json")

    assert result.exit_code == 0, result.stderr
    (instance,) = maker.instances("newest")
    assert instance.image_id == shop.golden[1]
    assert instance.status == "Running"
    answer = json.loads(result.stdout)
    assert answer["instances"] == [{"id": instance.instance_id, "status": "Running"}]
    assert answer["v_switch_id"] == instance.vpc_attributes.v_switch_id == shop.v_switch_id
    assert answer["security_group_id"] == shop.security_group_id


def test_several_images_ask_for_latest(shop: Any, run_cli: Any) -> None:
    result = run_cli(shop.sandbox, "launch", *GOLDEN)

    assert result.exit_code == 2
    assert "2 images wear `environment=production`" in result.stderr
    assert "add --latest" in result.stderr


def test_a_filter_may_leave_one(shop: Any, run_cli: Any) -> None:
    result = run_cli(shop.sandbox, "launch", *GOLDEN, "--image-name", "golden-1", "--dry-run")

    assert result.exit_code == 0, result.stderr
    assert shop.golden[0] in result.stdout


def test_amount_makes_several(shop: Any, run_cli: Any, maker: Any) -> None:
    result = run_cli(shop.sandbox, "launch", *GOLDEN, "--latest", "--amount", "3", "--name", "three")

    assert result.exit_code == 0, result.stderr
    made = maker.instances("three")
    assert len(made) == 3
    for instance in made:
        assert instance.instance_id in result.stdout


def test_single_creates_and_starts_one(shop: Any, run_cli: Any, maker: Any) -> None:
    arguments = ("--single", "--name", "lone", "--type", "ecs.g6.large", "--tag", "owner=me")

    result = run_cli(shop.sandbox, "launch", *GOLDEN, "--latest", *arguments, "--json")

    assert result.exit_code == 0, result.stderr
    (instance,) = maker.instances("lone")
    assert (instance.status, instance.instance_type) == ("Running", "ecs.g6.large")
    assert [(tag.tag_key, tag.tag_value) for tag in instance.tags.tag] == [("owner", "me")]


@pytest.mark.parametrize("single", [(), ("--single",)])
def test_a_passing_dry_run_is_a_success_and_makes_nothing(
    shop: Any, run_cli: Any, maker: Any, single: tuple[str, ...]
) -> None:
    arguments = ("--latest", "--name", "dry", "--dry-run", *single)

    result = run_cli(shop.sandbox, "launch", *GOLDEN, *arguments)

    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("dry run passed: 1 instance of ")
    assert maker.instances("dry") == []


def test_a_denied_dry_run_exits_with_3(shop: Any, run_cli: Any) -> None:
    reader = shop.sandbox.user(
        "launch-nothing", {"Effect": "Allow", "Action": ["ecs:Describe*", "vpc:Describe*"], "Resource": "*"}
    )

    result = run_cli(shop.sandbox, "launch", *GOLDEN, "--latest", "--dry-run", key=reader)

    assert result.exit_code == 3, result.stderr
    assert "denied `ecs:RunInstances` to the RAM user" in result.stderr
    assert "no statement allows it" in result.stderr


def test_an_image_is_held_to_the_tag(shop: Any, run_cli: Any) -> None:
    wrong = run_cli(shop.sandbox, "launch", *GOLDEN, "--image", shop.plain, "--dry-run")
    right = run_cli(shop.sandbox, "launch", *GOLDEN, "--image", shop.golden[0], "--dry-run")
    free = run_cli(shop.sandbox, "launch", "--image", shop.plain, "--dry-run")

    assert (wrong.exit_code, right.exit_code, free.exit_code) == (1, 0, 0)
    assert f"`{shop.plain}` does not wear `environment=production`" in wrong.stderr


def test_no_golden_image_in_the_region(shop: Any, run_cli: Any) -> None:
    result = run_cli(shop.sandbox, "launch", *GOLDEN, "--latest", "--region", "cn-beijing")

    assert result.exit_code == 1
    assert "no available image with `environment=production` in cn-beijing" in result.stderr


def test_a_region_without_a_network_says_what_is_missing(shop: Any, run_cli: Any) -> None:
    result = run_cli(shop.sandbox, "launch", *GOLDEN, "--latest", "--region", "cn-shanghai")

    assert result.exit_code == 1
    assert "cn-shanghai has no vSwitch" in result.stderr
    assert "CreateVSwitch" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("launch",), "give --image-tag"),
        (("launch", *GOLDEN, "--single", "--amount", "2"), "--single makes one instance"),
        (("launch", *GOLDEN, "--amount", "0"), "0 is not in the range"),
        (("launch", *GOLDEN, "--latest", "--vswitch", "vsw-none"), "no vSwitch `vsw-none`"),
        (("launch", *GOLDEN, "--latest", "--security-group", "sg-none"), "no security group `sg-none`"),
        (("launch", "--image", "m-none"), "no image `m-none`"),
    ],
)
def test_wrong_use_is_told(shop: Any, run_cli: Any, arguments: tuple[str, ...], text: str) -> None:
    result = run_cli(shop.sandbox, *arguments)

    assert result.exit_code == 2, result.stderr
    assert text in result.stderr


def test_an_unknown_type_keeps_the_clouds_code(shop: Any, run_cli: Any) -> None:
    result = run_cli(shop.sandbox, "launch", *GOLDEN, "--latest", "--type", "ecs.none.large")

    assert result.exit_code == 1
    assert "InvalidInstanceType.ValueNotSupported" in result.stderr


def test_instances_that_can_not_be_watched_are_still_named(shop: Any, run_cli: Any, maker: Any) -> None:
    launcher = shop.sandbox.user(
        "launches-blind",
        {
            "Effect": "Allow",
            "Action": ["ecs:RunInstances", "ecs:DescribeImages"],
            "Resource": "*",
        },
    )
    place = (
        "--vswitch",
        shop.v_switch_id,
        "--security-group",
        shop.security_group_id,
        "--type",
        "ecs.g6.large",
    )

    result = run_cli(
        shop.sandbox, "launch", *GOLDEN, "--latest", "--name", "blind", *place, "--json", key=launcher
    )

    assert result.exit_code == 4, result.stderr
    (instance,) = maker.instances("blind")
    assert [one["id"] for one in json.loads(result.stdout)["instances"]] == [instance.instance_id]
    assert "DescribeInstances: 403" in result.stderr
