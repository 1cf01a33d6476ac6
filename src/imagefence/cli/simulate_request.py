"""The words of `simulate` to a request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any

from imagefence.api.operation import Operation
from imagefence.api.registry import OPERATIONS, operation_for
from imagefence.errors import InputError
from imagefence.policy.names import PARTS, split
from imagefence.policy.readings import DEFAULT, Readings, change
from imagefence.policy.request import Context, Principal, PrincipalKind, Request, Resource

PRINCIPAL = re.compile(r"acs:ram::(?P<account>\d+):(?:(?P<root>root)|(?P<kind>user|role)/(?P<name>[^/\s]+))")
SERVICE_LINKED = "aliyunservicerolefor"
DERIVED = ("acs:principalarn", "acs:resourcetag/", "ecs:tag/")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user asks about."""

    principal: Principal
    action: str
    resources: tuple[str, ...] = ()
    image: str | None = None
    contexts: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def principal_of(text: str) -> Principal:
    """Reads a caller; the session name of a role session is not part of it."""
    match = PRINCIPAL.fullmatch(text)
    if match is None:
        raise InputError(
            f"`{text}` names no caller", help="write acs:ram::<account>:user/<name>, :role/<name> or :root"
        )
    account, name = match["account"], match["name"]
    if match["root"]:
        return Principal(PrincipalKind.ROOT, text, account)
    if match["kind"] == "user":
        return Principal(PrincipalKind.USER, text, account)
    linked = name.lower().startswith(SERVICE_LINKED)
    kind = PrincipalKind.SERVICE_LINKED_ROLE if linked else PrincipalKind.ROLE
    return Principal(kind, f"acs:ram::{account}:role/{name.lower()}", account)


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
    asked: Asked, found: tuple[Resource, ...] = (), known: dict[str, str] | None = None
) -> Request:
    """Puts a request together; `found` and `known` are what the cloud told about the image."""
    named = tuple(resource_of(text) for text in asked.resources)
    resources = (*found, *named)
    operation = operation_for(asked.action)
    if not resources:
        resources = whole_account(asked.action, operation)
    return Request(asked.principal, asked.action, resources, context_of(asked, operation, known or {}))


def resource_of(text: str) -> Resource:
    """Reads a name with its tags behind semicolons."""
    name, *tags = text.split(";")
    parts = split(name)
    if name != "*" and (len(parts) != PARTS or parts[0] != "acs"):
        raise InputError(
            f"`{name}` names no resource",
            help="write acs:<service>:<region>:<account>:<type>/<id>, tags behind it as ;key=value",
        )
    new = parts[-1].endswith("/*")
    if tags == ["?"]:
        return Resource(name, None, new)
    return Resource(name, dict(tag_of(tag) for tag in tags), new)


def tag_of(text: str) -> tuple[str, str]:
    """Reads `key=value`."""
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise InputError(f"`{text}` is no tag", help="write it as key=value: environment=production")
    return key, value


def whole_account(action: str, operation: Operation[Any, Any] | None) -> tuple[Resource, ...]:
    """The `*` of an operation without resource-level authorisation; anything else must be named."""
    if operation is None:
        raise InputError("`--resource` is missing", help=f"say on what `{action}` is asked{meant(action)}")
    if all(entry.kind == "*" for entry in operation.authorizes):
        return (Resource("*"),)
    kinds = ", ".join(
        dict.fromkeys(f"{each.kind}/{'<id>' if each.of else '*'}" for each in operation.authorizes)
    )
    raise InputError("`--resource` is missing", help=f"`{operation.action}` is authorised on {kinds}")


def meant(action: str) -> str:
    """A near match among the declared actions."""
    near = get_close_matches(action, [each.action for each in OPERATIONS.values()], n=1, cutoff=0.8)
    return f", or did you mean `{near[0]}`?" if near else ""


def context_of(asked: Asked, operation: Operation[Any, Any] | None, found: dict[str, str]) -> Context:
    """The keys that were given, the clock, and as unknown those that the operation sets but nobody gave."""
    known = {key: (value,) for key, value in found.items()}
    for key, value in pairs(asked.contexts):
        known[key] = (*known.get(key, ()), value) if key not in found else (value,)
    known.setdefault("acs:CurrentTime", (datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),))
    known.setdefault("acs:SecureTransport", ("true",))
    silent = set(operation.keys if operation is not None else ()) | {"acs:SourceIp"}
    given = {key.lower() for key in known}
    unknown = {key for key in silent if key.lower() not in given and not key.lower().startswith(DERIVED)}
    return Context(known, frozenset(unknown | set(asked.unknown)))


def pairs(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Reads `key=value` words; a tag key may hold an equals sign only in its value."""
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or ":" not in key:
            raise InputError(f"`{text}` is no condition key", help="write it as acs:SourceIp=203.0.113.7")
        yield key, value
