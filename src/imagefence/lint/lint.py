"""Text or Document to remarks: what does not parse, and what parses but hardly means what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from imagefence.lint.actions import action_remarks
from imagefence.lint.catalogue import Catalogue, catalogue
from imagefence.lint.conditions import condition_remarks
from imagefence.lint.consistency import consistency_remarks
from imagefence.lint.place import Text, one_line
from imagefence.lint.reach import reach_remarks
from imagefence.lint.recovery import read
from imagefence.lint.redundancy import pattern_remarks, statement_remarks
from imagefence.lint.remark import Found, Remark
from imagefence.lint.resources import resource_remarks
from imagefence.lint.rules import RULES
from imagefence.lint.subject import ANYWHERE, Subject, Surroundings, at
from imagefence.lint.trust import exemption_remarks, trust_remarks
from imagefence.policy.document import Document, PolicyKind, Statement

__all__ = ["Surroundings", "lint", "lint_text"]


def lint_text(
    text: str,
    kind: PolicyKind,
    *,
    surroundings: Surroundings = ANYWHERE,
    known: Catalogue | None = None,
    length: int | None = None,
) -> tuple[Remark, ...]:
    """All remarks on a policy's text, in the order of the text; `length` is that of the text as it is held.

    A statement that breaks the grammar gives one remark; the others are linted all the same. Remarks on the
    policy as a whole wait until every statement can be read.
    """
    recovered = read(text, kind, length)
    placed = Text(text)
    remarks = [
        placed.remark(found, RULES[found.rule].severity, place)
        for found, place in zip(recovered.found, recovered.places, strict=True)
    ]
    if recovered.document is not None:
        broken = any(found.rule not in SIZES for found in recovered.found)
        subject = Subject(recovered.document, known or catalogue(), surroundings)
        remarks += [
            placed.remark(found, RULES[found.rule].severity)
            for found in (_of_statements(subject) if broken else _all(subject))
        ]
    return tuple(sorted(remarks, key=lambda each: (each.line, each.column)))


def lint(
    document: Document, *, surroundings: Surroundings = ANYWHERE, known: Catalogue | None = None
) -> tuple[Remark, ...]:
    """All remarks on a document, without lines and columns."""
    found = _all(Subject(document, known or catalogue(), surroundings))
    return tuple(
        Remark(
            each.rule,
            each.severity or RULES[each.rule].severity,
            each.pointer,
            one_line(each.message),
            one_line(each.help),
        )
        for each in found
    )


def _all(subject: Subject) -> Iterator[Found]:
    yield from _of_statements(subject)
    yield from statement_remarks(subject)
    yield from reach_remarks(subject)
    yield from exemption_remarks(subject)


def _of_statements(subject: Subject) -> Iterator[Found]:
    for statement in subject.document.statements:
        for check in _STATEMENT_CHECKS:
            yield from check(subject, statement)


def _grammar(_: Subject, statement: Statement) -> Iterator[Found]:
    if statement.sid:
        message = "`Sid` is not in the published grammar"
        yield Found("sid", f"{at(statement)}/Sid", message, "the cloud may refuse it")


Check = Callable[[Subject, Statement], Iterator[Found]]
_STATEMENT_CHECKS: tuple[Check, ...] = (
    action_remarks,
    resource_remarks,
    _grammar,
    condition_remarks,
    consistency_remarks,
    pattern_remarks,
    trust_remarks,
)
SIZES = frozenset({"too-long", "near-limit"})
