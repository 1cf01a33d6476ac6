"""No shape of input takes more time than in proportion to its size."""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from imagefence.errors import ConfigError, PolicySyntaxError
from imagefence.lint.lint import lint_text
from imagefence.policy.document import PolicyKind
from imagefence.policy.operators import OPERATORS, predicate
from imagefence.policy.parse import parse
from imagefence.policy.pattern import glob
from imagefence.scope.parse import parse_scope

TIMES = 8
# Why: in proportion is 8 for 8 times the size and quadratic is 64; what memory, caches and neighbours add
# stays well below the middle of the two.
MOST = 24
ENOUGH_S = 0.004
ONE = '{"Effect":"Allow","Action":"*","Resource":"*"}'

Act = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Shape:
    """Input of one shape: `make` gives, for a size within the bounds, what is to be timed."""

    name: str
    make: Callable[[int], Act]
    least: int
    most: int


def grows_in_proportion(shape: Shape) -> bool:
    """Compares the CPU times of two sizes, one 8 times the other, and again where neighbours may disturb."""
    size = shape.least
    while _seconds(shape.make(size)) < ENOUGH_S and size * TIMES < shape.most:
        size *= 2
    small, large = shape.make(size), shape.make(size * TIMES)
    return any(_seconds(large) <= MOST * max(_seconds(small), ENOUGH_S) for _ in range(4))


def _seconds(act: Act) -> float:
    gc.collect()
    gc.disable()  # Why: a collection costs as much as everything else that the process holds.
    try:
        begun = time.process_time()
        act()
        return time.process_time() - begun
    finally:
        gc.enable()


def _matching(pattern: Callable[[int], str], text: Callable[[int], str]) -> Callable[[int], Act]:
    def make(size: int) -> Act:
        wanted, given = pattern(size), text(size)
        return lambda: glob.__wrapped__(wanted)(given)

    return make


def _parsing(text: Callable[[int], str], kind: PolicyKind = PolicyKind.IDENTITY) -> Callable[[int], Act]:
    def make(size: int) -> Act:
        policy = text(size)

        def act() -> None:
            with suppress(PolicySyntaxError):
                parse(policy, kind, stored=True)

        return act

    return make


def _comparing(operator: str, wanted: str, given: Callable[[int], str]) -> Callable[[int], Act]:
    def make(size: int) -> Act:
        value = given(size)

        def act() -> None:
            with suppress(ValueError):
                predicate(OPERATORS[operator], wanted)(value)

        return act

    return make


def _fencing(text: Callable[[int], str]) -> Callable[[int], Act]:
    def make(size: int) -> Act:
        fence = text(size)

        def act() -> None:
            with suppress(ConfigError):
                parse_scope(fence)

        return act

    return make


def _linting(text: Callable[[int], str]) -> Callable[[int], Act]:
    def make(size: int) -> Act:
        policy = text(size)
        return lambda: lint_text(policy, PolicyKind.IDENTITY)

    return make


def _policy(statements: Iterable[str]) -> str:
    return '{"Version":"1","Statement":[' + ",\n".join(statements) + "]}"


def _listed(words: Iterable[str]) -> str:
    return _policy(['{"Effect":"Allow","Resource":"*","Action":' + json.dumps(list(words)) + "}"])


def _tests(count: int) -> str:
    keys = ",".join(f'"acs:ResourceTag/{n}":"x"' for n in range(count))
    return _policy([ONE[:-1] + f',"Condition":{{"StringEquals":{{{keys}}}}}}}'])


