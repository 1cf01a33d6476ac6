"""Requests of one JSON object a line, each answered by one JSON object a line."""

from __future__ import annotations

import sys
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

import click
import msgspec

from imagefence.cli.simulate_data import decision_data, detail_of, miss_data
from imagefence.cli.simulate_declared import held_to_declaration, undecided
from imagefence.cli.simulate_ground import ASSUMING, InForce
from imagefence.cli.simulate_request import Asked, action_of, named, principal_of, request_of, resource_of
from imagefence.cli.texts import decoding_fault, standard_input, unreadable
from imagefence.compiled.engine import compile_policies
from imagefence.errors import ImagefenceError, InputError
from imagefence.policy.decision import Decision
from imagefence.policy.near_miss import near_misses
from imagefence.policy.readings import Readings
from imagefence.policy.request import Request, Resource

# Why: a line is held in memory whole, and a file of one endless line must not be.
LONGEST_LINE = 1 << 20
TOLD_EVERY = 256

FindInForce = Callable[[Asked], InForce]
Decide = Callable[[Request], Decision]


class LineResource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A resource with its tags; `tags` null means that they are not known."""

    name: str
    tags: dict[str, str] | None = {}
    new: bool | None = None
    owner: str = ""


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One request; what it leaves out is taken from the command line."""

    id: str | int | None = None
    principal: str = ""
    action: str = ""
    resources: tuple[str | LineResource, ...] = ()
    context: dict[str, str | tuple[str, ...]] = {}
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """How to answer: what each line may leave out, where policies come from, and how to decide."""

    find: FindInForce
    readings: Readings
    principal: str = ""
    action: str = ""
    as_given: bool = False
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """A principal's policies, compiled."""

    found: InForce
    decide: Decide


@dataclass(slots=True)
class Tally:
    """How many lines were answered, by verdict, and how many were not."""

    answered: dict[str, int] = field(default_factory=dict)
    broken: int = 0

    def words(self) -> str:
        """The tally in one line."""
        parts = [f"{count} {verdict}" for verdict, count in sorted(self.answered.items())]
        if self.broken:
            parts.append(f"{self.broken} broken line{'s' if self.broken > 1 else ''}")
        return ", ".join(parts)


def run_requests(source: str, task: Task) -> int:
    """Answers every line of a file, or of the standard input for `-`; 1 where a line was broken."""
    tally = Tally()
    answer = answering(task)
    out = sys.stdout.buffer
    with opened(source) as file, progress() as told:
        for number, line in enumerate(lines_of(file), start=1):
            if not line.strip():
                continue
            try:
                found = answer(number, line)
            except ImagefenceError as error:
                complain(source, number, error, strict=task.strict)
                tally.broken += 1
                continue
            tally.answered[found["verdict"]] = tally.answered.get(found["verdict"], 0) + 1
            out.write(msgspec.json.encode(found) + b"\n")
            out.flush()
            told(number)
    click.echo(tally.words() or "no requests", err=True)
    return 1 if tally.broken else 0


def complain(source: str, number: int, error: ImagefenceError, *, strict: bool) -> None:
    """Reports a broken line by file and line, or with `strict` stops at it."""
    place = f"{'stdin' if source == '-' else source}:{number}"
    if strict:
        raise ImagefenceError(f"{place}: {error}", help=error.help) from error
    click.echo(f"{place}: {error}" + (f" ({error.help})" if error.help else ""), err=True)


def answering(task: Task) -> Callable[[int, bytes], dict[str, Any]]:
    """Gives the function that answers a line; the policies of each principal are looked up once."""

    last: list[Known] = []

    @lru_cache(maxsize=1024)
    def in_force(principal: str, action: str, role: str) -> Known | ImagefenceError:
        try:
            resources = (Resource(role),) if role else ()
            found = task.find(Asked(principal_of(principal), action, resources))
        except ImagefenceError as error:
            return error  # Why: an account that cannot be read is asked once, not once a line.
        # Why: policies from files are the same for all, and are compiled once.
        if not last or last[0].found.policies is not found.policies:
            last[:] = [Known(found, compile_policies(found.policies, task.readings).authorize)]
        return Known(found, last[0].decide)

    def answer(number: int, raw: bytes) -> dict[str, Any]:
        line = read(raw)
        asked = asked_of(line, task)
        assumes = asked.action.lower() in ASSUMING and asked.resources
        role = (asked.action, asked.resources[0].name) if assumes else ("", "")
        known = in_force(line.principal or task.principal, *role)
        if isinstance(known, ImagefenceError):
            raise known
        request = request_of(replace(asked, principal=known.found.principal))
        return {"line": number, "id": line.id, **answered(request, known, task)}

    return answer


def answered(request: Request, known: Known, task: Task) -> dict[str, Any]:
    """The answer to one request."""
    found = known.found
    decision = held_to_declaration(request, known.decide(request), as_given=task.as_given)
    decision = undecided(decision, found.gaps)
    misses = near_misses(request, found.policies, decision, task.readings)
    return {
        "principal": request.principal.arn,
        "action": request.action,
        **decision_data(decision),
        "access_denied_detail": detail_of(request, decision, found.shown),
        "near_misses": [miss_data(miss) for miss in misses],
    }


def read(raw: bytes) -> Line:
    """Decodes a line; raises InputError with the path of what is wrong."""
    if len(raw) > LONGEST_LINE:
        raise InputError(f"the line is longer than {LONGEST_LINE} bytes")
    try:
        return msgspec.json.decode(raw, type=Line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(decoding_fault(error), help="docs/explain.md describes a line") from None


def asked_of(line: Line, task: Task) -> Asked:
    """What a line asks about."""
    principal, action = line.principal or task.principal, line.action or task.action
    if not principal or not action:
        lacking = "principal" if not principal else "action"
        raise InputError(f"`{lacking}` is missing", help=f"write it in the line, or give --{lacking} for all")
    known = {key: (values,) if isinstance(values, str) else values for key, values in line.context.items()}
    resources = tuple(resource(each) for each in line.resources)
    return Asked(principal_of(principal), action_of(action), resources, None, known, line.unknown)


def resource(given: str | LineResource) -> Resource:
    """A resource of a line."""
    if isinstance(given, str):
        return resource_of(given)
    return named(given.name, given.tags, new=given.new, owner=given.owner)


def lines_of(file: BinaryIO) -> Iterator[bytes]:
    """The lines; of one that is too long only its start, which is then refused."""
    while line := file.readline(LONGEST_LINE + 1):
        rest = line
        while len(rest) > LONGEST_LINE and not rest.endswith(b"\n"):
            rest = file.readline(LONGEST_LINE + 1)
        yield line.removeprefix(BOM_UTF8)


@contextmanager
def opened(source: str) -> Iterator[BinaryIO]:
    """The file, or the standard input for `-`."""
    if source == "-":
        file = standard_input()
        if file.isatty():
            click.echo("write one JSON object a line; Ctrl-D ends", err=True)
        yield file
        return
    try:
        file = Path(source).open("rb")  # noqa: SIM115 - closed below; only opening it may be refused
    except OSError as error:
        raise unreadable(source, error) from error
    with file:
        yield file


@contextmanager
def progress() -> Iterator[Callable[[int], None]]:
    """Counts the lines on stderr where it is a terminal."""
    if not sys.stderr.isatty():
        yield lambda number: None
        return

    def told(number: int) -> None:
        if number % TOLD_EVERY == 0:
            click.echo(f"\r{number} requests", nl=False, err=True)

    yield told
    click.echo("\r", nl=False, err=True)
