"""`imagefence policy lint`: what is wrong with policies and attachments, and the mends that are certain."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from difflib import unified_diff
from enum import Enum

import click

from imagefence.cli.options import Options, cloud_options
from imagefence.cli.policy_kind import KINDS
from imagefence.cli.policy_lint_read import AUTO, Source, kind_of, sources
from imagefence.cli.policy_lint_view import as_data, explained, list_rules, rule_data, show
from imagefence.cli.published import PUBLISHED, example
from imagefence.cli.texts import replace_text
from imagefence.errors import InputError
from imagefence.lint.fixes import mend
from imagefence.lint.lint import Surroundings, lint_text
from imagefence.lint.remark import Remark, Severity
from imagefence.lint.rules import RULES, chosen
from imagefence.lint.sarif import Linted, sarif

IN_THE_CLOUD = ""
ORDER = [Severity.NOTE, Severity.WARNING, Severity.ERROR]


class Form(Enum):
    """How the remarks are told."""

    TEXT = "text"
    CONCISE = "concise"
    JSON = "json"
    SARIF = "sarif"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the options ask for."""

    kind: str
    beside: bool | None
    rules: frozenset[str]
    fail_on: Severity
    form: Form


@click.command()
@click.argument("files", nargs=-1, metavar="FILE...")
@click.option(
    "--kind",
    type=click.Choice([AUTO, *KINDS]),
    default=AUTO,
    show_default=True,
    help="Which grammar and which limits hold; auto: trust where there is a Principal, else control.",
)
@click.option(
    "--beside-full-access/--alone",
    "beside",
    default=None,
    help="Whether FullAliyunAccess stays on the same node.  [default: both are considered]",
)
@click.option(
    "--published", is_flag=True, help="Check the policy that the vendor publishes for golden images."
)
@click.option(
    "--attachments",
    is_flag=False,
    flag_value=IN_THE_CLOUD,
    metavar="[FILE]",
    help="Check what hangs where: nodes and policies of a YAML or JSON file, or without one of the cloud.",
)
@click.option(
    "--select", multiple=True, metavar="RULE", help="Only these rules: names, codes, or IF3 for IF3xx."
)
@click.option("--ignore", multiple=True, metavar="RULE", help="All but these rules.")
@click.option("--fix", is_flag=True, help="Mend in the files what is certain; `-` is mended to the output.")
@click.option("--diff", is_flag=True, help="Show what --fix would change; 3 where that is anything.")
@click.option("--sarif", "as_sarif", is_flag=True, help="Answer in SARIF 2.1.0, for code scanning.")
@click.option("--concise", is_flag=True, help="One line a remark.")
@click.option(
    "--fail-on",
    type=click.Choice([each.value for each in reversed(ORDER)]),
    default=Severity.ERROR.value,
    show_default=True,
    help="The least severity that makes the exit code 3.",
)
@click.option("--explain", metavar="RULE", help="Explain a rule, with a bad and a good example.")
@click.option("--list-rules", "listing", is_flag=True, help="List all rules.")
@cloud_options
def lint(
    *,
    files: tuple[str, ...],
    kind: str,
    beside: bool | None,
    published: bool,
    attachments: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    fix: bool,
    diff: bool,
    as_sarif: bool,
    concise: bool,
    fail_on: str,
    explain: str | None,
    listing: bool,
    options: Options,
) -> int:
    """Say what is wrong with policies, and what they will not do.

    A FILE may be a folder, whose `.json` files are read, or `-` for the standard input. Exit codes: 3 where
    there are errors (see --fail-on), 4 where a cloud could not be read whole, else 0.

    \b
    imagefence policy lint --published --beside-full-access
    imagefence policy lint guard.json --kind control
    imagefence policy lint policies --fix --select IF3
    imagefence policy lint --explain fails-open
    imagefence policy lint --attachments --profile management
    """
    if listing or explain:
        return tell_rules(explain, as_json=options.json)
    form = form_of(as_json=options.json, as_sarif=as_sarif, concise=concise)
    settings = Settings(kind, beside, wanted(select, ignore), Severity(fail_on), form)
    if fix or diff:
        return mend_all(list(sources(files)), settings, write=fix and not diff)
    linted = [check(each, settings) for each in given(files, published=published, needed=attachments is None)]
    gaps: tuple[str, ...] = ()
    if attachments is not None:
        # Why: YAML, and the directory's and identities' values, are a fifth of the start (30 of 140 ms).
        from imagefence.cli.policy_lint_attachments import lint_arrangement  # noqa: PLC0415

        arranged, gaps = lint_arrangement(attachments, options, settings.rules)
        linted += arranged
    answer(linted, form)
    for gap in gaps:
        click.echo(f"gap: {gap}", err=True)
    return exit_code(linted, settings) or (4 if gaps else 0)


