"""The rules of the house, held by tests rather than by memory."""

from __future__ import annotations

import ast
import re
import runpy
import subprocess
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from imagefence.api.registry import OPERATIONS
from imagefence.cli.main import COMMANDS, main
from imagefence.sandbox.app import application  # noqa: F401 - binds every behaviour
from imagefence.sandbox.call import PERFORMS

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))


def tracked_files() -> list[Path]:
    """Every file that a commit would hold."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name]


def test_import_contracts_hold() -> None:
    answer = subprocess.run(
        [ROOT / ".venv/bin/lint-imports"], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert answer.returncode == 0, answer.stdout


def test_every_operation_behaves_and_names_its_page() -> None:
    for (version, name), operation in OPERATIONS.items():
        assert operation in PERFORMS, f"{version} {name} is declared but the sandbox does not perform it"
        assert operation.doc, f"{version} {name} names no documentation page"


def test_generated_pages_are_up_to_date() -> None:
    pages = runpy.run_path(str(ROOT / "docs/generate.py"))["PAGES"]
    stale = [page for page, text in pages.items() if (ROOT / "docs" / page).read_text() != text()]
    assert {"commands.md", "operations.md", "differences.md", "lint.md", "corpus.md"} <= set(pages)
    assert not stale, "run `make docs`"


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_teaches(command: str) -> None:
    answer = CliRunner().invoke(main, [command, "--help"])
    assert answer.exit_code == 0, answer.output
    assert "imagefence " + command in answer.output, "the help shows no example"


def test_every_dependency_is_argued_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"] + [d for ds in project["optional-dependencies"].values() for d in ds]
    page = (ROOT / "docs/dependencies.md").read_text()
    for requirement in wanted:
        name = re.split(r"[\[>=<;~! ]", requirement)[0]
        assert name in page or name.removeprefix("alibabacloud") in page, name


def test_functions_and_files_keep_to_the_budget() -> None:
    for source in SOURCES:
        text = source.read_text()
        assert text.count("\n") <= 400, f"{source} is longer than 400 lines"
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                length = (node.end_lineno or 0) - node.lineno + 1
                assert length <= 80, f"{source}:{node.lineno} {node.name} has {length} lines"


def test_no_machine_and_no_registry_is_named() -> None:
    registry = re.compile(r"https?://(?:[\w.-]*pypi|files\.pythonhosted|registry\.npm|[\w.-]*debian)[\w./-]*")
    place = re.compile(r"(?<![\w.])/(?:work|root|home)/\w")
    for path in tracked_files():
        if path.suffix in {".png", ".gz"} or not path.exists() or path == Path(__file__):
            continue
        text = path.read_text()
        assert not registry.search(text), f"{path} names a package registry"
        assert not place.search(text), f"{path} names a place on one machine"


def test_relative_links_of_the_docs_lead_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
