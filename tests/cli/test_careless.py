"""What a careless or hostile user gives: one clear line, the right exit code, nothing lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from harness import Sandbox
from imagefence.cli.main import main
from imagefence.cloud.endpoints import given_endpoint
from imagefence.cloud.profile import current_profile
from imagefence.errors import ConfigError, InputError
from imagefence.sandbox.serve import hand_over

GOOD = 'version: 1\napproved:\n  tags: { golden: ["yes"] }\n'


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def bytes_of(text: str) -> bytes:
    return text.encode("latin-1")


@pytest.mark.parametrize("command", [["audit"], ["fence", "plan"], ["fix", "plan"]])
@pytest.mark.parametrize(
    ("raw", "place", "what"),
    [
        (bytes_of("version: 1\n# \xe9"), ":2:3", "not UTF-8 text"),
        (bytes_of("version: 1\nfix: \x01"), ":2:6", "the character U+0001 is not allowed"),
        (b"a: " + b"[" * 3000, ":1:1", "nested too deeply"),
    ],
)
def test_a_broken_scope_is_told_at_its_place(
    tmp_path: Path, command: list[str], raw: bytes, place: str, what: str
) -> None:
    path = tmp_path / "fence.yaml"
    path.write_bytes(raw)
    result = run(*command, "--scope", str(path))
    assert result.exit_code == 2
    assert result.output.startswith(f"error: {path}{place}: ")
    assert what in result.output.splitlines()[0]


@pytest.mark.parametrize(
    ("until", "said"),
    [
        ("0001-01-01T00:00:00+14:00", "out of range"),
        ("2026-12-31", "write `2026-12-31T00:00:00Z`"),
    ],
)
def test_a_strange_end_is_told(tmp_path: Path, until: str, said: str) -> None:
    path = tmp_path / "fence.yaml"
    path.write_text(f"{GOOD}exempt: [{{ role: ops, may: [launch], until: {until} }}]\n")
    result = run("audit", "--scope", str(path))
    assert result.exit_code == 2
    assert said in result.output


def test_an_object_for_an_account_id_is_told_plainly(tmp_path: Path) -> None:
    path = tmp_path / "fence.yaml"
    path.write_text(f"{GOOD}  owner_accounts: [{{ a: b }}]\n")
    assert run("audit", "--scope", str(path)).output.endswith("owner_accounts[0]: expected a text\n")


@pytest.mark.parametrize(
    "text", ["not a host", "ftp://x", "127.0.0.1:99999", "127.0.0.1:abc", "http://x/path", "a\r\nb", ":80"]
)
def test_what_is_no_endpoint_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is no endpoint"):
        given_endpoint(text)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"current": "a", "profiles": [null, {"name": "a"}]}'])
def test_a_broken_profile_file_is_told_at_its_place(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.json"
    path.write_text(text)
    with pytest.raises(ConfigError, match="config"):
        current_profile(path=path)


@pytest.mark.parametrize("arguments", [["show", ""], ["tag", " ", "a=b"], ["untag", "", "a"]])
def test_an_empty_image_id_is_no_image(arguments: list[str]) -> None:
    result = run("images", *arguments)
    assert result.exit_code == 2
    assert "the image's id is empty" in result.output


def test_a_misspelt_command_gets_its_near_match() -> None:
    assert run("imges").output.startswith("error: no such command 'imges'. Did you mean 'images'?\n")


@pytest.mark.parametrize("arguments", [[], ["fence"]])
def test_no_command_shows_the_help_as_help(arguments: list[str]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.output.startswith("Usage: imagefence ")


def test_a_full_disk_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    def command() -> None:
        raise OSError(28, "No space left on device", "plan.json")

    monkeypatch.setattr(main, "get_command", lambda *_: command)
    result = run("images")
    assert result.exit_code == 1
    assert result.output.startswith("error: plan.json: no space left on device\nhelp: ")


def test_a_terminal_without_unicode_gets_the_whole_answer() -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    program = (
        "from imagefence.cli.main import write_what_can_be_written\n"
        "write_what_can_be_written()\nprint('a \\xb7 b')"
    )
    answer = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True)
    assert answer.stdout == b"a ? b\n"


def test_fmt_leaves_the_policy_whole_where_it_cannot_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "p.json"
    text = '{"Version":"1","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}'
    path.write_text(text)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    result = run("policy", "fmt", str(path))
    assert (result.exit_code, path.read_text()) == (2, text)
    assert list(tmp_path.iterdir()) == [path]


def test_a_pipe_is_written_to_and_never_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "ready"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    hand_over(pipe, {"endpoint": "127.0.0.1:1"})
    assert json.loads(os.read(reader, 10_000))["endpoint"] == "127.0.0.1:1"
    os.close(reader)
    assert pipe.is_fifo()


def test_a_ready_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="can't write"):
        hand_over(tmp_path / "none" / "ready.json", {"endpoint": "127.0.0.1:1"})


def leaves(command: click.Command, path: tuple[str, ...]) -> list[tuple[str, str]]:
    """Every command's path and help."""
    if not isinstance(command, click.Group):
        return [(" ".join(path), command.help or "")]
    context = click.Context(command)
    found = ((name, command.get_command(context, name)) for name in command.list_commands(context))
    return [leaf for name, child in found if child for leaf in leaves(child, (*path, name))]


