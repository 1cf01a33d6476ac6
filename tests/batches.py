"""Requests written as record batches, for holding the batch decisions to the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from imagefence.policy.keys import KeyOrigin, condition_key
from imagefence.policy.question import Facts
from imagefence.policy.request import Request, Resource

TEXTS = pa.list_(pa.string())
TAGS = pa.map_(pa.string(), pa.string())
TYPES: dict[str, pa.DataType] = {
    "action": pa.string(),
    "resource": pa.string(),
    "principal": pa.string(),
    "principal_kind": pa.string(),
    "principal_account": pa.string(),
    "in_management_account": pa.bool_(),
    "new": pa.bool_(),
    "owner": pa.string(),
    "owner_tags": TAGS,
    "receiver_tags": TAGS,
    "unknown": TEXTS,
    "tags_unknown": pa.bool_(),
    "request": pa.int64(),
}
READ_OFF = {KeyOrigin.PRINCIPAL, KeyOrigin.RESOURCE_TAG, KeyOrigin.EITHER_TAG}


def batch_of(requests: Sequence[Request]) -> pa.RecordBatch:
    """One batch with a row for each resource; a call without any has a row without a resource's name."""
    rows = [row for number, request in enumerate(requests) for row in rows_of(request, number)]
    names = dict.fromkeys([*TYPES, *(name for row in rows for name in row)])
    return pa.RecordBatch.from_pydict(
        {name: pa.array([row.get(name) for row in rows], type_of(name)) for name in names}
    )


def rows_of(request: Request, number: int) -> list[dict[str, Any]]:
    """The rows of one call, which share all but what is the resource's."""
    caller = request.principal
    shared: dict[str, Any] = {
        "action": request.action,
        "principal": caller.arn,
        "principal_kind": caller.kind.value,
        "principal_account": caller.account,
        "in_management_account": caller.in_management_account,
        "unknown": sorted(request.context.unknown),
        "request": number,
    }
    for key, values in Facts.of(request).known.items():
        if condition_key(key).origin not in READ_OFF:
            shared[key] = list(values)
    return [{**shared, **resource_of(each)} for each in request.resources] or [shared]


def resource_of(resource: Resource) -> dict[str, Any]:
    """What a row says of its resource."""
    found: dict[str, Any] = {
        "resource": resource.name,
        "tags_unknown": resource.tags is None,
        "new": resource.new,
        "owner": resource.owner,
    }
    for name, tags in (("owner_tags", resource.owner_tags), ("receiver_tags", resource.receiver_tags)):
        found[name] = list(tags.items()) if tags is not None else None
    return found | {f"acs:ResourceTag/{key}": value for key, value in (resource.tags or {}).items()}


def type_of(name: str) -> pa.DataType:
    """The type of a column."""
    if name.startswith("acs:ResourceTag/"):
        return pa.string()
    return TYPES.get(name, TEXTS)
