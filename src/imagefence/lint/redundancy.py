"""Remarks on what is said twice: patterns, statements, and statements that a wider one makes idle.

Source: help.aliyun.com ram/policy-evaluation-process: a Deny wins, then an Allow; order never matters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from imagefence.lint.remark import Change, Edit, Found
from imagefence.lint.subject import Subject, at, element
from imagefence.policy.document import ConditionTest, Effect, In, NotIn, PolicyKind, Statement
from imagefence.policy.keys import condition_key
from imagefence.policy.pattern import glob, has_wildcard

RUN_OF_STARS = re.compile(r"\*+")
# Why: comparing all with all grows with the square. A policy within the vendor's lengths stays below these;
# a longer text is told its equal patterns and statements alone.
MOST_PATTERNS, MOST_STATEMENTS = 2000, 200


def pattern_remarks(subject: Subject, statement: Statement) -> Iterator[Found]:
    """Patterns that another one of the same list covers."""
    yield from _covered(
        f"{at(statement)}/{element('Action', statement.actions)}", statement.actions, fold=True
    )
    if subject.kind is not PolicyKind.TRUST:
        here = f"{at(statement)}/{element('Resource', statement.resources)}"
        yield from _covered(here, statement.resources, fold=False)


def _covered(here: str, covered: In | NotIn, *, fold: bool) -> Iterator[Found]:
    patterns = _texts(covered, fold)
    first: dict[str, int] = {}
    wide = [place for place, each in enumerate(patterns) if "*" in each and len(patterns) <= MOST_PATTERNS]
    for place, pattern in enumerate(patterns):
        other = first.setdefault(pattern, place)
        if other == place:
            other = next(
                (w for w in wide if w != place and covers(patterns[w], pattern, first=w < place)), place
            )
        if other != place:
            message = f"`{covered.patterns[place]}` is covered by `{covered.patterns[other]}` already"
            edit = Edit(Change.DROP, f"{here}/{place}")
            yield Found("redundant", f"{here}/{place}", message, edit=edit)


def covers(wider: str, pattern: str, *, first: bool = True) -> bool:
    """Tells whether one pattern covers all that another does; equal ones only where it stands `first`."""
    if wider == pattern:
        return first
    if "?" in wider or (wider != "*" and wider.count(":") != pattern.count(":")):
        return False
    return all(glob(w)(p) for w, p in zip(wider.split(":"), pattern.split(":"), strict=False))


def statement_remarks(subject: Subject) -> Iterator[Found]:
    """Statements that are repeated, shadowed by a wider one, or overruled by a Deny."""
    statements = subject.document.statements
    first: dict[object, Statement] = {}
    for each in statements:
        twin = first.setdefault(_body(each), each)
        if twin is not each:
            message = f"the same as Statement[{twin.index}]"
            edit = Edit(Change.DROP, at(each))
            yield Found("redundant", at(each), message, "leave it out", edit=edit)
    if subject.kind is not PolicyKind.TRUST:
        for each in first.values() if len(first) <= MOST_STATEMENTS else ():
            yield from _idle(each, list(first.values()))


def _body(statement: Statement) -> object:
    return (
        statement.effect,
        statement.actions,
        statement.resources,
        statement.conditions,
        statement.principals,
    )


def _idle(statement: Statement, statements: Sequence[Statement]) -> Iterator[Found]:
    for other in statements:
        if other is statement or not wider(other, statement):
            continue
        if other.effect is statement.effect:
            if wider(statement, other) and statement.index < other.index:
                continue
            message = f"Statement[{other.index}] covers all of this already"
            yield Found("shadowed", at(statement), message, "leave it out, or narrow the other")
            return
        if other.effect is Effect.DENY:
            message = f"Statement[{other.index}] denies all that this allows"
            yield Found("overruled", at(statement), message, "an Allow never lifts a Deny: narrow the Deny")
            return


def wider(one: Statement, other: Statement) -> bool:
    """Tells whether a statement surely hits wherever another does."""
    return (
        _contains(one.actions, other.actions, fold=True)
        and _contains(one.resources, other.resources, fold=False)
        and {_test(each) for each in one.conditions} <= {_test(each) for each in other.conditions}
    )


def _test(test: ConditionTest) -> object:
    return test.quantifier, test.operator.name, condition_key(test.key).name, frozenset(test.values)


def _contains(one: In | NotIn, other: In | NotIn, *, fold: bool) -> bool:
    wide, narrow = _texts(one, fold), _texts(other, fold)
    if isinstance(one, In):
        if isinstance(other, In):
            return all(any(covers(w, n) for w in wide) for n in narrow)
        return "*" in wide
    if isinstance(other, NotIn):
        return all(any(covers(n, w) for n in narrow) for w in wide)
    return not any(has_wildcard(n) or glob(w)(n) for n in narrow for w in wide)


def _texts(covered: In | NotIn, fold: bool) -> list[str]:
    """The patterns in one form, so that two that cover each other are equal: `**` means `*`."""
    plain = (RUN_OF_STARS.sub("*", each) for each in covered.patterns)
    return [each.lower() if fold else each for each in plain]
