"""The fuzz run: growth of every shape, then rounds over every target until the time is up."""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

from fuzz.growth import SHAPES, grows_in_proportion
from fuzz.target import Failure, hunt
from fuzz.targets import TARGETS

FOUND = Path(__file__).resolve().parents[1] / "cases" / "fuzz"
EXAMPLES = 100  # of a target in one round


def main() -> int:
    """Runs it: 1 with the failing cases written to tests/cases/fuzz."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="how long (default 60)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed throws the same cases")
    parser.add_argument("--only", choices=[each.name for each in TARGETS], help="one target alone")
    chosen = parser.parse_args()
    failures = [
        Failure("growth", shape.name, "takes more time than in proportion to its size")
        for shape in SHAPES
        if not grows_in_proportion(shape)
    ]
    failures += thrown(chosen.seconds, chosen.seed, chosen.only)
    for failure in failures:
        print(f"{failure.target}: {failure.error}\n  {json.dumps(failure.case)[:1000]}\n  {kept(failure)}")
    return 1 if failures else 0


def thrown(seconds: float, seed: int, only: str | None) -> list[Failure]:
    """Rounds over the targets; one that fails is not asked again."""
    failures: list[Failure] = []
    targets = [each for each in TARGETS if only in (None, each.name)]
    end, rounds = time.monotonic() + seconds, 0
    while targets and time.monotonic() < end:
        for target in tuple(targets):
            failure = hunt(target, seed + rounds, EXAMPLES)
            if failure is not None:
                failures.append(failure)
                targets.remove(target)
        rounds += 1
    print(
        f"{len(SHAPES)} shapes, {rounds} rounds of {EXAMPLES} cases over {len(TARGETS)} targets",
        file=sys.stderr,
    )
    return failures


def kept(failure: Failure) -> Path:
    """Writes a failing case where the tests find it."""
    text = json.dumps(asdict(failure), indent=1)
    FOUND.mkdir(exist_ok=True)
    path = FOUND / f"{failure.target}-{hashlib.sha256(text.encode()).hexdigest()[:8]}.json"
    path.write_text(text + "\n", encoding="utf-8")
    return path
