"""Time limits: how long an answer may take, and what it means that none was found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


class Undecided(Exception):  # noqa: N818 - becomes the answer "not decided", with this reason
    """No answer within the limits, or none that would be exact."""


@dataclass(frozen=True, slots=True)
class Budget:
    """A moment, on a clock in seconds, after which no more is tried."""

    clock: Callable[[], float]
    until_s: float

    @property
    def left_s(self) -> float:
        """The seconds left; negative once the time is up."""
        return self.until_s - self.clock()

    def check(self, doing: str) -> None:
        """Raises Undecided once the time is up."""
        if self.left_s <= 0:
            raise Undecided(f"the time was up while {doing}")


def unlimited() -> Budget:
    """A budget that never ends."""
    return Budget(lambda: 0.0, float("inf"))
