"""Remarks: what lint says about a policy, where, and how it can be mended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Severity(Enum):
    """How much a remark weighs; an error makes `policy lint` exit with 3."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Change(Enum):
    """What an edit does to the value at its pointer."""

    SET = "set"
    RENAME = "rename"
    DROP = "drop"
    WRAP = "wrap"


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of the text: another value or key (as plain text), the value left out, or put in a list."""

    change: Change
    pointer: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What a check has found at an element; `item` is the place in its list, where it is one of several.

    Without a severity the rule's own holds. `at_key` points at the key instead of its value.
    """

    rule: str
    pointer: str
    message: str
    help: str = ""
    severity: Severity | None = None
    item: int | None = None
    edit: Edit | None = None
    at_key: bool = False


@dataclass(frozen=True, slots=True)
class Remark:
    """What a rule says about the element at `pointer`; lines and columns are from 1, the end is exclusive."""

    rule: str
    severity: Severity
    pointer: str
    message: str
    help: str = ""
    line: int = 1
    column: int = 1
    end_line: int = 1
    end_column: int = 1
    edit: Edit | None = None
