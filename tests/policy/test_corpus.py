"""Policies that people published (tests/cases/CREDITS.md): read and printed, or refused at their place."""

from __future__ import annotations

import json
import re
import runpy
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from imagefence.errors import PolicySyntaxError
from imagefence.policy.document import Document, PolicyKind
from imagefence.policy.parse import parse, print_document
from imagefence.policy.positions import container_at, doubled_key, places
from imagefence.policy.strict_json import MAX_CHARACTERS

HERE = Path(__file__).parents[1] / "cases"
CASES: list[dict[str, Any]] = [
    json.loads(line) for line in (HERE / "corpus.ndjson").read_text(encoding="utf-8").splitlines()
]
VALID = [case for case in CASES if "refused" not in case]
REFUSED = [case for case in CASES if "refused" in case]
ONE = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def written(document: Mapping[str, Any], *, indent: int | None = 2) -> str:
    separators = (",", ": ") if indent else (",", ":")
    return json.dumps(document, ensure_ascii=False, indent=indent, separators=separators)


def without_lines(document: Document) -> Document:
    return replace(document, statements=tuple(replace(each, line=1) for each in document.statements))


@pytest.mark.parametrize("case", VALID, ids=lambda case: case["id"])
def test_valid_policy_is_read_printed_and_read_again(case: dict[str, Any]) -> None:
    kind = PolicyKind(case["kind"])
    document = parse(written(case["document"], indent=None), kind)
    pretty, compact = print_document(document), print_document(document, compact=True)
    assert without_lines(parse(pretty, kind, stored=True)) == document
    assert parse(compact, kind) == document
    assert print_document(parse(compact, kind)) == pretty


@pytest.mark.parametrize("case", VALID, ids=lambda case: case["id"])
def test_printing_keeps_every_word(case: dict[str, Any]) -> None:
    document = parse(written(case["document"], indent=None), PolicyKind(case["kind"]))
    assert listed(json.loads(print_document(document))) == listed(case["document"])


def listed(data: Any, element: str = "") -> Any:
    """A document in which one text and a list of it are the same, and an empty Sid is none."""
    if isinstance(data, Mapping):
        return {key: listed(value, key) for key, value in data.items() if (key, value) != ("Sid", "")}
    if isinstance(data, list):
        return [listed(each) for each in data]
    return data if element in {"Version", "Effect", "Sid", ""} else [data]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["id"])
def test_broken_policy_is_refused_at_its_place(case: dict[str, Any]) -> None:
    with pytest.raises(PolicySyntaxError) as caught:
        parse(written(case["document"]), PolicyKind(case["kind"]))
    error, expected = caught.value, case["refused"]
    assert (error.pointer, error.message) == (expected["at"], expected["message"])
    assert (error.line, error.column) == (expected["line"], expected["column"])
    assert "\n" not in str(error)
    line = written(case["document"]).splitlines()[error.line - 1]
    last = re.split("/", error.pointer)[-1].replace("~1", "/").replace("~0", "~")
    assert last.isdigit() or line.lstrip().startswith(json.dumps(last))


def test_counts_and_origins() -> None:
    assert (len(VALID), len(REFUSED)) == (496, 82)
    assert len({case["id"] for case in CASES}) == len(CASES)
    credits_page = (HERE / "CREDITS.md").read_text(encoding="utf-8")
    for case in CASES:
        repository = case["origin"].split(":")[0]
        stored = repository.startswith(("page", "stored file"))
        assert stored or f"| {repository} |" in credits_page, repository


def test_the_counts_of_the_page_are_true() -> None:
    docs = HERE.parents[1] / "docs"
    generate = runpy.run_path(str(docs / "generate.py"))
    page = (docs / "corpus.md").read_text(encoding="utf-8")
    assert page == generate["corpus_page"](), "run `make docs`"
    assert f"| **all** | {len(VALID)} | {len(REFUSED)} |" in page


@pytest.mark.parametrize(
    ("kind", "element", "text"),
    [
        ("identity", "Action", "${var.service}:Describe ${var.kind}"),
        ("identity", "Action", "%s"),
        ("identity", "Resource", "${alicloud_oss_bucket.logs.arn}/*"),
        ("identity", "Resource", "acs:oss:*:{{ account }}:{{ bucket name }}/*"),
        ("trust", "RAM", "acs:ram::{{.account}}:role/${role}"),
        ("trust", "Service", "%s@log.aliyuncs.com"),
    ],
)
def test_placeholder_is_read_but_not_saved(kind: str, element: str, text: str) -> None:
    statement: dict[str, Any] = dict(ONE)
    if kind == "trust":
        statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {element: text}}
    else:
        statement[element] = text
    policy = written({"Version": "1", "Statement": [statement]})
    assert text in print_document(parse(policy, PolicyKind(kind)))
    with pytest.raises(PolicySyntaxError):
        parse(policy, PolicyKind(kind), saving=True)


