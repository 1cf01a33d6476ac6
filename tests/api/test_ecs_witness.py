"""The declarations of ECS, VPC and Tag against an independent witness: the vendor's own model classes."""

from __future__ import annotations

import importlib
import inspect
import re
from functools import cache
from typing import Any

import msgspec
import pytest
from msgspec import inspect as shapes

from imagefence.api.ecs_instances import Instance
from imagefence.api.operation import Operation
from imagefence.api.registry import OPERATIONS

PACKAGES = {
    "Ecs": "alibabacloud_ecs20140526",
    "Vpc": "alibabacloud_vpc20160428",
    "Tag": "alibabacloud_tag20180828",
}
MINE = [operation for operation in OPERATIONS.values() if operation.product.code in PACKAGES]
# A key of the wire, or a class that the key just before it is read into.
STEP = re.compile(r"m\.get\('(\w+)'\)|main_models\.(\w+)\(\)")

Tree = dict[str, Any]


@cache
def models(product: str) -> Any:
    return importlib.import_module(f"{PACKAGES[product]}.models")


def theirs(product: str, name: str) -> Tree:
    """The wire names that a class of the SDK reads, with those of the classes inside it."""
    tree: Tree = {}
    key = ""
    for wire, inner in STEP.findall(inspect.getsource(getattr(models(product), name).from_map)):
        if wire:
            key = wire
            tree.setdefault(key, {})
        else:
            tree[key] = theirs(product, inner)
    return tree


def ours(kind: type[msgspec.Struct]) -> Tree:
    """The wire names of a declared type, with those of the types inside it."""
    info = shapes.type_info(kind)
    assert isinstance(info, shapes.StructType)
    return {field.encode_name: inside(field.type) for field in info.fields}


def inside(kind: shapes.Type) -> Tree:
    if isinstance(kind, shapes.UnionType):
        kind = kind.types[0]
    if isinstance(kind, shapes.Metadata):
        kind = kind.type
    if isinstance(kind, shapes.VarTupleType):
        kind = kind.item_type
    return ours(kind.cls) if isinstance(kind, shapes.StructType) else {}


def missing(mine: Tree, other: Tree, path: str = "") -> list[str]:
    """The names that are ours and not theirs."""
    names = [path + name for name in mine if name not in other]
    for name, inner in mine.items():
        names += missing(inner, other.get(name, {}), f"{path}{name}.") if name in other else []
    return names


def identify(operation: Operation[Any, Any]) -> str:
    return operation.action


@pytest.mark.parametrize("operation", MINE, ids=identify)
def test_every_parameter_is_one_of_the_vendors(operation: Operation[Any, Any]) -> None:
    request = theirs(operation.product.code, f"{operation.name}Request")
    assert missing(ours(operation.request), request) == []


@pytest.mark.parametrize("operation", MINE, ids=identify)
def test_every_field_of_an_answer_is_one_of_the_vendors(operation: Operation[Any, Any]) -> None:
    answer = theirs(operation.product.code, f"{operation.name}ResponseBody")
    assert missing(ours(operation.response), answer) == []


@pytest.mark.parametrize("operation", MINE, ids=identify)
def test_the_list_that_is_paged_is_where_the_declaration_says(operation: Operation[Any, Any]) -> None:
    value: Any = operation.response()
    for part in filter(None, operation.items.split(".")):
        value = getattr(value, part)
    assert value == () or not operation.items


def test_the_witness_sees_a_name_that_the_vendor_does_not_have() -> None:
    tree = theirs("Ecs", "DescribeImagesResponseBody")
    assert "Image" in tree["Images"]
    assert missing({"Images": {"Image": {"Colour": {}}}}, tree) == ["Images.Image.Colour"]


def test_the_elastic_address_stands_before_the_public_one() -> None:
    # A client in use never ends where it does not.
    names = list(Instance.__struct_encode_fields__)
    assert names.index("EipAddress") < names.index("PublicIpAddress")
