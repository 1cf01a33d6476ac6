"""`python -m prove.soak [sets] [requests]`, with tests on the path: prover and enumeration, at length."""

from __future__ import annotations

import sys
from collections import Counter

from prove import test_exhaustive


def main(sets: int, most: int) -> None:
    """Compares generated policy sets; ends at the first disagreement."""
    test_exhaustive.MOST_REQUESTS = most
    told = Counter(test_exhaustive.compare(seed) for seed in range(100_000, 100_000 + sets))
    print(f"{sets} sets, up to {most} requests each, no disagreement: {dict(told)}")


if __name__ == "__main__":
    main(int((sys.argv[1:2] or ["2000"])[0]), int((sys.argv[2:3] or ["1000"])[0]))
