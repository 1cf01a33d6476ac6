"""The sandbox's own door beside the cloud's: health for everybody, settings for who has the token.

Paths begin with `/_imagefence/`, which no API of the cloud does; the token stands in the ready file.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from imagefence.errors import InputError
from imagefence.sandbox.fault_rules import number, read_rules, shown
from imagefence.sandbox.received import Received
from imagefence.sandbox.world import World
from imagefence.scope.reader import read_yaml

PREFIX = "/_imagefence/"
TOKEN_HEADER = "x-imagefence-token"  # noqa: S105 - the name of a header, not a secret
LARGEST_SEED = 1 << 63
Said = tuple[int, dict[str, Any]]
encode = msgspec.json.Encoder().encode


def controlled(world: World, request: Received) -> tuple[int, bytes]:
    """Answers a request to the sandbox itself: the status, and a body in JSON."""
    status, said = answer(world, request)
    return status, encode(said)


def answer(world: World, request: Received) -> Said:
    """Finds what a path and a method stand for."""
    path = request.path.removeprefix(PREFIX)
    if path == "health":
        return 200, {"status": "ok", "accounts": len(world.accounts)}
    methods = ROUTES.get(path)
    if methods is None:
        return 404, {"error": f"no path `{path}`", "help": f"there are: health, {', '.join(ROUTES)}"}
    given = request.headers.get(TOKEN_HEADER, "")
    if not hmac.compare_digest(given.encode(), world.control_token.encode()):
        return 401, {"error": f"{TOKEN_HEADER} is missing or wrong", "help": "the ready file holds it"}
    act = methods.get(request.method)
    if act is None:
        return 405, {"error": f"`{path}` takes {', '.join(methods)}", "help": ""}
    try:
        return act(world, request)
    except InputError as error:
        return 400, {"error": str(error), "help": error.help}


def get_faults(world: World, _: Received) -> Said:
    """The fault rules in force."""
    pairs = zip(world.faults.rules, world.faults.left, strict=True)
    return 200, {"faults": [shown(rule, left) for rule, left in pairs]}


def put_faults(world: World, request: Received) -> Said:
    """Replaces the fault rules; `?seed=N` begins the draw at N."""
    try:
        text = request.body.decode()
    except UnicodeDecodeError:
        raise InputError("the rules are not UTF-8 text") from None
    seed = request.parameters.get("seed")
    begun = None if seed is None else number(read_yaml(seed, "seed"), int, 0, LARGEST_SEED)
    world.faults.become(read_rules(text, "faults"), begun)
    return get_faults(world, request)


def delete_faults(world: World, request: Received) -> Said:
    """Ends all faults."""
    world.faults.become(())
    return get_faults(world, request)


Act = Callable[[World, Received], Said]
ROUTES: Mapping[str, Mapping[str, Act]] = {
    "faults": {"GET": get_faults, "PUT": put_faults, "DELETE": delete_faults}
}
