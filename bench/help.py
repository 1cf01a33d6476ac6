"""`imagefence --help` against a bare click program's `--help`, each in a fresh process."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

from bench.row import Row, interleaved

OURS = "from imagefence.cli.main import main; main()"
BARE = """
import click

@click.command()
def main():
    "A bare program."

main()
"""


def seconds(program: str) -> float:
    """Wall time of one process."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", program, "--help"], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def rows() -> Iterator[Row]:
    """Measures the row `help`."""
    seconds(OURS)
    seconds(BARE)
    yield interleaved(
        "help",
        lambda: seconds(OURS) * 1000,
        lambda: seconds(BARE) * 1000,
        target=1.5,
        better="lower",
        peer="bare click program",
        unit="ms",
        rounds=11,
    )
