"""The prover against every request of a small universe, decided by the readable evaluator."""

from __future__ import annotations

import random

import pytest

from imagefence.policy.authorize import authorize
from imagefence.prove.ask import answer, asked_of
from imagefence.prove.budget import Undecided, unlimited
from imagefence.prove.calls import Caller
from imagefence.prove.queries import ALWAYS, TAG_ROADS, holes, uses
from imagefence.scope.scope import Scope
from prove.generated import ACCOUNT, APPROVED, NOW, is_asked_for, policies, readings, universe

SCOPE = Scope(APPROVED)
FURTHER = ("image-family", "auto-scaling", "swap-disk", "auto-provisioning")
SETS, MOST_REQUESTS = 60, 300


def compare(seed: int) -> str:
    """Asks one query of one generated set; says what came of it."""
    chance = random.Random(seed)
    held, reading = policies(chance), readings(chance)
    roads = (*ALWAYS, *TAG_ROADS, *FURTHER)
    every = [*holes(SCOPE, ACCOUNT, reading, NOW, roads), *uses(SCOPE, ACCOUNT, reading, NOW)]
    query = chance.choice(every)
    asked = asked_of(held, SCOPE, Caller(ACCOUNT), NOW)
    try:
        passing = answer(query, asked, reading, unlimited())
    except Undecided:
        return "undecided"
    if passing is not None:
        assert authorize(passing.request, held, reading).allowed
        assert is_asked_for(query, passing.request), (seed, passing.request)
        return "passes"
    for request in universe(query, held, chance, MOST_REQUESTS):
        if is_asked_for(query, request):
            assert not authorize(request, held, reading).allowed, (seed, query.text, reading, request)
    return "proven"


@pytest.mark.parametrize("block", range(5))
def test_prover_agrees_with_enumeration(block: int) -> None:
    told = [compare(seed) for seed in range(block * SETS, (block + 1) * SETS)]
    assert told.count("passes") > SETS // 10
    assert told.count("proven") > SETS // 10
    assert told.count("undecided") < SETS // 20
