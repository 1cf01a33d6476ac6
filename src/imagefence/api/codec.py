"""Flattened RPC parameters to request structs and back.

`Tag.1.Key` is a list of objects, `InstanceId.1` a list, `SystemDisk.Size` an object; some lists are JSON
text or comma lists in one parameter. The form follows from the type of the field alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from imagefence.api.faults import INVALID_PARAMETER, MISSING_PARAMETER
from imagefence.api.operation import Fault, Parameters

P = TypeVar("P", bound=Parameters)
Node = str | dict[str, Any]

PLACE = re.compile(r"at `\$\.?([^`]*)`")
INDEX = re.compile(r"\[(\d+)\]")


class BadParameter(ValueError):  # noqa: N818 - an answer to the caller, not an error of ours
    """A parameter is missing or does not fit its type: the fault, and the parameter's wire name."""

    def __init__(self, fault: Fault, name: str) -> None:
        super().__init__(f"{fault.code}: {name}")
        self.fault = fault
        self.name = name


class Form(Enum):
    """How a field is written on the wire."""

    PLAIN = "one parameter"
    JSON = "JSON text in one parameter"
    COMMA = "comma list in one parameter"
    LIST = "Name.N"
    OBJECT = "Name.Field"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a request type, with the form of its items where it is a list."""

    attribute: str
    wire: str
    form: Form
    required: bool
    text: bool
    inner: type[msgspec.Struct] | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """The fields of a type, by wire name and, for the older spelling `Tag.1.key`, by its lower case."""

    fields: tuple[Field, ...]
    by_wire: Mapping[str, Field]
    twins: Mapping[str, str]


def decode(parameters: Mapping[str, str], kind: type[P]) -> P:
    """Builds the request from wire parameters; unknown ones are ignored, as the cloud does.

    Raises BadParameter with MissingParameter or InvalidParameter.
    """
    shape = shape_of(kind)
    values = struct_values(tree(parameters, shape), shape, "")
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        raise BadParameter(INVALID_PARAMETER, place_of(str(error))) from error


def encode(request: Parameters) -> dict[str, str]:
    """Writes a request as wire parameters; fields at their default are left out."""
    return dict(written("", request))


@lru_cache(maxsize=1024)
def shape_of(kind: type[msgspec.Struct]) -> Shape:
    """Reads a type's fields and their forms, once."""
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    fields = tuple(field_of(field) for field in info.fields)
    return Shape(
        fields,
        {field.wire: field for field in fields},
        {field.wire.lower(): field.wire for field in fields},
    )


def field_of(field: inspect.Field) -> Field:
    form, inner, text = form_of(field.type)
    return Field(field.name, field.encode_name, form, field.required, text, inner)


def form_of(kind: inspect.Type) -> tuple[Form, type[msgspec.Struct] | None, bool]:
    """The wire form of a type, the struct inside it, and whether it is plain text."""
    if isinstance(kind, inspect.UnionType):
        kind = next(t for t in kind.types if not isinstance(t, inspect.NoneType))
    wire = ""
    while isinstance(kind, inspect.Metadata):
        wire = (kind.extra or {}).get("wire", wire)
        kind = kind.type
    inner = struct_in(kind)
    if wire == "json":
        return Form.JSON, None, False
    if wire == "comma":
        return Form.COMMA, None, False
    if isinstance(kind, inspect.VarTupleType | inspect.ListType):
        return Form.LIST, inner, False
    if inner is not None:
        return Form.OBJECT, inner, False
    return Form.PLAIN, None, isinstance(kind, inspect.StrType)


def struct_in(kind: inspect.Type) -> type[msgspec.Struct] | None:
    if isinstance(kind, inspect.VarTupleType | inspect.ListType):
        kind = kind.item_type
    return kind.cls if isinstance(kind, inspect.StructType) else None


def tree(parameters: Mapping[str, str], shape: Shape) -> dict[str, Node]:
    """Groups the parameters that the type knows by their dotted parts."""
    root: dict[str, Node] = {}
    for name, value in parameters.items():
        head, dot, rest = name.partition(".")
        if head in shape.by_wire:
            if dot:
                plant(root, [head, *rest.split(".")], value)
            else:
                root.setdefault(head, value)
    return root


