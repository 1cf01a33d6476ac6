"""Formulas to clauses over variables of few values.

A variable holds one of `size` values; a literal is a variable with the set of values, as bits, under which it
is true; a clause needs one true literal. A dimension with several values is one variable of two values for
each kind of value. What is nested deeper than a clause gets a variable of its own, which only ever demands
what it stands for (the half of Tseitin's construction that keeps the answer).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from imagefence.prove.atoms import Atom
from imagefence.prove.budget import Budget
from imagefence.prove.dimensions import Dimension
from imagefence.prove.terms import FALSE, TRUE, Leaf, Terms

Literal = tuple[int, int]
Clause = tuple[Literal, ...]
Values = tuple[Atom | None, ...]


@dataclass(slots=True)
class Problem:
    """Variables by their number of values, and the clauses that all must hold."""

    sizes: list[int] = field(default_factory=list)
    clauses: list[Clause] = field(default_factory=list)


@dataclass(slots=True)
class Clauses:
    """The problem of one formula: `values` of each dimension, and its first variable."""

    terms: Terms
    dimensions: Sequence[Dimension]
    values: list[Values]
    firsts: list[int]
    problem: Problem
    names: dict[int, int] = field(default_factory=dict)
    leaves: dict[tuple[int, int, bool], int] = field(default_factory=dict)

    def demand(self, literal: int, unless: Clause = ()) -> None:
        """Adds the clauses that make a literal true, or one of `unless`."""
        node = self.terms.nodes[literal >> 1]
        if isinstance(node, tuple) and not literal & 1:
            for part in node:
                self.demand(part, unless)
            return
        clause = self._clause((literal,), unless)
        if clause is not None:
            self.problem.clauses.append(clause)

    def _clause(self, literals: Iterable[int], start: Clause) -> Clause | None:
        """One clause for a disjunction, or None where it always holds."""
        masks: dict[int, int] = dict(start)
        waiting = list(literals)
        while waiting:
            literal = waiting.pop()
            if literal == TRUE:
                return None
            if literal == FALSE:
                continue
            node = self.terms.nodes[literal >> 1]
            if isinstance(node, Leaf):
                parts = self._leaf(node, negated=bool(literal & 1))
                if parts is None:
                    variable, mask = self._named(literal)
                    parts = ((variable, mask),)
                for variable, mask in parts:
                    masks[variable] = masks.get(variable, 0) | mask
            elif literal & 1:
                waiting.extend(part ^ 1 for part in node)
            else:
                variable, mask = self._named(literal)
                masks[variable] = masks.get(variable, 0) | mask
        if any(mask == self._all(variable) for variable, mask in masks.items()):
            return None
        return tuple((variable, mask) for variable, mask in masks.items() if mask)

    def _all(self, variable: int) -> int:
        return (1 << self.problem.sizes[variable]) - 1

    def _leaf(self, leaf: Leaf, *, negated: bool) -> Clause | None:
        """A leaf as a disjunction of literals, or None where it is a conjunction of several."""
        first = self.firsts[leaf.dimension]
        mask = self._mask(leaf)
        if not self.dimensions[leaf.dimension].several:
            return ((first, self._all(first) & ~mask if negated else mask),)
        places = [place for place in range(mask.bit_length()) if mask >> place & 1]
        if not negated:
            return tuple((first + place, 0b10) for place in places)
        if len(places) > 1:
            return None
        return ((first + places[0], 0b01),) if places else ((first, 0b11),)

    def _mask(self, leaf: Leaf) -> int:
        key = (leaf.dimension, leaf.bits, leaf.other)
        mask = self.leaves.get(key)
        if mask is None:
            mask = 0
            for place, atom in enumerate(self.values[leaf.dimension]):
                if atom is not None and bool(atom.signature & leaf.bits) is not leaf.other:
                    mask |= 1 << place
            self.leaves[key] = mask
        return mask

    def _named(self, literal: int) -> Literal:
        """A variable that stands for a conjunction wherever it is demanded."""
        variable = self.names.get(literal)
        if variable is None:
            variable = self.names[literal] = len(self.problem.sizes)
            self.problem.sizes.append(2)
            unless = ((variable, 0b01),)
            node = self.terms.nodes[literal >> 1]
            if isinstance(node, Leaf):
                self._none_of(node, unless)
            else:
                for part in node:
                    self.demand(part, unless)
        return (variable, 0b10)

    def _none_of(self, leaf: Leaf, unless: Clause) -> None:
        mask, first = self._mask(leaf), self.firsts[leaf.dimension]
        for place in range(mask.bit_length()):
            if mask >> place & 1:
                self.problem.clauses.append((*unless, (first + place, 0b01)))


def clauses(
    terms: Terms, dimensions: Sequence[Dimension], demanded: Iterable[int], budget: Budget
) -> Clauses:
    """Finds the values of every dimension and writes the demanded literals as clauses."""
    values: list[Values] = []
    firsts: list[int] = []
    problem = Problem()
    for dimension in dimensions:
        held = dimension.values(budget)
        values.append(held)
        firsts.append(len(problem.sizes))
        problem.sizes += [2] * len(held) if dimension.several else [len(held)]
    made = Clauses(terms, dimensions, values, firsts, problem)
    for literal in demanded:
        made.demand(literal)
    return made
