"""What `imagefence policy lint` reads: files, folders, standard input; and the kind of each policy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from imagefence.cli.texts import STDIN, place_in, read_bytes, read_once
from imagefence.errors import InputError
from imagefence.lint.remark import Remark, Severity
from imagefence.policy.document import PolicyKind

AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Source:
    """A text by its name; `broken` says that it is no text at all, and `path` where a mend is written to."""

    name: str
    text: str
    path: Path | None = None
    broken: Remark | None = None


def sources(files: tuple[str, ...]) -> Iterator[Source]:
    """Reads all files, and each `.json` file below a folder; raises InputError for what can't be read."""
    read_once(files)
    for file in files:
        if file == "-":
            yield decoded(STDIN, read_bytes(file), None)
        elif Path(file).is_dir():
            yield from _folder(Path(file))
        else:
            yield _file(Path(file))


def _folder(folder: Path) -> Iterator[Source]:
    found = sorted(path for path in folder.rglob("*.json") if path.is_file())
    if not found:
        raise InputError(f"no `.json` file is in `{folder}`", help="name the policy files one by one")
    for path in found:
        yield _file(path)


def _file(path: Path) -> Source:
    return decoded(str(path), read_bytes(str(path)), path)


def decoded(name: str, data: bytes, path: Path | None) -> Source:
    """The text of bytes; bytes that are no UTF-8 make a remark at their line and column."""
    try:
        return Source(name, data.decode("utf-8"), path)
    except UnicodeDecodeError as error:
        line, column = place_in(data, error.start)
        message = f"not UTF-8 text: byte 0x{data[error.start]:02x}"
        help_text = "save the policy as UTF-8"
        broken = Remark("syntax", Severity.ERROR, "", message, help_text, line, column, line, column + 1)
        return Source(name, data.decode("utf-8", errors="replace"), path, broken)


def kind_of(text: str, asked: str) -> PolicyKind:
    """The kind asked for; for `auto` a trust policy where there is a Principal, else a control policy."""
    if asked != AUTO:
        return PolicyKind(asked)
    try:
        data = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return PolicyKind.CONTROL
    statements = data.get("Statement") if isinstance(data, dict) else None
    listed = statements if isinstance(statements, list) else [statements]
    trusts = any(isinstance(each, dict) and "Principal" in each for each in listed)
    return PolicyKind.TRUST if trusts else PolicyKind.CONTROL
