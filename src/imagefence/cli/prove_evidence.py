"""The evidence of a proof, and its check by another solver."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from imagefence.cli.texts import write_text
from imagefence.prove.ask import Asked
from imagefence.prove.evidence import Exhibit, check, exhibits, written
from imagefence.prove.prover import Answer
from imagefence.prove.solvers import satisfiable, version_of


@dataclass(frozen=True, slots=True)
class Evidence:
    """How many queries were written and where, who agreed on how many, and what was left out."""

    queries: int
    file: str = ""
    solver: str = ""
    agreed: int = 0
    left_out: tuple[str, ...] = ()


def evidence(
    asked: Asked,
    answer: Answer,
    *,
    solver: str | None,
    file: Path | None,
    limit_s: float,
    told: Callable[[str], None],
) -> Evidence:
    """Writes the queries, asks the solver each of them; raises InternalError where it says otherwise."""
    every = list(exhibits(asked, answer))
    found = [one for one in every if isinstance(one, Exhibit)]
    left_out = [one for one in every if isinstance(one, str)]
    if file is not None:
        write_text(file, written(found, {solver: version_of(solver)} if solver else {}))
    agreed = 0
    if solver is not None:
        checked = check(solver, found, lambda name, text: satisfiable(name, text, limit_s), told)
        agreed, left_out = checked.agreed, [*left_out, *checked.left_out]
    named = f"{solver} {version_of(solver)}" if solver else ""
    return Evidence(len(found), str(file or ""), named, agreed, tuple(left_out))
