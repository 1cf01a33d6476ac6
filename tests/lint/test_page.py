"""docs/lint.md: made from the table of rules, and up to date."""

from __future__ import annotations

import re
from pathlib import Path

from imagefence.lint.page import lint_page
from imagefence.lint.rules import RULES
from imagefence.lint.sarif import anchor

PAGE = Path(__file__).parents[2] / "docs" / "lint.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text() == lint_page(), "run `make docs`"


def test_every_rule_has_its_section_where_its_links_lead() -> None:
    headings = re.findall(r"^## (.+)$", PAGE.read_text(), re.MULTILINE)
    anchors = {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    for rule in RULES.values():
        page, _, name = anchor(rule).partition("#")
        assert page == "docs/lint.md"
        assert name in anchors
    linked = set(re.findall(r"\(#([a-z0-9-]+)\)", PAGE.read_text()))
    assert linked == {anchor(rule).partition("#")[2] for rule in RULES.values()}
