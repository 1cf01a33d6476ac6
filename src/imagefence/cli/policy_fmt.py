"""`imagefence policy fmt`: one canonical form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

import click

from imagefence.cli.policy_kind import KINDS
from imagefence.cli.texts import STDIN, read_once, read_text, replace_text
from imagefence.errors import PolicySyntaxError
from imagefence.policy.document import Document, PolicyKind
from imagefence.policy.parse import parse, print_document

BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class Formatted:
    """A file's text as it is, and as it should be."""

    file: str
    text: str
    canonical: str

    @property
    def changed(self) -> bool:
        """True where the two differ."""
        return self.text != self.canonical


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option(
    "--kind", type=click.Choice(KINDS), help="Which grammar holds.  [default: trust where it has a Principal]"
)
@click.option("--stdout", "to_stdout", is_flag=True, help="Print it instead of writing the file.")
@click.option("--check", is_flag=True, help="Write nothing; exit with 3 where a file is not in that form.")
@click.option("--diff", is_flag=True, help="Write nothing; print what would change.")
@click.option("--compact", is_flag=True, help="The shortest form, for the vendor's length limits.")
def fmt(
    *, files: tuple[str, ...], kind: str | None, to_stdout: bool, check: bool, diff: bool, compact: bool
) -> int:
    """Write policies in one canonical form: elements in the order of the grammar, two spaces, one final line.

    No file is touched unless all can be read. A FILE of `-` is the standard input, printed to the standard
    output. Lengths and names are not judged here; `imagefence policy lint` does that.

    \b
    imagefence policy fmt guard.json launch.json
    imagefence policy fmt guard.json --stdout --compact
    imagefence policy fmt policies/*.json --check --diff
    """
    read_once(files)
    found = [formatted(file, kind, compact=compact) for file in files]
    if diff:
        for each in found:
            click.echo("".join(difference(each)), nl=False)
    if check or diff:
        return report(found) if check else 0
    for each in found:
        put(each, to_stdout=to_stdout)
    return 0


def formatted(file: str, kind: str | None, *, compact: bool) -> Formatted:
    """Reads a file and prints it in the canonical form; raises PolicySyntaxError where it is no policy."""
    text = read_text(file)
    document = read(text.removeprefix(BYTE_ORDER_MARK), kind, STDIN if file == "-" else file)
    return Formatted(file, text, f"{print_document(document, compact=compact)}\n")


def read(text: str, kind: str | None, source: str) -> Document:
    """Parses a text as the kind asked for, or else as a trust policy if it has a Principal."""
    if kind is not None:
        return parse(text, PolicyKind(kind), source=source, stored=True)
    try:
        return parse(text, PolicyKind.CONTROL, source=source, stored=True)
    except PolicySyntaxError as error:
        if not error.pointer.endswith("/Principal"):
            raise
    return parse(text, PolicyKind.TRUST, source=source, stored=True)


def difference(formatted: Formatted) -> Iterator[str]:
    """The lines of a unified diff."""
    old, new = formatted.text.splitlines(keepends=True), formatted.canonical.splitlines(keepends=True)
    for line in unified_diff(old, new, formatted.file, f"{formatted.file} (formatted)"):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def report(found: list[Formatted]) -> int:
    """Names the files that are not in the canonical form; 3 if there are any."""
    changed = [each.file for each in found if each.changed]
    for file in changed:
        click.echo(f"not formatted: {file}", err=True)
    return 3 if changed else 0


def put(formatted: Formatted, *, to_stdout: bool) -> None:
    """Prints the canonical text, or puts it in the file's place where it differs."""
    if to_stdout or formatted.file == "-":
        click.echo(formatted.canonical, nl=False)
    elif formatted.changed:
        replace_text(Path(formatted.file), formatted.canonical)
        click.echo(f"wrote {formatted.file}", err=True)
