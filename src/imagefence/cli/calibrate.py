"""`imagefence calibrate`: find out on an account which readings of the open points are true."""

from __future__ import annotations

from pathlib import Path

import click

from imagefence.cli.options import Options, cloud_options

RESULT = ".imagefence/readings.json"


@click.command()
@click.option("--plan", "plan_only", is_flag=True, help="Show what would be made and asked, and stop.")
@click.option("--yes", is_flag=True, help="Don't ask.")
@click.option(
    "--out",
    default=RESULT,
    show_default=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the result to this file.",
)
@cloud_options
def command(*, options: Options, plan_only: bool, yes: bool, out: Path) -> int:
    """Settle the points that the vendor's pages leave open, by harmless calls on your own account.

    \b
    imagefence calibrate --plan
    imagefence calibrate --yes

    Makes a throw-away user and role and a few policies, named `imagefence-calibrate-…` and marked in their
    description, and asks under one session policy after the other: reads, dry runs, and writes that must
    fail as their object is already there. Nothing is launched, and what was made is removed at the end;
    what a killed run has left, the next one removes. docs/calibrate.md lists every question.

    The result is what `imagefence simulate` goes by from then on, and names, as long as it lies there.

    Exit codes: 0 settled is all that this account can settle, 4 a point was left open, 1 failed.
    """
    # Why: it brings the vendor's client, a third of a second that `--help` and a wrong option go without.
    from imagefence.cli.calibrate_run import run  # noqa: PLC0415

    return run(options, out, plan_only=plan_only, yes=yes)
