"""Faults on demand, as the vendor's own clients meet them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException, ClientException, ServerException
from click.testing import CliRunner, Result
from darabonba.runtime import RuntimeOptions
from hypothesis import given
from hypothesis import strategies as st

from harness import Key, Sandbox
from imagefence.cli.main import main
from imagefence.errors import ConfigError
from imagefence.sandbox.fault_rules import MEANING, FaultKind, FaultRule, Faults, read_rules

RUN_CLI = Callable[..., Result]
ALLOW_ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def regions(sandbox: Sandbox, key: Key | None = None) -> Any:
    """A harmless call by the official SDK."""
    client = sandbox.as_key("ecs", key) if key else sandbox.client("ecs")
    return client.describe_regions(sandbox.models("ecs").DescribeRegionsRequest())


def strike(sandbox: Sandbox, *rules: FaultRule, seed: int = 1) -> None:
    sandbox.world.faults.become(rules, seed)


@pytest.mark.parametrize(
    ("kind", "status", "code", "error"),
    [
        (FaultKind.THROTTLING, 400, "Throttling.User", ClientException),
        (FaultKind.UNAVAILABLE, 503, "ServiceUnavailable", ServerException),
        (FaultKind.INTERNAL_ERROR, 500, "InternalError", ServerException),
        (FaultKind.DENIAL, 403, "Forbidden.RAM", ClientException),
    ],
)
def test_a_refusal_has_the_clouds_code(
    fresh_sandbox: Sandbox, kind: FaultKind, status: int, code: str, error: type[AlibabaCloudException]
) -> None:
    strike(fresh_sandbox, FaultRule(kind, times=1))
    with pytest.raises(error) as raised:
        regions(fresh_sandbox)
    assert (raised.value.status_code, raised.value.code) == (status, code)
    assert regions(fresh_sandbox).body.regions.region, "struck once, and then no more"


def test_a_throttled_answer_asks_for_a_pause(fresh_sandbox: Sandbox) -> None:
    strike(fresh_sandbox, FaultRule(FaultKind.THROTTLING, milliseconds=250))
    with pytest.raises(AlibabaCloudException) as raised:
        regions(fresh_sandbox)
    assert getattr(raised.value, "retry_after", None) == 250


def test_a_rule_strikes_only_what_it_names(fresh_sandbox: Sandbox) -> None:
    rule = FaultRule(FaultKind.UNAVAILABLE, service="ecs", operation="Describe*")
    for other in (
        replace(rule, service="ram"),
        replace(rule, operation="describe*"),
        replace(rule, account=fresh_sandbox.other_accounts[0]["account_id"]),
        replace(rule, region="cn-beijing"),
    ):
        strike(fresh_sandbox, other)
        assert regions(fresh_sandbox)
    strike(fresh_sandbox, replace(rule, account=fresh_sandbox.account_id))
    with pytest.raises(ServerException):
        regions(fresh_sandbox)


def test_no_rule_lets_anybody_in(fresh_sandbox: Sandbox) -> None:
    strike(fresh_sandbox, *(FaultRule(kind) for kind in (FaultKind.THROTTLING, FaultKind.DENIAL)))
    with pytest.raises(AlibabaCloudException) as raised:
        regions(fresh_sandbox, Key(fresh_sandbox.access_key_id, "not-the-secret"))
    assert raised.value.code == "SignatureDoesNotMatch"


def test_a_clock_that_runs_ahead_refuses_the_time(fresh_sandbox: Sandbox) -> None:
    strike(fresh_sandbox, FaultRule(FaultKind.CLOCK_SKEW, milliseconds=16 * 60_000))
    with pytest.raises(AlibabaCloudException) as raised:
        regions(fresh_sandbox)
    assert raised.value.code == "InvalidTimeStamp.Expired"
    strike(fresh_sandbox, FaultRule(FaultKind.CLOCK_SKEW, milliseconds=60_000))
    assert regions(fresh_sandbox)


def test_a_token_expires_half_way_and_a_long_term_key_does_not(fresh_sandbox: Sandbox) -> None:
    ram, models = fresh_sandbox.client("ram"), fresh_sandbox.models("ram")
    whom = {"RAM": [f"acs:ram::{fresh_sandbox.account_id}:root"]}
    trust = {"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": whom}
    document = json.dumps({"Version": "1", "Statement": [trust]})
    made = models.CreateRoleRequest(role_name="reader", assume_role_policy_document=document)
    arn = ram.create_role(made).body.role.arn
    attach = models.AttachPolicyToRoleRequest(
        policy_type="System", policy_name="AdministratorAccess", role_name="reader"
    )
    ram.attach_policy_to_role(attach)
    user = fresh_sandbox.user("somebody", ALLOW_ALL)
    sts, shapes = fresh_sandbox.as_key("sts", user), fresh_sandbox.models("sts")
    request = shapes.AssumeRoleRequest(role_arn=arn, role_session_name="half-way")
    given = sts.assume_role(request).body.credentials
    temporary = Key(given.access_key_id, given.access_key_secret, given.security_token)
    assert regions(fresh_sandbox, temporary)
    strike(fresh_sandbox, FaultRule(FaultKind.EXPIRED_TOKEN))
    with pytest.raises(AlibabaCloudException) as raised:
        regions(fresh_sandbox, temporary)
    assert raised.value.code == "InvalidSecurityToken.Expired"
    assert regions(fresh_sandbox, user)


def create_vpc(sandbox: Sandbox) -> None:
    sandbox.client("vpc").create_vpc(
        sandbox.models("vpc").CreateVpcRequest(region_id="cn-hangzhou", cidr_block="10.0.0.0/8")
    )


def vpcs(sandbox: Sandbox) -> int:
    account = sandbox.world.accounts[sandbox.account_id]
    return len(account.regions["cn-hangzhou"].vpcs)


@pytest.mark.parametrize(("kind", "made"), [(FaultKind.RESET, 0), (FaultKind.LOST_ANSWER, 1)])
def test_a_connection_is_reset_before_the_call_or_after_it(
    fresh_sandbox: Sandbox, kind: FaultKind, made: int
) -> None:
    before = vpcs(fresh_sandbox)
    strike(fresh_sandbox, FaultRule(kind, operation="CreateVpc", times=1))
    with pytest.raises(Exception, match=r"(?i)reset|aborted|remote end"):
        create_vpc(fresh_sandbox)
    assert vpcs(fresh_sandbox) == before + made
    create_vpc(fresh_sandbox)
    assert vpcs(fresh_sandbox) == before + made + 1, "the server goes on"


def test_an_answer_comes_late(fresh_sandbox: Sandbox) -> None:
    strike(fresh_sandbox, FaultRule(FaultKind.LATENCY, milliseconds=3_000))
    client, models = fresh_sandbox.client("ecs"), fresh_sandbox.models("ecs")
    with pytest.raises(Exception, match=r"(?i)timed? ?out"):
        client.describe_regions_with_options(
            models.DescribeRegionsRequest(), RuntimeOptions(read_timeout=300, connect_timeout=300)
        )


def test_this_tool_gets_through_a_bad_day(fresh_sandbox: Sandbox, run_cli: RUN_CLI) -> None:
    strike(
        fresh_sandbox,
        FaultRule(FaultKind.THROTTLING, probability=0.2, milliseconds=20),
        FaultRule(FaultKind.RESET, probability=0.1),
        FaultRule(FaultKind.UNAVAILABLE, probability=0.1),
    )
    result = run_cli(fresh_sandbox, "images", "list", "--tag", "environment=production", "--json")
    assert result.exit_code == 0, result.output


def door(ready: dict[str, Any], method: str, path: str, body: str = "", token: str = "") -> tuple[int, Any]:
    headers = {"x-imagefence-token": token or ready["control_token"]}
    request = Request(f"http://{ready['endpoint']}{path}", body.encode() or None, headers, method=method)
    try:
        with urlopen(request, timeout=10) as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        return error.code, json.load(error)


@pytest.fixture
def ready(fresh_sandbox: Sandbox, tmp_path: Path) -> Path:
    file = tmp_path / "ready.json"
    told = {"endpoint": fresh_sandbox.endpoint, "control_token": fresh_sandbox.world.control_token}
    file.write_text(json.dumps(told))
    return file


def test_rules_are_set_by_http_and_need_the_token(fresh_sandbox: Sandbox, ready: Path) -> None:
    told = json.loads(ready.read_text())
    assert door(told, "GET", "/_imagefence/health", token="none")[0] == 200
    for method in ("GET", "PUT", "DELETE"):
        status, said = door(told, method, "/_imagefence/faults", token="guessed")
        assert status == 401
        assert "faults" not in said
    rules = '{"faults": [{"kind": "unavailable", "operation": "DescribeRegions"}]}'
    status, said = door(told, "PUT", "/_imagefence/faults?seed=3", rules)
    assert status == 200
    assert said["faults"][0]["kind"] == "unavailable"
    with pytest.raises(ServerException):
        regions(fresh_sandbox)
    assert door(told, "DELETE", "/_imagefence/faults") == (200, {"faults": []})
    assert regions(fresh_sandbox)


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "words"),
    [
        ("PUT", "/_imagefence/faults", "faults: [{kind: gremlin}]", 400, "`gremlin` is not one of"),
        ("PUT", "/_imagefence/faults", "faults: [", 400, "faults:1"),
        ("PUT", "/_imagefence/faults?seed=x", "faults: []", 400, "`x`"),
        ("POST", "/_imagefence/faults", "faults: []", 405, "takes GET, PUT, DELETE"),
        ("GET", "/_imagefence/elsewhere", "", 404, "elsewhere"),
    ],
)
def test_nonsense_at_the_door_changes_nothing(
    fresh_sandbox: Sandbox, ready: Path, method: str, path: str, body: str, status: int, words: str
) -> None:
    strike(fresh_sandbox, FaultRule(FaultKind.DENIAL, service="ram"))
    found, said = door(json.loads(ready.read_text()), method, path, body)
    assert found == status
    assert words in said["error"]
    assert [rule.kind for rule in fresh_sandbox.world.faults.rules] == [FaultKind.DENIAL]


def test_rules_are_set_shown_and_cleared_by_command(
    fresh_sandbox: Sandbox, ready: Path, tmp_path: Path
) -> None:
    rules = tmp_path / "faults.yaml"
    rules.write_text("faults:\n  - {kind: throttling, operation: Describe*, times: 2}\n")

    def run(*options: str) -> Result:
        return CliRunner().invoke(main, ["sandbox", "faults", "--ready-file", str(ready), *options])

    assert "no faults" in run().output
    shown = run("--set", str(rules), "--seed", "1")
    assert shown.exit_code == 0
    assert "throttling" in shown.output
    with pytest.raises(ClientException):
        regions(fresh_sandbox)
    assert json.loads(run("--json").output)["faults"][0]["left"] == 1
    assert "no faults" in run("--clear").output
    assert run("--clear", "--set", str(rules)).exit_code == 2
    assert run("--seed", "1").exit_code == 2


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("faults: [{kind: latency}]", "f.yaml:1:10: faults[0]"),
        ("faults:\n  - kind: denial\n    probability: 1.5", "f.yaml:3:18: faults[0].probability"),
        ("faults:\n  - kind: denial\n    probability: .nan", "f.yaml:3:18: faults[0].probability"),
        ("faults:\n  - {kind: denial, times: 0}", "f.yaml:2:27: faults[0].times"),
        ("faults:\n  - {kind: denial, often: 1}", "f.yaml:2:20: faults[0]"),
        ("faults: {}", "f.yaml:1:9: faults"),
        ("rules: []", "f.yaml:1:1"),
    ],
)
def test_bad_rules_are_told_with_their_place(text: str, place: str) -> None:
    with pytest.raises(ConfigError) as raised:
        read_rules(text, "f.yaml")
    assert str(raised.value).startswith(place)


def test_the_page_names_every_kind() -> None:
    page = (Path(__file__).parents[2] / "docs" / "faults.md").read_text()
    assert set(MEANING) == set(FaultKind)
    assert all(f"| `{kind.value}` |" in page for kind in FaultKind)


@given(seed=st.integers(0, 1 << 32), probability=st.floats(0.05, 0.95))
def test_the_same_seed_strikes_the_same_calls(seed: int, probability: float) -> None:
    def run() -> list[bool]:
        faults = Faults()
        faults.become([FaultRule(FaultKind.DENIAL, probability=probability)], seed)
        return [bool(faults.struck("ecs", "RunInstances", "", "")) for _ in range(50)]

    first = run()
    assert first == run()
