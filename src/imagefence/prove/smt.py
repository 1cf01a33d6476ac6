"""SMT-LIB text: terms over booleans and strings, in the forms that string solvers take best."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from imagefence.prove.atoms import ANY_TEXT, Form, Language, Run


def conj(parts: Iterable[str]) -> str:
    """All of them."""
    kept = [part for part in parts if part != "true"]
    if "false" in kept:
        return "false"
    return kept[0] if len(kept) == 1 else f"(and {' '.join(kept)})" if kept else "true"


def disj(parts: Iterable[str]) -> str:
    """Some of them."""
    kept = [part for part in parts if part != "false"]
    if "true" in kept:
        return "true"
    return kept[0] if len(kept) == 1 else f"(or {' '.join(kept)})" if kept else "false"


def nay(part: str) -> str:
    """Not."""
    return {"true": "false", "false": "true"}.get(part) or f"(not {part})"


def implies(one: str, other: str) -> str:
    """The other wherever the one."""
    return disj((nay(one), other))


def quoted(text: str) -> str:
    """A string literal: printable ASCII as it is, everything else by its code point."""
    return '"' + "".join(_escaped(char) for char in text) + '"'


def _escaped(char: str) -> str:
    if char == '"':
        return '""'
    return char if " " <= char <= "~" and char != "\\" else f"\\u{{{ord(char):x}}}"


def equal_to(text: str, wanted: str, *, folded: bool = False) -> str:
    """A text is another, or with `folded` the same but for case; `wanted` is folded already."""
    if folded and any(len(_cases(char)) > 1 for char in wanted):
        return f"(str.in_re {text} {_sequence([_folded(char) for char in wanted])})"
    return _same(text, quoted(wanted))


def _same(one: str, other: str) -> str:
    if one == other:
        return "true"
    both_known = one.startswith('"') and other.startswith('"')
    return "false" if both_known else f"(= {one} {other})"


def glob_of(text: str, pattern: str, *, folded: bool = False) -> str:
    """A text matches a pattern: plain forms where a pattern is a prefix or the like, else by expression."""
    if pattern and not pattern.strip("*"):
        return "true"
    if folded and any(len(_cases(char)) > 1 for char in pattern):
        return f"(str.in_re {text} {_sequence([_piece(part, folded=True) for part in _pieces(pattern)])})"
    inner = pattern.strip("*")
    if "*" in inner or "?" in inner:
        return f"(str.in_re {text} {_sequence([_piece(part, folded=False) for part in _pieces(pattern)])})"
    if inner == pattern:
        return _same(text, quoted(pattern))
    if not pattern.endswith("*"):
        return f"(str.suffixof {quoted(inner)} {text})"
    word = "str.prefixof" if not pattern.startswith("*") else "str.contains"
    pair = f"{quoted(inner)} {text}" if word == "str.prefixof" else f"{text} {quoted(inner)}"
    return f"({word} {pair})"


def _pieces(pattern: str) -> list[str]:
    """Runs of plain characters, and each `?` and run of stars by itself."""
    found: list[str] = []
    for kind, run in groupby(pattern, key=lambda char: char if char in "*?" else ""):
        chars = "".join(run)
        found += ["*"] if kind == "*" else list(chars) if kind == "?" else [chars]
    return found


def _piece(part: str, *, folded: bool) -> str:
    if part == "*":
        return "re.all"
    if part == "?":
        return "re.allchar"
    return _sequence([_folded(char) for char in part]) if folded else f"(str.to_re {quoted(part)})"


def _sequence(parts: list[str]) -> str:
    if not parts:
        return '(str.to_re "")'
    return parts[0] if len(parts) == 1 else f"(re.++ {' '.join(parts)})"


def _cases(char: str) -> list[str]:
    return sorted({each for each in (char, char.upper(), char.lower()) if len(each) == 1})


def _folded(char: str) -> str:
    cases = [f"(str.to_re {quoted(each)})" for each in _cases(char)]
    return cases[0] if len(cases) == 1 else f"(re.union {' '.join(cases)})"


def in_language(text: str, language: Language) -> str:
    """A text is of one of the forms."""
    return "true" if language == ANY_TEXT else disj(_in_form(text, form) for form in language)


def _in_form(text: str, form: Form) -> str:
    if all(isinstance(piece, str) for piece in form):
        return equal_to(text, "".join(piece for piece in form if isinstance(piece, str)))
    parts = [f"(str.to_re {quoted(piece)})" if isinstance(piece, str) else _run(piece) for piece in form]
    return f"(str.in_re {text} {_sequence(parts)})"


def _run(run: Run) -> str:
    if run.chars is None:
        return "re.all" if not run.least else "(re.+ re.allchar)"
    ranges = " ".join(_ranges(sorted(run.chars)))
    one = f"(re.union {ranges})" if ranges.count("re.range") > 1 else ranges
    return f"(re.{'+' if run.least else '*'} {one})"


def _ranges(chars: list[str]) -> Iterable[str]:
    start = previous = chars[0]
    for char in (*chars[1:], ""):
        if char and ord(char) == ord(previous) + 1:
            previous = char
            continue
        yield f"(re.range {quoted(start)} {quoted(previous)})"
        start = previous = char