@pytest.mark.parametrize(("path", "text"), leaves(main, ("imagefence",)))
def test_every_command_teaches_with_an_example(path: str, text: str) -> None:
    assert path in text


def test_a_failing_credential_program_leaves_no_traceback(tmp_path: Path) -> None:
    config = tmp_path / ".aliyun" / "config.json"
    config.parent.mkdir()
    config.write_text(
        '{"current": "a", "profiles": [{"name": "a", "mode": "External", "process_command": "false"}]}'
    )
    environment = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    command = [sys.executable, "-m", "imagefence.cli.main", "images", "list"]
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert answer.returncode != 0
    assert answer.stderr.startswith("error: ")
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize("command", [["images", "list"], ["launch", "--image-tag", "a=b", "--latest"]])
def test_a_misspelt_region_gets_its_near_match(sandbox: Sandbox, command: list[str]) -> None:
    result = CliRunner().invoke(main, [*command, "--region", "cn-hangzou"], env=sandbox.environment())
    assert (result.exit_code, "did you mean `cn-hangzhou`?" in result.output) == (2, True)


def test_a_comma_alone_is_no_region(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "fence.yaml"
    path.write_text(GOOD)
    arguments = ["audit", "--scope", str(path), "--region", ","]
    result = CliRunner().invoke(main, arguments, env=sandbox.environment())
    assert (result.exit_code, result.output.splitlines()[0]) == (2, "error: `,` names no region")


POLICY = '{"Version":"1","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}'
NOBODY = (
    "--principal",
    "acs:ram::1:user/d",
    "--action",
    "ecs:DeleteImage",
    "--policy",
    "AdministratorAccess",
)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", ":1:1: not JSON: the text is empty"),
        (b"\xef\xbb\xbf{}", ":1:1: not JSON: it begins with a byte order mark"),
        (b'{"Version":"1\0"}', ":1:14: not JSON: invalid control character"),
        (b'{"Version": "1', ":1:13: not JSON: unterminated string"),
        (b'{\n"Version":"1\xe9"}', ":2:13: not UTF-8 text: byte 0xe9"),
    ],
)
def test_a_broken_policy_is_told_at_its_place(tmp_path: Path, raw: bytes, said: str) -> None:
    path = tmp_path / "p.json"
    path.write_bytes(raw)
    result = run("simulate", *NOBODY, "--control-policy", str(path))
    assert result.exit_code == 2
    assert result.output.splitlines()[0] == f"error: {path}{said}"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"{bad", ":1: not JSON: object keys must be strings (byte 1)"),
        (b'{"action"', ":1: not JSON: it ends too early"),
        (b'{"id":"\xff"}', ":1: not UTF-8 text: byte 0xff"),
        (b"[]", ":1: expected `object`, got `array`"),
    ],
)
def test_a_broken_line_is_told_in_our_words(tmp_path: Path, raw: bytes, said: str) -> None:
    path = tmp_path / "requests.ndjson"
    path.write_bytes(raw)
    result = run("simulate", *NOBODY, "--requests", str(path))
    assert result.exit_code == 1
    assert result.output.startswith(f"{path}{said} (docs/explain.md")


