"""Signed requests as bytes, and keep-alive connections that send them."""

from __future__ import annotations

import hashlib
import hmac
import socket
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

EMPTY = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True)
class Key:
    """An access key of the sandbox."""

    id: str
    secret: str


def acs3(endpoint: str, key: Key, version: str, action: str, parameters: dict[str, str]) -> bytes:
    """One request under ACS3-HMAC-SHA256 with a fresh nonce."""
    query = "&".join(f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in sorted(parameters.items()))
    headers = {
        "accept": "application/json",
        "host": endpoint,
        "user-agent": "AlibabaCloud (Linux; x86_64) Python/3.11 bench",
        "x-acs-action": action,
        "x-acs-content-sha256": EMPTY,
        "x-acs-credentials-provider": "static_ak",
        "x-acs-date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": uuid.uuid4().hex,
        "x-acs-version": version,
    }
    names = ";".join(headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    canonical = f"POST\n/\n{query}\n{lines}\n{names}\n{EMPTY}"
    text = "ACS3-HMAC-SHA256\n" + hashlib.sha256(canonical.encode()).hexdigest()
    signature = hmac.new(key.secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    headers["authorization"] = (
        f"ACS3-HMAC-SHA256 Credential={key.id},SignedHeaders={names},Signature={signature}"
    )
    headers["content-length"] = "0"
    return on_wire(f"POST /?{query} HTTP/1.1", headers, b"")


def sigv4(endpoint: str, parameters: dict[str, str]) -> bytes:
    """One EC2 request under SigV4, as boto3 would sign it."""
    body = "&".join(f"{k}={quote(v, safe='')}" for k, v in parameters.items()).encode()
    request = AWSRequest("POST", f"http://{endpoint}/", data=body)
    request.headers["Host"] = endpoint
    request.headers["Content-Type"] = "application/x-www-form-urlencoded"
    SigV4Auth(Credentials("AKIDEXAMPLE", "bench"), "ec2", "us-east-1").add_auth(request)
    headers = dict(request.headers.items()) | {"Content-Length": str(len(body))}
    return on_wire("POST / HTTP/1.1", headers, body)


def on_wire(line: str, headers: dict[str, str], body: bytes) -> bytes:
    """The bytes of one request."""
    return "\r\n".join([line, *(f"{k}: {v}" for k, v in headers.items()), "", ""]).encode() + body


class Connection:
    """One keep-alive connection; `send`, then `receive`."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.buffer = bytearray(1 << 20)
        self.closing = False
        self.connect()

    def connect(self) -> None:
        """Opens it."""
        host, port = self.endpoint.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), 30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, request: bytes) -> None:
        """Sends one request; anew where the server has announced to close, as moto's does each time."""
        if self.closing:
            self.close()
            self.connect()
        self.socket.sendall(request)

    def receive(self) -> tuple[int, bytes]:
        """Gives the status and the body of one answer."""
        view = memoryview(self.buffer)
        have, end = 0, -1
        while end < 0:
            have += self.more(view[have:])
            end = self.buffer.find(b"\r\n\r\n", 0, have)
        head = bytes(view[:end]).lower()
        self.closing = b"connection: close" in head
        length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        total = end + 4 + length
        if total > len(self.buffer):
            view.release()
            self.buffer.extend(bytes(total - len(self.buffer)))
            view = memoryview(self.buffer)
        while have < total:
            have += self.more(view[have:total])
        return int(head[9:12]), bytes(view[end + 4 : total])

    def more(self, view: memoryview) -> int:
        """Reads what has come."""
        count = self.socket.recv_into(view)
        if count == 0:
            raise ConnectionError("the server closed the connection")
        return count

    def ask(self, request: bytes) -> tuple[int, bytes]:
        """Sends and receives."""
        self.send(request)
        return self.receive()

    def close(self) -> None:
        """Closes it."""
        self.socket.close()


@dataclass(frozen=True)
class Load:
    """What a run of requests came to."""

    requests: int
    seconds: float
    bytes_of_lists: int
    lists: int

    @property
    def bytes_per_second(self) -> float:
        """Bytes of whole list answers a second: requests a second at equal bytes per answer."""
        return self.bytes_of_lists / self.seconds

    @property
    def per_second(self) -> float:
        """Answers of any size a second."""
        return self.requests / self.seconds


def drive(connections: list[Connection], requests: Iterable[bytes], limit_s: float, whole: int) -> Load:
    """Keeps all connections busy until requests or time end; answers below `whole` bytes are writes."""
    waiting = iter(requests)
    start = time.perf_counter()
    done = size = lists = 0
    going = True
    while going and time.perf_counter() - start < limit_s:
        sent = []
        for connection in connections:
            request = next(waiting, None)
            if request is None:
                going = False
                break
            connection.send(request)
            sent.append(connection)
        for connection in sent:
            status, body = connection.receive()
            if status != 200:
                raise RuntimeError(f"{status}: {body[:300]!r}")
            done += 1
            if len(body) >= whole:
                size += len(body)
                lists += 1
    return Load(done, time.perf_counter() - start, size, lists)
