"""Images over the member accounts of a directory, from its management account."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from imagefence.cli.main import main

EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
MEMBER_ROLE = "ResourceDirectoryAccountAccessRole"


@dataclass(frozen=True)
class Estate:
    """A directory with two members; one has a golden image."""

    sandbox: Any
    administrator: Any
    members: tuple[str, str]
    image: str
    makers: tuple[Any, Any]


@pytest.fixture(scope="module")
def estate(sandbox: Any, make_maker: Any) -> Estate:
    """A management account with an administrator, and a golden image in the first member."""
    directory, models = sandbox.client("resourcemanager"), sandbox.models("resourcemanager")
    directory.init_resource_directory()
    made = [
        directory.create_resource_account(models.CreateResourceAccountRequest(display_name=name))
        for name in ("dev", "test")
    ]
    first, second = (one.body.account.account_id for one in made)
    administrator = sandbox.user("admin", EVERYTHING)
    makers = tuple(make_maker(sandbox, entered(sandbox, administrator, one)) for one in (first, second))
    instance = makers[0].instance(makers[0].stock_image(), *makers[0].network())
    image = makers[0].image(instance, "golden", {"environment": "production"})
    return Estate(sandbox, administrator, (first, second), image, (makers[0], makers[1]))


def entered(sandbox: Any, key: Any, account_id: str) -> Any:
    """Temporary keys of a member's role, by the official SDK."""
    models = sandbox.models("sts")
    request = models.AssumeRoleRequest(
        role_arn=f"acs:ram::{account_id}:role/{MEMBER_ROLE}", role_session_name="test"
    )
    found = sandbox.as_key("sts", key).assume_role(request).body.credentials
    return SimpleNamespace(id=found.access_key_id, secret=found.access_key_secret, token=found.security_token)


def test_images_of_members_are_listed(estate: Estate, run_cli: Any) -> None:
    arguments = ("images", "list", "--tag", "environment=production", "--json")

    result = run_cli(estate.sandbox, *arguments, key=estate.administrator)

    assert result.exit_code == 0, result.stderr
    (image,) = json.loads(result.stdout)["images"]
    assert (image["id"], image["account_id"]) == (estate.image, estate.members[0])


def test_one_account_may_be_chosen(estate: Estate, run_cli: Any) -> None:
    arguments = ("images", "list", "--tag", "environment=production", "--account", estate.members[1])

    result = run_cli(estate.sandbox, *arguments, key=estate.administrator)

    assert (result.exit_code, result.stdout.strip()) == (0, "no such image in 1 account, 4 regions")


def test_an_image_is_tagged_where_it_lies(estate: Estate, run_cli: Any) -> None:
    result = run_cli(estate.sandbox, "images", "tag", estate.image, "reviewed=yes", key=estate.administrator)

    assert result.exit_code == 0, result.stderr
    assert estate.makers[0].tags(estate.image)["reviewed"] == "yes"


def test_launch_in_a_member(estate: Estate, run_cli: Any) -> None:
    arguments = ("--image-tag", "environment=production", "--account", estate.members[0], "--name", "inside")

    result = run_cli(estate.sandbox, "launch", *arguments, key=estate.administrator)

    assert result.exit_code == 0, result.stderr
    assert [one.image_id for one in estate.makers[0].instances("inside")] == [estate.image]


def test_a_role_profile_of_the_cli_enters_a_member(estate: Estate, tmp_path: Path) -> None:
    profile = {
        "name": "dev",
        "mode": "RamRoleArn",
        "access_key_id": estate.administrator.id,
        "access_key_secret": estate.administrator.secret,
        "ram_role_arn": f"acs:ram::{estate.members[0]}:role/{MEMBER_ROLE}",
        "ram_session_name": "me",
        "region_id": "cn-hangzhou",
    }
    (tmp_path / ".aliyun").mkdir()
    (tmp_path / ".aliyun" / "config.json").write_text(json.dumps({"profiles": [profile]}))
    environment: dict[str, str | None] = dict.fromkeys(estate.sandbox.environment())
    environment |= {"HOME": str(tmp_path), "IMAGEFENCE_ENDPOINT": estate.sandbox.endpoint}
    arguments = ["images", "show", estate.image, "--profile", "dev", "--json"]

    result = CliRunner().invoke(main, arguments, env=environment)

    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["seen_by"] == [estate.members[0]]


def test_the_root_key_of_the_management_account_leaves_gaps(estate: Estate, run_cli: Any) -> None:
    result = run_cli(estate.sandbox, "images", "list", "--tag", "environment=production")

    assert result.exit_code == 4
    for member in estate.members:
        assert f"gap: {member}: AssumeRole: the root key of an account may not assume" in result.stderr
    assert "make a RAM user" in result.stderr


def test_a_member_without_the_role_is_a_gap(estate: Estate, run_cli: Any) -> None:
    ram = estate.sandbox.as_key("ram", entered(estate.sandbox, estate.administrator, estate.members[1]))
    models = estate.sandbox.models("ram")
    ram.detach_policy_from_role(
        models.DetachPolicyFromRoleRequest(
            policy_type="System", policy_name="AdministratorAccess", role_name=MEMBER_ROLE
        )
    )
    arguments = ("images", "list", "--tag", "environment=production", "--json")

    result = run_cli(estate.sandbox, *arguments, key=estate.administrator)

    assert result.exit_code == 4
    assert [image["id"] for image in json.loads(result.stdout)["images"]] == [estate.image]
    gaps = json.loads(result.stdout)["gaps"]
    assert {gap["account"] for gap in gaps} == {estate.members[1]}
    assert {gap["call"] for gap in gaps} == {"DescribeImages"}
    assert all("403" in gap["reason"] for gap in gaps)
