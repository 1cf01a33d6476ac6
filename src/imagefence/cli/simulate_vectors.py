"""A file of requests with their policies, decided one by one (format `ram-vectors/1`).

The file is an object with the key `vectors`, a bare list, one vector, or one vector a line. What a vector may
leave out may be null as well, and what else stands in it is not read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import msgspec

from imagefence.cli.simulate_data import decision_data
from imagefence.cli.texts import decoding_fault, read_text
from imagefence.errors import InputError
from imagefence.policy.authorize import authorize
from imagefence.policy.document import PolicyKind
from imagefence.policy.parse import parse
from imagefence.policy.policies import AttachedPolicy, Level, Policies
from imagefence.policy.readings import Readings
from imagefence.policy.request import Context, Principal, PrincipalKind, Request, Resource

Raw = msgspec.Raw
NOTHING = Raw(b"null")
FORMAT = "the format is ram-vectors/1"
Texts = str | tuple[str, ...] | None


class VectorPrincipal(msgspec.Struct, frozen=True):
    """Who asks; without `account`, the one in the name."""

    type: PrincipalKind
    arn: str
    account: str | None = None
    in_management_account: bool | None = None


class VectorResource(msgspec.Struct, frozen=True):
    """On what; `tags` null means that they are not known."""

    arn: str
    tags: dict[str, str] | None = {}
    new: bool | None = None
    owner: str | None = None


class VectorRequest(msgspec.Struct, frozen=True):
    """The call; a key of the context that is null or an empty list is absent."""

    principal: VectorPrincipal
    action: str
    resources: tuple[VectorResource, ...]
    context: dict[str, Texts] | None = None
    unknown: tuple[str, ...] | None = None


class VectorPolicies(msgspec.Struct, frozen=True):
    """The documents; `control_levels` go from Root down, null outside a directory."""

    identity: tuple[Raw, ...] | None = None
    identity_resource_group: tuple[Raw, ...] | None = None
    session: Raw = NOTHING
    control_levels: tuple[tuple[Raw, ...] | None, ...] | None = None
    trust: Raw = NOTHING


class Vector(msgspec.Struct, frozen=True):
    """One request, and what is expected of it."""

    request: VectorRequest
    policies: VectorPolicies | None = None
    expected: str | None = None
    policy_type: str | None = None


class Named(msgspec.Struct, frozen=True):
    """What a vector is called."""

    id: str | int | None = None


@dataclass(slots=True)
class Tally:
    """How many vectors were decided, how many otherwise than they expect, and how many are broken."""

    decided: int = 0
    differing: int = 0
    broken: int = 0

    def count(self, found: dict[str, Any]) -> None:
        """Counts one."""
        self.broken += "error" in found
        self.decided += "error" not in found
        self.differing += found["agrees"] is False and "error" not in found

    def words(self) -> str:
        """The tally in one line."""
        broken = f", {self.broken} broken" if self.broken else ""
        return f"{self.decided} decided, {self.differing} other than expected{broken}"

    def exit_code(self) -> int:
        """2 where a vector is broken, 3 where one differs from what it expects."""
        return 2 if self.broken else 3 if self.differing else 0


def run_vectors(path: Path, readings: Readings, *, as_json: bool) -> int:
    """Decides every vector, with `as_json` one object a line; a broken one is named, and the rest decided."""
    tally = Tally()
    for raw, name in load(path):
        found = answer(raw, name, readings)
        tally.count(found)
        if as_json:
            click.echo(json.dumps(found, ensure_ascii=False))
        elif found["agrees"] is False:
            click.echo(told(found))
    if not as_json:
        click.echo(tally.words())
    return tally.exit_code()


def told(found: dict[str, Any]) -> str:
    """A vector that is broken or differs, in one line."""
    if "error" in found:
        return str(found["error"]) + (f" ({found['help']})" if found["help"] else "")
    return f"{found['id']}: {found['decision']}, expected {found['expected']}: {found['sentence']}"


def load(path: Path) -> Iterator[tuple[Raw, str]]:
    """Reads the file to vectors with what they are called, which is their number where they do not say."""
    text = read_text(str(path)).removeprefix("\ufeff").strip()
    try:
        vectors = vectors_of(text.encode())
    except (msgspec.DecodeError, RecursionError) as error:
        raise InputError(f"{path}: {decoding_fault(error)}", help=FORMAT) from None
    for number, raw in enumerate(vectors, start=1):
        yield raw, name_of(raw) or f"vector {number}"


def vectors_of(text: bytes) -> tuple[Raw, ...]:
    """The vectors in a text of any of the four forms."""
    if text.startswith(b"["):
        return msgspec.json.decode(text, type=tuple[Raw, ...])
    first, _, rest = text.partition(b"\n")
    if rest and is_object(first):
        return tuple(Raw(line) for line in text.splitlines() if line.strip())
    whole = msgspec.json.decode(text, type=dict[str, Raw])
    if "vectors" in whole:
        return msgspec.json.decode(whole["vectors"], type=tuple[Raw, ...])
    return (Raw(text),)


def is_object(line: bytes) -> bool:
    """Tells whether a line is a whole object."""
    try:
        msgspec.json.decode(line, type=dict[str, Raw])
    except msgspec.DecodeError:
        return False
    return True


def name_of(raw: Raw) -> str:
    """What a vector is called, or nothing."""
    try:
        name = msgspec.json.decode(raw, type=Named).id
    except msgspec.DecodeError:
        return ""
    return "" if name is None else str(name)


def answer(raw: Raw, name: str, readings: Readings) -> dict[str, Any]:
    """Decides one, or says what is wrong with it."""
    try:
        return result(msgspec.json.decode(raw, type=Vector), name, readings)
    except (msgspec.DecodeError, RecursionError) as error:
        return refused(name, InputError(f"{name}: {decoding_fault(error)}", help=FORMAT))
    except InputError as error:
        return refused(name, error)


def refused(name: str, error: InputError) -> dict[str, Any]:
    """A vector that cannot be decided."""
    return {"id": name, "decision": None, "error": str(error), "help": error.help, "agrees": False}


def result(vector: Vector, name: str, readings: Readings) -> dict[str, Any]:
    """Decides one."""
    policies = policies_of(vector.policies or VectorPolicies(), name)
    decision = authorize(request_of(vector.request), policies, readings)
    data = decision_data(decision)
    spelt = data.pop("verdict")
    agrees = None
    if vector.expected:
        agrees = (
            vector.expected == spelt and (vector.policy_type or data["policy_type"]) == data["policy_type"]
        )
    return {"id": name, "decision": spelt, **data, "expected": vector.expected or None, "agrees": agrees}


def request_of(asked: VectorRequest) -> Request:
    """The request as a value."""
    caller = asked.principal
    account = caller.account or account_in(caller.arn)
    principal = Principal(caller.type, caller.arn, account, bool(caller.in_management_account))
    resources = tuple(
        Resource(each.arn, each.tags, bool(each.new), each.owner or "") for each in asked.resources
    )
    values = {key: texts(given) for key, given in (asked.context or {}).items()}
    return Request(principal, asked.action, resources, Context(values, frozenset(asked.unknown or ())))


def account_in(arn: str) -> str:
    """The account in a principal's name, or nothing."""
    parts = arn.split(":")
    return parts[3] if len(parts) > 3 else ""


