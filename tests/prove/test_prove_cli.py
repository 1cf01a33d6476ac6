"""`imagefence prove` as its users meet it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from imagefence.cli import published
from imagefence.cli.main import main
from imagefence.fence.documents import fence_policies
from imagefence.policy.document import PolicyKind
from imagefence.prove.solvers import satisfiable
from imagefence.scope.scope import Exemption, May, Scope

TAG = ("--approved-tag", "environment=production")
SCOPE = Scope(
    {"environment": ("production",)},
    exemptions=(Exemption("image-admin", frozenset({May.TAG, May.CREATE_IMAGE})),),
)


def prove(*arguments: str) -> Result:
    """Runs the command."""
    return CliRunner().invoke(main, ["prove", *arguments])


def data(*arguments: str) -> dict[str, Any]:
    """Its JSON."""
    found: dict[str, Any] = json.loads(prove(*arguments, "--json").stdout)
    return found


def written(folder: Path, name: str, *statements: dict[str, Any]) -> str:
    """A policy file."""
    path = folder / name
    path.write_text(json.dumps({"Version": "1", "Statement": list(statements)}))
    return str(path)


@pytest.fixture
def vendors(tmp_path: Path) -> str:
    """The policy as the vendor publishes it."""
    path = tmp_path / "published.json"
    path.write_text(published_text())
    return str(path)


def published_text() -> str:
    return published.example("published-policy.json")


@pytest.fixture
def fence(tmp_path: Path) -> tuple[str, ...]:
    """The options for our own fence."""
    words: list[str] = []
    for policy in fence_policies(SCOPE, PolicyKind.CONTROL, ("1000000000000001",)):
        path = tmp_path / f"{policy.name}.json"
        path.write_text(policy.text)
        words += ["--control-policy", str(path)]
    return (*words, *TAG, "--exempt-role", "image-admin")


def test_the_published_policy_is_shown_open_replayed_and_mended(vendors: str, tmp_path: Path) -> None:
    ran = prove("--control-policy", vendors, *TAG, "--replay")
    assert ran.exit_code == 3, ran.output
    assert "not proven: 15 ways through" in ran.stdout
    assert "let through by Statement[0] of `FullAliyunAccess`" in ran.stdout
    assert "ecs:RunInstances really passed on a sandbox under these policies" in ran.stdout
    assert ran.stdout.count("really passed on a sandbox") == 12
    mend = tmp_path / "mend.json"
    (line,) = (line for line in ran.stdout.splitlines() if line.strip().startswith('{"Version"'))
    mend.write_text(line.strip())
    again = prove("--control-policy", vendors, "--control-policy", str(mend), *TAG)
    assert again.exit_code == 0, again.output
    assert again.stdout.startswith("proven: no request gets past")
    assert (
        "needs that it is not so that a negated operator fails where the key is absent (U-1" in again.stdout
    )


def test_the_published_policy_alone_lets_nothing_be_launched(vendors: str) -> None:
    ran = prove("--control-policy", vendors, *TAG, "--without-full-access")
    assert ran.exit_code == 3
    assert ran.stdout.startswith("nothing can be launched at all")
    assert "blocked: ecs:RunInstances from a golden image" in ran.stdout
    assert "blocked, unless the other resources wear tags too: ecs:ReplaceSystemDisk" in ran.stdout
    assert data("--control-policy", vendors, *TAG, "--without-full-access")["answer"] == "nothing-launches"


def test_the_fence_is_proven_and_checked_by_another_solver(fence: tuple[str, ...], tmp_path: Path) -> None:
    evidence = tmp_path / "proof.smt2"
    found = data(*fence, "--check-with", "cvc5", "--evidence", str(evidence))
    assert found["answer"] == "proven"
    told = found["evidence"]
    assert told["agreed"] > 40
    # Why: string solvers run out of time on the callers where case does not count.
    assert told["left_out"]
    assert {each["point"] for each in found["readings"]["needed"]} == {
        "U-1",
        "U-3",
        "U-6",
        "U-10",
        "U-11",
        "U-15",
    }
    assert found["limits"][0].startswith("callers that the vendor exempts: the management account")
    text = evidence.read_text()
    scripts = text.split("(reset)")
    assert len(scripts) == found["evidence"]["questions"]
    expected = re.findall(r"expect (sat|unsat)", text)
    for script, answer in list(zip(scripts, expected, strict=True))[:9]:
        assert satisfiable("z3", script, 60) is (answer == "sat")


def test_limits_are_named_and_change_nothing(fence: tuple[str, ...]) -> None:
    ran = prove(*fence)
    assert ran.exit_code == 0, ran.output
    for words in (
        "service-linked roles",
        "roads not modelled: exempt-role",
        "roads not asked: image-family",
    ):
        assert words in ran.stdout
    assert prove(*fence, "--road", "image-family").exit_code == 0
    opened = prove(*fence, "--road", "other-launchers")
    assert opened.exit_code == 3
    assert "ess:CreateScalingConfiguration is open (auto-scaling)" in opened.stdout


def test_a_role_that_begins_like_the_exempt_one_is_found_and_replayed(tmp_path: Path) -> None:
    tests = {"StringNotLike": {"acs:PrincipalARN": "acs:ram:*:*:role/image-admin*"}}
    tagging = ["ecs:TagResources", "ecs:CreateTags", "ecs:AddTags", "tag:TagResources"]
    file = written(
        tmp_path,
        "guard.json",
        {
            "Effect": "Deny",
            "Action": ["ecs:RunInstances", "ecs:CreateInstance", "ecs:ReplaceSystemDisk"],
            "Resource": "acs:ecs:*:*:image/*",
            "Condition": {"StringNotEquals": {"acs:ResourceTag/environment": "production"}},
        },
        {"Effect": "Deny", "Action": tagging, "Resource": "acs:ecs:*:*:image/*", "Condition": tests},
        {
            "Effect": "Deny",
            "Action": ["ecs:CopyImage", "ecs:CreateImage", "ecs:ImportImage"],
            "Resource": "*",
        },
    )
    found = data("--control-policy", file, *TAG, "--exempt-role", "image-admin", "--replay")
    assert found["answer"] == "hole"
    (by_ecs,) = (hole for hole in found["holes"] if hole["request"]["action"] == "ecs:TagResources")
    name = by_ecs["request"]["principal"].rpartition("role/")[2]
    assert name.startswith("image-admin")
    assert name != "image-admin"
    assert by_ecs["replay"] == "ecs:TagResources really passed on a sandbox under these policies"
    assert found["mend"]["proven"]


def test_what_hangs_on_the_client_is_not_replayed(tmp_path: Path) -> None:
    tests = {"IpAddress": {"acs:SourceIp": "0.0.0.0/0"}}
    file = written(
        tmp_path, "guard.json", {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": tests}
    )
    found = data("--control-policy", file, *TAG, "--replay")
    assert found["holes"][0]["replay"].startswith("not replayed: it hangs on names or keys")


def test_policies_of_the_caller_count(vendors: str, tmp_path: Path) -> None:
    own = written(tmp_path, "own.json", {"Effect": "Allow", "Action": "ecs:Run*", "Resource": "*"})
    found = data("--control-policy", vendors, *TAG, "--policy", own)
    assert {hole["request"]["action"] for hole in found["holes"]} == {"ecs:RunInstances"}


def test_levels_above_are_asked_too(vendors: str, fence: tuple[str, ...]) -> None:
    files = [
        word if word.startswith("--") else f"Root={word}" for word in fence[: fence.index("--approved-tag")]
    ]
    found = data(
        "--control-policy", f"Root/Workloads={vendors}", *files, *fence[fence.index("--approved-tag") :]
    )
    assert found["answer"] == "proven"


def test_a_policy_that_cannot_be_parsed_is_not_decided(tmp_path: Path) -> None:
    file = tmp_path / "broken.json"
    file.write_text('{"Version":"1","Statement":[{"Effect":"Deny"}]}')
    ran = prove("--control-policy", str(file), *TAG)
    assert ran.exit_code == 4
    assert "not decided:" in ran.stderr
    assert "broken.json:1:" in ran.stderr


def test_a_time_limit_gives_not_decided(fence: tuple[str, ...]) -> None:
    ran = prove(*fence, "--time-limit", "0.001")
    assert ran.exit_code == 4, ran.output
    assert "the time was up" in ran.stdout


def test_mixed_comparisons_are_not_decided_by_name(tmp_path: Path) -> None:
    tests = {"StringLike": {"acs:SourceIp": "10.*"}, "NotIpAddress": {"acs:SourceIp": "10.0.0.0/8"}}
    file = written(
        tmp_path, "guard.json", {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": tests}
    )
    ran = prove("--control-policy", file, *TAG)
    assert ran.exit_code == 4
    assert "`acs:sourceip` is compared both as text and otherwise" in ran.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--approved-tag", "environment"), "`environment` is no tag"),
        ((*TAG, "--exempt-role", "x=fly"), "`x=fly` is no exempt role"),
        ((*TAG, "--road", "moon"), "no road `moon`"),
        ((*TAG, "--owner-account", "abc"), "`abc` is no account id"),
        ((*TAG, "--control-policy", "/nowhere/x.json"), "cannot read"),
    ],
)
def test_wrong_words_are_wrong_use(vendors: str, arguments: tuple[str, ...], words: str) -> None:
    ran = prove("--control-policy", vendors, *arguments)
    assert ran.exit_code == 2
    assert words in ran.stderr


def test_without_the_extra_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imagefence.cli.prove.find_spec", lambda name: None if name == "z3" else name)
    words = ["--control-policy", str(tmp_path / "none.json"), "--approved-tag", "environment=production"]
    answer = CliRunner().invoke(main, ["prove", *words])
    assert answer.exit_code == 2
    assert "`z3` is not installed" in answer.stderr
    assert "imagefence[prove]" in answer.stderr
