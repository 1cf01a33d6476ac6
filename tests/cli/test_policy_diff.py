"""`imagefence policy diff`, by the command as a user runs it; examples are replayed by `simulate`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from imagefence.cli.main import main

ALLOW = {"Effect": "Allow", "Action": "*", "Resource": "*"}
DENY: dict[str, Any] = {
    "Effect": "Deny",
    "Action": ["ecs:RunInstances", "ecs:CreateInstance"],
    "Resource": "acs:ecs:*:*:image/*",
    "Condition": {"StringNotEquals": {"acs:ResourceTag/environment": "production"}},
}


def diff(*args: str | Path, text: str | None = None) -> Result:
    return CliRunner().invoke(main, ["policy", "diff", *map(str, args)], input=text)


def written(path: Path, *statements: dict[str, Any]) -> Path:
    path.write_text(json.dumps({"Version": "1", "Statement": statements}))
    return path


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return written(tmp_path / "old.json", DENY)


@pytest.fixture
def new(tmp_path: Path) -> Path:
    loose = {**DENY, "Condition": {"StringNotEquals": {"acs:ResourceTag/environment": ["production", "dev"]}}}
    return written(tmp_path / "new.json", loose, {**DENY, "Action": "ecs:DeleteImage"})


def test_both_ways_are_told_with_an_example(old: Path, new: Path) -> None:
    result = diff(old, new)
    assert result.exit_code == 3
    assert result.stdout.splitlines() == [
        f"A is {old}, B is {new}: control policies, beside FullAliyunAccess",
        "B newly allows:",
        "  ecs:RunInstances, ecs:CreateInstance",
        "    on acs:ecs:*:*:image/*",
        "    where the resource's tag `environment` is `dev`",
        "    such as: acs:ram::1000000000000001:user/alice asks for ecs:RunInstances on "
        "acs:ecs:cn-hangzhou:1000000000000001:image/x with tag environment=dev",
        f"      A: denied at `image/x` by the control policies on the node: Statement[0] of `{old}` denies",
        "      B: allowed: Statement[0] of `FullAliyunAccess` allows",
        "B newly denies:",
        "  ecs:DeleteImage",
        "    on acs:ecs:*:*:image/*",
        "    where the resource's tag `environment` is absent or any other value",
        "    such as: acs:ram::1000000000000001:user/alice asks for ecs:DeleteImage on "
        "acs:ecs:cn-hangzhou:1000000000000001:image/x",
        "      A: allowed: Statement[0] of `FullAliyunAccess` allows",
        f"      B: denied at `image/x` by the control policies on the node: Statement[1] of `{new}` denies",
        "found among 5 representative requests; there may be more",
    ]


def test_examples_are_what_simulate_decides(old: Path, new: Path) -> None:
    answer = json.loads(diff(old, new, "--json").stdout)
    examples = [group["example"] for way in ("newly_allowed", "newly_denied") for group in answer[way]]
    assert len(examples) == 2
    for example in examples:
        tags = ";".join(f"{key}={value}" for key, value in example["tags"].items())
        for side, file in (("a", old), ("b", new)):
            simulated = CliRunner().invoke(
                main,
                [
                    *("simulate", "--principal", example["principal"], "--action", example["action"]),
                    *("--resource", f"{example['resource']};{tags}" if tags else example["resource"]),
                    *("--policy", "AdministratorAccess", "--control-policy", "FullAliyunAccess"),
                    *("--control-policy", str(file), "--as-given", "--json"),
                ],
            )
            assert json.loads(simulated.stdout)["verdict"] == example[side]["verdict"]


def test_no_difference_is_told_for_what_it_is(old: Path, tmp_path: Path) -> None:
    same = diff(old, old)
    assert same.exit_code == 0
    assert "no difference: both hold the same statements" in same.stdout
    narrower = {**DENY, "Action": "ecs:Run*", "Resource": "acs:ecs:cn-beijing:*:image/m-1"}
    shadowed = written(tmp_path / "shadowed.json", {**DENY, "Action": "ecs:*"}, narrower)
    wide = written(tmp_path / "wide.json", {**DENY, "Action": "ecs:*"})
    result = diff(shadowed, wide)
    assert result.exit_code == 0
    assert "no difference found among" in result.stdout
    assert "no proof" in result.stdout


def test_sets_are_directories_and_options(old: Path, new: Path, tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    written(tmp_path / "set" / "one.json", DENY)
    written(tmp_path / "set" / "two.json", ALLOW)
    assert diff(tmp_path / "set", old, "--b-with", "FullAliyunAccess").exit_code == 0
    assert diff(old, "FullAliyunAccess", "--a-with", "FullAliyunAccess").exit_code == 3
    assert diff("-", new, "--beside", "FullAliyunAccess", text=new.read_text()).exit_code == 0
    (tmp_path / "empty").mkdir()
    assert "holds no .json file" in diff(tmp_path / "empty", new).stderr


def test_a_cut_search_is_undecided(old: Path, tmp_path: Path) -> None:
    keys = {f"ecs:Key{number}": ["a", "b"] for number in range(10)}
    deny = {**DENY, "Condition": {"StringEquals": keys}}
    one = written(tmp_path / "one.json", deny, {**DENY, "Condition": {}})
    two = written(tmp_path / "two.json", {**DENY, "Condition": {}})
    result = diff(one, two, "--json")
    assert result.exit_code == 4
    assert json.loads(result.stdout)["all_tried"] is False


@pytest.mark.parametrize("kind", ["identity", "session"])
def test_other_kinds(kind: str, tmp_path: Path) -> None:
    one = written(tmp_path / "one.json", {**ALLOW, "Action": "oss:*"})
    two = written(tmp_path / "two.json", {**ALLOW, "Action": "oss:Get*"})
    result = diff(one, two, "--kind", kind)
    assert result.exit_code == 3
    assert "  oss:*\n" in result.stdout


def test_wrong_use_is_told(old: Path, new: Path, tmp_path: Path) -> None:
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"RAM": ["acs:ram::1:root"]}}
    one = written(tmp_path / "one.json", trust)
    result = diff(one, one, "--kind", "trust", "--beside", str(one))
    assert (result.exit_code, "stands alone" in result.stderr) == (2, True)
    assert diff(one, one, "--kind", "trust").exit_code == 0
    assert diff(old, tmp_path / "missing.json").exit_code == 2
    assert diff(old, new, "--reading", "no-such=x").exit_code == 2
