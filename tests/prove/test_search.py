"""Both searches against trying everything."""

from __future__ import annotations

import itertools
import random
import time

import pytest

from imagefence.prove.budget import Budget, Undecided, unlimited
from imagefence.prove.clauses import Clause, Problem
from imagefence.prove.sat import solve_by_learning
from imagefence.prove.search import solve


def random_problem(chance: random.Random) -> Problem:
    sizes = [chance.randint(1, 4) for _ in range(chance.randint(1, 5))]
    clauses: list[Clause] = []
    for _ in range(chance.randint(0, 14)):
        chosen = chance.sample(range(len(sizes)), chance.randint(1, min(3, len(sizes))))
        clauses.append(tuple((at, chance.randrange(1, 1 << sizes[at])) for at in chosen))
    return Problem(sizes, clauses)


def holds(problem: Problem, values: list[int]) -> bool:
    return all(any(mask >> values[at] & 1 for at, mask in clause) for clause in problem.clauses)


def brute_force(problem: Problem) -> bool:
    return any(holds(problem, list(values)) for values in itertools.product(*map(range, problem.sizes)))


@pytest.mark.parametrize("seed", range(400))
def test_both_searches_agree_with_trying_everything(seed: int) -> None:
    problem = random_problem(random.Random(seed))
    expected = brute_force(problem)
    for found in (solve(problem, unlimited()), solve_by_learning(problem, unlimited())):
        assert (found is not None) is expected
        assert found is None or holds(problem, found)


def pigeons(count: int) -> Problem:
    """As many pigeons as holes and one more: no search without cleverness ends soon."""
    sizes = [count] * (count + 1)
    clauses: list[Clause] = [
        ((one, ~(1 << hole) & ((1 << count) - 1)), (other, ~(1 << hole) & ((1 << count) - 1)))
        for hole in range(count)
        for one in range(count + 1)
        for other in range(one)
    ]
    return Problem(sizes, clauses)


def test_what_grows_goes_to_the_solver() -> None:
    assert solve(pigeons(5), unlimited(), most_nodes=20) is None


def test_the_time_limit_is_hard() -> None:
    begun = time.monotonic()
    with pytest.raises(Undecided, match="time was up"):
        solve(pigeons(13), Budget(time.monotonic, begun + 0.3), most_nodes=20)
    assert time.monotonic() - begun < 5
