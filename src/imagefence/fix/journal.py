"""The journal: one line of JSON before and after every call, on the disk before the call is made."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import msgspec

from imagefence.errors import Refusal
from imagefence.ndjson import append, cut_torn_line, whole_lines


class Event(StrEnum):
    """What a line says."""

    BEGIN = "begin"
    INTENT = "intent"
    DONE = "done"
    FOUND = "found"  # had already happened when it was looked at
    FAILED = "failed"
    END = "end"


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line; `result` is an id that the call gave (snapshot, disk)."""

    at: str
    event: Event
    plan: str
    step: str = ""
    result: str = ""
    why: str = ""


@dataclass(slots=True)
class Journal:
    """An append-only file of entries; a torn last line, left by a kill, is cut off on opening."""

    path: Path
    plan: str
    entries: list[Entry] = field(default_factory=list)

    def write(self, event: Event, step: str = "", *, result: str = "", why: str = "") -> None:
        """Appends an entry and returns once it is on the disk."""
        entry = Entry(
            at=datetime.now(UTC).isoformat(timespec="milliseconds"),
            event=event,
            plan=self.plan,
            step=step,
            result=result,
            why=why,
        )
        append(self.path, msgspec.json.encode(entry))
        self.entries.append(entry)

    def done(self) -> frozenset[str]:
        """The steps that are known to have happened."""
        return frozenset(e.step for e in self.entries if e.event in {Event.DONE, Event.FOUND})

    def begun(self) -> frozenset[str]:
        """The steps that may have happened: a call was at least about to be made."""
        return frozenset(e.step for e in self.entries if e.step)

    @property
    def ended(self) -> bool:
        """True when the whole plan was applied."""
        return any(entry.event is Event.END for entry in self.entries)


def open_journal(path: Path, plan_digest: str) -> Journal:
    """Opens or makes the journal of one plan; refuses the journal of another."""
    entries = _read(path) if path.exists() else []
    if any(entry.plan != plan_digest for entry in entries):
        raise Refusal(
            f"the journal `{path.name}` belongs to another plan",
            help="give this plan a journal of its own with --journal, or move the old one away",
        )
    return Journal(path, plan_digest, entries)


def _read(path: Path) -> list[Entry]:
    cut_torn_line(path)
    try:
        return [msgspec.json.decode(line, type=Entry) for line in whole_lines(path)]
    except msgspec.MsgspecError:
        raise Refusal(
            f"the journal `{path.name}` is damaged",
            help="look at it; to start over, move it away and plan anew",
        ) from None
