"""Text to JSON data, or PolicySyntaxError at the place where it stops being a policy's JSON."""

from __future__ import annotations

import json
from typing import Any

from imagefence.errors import PolicySyntaxError, shown
from imagefence.policy.positions import container_at, deeper_than, doubled_key, line_and_column, unescape

MAX_CHARACTERS = 1_048_576  # of a text of any kind, also one that the cloud already holds
MAX_DEPTH = 64  # of objects and lists inside each other; the grammar needs 7


class Number:
    """Stands for a whole number, however long: none is allowed anywhere, so its value is never read."""


def read_json(text: str, source: str) -> object:
    """Reads strict JSON in which no object holds a key twice.

    Raises PolicySyntaxError at the first character that is not JSON, at the second of two equal keys, and
    where the text passes MAX_CHARACTERS or MAX_DEPTH.
    """
    if len(text) > MAX_CHARACTERS:
        raise PolicySyntaxError(
            f"the text has {len(text)} characters; at most {MAX_CHARACTERS} are read", source=source
        )
    doubled = False

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal doubled
        result = dict(found)
        doubled = doubled or len(result) != len(found)
        return result

    try:
        data = json.loads(text, object_pairs_hook=pairs, parse_int=_number)
    except json.JSONDecodeError as error:
        raise _broken(text, error, source) from None
    except RecursionError:
        raise _too_deep(text, source) from None
    if doubled:
        raise _twice(text, source)
    return data


def _number(_: str) -> Number:
    return Number()


def _broken(text: str, error: json.JSONDecodeError, source: str) -> PolicySyntaxError:
    reason = _reason(text, error.msg)
    return PolicySyntaxError(
        f"not JSON: {reason}",
        pointer=container_at(text, error.pos),
        line=error.lineno,
        column=error.colno,
        source=source,
        help="a policy is strict JSON: double quotes, no comments, no byte order mark",
    )


def _reason(text: str, message: str) -> str:
    if not text.strip():
        return "the text is empty"
    if text.startswith("\ufeff"):
        return "it begins with a byte order mark"
    # Why: json's words lead on to a position, which stands in front here.
    said = message.removesuffix(" at").removesuffix(" starting")
    return said[:1].lower() + said[1:]


def _too_deep(text: str, source: str) -> PolicySyntaxError:
    line, column = line_and_column(text, deeper_than(text, MAX_DEPTH))
    return PolicySyntaxError(
        f"the text is nested more than {MAX_DEPTH} levels deep",
        line=line,
        column=column,
        source=source,
        help="a policy has at most 7 levels",
    )


def _twice(text: str, source: str) -> PolicySyntaxError:
    pointer, offset = doubled_key(text) or ("", 0)
    line, column = line_and_column(text, offset)
    name = unescape(pointer.rpartition("/")[2])
    return PolicySyntaxError(
        f"`{shown(name)}` is given twice, and one of the two would be lost",
        pointer=pointer,
        line=line,
        column=column,
        source=source,
        help="write it once, with all its values",
    )
