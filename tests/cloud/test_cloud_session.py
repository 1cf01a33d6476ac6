"""Sessions against the sandbox: faults, paging, roles, and the accounts of a directory."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from imagefence.api.ecs_images import DESCRIBE_IMAGES, DescribeImages
from imagefence.api.ecs_network import DESCRIBE_SECURITY_GROUPS, DescribeSecurityGroups
from imagefence.api.ecs_regions import DESCRIBE_REGIONS, DescribeRegions
from imagefence.api.ram_users import LIST_USERS, ListUsers
from imagefence.cloud.accounts import reachable_accounts, regions
from imagefence.cloud.session import Session, open_session
from imagefence.errors import CloudFault, Refusal

READ_IMAGES = {"Effect": "Allow", "Action": "ecs:DescribeImages", "Resource": "*"}


def session_of(sandbox: Any, key: Any = None, **options: str) -> Session:
    return open_session(environment=sandbox.environment(key), **options)


def test_the_root_key_is_the_account(sandbox: Any) -> None:
    caller = session_of(sandbox).identity()

    assert caller.account_id == sandbox.account_id
    assert caller.arn == f"acs:ram::{sandbox.account_id}:root"
    assert caller.is_root


def test_regions_are_those_that_the_sdk_sees(sandbox: Any) -> None:
    models = sandbox.models("ecs")
    seen = sandbox.client("ecs").describe_regions(models.DescribeRegionsRequest()).body.regions.region

    assert regions(session_of(sandbox)) == tuple(region.region_id for region in seen)


def test_a_wrong_secret_keeps_the_clouds_code_and_says_what_to_check(sandbox: Any) -> None:
    environment = {**sandbox.environment(), "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "wrong"}

    with pytest.raises(CloudFault) as error:
        open_session(environment=environment).call(DESCRIBE_REGIONS, DescribeRegions())

    assert error.value.code == "SignatureDoesNotMatch"
    assert error.value.help == "check the access key secret"
    assert "\n" not in error.value.message
    assert error.value.request_id


def test_an_unknown_region_keeps_the_clouds_code(sandbox: Any) -> None:
    with pytest.raises(CloudFault) as error:
        session_of(sandbox).call(DESCRIBE_IMAGES, DescribeImages(region_id="cn-nowhere"))

    assert (error.value.status, error.value.code) == (404, "InvalidRegionId.NotFound")
    assert error.value.denied is None
    assert error.value.exit_code == 1


def test_a_denial_carries_its_detail_and_says_it_in_a_sentence(sandbox: Any) -> None:
    nobody = sandbox.user("nobody")

    with pytest.raises(CloudFault) as error:
        session_of(sandbox, nobody).call(DESCRIBE_IMAGES, DescribeImages(region_id="cn-hangzhou"))

    assert error.value.status == 403
    assert error.value.exit_code == 3
    assert error.value.denied is not None
    assert error.value.denied["AuthAction"] == "ecs:DescribeImages"
    assert error.value.denied["NoPermissionType"] == "ImplicitDeny"
    assert "denied `ecs:DescribeImages` to the RAM user" in error.value.help
    assert "imagefence simulate" in error.value.help


def test_page_numbers_are_walked_to_the_end(sandbox: Any) -> None:
    session = session_of(sandbox)
    whole = list(session.pages(DESCRIBE_IMAGES, DescribeImages(region_id="cn-hangzhou")))
    small = list(session.pages(DESCRIBE_IMAGES, DescribeImages(region_id="cn-hangzhou", page_size=3)))

    assert len(whole) > 3
    assert [image.image_id for image in small] == [image.image_id for image in whole]


def test_tokens_and_markers_are_walked_to_the_end(fresh_sandbox: Any) -> None:
    session = session_of(fresh_sandbox)
    for number in range(5):
        fresh_sandbox.user(f"user-{number}")
    vpc, models = fresh_sandbox.client("vpc"), fresh_sandbox.models("vpc")
    vpc_id = vpc.create_vpc(models.CreateVpcRequest(region_id="cn-hangzhou")).body.vpc_id
    ecs, ecs_models = fresh_sandbox.client("ecs"), fresh_sandbox.models("ecs")
    made = {
        ecs.create_security_group(
            ecs_models.CreateSecurityGroupRequest(region_id="cn-hangzhou", vpc_id=vpc_id)
        ).body.security_group_id
        for _ in range(5)
    }

    users = [user.user_name for user in session.pages(LIST_USERS, ListUsers(max_items=2))]
    request = DescribeSecurityGroups(region_id="cn-hangzhou", max_results=2)
    groups = [group.security_group_id for group in session.pages(DESCRIBE_SECURITY_GROUPS, request)]

    assert sorted(users) == [f"user-{number}" for number in range(5)]
    assert len(groups) == 5
    assert set(groups) == made


def test_threads_share_a_session(sandbox: Any) -> None:
    session = session_of(sandbox)

    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(session.call, DESCRIBE_REGIONS, DescribeRegions()) for _ in range(40)]
        request_ids = {future.result().request_id for future in asked}

    assert len(request_ids) == 40


def make_role(sandbox: Any, name: str) -> str:
    """A role that the account's own users may assume, allowed to read images."""
    ram, models = sandbox.client("ram"), sandbox.models("ram")
    trust = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"RAM": [f"acs:ram::{sandbox.account_id}:root"]},
    }
    document = json.dumps({"Version": "1", "Statement": [trust]})
    role = ram.create_role(models.CreateRoleRequest(role_name=name, assume_role_policy_document=document))
    policy = json.dumps({"Version": "1", "Statement": [READ_IMAGES]})
    ram.create_policy(models.CreatePolicyRequest(policy_name=f"{name}-reads", policy_document=policy))
    ram.attach_policy_to_role(
        models.AttachPolicyToRoleRequest(policy_type="Custom", policy_name=f"{name}-reads", role_name=name)
    )
    return str(role.body.role.arn)


