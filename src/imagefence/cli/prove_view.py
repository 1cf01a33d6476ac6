"""A proof as text and as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from imagefence.policy.policies import Policies
from imagefence.policy.request import Request
from imagefence.prove.ask import Passing
from imagefence.prove.mend import Mend
from imagefence.prove.prover import Answer, Reading, Use
from imagefence.scope.scope import Scope

if TYPE_CHECKING:
    from imagefence.cli.prove_evidence import Evidence
    from imagefence.cli.prove_replay import Replay

MOST_NAMES = 3


@dataclass(frozen=True, slots=True)
class Proved:
    """An answer with what was made of it; `node` is where a mend would be attached."""

    policies: Policies
    scope: Scope
    account: str
    answer: Answer
    mend: Mend | None = None
    no_mend: str = ""
    node: str = ""
    evidence: Evidence | None = None
    replays: tuple[Replay, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 proven, 3 a way through or nothing left to launch, 4 not decided."""
        return self.answer.exit_code


def show(proved: Proved, *, as_json: bool) -> None:
    """Prints it."""
    if sys.stderr.isatty():
        click.echo("\r\033[K", err=True, nl=False)
    if as_json:
        click.echo(json.dumps(as_data(proved), indent=2, ensure_ascii=False))
        return
    for line in lines(proved):
        click.echo(line)


def lines(proved: Proved) -> Iterator[str]:
    """The verdict, every way through, the mend, the uses, the readings, and the limits."""
    yield verdict(proved)
    for road in proved.answer.default.roads:
        yield from road_lines(proved, road)
    yield from undecided_lines(proved.answer)
    yield from mend_lines(proved)
    yield from use_lines(proved.answer.default.uses)
    yield from reading_lines(proved.answer)
    yield from evidence_lines(proved)
    yield "not covered, or taken for granted:"
    yield from (f"  {limit}" for limit in proved.answer.limits)


def verdict(proved: Proved) -> str:
    """The answer in one line."""
    default = proved.answer.default
    if default.holes:
        word = click.style("not proven", fg="red", bold=True)
        return f"{word}: {len(default.holes)} ways through, on {plural(len(default.roads), 'road')}"
    if proved.answer.undecided:
        count = plural(len(proved.answer.undecided), "question")
        return f"{click.style('not decided', fg='yellow', bold=True)}: {count} left open"
    if not default.launches:
        word = click.style("nothing can be launched at all", fg="red", bold=True)
        return f"{word}: no way through is open, and none from an approved image either"
    asked = plural(default.queries - len(default.uses), "question")
    word = click.style("proven", fg="green", bold=True)
    return f"{word}: no request gets past, {asked} under {readings(proved.answer)}"


def readings(answer: Answer) -> str:
    """How far the proof holds."""
    if not answer.needed:
        return f"every reading ({len(answer.others) + 1})"
    return f"the default readings; {len(answer.needed)} other readings open a way"


def plural(count: int, word: str) -> str:
    """`1 road`, `2 roads`."""
    return f"{count} {word}{'' if count == 1 else 's'}"


def road_lines(proved: Proved, road: str) -> Iterator[str]:
    """The ways through on one road: the first as a whole request, the others by name."""
    first, *others = (hole for hole in proved.answer.default.holes if hole.query.road == road)
    yield f"{click.style(road, bold=True)}: {first.query.text}"
    yield from (f"    {line}" for line in request_lines(first.request))
    for reason in dict.fromkeys(reason_of(first)):
        yield f"    let through by {reason}"
    for replay in proved.replays:
        if replay.text == first.query.text:
            yield f"    {click.style('replayed', bold=True)}: {replay.result}"
    for hole in others:
        told = [replay.result for replay in proved.replays if replay.text == hole.query.text]
        yield f"  also {hole.query.text}{''.join(f' (replayed: {each})' for each in told)}"


def request_lines(request: Request) -> Iterator[str]:
    """A request, one resource a line with its tags."""
    yield f"{request.principal.arn} asks for {request.action}"
    for resource in request.resources:
        tags = ", ".join(f"{key}={value}" for key, value in (resource.tags or {}).items())
        owner = f", of account {resource.owner}" if resource.owner else ""
        yield f"  on {resource.name} ({f'tags {tags}' if tags else 'no tags'}{owner})"
    known = ", ".join(f"{key}={'|'.join(values)}" for key, values in request.context.known.items())
    yield f"  with {known}"


def reason_of(hole: Passing) -> Iterator[str]:
    """The statements that let it pass."""
    for reason in hole.decision.reasons:
        if reason.policy is not None and reason.statement is not None:
            where = f" on {reason.node}" if reason.node else ""
            yield f"Statement[{reason.statement.index}] of `{reason.policy.name}`{where}"


def undecided_lines(answer: Answer) -> Iterator[str]:
    """What stayed open, and why."""
    for reading, query, why in answer.undecided:
        yield f"not decided: {query.text}, {reading.other.text}: {why}"


