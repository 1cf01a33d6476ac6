"""Reports: what they must show in every form, and that the page needs nothing from outside."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from rich.console import Console

from imagefence.audit.audit import Audit, assess
from imagefence.cloud.gap import Gap
from imagefence.errors import InputError
from imagefence.inventory.snapshot import AccountRecord, ImageRecord, InstanceRecord, Origin, Snapshot
from imagefence.report.figures import account_figures, percent, verdict_of
from imagefence.report.html import Chapter, render_audit, render_story, slices, write
from imagefence.report.jsonout import to_json
from imagefence.report.terminal import audit_view
from imagefence.scope.scope import RoadChoice, Scope

ONE, TWO = "1000000000000001", "1000000000000002"
SCOPE = Scope({"environment": ("production",)}, (ONE,))
GAP = Gap(TWO, "cn-shanghai", "DescribeInstances", "403 Forbidden.RAM: <denied>")


def audited(*gaps: Gap, name: str = "web") -> Audit:
    region = "cn-hangzhou"
    images = (
        ImageRecord("m-good", ONE, region, Origin.OWN, "golden", ONE, {"environment": "production"}),
        ImageRecord("m-bad", TWO, region, Origin.OWN, "bad", TWO),
    )
    instances = (
        InstanceRecord("i-good", ONE, region, "m-good", "db"),
        InstanceRecord("i-bad", TWO, region, "m-bad", name),
    )
    accounts = (AccountRecord(ONE, "images", "Root/images"), AccountRecord(TWO, "dev", "Root/Workloads/dev"))
    return assess(
        Snapshot(datetime(2026, 1, 1, tzinfo=UTC), accounts, (region,), images, instances, gaps), SCOPE
    )


def terminal(audit: Audit) -> str:
    console = Console(width=120, color_system=None)
    with console.capture() as captured:
        console.print(audit_view(audit))
    return captured.get()


class Outside(HTMLParser):
    """Collects whatever a page would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.found += [f"{tag} {value}" for name in ("src", "srcset", "data") if (value := named.get(name))]
        if tag in {"link", "iframe", "object", "embed"}:
            self.found.append(tag)


def test_the_terminal_shows_verdict_tree_findings_and_gaps() -> None:
    text = terminal(audited(GAP))
    assert "1 instance runs on images that are not approved, and not everything could be read" in text
    assert re.search(r"Workloads\n.*dev 1000000000000002", text)
    assert "image-untagged" in text
    assert "lacks the tag `environment`" in text
    assert "403 Forbidden.RAM: <denied>" in text


def test_the_json_holds_every_finding_and_gap() -> None:
    told = json.loads(to_json(audited(GAP)))
    assert (told["instances"], told["approved"], told["clean"]) == (2, 1, False)
    assert [finding["instance_id"] for finding in told["findings"]] == ["i-bad"]
    assert told["findings"][0]["rule"] == "image-untagged"
    assert told["gaps"] == [
        {"account": TWO, "region": "cn-shanghai", "call": "DescribeInstances", "reason": GAP.reason}
    ]


def test_the_page_fetches_nothing_and_escapes_what_users_named() -> None:
    page = render_audit(audited(GAP, name="<script>alert(1)</script>"), SCOPE)
    outside = Outside()
    outside.feed(page)
    assert outside.found == []
    assert not re.search(r"url\(|@import|https?://", page)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_the_page_never_hides_gaps() -> None:
    assert "403 Forbidden.RAM: &lt;denied&gt;" in render_audit(audited(GAP), SCOPE)
    assert "Everything that was asked for could be read" in render_audit(audited(), SCOPE)
    assert "could be read" not in render_audit(audited(GAP), SCOPE).split("Not read")[1]


def test_a_story_tells_its_chapters_between_two_audits(tmp_path: Path) -> None:
    chapters = (
        Chapter(
            "First", "Prose with `code`.", "imagefence audit", ("$ more", "error: no"), "denied", good=True
        ),
        Chapter("Second", "Only prose."),
    )
    path = tmp_path / "deep" / "story.html"
    render_story("The story", chapters, audited(GAP), audited(), path)
    page = path.read_text()
    assert (
        page.index("First")
        < page.index("Second")
        < page.index("The audit before")
        < page.index("The audit after")
    )
    assert '<span class="command">more</span>' in page
    assert '<span class="error">error: no</span>' in page
    assert "Prose with <code>code</code>." in page


def test_a_report_that_can_not_be_written_is_the_users_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="can't write"):
        write(tmp_path / "file" / "audit.html", "text")


def test_figures_add_up_and_only_all_is_all() -> None:
    audit = audited(GAP)
    assert [(f.instances, f.approved, f.wrong, f.gaps) for f in account_figures(audit)] == [
        (1, 1, 0, 0),
        (1, 0, 1, 1),
    ]
    assert (percent(0.999), percent(1.0), percent(None)) == ("99%", "100%", "-")
    assert [(ring.tone, ring.turn) for ring in slices(audit, 50)] == [("good", -90.0), ("bad", 90.0)]


def test_without_findings_a_gap_still_forbids_clean() -> None:
    whole = audited()
    good = Audit(whole.snapshot, ())
    assert verdict_of(good).tone == "good"
    holed = Audit(audited(GAP).snapshot, ())
    assert verdict_of(holed).tone == "open"
    assert "clean" not in verdict_of(holed).text


def test_every_form_names_the_roads_that_the_scope_leaves_open() -> None:
    limits = audited().limits
    assert limits[-1].startswith("fence.yaml leaves open disks (reinit-or-reset-disk, swap-disk): ")
    assert json.loads(to_json(audited()))["limits"] == list(limits)
    assert all(limit.split(":")[0][:60] in terminal(audited()) for limit in limits)
    assert "<h2>Limits</h2>" in render_audit(audited(), SCOPE)
    closed = assess(audited().snapshot, replace(SCOPE, roads=RoadChoice(every=True)))
    assert closed.limits == ()
    assert "limit:" not in terminal(closed)
    assert "<h2>Limits</h2>" not in render_audit(closed, SCOPE)
