"""`imagefence simulate` and `imagefence policy`, on files and against a sandbox."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.resources import files as files_of
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

ALICE = "acs:ram::1000000000000002:user/alice"
IMAGE = "acs:ecs:cn-hangzhou:1000000000000002:image/m-1"
NEW = "acs:ecs:cn-hangzhou:1000000000000002:instance/*"
LAUNCH = ("simulate", "--principal", ALICE, "--action", "ecs:RunInstances", "--resource", NEW)
GUARD = """{
  "Version": "1",
  "Statement": [{
    "Effect": "Deny",
    "Action": ["ecs:RunInstances"],
    "Resource": "acs:ecs:*:*:image/*",
    "Condition": {"StringNotEquals": {"acs:ResourceTag/environment": "production"}}
  }]
}
"""
VECTOR: dict[str, Any] = {
    "id": "one",
    "policies": {"identity": [json.loads(GUARD)], "session": None, "control_levels": None},
    "request": {
        "principal": {"type": "user", "arn": ALICE, "account": "1000000000000002"},
        "action": "ecs:RunInstances",
        "resources": [{"arn": IMAGE, "tags": {}}],
        "context": {},
    },
    "expected": "ExplicitDeny",
}
Run = Callable[..., Result]


@pytest.fixture
def guard(tmp_path: Path) -> str:
    path = tmp_path / "guard.json"
    path.write_text(GUARD)
    return str(path)


def files(guard: str) -> tuple[str, ...]:
    control = ("--control-policy", "Root=FullAliyunAccess", "--control-policy", f"Root={guard}")
    return ("--policy", "AdministratorAccess", *control)


def test_untagged_launch_is_denied_by_file_and_line(run_cli: Run, sandbox: Any, guard: str) -> None:
    result = run_cli(sandbox, *LAUNCH, "--resource", IMAGE, *files(guard))
    assert result.exit_code == 3
    assert f"({guard}:3)" in result.stdout
    assert "control policies on Root" in result.stdout
    assert "rests on U-1: if a negated operator fails where the key is absent, it is Allow" in result.stdout


def test_golden_launch_is_allowed_level_by_level(run_cli: Run, sandbox: Any, guard: str) -> None:
    golden = f"{IMAGE};environment=production"
    result = run_cli(sandbox, *LAUNCH, "--resource", golden, *files(guard), "--json")
    assert result.exit_code == 0
    data = json.loads(result.stdout)
    assert data["verdict"] == "Allow"
    assert [(each["policy_type"], each["node"]) for each in data["levels"][1]["levels"]] == [
        ("ControlPolicy", "Root"),
        ("AccountLevelIdentityBasedPolicy", ""),
    ]
    assert data["access_denied_detail"] is None


def test_nearest_statement_is_named(run_cli: Run, sandbox: Any) -> None:
    published = str(files_of("imagefence.cli").joinpath("examples", "published-policy.json"))
    vswitch = "acs:vpc:cn-hangzhou:1000000000000002:vswitch/vsw-1"
    launch = ("simulate", "--principal", ALICE, "--action", "ecs:RunInstances")
    asked = (*launch, "--resource", f"{IMAGE};environment=production", "--resource", vswitch, "--as-given")
    result = run_cli(sandbox, *asked, "--policy", "AdministratorAccess", "--control-policy", published)
    assert result.exit_code == 3
    assert "not allowed at `vswitch/vsw-1` by the control policies on the node: no statement allows" in (
        result.stdout
    )
    assert "`acs:ResourceTag/environment` is absent, asked is StringEquals `production`" in result.stdout
    assert (
        "nearest miss: with `vswitch/vsw-1` wearing `environment=production`, it would pass" in result.stdout
    )
    assert "rests on U-3: if a launch asks the image alone for its tag, it is Allow" in result.stdout


def test_unknown_tags_leave_it_undecided(run_cli: Run, sandbox: Any, guard: str) -> None:
    result = run_cli(sandbox, *LAUNCH, "--resource", f"{IMAGE};?", *files(guard))
    assert result.exit_code == 4
    assert "`acs:ResourceTag/environment` is unknown" in result.stdout


def test_key_that_the_operation_sets_is_unknown_until_given(
    run_cli: Run, sandbox: Any, tmp_path: Path
) -> None:
    path = tmp_path / "type.json"
    condition = {"StringEquals": {"ecs:InstanceType": "ecs.g7.large"}}
    allow = {"Effect": "Allow", "Action": "ecs:*", "Resource": "*", "Condition": condition}
    path.write_text(json.dumps({"Version": "1", "Statement": [allow]}))
    asked = (*LAUNCH, "--resource", IMAGE, "--policy", str(path))
    assert run_cli(sandbox, *asked).exit_code == 4
    assert run_cli(sandbox, *asked, "--context", "ecs:InstanceType=ecs.g7.large").exit_code == 0
    assert run_cli(sandbox, *asked, "--context", "ecs:InstanceType=ecs.g6.large").exit_code == 3


def test_another_reading(run_cli: Run, sandbox: Any, guard: str) -> None:
    asked = (*LAUNCH, "--resource", IMAGE, *files(guard))
    assert run_cli(sandbox, *asked, "--reading", "negated-absent=fails").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--principal", "alice", "--action", "ecs:RunInstances"), "`alice` names no caller"),
        (("--principal", ALICE), "`--action` is missing"),
        (("--principal", ALICE, "--action", "ecs:*", "--policy", "F"), "`ecs:*` is no action"),
        (("--principal", ALICE, "--action", "x:Y", "--resource", "i-1", "--policy", "F"), "`i-1`"),
        (("--principal", ALICE, "--action", "x:Y", "--resource", f"{IMAGE};a", "--policy", "F"), "no tag"),
        (("--principal", ALICE, "--action", "x:Y", "--resource", "*", "--policy", "none.json"), "none.json"),
        (
            ("--principal", ALICE, "--action", "x:Y", "--reading", "a=b", "--resource", "*", "--policy", "F"),
            "`a`",
        ),
    ],
)
def test_wrong_use(run_cli: Run, sandbox: Any, guard: str, arguments: tuple[str, ...], told: str) -> None:
    result = run_cli(sandbox, "simulate", *(guard if each == "F" else each for each in arguments))
    assert result.exit_code == 2
    assert told in result.output
    assert "Traceback" not in result.output


def test_policies_in_force_come_from_the_cloud(run_cli: Run, sandbox: Any) -> None:
    allow = {"Effect": "Allow", "Action": "ecs:Describe*", "Resource": "*"}
    sandbox.user("carol", allow)
    carol = ("simulate", "--principal", f"acs:ram::{sandbox.account_id}:user/carol")
    name = f"acs:ecs:cn-hangzhou:{sandbox.account_id}:instance/*"
    allowed = run_cli(sandbox, *carol, "--action", "ecs:DescribeInstances", "--resource", name)
    assert allowed.exit_code == 0, allowed.output
    assert "Statement[0] of `carol-policy` allows (v1, user/carol)" in allowed.stdout
    assert "manages no directory" in allowed.stdout
    assert run_cli(sandbox, *carol, "--action", "ecs:StartInstance", "--resource", name).exit_code == 3
    missing = run_cli(
        sandbox,
        "simulate",
        "--principal",
        f"acs:ram::{sandbox.account_id}:user/carola",
        "--action",
        "ecs:StartInstance",
        "--resource",
        name,
    )
    assert missing.exit_code == 2
    assert "did you mean `carol`?" in missing.output


def test_simulation_agrees_with_the_gate_on_an_image(run_cli: Run, sandbox: Any) -> None:
    models = sandbox.models("ecs")
    stock = sandbox.client("ecs").describe_images(
        models.DescribeImagesRequest(region_id="cn-hangzhou", image_owner_alias="system")
    )
    image = stock.body.images.image[0].image_id
    sandbox.user(
        "dave", {"Effect": "Allow", "Action": "ecs:*", "Resource": "*"}, json.loads(GUARD)["Statement"][0]
    )
    result = run_cli(
        sandbox, "simulate", "--principal", f"acs:ram::{sandbox.account_id}:user/dave",
        "--action", "ecs:RunInstances", "--image", image, "--json",
    )  # fmt: skip
    assert result.exit_code == 3
    data = json.loads(result.stdout)
    assert data["resource"] == f"acs:ecs:cn-hangzhou:{sandbox.account_id}:image/{image}"
    assert data["resources"][0].endswith("instance/*")


def test_provider_logs_in_by_the_trust_policy(run_cli: Run, sandbox: Any, tmp_path: Path) -> None:
    okta, role = "acs:ram::1000000000000002:saml-provider/okta", "acs:ram::1000000000000002:role/sso"
    recipient = "https://signin.aliyun.com/saml-role/sso"
    allow = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Federated": [okta]},
        "Condition": {"StringEquals": {"saml:recipient": recipient}},
    }
    path = tmp_path / "trust.json"
    path.write_text(json.dumps({"Version": "1", "Statement": [allow]}))
    asked = ("simulate", "--principal", okta, "--action", "sts:AssumeRoleWithSAML", "--resource", role,
             "--trust-policy", str(path), "--as-given")  # fmt: skip
    assert run_cli(sandbox, *asked, "--context", f"saml:recipient={recipient}").exit_code == 0
    refused = run_cli(sandbox, *asked, "--context", "saml:recipient=https://example.com", "--json")
    assert refused.exit_code == 3
    assert json.loads(refused.stdout)["policy_type"] == "AssumeRolePolicy"


def test_role_of_another_account_is_undecided_without_its_trust_policy(run_cli: Run, sandbox: Any) -> None:
    sandbox.user("fay", {"Effect": "Allow", "Action": ["sts:AssumeRole"], "Resource": "*"})
    asked = ("simulate", "--principal", f"acs:ram::{sandbox.account_id}:user/fay",
             "--action", "sts:AssumeRole", "--resource")  # fmt: skip
    result = run_cli(sandbox, *asked, "acs:ram::1000000000000099:role/ops")
    assert result.exit_code == 4
    assert "the trust policy of the role is not known" in result.stdout


@pytest.mark.parametrize("key", ["acs:SourceVpc", "acs:UserAgent", "acs:MFAPresent"])
def test_how_a_call_comes_is_unknown_until_given(
    run_cli: Run, sandbox: Any, tmp_path: Path, key: str
) -> None:
    path = tmp_path / "way.json"
    allow = {"Effect": "Allow", "Action": "ecs:*", "Resource": "*"}
    deny = {**allow, "Effect": "Deny", "Condition": {"StringEquals": {key: "true"}}}
    path.write_text(json.dumps({"Version": "1", "Statement": [allow, deny]}))
    asked = (*LAUNCH, "--resource", IMAGE, "--policy", str(path))
    assert run_cli(sandbox, *asked).exit_code == 4
    assert run_cli(sandbox, *asked, "--context", f"{key}=false").exit_code == 0
    assert run_cli(sandbox, *asked, "--context", f"{key}=true").exit_code == 3


def test_policy_that_cannot_be_read_leaves_it_undecided(run_cli: Run, sandbox: Any) -> None:
    key = sandbox.user("erin", {"Effect": "Allow", "Action": ["ram:ListUsers", "ecs:*"], "Resource": "*"})
    result = run_cli(
        sandbox, "simulate", "--principal", f"acs:ram::{sandbox.account_id}:user/erin",
        "--action", "ecs:StartInstance", "--resource", IMAGE, key=key,
    )  # fmt: skip
    assert result.exit_code == 4
    assert "not read: " in result.stdout


def test_vectors(run_cli: Run, sandbox: Any, tmp_path: Path) -> None:
    path = tmp_path / "vectors.json"
    path.write_text(json.dumps({"vectors": [VECTOR]}))
    good = run_cli(sandbox, "simulate", "--vectors", str(path), "--json")
    assert good.exit_code == 0
    assert json.loads(good.stdout)["decision"] == "ExplicitDeny"
    path.write_text(json.dumps([{**VECTOR, "expected": "Allow"}]))
    assert run_cli(sandbox, "simulate", "--vectors", str(path)).exit_code == 3
    path.write_text(json.dumps([{"id": "one"}]))
    assert run_cli(sandbox, "simulate", "--vectors", str(path)).exit_code == 2


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([VECTOR, VECTOR]),
        f"{json.dumps(VECTOR)}\r\n\n{json.dumps(VECTOR)}\n",
        "\ufeff" + json.dumps({"about": {}, "vectors": [VECTOR, VECTOR]}, indent=1),
    ],
    ids=["list", "lines", "object"],
)
def test_forms_of_a_file_of_vectors(run_cli: Run, sandbox: Any, tmp_path: Path, text: str) -> None:
    path = tmp_path / "vectors"
    path.write_text(text, encoding="utf-8")
    result = run_cli(sandbox, "simulate", "--vectors", str(path), "--json")
    assert result.exit_code == 0, result.stderr
    assert [json.loads(line)["decision"] for line in result.stdout.splitlines()] == ["ExplicitDeny"] * 2


def test_what_a_vector_may_leave_out(run_cli: Run, sandbox: Any, tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    asked = {
        "principal": {
            "type": "user",
            "arn": "acs:ram::1000000000000001:user/dev",
            "in_management_account": None,
        },
        "action": "ecs:StartInstance",
        "resources": [
            {"arn": "acs:ecs:cn-hangzhou:1000000000000001:instance/i-1", "new": None, "owner": None}
        ],
        "context": {"acs:SourceIp": "10.0.0.1", "acs:UserAgent": None},
    }
    path.write_text(json.dumps({"request": asked, "expected": None, "depends_on": ["U-1"]}, indent=1))
    result = run_cli(sandbox, "simulate", "--vectors", str(path), "--json")
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert (found["id"], found["decision"], found["agrees"]) == ("vector 1", "ImplicitDeny", None)


def test_broken_vector_is_named_and_the_rest_is_decided(run_cli: Run, sandbox: Any, tmp_path: Path) -> None:
    path = tmp_path / "vectors.json"
    asked = {**VECTOR["request"], "context": {"acs:UserAgent": [1]}}
    policies = {"identity": [{"Version": "2", "Statement": []}]}
    broken = [{**VECTOR, "id": "b-1", "request": asked}, {**VECTOR, "id": "b-2", "policies": policies}, 7]
    path.write_text(json.dumps([*broken, VECTOR]))
    result = run_cli(sandbox, "simulate", "--vectors", str(path), "--json")
    assert result.exit_code == 2
    first, second, third, last = map(json.loads, result.stdout.splitlines())
    assert first["error"].startswith("b-1: expected `str`, got `int`")
    assert second["error"].startswith("b-2: identity 0:1:13: Version: ")
    assert (third["id"], third["decision"], third["agrees"]) == ("vector 3", None, False)
    assert last["decision"] == "ExplicitDeny"
    told = run_cli(sandbox, "simulate", "--vectors", str(path)).stdout.splitlines()
    assert told[-1] == "1 decided, 0 other than expected, 3 broken"


def test_lint_of_the_published_policy(run_cli: Run, sandbox: Any) -> None:
    result = run_cli(sandbox, "policy", "lint", "--published", "--beside-full-access", "--json")
    assert result.exit_code == 3
    found = json.loads(result.stdout)[0]["remarks"]
    assert any(each["rule"] == "blocks-nothing" and each["severity"] == "error" for each in found)
    assert run_cli(sandbox, "policy", "lint", "--published").exit_code == 3


def test_lint_of_files(run_cli: Run, sandbox: Any, guard: str, tmp_path: Path) -> None:
    clean = run_cli(sandbox, "policy", "lint", guard, "--beside-full-access")
    assert clean.exit_code == 0
    assert f"{guard}:7:70: note: " in clean.stdout
    broken = tmp_path / "broken.json"
    broken.write_text(GUARD.replace('"Deny"', '"Dny"'))
    result = run_cli(sandbox, "policy", "lint", str(broken))
    assert result.exit_code == 3
    assert f"{broken}:4:15: error: expected `Allow` or `Deny` [syntax]" in result.stdout
    assert "did you mean `Deny`?" in result.stdout
    assert run_cli(sandbox, "policy", "lint", "no-such.json").exit_code == 2
    assert run_cli(sandbox, "policy", "lint").exit_code == 2


def test_fmt_is_stable(run_cli: Run, sandbox: Any, guard: str) -> None:
    once = run_cli(sandbox, "policy", "fmt", guard, "--stdout")
    assert once.exit_code == 0
    assert run_cli(sandbox, "policy", "fmt", guard).exit_code == 0
    assert Path(guard).read_text() == once.stdout
    assert run_cli(sandbox, "policy", "fmt", "-", "--compact", text=once.stdout).stdout.count("\n") == 1
