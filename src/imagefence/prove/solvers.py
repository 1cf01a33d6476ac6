"""z3 and cvc5 on SMT-LIB text."""

from __future__ import annotations

import cvc5
import z3

from imagefence.prove.budget import Undecided

SOLVERS = ("z3", "cvc5")


def satisfiable(solver: str, text: str, limit_s: float) -> bool:
    """Whether a script has a model, by one of SOLVERS; raises Undecided where it does not say in time."""
    answer = _by_z3(text, limit_s) if solver == "z3" else _by_cvc5(text, limit_s)
    if answer not in ("sat", "unsat"):
        raise Undecided(f"{solver} did not answer within {limit_s:g} s")
    return answer == "sat"


def version_of(solver: str) -> str:
    """The version of a solver, as evidence names it."""
    return str(z3.get_version_string() if solver == "z3" else cvc5.__version__)


def _by_z3(text: str, limit_s: float) -> str:
    solver = z3.Solver(ctx=z3.Context())
    solver.set("timeout", int(limit_s * 1000))
    solver.from_string(text.replace("(check-sat)", ""))
    return str(solver.check())


def _by_cvc5(text: str, limit_s: float) -> str:
    manager = cvc5.TermManager()
    solver = cvc5.Solver(manager)
    solver.setOption("tlimit-per", str(int(limit_s * 1000)))
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "query")
    symbols = parser.getSymbolManager()
    answer = ""
    while not (command := parser.nextCommand()).isNull():
        answer = str(command.invoke(solver, symbols)).strip() or answer
    return answer
