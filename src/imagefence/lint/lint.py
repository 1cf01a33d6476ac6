"""Document to remarks about the text itself: what parses, but hardly means what it says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from imagefence.errors import PolicySyntaxError
from imagefence.lint.conditions import condition_remarks
from imagefence.lint.reach import reach_remarks
from imagefence.lint.remark import Remark, Severity
from imagefence.policy.document import Document, Effect, In, PolicyKind, Statement
from imagefence.policy.elements import is_glob_over_colon
from imagefence.policy.names import split
from imagefence.policy.parse import parse
from imagefence.policy.pattern import glob
from imagefence.policy.positions import Place, line_and_column, places

FOREIGN_SERVICES = {
    "ec2": "ecs",
    "s3": "oss",
    "iam": "ram",
    "organizations": "resourcemanager",
    "logs": "log",
}
RENAMED = {
    "ecs:createtags": "today it is `ecs:TagResources`; the older one is `ecs:AddTags`",
    "ecs:deletetags": "today it is `ecs:UntagResources`; the older one is `ecs:RemoveTags`",
}
REGION = re.compile(r"(cn|ap|eu|us|me|na|sa)-[a-z0-9-]+")
VERBS = re.findall(
    r"\w+",
    "Add Allocate Apply Assign Associate Attach Authorize Cancel Check Copy Create Deactivate Delete "
    "Deploy Describe Detach Disable Dissociate Enable Export Get Import Install Invoke Join Leave "
    "List Modify Put Query Reboot Release Remove Renew Replace Reset Resize Revoke Run Send Set "
    "Start Stop Tag Terminate Unassign Unassociate Untag Update Upgrade",
)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Operation names by service code; those that authorise `*` alone, and those with several resources."""

    operations: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unscoped: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a policy is to stand: beside FullAliyunAccess (True), alone on its node (False), or unknown."""

    beside_full_access: bool | None = None


EMPTY = Vocabulary()
ANYWHERE = Surroundings()
Found = tuple[str, Severity, str, str, str]


def lint_text(
    text: str,
    kind: PolicyKind,
    *,
    source: str = "",
    vocabulary: Vocabulary = EMPTY,
    surroundings: Surroundings = ANYWHERE,
) -> tuple[Remark, ...]:
    """All remarks on a policy's text, in the order of the text; a syntax error is the only one then."""
    try:
        document = parse(text, kind, source=source)
    except PolicySyntaxError as error:
        return (
            Remark(
                "syntax", Severity.ERROR, error.pointer, error.message, error.help, error.line, error.column
            ),
        )
    remarks = lint(document, vocabulary=vocabulary, surroundings=surroundings)
    where = places(text)
    return tuple(
        sorted((_placed(each, text, where) for each in remarks), key=lambda each: (each.line, each.column))
    )


def _placed(remark: Remark, text: str, where: Mapping[str, Place]) -> Remark:
    place = where.get(remark.pointer)
    line, column = line_and_column(text, place.value) if place else (1, 1)
    return Remark(remark.rule, remark.severity, remark.pointer, remark.message, remark.help, line, column)


def lint(
    document: Document, *, vocabulary: Vocabulary = EMPTY, surroundings: Surroundings = ANYWHERE
) -> tuple[Remark, ...]:
    """All remarks on a document, without lines and columns."""
    remarks: list[Remark] = []
    for statement in document.statements:
        at = f"/Statement/{statement.index}"
        for check in _STATEMENT_CHECKS:
            remarks += (_remark(found) for found in check(document, statement, vocabulary, at))
        remarks += (_remark(found) for found in condition_remarks(statement, at))
    remarks += (_remark(found) for found in _repeated(document.statements))
    remarks += (_remark(found) for found in reach_remarks(document, surroundings.beside_full_access))
    return tuple(remarks)


def lint_attachment(
    documents: tuple[Document, ...], *, vocabulary: Vocabulary = EMPTY
) -> tuple[tuple[int, Remark], ...]:
    """Remarks on control policies that hang on one node together, each with the place of its document."""
    found: list[tuple[int, Remark]] = []
    for place, document in enumerate(documents):
        others = documents[:place] + documents[place + 1 :]
        surroundings = Surroundings(any(allows_everything(other) for other in others))
        found += ((place, each) for each in lint(document, vocabulary=vocabulary, surroundings=surroundings))
    return tuple(found)


def allows_everything(document: Document) -> bool:
    """Tells whether a document, as FullAliyunAccess, allows all on all."""
    return any(
        statement.effect is Effect.ALLOW
        and not statement.conditions
        and isinstance(statement.actions, In)
        and "*" in statement.actions.patterns
        and isinstance(statement.resources, In)
        and "*" in statement.resources.patterns
        for statement in document.statements
    )


def _remark(found: Found) -> Remark:
    rule, severity, pointer, message, help_text = found
    return Remark(rule, severity, pointer, message, help_text)


def pattern_places(at: str, patterns: tuple[str, ...], listed: bool) -> Iterator[tuple[str, str]]:
    """Pairs patterns with their pointers; one alone may stand without a list."""
    for place, pattern in enumerate(patterns):
        yield (f"{at}/{place}" if listed or len(patterns) > 1 else at), pattern


