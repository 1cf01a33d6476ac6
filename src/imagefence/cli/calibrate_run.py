"""What `imagefence calibrate` does; apart from its options, so that `--help` stays quick."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import click

from imagefence.calibrate.result import Calibration, save_result
from imagefence.calibrate.run import Plan, calibrate, make_plan
from imagefence.cli.calibrate_view import plan_json, plan_lines, result_json, result_view
from imagefence.cli.fence_run import agree
from imagefence.cli.options import Options
from imagefence.cli.options import open as open_cloud
from imagefence.cli.readings_used import RESULT_FILE
from imagefence.cloud.session import Session
from imagefence.report.terminal import console, progress_on_stderr


def run(options: Options, out: Path, *, plan_only: bool, yes: bool) -> int:
    """Plans, asks for leave, calibrates, saves and shows."""
    session = open_cloud(options)
    secure = session.endpoint is None or session.endpoint.protocol == "HTTPS"
    plan = make_plan(session, secure=secure)
    if plan_only and options.json:
        click.echo(plan_json(plan))
        return 0
    if plan_only or not (yes or options.json):
        for line in plan_lines(plan):
            click.echo(line)
    if plan_only:
        return 0
    agree(yes, options, "make these, ask, and remove them again?")
    out.parent.mkdir(parents=True, exist_ok=True)
    made = calibrated(session, plan)
    save_result(made, out)
    show(made, plan, out, options)
    return 4 if made.of("open") else 0


def calibrated(session: Session, plan: Plan) -> Calibration:
    """Calibrates with a bar on stderr; a request to end is taken as Ctrl-C, so that nothing is left."""
    with ended_politely(), progress_on_stderr() as progress:
        task = progress.add_task("calibrating", total=plan.steps)

        def told(text: str) -> None:
            progress.update(task, advance=1, description=text)

        return calibrate(session, plan, datetime.now(UTC), told)


@contextmanager
def ended_politely() -> Iterator[None]:
    """Turns SIGTERM into KeyboardInterrupt while the body runs."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def show(made: Calibration, plan: Plan, out: Path, options: Options) -> None:
    """Prints the result."""
    if options.json:
        click.echo(result_json(made))
        return
    console().print(result_view(made))
    for thing in plan.leftovers.foreign:
        click.echo(f"left alone, as it bears our prefix but not our mark: {thing}")
    goes_by = "; `imagefence simulate` goes by it from here on" if out == RESULT_FILE else ""
    click.echo(f"\nwritten to {out}{goes_by}")
