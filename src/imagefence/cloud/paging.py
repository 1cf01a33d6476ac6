"""The three kinds of paging, walked to the end.

Source: api overview pages of ECS, VPC, RAM and Resource Management (PageNumber, NextToken, Marker).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import msgspec

from imagefence.api.operation import Answer, Operation, Paging, Parameters

Req = TypeVar("Req", bound=Parameters)
Res = TypeVar("Res", bound=Answer)
Ask = Callable[[Req], Res]

# The largest page that each product takes, VPC fewer than the others; a request may ask for smaller ones.
PAGE_SIZE = 100
PAGE_SIZE_OF = {"Vpc": 50}
MAX_RESULTS_OF = {"Ecs": 100, "Tag": 1000}
MAX_ITEMS = 1000


def each_item(operation: Operation[Req, Res], request: Req, ask: Ask[Req, Res]) -> Iterator[Any]:
    """Yields every listed item of all pages; `ask` sends one request."""
    walk = WALKS.get(operation.paging) if operation.paging else None
    if walk is None:
        yield from listed(operation, ask(request))
    else:
        yield from walk(operation, request, ask)


def listed(operation: Operation[Any, Any], answer: Answer) -> tuple[Any, ...]:
    """Takes the listed objects out of an answer, along the operation's `items`."""
    value: Any = answer
    for name in operation.items.split("."):
        value = getattr(value, name)
    return tuple(value)


def by_page_number(operation: Operation[Req, Res], request: Req, ask: Ask[Req, Res]) -> Iterator[Any]:
    """Walks PageNumber until TotalCount items were seen, or a page is empty."""
    request = with_largest(request, "page_size", PAGE_SIZE_OF.get(operation.product.code, PAGE_SIZE))
    number, seen = 1, 0
    while True:
        answer = ask(msgspec.structs.replace(request, page_number=number))
        items = listed(operation, answer)
        yield from items
        number, seen = number + 1, seen + len(items)
        if not items or seen >= int(getattr(answer, "total_count", 0)):
            return


def by_next_token(operation: Operation[Req, Res], request: Req, ask: Ask[Req, Res]) -> Iterator[Any]:
    """Walks NextToken until an answer has none."""
    # Why: ECS pages by number, with no token in the answer, unless MaxResults is given.
    request = with_largest(request, "max_results", MAX_RESULTS_OF.get(operation.product.code, PAGE_SIZE))
    while True:
        answer = ask(request)
        yield from listed(operation, answer)
        token = getattr(answer, "next_token", "")
        if not token:
            return
        request = msgspec.structs.replace(request, next_token=token)


def by_marker(operation: Operation[Req, Res], request: Req, ask: Ask[Req, Res]) -> Iterator[Any]:
    """Walks Marker until an answer is not truncated."""
    request = with_largest(request, "max_items", MAX_ITEMS)
    while True:
        answer = ask(request)
        yield from listed(operation, answer)
        marker = getattr(answer, "marker", "")
        if not getattr(answer, "is_truncated", False) or not marker:
            return
        request = msgspec.structs.replace(request, marker=marker)


def with_largest(request: Req, attribute: str, largest: int) -> Req:
    """Asks for the largest page where the request has such a field and left it at its default."""
    for field in msgspec.structs.fields(request):
        if field.name == attribute and getattr(request, attribute) == field.default:
            return msgspec.structs.replace(request, **{attribute: max(largest, field.default or 0)})
    return request


WALKS: dict[Paging, Callable[..., Iterator[Any]]] = {
    Paging.PAGE_NUMBER: by_page_number,
    Paging.NEXT_TOKEN: by_next_token,
    Paging.MARKER: by_marker,
}
