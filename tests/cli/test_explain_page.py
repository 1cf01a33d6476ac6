"""docs/explain.md: every command on it prints what the page says, on the files that the page shows."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from imagefence.cli.main import main

PAGE = Path(__file__).resolve().parents[2] / "docs" / "explain.md"
FILE = re.compile(r"^`([\w.-]+)`:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RUN = re.compile(r"^```console\n\$ imagefence (.*?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def outputs(folder: Path) -> list[tuple[str, str, str]]:
    """Each command of the page, what the page shows, and what it prints."""
    text = PAGE.read_text()
    for name, content in FILE.findall(text):
        (folder / name).write_text(content)
    return [
        (command, shown, CliRunner().invoke(main, shlex.split(command)).output)
        for command, shown in RUN.findall(text)
    ]


def test_the_page_shows_what_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = outputs(tmp_path)
    assert len(found) == 5
    for command, shown, printed in found:
        assert printed == shown, command