ASSUME = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}


def test_a_root_key_is_told_that_it_may_not_become_a_role(sandbox: Any) -> None:
    make_role(sandbox, "any")

    with pytest.raises(Refusal, match="root key of an account may not assume") as error:
        session_of(sandbox).assume(sandbox.account_id, "any")

    assert "RAM user" in error.value.help


def test_an_assumed_role_acts_with_its_own_policies(sandbox: Any) -> None:
    make_role(sandbox, "reader")
    session = session_of(sandbox, sandbox.user("becomes-reader", ASSUME)).assume(sandbox.account_id, "reader")

    assert list(session.pages(DESCRIBE_IMAGES, DescribeImages(region_id="cn-hangzhou")))
    assert session.identity().kind == "AssumedRoleUser"
    with pytest.raises(CloudFault) as error:
        session.call(LIST_USERS, ListUsers())
    assert error.value.status == 403


def test_a_session_policy_narrows_a_role(sandbox: Any) -> None:
    make_role(sandbox, "narrow")
    user = session_of(sandbox, sandbox.user("becomes-narrow", ASSUME))
    nothing = json.dumps({"Version": "1", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]})

    with pytest.raises(CloudFault) as error:
        user.assume(sandbox.account_id, "narrow", nothing).call(
            DESCRIBE_IMAGES, DescribeImages(region_id="cn-hangzhou")
        )

    assert error.value.denied is not None
    assert error.value.denied["PolicyType"] == "SessionPolicy"


def test_the_same_role_is_assumed_once(sandbox: Any) -> None:
    make_role(sandbox, "kept")
    user = session_of(sandbox, sandbox.user("becomes-kept", ASSUME))

    first = user.assume(sandbox.account_id, "kept")

    assert user.assume(sandbox.account_id, "kept") is first


def test_a_role_profile_of_the_cli_is_assumed(
    sandbox: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arn = make_role(sandbox, "by-profile")
    key = sandbox.user("has-profile", ASSUME)
    profile = {
        "name": "reader",
        "mode": "RamRoleArn",
        "access_key_id": key.id,
        "access_key_secret": key.secret,
        "ram_role_arn": arn,
        "ram_session_name": "night-shift",
        "region_id": "cn-shanghai",
    }
    (tmp_path / ".aliyun").mkdir()
    (tmp_path / ".aliyun" / "config.json").write_text(json.dumps({"current": "", "profiles": [profile]}))
    monkeypatch.setenv("HOME", str(tmp_path))

    session = open_session(endpoint=sandbox.endpoint, profile="reader", environment={})

    assert session.region_id == "cn-shanghai"
    assert session.identity().arn.endswith("/night-shift")
    assert list(session.pages(DESCRIBE_IMAGES, DescribeImages(region_id="cn-hangzhou")))


def test_an_account_without_a_directory_reaches_itself(sandbox: Any) -> None:
    accounts, gaps = reachable_accounts(session_of(sandbox))

    assert [account.account_id for account in accounts] == [sandbox.account_id]
    assert gaps == ()


def test_the_management_account_reaches_each_member(fresh_sandbox: Any) -> None:
    directory, models = fresh_sandbox.client("resourcemanager"), fresh_sandbox.models("resourcemanager")
    directory.init_resource_directory()
    members = [
        directory.create_resource_account(models.CreateResourceAccountRequest(display_name=name))
        for name in ("dev", "test")
    ]
    ids = [one.body.account.account_id for one in members]
    administrator = fresh_sandbox.user("admin", {"Effect": "Allow", "Action": "*", "Resource": "*"})

    accounts, gaps = reachable_accounts(session_of(fresh_sandbox, administrator))

    assert gaps == ()
    assert {account.account_id for account in accounts} == {fresh_sandbox.account_id, *ids}
    assert accounts[0].management
    assert {account.name for account in accounts[1:]} == {"dev", "test"}
    for account in accounts:
        assert account.session.account_id == account.account_id

    as_root, root_gaps = reachable_accounts(session_of(fresh_sandbox))
    assert [account.account_id for account in as_root] == [fresh_sandbox.account_id]
    assert {gap.account for gap in root_gaps} == set(ids)
    assert all("root key" in gap.reason for gap in root_gaps)


def test_a_user_who_may_not_see_the_directory_has_a_gap(sandbox: Any) -> None:
    user = session_of(sandbox, sandbox.user("blind", READ_IMAGES))

    accounts, gaps = reachable_accounts(user)

    assert len(accounts) == 1
    assert [gap.call for gap in gaps] == ["GetResourceDirectory"]
