"""The journal: what it remembers, and what it does with a damaged file."""

from __future__ import annotations

from pathlib import Path

import pytest

from imagefence.errors import Refusal
from imagefence.fence.journal import Journal
from imagefence.fence.steps import Step, StepKind

FIRST = Step(StepKind.UPDATE_CONTROL, "1", "imagefence-launch", before="oldest", after="old")
SECOND = Step(StepKind.UPDATE_CONTROL, "1", "imagefence-launch", before="old", after="new")


def test_the_first_change_knows_what_stood_before(tmp_path: Path) -> None:
    """Later changes of the same object do not count, nor those before a removal, nor another owner's."""
    journal = Journal(tmp_path / "deep" / "fence.ndjson", "1")
    assert journal.origins() == {}
    journal.write("intent", FIRST)
    journal.write("done", FIRST)
    journal.write("done", SECOND)
    assert journal.origins()[FIRST.key].before == "oldest"
    assert Journal(journal.path, "2").origins() == {}
    journal.write("removed")
    assert journal.origins() == {}
    journal.write("done", SECOND)
    assert journal.origins()[FIRST.key].before == "old"


def test_a_torn_last_line_is_passed_over_and_damage_is_told(tmp_path: Path) -> None:
    """A kill may tear the last line; anything else is not ours to guess."""
    journal = Journal(tmp_path / "fence.ndjson", "1")
    journal.write("done", FIRST)
    with journal.path.open("ab") as file:
        file.write(b'{"at":"2026')
    assert journal.origins()[FIRST.key] == FIRST
    journal.write("done", SECOND)
    assert [entry.step for entry in journal.entries()] == [FIRST, SECOND]
    journal.path.write_bytes(b"what?\n")
    with pytest.raises(Refusal, match="is damaged"):
        journal.origins()
