"""Requests as the record batches that bulk decides, one request a value of the column `request`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from imagefence.policy.keys import KeyOrigin, condition_key
from imagefence.policy.request import Request, Resource

TEXT, TEXTS, TAGS = pa.string(), pa.list_(pa.string()), pa.map_(pa.string(), pa.string())
OF_CALL = (KeyOrigin.CONTEXT, KeyOrigin.REQUEST_TAG)  # the others are read off the caller and the resource
TYPES: dict[str, Any] = {
    "request": pa.int64(),
    "new": pa.bool_(),
    "tags_unknown": pa.bool_(),
    "in_management_account": pa.bool_(),
    "unknown": TEXTS,
    "owner_tags": TAGS,
    "receiver_tags": TAGS,
} | dict.fromkeys(("action", "resource", "principal", "principal_kind", "principal_account", "owner"), TEXT)


def batch_of(requests: Iterable[Request]) -> pa.RecordBatch:
    """A row for each resource; a request without any has one row whose resource is null."""
    rows = [
        row_of(number, request, resource)
        for number, request in enumerate(requests)
        for resource in request.resources or (None,)
    ]
    names = dict.fromkeys(name for row in rows for name in row)
    arrays = {name: pa.array([row.get(name) for row in rows], type_of(name)) for name in names}
    return pa.RecordBatch.from_pydict(arrays)


def type_of(name: str) -> pa.DataType:
    """Keys may have several values, tags have one."""
    return TYPES.get(name) or (TEXT if name.startswith("acs:ResourceTag/") else TEXTS)


def row_of(number: int, request: Request, resource: Resource | None) -> dict[str, Any]:
    """What one row says; what is absent is left out."""
    caller = request.principal
    row: dict[str, Any] = {
        "request": number,
        "action": request.action,
        "resource": None,
        "principal": caller.arn,
        "principal_kind": caller.kind.value,
        "principal_account": caller.account,
        "in_management_account": caller.in_management_account,
        "unknown": sorted(request.context.unknown),
    }
    # Why: two spellings of one key are one key with the values of both, and a batch has one column for it.
    known: dict[str, list[str]] = {}
    for key, values in request.context.known.items():
        if condition_key(key).origin in OF_CALL:
            known.setdefault(condition_key(key).name, []).extend(values)
    return row | known | (told_of(resource) if resource else {})


def told_of(resource: Resource) -> dict[str, Any]:
    """What a row says of its resource."""
    tags = {f"acs:ResourceTag/{key}": value for key, value in (resource.tags or {}).items()}
    return {
        "resource": resource.name,
        "tags_unknown": resource.tags is None,
        "new": resource.new,
        "owner": resource.owner or None,
        "owner_tags": pairs(resource.owner_tags),
        "receiver_tags": pairs(resource.receiver_tags),
        **tags,
    }


def pairs(tags: Mapping[str, str] | None) -> list[tuple[str, str]] | None:
    """A map as Arrow takes it."""
    return None if tags is None else list(tags.items())
