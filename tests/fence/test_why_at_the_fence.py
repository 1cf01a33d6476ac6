"""A developer is refused by the fence, pastes the error, and learns what to do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import CommonRequest
from click.testing import CliRunner, Result

from imagefence.cli.main import main

REGION = "cn-hangzhou"
CONTACT = "https://example.com/ask-platform"


def why(town: Any, who: Any, *arguments: str, text: str | None = None) -> Result:
    """Runs `imagefence why` as somebody."""
    environment = {
        "IMAGEFENCE_ENDPOINT": town.sandbox.endpoint,
        "ALIBABA_CLOUD_ACCESS_KEY_ID": who.key.id,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": who.key.secret,
        "ALIBABA_CLOUD_SECURITY_TOKEN": who.key.token,
        "ALIBABA_CLOUD_REGION_ID": REGION,
        "HOME": str(town.folder),
    }
    return CliRunner().invoke(main, ["why", *arguments], env=environment, input=text)


def refusal(town: Any, image: str, who: Any = None) -> Exception:
    """The modern SDK's exception for a launch that the fence refuses."""
    with pytest.raises(Exception, match=r"Forbidden\.RAM") as caught:
        (who or town.dev).make(
            "ecs",
            "run_instances",
            region_id=REGION,
            image_id=image,
            instance_type="ecs.g6.large",
            v_switch_id=town.ground.vswitch,
            security_group_id=town.ground.group,
        )
    return caught.value


def legacy_refusal(town: Any, image: str) -> str:
    """The core SDK's text for the same launch; it says neither what was called nor by which layer."""
    client = AcsClient(town.dev.key.id, town.dev.key.secret, REGION)
    request = CommonRequest()
    request.set_domain(town.sandbox.endpoint)
    request.set_protocol_type("http")
    request.set_version("2014-05-26")
    request.set_action_name("RunInstances")
    request.set_method("POST")
    for name, value in {
        "RegionId": REGION,
        "ImageId": image,
        "InstanceType": "ecs.g6.large",
        "VSwitchId": town.ground.vswitch,
        "SecurityGroupId": town.ground.group,
    }.items():
        request.add_query_param(name, value)
    with pytest.raises(ServerException) as caught:
        client.do_action_with_exception(request)
    return str(caught.value)


@pytest.fixture
def fenced(town: Any) -> Any:
    """The town behind its fence, with somebody to ask."""
    town.write(**{"fence:": f"fence:\n  contact: {CONTACT}"})
    applied = town.run("apply", "--yes")
    assert applied.exit_code == 0, applied.output
    return town


def test_the_modern_exception_leads_to_the_image_and_the_contact(fenced: Any) -> None:
    """As text, as its data in JSON, and as the bare message; by the developer, who sees no control policy."""
    error = refusal(fenced, fenced.ground.plain)
    data = getattr(error, "data", {})
    message = data["AccessDeniedDetail"]["EncodedDiagnosticMessage"]
    scope = ("--scope", str(fenced.folder / "fence.yaml"))
    for text in (str(error), json.dumps(data), message):
        result = why(fenced, fenced.dev, *scope, text=text)
        assert result.exit_code == 0, result.output
        said = result.stdout
        assert (
            f"refused `ecs:RunInstances` on `acs:ecs:{REGION}:{fenced.member}:image/{fenced.ground.plain}`"
            in said
        )
        assert "fence: custom policy `imagefence-launch` on Node Root/Workloads" in said
        assert "where `acs:ResourceTag/environment` is not `production`" in said
        assert f"use instead: {fenced.ground.golden} " in said
        assert f"imagefence launch --image {fenced.ground.golden} --region {REGION}" in said
        assert "exempt: role `break-glass` until 2096-12-31T00:00:00Z (INC-4711)" in said
        assert f"ask for an exemption: {CONTACT}" in said


def test_without_the_fence_file_the_standing_policy_tells(fenced: Any) -> None:
    """The administrator reads the control policies themselves, and the tags come from the Deny."""
    error = refusal(fenced, fenced.ground.plain)
    result = why(fenced, fenced.admin, "--json", text=str(error))
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["decoded"] is True
    (statement,) = found["statements"]
    assert (statement["policy"], statement["node"], statement["certain"], statement["source"]) == (
        "imagefence-launch",
        "Root/Workloads",
        True,
        "cloud",
    )
    assert found["approved_tags"] == {"environment": ["production"]}
    assert found["refused_image"]["id"] == fenced.ground.plain
    assert [image["id"] for image in found["use_instead"]] == [fenced.ground.golden]
    assert found["contact"] is None


def test_an_allow_list_is_explained_by_what_it_would_have_allowed(town: Any) -> None:
    """Its refusals are implicit: no policy matched, and the nearest Allow names the tags."""
    town.write("allow")
    assert town.run("apply", "--yes").exit_code == 0
    error = refusal(town, town.ground.plain)
    for scope in ((), ("--scope", str(town.folder / "fence.yaml"))):
        who = town.dev if scope else town.admin
        result = why(town, who, *scope, text=str(error))
        assert result.exit_code == 0, result.output
        assert "no statement allows it" in result.stdout
        assert "nearest: Statement[" in result.stdout
        assert "`imagefence-allow` on Root/Workloads allows" in result.stdout
        assert "where `acs:ResourceTag/environment` is `production`" in result.stdout
        assert f"use instead: {town.ground.golden} " in result.stdout


