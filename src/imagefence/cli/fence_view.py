"""A fence for people and for programs: the plan as a diff, its assumptions, the status."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from difflib import SequenceMatcher
from typing import Any

import msgspec
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from imagefence.fence.assumptions import Assumption
from imagefence.fence.plan import FencePlan
from imagefence.fence.status import Place, Status
from imagefence.fence.steps import Step
from imagefence.scope.roads import ROADS, Barrier

SIGNS = {"create": ("+", "green"), "attach": ("+", "green"), "switch": ("+", "green")}
SIGNS |= {"delete": ("-", "red"), "detach": ("-", "red")}


def plan_view(plan: FencePlan) -> RenderableType:
    """A plan: steps, assumptions, roads that no policy closes, remarks, refusals."""
    parts: list[RenderableType] = [steps_view(plan.steps, "the fence stands as planned; nothing to do")]
    parts += [Text(), assumptions_table(plan.assumptions), Text(), open_roads_table(plan)]
    parts += [Text(f"note: {remark}", style="yellow") for remark in plan.remarks]
    parts += [Text(f"refused: {refusal}", style="bold red") for refusal in plan.refusals]
    return Group(*parts)


def steps_view(steps: Sequence[Step], nothing: str) -> RenderableType:
    """The steps as a diff."""
    if not steps:
        return Text(nothing, style="green")
    return Group(*(part for step in steps for part in step_view(step)))


def step_view(step: Step) -> Iterator[Text]:
    """One step: a line with its sign, then what changes in its text, a statement a line."""
    sign, style = SIGNS.get(step.kind.value.split()[0], ("~", "yellow"))
    yield Text(f"{sign} {step_line(step)}", style=style)
    for mark, line in changed(statements(step.before), statements(step.after)):
        yield Text(f"    {mark} {line}", style="dim green" if mark == "+" else "dim red", overflow="fold")


def step_line(step: Step) -> str:
    """A step in words."""
    return str(step)


def statements(text: str) -> list[str]:
    """A policy's statements, each on one line."""
    try:
        found = json.loads(text)["Statement"] if text else []
    except (ValueError, KeyError, TypeError):
        return [text]
    return [json.dumps(one, separators=(", ", ": ")) for one in found]


def changed(before: list[str], after: list[str]) -> Iterator[tuple[str, str]]:
    """The lines that go and those that come."""
    for tag, i, j, k, m in SequenceMatcher(None, before, after).get_opcodes():
        if tag != "equal":
            yield from (("-", line) for line in before[i:j])
            yield from (("+", line) for line in after[k:m])


def assumptions_table(assumptions: Sequence[Assumption]) -> Table:
    """Every open reading, those that matter first."""
    table = Table(
        box=None,
        header_style="bold",
        pad_edge=False,
        title="what the fence rests on: where the vendor's pages can be read in two ways",
        title_justify="left",
        title_style="bold",
    )
    for heading in ("point", "if", "the fence", "because these pass or fail"):
        table.add_column(heading, overflow="fold")
    for one in sorted(assumptions, key=lambda each: each.verdict == "holds" and each.point != "default"):
        holds = one.verdict == "holds"
        table.add_row(
            one.point,
            Text(one.text, style="dim" if holds else ""),
            Text(one.verdict, style="green" if holds else "red" if one.leaks else "yellow"),
            "; ".join((*one.leaks, *one.blocks)),
        )
    return table


def open_roads_table(plan: FencePlan) -> Table:
    """The roads that no part of the fence closes."""
    table = Table(
        box=None,
        header_style="bold",
        pad_edge=False,
        title="roads that stay open whatever is attached",
        title_justify="left",
        title_style="bold",
    )
    for heading in ("road", "who calls", "what to know"):
        table.add_column(heading, overflow="fold")
    closed = any(policy.name.startswith("imagefence-launchers") for policy in plan.policies)
    for road in ROADS:
        if road.closed_by is Barrier.NONE or (road.closed_by is Barrier.LAUNCHERS and not closed):
            table.add_row(road.name, road.caller, road.remark)
    return table


def status_view(status: Status) -> RenderableType:
    """The verdict, the places, and whom the fence does not cover."""
    verdict = Text("the fence is in force", style="bold green")
    if not status.in_force:
        verdict = Text("the fence is NOT in force", style="bold red")
    elif status.gaps:
        verdict = Text("the fence is in force where it could be read", style="bold yellow")
    parts: list[RenderableType] = [verdict, Text(), places_table(status.places), Text()]
    uncovered = Table(
        box=None, header_style="bold", pad_edge=False, title="not covered", title_justify="left"
    )
    uncovered.add_column("who", overflow="fold")
    uncovered.add_column("why", overflow="fold")
    for one in status.uncovered:
        uncovered.add_row(one.who, one.why)
    parts.append(uncovered)
    parts += [Text(f"not read: {gap}", style="yellow") for gap in status.gaps]
    return Group(*parts)


def places_table(places: Iterable[Place]) -> Table:
    """One row a place."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("place", "account", "in force", "what lacks"):
        table.add_column(heading, overflow="fold")
    for place in places:
        word = Text("yes", style="green") if place.in_force else Text("no", style="red")
        lacks = [*place.lacks, *(f"open road: {road}" for road in place.open_roads)]
        table.add_row(place.name, place.account or "-", word, "\n".join(lacks))
    return table


def plan_json(plan: FencePlan) -> str:
    """A plan for programs."""
    return written(
        {
            "empty": not plan.steps,
            "policies": [
                {"name": policy.name, "about": policy.about, "document": json.loads(policy.text)}
                for policy in plan.policies
            ],
            "steps": [step_row(step) for step in plan.steps],
            "assumptions": [{**asdict(one), "verdict": one.verdict} for one in plan.assumptions],
            "remarks": plan.remarks,
            "refusals": plan.refusals,
        }
    )


def removal_json(steps: Sequence[Step]) -> str:
    """A removal for programs."""
    return written({"empty": not steps, "steps": [step_row(step) for step in steps]})


def step_row(step: Step) -> dict[str, Any]:
    """A step for programs."""
    row = {**asdict(step), "kind": step.kind.value, "text": str(step)}
    return {key: value for key, value in row.items() if value != ""}


def status_json(status: Status) -> str:
    """A status for programs."""
    return written(
        {
            "in_force": status.in_force,
            "places": [{**asdict(place), "in_force": place.in_force} for place in status.places],
            "uncovered": [asdict(one) for one in status.uncovered],
            "gaps": [asdict(gap) for gap in status.gaps],
        }
    )


def written(shape: dict[str, Any]) -> str:
    """Indented JSON."""
    return msgspec.json.format(msgspec.json.encode(shape), indent=2).decode()
