"""Two ways to an answer: atoms and search here, strings and z3 or cvc5 there."""

from __future__ import annotations

import random

import pytest

from imagefence.prove.ask import answer, asked_of
from imagefence.prove.budget import Undecided, unlimited
from imagefence.prove.calls import Caller
from imagefence.prove.queries import ALWAYS, TAG_ROADS, holes, uses
from imagefence.prove.smt import equal_to, glob_of, quoted
from imagefence.prove.solvers import satisfiable
from imagefence.prove.witness import script
from imagefence.scope.scope import Scope
from prove.generated import ACCOUNT, APPROVED, NOW, policies, readings

SCOPE = Scope(APPROVED)
FURTHER = ("image-family", "auto-scaling", "swap-disk", "auto-provisioning")
LIMIT_S = 5.0


def compare(seed: int, solver: str) -> str:
    """Asks one query of one generated set both ways."""
    chance = random.Random(seed)
    held, reading = policies(chance), readings(chance)
    roads = (*ALWAYS, *TAG_ROADS, *FURTHER)
    every = [*holes(SCOPE, ACCOUNT, reading, NOW, roads), *uses(SCOPE, ACCOUNT, reading, NOW)]
    query = chance.choice(every)
    asked = asked_of(held, SCOPE, Caller(ACCOUNT), NOW)
    try:
        text = script(query, asked, reading)
        passes = answer(query, asked, reading, unlimited()) is not None
        assert satisfiable(solver, text, LIMIT_S) is passes, (seed, query.text, reading)
    except Undecided:
        return "left out"
    return "passes" if passes else "proven"


@pytest.mark.parametrize("block", range(4))
def test_cvc5_agrees(block: int) -> None:
    told = [compare(seed, "cvc5") for seed in range(10_000 + block * 60, 10_060 + block * 60)]
    assert told.count("left out") < 15
    assert min(told.count("passes"), told.count("proven")) > 5


def test_z3_agrees() -> None:
    told = [compare(seed, "z3") for seed in range(20_000, 20_025)]
    assert told.count("left out") < 12


@pytest.mark.parametrize(
    ("pattern", "text", "folded"),
    [
        ("a*c", "abbc", False),
        ("*b*", "abc", False),
        ("a?c", "ac", False),
        ("*", "", False),
        ("", "", False),
        ('q"uo\\te', 'q"uo\\te', False),
        ("é中*", "é中文", False),
        ("*tail", "the tail", False),
        ("ab?", "ABC", True),
        ("ab", "Ab", True),
    ],
)
@pytest.mark.parametrize("solver", ["z3", "cvc5"])
def test_patterns_mean_the_same_to_solvers(solver: str, pattern: str, text: str, folded: bool) -> None:
    claim = glob_of("x", pattern, folded=folded)
    head = f"(set-logic ALL)\n(declare-const x String)\n(assert {equal_to('x', text)})\n"
    matched = satisfiable(solver, f"{head}(assert {claim})\n(check-sat)\n", LIMIT_S)
    assert matched is (pattern != "a?c")


def test_quoted_texts_hold_nothing_unprintable() -> None:
    assert quoted('a"\n\\é') == '"a""\\u{a}\\u{5c}\\u{e9}"'
