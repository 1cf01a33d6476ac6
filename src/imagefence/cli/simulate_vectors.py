"""A file of requests with their policies, decided one by one (format `ram-vectors/1`)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import msgspec

from imagefence.cli.simulate_data import decision_data
from imagefence.cli.texts import read_text
from imagefence.errors import InputError
from imagefence.policy.authorize import authorize
from imagefence.policy.document import PolicyKind
from imagefence.policy.parse import parse
from imagefence.policy.policies import AttachedPolicy, Level, Policies
from imagefence.policy.readings import Readings
from imagefence.policy.request import Context, Principal, PrincipalKind, Request, Resource

Raw = msgspec.Raw
NOTHING = Raw(b"null")


class VectorPrincipal(msgspec.Struct, frozen=True):
    """Who asks."""

    type: PrincipalKind
    arn: str
    account: str
    in_management_account: bool = False


class VectorResource(msgspec.Struct, frozen=True):
    """On what; `tags` null means that they are not known."""

    arn: str
    tags: dict[str, str] | None = {}
    new: bool = False
    owner: str = ""


class VectorRequest(msgspec.Struct, frozen=True):
    """The call."""

    principal: VectorPrincipal
    action: str
    resources: tuple[VectorResource, ...]
    context: dict[str, tuple[str, ...]] = {}
    unknown: tuple[str, ...] = ()


class VectorPolicies(msgspec.Struct, frozen=True):
    """The documents; `control_levels` go from Root down, null outside a directory."""

    identity: tuple[Raw, ...] = ()
    identity_resource_group: tuple[Raw, ...] = ()
    session: Raw = NOTHING
    control_levels: tuple[tuple[Raw, ...], ...] | None = None
    trust: Raw = NOTHING


class Vector(msgspec.Struct, frozen=True):
    """One request, and what is expected of it."""

    id: str
    policies: VectorPolicies
    request: VectorRequest
    expected: str = ""
    policy_type: str = ""


class Vectors(msgspec.Struct, frozen=True):
    """The file."""

    vectors: tuple[Vector, ...]


def run_vectors(path: Path, readings: Readings, *, as_json: bool) -> int:
    """Decides every vector, with `as_json` one object a line; 3 where one differs from what it expects."""
    vectors, differing = load(path), 0
    for each in (result(vector, readings) for vector in vectors):
        differing += each["agrees"] is False
        if as_json:
            click.echo(json.dumps(each, ensure_ascii=False))
        elif each["agrees"] is False:
            click.echo(f"{each['id']}: {each['decision']}, expected {each['expected']}: {each['sentence']}")
    if not as_json:
        click.echo(f"{len(vectors)} decided, {differing} other than expected")
    return 3 if differing else 0


def load(path: Path) -> tuple[Vector, ...]:
    """Reads the file, either with the key `vectors` or a bare list."""
    text = read_text(str(path)).encode()
    try:
        if text.lstrip().startswith(b"["):
            return msgspec.json.decode(text, type=tuple[Vector, ...])
        return msgspec.json.decode(text, type=Vectors).vectors
    except msgspec.DecodeError as error:
        raise InputError(f"`{path}`: {str(error).lower()}", help="the format is ram-vectors/1") from None


def result(vector: Vector, readings: Readings) -> dict[str, Any]:
    """Decides one."""
    decision = authorize(request_of(vector.request), policies_of(vector), readings)
    data = decision_data(decision)
    spelt = data.pop("verdict")
    agrees = None
    if vector.expected:
        agrees = vector.expected == spelt and vector.policy_type in ("", data["policy_type"])
    return {"id": vector.id, "decision": spelt, **data, "expected": vector.expected or None, "agrees": agrees}


def request_of(asked: VectorRequest) -> Request:
    """The request as a value."""
    caller = asked.principal
    principal = Principal(caller.type, caller.arn, caller.account, caller.in_management_account)
    resources = tuple(Resource(each.arn, each.tags, each.new, each.owner) for each in asked.resources)
    return Request(principal, asked.action, resources, Context(asked.context, frozenset(asked.unknown)))


def policies_of(vector: Vector) -> Policies:
    """The policies as values, named by their place in the file."""

    def read(raw: Raw, kind: PolicyKind, name: str) -> AttachedPolicy:
        source = f"{vector.id}: {name}"
        return AttachedPolicy(name, parse(bytes(raw).decode(), kind, source=source, stored=True))

    def pool(raws: tuple[Raw, ...], kind: PolicyKind, name: str) -> tuple[AttachedPolicy, ...]:
        return tuple(read(raw, kind, f"{name} {place}") for place, raw in enumerate(raws))

    given = vector.policies
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