def tell_rules(explain: str | None, *, as_json: bool) -> int:
    """Lists all rules, or explains one."""
    names, unknown = chosen((explain,)) if explain else (frozenset(RULES), "")
    if unknown:
        raise no_rule(unknown)
    rules = [rule for rule in RULES.values() if rule.name in names]
    if as_json:
        click.echo(json.dumps([rule_data(rule) for rule in rules], indent=2, ensure_ascii=False))
        return 0
    for line in list_rules() if explain is None else (line for rule in rules for line in explained(rule)):
        click.echo(line)
    return 0


def wanted(select: tuple[str, ...], ignore: tuple[str, ...]) -> frozenset[str]:
    """The names of the rules that are asked for."""
    selected, unknown = chosen(select) if select else (frozenset(RULES), "")
    ignored, unknown_ignored = chosen(ignore)
    if unknown or unknown_ignored:
        raise no_rule(unknown or unknown_ignored)
    return selected - ignored


def no_rule(word: str) -> InputError:
    """Says that there is no such rule."""
    return InputError(f"no rule `{word}`", help="`imagefence policy lint --list-rules` lists them")


def given(files: tuple[str, ...], *, published: bool, needed: bool) -> list[Source]:
    """The texts that are named on the command line."""
    if needed and not files and not published:
        raise InputError("no policy is given", help="name a file, or use --published")
    return [*sources(files), *([Source(PUBLISHED, example(PUBLISHED))] if published else [])]


def check(source: Source, settings: Settings) -> Linted:
    """Lints one text."""
    if source.broken is not None:
        return Linted(source.name, source.text, (source.broken,))
    return Linted(source.name, source.text, linter(source, settings)(source.text))


def linter(source: Source, settings: Settings) -> Callable[[str], tuple[Remark, ...]]:
    """What lints the text of a source, and what becomes of it."""
    kind, surroundings = kind_of(source.text, settings.kind), Surroundings(settings.beside)

    def remarks(text: str) -> tuple[Remark, ...]:
        found = lint_text(text, kind, surroundings=surroundings)
        return tuple(each for each in found if each.rule in settings.rules)

    return remarks


def mend_all(found: list[Source], settings: Settings, *, write: bool) -> int:
    """Mends every text, or shows what would change; then tells the remarks that are left."""
    if not found:
        raise InputError("no policy is given to mend", help="name a file")
    left, changed = [], False
    for source in found:
        mended = source.text if source.broken else mended_text(source, settings)
        changed = changed or mended != source.text
        if not write:
            click.echo("".join(difference(source, mended)), nl=False)
        elif source.path is None:
            click.echo(mended, nl=False)
        elif mended != source.text:
            replace_text(source.path, mended)
            click.echo(f"mended {source.name}", err=True)
        left.append(check(Source(source.name, mended, source.path, source.broken), settings))
    if not write:
        return 3 if changed else 0
    answer(left, settings.form, err=any(source.path is None for source in found))
    return exit_code(left, settings)


def mended_text(source: Source, settings: Settings) -> str:
    """A text after all certain mends."""
    return mend(source.text, linter(source, settings), settings.rules).text


def difference(source: Source, mended: str) -> list[str]:
    """The lines of a unified diff."""
    old, new = source.text.splitlines(keepends=True), mended.splitlines(keepends=True)
    found = unified_diff(old, new, source.name, f"{source.name} (mended)")
    return [line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in found]


def form_of(*, as_json: bool, as_sarif: bool, concise: bool) -> Form:
    """The form that the options ask for; raises InputError where they ask for two."""
    asked = [
        form for form, wish in ((Form.JSON, as_json), (Form.SARIF, as_sarif), (Form.CONCISE, concise)) if wish
    ]
    if len(asked) > 1:
        raise InputError(f"--{asked[0].value} and --{asked[1].value} exclude each other", help="give one")
    return asked[0] if asked else Form.TEXT


def answer(linted: list[Linted], form: Form, *, err: bool = False) -> None:
    """Prints the remarks; to stderr where a mended text takes the output."""
    if form is Form.SARIF:
        click.echo(json.dumps(sarif(linted), indent=2, ensure_ascii=False), err=err)
    elif form is Form.JSON:
        click.echo(json.dumps([as_data(each) for each in linted], indent=2, ensure_ascii=False), err=err)
    else:
        show(linted, concise=form is Form.CONCISE, err=err)


def exit_code(linted: list[Linted], settings: Settings) -> int:
    """3 where a remark is as severe as asked for."""
    least = ORDER.index(settings.fail_on)
    return 3 if any(ORDER.index(r.severity) >= least for each in linted for r in each.remarks) else 0
