"""`imagefence policy fmt`: one canonical form."""

from __future__ import annotations

from pathlib import Path

import click

from imagefence.cli.policy_kind import kind_option
from imagefence.cli.texts import read_text, replace_text
from imagefence.policy.document import PolicyKind
from imagefence.policy.parse import parse, print_document


@click.command()
@click.argument("file", metavar="FILE")
@kind_option
@click.option("--stdout", "to_stdout", is_flag=True, help="Print it instead of writing the file.")
@click.option("--compact", is_flag=True, help="The shortest form, for the vendor's length limits.")
def fmt(file: str, kind: str, to_stdout: bool, compact: bool) -> None:
    """Write a policy in one canonical form.

    \b
    imagefence policy fmt guard.json
    imagefence policy fmt guard.json --stdout --compact
    """
    text = print_document(parse(read_text(file), PolicyKind(kind), source=file), compact=compact)
    if to_stdout or file == "-":
        click.echo(text)
        return
    replace_text(Path(file), f"{text}\n")
    click.echo(f"wrote {file}", err=True)
