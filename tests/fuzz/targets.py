"""What is fuzzed, and what must hold."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from hypothesis import strategies as st

from fuzz import asked, material, reference
from fuzz.target import Target
from imagefence.cli.main import main
from imagefence.compiled.engine import compile_policies
from imagefence.errors import ConfigError, PolicySyntaxError
from imagefence.lint.lint import lint_text
from imagefence.policy.authorize import authorize
from imagefence.policy.document import Document, In, NotIn, PolicyKind
from imagefence.policy.explain import sentence
from imagefence.policy.levels import outcomes
from imagefence.policy.matching import covers_action, covers_resource
from imagefence.policy.near_miss import near_misses
from imagefence.policy.operators import OPERATORS, READERS, Relation, ValueKind, predicate
from imagefence.policy.parse import parse
from imagefence.policy.pattern import glob
from imagefence.policy.printing import print_document
from imagefence.policy.readings import DEFAULT, ActionGlob, Case, EmptyPart, Readings, Stars, change
from imagefence.scope.parse import parse_scope
from written import policies_of, request_of

LONGEST_MESSAGE = 1200


def as_read(document: Document) -> Document:
    """Without what a printed text may change: the lines."""
    statements = tuple(replace(each, line=1) for each in document.statements)
    return replace(document, statements=statements, bare_statement=False)


def check_text(case: dict[str, Any]) -> None:
    """A text is read or refused at a place of it; what is read is printed and read again; lint copes."""
    text, kind = case["text"], PolicyKind(case["kind"])
    ways: tuple[dict[str, bool], ...] = ({"saving": True}, {}, {"stored": True})
    read = [_read(text, kind, **way) for way in ways]
    # Each way takes what the stricter ones before it take, and as they do.
    taken = [document for document in read if document is not None]
    assert read[len(read) - len(taken) :] == taken
    assert all(document == taken[0] for document in taken)
    for document in taken[:1]:
        for compact in (True, False):
            again = parse(print_document(document, compact=compact), kind, stored=True)
            assert as_read(again) == as_read(document)
    for remark in lint_text(text, kind):
        assert remark.line >= 1
        assert remark.column >= 1
        assert "\n" not in remark.message


def _read(text: str, kind: PolicyKind, **options: bool) -> Document | None:
    try:
        return parse(text, kind, source="fuzz.json", **options)
    except PolicySyntaxError as error:
        _points_into(text, error)
    return None


def _points_into(text: str, error: PolicySyntaxError) -> None:
    assert 1 <= error.line <= text.count("\n") + 1
    assert 1 <= error.column <= len(text.split("\n")[error.line - 1]) + 1
    assert str(error).startswith(f"fuzz.json:{error.line}:{error.column}: ")
    assert str(error).isprintable()
    assert len(str(error)) + len(error.help) <= LONGEST_MESSAGE


def check_glob(case: dict[str, str]) -> None:
    """The matcher agrees with the table of prefixes."""
    assert glob(case["pattern"])(case["text"]) == reference.glob(case["pattern"], case["text"])


def check_action(case: dict[str, Any]) -> None:
    """Action and NotAction agree with the reference, in both readings of U-6."""
    patterns = tuple(case["patterns"])
    for choice in ActionGlob:
        readings = replace(DEFAULT, action_glob=choice)
        expected = reference.action(list(patterns), case["action"], per_part=choice is ActionGlob.PER_PART)
        assert covers_action(In(patterns), case["action"], readings) is expected
        assert covers_action(NotIn(patterns), case["action"], readings) is not expected


def check_resource(case: dict[str, str]) -> None:
    """Resource and NotResource agree with the reference, in every reading of U-5 and U-6."""
    for stars in Stars:
        for empty in EmptyPart:
            for letters in Case:
                readings = replace(DEFAULT, stars=stars, empty_part=empty, resource_case=letters)
                expected = reference.resource(
                    case["pattern"],
                    case["name"],
                    one_glob=stars is Stars.ONE_GLOB,
                    empty_is_any=empty is EmptyPart.ANY,
                    folded=letters is Case.FOLDED,
                )
                assert covers_resource(In((case["pattern"],)), case["name"], readings) is expected
                assert covers_resource(NotIn((case["pattern"],)), case["name"], readings) is not expected


def check_operator(case: dict[str, str]) -> None:
    """Two values are compared as the reference compares them, or one of them cannot be read."""
    operator = OPERATORS[case["operator"]]
    try:
        READERS[operator.kind](case["wanted"])
        holds = predicate(operator, case["wanted"])(case["given"])
    except ValueError:
        return
    assert holds is _related(operator.kind, operator.relation, case["given"], case["wanted"])


def _related(kind: ValueKind, relation: Relation, given: str, wanted: str) -> bool:
    if relation is Relation.LIKE:
        return reference.glob(wanted, given)
    if relation is Relation.EQUAL_FOLDED:
        return given.casefold() == wanted.casefold()
    if kind is ValueKind.ADDRESS:
        (version, bits), (wanted_version, prefix) = reference.block(given), reference.block(wanted)
        return version == wanted_version and bits.startswith(prefix)
    if kind is ValueKind.BOOLEAN:
        return given.lower() == wanted.lower()
    if kind is ValueKind.STRING:
        return given == wanted
    read = reference.number if kind is ValueKind.NUMBER else reference.instant
    one, two = read(given), read(wanted)
    return {
        Relation.EQUAL: one == two,
        Relation.LESS: one < two,
        Relation.LESS_EQUAL: one <= two,
        Relation.GREATER: one > two,
        Relation.GREATER_EQUAL: one >= two,
    }[relation]


def check_decision(case: dict[str, Any]) -> None:
    """The readable and the compiled evaluator agree, and what explains a decision copes with it."""
    try:
        policies = policies_of(case["policies"])
    except PolicySyntaxError:
        return
    request, readings = request_of(case["call"]), chosen(case["reading"])
    decision = authorize(request, policies, readings)
    compiled = compile_policies(policies, readings).authorize(request)
    assert (compiled.verdict, compiled.policy_type) == (decision.verdict, decision.policy_type)
    assert (compiled.resource, compiled.reasons) == (decision.resource, decision.reasons)
    assert decision.reasons
    assert "\n" not in sentence(decision)
    outcomes(request, policies, readings)
    near_misses(request, policies, decision, readings)


def chosen(name: str) -> Readings:
    """The default readings, or those with one of `field=value`."""
    return change(DEFAULT, name) if name else DEFAULT


def check_fence(case: str) -> None:
    """A fence.yaml is read, or refused by name of the file."""
    try:
        parse_scope(case, "fence.yaml")
        said = "fence.yaml:"
    except ConfigError as error:
        said = str(error)
    assert said.startswith("fence.yaml:")


def check_vectors(case: dict[str, str]) -> None:
    """A file of requests is decided, or refused as wrong use; never a fault of ours."""
    with tempfile.TemporaryDirectory() as folder:
        path, guard = Path(folder) / "asked", Path(folder) / "guard.json"
        path.write_text(case["text"], encoding="utf-8", errors="replace")
        guard.write_text(json.dumps(material.DOCUMENTS[0]))
        given = ("--policy", str(guard)) if case["option"] == "--requests" else ()
        result = CliRunner().invoke(main, ["simulate", case["option"], str(path), *given, "--json"])
    assert isinstance(result.exception, SystemExit | None), repr(result.exception)
    assert result.exit_code in {0, 2, 3, 4} or case["option"] == "--requests", result.output
    assert "Traceback" not in result.output
    assert "report it" not in result.output


TARGETS = (
    Target(
        "text",
        st.fixed_dictionaries(
            {"text": material.policy_texts, "kind": st.sampled_from([each.value for each in PolicyKind])}
        ),
        check_text,
    ),
    Target("glob", st.fixed_dictionaries({"pattern": material.stars, "text": material.plain}), check_glob),
    Target(
        "action",
        st.fixed_dictionaries(
            {"patterns": st.lists(asked.actions, min_size=1, max_size=3), "action": asked.actions}
        ),
        check_action,
    ),
    Target(
        "resource", st.fixed_dictionaries({"pattern": material.names, "name": material.names}), check_resource
    ),
    Target("operator", asked.comparisons, check_operator),
    Target("decision", asked.decisions, check_decision),
    Target("fence", asked.fences, check_fence),
    Target("requests", asked.request_files, check_vectors),
)
