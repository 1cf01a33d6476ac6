"""Holds the evaluators together at length: `python -m tests.soak [--pairs 200000] [--seed 1] [--jobs 2]`.

Each pair of policies and a call is decided by the readable rules, by the compiled ones, which must agree on
verdict, layer, resource and reasons, and in a batch, which must agree on the first three and the deciding
statements. The first pair that differs is made smaller while it still differs and written as a case of
tests/cases; the exit code is then 1.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from itertools import groupby, islice
from multiprocessing import Pool
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from batches import batch_of
from generated import Case, Written, cases, readings_of
from imagefence.bulk.decide import decide, statements
from imagefence.compiled.engine import Compiled, compile_policies
from imagefence.errors import PolicySyntaxError
from imagefence.policy.authorize import authorize
from imagefence.policy.decision import Decision, PolicyType
from imagefence.policy.document import Statement
from imagefence.policy.policies import Policies
from imagefence.policy.readings import Readings
from imagefence.policy.request import Request
from written import policies_of, request_of

HERE = Path(__file__).resolve().parent
Told = tuple[PolicyType | None, str, str, Statement]
InABatch = tuple[str, str | None, str | None, set[Told]]
CHUNK = 1000  # pairs that one process takes at a time


def main(arguments: list[str]) -> int:
    """Runs the soak and gives the exit code."""
    options = _options(arguments)
    chunks = [(options.seed * 1_000_000 + n, CHUNK) for n in range(-(-options.pairs // CHUNK))]
    with Pool(options.jobs) as pool:
        for done, found in enumerate(pool.imap_unordered(_first_differing, chunks), 1):
            _progress(done * CHUNK, len(chunks) * CHUNK)
            if found is not None:
                return _told(found)
    print(f"{len(chunks) * CHUNK} pairs decided alike", file=sys.stderr)
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=200_000, help="policies with a call each")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same pairs")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    return parser.parse_args(arguments)


def _progress(done: int, total: int) -> None:
    end = "\r" if sys.stderr.isatty() else "\n"
    if sys.stderr.isatty() or done % (20 * CHUNK) == 0:
        print(f"{done} of {total} pairs", end=end, file=sys.stderr, flush=True)


def _told(found: Case) -> int:
    small = shrunk(found, differs)
    path = HERE / "cases" / f"soak-{sha256(repr(small).encode()).hexdigest()[:8]}.json"
    path.write_text(json.dumps({"policies": {}, "cases": [as_case(small)]}, indent=1, ensure_ascii=False))
    print(f"{as_case(small)['why']}\nthe case is written to {path}", file=sys.stderr)
    return 1


def _first_differing(chunk: tuple[int, int]) -> Case | None:
    return next((case for case, _, differing in decided(*chunk) if differing), None)


def decided(seed: int, pairs: int) -> Iterator[tuple[Case, Decision, str]]:
    """Cases from a seed with their readable decision and how the others differ from it, or nothing."""
    for _, calls in groupby(islice(cases(seed), pairs), key=lambda case: id(case.policies)):
        group = list(calls)
        policies, readings = policies_of(group[0].policies), readings_of(group[0].readings)
        requests = [request_of(case.call) for case in group]
        decisions = [authorize(request, policies, readings) for request in requests]
        yield from zip(group, decisions, differences(requests, policies, readings, decisions), strict=True)


def differences(
    requests: list[Request], policies: Policies, readings: Readings, decisions: list[Decision]
) -> list[str]:
    """How the other decisions on each request differ from the readable one, or nothing."""
    compiled = compile_policies(policies, readings)
    found = []
    for request, readable, given in zip(
        requests, decisions, decided_in_a_batch(requests, compiled), strict=True
    ):
        layer, resource = readable.policy_type, readable.resource
        wanted = (
            readable.verdict.value,
            layer and layer.value,
            resource and resource.name,
            told(readable),
        )
        in_a_batch = "" if given == wanted else f"readable {wanted}, in a batch {given}"
        found.append(difference(readable, compiled.authorize(request)) or in_a_batch)
    return found


def difference_on(case: Case) -> str:
    """How the decisions on one case differ, or nothing."""
    request, policies, readings = case.read()
    readable = authorize(request, policies, readings)
    return differences([request], policies, readings, [readable])[0]


def difference(readable: Decision, found: Decision) -> str:
    """The first field that differs, or nothing."""
    for name in ("verdict", "policy_type", "resource", "reasons"):
        wanted, given = getattr(readable, name), getattr(found, name)
        if wanted != given:
            return f"{name}: readable {wanted}, compiled {given}"
    return "" if readable == found else "the decisions have equal fields and are not equal"


def decided_in_a_batch(requests: list[Request], compiled: Compiled) -> Iterator[InABatch]:
    """Verdict, layer, resource and deciding statements of each request, by the batch decisions."""
    numbered = statements(compiled)
    for row in decide(batch_of(requests), compiled, reasons=True).to_pylist():
        clauses = [numbered[number] for number in row["statements"]]
        units = [compiled.plan.units[clause.unit] for clause in clauses]
        yield (
            row["verdict"],
            row["policy_type"],
            row["resource"],
            {
                (
                    unit.policy_type,
                    unit.node or clause.policy.attached_to,
                    clause.policy.name,
                    clause.statement,
                )
                for unit, clause in zip(units, clauses, strict=True)
            },
        )


def told(decision: Decision) -> set[Told]:
    """The statements among the reasons, each with its place."""
    return {
        (reason.policy_type, reason.node, reason.policy.name, reason.statement)
        for reason in decision.reasons
        if reason.policy is not None and reason.statement is not None
    }


def differs(case: Case) -> bool:
    """Tells whether a case is well formed and the evaluators differ on it."""
    try:
        return bool(difference_on(case))
    except (PolicySyntaxError, KeyError):
        return False


def shrunk(case: Case, holds: Callable[[Case], bool]) -> Case:
    """The smallest case for which it holds that leaving out one thing at a time leads to."""
    while (smaller := next(filter(holds, _smaller(case)), None)) is not None:
        case = smaller
    return case


def _smaller(case: Case) -> Iterator[Case]:
    for place in range(len(case.readings)):
        yield replace(case, readings=case.readings[:place] + case.readings[place + 1 :])
    for policies in _without_one(case.policies):
        yield replace(case, policies=policies)
    for call in _without_one(case.call):
        yield replace(case, call=call)


def _without_one(written: Any) -> Iterator[Any]:
    """The value without one of its members, the outer ones first."""
    if isinstance(written, dict):
        for name in written:
            yield {other: value for other, value in written.items() if other != name}
        for name, value in written.items():
            for less in _without_one(value):
                yield {**written, name: less}
    elif isinstance(written, list):
        for place in range(len(written)):
            yield written[:place] + written[place + 1 :]
        for place, value in enumerate(written):
            for less in _without_one(value):
                yield [*written[:place], less, *written[place + 1 :]]


def as_case(case: Case) -> Written:
    """The case as tests/cases/decisions.json has them; the verdicts are those of the readable rules."""
    request, policies, readings = case.read()
    default = authorize(request, policies)
    found: Written = {
        "id": "soak",
        "says": "the evaluators differ",
        "why": difference_on(case),
        "policies": case.policies,
        "call": case.call,
        "verdict": default.verdict.value,
    }
    if default.policy_type is not None:
        found["layer"] = default.policy_type.value
    if case.readings:
        other = authorize(request, policies, readings)
        found["otherwise"] = [{"reading": ",".join(case.readings), "verdict": other.verdict.value}]
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
