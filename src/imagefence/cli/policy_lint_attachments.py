"""`imagefence policy lint --attachments`: what hangs where, read from a file or from a cloud."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from imagefence.cli.options import Options
from imagefence.cli.options import open as open_cloud
from imagefence.cli.texts import read_text
from imagefence.errors import InputError
from imagefence.lint.arrangement_file import read_arrangement
from imagefence.lint.attachments import Placed, arrangement_remarks, document_remarks
from imagefence.lint.sarif import Linted

Found = tuple[list[Linted], tuple[str, ...]]


def lint_arrangement(where: str, options: Options, rules: frozenset[str]) -> Found:
    """Lints what hangs where, in a file or (without one) in the cloud; and tells what could not be read."""
    if where:
        return lint_file(where, rules), ()
    # Why: the vendor's client takes half a second to import; linting files goes without it.
    from imagefence.cli.policy_lint_cloud import read_cloud  # noqa: PLC0415

    arrangement, gaps = read_cloud(open_cloud(options))
    found = [*by_holder(arrangement_remarks(arrangement)), *document_remarks(arrangement)]
    return [narrowed(each, rules) for each in found], gaps


def lint_file(file: str, rules: frozenset[str]) -> list[Linted]:
    """Lints the nodes, identities and policies of a file."""
    text = read_text(file)
    folder = Path(file).parent
    arrangement = read_arrangement(text, file, lambda name: read_text(str(folder / name)))
    if not arrangement.holders:
        raise InputError(f"`{file}` names no node and no identity", help="give nodes, users, groups or roles")
    own = tuple(placed.remark for placed in arrangement_remarks(arrangement))
    found = [Linted(file, text, own), *document_remarks(arrangement)]
    return [narrowed(each, rules) for each in found]


def by_holder(placed: Iterable[Placed]) -> list[Linted]:
    """Remarks on what is in no file, by the holder that they are about."""
    found: dict[str, list[Placed]] = {}
    for each in placed:
        found.setdefault(each.holder, []).append(each)
    return [Linted(name, None, tuple(each.remark for each in about)) for name, about in found.items()]


def narrowed(linted: Linted, rules: frozenset[str]) -> Linted:
    """The remarks of the rules that are asked for."""
    return Linted(linted.source, linted.text, tuple(each for each in linted.remarks if each.rule in rules))
