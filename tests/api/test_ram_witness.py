"""Declarations against the official SDK's own model classes: what we send and answer, they know."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from inspect import getsource
from typing import Any

import msgspec
import pytest
from msgspec import inspect

from imagefence.api import ram_users, registry
from imagefence.api.operation import Operation

SDKS = {
    "2015-05-01": "alibabacloud_ram20150501",
    "2015-04-01": "alibabacloud_sts20150401",
    "2020-03-31": "alibabacloud_resourcemanager20200331",
    "2022-04-19": "alibabacloud_resourcedirectorymaster20220419",
}
OPERATIONS = [each for each in registry.OPERATIONS.values() if each.product.version in SDKS]


def sdk_models(operation: Operation[Any, Any]) -> Any:
    return importlib.import_module(f"{SDKS[operation.product.version]}.models")


def wire_names(model: type) -> dict[str, str]:
    """The wire name of every attribute of an SDK model, taken from what it writes."""
    text = getsource(model.to_map)  # type: ignore[attr-defined]
    pairs = re.findall(r"if self\.(\w+) is not None:\s+(?:for \w+ in self\.\w+:\s+)?result\['(\w+)'\]", text)
    return {wire: attribute for attribute, wire in pairs}


def fields_of(kind: type[msgspec.Struct]) -> Iterator[tuple[str, type[msgspec.Struct] | None]]:
    """The wire name of every field of ours, with the struct inside it."""
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    for field in info.fields:
        yield field.encode_name, struct_in(field.type)


def struct_in(kind: inspect.Type) -> type[msgspec.Struct] | None:
    while isinstance(kind, inspect.Metadata):
        kind = kind.type
    if isinstance(kind, inspect.VarTupleType):
        kind = kind.item_type
    return kind.cls if isinstance(kind, inspect.StructType) else None


def unknown(kind: type[msgspec.Struct], model: type, models: Any) -> list[str]:
    """The fields of ours that the SDK's model does not have, at any depth."""
    theirs = wire_names(model)
    missing = []
    for name, inner in fields_of(kind):
        if name not in theirs:
            missing.append(f"{model.__name__}.{name}")
        elif inner is not None:
            missing += unknown(inner, getattr(models, model.__name__ + name), models)
    return missing


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: f"{o.product.code}.{o.name}")
def test_the_sdk_knows_what_we_declare(operation: Operation[Any, Any]) -> None:
    models = sdk_models(operation)
    body = getattr(models, f"{operation.name}ResponseBody")
    assert unknown(operation.response, body, models) == []
    request = getattr(models, f"{operation.name}Request", None)
    if request is None:
        assert not list(fields_of(operation.request))
    else:
        assert unknown(operation.request, request, models) == []


def test_the_witness_can_say_no() -> None:
    class Wrong(msgspec.Struct, rename="pascal"):
        user_name: str = ""
        nick_name: str = ""

    models = sdk_models(ram_users.GET_USER)
    assert unknown(Wrong, models.CreateUserRequest, models) == ["CreateUserRequest.NickName"]
