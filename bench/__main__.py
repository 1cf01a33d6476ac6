"""`python -m bench [module…]`: measures against peers, prints a table, keeps bench/results/*.json.

Every other module of this folder with a function `rows() -> Iterable[Row]` is a bench. A row that misses its
target says so and makes the exit code 1.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

from bench.row import Row
from rich.console import Console
from rich.table import Column, Table

HERE = Path(__file__).parent
RESULTS = HERE / "results"
MODULES = ("help", "decide", "bulk", "sandbox")


def main(wanted: list[str]) -> int:
    """Runs the benches and gives the exit code."""
    # Why: a row's name is what its target is looked up by, so that is never cut.
    table = Table(
        Column("row", no_wrap=True), "ratio", "target", "ours", "peer", "peer's", "rounds", "spread", ""
    )
    short = False
    for name in wanted or MODULES:
        measured = [of(row) for row in importlib.import_module(f"bench.{name}").rows()]
        keep(name, measured)
        for row in measured:
            short |= row.falls_short
            table.add_row(*cells(row))
    Console(width=max(Console().width, 120)).print(table)
    return 1 if short else 0


def of(row: Row | dict[str, Any]) -> Row:
    """A row, which a bench may also give in the form it is kept in."""
    return row if isinstance(row, Row) else Row(**row)


def cells(row: Row) -> tuple[str, ...]:
    """One line of the table."""
    sign = ">=" if row.better == "higher" else "<="
    return (
        row.id,
        f"{row.ratio:.3g}",
        f"{sign} {row.target:g}",
        row.ours,
        row.peer,
        row.theirs,
        str(row.rounds),
        f"{row.spread:.0%}",
        "[red]falls short[/red]" if row.falls_short else "[green]holds[/green]",
    )


def keep(name: str, measured: list[Row]) -> None:
    """Writes the rows of one module."""
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps([row.saved() for row in measured], indent=2)
    (RESULTS / f"{name}.json").write_text(text + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
