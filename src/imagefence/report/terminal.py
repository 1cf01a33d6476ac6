"""The terminal: consoles, and an audit as summary, tree and table."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console, Group, RenderableType
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from imagefence.audit.audit import Audit
from imagefence.audit.finding import Finding, Severity
from imagefence.report.figures import AccountFigures, account_figures, verdict_of

COLOURS = {Severity.HIGH: "red", Severity.MEDIUM: "yellow", Severity.LOW: "blue"}
TONES = {"good": "bold green", "bad": "bold red", "open": "bold yellow"}


def console(*, stderr: bool = False) -> Console:
    """Gives the console for results, or with `stderr` the one for progress and remarks."""
    out = Console(stderr=stderr, highlight=False)
    # Why: off a terminal (a pipe, a log) rich takes 80 columns, which breaks ids; COLUMNS still has its say.
    if not out.is_terminal and "COLUMNS" not in os.environ:
        out.width = 120
    return out


@contextmanager
def progress_on_stderr() -> Iterator[Progress]:
    """Shows a bar on stderr while the body runs; nothing of it stays, and nothing shows off a terminal."""
    out = console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=28),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=out, transient=True, disable=not out.is_terminal) as progress:
        yield progress


def audit_view(audit: Audit) -> RenderableType:
    """An audit as people read it: the verdict, the tree of accounts, the findings, the gaps."""
    parts: list[RenderableType] = [summary(audit), Text(), account_tree(audit)]
    if audit.findings:
        parts += [Text(), findings_table(audit.findings), Text(), remedies(audit)]
    if audit.snapshot.gaps:
        parts += [Text(), gaps_table(audit)]
    if audit.limits:
        parts += [Text(), *(Text(f"limit: {limit}", style="dim") for limit in audit.limits)]
    return Group(*parts)


def summary(audit: Audit) -> Text:
    """The verdict in two lines."""
    verdict = verdict_of(audit)
    snapshot = audit.snapshot
    figures = (
        f"{audit.approved} of {counted(len(snapshot.instances), 'instance')} on approved images",
        counted(len(snapshot.accounts), "account"),
        counted(len(snapshot.regions), "region"),
    )
    text = Text(verdict.text, style=TONES[verdict.tone])
    text.append("\n" + " · ".join(figures), style="default not bold dim")
    return text


def account_tree(audit: Audit) -> Tree:
    """Accounts under their folders, each with its share of approved instances."""
    tree = Tree(Text("accounts", style="bold"), guide_style="dim")
    branches: dict[str, Tree] = {}
    for figures in account_figures(audit):
        *folders, _ = figures.account.path.split("/") if figures.account.path else [""]
        branch_for(tree, branches, tuple(folders)).add(account_line(figures))
    return tree


def branch_for(tree: Tree, branches: dict[str, Tree], folders: tuple[str, ...]) -> Tree:
    """The branch of a folder, grown where it is not there yet."""
    branch = tree
    for depth, name in enumerate(folders, start=1):
        path = "/".join(folders[:depth])
        if path not in branches:
            branches[path] = branch.add(Text(name, style="cyan"))
        branch = branches[path]
    return branch


def account_line(figures: AccountFigures) -> Text:
    """One account: name, id, a bar, and what is wrong."""
    text = Text(figures.account.name or figures.account.id, style="bold")
    text.append(f" {figures.account.id}" if figures.account.name else "", style="dim")
    text.append("  ")
    for count, style in ((figures.approved, "green"), (figures.wrong, "red"), (figures.unjudged, "yellow")):
        text.append("■" * min(count, 24), style=style)
    text.append(
        f" {figures.approved}/{figures.instances} approved" if figures.instances else " no instances", "dim"
    )
    if figures.gaps:
        text.append(f"  {counted(figures.gaps, 'gap')}", style="yellow")
    return text


def findings_table(findings: tuple[Finding, ...]) -> Table:
    """One row a finding."""
    table = Table(box=None, header_style="bold", pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("rule", "account and region", "instance"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "instance")
    table.add_column("why", overflow="fold", ratio=1)
    for finding in findings:
        severity = finding.rule.severity
        table.add_row(
            two_lines(finding.rule.id, severity.value, COLOURS[severity]),
            two_lines(finding.account_name or finding.account_id, finding.region_id),
            two_lines(finding.instance_name or finding.instance_id, finding.instance_id),
            Text(finding.why),
        )
    return table


def two_lines(first: str, second: str, style: str = "") -> Text:
    """A cell with a dim second line, which is left out where it says the same."""
    text = Text(first, style=style)
    return text if first == second else text.append(f"\n{second}", style="default not bold dim")


def remedies(audit: Audit) -> Text:
    """What to do about each rule that found something."""
    text = Text("what to do\n", style="bold")
    for rule, count in audit.by_rule().items():
        text.append(f"  {rule.id} ({count})", style=COLOURS[rule.severity])
        text.append(f"  {rule.remedy}\n", style="default not bold")
    text.right_crop(1)
    return text


def gaps_table(audit: Audit) -> Table:
    """What could not be read."""
    table = Table(
        box=None,
        header_style="bold yellow",
        pad_edge=False,
        title="[bold yellow]not read: nothing is known about what lies there[/]",
        title_justify="left",
    )
    for heading in ("account", "region", "call", "reason"):
        table.add_column(heading, overflow="fold")
    for gap in audit.snapshot.gaps:
        table.add_row(gap.account or "-", gap.region or "-", gap.call, gap.reason)
    return table


def counted(count: int, noun: str) -> str:
    """`1 gap`, `2 gaps`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
