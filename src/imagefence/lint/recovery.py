"""Reading a text that breaks the grammar: each broken statement gives one remark, the others are read.

Which rule a break of the grammar belongs to follows from its place; the parser's own words are kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from imagefence.errors import PolicySyntaxError
from imagefence.lint.remark import Change, Edit, Found
from imagefence.policy.document import Document, PolicyKind, Statement
from imagefence.policy.elements import KEY, STATEMENT_ELEMENTS, TOP_ELEMENTS
from imagefence.policy.keys import KEYS
from imagefence.policy.operators import OPERATORS
from imagefence.policy.parse import LIMITS, parse
from imagefence.policy.positions import Lines, places, unescape
from imagefence.policy.strict_json import MAX_CHARACTERS

EFFECTS = ("Allow", "Deny")
NEAR_LIMIT = 0.9


@dataclass(frozen=True, slots=True)
class Recovered:
    """The statements that could be read (None where none could), what broke, and where."""

    document: Document | None
    found: tuple[Found, ...]
    places: tuple[tuple[int, int], ...]  # line and column of each break; 0 where its pointer tells it


def read(text: str, kind: PolicyKind, length: int | None = None) -> Recovered:
    """Reads what can be read of a text; `length` is what the cloud counts, where it holds another print."""
    sized = tuple(_size(len(text) if length is None else length, kind))
    try:
        document = parse(text, kind, stored=len(text) > LIMITS.get(kind, len(text)))
    except PolicySyntaxError as error:
        return _piecewise(text, kind, error, sized)
    return Recovered(document, sized, ((0, 0),) * len(sized))


def _size(length: int, kind: PolicyKind) -> Iterator[Found]:
    limit = LIMITS.get(kind)
    if limit is None or length <= limit * NEAR_LIMIT:
        return
    message = f"the policy has {length} characters; {kind.value} policies have at most {limit}"
    help_text = "`imagefence policy fmt --compact` drops the white space; split it where that is too little"
    yield Found("too-long" if length > limit else "near-limit", "", message, help_text)


def _piecewise(text: str, kind: PolicyKind, error: PolicySyntaxError, sized: tuple[Found, ...]) -> Recovered:
    try:
        # Why: in a text that nobody will read no statement is looked for.
        data = json.loads(text) if len(text) <= MAX_CHARACTERS else None
    except (ValueError, RecursionError):  # not JSON, or a number that Python does not read
        data = None
    if not isinstance(data, dict) or not _readable(data):
        found = _classified(error, data, error.pointer, text)
        return Recovered(None, (*sized, found), ((0, 0),) * len(sized) + ((error.line, error.column),))
    breaks = [*sized, *_top(data, error, text)]
    statements: list[Statement] = []
    alone = isinstance(data["Statement"], dict)
    for index, each in enumerate([data["Statement"]] if alone else data["Statement"]):
        prefix = "/Statement" if alone else f"/Statement/{index}"
        read_one = _one(each, kind, index, prefix, data)
        if isinstance(read_one, Statement):
            statements.append(read_one)
        else:
            breaks.append(read_one)
    if not breaks[len(sized) :]:
        breaks.append(_classified(error, data, error.pointer, text))
    document = Document(kind, tuple(statements)) if statements else None
    return Recovered(document, tuple(breaks), ((0, 0),) * len(breaks))


def _readable(data: dict[str, Any]) -> bool:
    statement = data.get("Statement")
    return isinstance(statement, dict) or (isinstance(statement, list) and bool(statement))


def _top(data: dict[str, Any], error: PolicySyntaxError, text: str) -> Iterator[Found]:
    if error.pointer.count("/") <= 1:
        yield _classified(error, data, error.pointer, text)
    if isinstance(data["Statement"], dict) and error.pointer != "/Statement":
        yield _bare_statement()


def _bare_statement() -> Found:
    edit = Edit(Change.WRAP, "/Statement")
    message = "expected a list of statements, not an object"
    return Found("bare-statement", "/Statement", message, "put it in [ ]", edit=edit)


def _one(data: object, kind: PolicyKind, index: int, prefix: str, whole: dict[str, Any]) -> Statement | Found:
    text = json.dumps({"Version": "1", "Statement": [data]}, ensure_ascii=False)
    try:
        document = parse(text, kind, stored=len(text) > LIMITS.get(kind, len(text)))
    except PolicySyntaxError as error:
        pointer = prefix + error.pointer.removeprefix("/Statement/0")
        return _classified(error, whole, pointer, text)
    return replace(document.statements[0], index=index)


def _classified(error: PolicySyntaxError, data: object, pointer: str, text: str) -> Found:
    """The rule that a break of the grammar falls under, with its mend where that is certain.

    `text` is what the error speaks of: the policy, or one statement of it by itself.
    """
    parts = [unescape(part) for part in pointer.split("/")[1:]]
    value = _at(data, parts)
    if parts == ["Statement"] and isinstance(value, dict):
        return _bare_statement()
    if parts == ["Version"] and value != "1":
        edit = Edit(Change.SET, pointer, "1") if isinstance(value, int | float) and value == 1 else None
        return Found("wrong-version", pointer, error.message, error.help, edit=edit)
    for classify in (_element_case, _effect_case, _condition):
        found = classify(parts, pointer, value, error)
        if found is not None:
            return found
    return Found("syntax", pointer, error.message, error.help, at_key=_at_key(error, text))


def _at_key(error: PolicySyntaxError, text: str) -> bool:
    if not error.pointer:
        return False
    place = places(text).get(error.pointer)
    return place is not None and Lines(text).at(place.key) == (error.line, error.column)


def _at(data: object, parts: list[str]) -> object:
    for part in parts:
        if isinstance(data, dict):
            data = data.get(part)
        elif isinstance(data, list) and part.isdigit() and int(part) < len(data):
            data = data[int(part)]
        else:
            return None
    return data


def _element_case(parts: list[str], pointer: str, _: object, error: PolicySyntaxError) -> Found | None:
    if not parts or not error.message.startswith("no element"):
        return None
    known = {each.lower(): each for each in (*STATEMENT_ELEMENTS, *TOP_ELEMENTS)}
    meant = known.get(parts[-1].lower())
    if meant is None or meant == parts[-1]:
        return None
    edit = Edit(Change.RENAME, pointer, meant)
    help_text = f"write `{meant}`: case counts"
    return Found("element-case", pointer, error.message, help_text, edit=edit, at_key=True)


def _effect_case(parts: list[str], pointer: str, value: object, error: PolicySyntaxError) -> Found | None:
    if not parts or parts[-1] != "Effect" or not isinstance(value, str):
        return None
    meant = value.strip().capitalize()
    if meant not in EFFECTS:
        return None
    edit = Edit(Change.SET, pointer, meant)
    return Found("element-case", pointer, error.message, f"write `{meant}`: case counts", edit=edit)


def _condition(parts: list[str], pointer: str, value: object, error: PolicySyntaxError) -> Found | None:
    if "Condition" not in parts:
        return None
    inside = parts[parts.index("Condition") + 1 :]
    if len(inside) == 1 and error.message.startswith("no operator"):
        return _operator(inside[0], pointer, error)
    if len(inside) == 2 and not KEY.fullmatch(inside[1]):
        return _key(inside[1], pointer, error)
    if len(inside) >= 2 and isinstance(value, bool | int | float):
        text = str(value).lower() if isinstance(value, bool) else json.dumps(value)
        edit = Edit(Change.SET, pointer, text)
        return Found("bare-value", pointer, error.message, f'write `"{text}"`', edit=edit)
    return None


def _operator(name: str, pointer: str, error: PolicySyntaxError) -> Found:
    meant = next((each for each in OPERATORS if each.lower() == name.strip().lower()), "")
    edit = Edit(Change.RENAME, pointer, meant) if meant else None
    return Found("unknown-operator", pointer, error.message, error.help, edit=edit, at_key=True)


def _key(key: str, pointer: str, error: PolicySyntaxError) -> Found:
    edit = Edit(Change.RENAME, pointer, key.strip()) if key.strip() in KEYS else None
    message = (
        f"{error.message}: no operation sets it, so a test of it never holds" if not edit else error.message
    )
    return Found("malformed-key", pointer, message, error.help, edit=edit, at_key=True)
