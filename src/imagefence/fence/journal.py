"""The fence's journal: what each step found before it, so that `remove` can put it back.

A control policy has no versions, so its old text lives here alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec

from imagefence.errors import Refusal
from imagefence.fence.steps import Step
from imagefence.ndjson import append, cut_torn_line, whole_lines

DEFAULT_PATH = Path(".imagefence/fence.ndjson")
Event = Literal["intent", "done", "removed"]


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line; `owner` is the account from which the fence was put up."""

    at: str
    event: Event
    owner: str
    step: Step | None = None


@dataclass(frozen=True, slots=True)
class Journal:
    """An append-only file, one JSON object a line."""

    path: Path
    owner: str

    def write(self, event: Event, step: Step | None = None) -> None:
        """Appends a line and returns once it is on the disk."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = msgspec.json.encode(Entry(at=at, event=event, owner=self.owner, step=step))
        self.path.parent.mkdir(parents=True, exist_ok=True)
        cut_torn_line(self.path)
        append(self.path, line)

    def origins(self) -> Mapping[tuple[str, str, str, str], Step]:
        """The first step on each object since the fence was last removed: it knows what stood before."""
        found: dict[tuple[str, str, str, str], Step] = {}
        for entry in self.entries():
            if entry.event == "removed":
                found.clear()
            elif entry.step is not None:
                found.setdefault(entry.step.key, entry.step)
        return found

    def entries(self) -> tuple[Entry, ...]:
        """The lines of this owner; a torn last line, left by a kill, is passed over."""
        if not self.path.exists():
            return ()
        try:
            entries = [msgspec.json.decode(line, type=Entry) for line in whole_lines(self.path)]
        except msgspec.MsgspecError:
            raise Refusal(
                f"the journal `{self.path}` is damaged",
                help="move it away; `remove` then deletes what the fence made, but restores no text",
            ) from None
        return tuple(entry for entry in entries if entry.owner == self.owner)
