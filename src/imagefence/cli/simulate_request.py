"""The words of `simulate` to a request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from imagefence.api.registry import operation_for
from imagefence.cli.simulate_declared import whole_account
from imagefence.errors import InputError, shown
from imagefence.policy.keys import BY_CIRCUMSTANCE
from imagefence.policy.names import PARTS, split
from imagefence.policy.readings import DEFAULT, Readings, change
from imagefence.policy.request import Context, Principal, PrincipalKind, Request, Resource

PRINCIPAL = re.compile(
    r"acs:ram::(?P<account>\d+):"
    r"(?:(?P<root>root)|(?P<kind>user|role|(?:saml|oidc)-provider)/(?P<name>[^/\s]+))"
)
SERVICE_LINKED = "aliyunservicerolefor"
DERIVED = ("acs:principalarn", "acs:resourcetag/", "ecs:tag/")
ACTION = re.compile(r"[A-Za-z][\w-]*:\w+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user asks about; `known` are the context keys that were given, with their values."""

    principal: Principal
    action: str
    resources: tuple[Resource, ...] = ()
    image: str | None = None
    known: Mapping[str, tuple[str, ...]] | None = None
    unknown: tuple[str, ...] = ()


def principal_of(text: str) -> Principal:
    """Reads a caller; the session name of a role session is not part of it."""
    match = PRINCIPAL.fullmatch(text)
    if match is None or not text.isprintable():
        raise InputError(
            f"`{shown(text)}` names no caller",
            help="write acs:ram::<account>:user/<name>, :role/<name>, :saml-provider/<name> or :root",
        )
    account, name = match["account"], match["name"]
    if match["root"]:
        return Principal(PrincipalKind.ROOT, text, account)
    if match["kind"] == "user":
        return Principal(PrincipalKind.USER, text, account)
    if match["kind"] != "role":
        return Principal(PrincipalKind.FEDERATED, text, account)
    linked = name.lower().startswith(SERVICE_LINKED)
    kind = PrincipalKind.SERVICE_LINKED_ROLE if linked else PrincipalKind.ROLE
    return Principal(kind, f"acs:ram::{account}:role/{name.lower()}", account)


def action_of(text: str) -> str:
    """Reads an action; a pattern is none."""
    if not ACTION.fullmatch(text):
        raise InputError(
            f"`{shown(text)}` is no action", help="write <service>:<operation>, as ecs:RunInstances"
        )
    return text


def readings_of(assignments: Iterable[str]) -> Readings:
    """Applies `name=value` one after the other."""
    readings = DEFAULT
    for assignment in assignments:
        try:
            readings = change(readings, assignment)
        except ValueError as error:
            raise InputError(str(error), help="docs/semantics.md describes the readings") from None
    return readings


def request_of(
    asked: Asked, found: tuple[Resource, ...] = (), told: Mapping[str, str] | None = None
) -> Request:
    """Puts a request together; `found` and `told` are what an image brings along."""
    resources = (*found, *asked.resources) or whole_account(asked.action)
    return Request(asked.principal, asked.action, resources, context_of(asked, told or {}))


def resource_of(text: str) -> Resource:
    """Reads a name with its tags behind semicolons."""
    name, *tags = text.split(";")
    if tags == ["?"]:
        return named(name, None)
    return named(name, dict(tag_of(tag) for tag in tags))


def named(name: str, tags: Mapping[str, str] | None, *, new: bool | None = None, owner: str = "") -> Resource:
    """A resource by its name, held to the form of names; an id of `*` is still to be created."""
    parts = split(name)
    if name != "*" and (len(parts) != PARTS or parts[0] != "acs" or not name.isprintable()):
        raise InputError(
            f"`{shown(name)}` names no resource",
            help="write acs:<service>:<region>:<account>:<type>/<id>, tags behind it as ;key=value",
        )
    return Resource(name, tags, parts[-1].endswith("/*") if new is None else new, owner)


def tag_of(text: str) -> tuple[str, str]:
    """Reads `key=value`."""
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise InputError(f"`{shown(text)}` is no tag", help="write it as key=value: environment=production")
    return key, value


def context_of(asked: Asked, told: Mapping[str, str]) -> Context:
    """The keys that were given, the clock, and as unknown those that the call may have but nobody gave."""
    known = {**(asked.known or {}), **{key: (value,) for key, value in told.items()}}
    given = {key.lower() for key in known} | {key.lower() for key in asked.unknown}
    if "acs:currenttime" not in given:
        known["acs:CurrentTime"] = (datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),)
    if "acs:securetransport" not in given:
        known["acs:SecureTransport"] = ("true",)
    operation = operation_for(asked.action)
    silent = {*(operation.keys if operation is not None else ()), *BY_CIRCUMSTANCE}
    unknown = {key for key in silent if key.lower() not in given and not key.lower().startswith(DERIVED)}
    return Context(known, frozenset(unknown | set(asked.unknown)))


def known_of(texts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Reads `key=value` words; a key that stands there twice has both values."""
    known: dict[str, tuple[str, ...]] = {}
    for key, value in pairs(texts):
        known[key] = (*known.get(key, ()), value)
    return known


def pairs(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Reads `key=value`; a tag key may hold an equals sign only in its value."""
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or ":" not in key:
            raise InputError(
                f"`{shown(text)}` is no condition key", help="write it as acs:SourceIp=203.0.113.7"
            )
        yield key, value
