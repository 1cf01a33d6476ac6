"""Remarks as SARIF 2.1.0, the form that code scanning reads.

Source: OASIS Static Analysis Results Interchange Format (SARIF) 2.1.0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from imagefence import __version__
from imagefence.lint.fixes import replacement
from imagefence.lint.place import Text
from imagefence.lint.remark import Remark, Severity
from imagefence.lint.rule import Rule
from imagefence.lint.rules import RULES

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
PAGE = "docs/lint.md"
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}


@dataclass(frozen=True, slots=True)
class Linted:
    """A text by its name, and the remarks on it; without a text, what hangs in a cloud by its name."""

    source: str
    text: str | None
    remarks: tuple[Remark, ...]


def sarif(linted: Iterable[Linted]) -> dict[str, Any]:
    """One run over all texts."""
    names = list(RULES)
    results = [result for each in linted for result in _results(each, names)]
    driver = {
        "name": "imagefence",
        "version": __version__,
        "rules": [_rule(rule) for rule in RULES.values()],
    }
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def anchor(rule: Rule) -> str:
    """The page of a rule."""
    return f"{PAGE}#{rule.code.lower()}-{rule.name}"


def uri(source: str) -> str:
    """A file's name as a URI: relative as it was given, or absolute."""
    return Path(source).as_uri() if Path(source).is_absolute() else quote(source)


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.meaning},
        "fullDescription": {"text": rule.why},
        "help": {"text": f"{rule.why} Source: {rule.source}", "markdown": _markdown(rule)},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {"page": anchor(rule), "fixable": rule.mend.value},
    }


def _markdown(rule: Rule) -> str:
    return f"{rule.why}\n\nSource: {rule.source}\n\n[{rule.code} {rule.name}]({anchor(rule)})"


def _results(linted: Linted, names: Sequence[str]) -> Iterator[dict[str, Any]]:
    text = Text(linted.text or "")
    for remark in linted.remarks:
        fix = _fix(linted.source, text, remark)
        yield _result(linted.source, remark, names) | ({"fixes": [fix]} if fix else {})


def _result(source: str, remark: Remark, names: Sequence[str]) -> dict[str, Any]:
    text = f"{remark.message}; {remark.help}" if remark.help else remark.message
    artifact = {"uri": uri(source)}
    region = {
        "startLine": remark.line,
        "startColumn": remark.column,
        "endLine": remark.end_line,
        "endColumn": remark.end_column,
    }
    return {
        "ruleId": RULES[remark.rule].code,
        "ruleIndex": names.index(remark.rule),
        "level": LEVELS[remark.severity],
        "message": {"text": text},
        "locations": [{"physicalLocation": {"artifactLocation": artifact, "region": region}}],
        "partialFingerprints": {"element/v1": f"{remark.rule}:{remark.pointer}"},
    }


def _fix(source: str, text: Text, remark: Remark) -> dict[str, Any] | None:
    change = replacement(text, remark.edit) if remark.edit else None
    if change is None:
        return None
    (line, column), (end_line, end_column) = text.lines.at(change.start), text.lines.at(change.end)
    deleted = {
        "startLine": line,
        "startColumn": column,
        "endLine": end_line,
        "endColumn": end_column,
        "charOffset": change.start,
        "charLength": change.end - change.start,
    }
    replaced = {"deletedRegion": deleted, "insertedContent": {"text": change.text}}
    return {
        "description": {"text": remark.help or remark.message},
        "artifactChanges": [{"artifactLocation": {"uri": uri(source)}, "replacements": [replaced]}],
    }
