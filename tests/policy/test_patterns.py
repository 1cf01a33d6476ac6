"""What patterns cover, by table: the corners that a search may miss."""

from __future__ import annotations

import pytest

from imagefence.policy.elements import is_glob_over_colon
from imagefence.policy.pattern import glob, has_variable, has_wildcard


@pytest.mark.parametrize(
    ("pattern", "text", "covers"),
    [
        ("", "", True),
        ("", "a", False),
        ("*", "", True),
        ("**", "", True),
        ("*", "a:b/c\n", True),
        ("?", "", False),
        ("?", "*", True),
        ("?", "\n", True),
        ("a*", "a", True),
        ("a*", "ba", False),
        ("*a", "a", True),
        ("*a", "ab", False),
        # the pieces never overlap
        ("ab*ba", "aba", False),
        ("ab*ba", "abba", True),
        ("*ab*b", "ab", False),
        ("*ab*b", "abb", True),
        ("a*b*c", "abc", True),
        ("a*bc*c", "abc", False),
        ("*a*a", "a", False),
        # each piece comes after the one before
        ("*a*b*", "ba", False),
        ("*a*b*", "ab", True),
        ("*aa*aa*", "aaa", False),
        ("*aa*aa*", "aaaa", True),
        # `?` beside stars
        ("a?", "a", False),
        ("a?", "ab", True),
        ("a?", "abc", False),
        ("?*", "", False),
        ("*?", "a", True),
        ("*?a", "a", False),
        ("*?a?*", "bab", True),
        ("*?b*c", "abxc", True),
        ("*?b*c", "bc", False),
        ("*a**?b", "acb", True),
        # nothing else is special
        ("[ab]", "a", False),
        ("[ab]?", "[ab]c", True),
        ("a.c", "abc", False),
        ("a.?", "abc", False),
        (r"\*", "*", False),
        ("A", "a", False),
        ("A?", "ab", False),
    ],
)
def test_glob(pattern: str, text: str, covers: bool) -> None:
    assert glob(pattern)(text) is covers


def test_wildcards_and_variables_are_told() -> None:
    assert [has_wildcard(each) for each in ("a*", "a?", "a", "")] == [True, True, False, False]
    assert [has_variable(each) for each in ("a${b}", "$", "{b}", "a")] == [True, False, False, False]


def test_action_patterns_whose_star_spans_the_colon() -> None:
    assert all(is_glob_over_colon(each) for each in ("ecs*", "*Run", "e?s", "**"))
    assert not any(is_glob_over_colon(each) for each in ("*", "ecs:*", "*:Run", "ecs", ""))
