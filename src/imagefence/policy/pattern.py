"""The one definition of `*`, `?` and case folding.

`*` is any run of characters, also none; `?` is exactly one; nothing else is special.
Source: help.aliyun.com ram/policy-structure-and-syntax.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache


@lru_cache(maxsize=8192)
def glob(pattern: str) -> Callable[[str], bool]:
    """Compiles a pattern into a test of whole texts, case counting."""
    if "*" not in pattern and "?" not in pattern:
        return pattern.__eq__
    if "?" in pattern:
        return _with_single(pattern)
    first, *middle, last = pattern.split("*")
    if not any(middle) and not last:
        return _starting(first)
    return _with_runs(first, [piece for piece in middle if piece], last)


def has_wildcard(text: str) -> bool:
    """Tells whether a text holds `*` or `?`."""
    return "*" in text or "?" in text


def has_variable(text: str) -> bool:
    """Tells whether a text holds what other vendors take for a policy variable, `${…}` (U-9)."""
    return "${" in text


def _starting(prefix: str) -> Callable[[str], bool]:
    return lambda text: text.startswith(prefix)


def _with_runs(first: str, middle: list[str], last: str) -> Callable[[str], bool]:
    """For the pieces between stars: each at its leftmost place, which is always right for globs."""
    # Why: unlike a regular expression, `find` takes linear time also for `*aaaab*` in `aaaaa…`.

    def matches(text: str) -> bool:
        begin, end = len(first), len(text) - len(last)
        if begin > end or not text.startswith(first) or not text.endswith(last):
            return False
        for piece in middle:
            found = text.find(piece, begin, end)
            if found < 0:
                return False
            begin = found + len(piece)
        return True

    return matches


def _with_single(pattern: str) -> Callable[[str], bool]:
    first, *rest = re.split(r"\*+", pattern)
    # Why: each middle piece is an atomic group that keeps its leftmost place, so that `*?a*?a*b` costs
    # pattern times text and never backtracks exponentially.
    pieces = "".join(f"(?>.*?{_piece(part)})" for part in rest[:-1])
    tail = f".*{_piece(rest[-1])}" if rest else ""
    matches = re.compile(f"(?s:{_piece(first)}{pieces}{tail})").fullmatch
    return lambda text: matches(text) is not None


def _piece(text: str) -> str:
    return "".join("." if char == "?" else re.escape(char) for char in text)
