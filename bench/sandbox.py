"""The sandbox against moto's server and a bare one: the first signed answer, small answers, lists of 100.

Both check nothing less than they always do: the sandbox verifies every signature and authorises every call,
moto verifies none. Callers and filters vary, and every 50th request writes. The list is compared at equal
bytes per answer, as moto's XML is longer. `list-vs-bare` compares lists for each second of the server's own
CPU, as a client in Python is slower than a bare server.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count, cycle, islice
from pathlib import Path
from typing import Any

from bench.row import Row, interleaved
from bench.wire import Connection, Key, Load, acs3, drive, sigv4

from imagefence.sandbox.birth import described, fresh_world

ECS, VPC, RAM = "2014-05-26", "2016-04-28", "2015-05-01"
REGION = "cn-hangzhou"
CONNECTIONS = 8
LIMIT_S = 4.0
REQUESTS = 12_000
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
WRITE_EVERY = 50
POLICY = {
    "Version": "1",
    "Statement": [
        {"Effect": "Allow", "Action": ["ecs:Describe*", "ecs:List*", "ecs:TagResources"], "Resource": "*"},
        {
            "Effect": "Deny",
            "Action": "ecs:DeleteInstance",
            "Resource": "*",
            "Condition": {"StringEquals": {"acs:ResourceTag/environment": "production"}},
        },
    ],
}


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def sandbox_command(port: int, ready: Path | None = None) -> list[str]:
    """How a user starts the sandbox."""
    more = ["--ready-file", str(ready)] if ready else []
    program = "from imagefence.cli.main import main; main()"
    return [sys.executable, "-c", program, "sandbox", "up", "--seed", "1", "--port", str(port), *more]


def moto_command(port: int) -> list[str]:
    """How a user starts moto's server."""
    script = shutil.which("moto_server", path=str(Path(sys.executable).parent))
    if script is None:
        raise RuntimeError("moto_server is not installed: pip install '.[bench]'")
    return [sys.executable, script, "-p", str(port)]


def bare_command(port: int, size: int) -> list[str]:
    """A server of the same library whose answer is ready."""
    return [sys.executable, "-m", "bench.bare", str(port), str(size)]


def cpu_s(server: subprocess.Popen[bytes]) -> float:
    """Seconds of CPU that a process has used (proc(5): fields 14 and 15 of its stat)."""
    fields = Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


