"""Where a finding stands in the text: the line and column of its element, and where that ends."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property

from imagefence.lint.remark import Edit, Found, Remark, Severity
from imagefence.policy.positions import Lines, Place, places

FIRST = "/Statement/0"
LONGEST_MESSAGE = 400
DECODER = json.JSONDecoder(strict=False)


class Text:
    """A text with the places of its values."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def places(self) -> Mapping[str, Place]:
        """The place of every value."""
        return places(self.text)

    @cached_property
    def lines(self) -> Lines:
        """The beginnings of the lines."""
        return Lines(self.text)

    def remark(self, found: Found, severity: Severity, broken_at: tuple[int, int] = (0, 0)) -> Remark:
        """The remark that a finding makes; `broken_at` is the place where the text is no JSON at all."""
        pointer = self.pointer(found.pointer, found.item)
        if broken_at[0]:
            line, column = broken_at
            end_line, end_column = line, column + 1
        else:
            start, end = self.span(pointer, at_key=found.at_key)
            (line, column), (end_line, end_column) = self.lines.at(start), self.lines.at(end)
        edit = self.edit(found.edit, found.item)
        return Remark(
            found.rule,
            found.severity or severity,
            pointer,
            one_line(found.message),
            one_line(found.help),
            line,
            column,
            end_line,
            end_column,
            edit,
        )

    def edit(self, edit: Edit | None, item: int | None) -> Edit | None:
        """An edit at the item that it means."""
        return edit and Edit(edit.change, self.pointer(edit.pointer, item), edit.text)

    def pointer(self, pointer: str, item: int | None) -> str:
        """The pointer as it is, of the only item of a list, or in the only statement without its list."""
        if pointer.startswith(FIRST) and FIRST not in self.places:
            pointer = "/Statement" + pointer.removeprefix(FIRST)
        inner = f"{pointer}/0"
        return inner if item == 0 and inner in self.places else pointer

    def span(self, pointer: str, *, at_key: bool = False) -> tuple[int, int]:
        """Beginning and end of a value, or of its key."""
        place = self.places.get(pointer) if pointer else None
        if place is None:
            return (0, 0)
        start = place.key if at_key else place.value
        return start, self.end(start)

    def end(self, start: int) -> int:
        """The offset behind the value that begins at an offset."""
        try:
            return DECODER.raw_decode(self.text, start)[1]
        except (ValueError, RecursionError):  # not JSON, or a number that Python does not read
            return min(start + 1, len(self.text))


def one_line(text: str) -> str:
    """A message with what can't be seen in the user's text escaped, and cut where that is long."""
    cut = text if len(text) <= LONGEST_MESSAGE else f"{text[:LONGEST_MESSAGE]}…"
    if cut.isprintable():
        return cut
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in cut
    )
