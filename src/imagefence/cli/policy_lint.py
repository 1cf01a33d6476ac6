"""`imagefence policy lint`: what a policy will not do."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import click

from imagefence.cli.policy_kind import kind_option
from imagefence.cli.texts import read_text
from imagefence.cli.vocabulary import PUBLISHED, example, vocabulary
from imagefence.errors import InputError
from imagefence.lint.lint import Surroundings, lint_text
from imagefence.lint.remark import Remark, Severity
from imagefence.policy.document import PolicyKind

TONES = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "blue"}


@dataclass(frozen=True, slots=True)
class Checked:
    """A text by its name, and what there is to say about it."""

    source: str
    remarks: tuple[Remark, ...]

    @property
    def errors(self) -> int:
        """How many remarks are errors."""
        return sum(remark.severity is Severity.ERROR for remark in self.remarks)


@click.command()
@click.argument("files", nargs=-1, metavar="FILE...")
@kind_option
@click.option(
    "--beside-full-access/--alone",
    "beside",
    default=None,
    help="Whether FullAliyunAccess stays on the same node.  [default: both are considered]",
)
@click.option(
    "--published", is_flag=True, help="Check the policy that the vendor publishes for golden images."
)
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def lint(files: tuple[str, ...], kind: str, beside: bool | None, published: bool, as_json: bool) -> int:
    """Say what is wrong with policies, and what they will not do.

    A FILE of `-` is the standard input. Exit codes: 3 where there are errors, else 0.

    \b
    imagefence policy lint --published --beside-full-access
    imagefence policy lint guard.json --kind control
    """
    if not files and not published:
        raise InputError("no policy is given", help="name a file, or use --published")
    texts = [(file, read_text(file)) for file in files]
    if published:
        texts.append((PUBLISHED, example(PUBLISHED)))
    checked = [check(source, text, PolicyKind(kind), beside) for source, text in texts]
    if as_json:
        click.echo(json.dumps([as_data(each) for each in checked], indent=2, ensure_ascii=False))
    else:
        show(checked)
    return 3 if any(each.errors for each in checked) else 0


def check(source: str, text: str, kind: PolicyKind, beside: bool | None) -> Checked:
    """Lints one text."""
    surroundings = Surroundings(beside)
    return Checked(
        source, lint_text(text, kind, source=source, vocabulary=vocabulary(), surroundings=surroundings)
    )


def as_data(checked: Checked) -> dict[str, Any]:
    """The remarks of one text for JSON."""
    remarks = [asdict(remark) | {"severity": remark.severity.value} for remark in checked.remarks]
    return {"file": checked.source, "remarks": remarks}


def show(checked: Sequence[Checked]) -> None:
    """Prints the remarks, each at its place, and how many there are."""
    for each in checked:
        for line in lines(each):
            click.echo(line)
    errors = sum(each.errors for each in checked)
    others = sum(len(each.remarks) for each in checked) - errors
    click.echo(f"{errors} error{'s' * (errors != 1)}, {others} other remark{'s' * (others != 1)}")


def lines(checked: Checked) -> Iterator[str]:
    """The remarks as text."""
    for remark in checked.remarks:
        place = f"{checked.source}:{remark.line}:{remark.column}"
        severity = click.style(remark.severity.value, fg=TONES[remark.severity], bold=True)
        yield f"{place}: {severity}: {remark.message} [{remark.rule}]"
        if remark.help:
            yield f"    {remark.help}"