@contextmanager
def process(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """A server process, ended at the end."""
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield server
    finally:
        server.terminate()
        server.wait(20)


def connected(endpoint: str, limit_s: float = 30) -> Connection:
    """Connects as soon as somebody listens."""
    end = time.perf_counter() + limit_s
    while True:
        try:
            return Connection(endpoint)
        except ConnectionRefusedError:
            if time.perf_counter() > end:
                raise
            time.sleep(0.002)


def start_ms(command: list[str], endpoint: str, request: Any) -> float:
    """Milliseconds from the start of the process to its first signed answer."""
    start = time.perf_counter()
    with process(command):
        connection = connected(endpoint)
        status, body = connection.ask(request())
        took = time.perf_counter() - start
        connection.close()
    if status != 200:
        raise RuntimeError(f"{status}: {body[:300]!r}")
    return took * 1000


def root_key() -> Key:
    """The root key of seed 1."""
    account = described(fresh_world(seed=1))
    return Key(account["access_key_id"], account["access_key_secret"])


def sandbox_start_ms() -> float:
    """Our time to the first signed answer."""
    port, key = free_port(), root_key()
    endpoint = f"127.0.0.1:{port}"
    return start_ms(sandbox_command(port), endpoint, lambda: acs3(endpoint, key, ECS, "DescribeRegions", {}))


def moto_start_ms() -> float:
    """Moto's time to the first signed answer."""
    port = free_port()
    endpoint = f"127.0.0.1:{port}"
    twin = {"Action": "DescribeRegions", "Version": "2016-11-15"}
    return start_ms(moto_command(port), endpoint, lambda: sigv4(endpoint, twin))


class Ours:
    """A sandbox with 100 instances and four RAM users who list them."""

    def __init__(self, endpoint: str, root: Key) -> None:
        self.endpoint, self.root = endpoint, root
        self.connections = [connected(endpoint) for _ in range(CONNECTIONS)]
        self.fill()
        self.users = [self.user(f"user-{number}") for number in range(4)]
        self.whole = len(self.answer(self.users[0], ECS, "DescribeInstances", self.filters()[0])) // 2

    def answer(self, key: Key, version: str, action: str, parameters: dict[str, str]) -> bytes:
        status, body = self.connections[0].ask(acs3(self.endpoint, key, version, action, parameters))
        if status != 200:
            raise RuntimeError(f"{action}: {status}: {body[:300]!r}")
        return body

    def call(self, version: str, action: str, **parameters: str) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.answer(self.root, version, action, parameters))
        return answer

    def fill(self) -> None:
        """A network and 100 instances, made by the API."""
        place = {"RegionId": REGION}
        self.vpc = self.call(VPC, "CreateVpc", **place, CidrBlock="10.0.0.0/8")["VpcId"]
        time.sleep(0.5)
        self.zone = self.call(ECS, "DescribeZones", **place)["Zones"]["Zone"][0]["ZoneId"]
        network = {"VpcId": self.vpc, "ZoneId": self.zone, "CidrBlock": "10.1.0.0/16"}
        self.vswitch = self.call(VPC, "CreateVSwitch", **place, **network)["VSwitchId"]
        group = self.call(ECS, "CreateSecurityGroup", **place, VpcId=self.vpc)["SecurityGroupId"]
        time.sleep(0.5)
        image = self.call(ECS, "DescribeImages", **place, PageSize="1")["Images"]["Image"][0]["ImageId"]
        launched = self.call(
            ECS,
            "RunInstances",
            **place,
            ImageId=image,
            InstanceType="ecs.g7.large",
            SecurityGroupId=group,
            VSwitchId=self.vswitch,
            Amount="100",
            InstanceName="bench",
            **{"Tag.1.Key": "team", "Tag.1.Value": "bench"},
        )
        self.ids = launched["InstanceIdSets"]["InstanceIdSet"]
        time.sleep(1)

    def user(self, name: str) -> Key:
        """A RAM user with a policy that allows the lists."""
        self.call(RAM, "CreateUser", UserName=name)
        self.call(RAM, "CreatePolicy", PolicyName=name, PolicyDocument=json.dumps(POLICY))
        self.call(RAM, "AttachPolicyToUser", PolicyType="Custom", PolicyName=name, UserName=name)
        made = self.call(RAM, "CreateAccessKey", UserName=name)["AccessKey"]
        return Key(made["AccessKeyId"], made["AccessKeySecret"])

    def filters(self) -> list[dict[str, str]]:
        """Filters that all find the 100 instances."""
        base = {"RegionId": REGION, "PageSize": "100"}
        return [
            base | more
            for more in (
                {"Status": "Running"},
                {"VpcId": self.vpc},
                {"VSwitchId": self.vswitch},
                {"ZoneId": self.zone},
                {"InstanceType": "ecs.g7.large"},
                {"Tag.1.Key": "team", "Tag.1.Value": "bench"},
                {"InstanceNetworkType": "vpc", "PageNumber": "1"},
                {"InstanceIds": json.dumps(self.ids)},
            )
        ]

    def requests(self) -> Iterator[bytes]:
        """Lists by changing callers and filters; every 50th request tags an instance."""
        users, filters, ids = cycle(self.users), cycle(self.filters()[:7]), cycle(self.ids)
        for number in count(1):
            user = next(users)
            if number % WRITE_EVERY:
                yield acs3(self.endpoint, user, ECS, "DescribeInstances", next(filters))
            else:
                tag = {"Tag.1.Key": "turn", "Tag.1.Value": str(number), "ResourceId.1": next(ids)}
                more = {"RegionId": REGION, "ResourceType": "instance"}
                yield acs3(self.endpoint, user, ECS, "TagResources", tag | more)

    def small(self) -> Iterator[bytes]:
        """One instance by its id, by changing callers; every 50th request tags it."""
        users, ids = cycle(self.users), cycle(self.ids)
        for number in count(1):
            user, wanted = next(users), next(ids)
            if number % WRITE_EVERY:
                one = {"RegionId": REGION, "InstanceIds": json.dumps([wanted])}
                yield acs3(self.endpoint, user, ECS, "DescribeInstances", one)
            else:
                tag = {"Tag.1.Key": "turn", "Tag.1.Value": str(number), "ResourceId.1": wanted}
                more = {"RegionId": REGION, "ResourceType": "instance"}
                yield acs3(self.endpoint, user, ECS, "TagResources", tag | more)

    def round(self) -> Load:
        """One round of lists."""
        return drive(self.connections, list(islice(self.requests(), REQUESTS)), LIMIT_S, self.whole)

    def small_per_second(self) -> float:
        """One round of small answers."""
        return drive(self.connections, list(islice(self.small(), REQUESTS)), LIMIT_S, 0).per_second


