"""`imagefence audit`: every instance of every account and region against the scope."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from imagefence.audit.audit import FAILING, Audit, assess, failing_rules
from imagefence.audit.rules import RULES
from imagefence.cli.options import Options, cloud_options
from imagefence.cli.options import open as open_cloud
from imagefence.errors import ConfigError, InputError
from imagefence.report.html import render_audit, write
from imagefence.report.jsonout import to_json
from imagefence.report.terminal import audit_view, console, progress_on_stderr
from imagefence.scope.parse import parse_scope
from imagefence.scope.reader import decoded

if TYPE_CHECKING:
    from collections.abc import Collection

    from imagefence.inventory.snapshot import Snapshot
    from imagefence.scope.scope import Scope


@click.command()
@click.option("--scope", "scope_file", default="fence.yaml", metavar="FILE", help="What is approved.")
@click.option(
    "--account", "accounts", multiple=True, metavar="ID|NAME", help="Only this account; repeatable."
)
@click.option(
    "--html", "html_file", type=click.Path(path_type=Path, dir_okay=False), help="Write a page too."
)
@click.option(
    "--fail-on",
    "fail_on",
    multiple=True,
    metavar="RULE|SEVERITY",
    help="What exits with 3: a rule, or a severity and worse. Default: all but image-unknown.",
)
@cloud_options
def command(
    *,
    options: Options,
    scope_file: str,
    accounts: tuple[str, ...],
    html_file: Path | None,
    fail_on: tuple[str, ...],
) -> int:
    """Hold every instance of every account and region against the fence.

    \b
    imagefence audit
    imagefence audit --account dev --region cn-hangzhou,cn-shanghai --html audit.html
    imagefence audit --json --fail-on high

    From a directory's management account all members are read, through the role that they trust. With
    --region only those regions are read. What can't be read is shown as a gap, and is never clean.

    Exit codes: 3 with findings, else 4 where something could not be read, else 0.
    """
    failing = failing_of(fail_on)
    scope = load_scope(Path(scope_file))
    made = run(options, scope, accounts)
    if html_file is not None:
        write_page(made, scope, html_file)
    show(made, options)
    return made.exit_code(failing)


def failing_of(words: Collection[str]) -> Collection[str]:
    """Turns the words of --fail-on into rules; raises InputError for one that is none."""
    if not words:
        return FAILING
    chosen = failing_rules(words)
    if chosen is None:
        known = ("high", "medium", "low", *(rule.id for rule in RULES))
        strange = next(word for word in words if word not in known)
        raise InputError(f"--fail-on does not know `{strange}`", help=f"one of {', '.join(known)}")
    return chosen


def load_scope(path: Path) -> Scope:
    """Reads the scope file."""
    try:
        return parse_scope(decoded(path.read_bytes(), str(path)), str(path))
    except OSError as error:
        raise ConfigError(
            f"can't read the scope: {(error.strerror or 'unreadable').lower()}",
            place=str(path),
            help="`imagefence fence init` writes one; --scope names another file",
        ) from None


def run(options: Options, scope: Scope, accounts: tuple[str, ...]) -> Audit:
    """Reads the fleet and judges it."""
    return assess(read(options, accounts), scope)


def read(options: Options, accounts: tuple[str, ...]) -> Snapshot:
    """Reads the fleet, with a bar on stderr."""
    # Why: it brings the vendor's client, a third of a second that `--help` and a wrong option go without.
    from imagefence.inventory.fleet import read_fleet  # noqa: PLC0415

    region_ids = tuple(filter(None, (options.region or "").split(",")))
    if options.region and not region_ids:
        raise InputError(
            f"`{options.region}` names no region", help="such as --region cn-hangzhou,cn-shanghai"
        )
    session = open_cloud(replace(options, region=region_ids[0] if region_ids else None))
    with progress_on_stderr() as progress:
        task = progress.add_task("reading accounts and regions", total=None)
        return read_fleet(
            session,
            accounts=accounts,
            region_ids=region_ids,
            progress=lambda done, whole: progress.update(task, completed=done, total=whole),
        )


def show(made: Audit, options: Options) -> None:
    """Prints the audit as JSON or as tables."""
    if options.json:
        click.echo(to_json(made))
        return
    console().print(audit_view(made))


def write_page(made: Audit, scope: Scope, path: Path) -> None:
    """Writes the HTML page and says where."""
    write(path, render_audit(made, scope))
    click.echo(f"wrote {path}", err=True)
