"""Evidence: every query as SMT-LIB with the answer to expect; and the check by another solver."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from imagefence import __version__
from imagefence.errors import InternalError
from imagefence.prove.ask import Asked
from imagefence.prove.budget import Undecided
from imagefence.prove.prover import Answer, Reading, Told
from imagefence.prove.queries import Query, holes, uses
from imagefence.prove.witness import script


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One query under one reading as a script; `passes` is the prover's answer, None where it has none."""

    query: Query
    reading: Reading
    text: str
    passes: bool | None

    @property
    def expected(self) -> str:
        """What a solver should print."""
        return {True: "sat", False: "unsat", None: "unknown"}[self.passes]


@dataclass(slots=True)
class Checked:
    """How many scripts a solver agreed on, and what could not be compared."""

    solver: str
    agreed: int = 0
    left_out: list[str] = field(default_factory=list)


def exhibits(asked: Asked, answer: Answer) -> Iterator[Exhibit | str]:
    """Every distinct query of an answer as a script, or a line on what can't be written as one."""
    seen: set[str] = set()
    for reading in (answer.default, *answer.others):
        for query, passes in _answers(asked, answer, reading):
            try:
                text = script(query, asked, reading.other.readings)
            except Undecided as reason:
                yield f"{query.text} ({reading.other.text}): {reason}"
                continue
            if text not in seen:
                seen.add(text)
                yield Exhibit(query, reading, text, passes)


def _answers(asked: Asked, answer: Answer, reading: Reading) -> Iterator[tuple[Query, bool | None]]:
    open_ones = {query.text for query, _ in reading.undecided}
    through = {hole.query.text for hole in reading.holes}
    through |= {use.query.text for use in reading.uses if use.passing is not None and not use.only_if}
    account, readings = asked.caller.account, reading.other.readings
    every = (
        *holes(asked.scope, account, readings, asked.now, answer.roads),
        *uses(asked.scope, account, readings, asked.now),
    )
    for query in every:
        yield query, None if query.text in open_ones else query.text in through


def written(found: list[Exhibit], versions: dict[str, str]) -> str:
    """The file: a script that a solver can run from its first line to its last."""
    tools = ", ".join(f"{name} {version}" for name, version in versions.items())
    head = [
        f"; imagefence {__version__}; checked with: {tools or 'nothing yet'}",
        "; Run it by z3 FILE, or cvc5 --incremental FILE: one answer is printed for each query, in order;",
        "; `sat` means that some request passes, `unsat` that none does.",
    ]
    parts = [
        f"; {number}. {one.query.text}, {one.reading.other.text}: expect {one.expected}\n{_status(one)}"
        for number, one in enumerate(found, 1)
    ]
    return "\n".join((*head, "", "\n(reset)\n".join(parts)))


def _status(one: Exhibit) -> str:
    return one.text if one.passes is None else f"(set-info :status {one.expected})\n{one.text}"


def check(solver: str, found: list[Exhibit], satisfiable: Callable[[str, str], bool], told: Told) -> Checked:
    """Asks another solver every script; raises InternalError at the first that it answers otherwise."""
    checked = Checked(solver)
    for one in found:
        told(one.query.text)
        try:
            other = satisfiable(solver, one.text)
        except Undecided as reason:
            checked.left_out.append(f"{one.query.text} ({one.reading.other.text}): {reason}")
            continue
        if one.passes is not None and other is not one.passes:
            raise InternalError(
                f"`{one.query.text}` ({one.reading.other.text}): {solver} says "
                f"{'sat' if other else 'unsat'}, the prover {one.expected}",
                help="please report it, with the file that --evidence writes",
            )
        checked.agreed += 1
    return checked
