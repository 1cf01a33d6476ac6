"""Formulas over finite dimensions: shared, in negation only at their edges, and numbered.

A literal is an integer: twice the number of a node, and one more where it is negated.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

TRUE, FALSE = 0, 1


@dataclass(frozen=True, slots=True)
class Leaf:
    """Some present value of a dimension has one of the bits in its signature, with `other` none of them."""

    dimension: int
    bits: int
    other: bool = False


Node = Leaf | tuple[int, ...]


@dataclass(slots=True)
class Terms:
    """The nodes made so far; node 0 is truth, a tuple is the conjunction of literals."""

    nodes: list[Node] = field(default_factory=lambda: [()])
    known: dict[Node, int] = field(default_factory=dict)

    def leaf(self, dimension: int, bits: int, *, other: bool = False) -> int:
        """A literal for a leaf; no bits at all never hold."""
        return self._literal(Leaf(dimension, bits, other)) if bits or other else FALSE

    def all(self, literals: Iterable[int]) -> int:
        """Their conjunction."""
        kept: set[int] = set()
        for literal in literals:
            if literal == FALSE or literal ^ 1 in kept:
                return FALSE
            if literal != TRUE:
                kept.add(literal)
        if len(kept) < 2:
            return kept.pop() if kept else TRUE
        return self._literal(tuple(sorted(kept)))

    def any(self, literals: Iterable[int]) -> int:
        """Their disjunction."""
        return self.all(literal ^ 1 for literal in literals) ^ 1

    def _literal(self, node: Node) -> int:
        number = self.known.get(node)
        if number is None:
            number = self.known[node] = len(self.nodes)
            self.nodes.append(node)
        return number * 2
