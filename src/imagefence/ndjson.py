"""Files of one JSON object a line, as both journals keep them: on the disk before anything goes on."""

from __future__ import annotations

import os
from pathlib import Path


def append(path: Path, line: bytes) -> None:
    """Appends a line and returns once it is on the disk."""
    with path.open("ab") as file:
        file.write(line + b"\n")
        file.flush()
        os.fsync(file.fileno())


def whole_lines(path: Path) -> list[bytes]:
    """Reads the lines; a torn last one, left by a kill, is passed over."""
    whole, _, _torn = path.read_bytes().rpartition(b"\n")
    return whole.splitlines()


def cut_torn_line(path: Path) -> None:
    """Cuts a torn last line off, so that the next one does not grow onto it."""
    if not path.exists():
        return
    text = path.read_bytes()
    whole = text.rfind(b"\n") + 1
    if whole != len(text):
        with path.open("r+b") as file:
            file.truncate(whole)
            os.fsync(file.fileno())
