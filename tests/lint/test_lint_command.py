"""`imagefence policy lint`: what it reads, prints, mends, and answers with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from imagefence.cli.main import main
from imagefence.lint.rules import RULES

IDLE = (
    '{"Version": "1", "Statement": [\n'
    ' {"Effect": "Deny", "Action": ["oss:*", "oss:Get*"], "Resource": "*"}\n]}\n'
)
MENDED = IDLE.replace(', "oss:Get*"', "")
BROKEN = '{"Version": "1", "Statement": [\n {"Effect": "Dny", "Action": "oss:*", "Resource": "*"}\n]}\n'
TRUST = (
    '{"Version": "1", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", '
    '"Principal": {"RAM": "acs:ram::1000000000000001:root"}}]}'
)


def run(*arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(main, ["policy", "lint", *arguments], input=text)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deep").mkdir()
    (tmp_path / "idle.json").write_text(IDLE)
    (tmp_path / "deep" / "broken.json").write_text(BROKEN)
    (tmp_path / "notes.txt").write_text("not a policy")
    return tmp_path


def test_text_has_the_line_with_a_caret(folder: Path) -> None:
    result = run("idle.json")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "idle.json:2:41: note: `oss:Get*` is covered by `oss:*` already [redundant]",
        '    2 |  {"Effect": "Deny", "Action": ["oss:*", "oss:Get*"], "Resource": "*"}',
        f"      | {' ' * 40}{'^' * 10}",
        "0 errors, 1 other remark; --fix mends 1",
    ]
    assert len(run("idle.json", "--concise").stdout.splitlines()) == 2


def test_a_long_line_is_shown_around_its_remark(tmp_path: Path) -> None:
    names = ", ".join(f'"acs:oss:*:*:bucket-{number}/*"' for number in range(40))
    text = f'{{"Version": "1", "Statement": [{{"Effect": "Deny", "Resource": [{names}], "Action": "e*"}}]}}'
    (tmp_path / "long.json").write_text(text)
    shown = run(str(tmp_path / "long.json")).stdout.splitlines()
    at = shown[2].index("^")
    assert shown[1][at : at + 4] == '"e*"'
    assert shown[2].split() == ["|", "^^^^"]
    assert len(shown[1]) < 110


def test_folders_are_read_in_order(folder: Path) -> None:
    result = run(".", "--json")
    assert result.exit_code == 3
    found = json.loads(result.stdout)
    assert [each["file"] for each in found] == ["deep/broken.json", "idle.json"]
    remark = found[0]["remarks"][0]
    assert (remark["rule"], remark["code"], remark["line"], remark["column"]) == ("syntax", "IF001", 2, 13)
    assert remark["page"] == "docs/lint.md#if001-syntax"
    assert found[1]["remarks"][0]["fixable"] is True
    (folder / "empty").mkdir()
    assert run("empty").exit_code == 2


def test_what_counts_as_failing(folder: Path) -> None:
    assert run("idle.json", "--fail-on", "note").exit_code == 3
    assert run("idle.json", "--fail-on", "warning").exit_code == 0
    assert run("deep/broken.json").exit_code == 3


def test_rules_are_selected_and_ignored(folder: Path) -> None:
    assert "0 errors, 0 other remarks" in run("idle.json", "--ignore", "IF206").stdout
    assert "0 errors, 0 other remarks" in run("idle.json", "--select", "IF3").stdout
    assert "[redundant]" in run("idle.json", "--select", "redundant").stdout
    wrong = run("idle.json", "--select", "redundent")
    assert wrong.exit_code == 2
    assert wrong.stderr.startswith("error: no rule `redundent`")


def test_standard_input_and_the_kind_of_a_policy(folder: Path) -> None:
    assert "[wide-trust]" in run("-", text=TRUST).stdout
    assert "[syntax]" in run("-", "--kind", "identity", text=TRUST).stdout
    assert "standard input:1:1: error" in run("-", text="").stdout


def test_bytes_that_are_no_text_are_told_at_their_place(folder: Path) -> None:
    (folder / "latin.json").write_bytes('{"Version": "1",\n "Größe'.encode("latin-1"))
    result = run("latin.json")
    assert result.exit_code == 3
    assert "latin.json:2:5: error: not UTF-8 text: byte 0xf6 [syntax]" in result.stdout
    assert "Traceback" not in result.output
    assert run("latin.json", "--fix").exit_code == 3
    assert (folder / "latin.json").read_bytes().endswith("Größe".encode("latin-1"))


def test_fix_writes_what_diff_shows(folder: Path) -> None:
    shown = run("idle.json", "--diff")
    assert shown.exit_code == 3
    assert '-{"Effect"' in shown.stdout.replace("- {", "-{")
    assert (folder / "idle.json").read_text() == IDLE
    written = run("idle.json", "--fix")
    assert written.exit_code == 0
    assert "mended idle.json" in written.stderr
    assert (folder / "idle.json").read_text() == MENDED
    again = run("idle.json", "--diff")
    assert (again.exit_code, again.stdout) == (0, "")
    assert run("idle.json", "--fix").stderr == ""


def test_fix_of_the_standard_input_goes_to_the_output(folder: Path) -> None:
    result = run("-", "--fix", text=IDLE)
    assert result.stdout == MENDED
    assert "0 errors, 0 other remarks" in result.stderr


def test_fix_leaves_what_is_not_selected_and_what_is_not_certain(folder: Path) -> None:
    run("idle.json", "--fix", "--ignore", "redundant")
    assert (folder / "idle.json").read_text() == IDLE
    result = run("deep/broken.json", "--fix")
    assert result.exit_code == 3
    assert (folder / "deep" / "broken.json").read_text() == BROKEN


def test_sarif_of_several_files(folder: Path) -> None:
    result = run("idle.json", "deep", "--sarif")
    assert result.exit_code == 3
    found = json.loads(result.stdout)["runs"][0]["results"]
    assert [each["ruleId"] for each in found] == ["IF206", "IF001"]


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_explained(rule: str) -> None:
    result = run("--explain", rule)
    assert result.exit_code == 0
    assert result.stdout.startswith(f"{RULES[rule].code} {rule} (")
    assert "Bad (" in result.stdout
    assert "Good:" in result.stdout


def test_rules_are_listed() -> None:
    lines = run("--list-rules").stdout.splitlines()
    assert len(lines) == len(RULES)
    data = json.loads(run("--list-rules", "--json").stdout)
    assert {each["rule"] for each in data} == set(RULES)
    assert all(each["bad"] and each["good"] and each["source"] for each in data)
    assert run("--explain", "no-such-rule").exit_code == 2


def test_nothing_to_lint_is_wrong_use() -> None:
    for arguments in ([], ["--fix"], ["no-such.json"]):
        result = run(*arguments)
        assert result.exit_code == 2
        assert result.stderr.startswith("error: ")


def test_what_is_left_after_a_fix_is_told_in_the_form_asked_for(folder: Path) -> None:
    result = run("idle.json", "deep", "--fix", "--json")
    assert result.exit_code == 3
    assert [len(each["remarks"]) for each in json.loads(result.stdout)] == [0, 1]
    both = run("idle.json", "--json", "--sarif")
    assert both.exit_code == 2
    assert "exclude each other" in both.stderr


def test_what_cannot_be_seen_stays_out_of_the_terminal(folder: Path) -> None:
    action = "ecs:\x1b[31m\u202eRun" + "x" * 2000
    (folder / "odd.json").write_text(
        json.dumps(
            {"Version": "1", "Statement": [{"Effect": "Deny", "Action": action, "Resource": "*"}]},
            ensure_ascii=False,
        ).replace("\\u001b", "\x7f")
    )
    result = run("odd.json")
    assert "no operation" in result.stdout
    assert all(line.isprintable() for line in result.stdout.splitlines())
    assert max(map(len, result.stdout.splitlines())) < 600
