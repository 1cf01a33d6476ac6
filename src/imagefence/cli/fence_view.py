"""A fence for people and for programs: the plan as a diff, its assumptions, the status."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from difflib import SequenceMatcher
from typing import Any

import msgspec
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from imagefence.cli.readings_used import BY_DEFAULT, Used
from imagefence.fence.assumptions import Assumption
from imagefence.fence.plan import FencePlan
from imagefence.fence.status import Place, Status
from imagefence.fence.steps import Step
from imagefence.scope.closing import State, closings, left_open

LONG = 4
HERE = {None: "", True: " (so it is, by calibrate)", False: " (ruled out by calibrate)"}
SIGNS = {"create": ("+", "green"), "attach": ("+", "green"), "switch": ("+", "green")}
SIGNS |= {"delete": ("-", "red"), "detach": ("-", "red")}


def plan_view(
    plan: FencePlan, others: Mapping[str, Sequence[Assumption]], used: Used = BY_DEFAULT
) -> RenderableType:
    """A plan: steps, assumptions beside those of the other forms, roads that stay open, and the verdicts."""
    parts: list[RenderableType] = [changes_view(plan), Text(), assumptions_table(plan, others, used)]
    parts += [Text(f"note: {used.source}")] if used.source else []
    return Group(*parts, Text(), open_roads_table(plan))


def changes_view(plan: FencePlan) -> RenderableType:
    """The steps of a plan with what should be known about them."""
    return Group(
        steps_view(plan.steps, "the fence stands as planned; nothing to do"),
        *(Text(f"note: {remark}", style="yellow") for remark in plan.remarks),
        *(Text(f"refused: {refusal}", style="bold red") for refusal in plan.refusals),
    )


def steps_view(steps: Sequence[Step], nothing: str) -> RenderableType:
    """The steps as a diff; a text that many accounts get is shown once."""
    if not steps:
        return Text(nothing, style="green")
    shown: set[tuple[str, str, str]] = set()
    parts: list[Text] = []
    for step in steps:
        text = (step.name, step.before, step.after)
        parts += step_view(step, whole=text not in shown)
        shown.add(text)
    return Group(*parts)


def step_view(step: Step, *, whole: bool = True) -> Iterator[Text]:
    """One step: a line with its sign, then what changes in its text, a statement a line."""
    sign, style = SIGNS.get(step.kind.value.split()[0], ("~", "yellow"))
    yield Text(f"{sign} {step_line(step)}", style=style)
    if not step.after:
        return
    if not whole:
        yield Text("    the same text as above", style="dim")
        return
    brief = not step.before
    for mark, one in changed(statements(step.before), statements(step.after)):
        line = readable(one, brief=brief)
        yield Text(f"    {mark} {line}", style="dim green" if mark == "+" else "dim red", overflow="fold")


def step_line(step: Step) -> str:
    """A step in words."""
    return str(step)


def statements(text: str) -> list[str]:
    """A policy's statements, each as its own text."""
    return [json.dumps(one) for one in json.loads(text)["Statement"]] if text else []


def readable(text: str, *, brief: bool) -> str:
    """A statement on one line of words; `brief` cuts long lists, as `--json` has them whole."""
    one = json.loads(text)
    parts = [one["Effect"].lower()]
    for element in ("Action", "NotAction"):
        if element in one:
            parts += [*(["all but"] if element == "NotAction" else []), listed(one[element], brief)]
    if "Resource" in one:
        parts += ["on", listed(one["Resource"], brief)]
    if "Principal" in one:
        parts += ["to", "; ".join(listed(names, brief) for names in one["Principal"].values())]
    tests = (
        f"{key} {operator} {listed(values, brief)}"
        for operator, keys in one.get("Condition", {}).items()
        for key, values in keys.items()
    )
    condition = " and ".join(tests)
    return " ".join((*parts, "if", condition)) if condition else " ".join(parts)


def listed(values: str | list[str], brief: bool) -> str:
    """Values with commas, the middle of a long list left out."""
    texts = [values] if isinstance(values, str) else values
    if brief and len(texts) > LONG:
        return f"{', '.join(texts[: LONG - 1])} and {len(texts) - LONG + 1} more"
    return ", ".join(texts)


def changed(before: list[str], after: list[str]) -> Iterator[tuple[str, str]]:
    """The lines that go and those that come."""
    for tag, i, j, k, m in SequenceMatcher(None, before, after).get_opcodes():
        if tag != "equal":
            yield from (("-", line) for line in before[i:j])
            yield from (("+", line) for line in after[k:m])


def assumptions_table(
    plan: FencePlan, others: Mapping[str, Sequence[Assumption]], used: Used = BY_DEFAULT
) -> Table:
    """Every open reading, those that matter first, with what the other forms would make of it."""
    table = Table(
        box=None,
        header_style="bold",
        pad_edge=False,
        title="what the fence rests on: where the vendor's pages can be read in two ways",
        title_justify="left",
        title_style="bold",
    )
    form = plan.scope.form.value
    for heading in ("point", "if", f"this form ({form})", "because", *others):
        table.add_column(heading, overflow="fold")
    rows = list(zip(plan.assumptions, *others.values(), strict=True))
    for one, *rest in sorted(rows, key=lambda row: row[0].verdict == "holds" and row[0].point != "default"):
        table.add_row(
            one.point,
            Text(one.text + HERE[used.here(one.name)], style="dim" if one.verdict == "holds" else ""),
            verdict_text(one),
            "; ".join((*one.leaks, *one.blocks)),
            *(verdict_text(other) for other in rest),
        )
    return table


def verdict_text(one: Assumption) -> Text:
    """A verdict in its colour."""
    return Text(one.verdict, style="green" if one.verdict == "holds" else "red" if one.leaks else "yellow")


def open_roads_table(plan: FencePlan) -> Table:
    """The roads that no part of the fence closes; those that `roads` could close in one line a group."""
    table = Table(
        box=None,
        header_style="bold",
        pad_edge=False,
        title="roads that stay open",
        title_justify="left",
        title_style="bold",
    )
    for heading in ("road", "who calls", "what to know"):
        table.add_column(heading, overflow="fold")
    for group, found in left_open(plan.scope):
        callers = dict.fromkeys(one.road.by.value for one in found)
        names = ", ".join(one.road.name for one in found)
        hint = f"{names}; `roads` in {plan.scope.source} closes them, `imagefence fence roads` tells of each"
        table.add_row(group.value, "; ".join(callers), hint)
    for one in closings(plan.scope):
        if one.state is State.UNCLOSABLE:
            table.add_row(one.road.name, one.road.caller, one.why)
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


def plan_json(plan: FencePlan, used: Used = BY_DEFAULT) -> str:
    """A plan for programs."""
    return written(
        {
            "empty": not plan.steps,
            "policies": [
                {"name": policy.name, "about": policy.about, "document": json.loads(policy.text)}
                for policy in plan.policies
            ],
            "steps": [step_row(step) for step in plan.steps],
            "assumptions": [
                {**asdict(one), "verdict": one.verdict, "here": used.here(one.name)}
                for one in plan.assumptions
            ],
            "readings": used.source,
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
