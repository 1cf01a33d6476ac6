"""`imagefence demo`: the whole story on a sandbox of its own."""

from __future__ import annotations

import signal
import sys
import tempfile
from pathlib import Path

import click


@click.command()
@click.option("--keep", is_flag=True, help="Leave the sandbox running and print how to reach it.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the report and the files go; a new temporary folder by default.",
)
def command(*, keep: bool, out: Path | None) -> None:
    """Tell the whole story on a sandbox, in under a minute.

    \b
    imagefence demo
    imagefence demo --out demo --keep

    Every command and call really happens, and every claim is checked: if one does not hold, the demo fails.
    """
    # Why: the story brings in every room; `demo --help` goes without.
    from imagefence.cli.demo.play import play  # noqa: PLC0415

    # Why: a plain SIGTERM would leave the sandbox running without its story.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    play(out.resolve() if out else Path(tempfile.mkdtemp(prefix="imagefence-demo-")), keep=keep)
