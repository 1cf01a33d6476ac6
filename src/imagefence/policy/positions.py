"""Where things stand in a JSON text: line and column of what a pointer names.

The values themselves are read by the json module; this walks the text once, token by token, and keeps a
tree of offsets, so that its time and space grow with the text whatever its shape.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

# Why: a string is one possessive piece, closed or not, so that no broken text is scanned twice.
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[{}\[\]:,]|[^\s{}\[\]:,"]+', re.DOTALL)
EVERY_LEVEL = 1_000_000


@dataclass(frozen=True, slots=True)
class Place:
    """Offsets of a value and, in an object, of its key."""

    value: int
    key: int


@dataclass(slots=True)
class _Node:
    """A value's place, and the nodes inside by their part of the pointer (not yet escaped)."""

    place: Place
    inside: dict[str, _Node] = field(default_factory=dict)


class Lines:
    """The lines of a text, found once, to tell many offsets by."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def at(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both from 1."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Line and column of one offset, both from 1."""
    before = text[:offset]
    return before.count("\n") + 1, offset - before.rfind("\n")


def escape(part: str) -> str:
    """Writes one part of an RFC 6901 pointer."""
    return part.replace("~", "~0").replace("/", "~1")


def unescape(part: str) -> str:
    """Reads one part of an RFC 6901 pointer."""
    return part.replace("~1", "/").replace("~0", "~")


class Places(Mapping[str, Place]):
    """The place of every value by its pointer; the last one where a key is doubled."""

    def __init__(self, root: _Node) -> None:
        self._root = root

    def __getitem__(self, pointer: str) -> Place:
        node = self._root
        for part in pointer.split("/")[1:]:
            node = node.inside[unescape(part)]
        return node.place

    def __iter__(self) -> Iterator[str]:
        left = [("", self._root)]
        while left:
            pointer, node = left.pop()
            yield pointer
            left += ((f"{pointer}/{escape(part)}", each) for part, each in node.inside.items())

    def __len__(self) -> int:
        return sum(1 for _ in self)


def places(text: str, depth: int = EVERY_LEVEL) -> Places:
    """Finds every value, or those at most `depth` steps from the top."""
    return Places(_walked(text, len(text), depth).root)


def container_at(text: str, offset: int) -> str:
    """The pointer of the innermost object or list that is open at an offset, in a text that may be broken."""
    return _walked(text, offset, 0).pointer(own_name=False)


def doubled_key(text: str) -> tuple[str, int] | None:
    """The pointer and the second place of the first key that an object holds twice."""
    return _walked(text, len(text), EVERY_LEVEL).doubled


def deeper_than(text: str, depth: int) -> int:
    """The offset of the first bracket that opens more than `depth` levels, or -1."""
    level = 0
    for token in TOKEN.finditer(text):
        if token.group() in ("{", "["):
            level += 1
            if level > depth:
                return token.start()
        elif token.group() in ("}", "]"):
            level -= 1
    return -1


def without_space(text: str) -> int:
    """How many characters a text has without the white space between its tokens."""
    return sum(len(token.group()) for token in TOKEN.finditer(text))


def _walked(text: str, end: int, depth: int) -> _Walk:
    walk = _Walk(depth)
    for token in TOKEN.finditer(text, 0, end):
        walk.take(token)
    return walk


@dataclass(slots=True)
class _Open:
    """An object or list that is open: its node where it is kept, and the key or index that comes next."""

    node: _Node | None
    index: int = -1  # -1 in an object
    key: str = ""
    key_at: int = 0
    expects_key: bool = False

    @property
    def part(self) -> str:
        """The part of the pointer of the value that comes next."""
        return self.key if self.index < 0 else str(self.index)


class _Walk:
    """The open containers while the tokens pass by, and the tree of those that are kept."""

    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.root = _Node(Place(0, 0))
        self.open: list[_Open] = []
        self.doubled: tuple[str, int] | None = None

    def pointer(self, *, own_name: bool) -> str:
        """The innermost open container, or the value in it that comes next."""
        outer = self.open if own_name else self.open[:-1]
        return "".join(f"/{escape(each.part)}" for each in outer)

    def take(self, token: re.Match[str]) -> None:
        """Passes one token."""
        text = token.group()
        if text == ":":
            return
        if text == ",":
            self._next()
        elif text in ("}", "]"):
            del self.open[-1:]
        elif self.open and self.open[-1].expects_key:
            self._key(token)
        else:
            self._value(token)

    def _next(self) -> None:
        if self.open and self.open[-1].index >= 0:
            self.open[-1].index += 1
        elif self.open:
            self.open[-1].expects_key = True

    def _key(self, token: re.Match[str]) -> None:
        innermost = self.open[-1]
        innermost.key, innermost.key_at = _string(token.group()), token.start()
        innermost.expects_key = False
        if self.doubled is None and innermost.node and innermost.key in innermost.node.inside:
            self.doubled = self.pointer(own_name=True), token.start()

    def _value(self, token: re.Match[str]) -> None:
        node = self._keep(token.start())
        if token.group() == "{":
            self.open.append(_Open(node, expects_key=True))
        elif token.group() == "[":
            self.open.append(_Open(node, index=0))

    def _keep(self, offset: int) -> _Node | None:
        if not self.open:
            self.root = _Node(Place(offset, offset))
            return self.root
        outer = self.open[-1]
        if outer.node is None or len(self.open) > self.depth:
            return None
        node = _Node(Place(offset, outer.key_at if outer.index < 0 else offset))
        outer.node.inside[outer.part] = node
        return node


def _string(text: str) -> str:
    try:
        return str(json.loads(text, strict=False)) if "\\" in text else text.strip('"')
    except json.JSONDecodeError:
        return text