def texts(given: Texts) -> tuple[str, ...]:
    """The values of a key, one or many."""
    if given is None:
        return ()
    return (given,) if isinstance(given, str) else given


def policies_of(given: VectorPolicies, vector: str) -> Policies:
    """The policies as values, named by their place in the file."""

    def read(raw: Raw, kind: PolicyKind, name: str) -> AttachedPolicy:
        source = f"{vector}: {name}"
        return AttachedPolicy(name, parse(bytes(raw).decode(), kind, source=source, stored=True))

    def pool(raws: tuple[Raw, ...] | None, kind: PolicyKind, name: str) -> tuple[AttachedPolicy, ...]:
        return tuple(read(raw, kind, f"{name} {place}") for place, raw in enumerate(raws or ()))

    levels = given.control_levels
    return Policies(
        identity=pool(given.identity, PolicyKind.IDENTITY, "identity"),
        identity_resource_group=pool(given.identity_resource_group, PolicyKind.IDENTITY, "resource group"),
        session=read(given.session, PolicyKind.SESSION, "session") if given.session != NOTHING else None,
        control=None
        if levels is None
        else tuple(
            Level(f"level {place}", pool(raws, PolicyKind.CONTROL, "control"))
            for place, raws in enumerate(levels)
        ),
        trust=read(given.trust, PolicyKind.TRUST, "trust") if given.trust != NOTHING else None,
    )
