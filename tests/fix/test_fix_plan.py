"""Choices, the plan file and the journal: what needs no cloud."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from imagefence.audit.finding import Finding
from imagefence.audit.rules import STOCK, UNTAGGED
from imagefence.errors import ConfigError, InputError, Refusal
from imagefence.fix.choose import choose, parse_choice, refuse_idle
from imagefence.fix.journal import Event, open_journal
from imagefence.fix.plan import (
    Before,
    DiskBefore,
    Do,
    Fix,
    Plan,
    Undo,
    Way,
    client_token,
    read_plan,
    seal,
    write_plan,
)
from imagefence.fix.steps import replace_steps, retire_steps, tag_step

FINDING = Finding("f-1", UNTAGGED, "1000000000000001", "cn-hangzhou", "i-1", "m-1", "why")
OTHER = Finding("f-2", STOCK, "1000000000000001", "cn-hangzhou", "i-2", "stock-1", "why")


def before(status: str = "Running", category: str = "cloud_essd") -> Before:
    """An instance with a system disk, a data disk that goes with it and one that stays."""
    disks = (
        DiskBefore(id="d-sys", system=True, category=category),
        DiskBefore(id="d-data", system=False, category="cloud_essd"),
        DiskBefore(id="d-kept", system=False, category="cloud_essd", deleted_with_instance=False),
    )
    return Before(instance_id="i-1", image_id="m-1", status=status, disks=disks, image_tags={})


def replace_plan() -> Plan:
    """A plan of one replace."""
    old = before()
    fix = Fix(
        id="1",
        way=Way.REPLACE,
        account_id="1000000000000001",
        region_id="cn-hangzhou",
        findings=("f-1",),
        instances=("i-1",),
        image_id="m-1",
        before=old,
        steps=replace_steps("1", old, "m-2"),
        replacement=Before(image_id="m-2", image_tags={"environment": "production"}),
    )
    return seal(Plan(created_at="2026-11-24T00:00:00.000+00:00", fixes=(fix,)))


@pytest.mark.parametrize(
    ("texts", "way"),
    [
        ([], Way.ASK),
        (["account:1000000000000001=tag"], Way.TAG),
        (["rule:image-untagged=retire", "account:1000000000000001=tag"], Way.RETIRE),
        (["image:m-1=tag", "rule:image-untagged=retire"], Way.TAG),
        (["i-1=replace", "image:m-1=tag"], Way.REPLACE),
        (["finding:f-1=retire", "i-1=replace"], Way.RETIRE),
        (["i-1=replace", "i-1=tag"], Way.TAG),
        (["i-2=replace"], Way.ASK),
    ],
)
def test_the_narrowest_choice_decides_and_then_the_last(texts: list[str], way: Way) -> None:
    assert choose(FINDING, [parse_choice(text) for text in texts], Way.ASK).way is way


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("i-1", "not a choice"),
        ("=tag", "not a choice"),
        ("i-1=replce", "did you mean `replace`"),
        ("imgae:m-1=tag", "did you mean `image`"),
        ("rule:image-untaged=tag", "did you mean `image-untagged`"),
    ],
)
def test_a_bad_choice_is_refused_with_a_near_match(text: str, says: str) -> None:
    with pytest.raises(InputError, match="(?i)" + says.replace("`", ".")):
        parse_choice(text)


def test_a_choice_about_something_without_a_finding_is_refused() -> None:
    with pytest.raises(InputError, match="i-9"):
        refuse_idle([parse_choice("i-9=tag")], [FINDING, OTHER])
    refuse_idle([parse_choice("rule:image-gone=retire")], [FINDING, OTHER])


def test_a_replace_stops_snapshots_replaces_and_starts_again() -> None:
    steps = replace_steps("1", before(), "m-2")
    assert [step.do for step in steps] == [Do.STOP, Do.SNAPSHOT, Do.REPLACE, Do.START]
    assert [step.undo for step in steps] == [Undo.FULL, Undo.FULL, Undo.DATA_ONLY, Undo.FULL]
    assert [bool(step.lost) for step in steps] == [False, False, True, False]
    assert steps[2].image_id == "m-2"


def test_a_stopped_instance_stays_stopped() -> None:
    steps = replace_steps("1", before("Stopped"), "m-2")
    assert [step.do for step in steps] == [Do.SNAPSHOT, Do.REPLACE]


def test_what_lies_on_a_local_disk_has_no_undo() -> None:
    steps = replace_steps("1", before(category="ephemeral_ssd"), "m-2")
    assert [step.do for step in steps] == [Do.STOP, Do.REPLACE, Do.START]
    assert steps[1].undo is Undo.NONE


def test_a_retire_keeps_every_disk_that_goes_with_the_instance() -> None:
    steps = retire_steps("1", before())
    assert [(step.do, step.target) for step in steps] == [
        (Do.STOP, "i-1"),
        (Do.SNAPSHOT, "d-sys"),
        (Do.SNAPSHOT, "d-data"),
        (Do.DELETE, "i-1"),
    ]
    assert steps[-1].undo is Undo.DATA_ONLY


def test_undoing_a_tag_that_overwrites_another_value_restores_it() -> None:
    step = tag_step("1", "m-1", {"environment": "test"}, {"environment": "production"}, "image-admin")
    assert step.undo is Undo.FULL
    assert "environment=test" in step.undo_how


def test_a_plan_comes_back_from_its_file(tmp_path: Path) -> None:
    plan = replace_plan()
    write_plan(plan, tmp_path / "plan.json")
    assert read_plan(tmp_path / "plan.json") == plan


def test_an_edited_plan_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    write_plan(replace_plan(), path)
    path.write_text(path.read_text().replace('"m-2"', '"m-3"'))
    with pytest.raises(ConfigError, match="changed after it was made"):
        read_plan(path)


@pytest.mark.parametrize("text", ["", "{}x", "[]", '{"version": 1, "surprise": 2}'])
def test_what_is_not_a_plan_is_refused_with_its_path(tmp_path: Path, text: str) -> None:
    path = tmp_path / "plan.json"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        read_plan(path)
    assert str(path) in str(caught.value)
    assert caught.value.exit_code == 2


def test_tokens_differ_by_step_and_by_plan_and_fit_the_cloud() -> None:
    plan = replace_plan()
    later = seal(Plan(created_at="2026-11-25T00:00:00.000+00:00", fixes=plan.fixes))
    tokens = {client_token(one, step) for one in (plan, later) for step in one.fixes[0].steps}
    assert len(tokens) == 8
    assert all(len(token) <= 64 and token.isascii() for token in tokens)


def test_the_digest_of_the_world_changes_with_the_world() -> None:
    plan = replace_plan()
    moved = replace(plan.fixes[0], before=before("Stopped"))
    assert seal(Plan(created_at=plan.created_at, fixes=(moved,))).snapshot_digest != plan.snapshot_digest


def test_a_torn_last_line_of_the_journal_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    journal = open_journal(path, "p")
    journal.write(Event.BEGIN)
    journal.write(Event.INTENT, "1.1")
    with path.open("ab") as file:
        file.write(b'{"at":"2026')
    again = open_journal(path, "p")
    assert [entry.event for entry in again.entries] == [Event.BEGIN, Event.INTENT]
    again.write(Event.DONE, "1.1", result="-")
    assert open_journal(path, "p").done() == {"1.1"}


def test_the_journal_of_another_plan_is_refused(tmp_path: Path) -> None:
    open_journal(tmp_path / "journal", "p").write(Event.BEGIN)
    with pytest.raises(Refusal, match="another plan"):
        open_journal(tmp_path / "journal", "q")


def test_a_damaged_journal_is_refused(tmp_path: Path) -> None:
    (tmp_path / "journal").write_text("what?\n")
    with pytest.raises(Refusal, match="damaged"):
        open_journal(tmp_path / "journal", "p")
