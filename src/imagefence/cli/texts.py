"""Texts in files: read with a clear error, and put in place whole or not at all."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from imagefence.errors import InputError


def replace_text(path: Path, text: str) -> None:
    """Puts a text in a file's place, whole or not at all."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        unfinished.write_text(text, encoding="utf-8")
        unfinished.chmod(path.stat().st_mode)
        unfinished.replace(path.resolve())
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise InputError(f"cannot write `{path}`: {(error.strerror or str(error)).lower()}") from error


def read_text(file: str) -> str:
    """The text of a file, or of the standard input for `-`."""
    try:
        if file == "-":
            return sys.stdin.read()
        return Path(file).read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot read `{file}`: {(error.strerror or str(error)).lower()}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"`{file}` is not UTF-8 text", help="save the policy as UTF-8") from error


def write_text(path: Path, text: str) -> None:
    """Writes a file anew; raises InputError where it can't be."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot write `{path}`: {(error.strerror or str(error)).lower()}") from error
