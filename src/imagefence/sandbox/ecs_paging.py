"""Paging by number and by token."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, Protocol, TypeVar

from imagefence.api.faults import INVALID_PARAMETER
from imagefence.sandbox.call import Refused
from imagefence.sandbox.compute import Stateful

T = TypeVar("T")
S = TypeVar("S", bound=Stateful)
Place = tuple[datetime, str]


class Paged(Protocol):
    """A request that can be paged both ways."""

    @property
    def page_number(self) -> int: ...
    @property
    def page_size(self) -> int: ...
    @property
    def next_token(self) -> str: ...
    @property
    def max_results(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """The objects of one page, and the token of the next or an empty text."""

    items: Sequence[T]
    total: int
    next_token: str = ""


def numbered(found: Sequence[T], number: int, size: int) -> Page[T]:
    """A page by number, from 1; one beyond the end is empty."""
    return Page(found[(number - 1) * size : number * size], len(found))


def tokened(found: Sequence[S], token: str, size: int) -> Page[S]:
    """The page after the object that the token names, in the order of creation and id.

    The token survives that the named object goes away between two calls.
    """
    ordered = sorted(found, key=place)
    if token:
        after = read_token(token)
        ordered = [item for item in ordered if place(item) > after]
    items = ordered[:size]
    more = len(ordered) > size
    return Page(items, len(found), write_token(place(items[-1])) if more else "")


def either(found: Sequence[S], request: Paged, size: int) -> Page[S]:
    """A page by token where the request has a token or MaxResults, else by number."""
    if request.next_token or request.max_results is not None:
        return tokened(found, request.next_token, request.max_results or size)
    return numbered(found, request.page_number, request.page_size)


def place(item: Stateful) -> Place:
    """Where an object stands in the order of pages."""
    return item.created, item.id


def write_token(place: Place) -> str:
    return urlsafe_b64encode(f"{place[0].isoformat()}|{place[1]}".encode()).decode()


def read_token(token: str) -> Place:
    """Reads a token; refuses one that was not written here."""
    try:
        created, _, item_id = urlsafe_b64decode(token.encode("ascii")).decode().partition("|")
        return datetime.fromisoformat(created).replace(tzinfo=UTC), item_id
    except (BadBase64, ValueError):
        raise Refused(INVALID_PARAMETER, name="NextToken") from None