def test_a_stock_image_is_answered_by_one_of_its_kind(fenced: Any) -> None:
    error = refusal(fenced, fenced.ground.stock)
    asked = ("--json", "--scope", str(fenced.folder / "fence.yaml"))
    without = json.loads(why(fenced, fenced.admin, *asked, text=str(error)).stdout)
    # The whole launch is refused, at the first of its resources, so the image is for the caller to name.
    assert without["resource"].endswith(":instance/*")
    assert without["refused_image"] is None
    assert without["use_instead"][0]["id"] == fenced.ground.golden
    found = json.loads(
        why(fenced, fenced.admin, *asked, "--image", fenced.ground.stock, text=str(error)).stdout
    )
    assert found["refused_image"]["id"] == fenced.ground.stock
    assert found["use_instead"][0]["id"] == fenced.ground.golden
    assert found["use_instead"][0]["architecture"] == found["refused_image"]["architecture"]


def test_the_core_sdks_text_needs_the_action_and_the_image(fenced: Any) -> None:
    text = legacy_refusal(fenced, fenced.ground.plain)
    scope = ("--scope", str(fenced.folder / "fence.yaml"))
    bare = why(fenced, fenced.dev, *scope, text=text)
    assert bare.exit_code == 0, bare.output
    assert f"ask for an exemption: {CONTACT}" in bare.stdout
    given = ("--action", "ecs:RunInstances", "--image", fenced.ground.plain)
    told = why(fenced, fenced.dev, *scope, *given, text=text)
    assert f"use instead: {fenced.ground.golden} " in told.stdout
    assert "`imagefence-launch`" in told.stdout
    assert "(as fence.yaml writes it)" in told.stdout


def test_who_may_not_open_the_message_is_told_so(fenced: Any) -> None:
    """And the rest is still explained, from the text and from fence.yaml."""
    error = refusal(fenced, fenced.ground.plain)
    inside = fenced.admin.assume(fenced.member, "ResourceDirectoryAccountAccessRole")
    inside.make("ram", "create_user", user_name="nobody")
    key = inside.make("ram", "create_access_key", user_name="nobody").access_key
    nobody = type(fenced.dev)(fenced.sandbox, type(fenced.dev.key)(key.access_key_id, key.access_key_secret))
    result = why(fenced, nobody, "--scope", str(fenced.folder / "fence.yaml"), text=str(error))
    assert result.exit_code == 0, result.output
    assert "note: message not opened: you may not call ram:DecodeDiagnosticMessage" in result.stdout
    assert "a control policy of the resource directory refused `ecs:RunInstances`" in result.stdout
    assert "may have hit" in result.stdout
    assert CONTACT in result.stdout


def test_a_snapshot_stands_in_for_the_cloud(fenced: Any, tmp_path: Path) -> None:
    error = refusal(fenced, fenced.ground.plain)
    path = tmp_path / "estate.json"
    environment = {
        "IMAGEFENCE_ENDPOINT": fenced.sandbox.endpoint,
        "ALIBABA_CLOUD_ACCESS_KEY_ID": fenced.admin.key.id,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": fenced.admin.key.secret,
        "ALIBABA_CLOUD_REGION_ID": REGION,
        "HOME": str(tmp_path),
    }
    saved = CliRunner().invoke(
        main, ["simulate", "--save-snapshot", str(path), "--region", REGION], env=environment
    )
    assert saved.exit_code == 0, saved.output
    asked = ["why", "--snapshot", str(path), "--image", fenced.ground.plain, "--json"]
    result = CliRunner().invoke(main, asked, input=str(error))
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert [each["policy"] for each in found["statements"]] == ["imagefence-launch"]
    assert found["use_instead"][0]["id"] == fenced.ground.golden
    assert any("a snapshot cannot open the diagnostic message" in note for note in found["notes"])


def test_a_role_of_a_member_is_held_to_its_own_trust(fenced: Any) -> None:
    """Simulated from the management account, by the trust policy that stands in the member."""
    admin = fenced.admin.make("sts", "get_caller_identity").account_id
    asked = [
        "simulate",
        "--principal",
        f"acs:ram::{admin}:user/admin",
        "--action",
        "sts:AssumeRole",
        "--json",
    ]
    environment = {
        "IMAGEFENCE_ENDPOINT": fenced.sandbox.endpoint,
        "ALIBABA_CLOUD_ACCESS_KEY_ID": fenced.admin.key.id,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": fenced.admin.key.secret,
        "ALIBABA_CLOUD_REGION_ID": REGION,
        "HOME": str(fenced.folder),
    }
    role = f"acs:ram::{fenced.member}:role/ResourceDirectoryAccountAccessRole"
    result = CliRunner().invoke(main, [*asked, "--resource", role], env=environment)
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert "AssumeRolePolicy" in {level["policy_type"] for level in found["levels"][0]["levels"]}


def test_without_a_directory_the_group_s_policy_is_named(lone: Any) -> None:
    """The user is shown by its number, and found by it; its group holds the fence."""
    lone.write()
    assert lone.run("apply", "--yes").exit_code == 0
    error = refusal(lone, lone.ground.plain, lone.dora)
    found = json.loads(why(lone, lone.dora, "--json", text=str(error)).stdout)
    assert found["policy_type"] == "AccountLevelIdentityBasedPolicy"
    (statement,) = found["statements"]
    assert (statement["policy"], statement["node"], statement["certain"]) == (
        "imagefence-launch",
        "group/dev",
        True,
    )
    assert found["policies"][0]["attached_entity_type"] == "Group"
    assert found["use_instead"][0]["id"] == lone.ground.golden
