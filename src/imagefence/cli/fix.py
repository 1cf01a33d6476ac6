"""`imagefence fix`: plan what puts findings right, and apply it."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from imagefence.audit.audit import audit
from imagefence.cli.audit import load_scope, read
from imagefence.cli.fix_view import plan_view
from imagefence.cli.options import Options, cloud_options
from imagefence.cli.options import open as open_cloud
from imagefence.errors import InputError
from imagefence.fix.choose import Choice, parse_choice, parse_way
from imagefence.fix.journal import open_journal
from imagefence.fix.plan import Fix, Plan, Step, Way, read_plan, write_plan
from imagefence.report.terminal import console

if TYPE_CHECKING:
    from imagefence.cloud.session import Session
    from imagefence.fix.apply import Applied
    from imagefence.scope.scope import Scope


@click.group()
def command() -> None:
    """Plan what puts the findings right, review it, apply it.

    \b
    imagefence fix plan --choose i-bp1=replace --choose image:m-bp1=tag --out plan.json
    imagefence fix apply plan.json --accept-data-loss
    """


@command.command()
@click.option("--scope", "scope_file", default="fence.yaml", metavar="FILE", help="What is approved.")
@click.option(
    "--choose",
    "choices",
    multiple=True,
    metavar="WHAT=WAY",
    help="Decide: i-123=replace, image:m-1=tag, rule:image-stock=retire, account:ID=ask, finding:ID=tag.",
)
@click.option(
    "--default", "default", metavar="WAY", help="For findings without a choice: ask, tag, replace, retire."
)
@click.option("--image", "images", multiple=True, metavar="ID", help="Replace by this, not the newest.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the plan to this file.")
@cloud_options
def plan(
    *,
    options: Options,
    scope_file: str,
    choices: tuple[str, ...],
    default: str | None,
    images: tuple[str, ...],
    out: Path | None,
) -> int:
    """Audit, and plan the steps for every finding.

    \b
    imagefence fix plan
    imagefence fix plan --choose i-bp1=replace --choose rule:image-stock=retire --out plan.json

    A finding is fixed by tagging its image (by the exempt role), by replacing its system disk with the newest
    approved image, or by retiring the instance. Without a choice it stays undecided. Nothing is changed.

    Exit codes: 3 where findings are left undecided, else 4 where something could not be read, else 0.
    """
    scope = load_scope(Path(scope_file))
    chosen = [parse_choice(text) for text in choices]
    way = parse_way(default or scope.fix_default.value)
    made = plan_fixes(options, scope, chosen, way, images)
    show_plan(made, options, out)
    return 3 if made.undecided else 4 if made.gaps else 0


@command.command()
@click.argument("plan_file", metavar="PLAN", type=click.Path(path_type=Path))
@click.option("--accept-data-loss", is_flag=True, help="Agree to what the plan says is lost.")
@click.option("--journal", type=click.Path(path_type=Path, dir_okay=False), help="Default: beside the plan.")
@click.option("--yes", is_flag=True, help="Don't ask.")
@cloud_options
def apply(
    *, options: Options, plan_file: Path, accept_data_loss: bool, journal: Path | None, yes: bool
) -> None:
    """Apply a plan, or go on with one that was cut off.

    \b
    imagefence fix apply plan.json
    imagefence fix apply plan.json --accept-data-loss --yes --json

    A plan whose world has moved on is refused. The journal beside the plan tells what was done; running the
    same apply again goes on from there.
    """
    read = read_plan(plan_file)
    if not yes and read.fixes:
        ask(read)
    applied = apply_fixes(
        open_cloud(options),
        read,
        journal or plan_file.with_suffix(".journal.ndjson"),
        accept_data_loss,
    )
    show_applied(applied, options)


def plan_fixes(
    options: Options, scope: Scope, choices: list[Choice], default: Way, images: tuple[str, ...]
) -> Plan:
    """Audits what the session reaches and plans."""
    # Why: these bring the vendor's client, a third of a second that `--help` and a wrong option go without.
    from imagefence.cloud.accounts import reachable_accounts  # noqa: PLC0415
    from imagefence.fix.make import Planner, make_plan  # noqa: PLC0415

    snapshot = read(options, ())
    accounts, _gaps = reachable_accounts(open_cloud(replace(options, region=None)))
    sessions = {account.account_id: account.session for account in accounts}
    planner = Planner(snapshot, scope, sessions, images)
    return make_plan(audit(snapshot, scope), planner, choices, default, datetime.now(UTC))


def show_plan(plan: Plan, options: Options, out: Path | None) -> None:
    """Prints the plan and writes its file."""
    if out is not None:
        write_plan(plan, out)
    if options.json:
        click.echo(msgspec.json.format(msgspec.json.encode(plan), indent=2).decode())
        return
    console().print(plan_view(plan))
    if out is not None:
        click.echo(f"\nplan written to {out}; apply it with `imagefence fix apply {out}`")


def ask(plan: Plan) -> None:
    """Shows the plan and asks; without a terminal there is nobody to ask."""
    if not sys.stdin.isatty():
        raise InputError("there is nobody to ask", help="review the plan, then pass --yes")
    console(stderr=True).print(plan_view(plan))
    click.confirm("apply this plan?", abort=True, err=True)


def apply_fixes(session: Session, plan: Plan, journal: Path, accept_data_loss: bool) -> Applied:
    """Applies with every account's session, telling each step on stderr."""
    # Why: as in `plan_fixes`.
    from imagefence.cloud.accounts import reachable_accounts  # noqa: PLC0415
    from imagefence.fix.apply import apply_plan  # noqa: PLC0415

    accounts, _gaps = reachable_accounts(session)
    sessions = {account.account_id: account.session for account in accounts}
    return apply_plan(
        plan,
        sessions,
        open_journal(journal, plan.digest),
        accept_data_loss=accept_data_loss,
        progress=tell,
    )


def tell(fix: Fix, step: Step, state: str) -> None:
    """One line when a step is done or was found done."""
    if state == "doing":
        return
    mark = "done" if state == "done" else "was already done"
    click.echo(f"{step.id:>5}  {step.do:<20} {step.target}  {mark}", err=True)


def show_applied(applied: Applied, options: Options) -> None:
    """Prints what was done and where the data are."""
    if options.json:
        click.echo(msgspec.json.encode(applied).decode())
        return
    for disk, snapshot in applied.snapshots:
        click.echo(f"what was on {disk} is in snapshot {snapshot}")
    done = f"{len(applied.called)} steps done"
    click.echo(done + (f", {len(applied.found)} had already been done" if applied.found else ""))
