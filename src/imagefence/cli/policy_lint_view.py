"""How `imagefence policy lint` shows remarks: the line with a caret, or JSON; and how it shows its rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import click

from imagefence.lint.remark import Remark, Severity
from imagefence.lint.rule import Mend, Rule, example, shown
from imagefence.lint.rules import RULES
from imagefence.lint.sarif import Linted, anchor

TONES = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "blue"}
WIDTH = 96


def as_data(linted: Linted) -> dict[str, Any]:
    """The remarks of one text for JSON."""
    return {"file": linted.source, "remarks": [remark_data(each) for each in linted.remarks]}


def remark_data(remark: Remark) -> dict[str, Any]:
    """One remark for JSON."""
    return {
        "rule": remark.rule,
        "code": RULES[remark.rule].code,
        "severity": remark.severity.value,
        "pointer": remark.pointer,
        "message": remark.message,
        "help": remark.help,
        "line": remark.line,
        "column": remark.column,
        "end_line": remark.end_line,
        "end_column": remark.end_column,
        "fixable": remark.edit is not None,
        "page": anchor(RULES[remark.rule]),
    }


def show(linted: Sequence[Linted], *, concise: bool, err: bool = False) -> None:
    """Prints the remarks, each at its place, and how many there are."""
    for each in linted:
        for line in lines(each, concise=concise):
            click.echo(line, err=err)
    click.echo(summary(linted), err=err)


def summary(linted: Sequence[Linted]) -> str:
    """How many remarks there are, and how many of them `--fix` mends."""
    remarks = [remark for each in linted for remark in each.remarks]
    errors = sum(each.severity is Severity.ERROR for each in remarks)
    fixable = sum(each.edit is not None for each in remarks)
    text = f"{errors} error{'s' * (errors != 1)}, {len(remarks) - errors} other remark"
    text += "s" * (len(remarks) - errors != 1)
    return f"{text}; --fix mends {fixable}" if fixable else text


def lines(linted: Linted, *, concise: bool) -> Iterator[str]:
    """The remarks as text."""
    source = (linted.text or "").splitlines()
    for remark in linted.remarks:
        # Why: what hangs in a cloud is in no file, and has no line.
        place = f"{linted.source}:{remark.line}:{remark.column}" if linted.text is not None else linted.source
        severity = click.style(remark.severity.value, fg=TONES[remark.severity], bold=True)
        yield f"{place}: {severity}: {remark.message} [{remark.rule}]"
        if not concise:
            yield from frame(source, remark)
            if remark.help:
                yield f"    {remark.help}"


def frame(source: list[str], remark: Remark) -> Iterator[str]:
    """The line of a remark, with carets under its element; of a long line, the part around it."""
    if not 0 < remark.line <= len(source) or not remark.pointer:
        return
    line = "".join(char if char.isprintable() else " " for char in source[remark.line - 1])
    start = remark.column - 1
    end = min(remark.end_column - 1 if remark.end_line == remark.line else len(line), len(line))
    cut = 0 if len(line) <= WIDTH else max(0, min(start - WIDTH // 4, len(line) - WIDTH))
    part = line[cut : cut + WIDTH]
    marks = "^" * max(1, min(end, cut + WIDTH) - start)
    number = f"{remark.line:>5}"
    yield f"{number} | {part}"
    yield f"{' ' * len(number)} | {' ' * (start - cut)}{click.style(marks, fg=TONES[remark.severity])}"


def list_rules() -> Iterator[str]:
    """One line for each rule."""
    for rule in RULES.values():
        fix = "fix" if rule.mend is not Mend.NONE else ""
        yield f"{rule.code}  {rule.name:<24} {rule.severity.value:<8} {fix:<4} {rule.meaning}"


def rule_data(rule: Rule) -> dict[str, Any]:
    """One rule for JSON."""
    return {
        "code": rule.code,
        "rule": rule.name,
        "severity": rule.severity.value,
        "meaning": rule.meaning,
        "why": rule.why,
        "kind": rule.kind.value,
        "fix": rule.mend.value,
        "bad": example(rule.bad),
        "good": example(rule.good),
        "source": rule.source,
        "page": anchor(rule),
    }


def explained(rule: Rule) -> Iterator[str]:
    """All that there is to say about a rule."""
    yield f"{rule.code} {rule.name} ({rule.severity.value}): {rule.meaning}"
    yield f"\n{click.wrap_text(rule.why, WIDTH)}"
    yield f"\nFixed by --fix: {rule.mend.value}."
    yield f"Source: {rule.source}"
    subject = "attachments" if rule.attachment else f"{rule.kind.value} policy"
    yield f"\nBad ({subject}):\n\n{shown(rule.bad)}"
    yield f"Good:\n\n{shown(rule.good)}"
