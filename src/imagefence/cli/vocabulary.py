"""The published example and the names of the vendor's operations, which the checks compare with."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files

from imagefence.lint.lint import Vocabulary

PUBLISHED = "published-policy.json"


def example(name: str) -> str:
    """The text of a file that comes with the program."""
    return files("imagefence.cli").joinpath("examples", name).read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """All operation names of the services that imagefence knows."""
    data = json.loads(example("operations.json"))
    operations = {service: frozenset(names) for service, names in data["operations"].items()}
    return Vocabulary(operations, frozenset(name.lower() for name in data["unscoped"]))
