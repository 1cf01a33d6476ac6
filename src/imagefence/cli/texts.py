"""Texts in files: read with a clear error, and put in place whole or not at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from imagefence.errors import InputError

STDIN = "standard input"


def replace_text(path: Path, text: str) -> None:
    """Puts a text in a file's place, whole or not at all."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    # Why: a folder's rights alone would let a read-only file be replaced.
    if not os.access(path, os.W_OK):
        raise InputError(f"cannot write `{path}`: permission denied")
    try:
        unfinished.write_text(text, encoding="utf-8")
        unfinished.chmod(path.stat().st_mode)
        unfinished.replace(path.resolve())
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise InputError(f"cannot write `{path}`: {(error.strerror or str(error)).lower()}") from error


def read_text(file: str) -> str:
    """The text of a file, or of the standard input for `-`, its lines ended by line feeds alone."""
    data, name = read_bytes(file), STDIN if file == "-" else file
    try:
        return data.decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line, column = place_in(data, error.start)
        message = f"{name}:{line}:{column}: not UTF-8 text: byte 0x{data[error.start]:02x}"
        raise InputError(message, help="save it as UTF-8") from None


def read_bytes(file: str) -> bytes:
    """The bytes of a file, or of the standard input for `-`."""
    try:
        return standard_input().read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise unreadable(file, error) from error


def standard_input() -> BinaryIO:
    """The standard input's bytes."""
    # Why: Python has no such stream where the shell has closed it (`<&-`).
    if sys.stdin is None:
        raise InputError("the standard input is closed")
    return sys.stdin.buffer


def unreadable(file: object, error: OSError) -> InputError:
    """Says that a file can't be read, and why."""
    return InputError(f"cannot read `{file}`: {(error.strerror or str(error)).lower()}")


def place_in(data: bytes, offset: int) -> tuple[int, int]:
    """The line and column, both from 1, of the first byte that is not UTF-8."""
    before = data[:offset].decode("utf-8")
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def read_once(files: Iterable[str | None]) -> None:
    """Raises InputError where the standard input is to be read twice."""
    if sum(file == "-" for file in files) > 1:
        raise InputError("`-` is given twice, and the standard input can be read once", help="name a file")


def decoding_fault(error: Exception) -> str:
    """What is wrong with a JSON text, in the words of our own errors."""
    if isinstance(error, RecursionError):
        return "nested too deeply"
    if isinstance(error, UnicodeDecodeError):
        return f"not UTF-8 text: byte 0x{error.object[error.start]:02x}"
    text = str(error).replace("JSON is malformed", "not JSON")
    text = text.replace("Input data was truncated", "not JSON: it ends too early")
    return text[:1].lower() + text[1:]


def write_text(path: Path, text: str) -> None:
    """Writes a file anew; raises InputError where it can't be."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot write `{path}`: {(error.strerror or str(error)).lower()}") from error
