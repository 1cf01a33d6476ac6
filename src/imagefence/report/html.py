"""HTML: one self-contained file that needs no network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from imagefence import __version__
from imagefence.audit.audit import Audit
from imagefence.audit.finding import Severity
from imagefence.errors import InputError
from imagefence.report.figures import account_figures, percent, verdict_of
from imagefence.scope.scope import Scope

LINE_KINDS = (
    ("$ ", "command"),
    ("# ", "note"),
    ("» ", "call"),
    ("✓ ", "check"),
    ("error:", "error"),
    ("help:", "help"),
    ("+ ", "added"),
    ("- ", "removed"),
    ("…", "more"),
)


@dataclass(frozen=True, slots=True)
class Chapter:
    """One chapter of a story; the first characters of an `output` line say what it is (LINE_KINDS).

    `verdict` is its last line; `good` says whether what happened is what the reader hopes for.
    """

    title: str
    prose: str
    command: str = ""
    output: tuple[str, ...] = ()
    verdict: str = ""
    good: bool | None = None


def render_audit(audit: Audit, scope: Scope | None = None) -> str:
    """Renders an audit as one page."""
    return page("audit.html", title="Image audit", audit=audit, scope=scope)


def render_story(
    title: str, chapters: Sequence[Chapter], audit_before: Audit, audit_after: Audit, path: Path
) -> None:
    """Writes a story with the audits before and after it."""
    text = page("story.html", title=title, chapters=chapters, before=audit_before, after=audit_after)
    write(path, text)


def write(path: Path, text: str) -> None:
    """Writes a report, making its folder; a place that can't be written is the user's error."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"can't write `{path}`: {error.strerror}", help="give another file to write to"
        ) from error


def page(template: str, **values: object) -> str:
    """Fills in a template of this room."""
    environment = Environment(
        loader=PackageLoader("imagefence.report"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        version=__version__,
        severities=tuple(Severity),
        account_figures=account_figures,
        percent=percent,
        verdict_of=verdict_of,
        slices=slices,
        line_kind=line_kind,
    )
    return environment.get_template(template).render(**values)


@dataclass(frozen=True, slots=True)
class Slice:
    """One slice of a ring: its tone, the angle where it begins, and its stroke-dasharray."""

    tone: str
    turn: float
    dashes: str


def slices(audit: Audit, radius: float) -> tuple[Slice, ...]:
    """The ring of approved, wrong and unjudged instances, from the top, clockwise."""
    whole = len(audit.snapshot.instances)
    length = 2 * pi * radius
    counts = (
        ("good", audit.approved),
        ("bad", len(audit.findings) - audit.unjudged),
        ("open", audit.unjudged),
    )
    drawn, before = [], 0
    for tone, count in counts:
        if count:
            dashes = f"{length * count / whole:.2f} {length:.2f}"
            drawn.append(Slice(tone, round(360 * before / whole - 90, 2), dashes))
        before += count
    return tuple(drawn)


def line_kind(line: str) -> str:
    """What a line of output is, by how it begins."""
    return next((kind for start, kind in LINE_KINDS if line.startswith(start)), "told")
