"""Where things stand in a JSON text: line and column of what a pointer names.

The values themselves are read by the json module; this walks the text only to find places.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Place:
    """Offsets of a value and, in an object, of its key."""

    value: int
    key: int


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Both from 1."""
    before = text[:offset]
    return before.count("\n") + 1, offset - before.rfind("\n")


def escape(part: str) -> str:
    """Writes one part of an RFC 6901 pointer."""
    return part.replace("~", "~0").replace("/", "~1")


def places(text: str) -> dict[str, Place]:
    """The place of every value by its pointer; the last one where a key is doubled."""
    found = {"": Place(0, 0)}
    for pointer, place in _walk(text, len(text)):
        found[pointer] = place
    return found


def container_at(text: str, offset: int) -> str:
    """The pointer of the innermost object or list that is open at an offset, in a text that may be broken."""
    innermost = _Walk()
    for token in _tokens(text, offset):
        innermost.take(token)
    return innermost.pointer()


def doubled_key(text: str) -> tuple[str, Place] | None:
    """The pointer and second place of the first key that an object holds twice."""
    seen: set[str] = set()
    for pointer, place in _walk(text, len(text)):
        if pointer in seen:
            return pointer, place
        seen.add(pointer)
    return None


def _walk(text: str, end: int) -> Iterator[tuple[str, Place]]:
    walk = _Walk()
    for token in _tokens(text, end):
        found = walk.take(token)
        if found is not None:
            yield found


def _tokens(text: str, end: int) -> Iterator[re.Match[str]]:
    position = 0
    while (token := TOKEN.search(text, position, end)) is not None:
        yield token
        position = token.end()


class _Walk:
    """The open containers while the tokens pass by; a list is counted, an object remembers its key."""

    def __init__(self) -> None:
        self.parts: list[str | int] = []
        self.key_at = 0
        self.expects_key: list[bool] = []

    def pointer(self) -> str:
        """The innermost open container."""
        return "".join(f"/{part}" for part in self.parts[:-1])

    def take(self, token: re.Match[str]) -> tuple[str, Place] | None:
        """Passes one token; the pointer and place of the value that begins with it, if one does."""
        text = token.group()
        if text == ":":
            return None
        if text == ",":
            self._next()
            return None
        if text in ("}", "]"):
            self._close()
            return None
        if self.expects_key and self.expects_key[-1]:
            self._key(token)
            return None
        return self._value(token)

    def _next(self) -> None:
        if self.parts and isinstance(self.parts[-1], int):
            self.parts[-1] += 1
        elif self.expects_key:
            self.expects_key[-1] = True

    def _close(self) -> None:
        if self.parts:
            self.parts.pop()
            self.expects_key.pop()

    def _key(self, token: re.Match[str]) -> None:
        try:
            name = str(json.loads(token.group(), strict=False))
        except json.JSONDecodeError:
            name = token.group()
        self.parts[-1] = escape(name)
        self.key_at = token.start()
        self.expects_key[-1] = False

    def _value(self, token: re.Match[str]) -> tuple[str, Place]:
        pointer = "".join(f"/{part}" for part in self.parts)
        in_object = bool(self.parts) and isinstance(self.parts[-1], str)
        place = Place(token.start(), self.key_at if in_object else token.start())
        if token.group() in ("{", "["):
            self.parts.append("" if token.group() == "{" else 0)
            self.expects_key.append(token.group() == "{")
        return pointer, place
