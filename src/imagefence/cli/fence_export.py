"""`imagefence fence plan --export`: a plan as files for tools that keep policies as code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from imagefence.cli.fence_run import planned
from imagefence.cli.options import Options
from imagefence.errors import InputError
from imagefence.fence.export import Export, plan_file
from imagefence.fence.export_ros import ros
from imagefence.fence.export_terraform import terraform
from imagefence.fence.plan import FencePlan
from imagefence.fence.standing import Standing

FORMATS: dict[str, Callable[[FencePlan, Standing], Export]] = {
    "terraform": terraform,
    "ros": ros,
    "json": plan_file,
}


def run_export(options: Options, scope_file: Path, form: str, folder: Path | None) -> int:
    """Writes the files into the folder, or the only one to standard output; tells the notes on stderr."""
    if options.json:
        raise InputError("`--export` writes a form of its own", help="leave `--json` out")
    plan, standing, *_ = planned(options, scope_file)
    export = FORMATS[form](plan, standing)
    if folder is None:
        click.echo(only(export), nl=False)
    else:
        write(export, folder)
    for note in export.notes:
        click.echo(f"note: {note}", err=True)
    return 0


def only(export: Export) -> str:
    """The text of the one file; raises InputError where there are more."""
    if len(export.files) > 1:
        raise InputError(
            f"the export has {len(export.files)} files: {', '.join(export.files)}",
            help="name a folder for them with `--out DIR`",
        )
    return "".join(export.files.values())


def write(export: Export, folder: Path) -> None:
    """Writes the files, over those of an earlier export."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in export.files.items():
            (folder / name).write_text(text, encoding="utf-8")
            click.echo(f"wrote {folder / name}")
    except OSError as error:
        place = error.filename or folder
        raise InputError(f"cannot write `{place}`: {(error.strerror or str(error)).lower()}") from error
