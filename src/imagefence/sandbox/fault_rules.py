"""Faults on demand: rules that make the sandbox fail as a cloud does on a bad day.

    faults:
      - {kind: throttling, operation: Describe*, probability: 0.02}
      - {kind: latency, service: ram, milliseconds: 300}
      - {kind: lost-answer, operation: RunInstances, times: 1}

Every rule that matches a request is drawn by its probability, from a source of chance with a seed, so that a
run repeats.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from fnmatch import fnmatchcase
from random import Random
from typing import Any, TypeVar

from imagefence.scope.reader import Place, read_yaml

N = TypeVar("N", int, float)
LONGEST_MS = 24 * 3600 * 1000


class FaultKind(Enum):
    """What goes wrong."""

    THROTTLING = "throttling"
    UNAVAILABLE = "unavailable"
    INTERNAL_ERROR = "internal-error"
    LATENCY = "latency"
    RESET = "reset"
    LOST_ANSWER = "lost-answer"
    CLOCK_SKEW = "clock-skew"
    EXPIRED_TOKEN = "expired-token"  # noqa: S105 - a kind of fault, not a secret
    DENIAL = "denial"


MEANING = {
    FaultKind.THROTTLING: "Throttling.User; `milliseconds` is the pause that x-acs-retry-after asks for",
    FaultKind.UNAVAILABLE: "503 ServiceUnavailable",
    FaultKind.INTERNAL_ERROR: "500 InternalError",
    FaultKind.LATENCY: "the answer comes `milliseconds` later",
    FaultKind.RESET: "the connection is reset before anything is done",
    FaultKind.LOST_ANSWER: "the call is carried out, and the connection reset before its answer",
    FaultKind.CLOCK_SKEW: "the server's clock is `milliseconds` ahead as it checks the time of the signature",
    FaultKind.EXPIRED_TOKEN: "a temporary key counts as expired",
    FaultKind.DENIAL: "the product's denial, whatever the policies say",
}
NEEDS_MS = frozenset({FaultKind.LATENCY, FaultKind.CLOCK_SKEW})


@dataclass(frozen=True, slots=True)
class FaultRule:
    """One rule: what goes wrong, at which calls (names with `*` and `?`), how likely, at most how often.

    `service` is the code in RAM actions (`ecs`); `milliseconds` means what MEANING says of its kind.
    """

    kind: FaultKind
    service: str = "*"
    operation: str = "*"
    region: str = "*"
    account: str = "*"
    probability: float = 1.0
    milliseconds: int = 0
    times: int | None = None

    def matches(self, service: str, operation: str, region: str, account: str) -> bool:
        """Tells whether the rule concerns a call."""
        pairs = (
            (service, self.service),
            (operation, self.operation),
            (region, self.region),
            (account, self.account),
        )
        return all(pattern == "*" or fnmatchcase(text, pattern) for text, pattern in pairs)


@dataclass(slots=True)
class Faults:
    """The rules in force in a world, how often each may still strike, and their own source of chance."""

    rules: tuple[FaultRule, ...] = ()
    left: list[int | None] = field(default_factory=list)
    random: Random = field(default_factory=Random)

    def become(self, rules: Iterable[FaultRule], seed: int | None = None) -> None:
        """Replaces all rules, and begins the draw anew."""
        self.rules = tuple(rules)
        self.left = [rule.times for rule in self.rules]
        self.random = Random(seed)

    def struck(self, service: str, operation: str, region: str, account: str) -> dict[FaultKind, FaultRule]:
        """Draws the rules that strike one call; of each kind the first."""
        found: dict[FaultKind, FaultRule] = {}
        for place, rule in enumerate(self.rules):
            left = self.left[place]
            if left == 0 or not rule.matches(service, operation, region, account):
                continue
            if self.random.random() < rule.probability:
                found.setdefault(rule.kind, rule)
                self.left[place] = None if left is None else left - 1
        return found


def read_rules(text: str, source: str) -> tuple[FaultRule, ...]:
    """Reads a YAML or JSON text of rules; raises ConfigError with the line and column of what is wrong."""
    top = read_yaml(text, source).fields(("faults",), required=("faults",))
    return tuple(map(rule_at, top["faults"].items()))


def rule_at(place: Place) -> FaultRule:
    """Reads one rule."""
    names = ("kind", "service", "operation", "region", "account", "probability", "milliseconds", "times")
    given = place.fields(names, required=("kind",))
    kind = given["kind"].one_of(FaultKind)
    if kind in NEEDS_MS and "milliseconds" not in given:
        place.fail(f"`milliseconds` is missing, which `{kind.value}` needs")
    return FaultRule(kind, **dict(_texts(given)), **dict(_numbers(given)))


def _texts(given: dict[str, Place]) -> Iterator[tuple[str, Any]]:
    for name in ("service", "operation", "region", "account"):
        if name in given:
            yield name, given[name].text()


def _numbers(given: dict[str, Place]) -> Iterator[tuple[str, Any]]:
    if "probability" in given:
        yield "probability", number(given["probability"], float, 0.0, 1.0)
    if "milliseconds" in given:
        yield "milliseconds", number(given["milliseconds"], int, 0, LONGEST_MS)
    if "times" in given:
        yield "times", number(given["times"], int, 1, 10**9)


def number(place: Place, kind: type[N], low: N, high: N) -> N:
    """Reads a number within bounds, both included."""
    said = getattr(place.node, "value", "")
    try:
        read = kind(said)
    except (TypeError, ValueError):
        place.fail(f"expected a number, found `{said}`" if isinstance(said, str) else "expected a number")
    if not low <= read <= high:
        place.fail(f"`{said}` is not between {low} and {high}")
    return read


def shown(rule: FaultRule, left: int | None) -> dict[str, Any]:
    """One rule as JSON, with how often it may still strike (null for without end)."""
    return {
        "kind": rule.kind.value,
        "service": rule.service,
        "operation": rule.operation,
        "region": rule.region,
        "account": rule.account,
        "probability": rule.probability,
        "milliseconds": rule.milliseconds,
        "times": rule.times,
        "left": left,
    }