class Moto:
    """Moto's server with 100 instances."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.connections = [connected(endpoint) for _ in range(CONNECTIONS)]
        self.ids = self.fill()
        self.whole = len(self.connections[0].ask(self.signed("DescribeInstances"))[1]) // 2

    def signed(self, action: str, **parameters: str) -> bytes:
        return sigv4(self.endpoint, {"Action": action, "Version": "2016-11-15", **parameters})

    def fill(self) -> list[str]:
        """100 instances, made by the API."""
        amount = {"MinCount": "100", "MaxCount": "100", "ImageId": "ami-12c6146b"}
        more = {"InstanceType": "t2.micro", "TagSpecification.1.ResourceType": "instance"}
        tag = {"TagSpecification.1.Tag.1.Key": "team", "TagSpecification.1.Tag.1.Value": "bench"}
        status, body = self.connections[0].ask(self.signed("RunInstances", **amount, **more, **tag))
        if status != 200:
            raise RuntimeError(f"{status}: {body[:300]!r}")
        return [part.split(b"<")[0].decode() for part in body.split(b"<instanceId>")[1:]]

    def requests(self) -> Iterator[bytes]:
        """The same mix."""
        wanted = (("instance-state-name", "running"), ("tag:team", "bench"), ("instance-type", "t2.micro"))
        filters, ids = cycle(wanted), cycle(self.ids)
        for number in count(1):
            if number % WRITE_EVERY:
                name, value = next(filters)
                more = {"Filter.1.Name": name, "Filter.1.Value.1": value}
                yield self.signed("DescribeInstances", **more)
            else:
                tag = {"Tag.1.Key": "turn", "Tag.1.Value": str(number)}
                yield self.signed("CreateTags", **{"ResourceId.1": next(ids)}, **tag)

    def round(self) -> Load:
        """One round of lists."""
        return drive(self.connections, list(islice(self.requests(), 400)), LIMIT_S, self.whole)

    def small(self) -> Iterator[bytes]:
        """Regions, moto's quickest answer, as it has no state; every 50th request tags an instance."""
        for number, id_ in zip(count(1), cycle(self.ids), strict=False):
            if number % WRITE_EVERY:
                yield self.signed("DescribeRegions")
            else:
                tag = {"ResourceId.1": id_, "Tag.1.Key": "turn", "Tag.1.Value": str(number)}
                yield self.signed("CreateTags", **tag)

    def small_per_second(self) -> float:
        """One round of small answers."""
        return drive(self.connections, list(islice(self.small(), 2_000)), LIMIT_S, 0).per_second


def lists_per_cpu_s(server: subprocess.Popen[bytes], one_round: Callable[[], Load]) -> float:
    """Answers for each second of the server's own CPU in one round."""
    before = cpu_s(server)
    return one_round().requests / (cpu_s(server) - before)


def bare_round(connections: list[Connection], requests: list[bytes]) -> Load:
    """The very requests of the sandbox's round, to the bare server."""
    return drive(connections, requests, LIMIT_S, 0)


def against_bare(server: subprocess.Popen[bytes], ours: Ours) -> Row:
    """Measures the row `list-vs-bare`."""
    port, size = free_port(), ours.whole * 2
    with process(bare_command(port, size)) as bare:
        connections = [connected(f"127.0.0.1:{port}") for _ in range(CONNECTIONS)]
        requests = list(islice(ours.requests(), REQUESTS))
        return interleaved(
            "list-vs-bare",
            lambda: lists_per_cpu_s(server, ours.round),
            lambda: lists_per_cpu_s(bare, lambda: bare_round(connections, requests)),
            target=0.3,
            better="higher",
            peer=f"uvicorn, canned {size // 1000} kB",
            unit="lists/CPU-s",
        )


def rows() -> Iterator[Row]:
    """Measures the rows `start-vs-moto`, `list-vs-moto`, `small-vs-moto` and `list-vs-bare`."""
    yield interleaved(
        "start-vs-moto",
        sandbox_start_ms,
        moto_start_ms,
        target=0.4,
        better="lower",
        peer="moto_server",
        unit="ms",
    )
    our_port, moto_port = free_port(), free_port()
    with process(sandbox_command(our_port)) as server, process(moto_command(moto_port)):
        ours, moto = Ours(f"127.0.0.1:{our_port}", root_key()), Moto(f"127.0.0.1:{moto_port}")
        yield interleaved(
            "list-vs-moto",
            lambda: ours.round().bytes_per_second / 1e6,
            lambda: moto.round().bytes_per_second / 1e6,
            target=100,
            better="higher",
            peer="moto_server",
            unit="MB/s",
        )
        yield interleaved(
            "small-vs-moto",
            ours.small_per_second,
            moto.small_per_second,
            target=20,
            better="higher",
            peer="moto_server",
            unit="answers/s",
        )
        yield against_bare(server, ours)