def mend_lines(proved: Proved) -> Iterator[str]:
    """The mend, and that it was proven."""
    if not proved.answer.default.holes:
        return
    if proved.mend is None:
        yield f"no mend by a Deny was found{f': {proved.no_mend}' if proved.no_mend else ''}"
        return
    after = plural(proved.mend.after.queries, "question")
    word = click.style("mend", fg="green", bold=True)
    yield f"{word}, proven to close them all ({after}); attach it to {proved.node}:"
    yield f"    {proved.mend.text}"


def use_lines(uses: Iterable[Use]) -> Iterator[str]:
    """What still works."""
    for use in uses:
        if use.undecided:
            continue
        if use.passing is None:
            yield f"blocked: {use.query.text}"
        elif use.only_if:
            yield f"blocked, unless the other resources wear tags too: {use.query.text}"
        else:
            yield f"still works: {use.query.text}"


def reading_lines(answer: Answer) -> Iterator[str]:
    """The readings that the answer needs, and those that block what should work."""
    for reading in answer.needed:
        yield f"needs that {opposite(reading)}"
        yield f"    else open: {some_of(reading)}"
    for reading in answer.blocking:
        yield f"blocks approved launches too if {reading.other.text} ({reading.other.id})"


def opposite(reading: Reading) -> str:
    """The default of a point, by what it is not."""
    return f"it is not so that {reading.other.text} ({reading.other.id}, {reading.other.name})"


def some_of(reading: Reading) -> str:
    """The first few queries that a reading opens."""
    names = [hole.query.text for hole in reading.holes]
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return "; ".join(names[:MOST_NAMES]) + more


def evidence_lines(proved: Proved) -> Iterator[str]:
    """What another solver said, and where the questions are."""
    found = proved.evidence
    if found is None:
        return
    if found.solver:
        yield f"{found.solver} agrees on {found.agreed} of {plural(found.queries, 'question')} over strings"
    if found.file:
        yield f"evidence: {found.file}, {plural(found.queries, 'question')} as SMT-LIB"
    for line in found.left_out[:MOST_NAMES]:
        yield f"  left out: {line}"
    if len(found.left_out) > MOST_NAMES:
        yield f"  left out: {len(found.left_out) - MOST_NAMES} more"


def as_data(proved: Proved) -> dict[str, Any]:
    """It all for JSON."""
    answer = proved.answer
    words = {0: "proven", 3: "hole" if answer.default.holes else "nothing-launches", 4: "undecided"}
    return {
        "answer": words[answer.exit_code],
        "account": proved.account,
        "approved": {key: list(values) for key, values in proved.scope.tags.items()},
        "roads": list(answer.roads),
        "questions": answer.default.queries,
        "holes": [hole_data(hole, proved) for hole in answer.default.holes],
        "mend": mend_data(proved),
        "uses": [use_data(use) for use in answer.default.uses],
        "readings": {
            "covered": [reading.other.name for reading in answer.others],
            "needed": [reading_data(reading) for reading in answer.needed],
            "blocking": [reading.other.name for reading in answer.blocking],
        },
        "undecided": [
            {"question": query.text, "reading": reading.other.name, "why": why}
            for reading, query, why in answer.undecided
        ],
        "evidence": evidence_data(proved),
        "limits": list(answer.limits),
    }


def hole_data(hole: Passing, proved: Proved) -> dict[str, Any]:
    """One way through."""
    replays = [replay.result for replay in proved.replays if replay.text == hole.query.text]
    return {
        "road": hole.query.road,
        "text": hole.query.text,
        "request": request_data(hole.request),
        "let_through_by": list(dict.fromkeys(reason_of(hole))),
        "replay": replays[0] if replays else None,
    }


def request_data(request: Request) -> dict[str, Any]:
    """A request."""
    return {
        "principal": request.principal.arn,
        "action": request.action,
        "resources": [
            {"name": resource.name, "tags": dict(resource.tags or {}), "owner": resource.owner}
            for resource in request.resources
        ],
        "context": {key: list(values) for key, values in request.context.known.items()},
    }


def mend_data(proved: Proved) -> dict[str, Any] | None:
    """The mend."""
    if proved.mend is None:
        return None
    closed = not proved.mend.after.holes
    return {"policy": json.loads(proved.mend.text), "node": proved.node, "proven": closed}


def use_data(use: Use) -> dict[str, Any]:
    """What should still work."""
    passes = None if use.undecided else use.passing is not None and not use.only_if
    return {"text": use.query.text, "passes": passes, "only_if_others_are_tagged": use.only_if}


def reading_data(reading: Reading) -> dict[str, Any]:
    """A reading that opens ways, with those."""
    return {
        "point": reading.other.id,
        "reading": reading.other.name,
        "text": reading.other.text,
        "opens": [hole.query.text for hole in reading.holes],
    }


def evidence_data(proved: Proved) -> dict[str, Any] | None:
    """What was written and checked."""
    found = proved.evidence
    if found is None:
        return None
    return {
        "questions": found.queries,
        "file": found.file or None,
        "checked_with": found.solver or None,
        "agreed": found.agreed,
        "left_out": list(found.left_out),
    }
