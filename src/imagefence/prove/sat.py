"""Clauses to values by a solver with conflict learning (PySAT), within a time limit.

A value of a variable is one boolean, and at least one of them holds. A literal with few values excluded
demands that those do not hold, which stays right where several booleans of one variable hold; a literal with
few values allowed demands one of them, and then at most one boolean of the variable may hold.
"""

from __future__ import annotations

import threading

from pysat.solvers import Glucose4

from imagefence.prove.budget import Budget, Undecided
from imagefence.prove.clauses import Literal, Problem


class _Encoding:
    def __init__(self, problem: Problem) -> None:
        self.sizes = problem.sizes
        self.clauses: list[list[int]] = []
        self.firsts: list[int] = []
        self.last = 0
        self.literals: dict[Literal, int] = {}
        self.single: set[int] = set()
        for size in problem.sizes:
            self.firsts.append(self.fresh(size))
            self.clauses.append(list(range(self.firsts[-1], self.firsts[-1] + size)))
        for clause in problem.clauses:
            self.clauses.append([self.literal(literal) for literal in clause])
        for variable in sorted(self.single):
            self.at_most_one(variable)

    def fresh(self, count: int = 1) -> int:
        first = self.last + 1
        self.last += count
        return first

    def literal(self, literal: Literal) -> int:
        made = self.literals.get(literal)
        if made is None:
            made = self.literals[literal] = self.fresh()
            variable, mask = literal
            first, size = self.firsts[variable], self.sizes[variable]
            outside = [place for place in range(size) if not mask >> place & 1]
            if len(outside) <= size - len(outside):
                self.clauses += [[-made, -(first + place)] for place in outside]
            else:
                inside = [first + place for place in range(size) if mask >> place & 1]
                self.clauses.append([-made, *inside])
                self.single.add(variable)
        return made

    def at_most_one(self, variable: int) -> None:
        """A ladder: once a value has held, none after it may."""
        first, size = self.firsts[variable], self.sizes[variable]
        ladder = self.fresh(size)
        for place in range(size):
            self.clauses.append([-(first + place), ladder + place])
            if place:
                self.clauses.append([-(ladder + place - 1), ladder + place])
                self.clauses.append([-(ladder + place - 1), -(first + place)])


def solve_by_learning(problem: Problem, budget: Budget) -> list[int] | None:
    """Finds values for all variables, or None where there are none; raises Undecided past the budget."""
    encoding = _Encoding(problem)
    budget.check("the clauses were being written")
    with Glucose4(bootstrap_with=encoding.clauses) as solver:
        timer = threading.Timer(min(budget.left_s, threading.TIMEOUT_MAX), solver.interrupt)
        timer.start()
        try:
            answer = solver.solve_limited(expect_interrupt=True)
        finally:
            timer.cancel()
        if answer is None:
            raise Undecided("the time was up while the solver was searching")
        if not answer:
            return None
        held = {literal for literal in solver.get_model() if literal > 0}
    return [
        next(place for place in range(size) if first + place in held)
        for first, size in zip(encoding.firsts, encoding.sizes, strict=True)
    ]