MEGABYTE = 1 << 20
PATTERNS = (
    Shape("*a*a*a… and aaa…", _matching(lambda n: "*a" * n, lambda n: "a" * n), 1000, MEGABYTE),
    Shape("*a*a*a…b and aaa…", _matching(lambda n: "*a" * n + "b", lambda n: "a" * 2 * n), 1000, MEGABYTE),
    Shape("*a*a*a…*b and aaa…", _matching(lambda _: "*a" * 3000 + "*b", lambda n: "a" * n), 10_000, MEGABYTE),
    Shape(
        "*aaa…b* and aaa…", _matching(lambda n: "*" + "a" * n + "b*", lambda n: "a" * 2 * n), 1000, MEGABYTE
    ),
    Shape("*ab*ab*… and abab…", _matching(lambda n: "*ab" * n, lambda n: "ab" * n + "c"), 1000, MEGABYTE),
    Shape("*?a*?a… and aaa…", _matching(lambda _: "*?a" * 100 + "b", lambda n: "a" * n), 10_000, MEGABYTE),
    Shape(
        "*?a?a… and aaa…", _matching(lambda _: "*" + "?a" * 50 + "b*", lambda n: "a" * n), 10_000, MEGABYTE
    ),
    Shape("????… and aaa…", _matching(lambda n: "?" * n, lambda n: "a" * n), 1000, 1 << 17),
    Shape("*** and aaa…", _matching(lambda n: "*" * n, lambda n: "a" * n), 1000, MEGABYTE),
)
TEXTS = (
    Shape("[[[[…", _parsing(lambda n: "[" * n), 1000, MEGABYTE),
    Shape('{"a":{"a":…', _parsing(lambda n: '{"a":' * n), 1000, MEGABYTE // 5),
    Shape("[[[[…]]]]", _parsing(lambda n: '{"Statement":' + "[" * n + "]" * n + "}"), 20, 1 << 19),
    Shape('"""""…', _parsing(lambda n: '"' * n), 1000, MEGABYTE),
    Shape("a string without end", _parsing(lambda n: '{"Version":"' + "\\\\" * n), 1000, 1 << 19),
    Shape("many strings without colon", _parsing(lambda n: "{" + '"a",' * n), 1000, MEGABYTE // 4),
    Shape("a long number", _parsing(lambda n: '{"Version":' + "9" * n + "}"), 1000, MEGABYTE),
    Shape("a long string", _parsing(lambda n: _listed(["a" * n])), 1000, MEGABYTE),
    Shape("line ends", _parsing(lambda n: "\n" * n + "{"), 1000, MEGABYTE),
    Shape(
        "many keys", _parsing(lambda n: "{" + ",".join(f'"k{i}":1' for i in range(n)) + "}"), 1000, 1 << 16
    ),
    Shape(
        "a key twice at the end",
        _parsing(lambda n: "{" + ",".join(f'"{i}":1' for i in range(n)) + ',"0":1}'),
        1000,
        1 << 16,
    ),
    Shape("many statements", _parsing(lambda n: _policy([ONE] * n)), 50, 19_000),
    Shape("too many statements", _parsing(lambda n: _policy(["{}"] * n)), 1000, 1 << 18),
    Shape("a last statement that is broken", _parsing(lambda n: _policy([*[ONE] * n, "{}"])), 50, 19_000),
    Shape("many actions", _parsing(lambda n: _listed(["ecs:RunInstances"] * n)), 100, 19_000),
    Shape("actions that are broken", _parsing(lambda n: _listed([*["ecs:*"] * n, "a:" * 3000])), 100, 19_000),
    Shape("many conditions", _parsing(_tests), 50, 19_000),
    Shape("slashes and tildes in a key", _parsing(lambda n: '{"' + "~/" * n + '":1}'), 1000, 1 << 19),
    Shape("surrogates", _parsing(lambda n: _listed(["\\ud800"] * n)), 100, 19_000),
)
OTHERS = (
    Shape("a long figure", _comparing("NumericLessThan", "1", lambda n: "9" * n), 1000, MEGABYTE),
    Shape(
        "a long figure with a letter",
        _comparing("NumericEquals", "1", lambda n: "1" * n + "x"),
        1000,
        MEGABYTE,
    ),
    Shape(
        "a long time",
        _comparing("DateEquals", "2026-01-01", lambda n: "2026-01-01T" + "0" * n),
        1000,
        MEGABYTE,
    ),
    Shape("a long address", _comparing("IpAddress", "::/0", lambda n: "1:" * n), 1000, MEGABYTE),
    Shape("a long truth", _comparing("Bool", "true", lambda n: "TRUE" * n), 1000, MEGABYTE),
    Shape("a long letter", _comparing("StringEqualsIgnoreCase", "ß", lambda n: "ẞ" * n), 1000, MEGABYTE),
    Shape("lint of many statements", _linting(lambda n: _policy([ONE] * n)), 5, 2000),
    Shape("lint of many actions", _linting(lambda n: _listed(f"ecs:Run{i}" for i in range(n))), 5, 2000),
    Shape("fence: lists in lists", _fencing(lambda n: "[" * n), 1000, 1 << 14),
    Shape(
        "fence: many tags",
        _fencing(
            lambda n: "version: 1\napproved:\n  tags:\n" + "".join(f"    t{i}: [x]\n" for i in range(n))
        ),
        20,
        1 << 13,
    ),
    Shape(
        "fence: names of names",
        _fencing(
            lambda n: "a0: &a0 [x]\n" + "".join(f"a{i + 1}: &a{i + 1} [*a{i},*a{i}]\n" for i in range(n))
        ),
        20,
        1 << 13,
    ),
)
SHAPES = (*PATTERNS, *TEXTS, *OTHERS)
