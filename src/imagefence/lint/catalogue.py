"""The catalogue of actions and keys: which operations each service has, what they authorise, what they set.

`tools/catalogue.py` makes the file from the vendor's SDK packages and this project's declarations.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher, get_close_matches
from functools import lru_cache
from importlib.resources import files

ANY_RESOURCE = "any"
NEAR_OPERATION, NEAR_LOOSE = 0.8, 0.93


@dataclass(frozen=True, slots=True)
class Service:
    """The operations of a service, by their names in lower case.

    `exact` is False where the service's actions are not all named as its operations are.
    """

    operations: Mapping[str, str]
    exact: bool

    def near(self, name: str) -> str:
        """The operation that was probably meant, or nothing."""
        cutoff = NEAR_OPERATION if self.exact else NEAR_LOOSE
        found = get_close_matches(name.lower(), self.operations, n=1, cutoff=cutoff)
        return self.operations[found[0]] if found else ""


@dataclass(frozen=True, slots=True)
class Declared:
    """An action, what it authorises (`ecs:image/`, `*` or `any`), and the keys of its own that it sets."""

    action: str
    resources: tuple[str, ...]
    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All services by RAM code; declared actions in lower case; further codes that exist."""

    services: Mapping[str, Service] = field(default_factory=dict)
    declared: Mapping[str, Declared] = field(default_factory=dict)
    unscoped: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()

    def with_several(self) -> list[Declared]:
        """The actions that authorise several resources which may wear tags, launches first."""
        found = [each for each in self.declared.values() if len(each.resources) > 1 and _taggable(each)]
        return sorted(found, key=lambda each: (-len(each.resources), each.action != "ecs:RunInstances"))

    def near_service(self, code: str, operation: str) -> str:
        """The service that was probably meant: one slip away, and it has that operation."""
        for known in sorted(self.services):
            exact_hit = operation.lower() in self.services[known].operations
            if one_slip(code.lower(), known) and (exact_hit or "*" in operation):
                return known
        return ""


def _taggable(declared: Declared) -> bool:
    return all(each.startswith(("ecs:", "vpc:")) for each in declared.resources)


def one_slip(text: str, other: str) -> bool:
    """Tells whether one letter, or the order of two, makes a text another of at least three letters."""
    if text == other or abs(len(text) - len(other)) > 1 or min(len(text), len(other)) < 3:
        return False
    if len(text) == len(other):
        wrong = [place for place, letter in enumerate(text) if letter != other[place]]
        swapped = len(wrong) == 2 and wrong[1] - wrong[0] == 1 and sorted(text) == sorted(other)
        return len(wrong) == 1 or swapped
    same = sum(block.size for block in SequenceMatcher(None, text, other).get_matching_blocks())
    return same >= max(len(text), len(other)) - 1


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """Reads the catalogue that comes with the program."""
    data = json.loads(files("imagefence.lint").joinpath("catalogue.json").read_bytes())
    operations: dict[str, dict[str, str]] = {}
    loose: set[str] = set()
    for package in data["packages"].values():
        named = {name.lower(): name for name in package["operations"].split()}
        for code in package["services"]:
            operations.setdefault(code, {}).update(named)
            loose |= set() if package["exact"] else {code}
    for action in (*data["declared"], *data["permissions"]):
        code, _, name = action.partition(":")
        operations.setdefault(code, {})[name.lower()] = name
    return Catalogue(
        {code: Service(named, code not in loose) for code, named in operations.items()},
        {
            action.lower(): Declared(action, tuple(row["resources"]), frozenset(map(str.lower, row["keys"])))
            for action, row in data["declared"].items()
        },
        frozenset(action.lower() for action in data["unscoped"]),
        frozenset(data["codes"].split()) | frozenset(operations),
    )
