"""Mutation testing of the policy core: `python -m tests.mutation [FILE …] [--jobs N] [--only NAME]`.

The tests are collected once, and once run to learn which functions each of them calls. Then every mutant has
a forked process of its own, in which one function gets the changed code and the tests that call it run,
quickest first, until one fails. Mutants that no test tells from the original are printed with their change.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import os
import pickle
import resource
import signal
import sys
import time
import types
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import _lru_cache_wrapper, partial
from importlib.abc import InspectLoader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_loader
from pathlib import Path
from typing import Any

import pytest

from .mutants import Mutant, mutants_of

ROOT = Path(__file__).resolve().parents[2]
CORE = ROOT / "src/imagefence/policy"
# Why: left out are tests that start a sandbox, and those of the time that texts of a megabyte take.
SELECTION = [
    "tests/policy",
    "--ignore=tests/policy/test_simulate.py",
    "--ignore=tests/policy/test_growth.py",
    "-k=not hostile",
]
OPTIONS = [
    "-qqs",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:xdist",
    "-p",
    "no:cov",
    "--hypothesis-profile=mutation",
]
MEMORY_BYTES = 6 << 30
SLOW_S = 5  # such tests are not asked: a mutant must die of less
OURS = {"imagefence", "conftest", "harness", "fuzz", "written"}
LIMIT_ANEW_S = 120
LEAST_LIMIT_S, LIMIT_TIMES = 2, 5  # of the CPU time that the test took without any mutant
SURVIVED, KILLED, TIMEOUT = "survived", "killed", "timeout"
UNTRIED = 3
FATES = {0: SURVIVED, 1: KILLED, -signal.SIGVTALRM: TIMEOUT}  # by the exit code of the mutant's process


@dataclass(frozen=True, slots=True)
class Reach:
    """What one test calls in the core, as (file, qualified name), and the CPU seconds that it takes."""

    calls: frozenset[tuple[str, str]]
    seconds: float


@dataclass(slots=True)
class Results:
    """The fate of every mutant."""

    fates: dict[Mutant, str] = field(default_factory=dict)

    def count(self, file: Path) -> Counter[str]:
        """Fates in one file."""
        return Counter(fate for mutant, fate in self.fates.items() if mutant.file == file)


class Run:
    """A pytest plugin that runs the collected tests once for every mutant instead of once."""

    def __init__(self, files: list[Path], jobs: int, only: frozenset[str]) -> None:
        self.files = files
        self.jobs = jobs
        self.only = only
        self.results = Results()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Takes the place of pytest's own loop."""
        reach = _learn(session)
        gc.freeze()
        mutants = [
            each
            for file in self.files
            for each in mutants_of(file)
            if not self.only or each.name in self.only
        ]
        running: dict[int, Mutant] = {}
        for done, mutant in enumerate(mutants):
            _tell(f"{done}/{len(mutants)} {mutant.name}")
            if len(running) == self.jobs:
                self._reap(running)
            tests = _reaching(mutant, session.items, reach)
            act = partial(_try, mutant, tests, session) if tests else partial(_try_anew, mutant)
            running[_forked(act)] = mutant
        while running:
            self._reap(running)
        return True

    def _reap(self, running: dict[int, Mutant]) -> None:
        pid, status = os.wait()
        mutant, code = running.pop(pid), os.waitstatus_to_exitcode(status)
        if code not in FATES:
            pytest.exit(f"{mutant.name} could not be tried: its process ended with {code}", 1)
        fate = self.results.fates[mutant] = FATES[code]
        if fate == SURVIVED:
            place = f"{mutant.file.name}:{mutant.line}"
            print(f"{mutant.name} {place} {mutant.function}\n{mutant.difference()}", flush=True)


