"""The sandbox against moto's server: time to the first signed answer, and lists of 100 instances.

Both check nothing less than they always do: the sandbox verifies every signature and authorises every call,
moto verifies none. Callers and filters vary, and every 50th request writes. The list is compared at equal
bytes per answer, as moto's XML is longer.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count, cycle, islice
from pathlib import Path
from typing import Any

from bench.row import Row, interleaved
from bench.wire import Connection, Key, acs3, drive, sigv4

from imagefence.sandbox.birth import described, fresh_world

ECS, VPC, RAM = "2014-05-26", "2016-04-28", "2015-05-01"
REGION = "cn-hangzhou"
CONNECTIONS = 8
LIMIT_S = 4.0
REQUESTS = 12_000
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

    def bytes_per_second(self) -> float:
        """One round."""
        ready = list(islice(self.requests(), REQUESTS))
        return drive(self.connections, ready, LIMIT_S, self.whole).bytes_per_second


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

    def bytes_per_second(self) -> float:
        """One round."""
        ready = list(islice(self.requests(), 400))
        return drive(self.connections, ready, LIMIT_S, self.whole).bytes_per_second


def rows() -> Iterator[Row]:
    """Measures the rows `sandbox-start` and `sandbox-list`."""
    yield interleaved(
        "sandbox-start",
        sandbox_start_ms,
        moto_start_ms,
        target=0.5,
        better="lower",
        peer="moto_server",
        unit="ms",
    )
    our_port, moto_port = free_port(), free_port()
    with process(sandbox_command(our_port)), process(moto_command(moto_port)):
        ours, moto = Ours(f"127.0.0.1:{our_port}", root_key()), Moto(f"127.0.0.1:{moto_port}")
        yield interleaved(
            "sandbox-list",
            lambda: ours.bytes_per_second() / 1e6,
            lambda: moto.bytes_per_second() / 1e6,
            target=50,
            better="higher",
            peer="moto_server",
            unit="MB/s",
        )
