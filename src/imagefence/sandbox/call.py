"""What a behaviour function receives, how it refuses, and how it binds to its operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from imagefence.api.operation import Answer, Fault, Operation, Parameters
from imagefence.policy.request import Principal
from imagefence.sandbox.world import AccessKey, Account, World

Req = TypeVar("Req", bound=Parameters)
Res = TypeVar("Res", bound=Answer)


class Refused(Exception):  # noqa: N818 - an answer of the cloud, not an error of ours
    """The cloud's own error answer, raised by behaviour and rendered by the pipeline."""

    def __init__(self, fault: Fault, *, denied: Mapping[str, str] | None = None, **fields: str) -> None:
        super().__init__(fault.code)
        self.fault = fault
        self.message = fault.message.format(**fields) if fields else fault.message
        self.denied = denied  # the AccessDeniedDetail, where RAM has refused


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated call; `region_id` is the request's own, empty for global products."""

    world: World
    account: Account
    key: AccessKey
    principal: Principal
    region_id: str
    now: datetime
    request_id: str


class Taggable(Protocol):
    """What the gate needs of an object in the world: its tags and its owner."""

    tags: dict[str, str]
    owner: str


Perform = Callable[[Call, Any], Answer]
Find = Callable[[Call, str], "Taggable | None"]

PERFORMS: dict[Operation[Any, Any], Perform] = {}
FINDS: dict[str, Find] = {}


def performs(
    operation: Operation[Req, Res],
) -> Callable[[Callable[[Call, Req], Res]], Callable[[Call, Req], Res]]:
    """Binds a behaviour to the declared operation itself, never to a string."""

    def bind(function: Callable[[Call, Req], Res]) -> Callable[[Call, Req], Res]:
        PERFORMS[operation] = function
        return function

    return bind


def finds(kind: str) -> Callable[[Find], Find]:
    """Registers how an authorised resource of a kind (`image`, `vswitch`, `user`) is found by its id.

    The function gets the call and the relative id after `<kind>/` and gives the object the caller's
    authorisation sees, or None where there is none.
    """

    def bind(function: Find) -> Find:
        FINDS[kind] = function
        return function

    return bind
