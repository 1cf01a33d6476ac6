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
from imagefence.sandbox.birth import fresh_world
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
    hand_over(pipe, fresh_world(1, 1), "127.0.0.1:1")
    assert json.loads(os.read(reader, 10_000))["endpoint"] == "127.0.0.1:1"
    os.close(reader)
    assert pipe.is_fifo()


def test_a_ready_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="can't write"):
        hand_over(tmp_path / "none" / "ready.json", fresh_world(1, 1), "127.0.0.1:1")


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