def plant(root: dict[str, Node], parts: list[str], value: str) -> None:
    node = root
    for part in parts[:-1]:
        below = node.get(part)
        if not isinstance(below, dict):
            below = node[part] = {}
        node = below
    node.setdefault(parts[-1], value)


def struct_values(node: dict[str, Node], shape: Shape, path: str) -> dict[str, Any]:
    """The fields of one object, with lists gathered and JSON texts read."""
    values: dict[str, Any] = {}
    for field in shape.fields:
        raw = node.get(field.wire)
        if raw is None or (raw == "" and (field.required or not field.text)):
            if field.required:
                raise BadParameter(MISSING_PARAMETER, path + field.wire)
            continue
        values[field.wire] = field_value(field, raw, path + field.wire)
    return values


def field_value(field: Field, raw: Node, path: str) -> Any:
    match field.form, raw:
        case Form.LIST, dict():
            return list_values(field, raw, path)
        case Form.LIST, str():
            return [raw]
        case Form.OBJECT, dict():
            assert field.inner is not None
            shape = shape_of(field.inner)
            return struct_values(respelt(raw, shape), shape, path + ".")
        case Form.JSON, str():
            return json_value(raw, path)
        case Form.COMMA, str():
            return [part for part in raw.split(",") if part]
        case Form.PLAIN, str():
            return raw
        case _:
            raise BadParameter(INVALID_PARAMETER, path)


def list_values(field: Field, node: dict[str, Node], path: str) -> list[Any]:
    """The items in the order of their numbers; gaps close up, as the page names no rule for them."""
    if not all(key.isdigit() and len(key) < 6 for key in node):
        raise BadParameter(INVALID_PARAMETER, path)
    items = [(f"{path}.{key}", node[key]) for key in sorted(node, key=int)]
    if field.inner is None:
        return [item for _, item in items]
    shape = shape_of(field.inner)
    values = []
    for place, item in items:
        if not isinstance(item, dict):
            raise BadParameter(INVALID_PARAMETER, place)
        values.append(struct_values(respelt(item, shape), shape, place + "."))
    return values


def respelt(node: dict[str, Node], shape: Shape) -> dict[str, Node]:
    """Takes the older lower-case spelling of a field inside an object for the field."""
    if all(key in shape.by_wire for key in node):
        return node
    return {shape.twins.get(key, key): value for key, value in node.items()}


def json_value(text: str, path: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadParameter(INVALID_PARAMETER, path) from error


def place_of(message: str) -> str:
    """Turns msgspec's `$.DataDisk[0].Size` into the wire's `DataDisk.1.Size`."""
    found = PLACE.search(message)
    if found is None:
        return "parameters"
    return INDEX.sub(lambda index: f".{int(index[1]) + 1}", found[1])


def written(prefix: str, struct: Any) -> Iterator[tuple[str, str]]:
    """The wire parameters of one object, each name under `prefix`."""
    kind: type[msgspec.Struct] = type(struct)
    for field in shape_of(kind).fields:
        value = getattr(struct, field.attribute)
        if value is None or (not field.required and value == default_of(kind, field.attribute)):
            continue
        yield from written_field(prefix + field.wire, field.form, value)


def written_field(name: str, form: Form, value: Any) -> Iterator[tuple[str, str]]:
    match form:
        case Form.JSON:
            yield name, msgspec.json.encode(value).decode()
        case Form.COMMA:
            yield name, ",".join(value)
        case Form.LIST:
            for number, item in enumerate(value, 1):
                if isinstance(item, msgspec.Struct):
                    yield from written(f"{name}.{number}.", item)
                else:
                    yield f"{name}.{number}", plain(item)
        case Form.OBJECT:
            yield from written(f"{name}.", value)
        case Form.PLAIN:
            yield name, plain(value)


def plain(value: Any) -> str:
    """One value as the wire writes it: booleans in lower case."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.value if isinstance(value, Enum) else str(value)


@lru_cache(maxsize=4096)
def default_of(kind: type[msgspec.Struct], attribute: str) -> Any:
    """The default of an optional field."""
    for field in msgspec.structs.fields(kind):
        if field.name == attribute:
            if field.default_factory is not msgspec.NODEFAULT:
                return field.default_factory()
            return field.default
    raise AttributeError(attribute)
