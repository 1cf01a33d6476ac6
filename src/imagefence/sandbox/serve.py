"""Serves a world on a socket: in the foreground until a signal, or in a thread."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from imagefence.api import faults
from imagefence.errors import InputError
from imagefence.sandbox.app import application
from imagefence.sandbox.birth import described
from imagefence.sandbox.world import World


class Protocol(HttpToolsProtocol):
    """HTTP whose answer to bytes that are no request is the cloud's error, as clients insist on JSON."""

    def on_message_begin(self) -> None:
        """Hands the application a way to reset the connection."""
        super().on_message_begin()
        self.scope["reset"] = self.reset  # type: ignore[typeddict-unknown-key]

    def reset(self) -> None:
        """Ends the connection by a reset instead of a goodbye."""
        # Why: a linger time of zero drops what waits to be sent (socket(7)), so that the other side sees RST.
        self.transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        self.transport.abort()

    def send_400_response(self, msg: str) -> None:
        """Answers `msg` and closes."""
        fault = faults.MALFORMED_REQUEST
        body = json.dumps({"RequestId": "", "HostId": "", "Code": fault.code, "Message": msg}).encode()
        head = f"HTTP/1.1 {fault.status} Bad Request\r\ncontent-type: application/json\r\n"
        head += f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        self.transport.write(head.encode() + body)
        self.transport.close()


class Server(uvicorn.Server):
    """A server that says when it has begun to answer."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self.on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts to listen, then tells."""
        await super().startup(sockets)
        self.on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stops, and drops what waits for the other side's goodbye, as TLS does."""
        await super().shutdown(sockets)
        for connection in list(self.server_state.connections):
            if connection.transport is not None:
                connection.transport.abort()
        await asyncio.sleep(0.01)


class Running:
    """A sandbox in a thread of this process; `stop` ends it."""

    def __init__(
        self, world: World, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None
    ) -> None:
        self.world = world
        self.listener = listen(host, port)
        self.endpoint = endpoint_of(self.listener)
        ready = threading.Event()
        self.server = Server(configured(world, tls), ready.set)
        self.thread = threading.Thread(target=self.server.run, args=([self.listener],), daemon=True)
        self.thread.start()
        ready.wait(10)

    def stop(self) -> None:
        """Stops answering and waits for the thread."""
        self.server.should_exit = True
        self.thread.join(10)
        self.listener.close()


def start(
    world: World,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    ready_file: Path | None = None,
    on_ready: Callable[[str], None] = lambda _: None,
    tls: ssl.SSLContext | None = None,
    ca_file: Path | None = None,
) -> None:
    """Serves until SIGTERM or SIGINT; `on_ready` gets the endpoint once it answers.

    The ready file names `ca_file` as what clients must trust.
    """
    with listen(host, port) as listener:
        endpoint = endpoint_of(listener)

        def ready() -> None:
            if ready_file is not None:
                told = {"endpoint": endpoint, "protocol": "HTTPS" if tls else "HTTP", **described(world)}
                hand_over(ready_file, {**told, "ca_file": str(ca_file.absolute())} if ca_file else told)
            on_ready(endpoint)

        # Why: the server raises a signal again after it has stopped; a clean end is no death by signal.
        signal.signal(signal.SIGTERM, lambda *_: None)
        signal.signal(signal.SIGINT, lambda *_: None)
        Server(configured(world, tls), ready).run([listener])


def configured(world: World, tls: ssl.SSLContext | None) -> uvicorn.Config:
    """The server's settings: no log, no headers of its own, as little as a request needs."""
    config = uvicorn.Config(
        application(world),
        http=Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )
    config.load()
    # Why: the library takes a certificate from files alone, and this one's key need never be in one.
    config.ssl = tls
    return config


def listen(host: str, port: int) -> socket.socket:
    """Binds the socket first, so that nobody can take the port between choosing and serving."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(512)
    except OSError:
        listener.close()
        raise
    listener.set_inheritable(False)
    return listener


def endpoint_of(listener: socket.socket) -> str:
    """`host:port` as clients write it."""
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def hand_over(path: Path, told: dict[str, Any]) -> None:
    """Writes the ready file; a place that can't be written is the user's error."""
    try:
        write_ready_file(path, told)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise InputError(f"can't write `{path}`: {why}", help="give another --ready-file") from error


def write_ready_file(path: Path, told: dict[str, Any]) -> None:
    """Writes the file at once and whole, readable by its owner alone, as it holds a secret."""
    if path.exists() and not path.is_file():
        # Why: a pipe or a device, such as /dev/stdout, is written to; a file must not take its place.
        with path.open("w") as pipe:
            json.dump(told, pipe)
        return
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(told, file)
    unfinished.replace(path)