def _actions(_: Document, statement: Statement, vocabulary: Vocabulary, at: str) -> Iterator[Found]:
    name = "Action" if isinstance(statement.actions, In) else "NotAction"
    for place, pattern in pattern_places(f"{at}/{name}", statement.actions.patterns, False):
        if is_glob_over_colon(pattern):
            yield (
                "glob-over-colon",
                Severity.WARNING,
                place,
                f"`{pattern}` has no colon",
                "write <service>:<name>",
            )
        elif pattern != "*":
            yield from _one_action(pattern, statement, vocabulary, place)


def _one_action(pattern: str, statement: Statement, vocabulary: Vocabulary, place: str) -> Iterator[Found]:
    service, _, name = pattern.partition(":")
    if service.lower() in FOREIGN_SERVICES:
        meant = FOREIGN_SERVICES[service.lower()]
        yield (
            "foreign-service",
            Severity.WARNING,
            place,
            f"no service `{service}`",
            f"did you mean `{meant}`?",
        )
        return
    known = vocabulary.operations.get(service.lower())
    if known is not None and any(glob(name.lower())(each.lower()) for each in known):
        return
    near = get_close_matches(name, known or (), n=1, cutoff=0.7) if known else _near_verb(name)
    if known is None and not near:
        return
    effect = ": a Deny that never hits" if statement.effect is Effect.DENY else ""
    help_text = RENAMED.get(pattern.lower()) or (f"did you mean `{service}:{near[0]}`?" if near else "")
    yield "unknown-action", Severity.WARNING, place, f"no operation `{pattern}`{effect}", help_text


def _near_verb(name: str) -> list[str]:
    verb = re.match(r"[A-Z][a-z]+", name)
    if verb is None or verb.group() in VERBS:
        return []
    near = get_close_matches(verb.group(), VERBS, n=1, cutoff=0.85)
    return [near[0] + name[verb.end() :]] if near else []


def _resources(document: Document, statement: Statement, vocabulary: Vocabulary, at: str) -> Iterator[Found]:
    if document.kind is PolicyKind.TRUST:
        if statement.idle_resource:
            yield (
                "resource-in-trust",
                Severity.WARNING,
                f"{at}/Resource",
                "a trust policy has no Resource",
                "leave it out",
            )
        return
    name = "NotResource" if statement.not_resource else "Resource"
    if statement.not_resource:
        message = "`NotResource` is gone from the grammar; the cloud may refuse it"
        yield (
            "not-resource",
            Severity.WARNING,
            f"{at}/NotResource",
            message,
            "use Resource with the wanted names",
        )
    for place, pattern in pattern_places(f"{at}/{name}", statement.resources.patterns, False):
        parts = split(pattern)
        if len(parts) > 1 and REGION.fullmatch(parts[1]):
            message = f"`{parts[1]}` is a region; a service code belongs there, so this covers nothing"
            yield "region-as-service", Severity.WARNING, place, message, f"write acs:*:{parts[1]}:*:*"
    yield from _never_hits(statement, vocabulary, at)


def _never_hits(statement: Statement, vocabulary: Vocabulary, at: str) -> Iterator[Found]:
    if not isinstance(statement.resources, In) or not isinstance(statement.actions, In):
        return
    actions = [action for action in statement.actions.patterns if action.lower() in vocabulary.unscoped]
    if actions and "*" not in statement.resources.patterns:
        message = f"`{actions[0]}` authorises `*` alone, so this statement never hits"
        yield "never-hits", Severity.WARNING, f"{at}/Resource", message, 'write "Resource": "*"'


def _grammar(_: Document, statement: Statement, __: Vocabulary, at: str) -> Iterator[Found]:
    if statement.sid:
        yield (
            "sid",
            Severity.NOTE,
            f"{at}/Sid",
            "`Sid` is not in the published grammar",
            "the cloud may refuse it",
        )
    if statement.empty_condition:
        yield (
            "empty-condition",
            Severity.NOTE,
            f"{at}/Condition",
            "an empty Condition tests nothing",
            "leave it out",
        )


def _covered_patterns(_: Document, statement: Statement, __: Vocabulary, at: str) -> Iterator[Found]:
    for name, covered, fold in (
        ("Action", statement.actions, True),
        ("Resource", statement.resources, False),
    ):
        element = name if isinstance(covered, In) else f"Not{name}"
        patterns = [each.lower() if fold else each for each in covered.patterns]
        for place, pattern in enumerate(patterns):
            for other, wider in enumerate(patterns):
                if other != place and _covers(wider, pattern, first=other < place):
                    message = f"`{covered.patterns[place]}` is covered by `{covered.patterns[other]}` already"
                    yield "redundant", Severity.NOTE, f"{at}/{element}/{place}", message, ""
                    break


def _covers(wider: str, pattern: str, *, first: bool) -> bool:
    if wider == pattern:
        return first
    if "?" in wider or (wider != "*" and wider.count(":") != pattern.count(":")):
        return False
    return all(glob(w)(p) for w, p in zip(wider.split(":"), pattern.split(":"), strict=False))


def _repeated(statements: Sequence[Statement]) -> Iterator[Found]:
    seen: dict[object, int] = {}
    for each in statements:
        body = (each.effect, each.actions, each.resources, each.conditions, each.principals)
        if body in seen:
            message = f"the same as Statement[{seen[body]}]"
            yield "redundant", Severity.NOTE, f"/Statement/{each.index}", message, "leave it out"
        seen.setdefault(body, each.index)


Check = Callable[[Document, Statement, Vocabulary, str], Iterator[Found]]
_STATEMENT_CHECKS: tuple[Check, ...] = (_actions, _resources, _grammar, _covered_patterns)
