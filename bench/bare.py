"""A bare server of the sandbox's library: `python -m bench.bare PORT BYTES` answers a canned body.

It reads no query, knows no caller and keeps nothing: what is left is the cost of HTTP.
"""

from __future__ import annotations

import sys
from typing import Any

import uvicorn


def application(size: int) -> Any:
    """Gives an application that answers every request with the same `size` bytes."""
    body = b"x" * size
    headers = [(b"content-type", b"application/json"), (b"content-length", str(size).encode())]

    async def serve(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return serve


if __name__ == "__main__":
    port, size = map(int, sys.argv[1:])
    uvicorn.run(
        application(size),
        host="127.0.0.1",
        port=port,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
    )
