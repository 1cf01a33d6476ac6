"""`imagefence policy fmt`: one form, by the command as a user runs it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from imagefence.cli.main import main

Run = Callable[..., Result]
LOOSE = '{"Statement":[{"Resource":"*","Action":["ecs:RunInstances"],"Effect":"Deny"}],"Version":"1"}'
CANONICAL = """{
  "Version": "1",
  "Statement": [
    {
      "Effect": "Deny",
      "Action": "ecs:RunInstances",
      "Resource": "*"
    }
  ]
}
"""
CORPUS = Path(__file__).parents[1] / "cases" / "corpus.ndjson"


def fmt(*args: str | Path, text: str | None = None) -> Result:
    return CliRunner().invoke(main, ["policy", "fmt", *map(str, args)], input=text)


@pytest.fixture
def loose(tmp_path: Path) -> Path:
    file = tmp_path / "guard.json"
    file.write_text(LOOSE)
    return file


def test_writes_the_canonical_form_once(loose: Path) -> None:
    first = fmt(loose)
    assert (first.exit_code, first.stderr) == (0, f"wrote {loose}\n")
    assert loose.read_text() == CANONICAL
    again = fmt(loose)
    assert (again.exit_code, again.output) == (0, "")
    assert loose.read_text() == CANONICAL


def test_prints_instead_of_writing(loose: Path) -> None:
    assert fmt(loose, "--stdout").output == CANONICAL
    compact = '{"Version":"1","Statement":[{"Effect":"Deny","Action":"ecs:RunInstances","Resource":"*"}]}\n'
    assert fmt(loose, "--stdout", "--compact").output == compact
    assert loose.read_text() == LOOSE
    assert fmt("-", text=LOOSE).output == CANONICAL


def test_check_and_diff_touch_nothing(loose: Path, tmp_path: Path) -> None:
    good = tmp_path / "good.json"
    good.write_text(CANONICAL)
    checked = fmt(loose, good, "--check")
    assert (checked.exit_code, checked.stderr) == (3, f"not formatted: {loose}\n")
    assert fmt(good, "--check").exit_code == 0
    shown = fmt(loose, good, "--diff")
    assert shown.exit_code == 0
    assert shown.output.count("@@") == 2
    assert f"-{LOOSE}\n\\ No newline at end of file\n+{{\n" in shown.output
    assert fmt(loose, "--diff", "--check").exit_code == 3
    assert loose.read_text() == LOOSE


def test_no_file_is_touched_when_one_is_broken(loose: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text('{"Version": "1",\n "Statement": [{"Effect": "Alow"}]}')
    result = fmt(loose, broken)
    assert result.exit_code == 2
    assert f"{broken}:2:27: Statement[0].Effect" in result.stderr
    assert loose.read_text() == LOOSE


def test_kind_is_seen_from_the_text() -> None:
    trust = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":%s}]}'
    named = fmt("-", text=trust % '{"Service":["ecs.aliyuncs.com"]}')
    assert named.exit_code == 0
    assert '"ecs.aliyuncs.com"' in named.output
    assert "Statement[0].Principal.RAM" in fmt("-", text=trust % '{"RAM":["1"]}').stderr
    refused = fmt("-", "--kind", "identity", text=trust % '{"Service":["ecs.aliyuncs.com"]}')
    assert refused.exit_code == 2
    assert "standard input:1:" in refused.stderr


def test_what_only_saving_forbids_is_formatted() -> None:
    long = {"Effect": "Deny", "Action": [f"ecs:Operation{n}" for n in range(900)], "NotResource": "acs:ecs:*"}
    result = fmt("-", text="\ufeff" + json.dumps({"Version": "1", "Statement": long}))
    assert result.exit_code == 0
    assert json.loads(result.output) == {"Version": "1", "Statement": [long]}


def test_published_policies_are_formatted_once_and_for_all(tmp_path: Path) -> None:
    files = []
    for line in CORPUS.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        if "refused" not in case:
            files.append(tmp_path / f"{case['id']}.json")
            files[-1].write_text(json.dumps(case["document"], ensure_ascii=False), encoding="utf-8")
    assert fmt(*files).exit_code == 0
    checked = fmt(*files, "--check")
    assert (checked.exit_code, checked.output) == (0, "")
