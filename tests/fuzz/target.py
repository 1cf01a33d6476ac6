"""A target of the fuzz run: where its cases come from, and what must hold of each."""

from __future__ import annotations

import signal
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.errors import HypothesisWarning

BUDGET_S = 5  # of CPU time; the cases are a few hundred characters long and take milliseconds


class HangError(Exception):
    """A case that takes longer than any of its size should."""


@dataclass(frozen=True, slots=True)
class Target:
    """`check` raises on a case, which is JSON data, if what it says does not hold."""

    name: str
    cases: st.SearchStrategy[Any]
    check: Callable[[Any], None]

    def watched(self, case: Any) -> None:
        """Checks one case within the budget."""
        with budget(BUDGET_S):
            self.check(case)


@dataclass(frozen=True, slots=True)
class Failure:
    """The smallest failing case that was found."""

    target: str
    case: Any
    error: str


@contextmanager
def budget(seconds: float) -> Iterator[None]:
    """Raises HangError once the block has used so much CPU time; only in the main thread, as signals are."""

    def stop(_: int, __: FrameType | None) -> None:
        raise HangError(f"more than {seconds} s of CPU time")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def hunt(target: Target, seed: int, examples: int) -> Failure | None:
    """Throws so many cases, the same for the same seed; a failing one is made as small as can be."""
    last: list[Any] = []

    @seeded(seed)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=False,
        phases=(Phase.generate, Phase.shrink),
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=target.cases)
    def throw(case: Any) -> None:
        last[:] = [case]
        target.watched(case)

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", HypothesisWarning)  # that its own words for a case get long
            throw()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
        # Why: hypothesis ends with the smallest failing case, which therefore is the last.
        return Failure(target.name, last[0] if last else None, f"{type(error).__name__}: {error}"[:500])
    return None
