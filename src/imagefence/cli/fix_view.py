"""How a plan of fixes is shown."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from imagefence.fix.plan import Do, Fix, Plan, Step, Undo, Way

UNDO_STYLE = {Undo.FULL: "green", Undo.DATA_ONLY: "yellow", Undo.NONE: "bold red"}
WAY_STYLE = {Way.TAG: "cyan", Way.REPLACE: "yellow", Way.RETIRE: "magenta", Way.ASK: "dim"}


def plan_view(plan: Plan) -> RenderableType:
    """The plan as a diff: what changes, what is lost, how it is undone; then what is left."""
    parts: list[RenderableType] = [headline(plan)]
    for fix in plan.fixes:
        parts += [Text(), fix_line(fix), steps_table(fix)]
    if plan.undecided:
        parts += [Text(), undecided_table(plan)]
    if plan.gaps:
        parts += [Text(), Text("not read, so not planned for:", style="bold yellow")]
        parts += [Text(f"  {gap}", style="yellow") for gap in plan.gaps]
    return Group(*parts)


def headline(plan: Plan) -> Text:
    """How many fixes of each way, and whether data are lost."""
    counts = ", ".join(
        f"{sum(fix.way is way for fix in plan.fixes)} {way}"
        for way in (Way.TAG, Way.REPLACE, Way.RETIRE)
        if any(fix.way is way for fix in plan.fixes)
    )
    text = Text(counts or "nothing to do", style="bold")
    if plan.undecided:
        text.append(f", {len(plan.undecided)} undecided", style="bold yellow")
    if plan.loses_data:
        text.append("\ndestroys data: apply needs --accept-data-loss", style="red")
    return text


def steps_table(fix: Fix) -> Table:
    """One row a step: the change, how far it can be undone, and under a change that destroys, what."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(width=4, style="dim")
    table.add_column(ratio=5, overflow="fold")
    table.add_column(ratio=4, overflow="fold")
    for step in fix.steps:
        change = step_line(fix, step)
        if step.lost:
            change.append(f"\nlost: {step.lost}", style="red")
        undo = Text("undo: ", style="dim")
        undo.append(step.undo, style=UNDO_STYLE[step.undo])
        undo.append(f", {step.undo_how}" if step.undo is not Undo.NONE else "", style="dim")
        table.add_row(step.id, change, undo)
    return table


def fix_line(fix: Fix) -> Text:
    """Which way, for what, where."""
    text = Text(f"{fix.way} ", style=f"bold {WAY_STYLE[fix.way]}")
    text.append(fix.image_id if fix.way is Way.TAG else fix.before.instance_id, style="bold")
    text.append(f"  {fix.account_id}/{fix.region_id}", style="dim")
    if fix.way is Way.TAG and len(fix.instances) > 1:
        text.append(f"  for {len(fix.instances)} instances", style="dim")
    return text


def step_line(fix: Fix, step: Step) -> Text:
    """What the step changes: minus before, plus after."""
    if step.do is Do.TAG_IMAGE:
        tags = ", ".join(f"{key}={value}" for key, value in sorted(step.tags.items()))
        return Text(f"+ {tags}" + (f"  as {step.role}" if step.role else ""), style="green")
    if step.do is Do.REPLACE:
        return Text.assemble((f"- image {fix.image_id}\n", "red"), (f"+ image {step.image_id}", "green"))
    if step.do is Do.DELETE:
        return Text(f"- instance {step.target}", style="red")
    words = {Do.STOP: "~ stop", Do.START: "~ start", Do.SNAPSHOT: "+ snapshot of"}
    return Text(f"{words[step.do]} {step.target}", style="green" if step.do is Do.SNAPSHOT else "")


def undecided_table(plan: Plan) -> Table:
    """What is left to decide."""
    table = Table(
        box=None,
        header_style="bold",
        pad_edge=False,
        title="[bold yellow]undecided[/]",
        title_justify="left",
    )
    for heading in ("instance", "rule", "place", "image", "why"):
        table.add_column(heading, overflow="fold")
    for one in plan.undecided:
        table.add_row(one.instance_id, one.rule, f"{one.account_id}/{one.region_id}", one.image_id, one.why)
    return table
