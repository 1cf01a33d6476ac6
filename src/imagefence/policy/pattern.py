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
    if pattern.strip("*") == "":
        return _anything
    if "?" not in pattern and pattern.find("*") == len(pattern) - 1:
        return _starting(pattern[:-1])
    return _general(pattern)


def has_wildcard(text: str) -> bool:
    """Tells whether a text holds `*` or `?`."""
    return "*" in text or "?" in text


def has_variable(text: str) -> bool:
    """Tells whether a text holds what other vendors take for a policy variable, `${…}` (U-9)."""
    return "${" in text


def _anything(text: str) -> bool:
    return True


def _starting(prefix: str) -> Callable[[str], bool]:
    return lambda text: text.startswith(prefix)


def _general(pattern: str) -> Callable[[str], bool]:
    first, *middle, last = re.split(r"\*+", pattern) if "*" in pattern else (pattern, "")
    # Why: each middle piece is an atomic group that keeps its leftmost place, which is always right for
    # globs, so `*a*a*a*b` costs pattern times text and never backtracks exponentially.
    pieces = "".join(f"(?>.*?{_piece(part)})" for part in middle)
    tail = f".*{_piece(last)}" if "*" in pattern else ""
    matches = re.compile(f"(?s:{_piece(first)}{pieces}{tail})").fullmatch
    return lambda text: matches(text) is not None


def _piece(text: str) -> str:
    return "".join("." if char == "?" else re.escape(char) for char in text)
