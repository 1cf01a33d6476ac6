"""What the commands of `imagefence fence` do; apart from their options, so that `--help` stays quick."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click

from imagefence.cli.audit import load_scope
from imagefence.cli.fence_view import (
    changes_view,
    plan_json,
    plan_view,
    removal_json,
    status_json,
    status_view,
    step_line,
    steps_view,
)
from imagefence.cli.options import Options
from imagefence.cli.options import open as open_cloud
from imagefence.cli.readings_used import readings_used
from imagefence.cloud.session import Session
from imagefence.errors import InputError
from imagefence.fence.apply import apply
from imagefence.fence.journal import Journal
from imagefence.fence.plan import FencePlan, make_plan, other_forms
from imagefence.fence.remove import removal, remove
from imagefence.fence.standing import Standing, read_standing
from imagefence.fence.status import make_status
from imagefence.fence.steps import Step
from imagefence.report.terminal import console


def planned(options: Options, scope_file: Path) -> tuple[FencePlan, Standing, Session]:
    """Reads the scope and the cloud, and plans."""
    scope = load_scope(scope_file)
    session = open_cloud(options)
    standing = read_standing(session, scope)
    return make_plan(scope, standing, datetime.now(UTC)), standing, session


def run_plan(options: Options, scope_file: Path) -> int:
    """Shows the plan."""
    used = readings_used()
    plan, standing, _session = planned(options, scope_file)
    if options.json:
        click.echo(plan_json(plan, used))
    else:
        console().print(plan_view(plan, other_forms(plan, standing, datetime.now(UTC)), used))
    return 1 if plan.refusals else 0


def run_apply(options: Options, scope_file: Path, journal: Path, *, yes: bool) -> int:
    """Shows the plan, asks, and applies it."""
    plan, standing, session = planned(options, scope_file)
    if not options.json:
        console().print(changes_view(plan))
    if plan.steps and not plan.refusals:
        agree(yes, options, f"take these {len(plan.steps)} steps?")
    apply(plan, standing, session, Journal(journal, standing.own_account), told(options))
    if options.json:
        click.echo(plan_json(plan))
    elif plan.steps:
        click.echo(f"the fence is up; what stood before is in {journal}")
    return 0


def run_status(options: Options, scope_file: Path) -> int:
    """Shows whether the fence is in force."""
    plan, standing, _session = planned(options, scope_file)
    status = make_status(plan, standing, datetime.now(UTC))
    if options.json:
        click.echo(status_json(status))
    else:
        console().print(status_view(status))
    return status.exit_code


def run_remove(options: Options, scope_file: Path, journal: Path, *, yes: bool) -> int:
    """Shows what would go, asks, and takes it away."""
    scope = load_scope(scope_file)
    session = open_cloud(options)
    standing = read_standing(session, scope)
    book = Journal(journal, standing.own_account)
    steps = removal(standing, book.origins())
    if not options.json:
        console().print(steps_view(steps, "there is no fence to take down"))
    if steps:
        agree(yes, options, f"take these {len(steps)} steps?")
        remove(steps, standing, session, book, told(options))
    if options.json:
        click.echo(removal_json(steps))
    return 0


def agree(yes: bool, options: Options, question: str) -> None:
    """Asks, unless told not to; an answer in JSON leaves no room for a question."""
    if yes:
        return
    if options.json:
        raise InputError("with --json nobody can be asked", help="add --yes")
    click.confirm(question, abort=True)


def told(options: Options) -> Callable[[Step], None]:
    """Tells each step taken, on stderr where the answer is JSON."""
    done: list[Step] = []

    def tell(step: Step) -> None:
        done.append(step)
        click.echo(f"{len(done):>3}  {step_line(step)}", err=options.json)

    return tell
