"""Mending a text: only what is certain, as changes of the text itself, so that its layout stays.

The text is linted again after each round, until no mend is left; so a second run changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from imagefence.lint.place import Text
from imagefence.lint.remark import Change, Edit, Remark

ROUNDS = 50


@dataclass(frozen=True, slots=True)
class Replacement:
    """What stands between two offsets, and what to put there."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Mended:
    """The text after all mends, and what each of them was about."""

    text: str
    remarks: tuple[Remark, ...]


def mend(text: str, lint: Callable[[str], Sequence[Remark]], rules: Collection[str]) -> Mended:
    """Mends what the chosen rules find, round after round."""
    done: list[Remark] = []
    for _ in range(ROUNDS):
        wanted = [each for each in lint(text) if each.rule in rules and each.edit is not None]
        changed, applied = _round(text, wanted)
        if not applied:
            break
        text, done = changed, [*done, *applied]
    return Mended(text, tuple(done))


def _round(text: str, remarks: Sequence[Remark]) -> tuple[str, list[Remark]]:
    placed = Text(text)
    found = [(replacement(placed, each.edit), each) for each in remarks if each.edit is not None]
    chosen: list[tuple[Replacement, Remark]] = []
    for change, remark in sorted(
        ((change, remark) for change, remark in found if change is not None), key=lambda pair: pair[0].start
    ):
        if not chosen or change.start >= chosen[-1][0].end:
            chosen.append((change, remark))
    for change, _ in reversed(chosen):
        text = text[: change.start] + change.text + text[change.end :]
    return text, [remark for _, remark in chosen]


def replacement(text: Text, edit: Edit) -> Replacement | None:
    """The change of the text that an edit stands for; None where its element is not there."""
    place = text.places.get(edit.pointer)
    if place is None:
        return None
    if edit.change is Change.RENAME:
        return _renamed(text, edit, place.key)
    if edit.change is Change.DROP:
        return _dropped(text, edit.pointer)
    end = text.end(place.value)
    if edit.change is Change.WRAP:
        return Replacement(place.value, end, f"[{text.text[place.value : end]}]")
    return Replacement(place.value, end, json.dumps(edit.text, ensure_ascii=False))


def _renamed(text: Text, edit: Edit, key_at: int) -> Replacement | None:
    """Another key; None where the object has that key already."""
    holder = edit.pointer.rpartition("/")[0]
    twin = edit.text.replace("~", "~0").replace("/", "~1")
    if f"{holder}/{twin}" in text.places:
        return None
    return Replacement(key_at, text.end(key_at), json.dumps(edit.text, ensure_ascii=False))


def _dropped(text: Text, pointer: str) -> Replacement | None:
    """An element left out with the comma that goes with it; None for the only one."""
    holder = pointer.rpartition("/")[0]
    depth = pointer.count("/")
    inside = [each for each in text.places if each.startswith(f"{holder}/") and each.count("/") == depth]
    starts = sorted(text.places[each].key for each in inside)
    place = text.places[pointer]
    if len(starts) == 1:
        return None
    after = next((start for start in starts if start > place.key), None)
    if after is not None:
        return Replacement(place.key, after, "")
    previous = max((each for each in inside if each != pointer), key=lambda each: text.places[each].key)
    return Replacement(text.end(text.places[previous].value), text.end(place.value), "")
