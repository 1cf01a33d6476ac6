"""One measured row, and how a round of measuring goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Row:
    """A ratio to a peer in the same run; `spread` is (highest - lowest) / median of the rounds' ratios."""

    id: str
    ratio: float
    target: float
    better: str  # "higher" or "lower"
    peer: str
    rounds: int
    spread: float
    ours: str = ""
    theirs: str = ""

    @property
    def falls_short(self) -> bool:
        """True when the target is missed."""
        return self.ratio < self.target if self.better == "higher" else self.ratio > self.target

    def saved(self) -> dict[str, Any]:
        """The row as bench/results keeps it."""
        row = asdict(self)
        del row["ours"], row["theirs"]
        return row


def interleaved(
    id_: str,
    ours: Callable[[], float],
    theirs: Callable[[], float],
    *,
    target: float,
    better: str,
    peer: str,
    unit: str,
    rounds: int = 3,
) -> Row:
    """Measures A B A B…; the ratio is that of the medians."""
    figures = [(ours(), theirs()) for _ in range(rounds)]
    mine, other = median(a for a, _ in figures), median(b for _, b in figures)
    ratios = [a / b for a, b in figures]
    return Row(
        id_,
        round(mine / other, 4),
        target,
        better,
        peer,
        rounds,
        round((max(ratios) - min(ratios)) / median(ratios), 4),
        f"{mine:,.4g} {unit}",
        f"{other:,.4g} {unit}",
    )
