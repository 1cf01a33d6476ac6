"""What `imagefence fence roads` does: the table of roads under one fence.yaml, without a cloud."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import Group as Lines
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from imagefence.cli.audit import load_scope
from imagefence.fence.documents import fence_policies, statements_closing
from imagefence.policy.document import PolicyKind
from imagefence.report.terminal import console, counted
from imagefence.scope.closing import Closing, State, closings
from imagefence.scope.road import Group
from imagefence.scope.scope import Scope

STYLES = {
    State.CLOSED: "green",
    State.EXCEPTED: "yellow",
    State.OPEN: "bold red",
    State.UNCLOSABLE: "yellow",
    State.UNNEEDED: "dim",
}
WHERE = {State.EXCEPTED: "fence.roads.except", State.OPEN: "fence.roads could close it"}


@dataclass(frozen=True, slots=True)
class RoadRow:
    """A road under the scope, with the statements that close it as pairs of policy and place from 1 on."""

    closing: Closing
    statements: tuple[tuple[str, int], ...]

    @property
    def by(self) -> str:
        """What closes it, in short: `imagefence-launch 1, 2`."""
        policies = dict.fromkeys(policy for policy, _ in self.statements)
        return "; ".join(f"{one} {', '.join(self.places(one))}" for one in policies)

    def places(self, policy: str) -> list[str]:
        """The places of its statements in one policy."""
        return [str(place) for name, place in self.statements if name == policy]


def run_roads(scope_file: Path, *, as_json: bool) -> int:
    """Prints the table; 3 where a road is open that could be closed and that nobody excepts."""
    scope = load_scope(scope_file)
    rows = road_rows(scope)
    if as_json:
        click.echo(roads_json(rows))
    else:
        console().print(roads_view(rows, scope))
    return 3 if any(row.closing.state is State.OPEN for row in rows) else 0


def road_rows(scope: Scope) -> tuple[RoadRow, ...]:
    """Every road with the statements of the fence's own policies that close it."""
    kind = PolicyKind.IDENTITY if scope.attach.principals else PolicyKind.CONTROL
    # Why no accounts: they add owners to one test alone, and no statement.
    policies = fence_policies(scope, kind, ())
    return tuple(RoadRow(one, statements_closing(one, scope, policies)) for one in closings(scope))


def roads_view(rows: Sequence[RoadRow], scope: Scope) -> RenderableType:
    """The table by groups, and how many roads stand how."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("road", "state", "who calls in the end", "closed by"):
        table.add_column(heading, overflow="fold")
    table.add_column("what to know", overflow="fold", ratio=1)
    for group in Group:
        table.add_row(Text(group.value, style="bold cyan"))
        for row in rows:
            if row.closing.road.group is group:
                table.add_row(*cells(row))
    counts = (f"{sum(row.closing.state is state for row in rows)} {state.value}" for state in State)
    verdict = Text(f"{counted(len(rows), 'road')}: {', '.join(counts)}", style="bold")
    rest = Text("what the closed ones rest on: docs/roads.md, or --json", style="dim")
    return Lines(table, Text(), verdict, rest, *hints(rows, scope))


def cells(row: RoadRow) -> tuple[str | Text, ...]:
    """The cells of one road."""
    road, state = row.closing.road, row.closing.state
    by = row.by or Text(WHERE.get(state, "-"), style="dim")
    return f"  {road.name}", Text(state.value, style=STYLES[state]), road.caller, by, told(row.closing)


def told(closing: Closing) -> str:
    """Why a road is open, or not closed in its usual way, and what no page settles.

    What a closed road rests on is a long column: it stands in docs/roads.md and in the JSON.
    """
    if closing.state is State.CLOSED and closing.why == closing.road.remark:
        return ""
    return f"{closing.why}; unsure: {closing.road.unsure}" if closing.road.unsure else closing.why


def hints(rows: Sequence[RoadRow], scope: Scope) -> tuple[Text, ...]:
    """What to write where roads are open that nobody excepts."""
    groups = dict.fromkeys(row.closing.road.group.value for row in rows if row.closing.state is State.OPEN)
    if not groups:
        return ()
    names = ", ".join(groups)
    choice = f"roads: {{ close: all, except: [{names}] }}"
    hint = f"close them in {scope.source}, or say that they stay open, as by {choice}"
    return (Text(hint, style="yellow"),)


def roads_json(rows: Sequence[RoadRow]) -> str:
    """The table for programs."""
    shape = {"roads": [road_shape(row) for row in rows], "open": open_names(rows)}
    return msgspec.json.format(msgspec.json.encode(shape), indent=2).decode()


def open_names(rows: Sequence[RoadRow]) -> list[str]:
    """The names of the roads that are open without being excepted."""
    return [row.closing.road.name for row in rows if row.closing.state is State.OPEN]


def road_shape(row: RoadRow) -> dict[str, Any]:
    """One road for programs."""
    road = row.closing.road
    return {
        "name": road.name,
        "group": road.group.value,
        "actions": road.actions,
        "caller": road.by.name.lower().replace("_", "-"),
        "role": road.role,
        "authorizes": road.authorizes,
        "keys": road.keys,
        "state": row.closing.state.name.lower(),
        "barrier": row.closing.barrier.value,
        "statements": [{"policy": policy, "statement": place} for policy, place in row.statements],
        "why": row.closing.why,
        "remark": road.remark,
        "unsure": road.unsure,
        "source": road.source,
    }
