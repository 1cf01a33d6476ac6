"""All rules by name, in the order of their codes."""

from __future__ import annotations

from imagefence.lint.rule import Rule
from imagefence.lint.rules_actions import ACTION_RULES
from imagefence.lint.rules_attachments import ATTACHMENT_RULES
from imagefence.lint.rules_conditions import CONDITION_RULES
from imagefence.lint.rules_grammar import GRAMMAR_RULES
from imagefence.lint.rules_reach import REACH_RULES
from imagefence.lint.rules_resources import RESOURCE_RULES

RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        *GRAMMAR_RULES,
        *ACTION_RULES,
        *RESOURCE_RULES,
        *CONDITION_RULES,
        *REACH_RULES,
        *ATTACHMENT_RULES,
    )
}


def chosen(words: tuple[str, ...]) -> tuple[frozenset[str], str]:
    """The names that words stand for (names, codes, or beginnings of codes), and the first unknown word."""
    names: set[str] = set()
    for word in words:
        found = {
            rule.name
            for rule in RULES.values()
            if rule.name == word.lower() or (word[:2].upper() == "IF" and rule.code.startswith(word.upper()))
        }
        if not found:
            return frozenset(), word
        names |= found
    return frozenset(names), ""