def _tell(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


def _forked(act: Callable[[], int]) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = UNTRIED
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    try:
        code = act()
    finally:
        os._exit(code)


def _learn(session: pytest.Session) -> list[Reach]:
    """Runs every test once, in a process of its own so that no cache is warm afterwards."""
    reader, writer = os.pipe()
    pid = _forked(lambda: _send(writer, [_reach(item, session) for item in session.items], session))
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        data = stream.read()
    os.waitpid(pid, 0)
    if not data:
        pytest.exit("the tests fail without any mutant", 1)
    return list(pickle.loads(data))


def _send(writer: int, learnt: list[Reach], session: pytest.Session) -> int:
    if session.testsfailed:
        return 1
    with os.fdopen(writer, "wb") as stream:
        pickle.dump(learnt, stream)
    return 0


def _reach(item: pytest.Item, session: pytest.Session) -> Reach:
    _cold()
    calls: set[tuple[str, str]] = set()
    core = str(CORE)

    def note(frame: types.FrameType, _: str, __: object) -> None:
        code = frame.f_code
        if code.co_filename.startswith(core):
            calls.add((code.co_filename, code.co_qualname.partition(".<locals>")[0]))

    begun, failed = time.process_time(), session.testsfailed
    sys.settrace(note)
    _run(item, session)
    sys.settrace(None)
    if session.testsfailed > failed:
        print(f"fails without any mutant: {item.nodeid}", file=sys.stderr)
    return Reach(frozenset(calls), time.process_time() - begun)


def _reaching(
    mutant: Mutant, items: list[pytest.Item], reach: list[Reach]
) -> list[tuple[float, pytest.Item]]:
    wanted = (str(mutant.file), mutant.function)
    found = [
        (each.seconds, item)
        for each, item in zip(reach, items, strict=True)
        if wanted in each.calls and each.seconds < SLOW_S
    ]
    return sorted(found, key=lambda pair: pair[0])


def _try(mutant: Mutant, tests: list[tuple[float, pytest.Item]], session: pytest.Session) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    _install(mutant)
    for seconds, item in tests:
        # Why: CPU time, which a busy machine does not stretch; the signal ends the process.
        signal.setitimer(signal.ITIMER_VIRTUAL, LEAST_LIMIT_S + LIMIT_TIMES * seconds)
        _run(item, session)
        if session.testsfailed:
            return 1
    return 0


def _try_anew(mutant: Mutant) -> int:
    """For a function that no test calls, as it makes a table when its module is imported."""
    for name in list(sys.modules):
        if name.partition(".")[0] in OURS or name.startswith("test_"):
            del sys.modules[name]
    sys.meta_path.insert(0, _Mutated(mutant))
    signal.setitimer(signal.ITIMER_VIRTUAL, LIMIT_ANEW_S)
    return 1 if pytest.main([*OPTIONS, "-x", *SELECTION]) else 0


class _Mutated(MetaPathFinder, InspectLoader):
    """Imports the changed file in place of the original."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        """The mutated module alone."""
        return spec_from_loader(fullname, self) if fullname == self.mutant.module else None

    def get_source(self, _: str) -> str:
        """The changed source."""
        return self.mutant.source


def _run(item: pytest.Item, session: pytest.Session) -> None:
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)


def _install(mutant: Mutant) -> None:
    found: Any = importlib.import_module(mutant.module)
    for part in mutant.function.split("."):
        found = vars(found)[part]
    _plain(found).__code__ = mutant.code()
    _cold()


def _plain(found: Any) -> Any:
    """The function under property, classmethod or cache."""
    if isinstance(found, property):
        return found.fget
    return _plain(found.__wrapped__) if hasattr(found, "__wrapped__") else found


def _cold() -> None:
    """Empties every cache of the package, as results of the original would hide a mutant."""
    for name, module in list(sys.modules.items()):
        if name.startswith("imagefence"):
            for each in list(vars(module).values()):
                if isinstance(each, _lru_cache_wrapper):
                    each.cache_clear()


def _table(results: Results, files: Iterable[Path]) -> Iterator[str]:
    yield "| File | Mutants | Killed | Timeout | Survived | Killed % |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    total: Counter[str] = Counter()
    for file in files:
        counts = results.count(file)
        if counts:
            total += counts
            yield _row(f"`{file.name}`", counts)
    yield _row("all", total)


def _row(name: str, counts: Counter[str]) -> str:
    dead = counts[KILLED] + counts[TIMEOUT]
    share = 100 * dead / counts.total() if counts else 100
    return (
        f"| {name} | {counts.total()} | {counts[KILLED]} | {counts[TIMEOUT]} | {counts[SURVIVED]} "
        f"| {share:.1f} |"
    )


def main() -> int:
    """Runs it; 1 where fewer than 90 % are killed."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("files", nargs="*", help="names such as `pattern` (default: the whole core)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes at a time")
    parser.add_argument("--only", nargs="*", default=[], help="single mutants, such as `pattern#7`")
    chosen = parser.parse_args()
    names = chosen.files or sorted({each.partition("#")[0] for each in chosen.only})
    files = [CORE / f"{name}.py" for name in names] or sorted(CORE.glob("*.py"))
    run = Run(files, chosen.jobs, frozenset(chosen.only))
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT / "src"))
    code = pytest.main([*OPTIONS, *SELECTION], plugins=[run])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        return 1
    print("\n".join(_table(run.results, files)))
    alive = Counter(run.results.fates.values())[SURVIVED]
    return 0 if alive <= 0.1 * len(run.results.fates) else 1


if __name__ == "__main__":
    sys.exit(main())
