"""The policy that the vendor publishes for golden images, which comes with the program."""

from __future__ import annotations

from importlib.resources import files

PUBLISHED = "published-policy.json"


def example(name: str) -> str:
    """The text of a file that comes with the program."""
    return files("imagefence.cli").joinpath("examples", name).read_text(encoding="utf-8")
