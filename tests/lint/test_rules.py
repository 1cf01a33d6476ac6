"""The table of rules: each bad example breaks its rule at its place, each good one doesn't."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from imagefence.lint.arrangement_file import read_arrangement
from imagefence.lint.attachments import arrangement_remarks
from imagefence.lint.lint import Surroundings, lint_text
from imagefence.lint.remark import Remark
from imagefence.lint.rule import Rule, example
from imagefence.lint.rules import RULES, chosen

LINT = Path(__file__).parents[2] / "src" / "imagefence" / "lint"
PLACES: dict[str, str] = json.loads((Path(__file__).parent / "places.json").read_text())
NOTED = {"absent-tag", "image-resource-only"}


def found_in(rule: Rule, policy: str | tuple[str, ...]) -> tuple[Remark, ...]:
    text = example(policy)
    if rule.attachment:
        arrangement = read_arrangement(text, "tree.yaml", lambda name: name)
        return tuple(each.remark for each in arrangement_remarks(arrangement))
    return lint_text(text, rule.kind, surroundings=Surroundings(rule.beside))


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_bad_example_breaks_its_rule_at_its_place(rule: Rule) -> None:
    found = found_in(rule, rule.bad)
    mine = [each for each in found if each.rule == rule.name]
    assert mine, "the bad example is not remarked on"
    assert {each.rule for each in found} <= {rule.name, *rule.also}
    assert f"{mine[0].line}:{mine[0].column} {mine[0].pointer}" == PLACES[rule.name]


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_good_example_does_not(rule: Rule) -> None:
    assert {each.rule for each in found_in(rule, rule.good)} <= NOTED - {rule.name}


def test_codes_and_names_are_unique_and_in_order() -> None:
    codes = [rule.code for rule in RULES.values()]
    assert codes == sorted(set(codes))
    assert len(codes) >= 50
    assert all(re.fullmatch(r"IF\d{3}", code) for code in codes)


def test_every_rule_of_the_checks_is_in_the_table_and_the_other_way() -> None:
    sources = "".join(path.read_text() for path in LINT.glob("*.py") if not path.name.startswith("rules"))
    named = set(re.findall(r'Found\(\s*"([a-z-]+)"', sources)) | {"too-long", "near-limit"}
    assert named == set(RULES)


def test_rules_are_chosen_by_name_code_and_beginning() -> None:
    assert chosen(("absent-tag",)) == (frozenset({"absent-tag"}), "")
    assert chosen(("if305",)) == (frozenset({"absent-tag"}), "")
    assert "no-zone" in chosen(("IF3",))[0]
    assert chosen(("IF9",)) == (frozenset(), "IF9")
    assert chosen(("absent",)) == (frozenset(), "absent")
