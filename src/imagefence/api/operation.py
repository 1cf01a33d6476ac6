"""The form of a declaration: one value per cloud operation, from which everything else is derived."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Annotated, Generic, TypeVar

import msgspec


class Parameters(msgspec.Struct, frozen=True, kw_only=True, rename="pascal", omit_defaults=True):
    """Base of request types: a field without default is required; `SystemDisk.Size` is a nested struct."""


class Answer(msgspec.Struct, kw_only=True, rename="pascal"):
    """Base of response types and of their items; every field has a default, as the wire may leave it out."""

    request_id: str = ""


class Item(msgspec.Struct, kw_only=True, rename="pascal"):
    """Base of the objects inside answers."""


# A list written as JSON text in one parameter (`InstanceIds=["i-1"]`), and one written with commas.
JsonList = Annotated[tuple[str, ...], msgspec.Meta(extra={"wire": "json"})]
JsonMap = Annotated[dict[str, str], msgspec.Meta(extra={"wire": "json"})]
CommaList = Annotated[tuple[str, ...], msgspec.Meta(extra={"wire": "comma"})]

Req = TypeVar("Req", bound=Parameters)
Res = TypeVar("Res", bound=Answer)


@dataclass(frozen=True, slots=True)
class Fault:
    """An error answer: HTTP status, code, and message with `{name}` places to fill in."""

    status: int
    code: str
    message: str


class Access(Enum):
    """Whether an operation changes anything."""

    READ = "read"
    WRITE = "write"


class Paging(Enum):
    """How an operation's list is paged (by page number, by token, or by marker)."""

    PAGE_NUMBER = "PageNumber/PageSize"
    NEXT_TOKEN = "NextToken/MaxResults"  # noqa: S105 - a paging style, not a secret
    MARKER = "Marker/MaxItems"


@dataclass(frozen=True, slots=True)
class Product:
    """A product on the wire; `region_in_names` is False where resource names carry `*` as region."""

    code: str
    version: str
    ram_code: str
    denial: Fault
    region_in_names: bool = True


@dataclass(frozen=True, slots=True)
class Authorized:
    """One resource (or list of them) that an operation authorises.

    `kind` is the word before the slash (`image`), `*` for the bare name of operations without
    resource-level authorisation, `arn` where the parameter holds whole names, or `{resource_type}` to
    take it from that request attribute. `of` is the attribute path that holds the id or ids
    (`image_id`, `data_disk.snapshot_id`); without it the name is `<kind>/*`. A parameter that the call
    leaves out adds no resource unless `otherwise` gives the relative id to use (`*`). `via` follows an
    attribute of the named object, which is of kind `at` (the `vpc_id` of a `vswitch`). `new` marks a
    resource still to be created. `action` is another action than the operation's own to ask for. `always`
    marks a kind that every call has though no one parameter is required (an image by id or by family).
    """

    kind: str
    of: str = ""
    service: str = ""
    otherwise: str = ""
    at: str = ""
    via: str = ""
    new: bool = False
    action: str = ""
    always: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Operation(Generic[Req, Res]):
    """A cloud operation: its types, what it authorises, the keys it feeds, its faults and its page.

    `authorizes` is mandatory; an empty tuple says that no permission is asked (GetCallerIdentity).
    `items` is the attribute path of the listed objects in the answer, for paging.
    """

    product: Product
    name: str
    request: type[Req]
    response: type[Res]
    access: Access
    authorizes: tuple[Authorized, ...]
    doc: str
    keys: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    paging: Paging | None = None
    items: str = ""

    @property
    def action(self) -> str:
        """The RAM action, such as `ecs:RunInstances`."""
        return f"{self.product.ram_code}:{self.name}"

    @property
    def mandatory(self) -> tuple[Authorized, ...]:
        """What every call asks for under the operation's own action, whatever parameters it leaves out."""
        required = required_of(self.request)
        return tuple(
            each
            for each in self.authorizes
            if each.action in ("", self.action)
            and (not each.of or each.otherwise or each.always or each.of.partition(".")[0] in required)
        )


@lru_cache(maxsize=512)
def required_of(request: type[Parameters]) -> frozenset[str]:
    """The attributes of a request type that every call must give."""
    return frozenset(each.name for each in msgspec.structs.fields(request) if each.required)
