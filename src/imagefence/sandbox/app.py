"""The sandbox as an ASGI application: HTTP in, the pipeline, HTTP out."""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from imagefence.api import faults
from imagefence.api.operation import Fault
from imagefence.sandbox import behaviours  # noqa: F401 - binds every behaviour
from imagefence.sandbox.call import Refused
from imagefence.sandbox.control import PREFIX, controlled
from imagefence.sandbox.fault_draw import Struck, drawn
from imagefence.sandbox.fault_rules import FaultKind
from imagefence.sandbox.pipeline import Reply, new_request_id, refused, reply
from imagefence.sandbox.received import MAX_PARAMETERS, Received, received
from imagefence.sandbox.world import World

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

MAX_BODY_BYTES = 1 << 20


def application(world: World) -> Application:
    """Gives the application that serves one world."""

    async def serve(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = await read_body(receive)
        request = taken(scope, body or b"")
        if request.path.startswith(PREFIX):
            status, said = controlled(world, request)
            await sent(send, Reply(status, said))
            return
        struck = drawn(world, request)
        if struck and await hung_up(struck, scope, receive):
            return
        answer = answered(world, request, body, struck)
        if FaultKind.LOST_ANSWER in struck:
            await reset(scope, receive)
        else:
            await sent(send, answer)

    return serve


async def sent(send: Send, answer: Reply) -> None:
    """Sends an answer."""
    headers = [
        (b"content-type", answer.media_type.encode()),
        (b"content-length", str(len(answer.body)).encode()),
    ]
    if answer.retry_after_ms:
        headers.append((b"x-acs-retry-after", str(answer.retry_after_ms).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


async def hung_up(struck: Struck, scope: Message, receive: Receive) -> bool:
    """Lets fault rules keep a request waiting, or reset its connection, which is then told."""
    if FaultKind.LATENCY in struck:
        await asyncio.sleep(struck[FaultKind.LATENCY].milliseconds / 1000)
    if FaultKind.RESET not in struck:
        return False
    await reset(scope, receive)
    return True


async def reset(scope: Message, receive: Receive) -> None:
    """Resets the connection, and waits until the server has seen that it is gone."""
    scope["reset"]()
    while (await receive())["type"] != "http.disconnect":
        continue


async def read_body(receive: Receive) -> bytes | None:
    """Reads the body; None when it is larger than the sandbox takes."""
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return body if len(body) <= MAX_BODY_BYTES else None
    parts, size = [body], len(body)
    while message.get("more_body"):
        message = await receive()
        size += len(message.get("body", b""))
        if size <= MAX_BODY_BYTES:
            parts.append(message.get("body", b""))
    return b"".join(parts) if size <= MAX_BODY_BYTES else None


def taken(scope: Message, body: bytes) -> Received:
    """Takes a request over from the server."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    client = scope.get("client")
    return received(
        scope["method"],
        scope["path"],
        scope["query_string"],
        headers=headers,
        body=body,
        source_ip=client[0] if client else "127.0.0.1",
        secure=scope.get("scheme") == "https",
    )


def answered(world: World, request: Received, body: bytes | None, struck: Struck) -> Reply:
    """Answers one request, whatever happens."""
    try:
        fault = too_large(request, body)
        if fault is not None:
            return refused(request, Refused(fault), new_request_id(world))
        return reply(world, request, struck)
    except Exception as error:  # noqa: BLE001 - the outermost boundary: a client always gets an answer
        traceback.print_exception(error, file=sys.stderr)
        return refused(request, Refused(faults.INTERNAL_ERROR), new_request_id(world))


def too_large(request: Received, body: bytes | None) -> Fault | None:
    """The fault of a request beyond the limits."""
    if body is None:
        return faults.REQUEST_TOO_LARGE
    if len(request.query) + len(request.form) > MAX_PARAMETERS:
        return faults.TOO_MANY_PARAMETERS
    return None
