"""docs/semantics.md states every rule, each with its page and with cases that show both of its sides."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from imagefence.policy.elements import MAX_STRING
from imagefence.policy.keys import KEYS, TAG_PREFIXES
from imagefence.policy.operators import OPERATORS
from imagefence.policy.parse import LIMITS, MAX_ITEMS
from imagefence.policy.readings import ALTERNATIVES, DEFAULT, Readings, change
from imagefence.policy.strict_json import MAX_CHARACTERS, MAX_DEPTH
from written import CASES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "semantics.md").read_text(encoding="utf-8")
DECISIONS: dict[str, dict[str, Any]] = {case["id"]: case for case in CASES["cases"]}
BROKEN: dict[str, dict[str, Any]] = {
    case["id"]: case for case in json.loads((ROOT / "tests/cases/broken.json").read_text(encoding="utf-8"))
}
NAMED = re.compile(r"`((?:[a-z]+-)+)(?:(\*)|(\d+)(?:…(\d+)|([ab])?))`")


def named(text: str) -> list[str]:
    """The cases that a text names: one (`a-01`), those between two (`a-01…03`), or a family (`a-*`)."""
    return [case for found in NAMED.finditer(text) for case in meant(*found.groups())]


def meant(prefix: str, star: str | None, first: str | None, last: str | None, side: str | None) -> list[str]:
    """The cases behind one name; a name without cases is returned as it stands."""
    if first and not last:
        return [f"{prefix}{first}{side or ''}"]
    numbers = re.compile(re.escape(prefix) + r"(\d+)[ab]?")
    family = [(case, match[1]) for case in (*DECISIONS, *BROKEN) if (match := numbers.fullmatch(case))]
    if not star:
        ends = {number for _, number in family} >= {first, last}
        family = [(case, number) for case, number in family if ends and str(first) <= number <= str(last)]
    return [case for case, _ in family] or [f"{prefix}{star or first}"]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table, its cells by the words of the head."""

    cells: dict[str, str]

    @property
    def first(self) -> str:
        """The rule, the operator, the key or the point."""
        return next(iter(self.cells.values()))

    def cases(self, column: str) -> list[str]:
        """The cases that a cell names."""
        return named(self.cells[column])


def rows() -> Iterator[Row]:
    head: list[str] = []
    for line in PAGE.splitlines():
        if not line.startswith("| "):
            head = []
            continue
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if not head:
            head = cells
        elif set(line) - set("|- "):
            assert len(cells) == len(head), line
            yield Row(dict(zip(head, cells, strict=True)))


ROWS = tuple(rows())
RULES = [row for row in ROWS if "Shown by" in row.cells]
POINTS = [row for row in ROWS if "Readings" in row.cells]
CHOICE = re.compile(r"`([a-z-]+)` = (.+)")


def outcome(case_id: str) -> str:
    """What comes of a case: its verdict, or whether its text is refused or read with a remark."""
    if case_id in DECISIONS:
        return str(DECISIONS[case_id]["verdict"])
    return "read with a remark" if "rule" in BROKEN[case_id] else "refused"


def choices(row: Row) -> tuple[str, list[str]]:
    """The name of a reading and its values, the default first."""
    match = CHOICE.fullmatch(row.cells["Readings"])
    assert match, row
    name, values = match.groups()
    default, *others = values.split(", ")
    assert default == f"**{default.strip('*')}**"
    return name, [default.strip("*"), *others]


def test_the_page_has_its_tables() -> None:
    assert len(RULES) > 150
    assert not DECISIONS.keys() & BROKEN.keys()


@pytest.mark.parametrize("row", RULES, ids=lambda row: row.first[:60])
def test_every_rule_has_a_page_and_two_sides(row: Row) -> None:
    assert row.cells["Page"]
    shown, other = row.cases("Shown by"), row.cases("Other side")
    assert shown
    assert other
    assert not {outcome(each) for each in shown} & {outcome(each) for each in other}


def test_what_is_named_is_there_and_nothing_is_left_out() -> None:
    assert set(named(PAGE)) == DECISIONS.keys() | BROKEN.keys()


def test_limits_are_as_told() -> None:
    for limit in (*LIMITS.values(), MAX_CHARACTERS, MAX_DEPTH, MAX_ITEMS, MAX_STRING):
        assert re.search(rf"(?<![\d,]){limit:,}(?![\d,])", PAGE), limit


def test_every_operator_has_a_row() -> None:
    assert [row.first.strip("`") for row in RULES if "Operator" in row.cells] == list(OPERATORS)


def test_every_key_has_a_row_with_its_type() -> None:
    told = {row.first.strip("`"): row.cells["Type"] for row in RULES if "Key" in row.cells}
    listed = {name: kind.value for name, kind in KEYS.items()}
    assert told == listed | {f"{prefix}<key>": "string" for prefix in TAG_PREFIXES}


def test_every_reading_is_a_point_with_its_default_first() -> None:
    fields = []
    for row in POINTS:
        name, values = choices(row)
        field = name.replace("-", "_")
        fields.append(field)
        default = getattr(DEFAULT, field)
        assert values[0] == default.value
        assert set(values) == {member.value for member in type(default)}
        assert row.cells["Why the default is the safe one"]
        assert row.cells["What would settle it"]
    assert fields == list(Readings.__dataclass_fields__)


@pytest.mark.parametrize("other", ALTERNATIVES, ids=lambda other: other.name)
def test_every_other_reading_changes_a_case_that_its_point_names(other: Any) -> None:
    field, _, value = other.name.partition("=")
    (row,) = [row for row in POINTS if choices(row)[0] == field.replace("_", "-")]
    assert row.first == other.id
    assert change(DEFAULT, other.name) == other.readings
    differing = [
        case
        for case in row.cases("Differs in")
        for found in DECISIONS[case].get("otherwise", ())
        if found["reading"] == f"{field.replace('_', '-')}={value}"
        and found["verdict"] != DECISIONS[case]["verdict"]
    ]
    assert differing


def test_every_point_is_there_and_every_case_of_it_differs() -> None:
    assert list(dict.fromkeys(row.first for row in POINTS)) == [f"U-{number}" for number in range(1, 18)]
    for row in POINTS:
        name, _ = choices(row)
        for case in row.cases("Differs in"):
            readings = [found["reading"] for found in DECISIONS[case]["otherwise"]]
            assert any(reading.startswith(f"{name}=") for reading in readings), (name, case)
