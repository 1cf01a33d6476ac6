"""The program's frame: its help, its light start, its errors."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner, Result

from imagefence.cli.main import COMMANDS, main
from imagefence.errors import CloudFault, ConfigError, ImagefenceError, PolicySyntaxError, Refusal


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def test_the_help_names_every_command_and_the_exit_codes() -> None:
    result = run("--help")
    assert result.exit_code == 0
    assert all(f"  {name} " in result.output for name in COMMANDS)
    assert "Exit codes" in result.output


def test_the_help_imports_nothing_heavy() -> None:
    program = (
        "import sys\nfrom imagefence.cli.main import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "print(sorted(m for m in sys.modules if m.partition('.')[0] not in sys.stdlib_module_names))"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = answer.stdout.splitlines()[-1]
    assert "imagefence.cli.main" in loaded
    for heavy in ("msgspec", "rich", "uvicorn", "alibabacloud", "yaml", "jinja2", "imagefence.api"):
        assert heavy not in loaded


def test_the_version() -> None:
    assert run("--version").output.startswith("imagefence, version ")


@pytest.mark.parametrize(
    "arguments", [["fly"], ["--fast"], ["sandbox", "up", "--port", "many"], ["sandbox", "down"]]
)
def test_wrong_use_is_told_in_two_lines(arguments: list[str]) -> None:
    result = run(*arguments)
    error, hint = result.output.splitlines()
    assert result.exit_code == 2
    assert error.startswith("error: ")
    assert hint.startswith("help: `imagefence")


@pytest.fixture
def raising(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """Makes `imagefence images` raise what the list holds."""
    what: list[BaseException] = []

    @click.command()
    def command() -> None:
        raise what[0]

    monkeypatch.setattr(main, "get_command", lambda *_: command)
    return what


MISSPELT = PolicySyntaxError(
    "no such key", pointer="/Statement/2/Condition", line=4, column=7, source="p.json"
)
DENIED = CloudFault("Forbidden.RAM", "no", status=403, operation="RunInstances", denied={"AuthAction": "x"})


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (ImagefenceError("it broke", help="mend it"), 1, "error: it broke\nhelp: mend it\n"),
        (Refusal("that would lock you out"), 1, "error: that would lock you out\n"),
        (ConfigError("unknown key", place="fence.yaml:2:3"), 2, "error: fence.yaml:2:3: unknown key\n"),
        (
            MISSPELT,
            2,
            "error: p.json:4:7: Statement[2].Condition: no such key\n",
        ),
        (DENIED, 3, "error: RunInstances: 403 Forbidden.RAM: no\n"),
        (KeyboardInterrupt(), 130, "\nerror: stopped\n"),
    ],
)
def test_errors_are_lines_and_codes(
    raising: list[BaseException], error: BaseException, code: int, text: str
) -> None:
    raising.append(error)
    result = run("images")
    assert (result.exit_code, result.output) == (code, text)


def test_a_mistake_of_ours_is_one_line(raising: list[BaseException], monkeypatch: pytest.MonkeyPatch) -> None:
    raising.append(ZeroDivisionError("oops"))
    result = run("images")
    assert result.exit_code == 1
    assert result.output.startswith("error: internal error: ZeroDivisionError: oops\nhelp: ")
    assert "Traceback" not in result.output
    monkeypatch.setenv("IMAGEFENCE_DEBUG", "1")
    assert "Traceback" in run("images").output