def test_a_placeholder_does_not_excuse_the_rest() -> None:
    for name in ("acs:oss:*:*:${bucket}/a b", "oss:*:*:${bucket}", "acs::oss:*:*:${bucket}"):
        with pytest.raises(PolicySyntaxError):
            parse(written({"Version": "1", "Statement": [{**ONE, "Resource": name}]}), PolicyKind.IDENTITY)


def test_places_agree_with_pointers() -> None:
    text = '{\n "a/b": [1, {"c~": "x\\"y"}],\n "": {"\\u0064": [[], "é"]}\n}'
    found = places(text)
    assert {pointer: text[place.value] for pointer, place in found.items()} == {
        "": "{",
        "/a~1b": "[",
        "/a~1b/0": "1",
        "/a~1b/1": "{",
        "/a~1b/1/c~0": '"',
        "/": "{",
        "//d": "[",
        "//d/0": "[",
        "//d/1": '"',
    }
    assert text[found["//d"].key :].startswith('"\\u0064"')
    assert len(places(text, 1)) == 3
    assert container_at(text, text.index("x")) == "/a~1b/1"
    assert doubled_key(text) is None
    assert doubled_key('{"a": [{"b": 1, "\\u0062": 2}]}') == ("/a/0/b", 16)


DEEP = 900
HOSTILE = {
    "lists in lists": "[" * 1_000_000,
    "objects in objects": '{"a":' * 200_000,
    "many values far down": '{"a":' * DEEP + "[" + "1," * 400_000 + "1]" + "}" * DEEP,
    "a key twice far down": '{"a":' * DEEP + '{"b":1,"b":1}' + "}" * DEEP,
    "escaped quotes": '{"Version":"' + '\\"' * 450_000,
    "quotes without a string": '{"Version":"1"' + '\\"' * 450_000,
    "stars and a slash": written(
        {"Version": "1", "Statement": [{**ONE, "Action": ["*" * 6000 + "/"] * 150}]}
    ),
    "statements": written({"Version": "1", "Statement": [ONE] * 15_000 + [{"Effect": "Alow"}]}),
    "too many statements": written({"Version": "1", "Statement": [0] * 100_000}),
    "a long name": written({"Version": "1", "Statement": [{**ONE, "Resource": "acs:" + "x" * 900_000}]}),
    "a long key": written(
        {"Version": "1", "Statement": [{**ONE, "Condition": {"Bool": {"acs:x/" + "k" * 900_000: "true"}}}]}
    ),
    "a long element": written({"Version": "1", "Statement": [{**ONE, "k" * 900_000: "true"}]}),
    "a huge number": written({"Version": "1", "Statement": 1}).replace(": 1", ": " + "9" * 900_000),
    "half a character": written({"Version": "1", "Statement": [{**ONE, "Sid": "?"}]}).replace("?", "\\ud800"),
    "half a character in a key": written(
        {"Version": "1", "Statement": [{**ONE, "Condition": {"StringLike": {"acs:x/?": "v"}}}]}
    ).replace("acs:x/?", "acs:x/\\udc00"),
    "more than is read": written({"Version": "1", "Statement": [ONE]}) + " " * MAX_CHARACTERS,
}


@pytest.mark.parametrize("stored", [False, True])
@pytest.mark.parametrize("shape", HOSTILE)
def test_hostile_text_is_refused_in_one_line(shape: str, stored: bool) -> None:
    with pytest.raises(PolicySyntaxError) as caught:
        parse(HOSTILE[shape], PolicyKind.IDENTITY, stored=stored)
    assert len(str(caught.value)) < 700
    assert str(caught.value).isprintable()


def test_nesting_is_bounded_at_its_place() -> None:
    with pytest.raises(PolicySyntaxError, match="1:65: the text is nested more than 64 levels") as caught:
        parse("[" * 5000, PolicyKind.IDENTITY)
    assert caught.value.column == 65


def test_a_text_that_would_fit_without_white_space_is_told_so() -> None:
    statements = [{**ONE, "Action": f"ecs:Operation{number}"} for number in range(60)]
    policy = {"Version": "1", "Statement": statements}
    with pytest.raises(PolicySyntaxError) as caught:
        parse(written(policy), PolicyKind.CONTROL)
    assert f"without white space it has {len(written(policy, indent=None))}" in caught.value.help
    assert len(parse(written(policy, indent=None), PolicyKind.CONTROL).statements) == 60
