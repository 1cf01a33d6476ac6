"""The plan and the result of a calibration, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator

import msgspec
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from imagefence.calibrate.beyond import NO_PROBE
from imagefence.calibrate.names import MARK
from imagefence.calibrate.probes import SAVES
from imagefence.calibrate.result import Calibration, Point
from imagefence.calibrate.run import Plan
from imagefence.policy.readings import ALTERNATIVES
from imagefence.report.terminal import counted

IDS = {other.name.partition("=")[0].replace("_", "-"): other.id for other in ALTERNATIVES}


def plan_lines(plan: Plan) -> Iterator[str]:
    """What would be removed, made and asked."""
    names = plan.ground.names
    yield f"account {plan.ground.account}, region {plan.ground.region}"
    for thing in plan.leftovers.ours:
        yield f"  remove  {thing}, left by an earlier run"
    for thing in plan.leftovers.foreign:
        yield f"  leave   {thing}, which bears our prefix but not our mark"
    yield f"  make    user {names.base} with an access key, which may assume the role and nothing else"
    yield f"  make    role {names.base}, which only that user may assume"
    yield f"  make    policies {names.base}, {names.door}, attached to the two"
    yield f"  save    {counted(len(SAVES), 'policy').replace('policys', 'policies')} that hang nowhere"
    yield "  ask     as the role, under one session policy for each question:"
    for asked in plan.used:
        count = sum(probe.call == asked.id for probe in plan.probes)
        call = f"{asked.operation.product.ram_code}:{asked.operation.name}"
        yield f"          {call} ({asked.harmless}): {counted(count, 'question')} and two controls"
    yield f'  remove  all of it; each is marked "{MARK}"'
    if plan.ground.tag is None:
        yield f"no own image with a tag in {plan.ground.region}: U-3 will stay open between two readings"
    yield f"what no call of one account can settle: {', '.join(each.replace('_', '-') for each in NO_PROBE)}"


def plan_json(plan: Plan) -> str:
    """The plan for programs."""
    names = plan.ground.names
    made = [f"user {names.base}", f"role {names.base}", f"policy {names.base}", f"policy {names.door}"]
    return json.dumps(
        {
            "account": plan.ground.account,
            "region": plan.ground.region,
            "removes": [str(thing) for thing in plan.leftovers.ours],
            "leaves": [str(thing) for thing in plan.leftovers.foreign],
            "makes": [*made, *(f"policy {names.saved(each.id)}" for each in SAVES)],
            "asks": [
                {
                    "probe": probe.id,
                    "asks": probe.asks,
                    "call": plan.calls[probe.call].operation.action,
                    "harmless": plan.calls[probe.call].harmless,
                    "policy": list(probe.statements),
                    "readings": [field.replace("_", "-") for field in probe.fields],
                }
                for probe in plan.probes
            ],
            "beyond": {field.replace("_", "-"): takes for field, takes in NO_PROBE.items()},
        },
        indent=2,
    )


def result_json(made: Calibration) -> str:
    """The result for programs: the file as it is written."""
    return msgspec.json.format(msgspec.json.encode(made), indent=2).decode()


def result_view(made: Calibration) -> RenderableType:
    """What is settled, what was left open, and what no call of one account can settle."""
    settled, left, beyond = made.of("settled"), made.of("open"), made.of("beyond")
    place = f" at {made.endpoint}" if made.endpoint else ""
    head = Text(f"account {made.account}{place}: {counted(len(settled), 'reading')} settled", style="bold")
    head.append(f", {len(left)} left open, {len(beyond)} that no call of one account settles")
    parts: list[RenderableType] = [head, Text(), table(settled)]
    for heading, points in (("left open", left), ("beyond one account", beyond)):
        if points:
            parts += [Text(f"\n{heading}", style="bold yellow"), table(points)]
    return Group(*parts)


def table(points: tuple[Point, ...]) -> Table:
    """One row a reading."""
    grid = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    for ratio in (None, None, None, 1):
        grid.add_column(overflow="fold", ratio=ratio)
    for point in points:
        value = Text(" or ".join(point.values), style="green" if point.state == "settled" else "yellow")
        grid.add_row(IDS.get(point.reading, ""), point.reading, value, Text(point.why, style="dim"))
    return grid