def test_requests_that_windows_wrote_are_read(tmp_path: Path) -> None:
    path = tmp_path / "requests.ndjson"
    path.write_bytes(b'\xef\xbb\xbf{"resources":["acs:ecs:cn-hangzhou:1:image/m-1"]}\r\n\r\n')
    result = run("simulate", *NOBODY, "--requests", str(path))
    assert (result.exit_code, json.loads(result.stdout)["verdict"]) == (0, "Allow")


def test_a_folder_of_requests_is_no_file(tmp_path: Path) -> None:
    result = run("simulate", *NOBODY, "--requests", str(tmp_path))
    assert (result.exit_code, result.output) == (2, f"error: cannot read `{tmp_path}`: is a directory\n")


@pytest.mark.parametrize(
    "arguments",
    [["diff", "-", "-"], ["fmt", "-", "-"], ["lint", "-", "-"], ["diff", "-", "a", "--beside", "-"]],
)
def test_the_standard_input_is_read_once(arguments: list[str]) -> None:
    result = CliRunner().invoke(main, ["policy", *arguments], input=POLICY)
    assert result.exit_code == 2
    assert result.output.startswith("error: `-` is given twice")


def test_a_closed_standard_input_is_told() -> None:
    command = [sys.executable, "-m", "imagefence.cli.main", "policy", "fmt", "-"]
    answer = subprocess.run(["sh", "-c", '"$@" <&-', "sh", *command], capture_output=True, check=False)
    assert (answer.returncode, answer.stderr) == (2, b"error: the standard input is closed\n")


@pytest.mark.parametrize("resource", ["\x1b[31m", "acs:ecs:cn-hangzhou:1:image/\nm-1"])
def test_what_a_terminal_would_act_on_is_refused_and_shown_escaped(resource: str) -> None:
    result = run("simulate", *NOBODY, "--resource", resource)
    assert result.exit_code == 2
    assert result.output.splitlines()[0].endswith("` names no resource")
    assert "\x1b" not in result.output


def test_a_reading_that_does_not_exist_is_told_with_those_that_do() -> None:
    result = run("simulate", *NOBODY, "--resource", "acs:ecs:cn-hangzhou:1:image/m-1", "--reading", "nope=x")
    assert result.exit_code == 2
    assert "negated-absent, several-values" in result.output


@pytest.mark.parametrize("command", [["fmt"], ["lint", "--fix"]])
def test_a_read_only_policy_is_left_alone(
    tmp_path: Path, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "p.json"
    text = POLICY.replace('"1"', "1") if command[0] == "lint" else POLICY
    path.write_text(text)
    # Why: the tests may run as root, whom no rights stop.
    monkeypatch.setattr(os, "access", lambda *_: False)
    result = run("policy", *command, str(path))
    assert (result.exit_code, path.read_text()) == (2, text)
    assert result.output == f"error: cannot write `{path}`: permission denied\n"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_why_reads_what_a_windows_shell_saved(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "error.txt"
    path.write_text(
        "HTTP Status: 403 Error:Forbidden.RAM User not authorized RequestID: A", encoding=encoding
    )
    result = run("why", "--file", str(path), "--offline", "--json")
    assert (result.exit_code, json.loads(result.stdout)["code"]) == (0, "Forbidden.RAM")


def test_a_text_of_ten_megabytes_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    path.write_text(POLICY.replace('"*"', f'"{"a" * 10_000_000}"', 1))
    assert "10000" in run("policy", "lint", str(path)).output
    result = run("policy", "lint", "--attachments", str(path))
    assert result.exit_code == 2
    assert result.output.startswith(f"error: {path}: the text has 1000")
