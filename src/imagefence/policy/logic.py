"""Logic[B]: what the rules ask of whoever answers in values of B.

The evaluator answers in three-valued truth about one request and one resource; a prover answers in terms.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

from imagefence.policy.document import ConditionTest, In, NotIn, TrustedPrincipals

B = TypeVar("B")


class Logic(Protocol[B]):
    """The few questions that the rules of authorize.py put."""

    @property
    def false(self) -> B:
        """The value that can never hold."""

    def all(self, parts: Iterable[B]) -> B:
        """Holds if every part does."""

    def any(self, parts: Iterable[B]) -> B:
        """Holds if some part does."""

    def not_(self, part: B) -> B:
        """Holds if the part does not."""

    def action(self, covered: In | NotIn) -> B:
        """Holds if the element covers the action asked for."""

    def resource(self, covered: In | NotIn) -> B:
        """Holds if the element covers the resource asked for."""

    def named(self, trusted: TrustedPrincipals) -> B:
        """Holds if a trust policy's Principal names the caller."""

    def test(self, test: ConditionTest) -> B:
        """Holds if one condition does."""


# Three-valued truth: None is unknown.
Truth = bool | None


def all_of(parts: Iterable[Truth]) -> Truth:
    """Kleene's conjunction."""
    result: Truth = True
    for part in parts:
        if part is False:
            return False
        if part is None:
            result = None
    return result


def any_of(parts: Iterable[Truth]) -> Truth:
    """Kleene's disjunction."""
    result: Truth = False
    for part in parts:
        if part is True:
            return True
        if part is None:
            result = None
    return result


def not_(part: Truth) -> Truth:
    """Kleene's negation."""
    return None if part is None else not part
