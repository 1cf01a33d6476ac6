"""`imagefence simulate`: declarations, lines of requests, and snapshots, on files and against a sandbox."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st

from imagefence.cli.simulate_ground import InForce
from imagefence.cli.simulate_many import Task, answering
from imagefence.cli.simulate_sources import read
from imagefence.errors import ImagefenceError
from imagefence.policy.document import PolicyKind
from imagefence.policy.policies import Policies
from imagefence.policy.readings import DEFAULT

Run = Callable[..., Result]
ALICE = "acs:ram::1000000000000002:user/alice"
PLACE = "acs:ecs:cn-hangzhou:1000000000000002"
IMAGE, NEW = f"{PLACE}:image/m-1", f"{PLACE}:instance/*"
ASKED = ("simulate", "--principal", ALICE, "--policy", "AdministratorAccess")
DENY = {
    "Effect": "Deny",
    "Action": "*",
    "Resource": "acs:ecs:*:*:image/*",
    "Condition": {"StringNotEquals": {"acs:ResourceTag/environment": "production"}},
}


@pytest.fixture
def guard(tmp_path: Path) -> str:
    path = tmp_path / "guard.json"
    path.write_text(json.dumps({"Version": "1", "Statement": [DENY]}))
    return str(path)


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_an_undeclared_operation_is_never_a_guess(run_cli: Run, sandbox: Any, guard: str) -> None:
    bare = run_cli(sandbox, *ASKED, "--action", "ecs:StartInstances")
    assert bare.exit_code == 4
    assert "`ecs:StartInstances` is not declared: which resources it authorises is not known" in bare.stdout
    assert "did you mean `ecs:StartInstance`?" in bare.stdout
    given = (*ASKED, "--action", "ecs:StartInstances", "--resource", f"{IMAGE};environment=production")
    assert run_cli(sandbox, *given).exit_code == 4
    assert run_cli(sandbox, *given, "--as-given").exit_code == 0
    denied = run_cli(
        sandbox, *ASKED, "--action", "ecs:StartInstances", "--resource", IMAGE, "--control-policy", guard
    )
    assert denied.exit_code == 3


def test_missing_resources_are_named(run_cli: Run, sandbox: Any) -> None:
    launch = (*ASKED, "--action", "ecs:RunInstances", "--resource", NEW)
    without = run_cli(sandbox, *launch)
    assert without.exit_code == 4
    assert "`ecs:RunInstances` is authorised on `image/<id>` as well, which was not given" in without.stdout
    assert run_cli(sandbox, *launch, "--resource", IMAGE).exit_code == 0
    stray = run_cli(sandbox, *launch, "--resource", IMAGE, "--resource", f"{PLACE}:command/c-1")
    assert f"asks nothing on `{PLACE}:command/c-1`" in stray.stdout


def test_an_operation_that_asks_for_no_permission_passes(run_cli: Run, sandbox: Any, guard: str) -> None:
    asked = ("simulate", "--principal", ALICE, "--action", "sts:GetCallerIdentity", "--policy", guard)
    assert run_cli(sandbox, *asked).exit_code == 0


def test_every_level_is_shown(run_cli: Run, sandbox: Any, guard: str) -> None:
    result = run_cli(
        sandbox, *ASKED, "--action", "ecs:DeleteImage", "--resource", IMAGE,
        "--control-policy", "Root=FullAliyunAccess", "--control-policy", f"Root/Dev={guard}", "--json",
    )  # fmt: skip
    data = json.loads(result.stdout)
    (outcome,) = data["levels"]
    told = [(each["node"], each["verdict"], each["refuses"]) for each in outcome["levels"]]
    assert told == [("Root", "Allow", False), ("Root/Dev", "ExplicitDeny", True), ("", "Allow", False)]
    assert data["access_denied_detail"] == {
        "AuthAction": "ecs:DeleteImage",
        "AuthPrincipalType": "SubUser",
        "AuthPrincipalOwnerId": "1000000000000002",
        "AuthPrincipalDisplayName": "alice",
        "PolicyType": "ControlPolicy",
        "NoPermissionType": "ExplicitDeny",
    }


def test_lines_are_answered_and_broken_ones_reported(
    run_cli: Run, sandbox: Any, guard: str, tmp_path: Path
) -> None:
    requests = [
        {"id": "a", "action": "ecs:DeleteImage", "resources": [IMAGE]},
        {
            "id": 2,
            "action": "ecs:DeleteImage",
            "resources": [{"name": IMAGE, "tags": {"environment": "production"}}],
        },
        {"action": "ecs:DeleteImage", "resources": [{"name": IMAGE, "tags": None}]},
        {"action": "ecs:DeleteImage", "resources": ["m-1"]},
        {
            "action": "ecs:DeleteImage",
            "resources": [IMAGE],
            "context": {"ecs:X": ["1", "2"]},
            "colour": "red",
        },
        {"principal": "bob", "action": "ecs:DeleteImage", "resources": [IMAGE]},
    ]
    path = tmp_path / "requests.ndjson"
    path.write_text("\n".join(map(json.dumps, requests)) + "\n\n{not json\n")
    asked = (
        *ASKED,
        "--control-policy",
        "FullAliyunAccess",
        "--control-policy",
        guard,
        "--requests",
        str(path),
    )
    result = run_cli(sandbox, *asked)
    assert result.exit_code == 1
    first, second, third = lines(result)
    assert (first["id"], first["line"], first["verdict"]) == ("a", 1, "ExplicitDeny")
    assert first["near_misses"][0]["changes"][0]["text"] == "`image/m-1` wearing `environment=production`"
    assert first["access_denied_detail"]["PolicyType"] == "ControlPolicy"
    assert (second["id"], second["verdict"]) == (2, "Allow")
    assert (third["line"], third["verdict"]) == (3, "Indeterminate")
    for number, told in ((4, "`m-1` names no resource"), (5, "colour"), (6, "`bob`"), (8, "json")):
        assert any(
            line.startswith(f"{path}:{number}: ") and told in line.lower()
            for line in result.stderr.splitlines()
        )
    assert "1 Allow, 1 ExplicitDeny, 1 Indeterminate, 4 broken lines" in result.stderr
    strict = run_cli(sandbox, *asked, "--strict")
    assert strict.exit_code == 1
    assert len(strict.stdout.splitlines()) == 3
    assert f"error: {path}:4: `m-1`" in strict.stderr


def test_lines_come_from_the_standard_input(run_cli: Run, sandbox: Any) -> None:
    asked = {"action": "ecs:DescribeRegions"}
    result = run_cli(sandbox, *ASKED, "--requests", "-", text=json.dumps(asked))
    assert result.exit_code == 0
    assert lines(result)[0]["verdict"] == "Allow"
    assert run_cli(sandbox, *ASKED, "--requests", "no-such.ndjson").exit_code == 2
    endless = run_cli(
        sandbox, *ASKED, "--requests", "-", text='"' + "x" * (1 << 21) + '"\n' + json.dumps(asked)
    )
    assert endless.exit_code == 1
    assert "stdin:1: the line is longer" in endless.stderr
    assert lines(endless)[0]["line"] == 2


def test_each_principal_has_its_own_policies(run_cli: Run, sandbox: Any) -> None:
    sandbox.user("ina", {"Effect": "Allow", "Action": "ecs:Describe*", "Resource": "*"})
    sandbox.user("jon", {"Effect": "Allow", "Action": "ecs:*", "Resource": "*"})
    account = sandbox.account_id
    asked = [
        {"principal": f"acs:ram::{account}:user/{name}", "action": "ecs:StopInstance",
         "resources": [f"acs:ecs:cn-hangzhou:{account}:instance/i-1"]}
        for name in ("ina", "jon", "nobody", "ina")
    ]  # fmt: skip
    result = run_cli(sandbox, "simulate", "--requests", "-", text="\n".join(map(json.dumps, asked)))
    assert result.exit_code == 1
    assert [each["verdict"] for each in lines(result)] == ["ImplicitDeny", "Allow", "ImplicitDeny"]
    assert "stdin:3: account" in result.stderr
    # The cloud shows a user's id, which only its own list of users tells.
    assert lines(result)[0]["access_denied_detail"]["AuthPrincipalDisplayName"].isdigit()


def test_a_snapshot_decides_as_the_cloud_does(run_cli: Run, sandbox: Any, tmp_path: Path) -> None:
    sandbox.user("kay", {"Effect": "Allow", "Action": "ecs:*", "Resource": "*"}, DENY)
    stock = sandbox.client("ecs").describe_images(
        sandbox.models("ecs").DescribeImagesRequest(region_id="cn-hangzhou", image_owner_alias="system")
    )
    image = stock.body.images.image[0].image_id
    path = tmp_path / "estate.json"
    saved = run_cli(sandbox, "simulate", "--save-snapshot", str(path))
    assert saved.exit_code == 0, saved.output
    kay = (
        "simulate",
        "--principal",
        f"acs:ram::{sandbox.account_id}:user/kay",
        "--action",
        "ecs:RunInstances",
    )
    asked = (*kay, "--image", image, "--json")
    by_cloud = json.loads(run_cli(sandbox, *asked).stdout)
    by_file = json.loads(run_cli(sandbox, *asked, "--snapshot", str(path)).stdout)
    assert by_cloud["verdict"] == "ExplicitDeny"
    for name in (
        "verdict",
        "resource",
        "resources",
        "reasons",
        "levels",
        "near_misses",
        "access_denied_detail",
    ):
        assert by_file[name] == by_cloud[name]
    other = run_cli(sandbox, *asked[:1], "--principal", "acs:ram::1000000000000099:user/x", *asked[3:],
                    "--snapshot", str(path))  # fmt: skip
    assert other.exit_code == 2
    assert "the snapshot holds no account" in other.output


def test_a_snapshot_says_what_it_could_not_read(run_cli: Run, sandbox: Any, tmp_path: Path) -> None:
    """And decides nothing by it but explicit Denies."""
    key = sandbox.user(
        "lea", {"Effect": "Allow", "Action": ["ram:ListUsers", "ecs:DescribeRegions"], "Resource": "*"}
    )
    path = tmp_path / "part.json"
    saved = run_cli(sandbox, "simulate", "--save-snapshot", str(path), key=key)
    assert saved.exit_code == 4, saved.output
    assert "DescribeImages" in saved.stderr
    asked = (
        "simulate",
        "--principal",
        f"acs:ram::{sandbox.account_id}:user/lea",
        "--action",
        "ecs:DescribeRegions",
    )
    result = run_cli(sandbox, *asked, "--snapshot", str(path))
    assert result.exit_code == 4
    assert "undecided: not read: " in result.stdout
    where = run_cli(sandbox, "simulate", "--save-snapshot", str(tmp_path / "none" / "x.json"))
    assert where.exit_code == 2
    assert "cannot write it" in where.output


LINE = b'{"id":1,"action":"ecs:DeleteImage","resources":[{"name":"*","tags":{}}],"context":{"acs:X":["1"]}}'
texts = st.text(max_size=12) | st.sampled_from(
    ("*", "acs:ecs:a:b:c/*", "ecs:RunInstances", ALICE, "\ud800", "a;b=c;?")
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts, lambda each: st.lists(each, max_size=3)
)
objects = st.fixed_dictionaries(
    {},
    optional={
        "id": values,
        "principal": texts,
        "action": texts,
        "resources": st.lists(
            texts | st.fixed_dictionaries({"name": texts}, optional={"tags": values}), max_size=3
        ),
        "context": st.dictionaries(texts, texts | st.lists(texts, max_size=2), max_size=2),
        "unknown": st.lists(texts, max_size=2),
    },
)


@given(
    st.binary(max_size=80)
    | objects.map(lambda each: json.dumps(each).encode())
    | st.integers(0, len(LINE) - 1).map(lambda cut: LINE[:cut] + b"\xff" + LINE[cut:])
)
def test_any_line_is_answered_or_refused(raw: bytes) -> None:
    """Nothing but an error of ours leaves a line, and what is answered can be written."""
    policies = Policies(identity=(read("AdministratorAccess", PolicyKind.IDENTITY),))
    task = Task(lambda asked: InForce(asked.principal, policies), DEFAULT, ALICE, "ecs:DeleteImage")
    try:
        found = answering(task)(1, raw)
    except ImagefenceError:
        return
    assert json.loads(msgspec.json.encode(found))["verdict"] in {"Allow", "ImplicitDeny", "Indeterminate"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "not a snapshot"),
        ("[]", "not a snapshot"),
        ("{}", "format `` is not"),
        ('{"format":"imagefence-snapshot/9"}', "format `imagefence-snapshot/9` is not"),
        ('{"format":"imagefence-snapshot/1"}', "taken_at"),
        (
            '{"format":"imagefence-snapshot/1","taken_at":"2026-01-01T00:00:00Z","identities":[{"account_id":"1",'
            '"users":[{"name":"a","policies":[{"name":"p","document":3}]}]}]}',
            "`p` names document 3 of 0",
        ),
        (
            '{"format":"imagefence-snapshot/1","taken_at":"2026-01-01T00:00:00Z","documents":[{"Version":"1"}],'
            '"identities":[{"account_id":"1","users":[{"name":"a","policies":[{"name":"p","document":0}]}]}]}',
            "Statement",
        ),
        ("[" * 100_000, "not a snapshot"),
    ],
)
def test_broken_snapshots(run_cli: Run, sandbox: Any, tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "broken.json"
    path.write_text(text)
    asked = ("simulate", "--principal", ALICE, "--action", "ecs:DescribeRegions", "--snapshot", str(path))
    result = run_cli(sandbox, *asked)
    assert result.exit_code == 2, result.output
    assert str(path) in result.output
    assert told in result.output
