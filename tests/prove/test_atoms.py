"""Atoms against the one definition of patterns, on every text and on random ones."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imagefence.policy.document import In
from imagefence.policy.matching import covers_action
from imagefence.policy.pattern import glob
from imagefence.prove.atoms import ANY_TEXT, Pattern, Run, atoms, signature_of
from imagefence.prove.budget import Budget, Undecided
from imagefence.prove.calls import IDS, REGIONS, Caller

NAMES = (("im/", Run(frozenset("abAB1"))),)
TWO = (("u/", Run(frozenset("ab"))), ("r/", Run(frozenset("aA"), least=0)))
texts = st.text("abAB*?/1", max_size=5)
plain = st.builds(Pattern, texts, st.booleans())
folded = st.builds(Pattern, texts.map(str.casefold), st.booleans(), st.just(True))
patterns = st.lists(plain | folded, max_size=5).map(tuple)


def matches(pattern: Pattern, text: str) -> bool:
    """What the evaluator says of a text."""
    given_text = text.casefold() if pattern.folded else text
    return glob(pattern.text)(given_text) if pattern.like else pattern.text == given_text


def signature(every: tuple[Pattern, ...], text: str) -> int:
    return sum(1 << place for place, pattern in enumerate(every) if matches(pattern, text))


@given(patterns)
def test_each_atom_is_what_it_says_and_none_is_missing(every: tuple[Pattern, ...]) -> None:
    found = atoms(every)
    assert len({atom.signature for atom in found}) == len(found)
    for atom in found:
        assert atom.signature == signature(every, atom.text)
    known = {atom.signature for atom in found}
    for length in range(4):
        for chars in itertools.product("abABx/", repeat=length):
            assert signature(every, "".join(chars)) in known


@given(patterns, st.text(max_size=12))
def test_membership_is_the_pattern_match_on_random_texts(every: tuple[Pattern, ...], text: str) -> None:
    assert signature_of(every, ANY_TEXT, text) == signature(every, text)


@given(patterns, st.sampled_from((NAMES, TWO)))
def test_a_language_bounds_the_texts(
    every: tuple[Pattern, ...], language: tuple[tuple[str | Run, ...], ...]
) -> None:
    inside = [
        text
        for length in range(5)
        for text in map("".join, itertools.product("aAbB1", repeat=length))
        for text in (f"im/{text}", f"u/{text}", f"r/{text}")
        if signature_of((), language, text) is not None
    ]
    found = atoms(every, language)
    assert all(signature_of((), language, atom.text) == 0 for atom in found)
    assert {signature(every, text) for text in inside} <= {atom.signature for atom in found}
    assert all(signature(every, atom.text) == atom.signature for atom in found)


def test_witnesses_are_short_and_suggestions_come_first() -> None:
    every = (Pattern("cn-*"), Pattern("*-finance-?"))
    found = atoms(every, REGIONS, suggestions=("cn-hangzhou",))
    assert found[0].text == "cn-hangzhou"
    assert {atom.signature: len(atom.text) for atom in found} == {0b01: 11, 0b00: 1, 0b10: 10, 0b11: 12}


def test_callers_are_users_or_roles() -> None:
    every = (Pattern("acs:ram:*:*:role/image-admin"), Pattern("acs:ram:*:*:user/*"), Pattern("*:ROLE/*"))
    found = atoms(every, Caller("1").language)
    assert {atom.signature for atom in found} == {0b000, 0b001, 0b010}


def test_ids_leave_out_what_no_id_holds() -> None:
    assert [atom.signature for atom in atoms((Pattern("image/*/*"),), (("image/", IDS),))] == [0]


@pytest.mark.parametrize("pattern", ["ecs:Run*", "*", "e?s:*Instances", "ECS:RUNINSTANCES", "ecs:run*s"])
def test_actions_fold(pattern: str) -> None:
    every = (Pattern(pattern.casefold(), folded=True),)
    for action in (
        "ecs:RunInstances",
        "ecs:runinstances",
        "EcS:RunI",
        "vpc:RunInstances",
        "ecs:RebootInstances",
    ):
        assert bool(signature_of(every, ANY_TEXT, action)) is covers_action(In((pattern,)), action)


def test_too_many_kinds_are_not_decided() -> None:
    ticks = iter(range(1000))
    budget = Budget(lambda: float(next(ticks)), 3.0)
    every = tuple(Pattern(f"*{char}*{other}*") for char in "abcdefg" for other in "hijklmn")
    with pytest.raises(Undecided, match="time was up"):
        atoms(every, budget=budget)
