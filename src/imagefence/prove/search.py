"""Clauses to values: plain search while it stays small, a solver with conflict learning past that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from imagefence.prove.budget import Budget
from imagefence.prove.clauses import Clause, Problem

MOST_NODES = 2_000


class _TooMany(Exception):  # noqa: N818 - a way out of the recursion, never seen outside
    """Plain search has taken more nodes than it is worth."""


@dataclass(slots=True)
class _Nodes:
    left: int
    budget: Budget

    def spend(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise _TooMany
        if self.left % 256 == 0:
            self.budget.check("the values were being searched")


def solve(problem: Problem, budget: Budget, *, most_nodes: int = MOST_NODES) -> list[int] | None:
    """Finds values for all variables, or None where there are none; raises Undecided past the budget."""
    domains = [(1 << size) - 1 for size in problem.sizes]
    if 0 in domains:
        return None
    try:
        found = _search(domains, list(dict.fromkeys(problem.clauses)), _Nodes(most_nodes, budget))
    except _TooMany:
        # Why: most questions never come here, and the import takes longer than they do.
        from imagefence.prove.sat import solve_by_learning  # noqa: PLC0415

        return solve_by_learning(problem, budget)
    return None if found is None else [_lowest(domain) for domain in found]


def _search(domains: list[int], clauses: Sequence[Clause], nodes: _Nodes) -> list[int] | None:
    nodes.spend()
    left = _propagated(domains, clauses)
    if left is None:
        return None
    if not left:
        return domains
    variable = _most_frequent(left)
    for group in _groups(domains[variable], variable, left):
        narrowed = domains.copy()
        narrowed[variable] = group
        found = _search(narrowed, left, nodes)
        if found is not None:
            return found
    return None


def _propagated(domains: list[int], clauses: Sequence[Clause]) -> list[Clause] | None:
    """Narrows the domains by clauses with one open literal; gives the open clauses, None at a conflict."""
    changed = True
    while changed:
        changed = False
        left: list[Clause] = []
        for clause in clauses:
            rest = _open(domains, clause)
            if rest is None:
                continue
            if len(rest) > 1:
                left.append(rest)
                continue
            if not rest:
                return None
            variable, mask = rest[0]
            domains[variable] &= mask
            changed = True
        clauses = left
    return left


def _open(domains: list[int], clause: Clause) -> Clause | None:
    """The literals still open, or None where one holds already."""
    dropped = False
    for variable, mask in clause:
        common = domains[variable] & mask
        if common == domains[variable]:
            return None
        dropped = dropped or not common
    return tuple(each for each in clause if domains[each[0]] & each[1]) if dropped else clause


def _most_frequent(clauses: Sequence[Clause]) -> int:
    shortest = min(map(len, clauses))
    counted = Counter(variable for clause in clauses if len(clause) == shortest for variable, _ in clause)
    return counted.most_common(1)[0][0]


def _groups(domain: int, variable: int, clauses: Iterable[Clause]) -> Iterator[int]:
    """The values that no open clause tells apart, together; the plainest first."""
    groups = [domain]
    for mask in dict.fromkeys(mask for clause in clauses for at, mask in clause if at == variable):
        groups = [part for group in groups for part in (group & mask, group & ~mask) if part]
    return iter(sorted(groups, key=_lowest))


def _lowest(domain: int) -> int:
    return (domain & -domain).bit_length() - 1
