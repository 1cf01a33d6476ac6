"""Retrying, through a real proxy that cuts, throttles and stalls between the tool and the sandbox."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from imagefence.api.ecs_instances import RUN_INSTANCES, RunInstances
from imagefence.api.ecs_regions import DESCRIBE_REGIONS, DescribeRegions
from imagefence.api.ram_users import CREATE_USER, CreateUser
from imagefence.cloud.credentials import FixedCredential, Keys
from imagefence.cloud.endpoints import Endpoint
from imagefence.cloud.retry import Cut, Patience, Throttled
from imagefence.cloud.session import Session
from imagefence.errors import CloudFault, Unreachable

QUICK = Patience(attempts=4, first_s=0.01, longest_s=0.05)
THROTTLED = (
    b'{"RequestId":"R","Code":"Throttling.User","Message":"Request was denied due to user flow control."}'
)
BUSY = b'{"RequestId":"R","Code":"ServiceUnavailable","Message":"The request has failed."}'


class Proxy(ThreadingHTTPServer):
    """Passes requests on; `plan` names what happens to the next ones, then all pass."""

    daemon_threads = True

    def __init__(self, target: str, *plan: str) -> None:
        super().__init__(("127.0.0.1", 0), Passing)
        self.target = target
        self.plan = list(plan)
        self.seen: list[str] = []
        self.lock = threading.Lock()
        self.endpoint = f"127.0.0.1:{self.server_address[1]}"

    def next_fate(self, action: str) -> str:
        with self.lock:
            self.seen.append(action)
            return self.plan.pop(0) if self.plan else "pass"


class Passing(BaseHTTPRequestHandler):
    """One connection of the proxy."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        proxy = self.server
        assert isinstance(proxy, Proxy)
        fate = proxy.next_fate(self.headers["x-acs-action"])
        if fate == "throttle":
            self.answer(400, THROTTLED)
        elif fate == "throttle for 300 ms":
            self.answer(400, THROTTLED, {"x-acs-retry-after": "300"})
        elif fate == "busy":
            self.answer(503, BUSY)
        elif fate == "page":
            self.answer(200, b"<html>welcome</html>")
        elif fate == "error page":
            self.answer(502, b"<html>bad gateway</html>")
        elif fate == "cut before":
            self.close_connection = True
        else:
            status, body = forward(proxy.target, self)
            if fate == "cut after":
                self.close_connection = True
            else:
                self.answer(status, body)

    def answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Stays silent."""


def forward(target: str, request: BaseHTTPRequestHandler) -> tuple[int, bytes]:
    """Sends a request on as it came, its signed Host included."""
    connection = HTTPConnection(target)
    connection.putrequest("POST", request.path, skip_host=True, skip_accept_encoding=True)
    for name, value in request.headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    response = connection.getresponse()
    status, body = response.status, response.read()
    connection.close()
    return status, body


@pytest.fixture
def through(sandbox: Any) -> Iterator[Callable[..., tuple[Session, Proxy]]]:
    """Gives `through("cut after", …)`: a session behind a proxy with that plan."""
    proxies: list[Proxy] = []

    def open_through(*plan: str) -> tuple[Session, Proxy]:
        proxy = Proxy(sandbox.endpoint, *plan)
        proxies.append(proxy)
        threading.Thread(target=proxy.serve_forever, args=(0.02,), daemon=True).start()
        keys = Keys(sandbox.access_key_id, sandbox.access_key_secret)
        return Session(FixedCredential(keys), "cn-hangzhou", Endpoint(proxy.endpoint, "HTTP"), QUICK), proxy

    yield open_through
    for proxy in proxies:
        proxy.shutdown()
        proxy.server_close()


def launch_request(sandbox: Any, name: str) -> RunInstances:
    """A launch that needs a VPC, made by the official SDK."""
    vpc, models = sandbox.client("vpc"), sandbox.models("vpc")
    ecs, ecs_models = sandbox.client("ecs"), sandbox.models("ecs")
    vpc_id = vpc.create_vpc(
        models.CreateVpcRequest(region_id="cn-hangzhou", cidr_block="10.0.0.0/8")
    ).body.vpc_id
    wanted = models.DescribeVpcsRequest(region_id="cn-hangzhou", vpc_id=vpc_id)
    until(lambda: vpc.describe_vpcs(wanted).body.vpcs.vpc[0].status == "Available")
    switch = vpc.create_vswitch(
        models.CreateVSwitchRequest(
            region_id="cn-hangzhou", vpc_id=vpc_id, zone_id="cn-hangzhou-h", cidr_block="10.0.0.0/24"
        )
    ).body.v_switch_id
    group = ecs.create_security_group(
        ecs_models.CreateSecurityGroupRequest(region_id="cn-hangzhou", vpc_id=vpc_id)
    ).body.security_group_id
    images = ecs.describe_images(
        ecs_models.DescribeImagesRequest(region_id="cn-hangzhou", architecture="x86_64")
    ).body.images.image
    return RunInstances(
        region_id="cn-hangzhou",
        image_id=images[0].image_id,
        instance_type="ecs.g6.large",
        v_switch_id=switch,
        security_group_id=group,
        instance_name=name,
    )


def until(true: Callable[[], bool]) -> None:
    """Waits for the sandbox, which takes its time as the cloud does."""
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def instances_named(sandbox: Any, name: str) -> list[str]:
    """What the official SDK sees."""
    models = sandbox.models("ecs")
    request = models.DescribeInstancesRequest(region_id="cn-hangzhou", instance_name=name)
    found = sandbox.client("ecs").describe_instances(request).body.instances.instance
    return [one.instance_id for one in found]


@pytest.mark.parametrize("fate", ["cut after", "cut before"])
def test_a_cut_launch_makes_exactly_one_instance(sandbox: Any, through: Any, fate: str) -> None:
    name = fate.replace(" ", "-")
    session, proxy = through(fate)

    answer = session.call(RUN_INSTANCES, launch_request(sandbox, name))

    assert proxy.seen == ["RunInstances", "RunInstances"]
    assert instances_named(sandbox, name) == list(answer.instance_id_sets.instance_id_set)
    assert len(answer.instance_id_sets.instance_id_set) == 1


def test_a_cut_launch_whose_answer_is_lost_twice_still_makes_one(sandbox: Any, through: Any) -> None:
    session, proxy = through("cut after", "busy", "throttle")

    answer = session.call(RUN_INSTANCES, launch_request(sandbox, "thrice"))

    assert len(proxy.seen) == 4
    assert instances_named(sandbox, "thrice") == list(answer.instance_id_sets.instance_id_set)


def test_a_cut_write_without_a_token_is_reported_and_not_repeated(sandbox: Any, through: Any) -> None:
    session, proxy = through("cut after")

    with pytest.raises(Cut) as error:
        session.call(CREATE_USER, CreateUser(user_name="once"))

    assert proxy.seen == ["CreateUser"]
    assert "look before you repeat it" in error.value.help
    models = sandbox.models("ram")
    assert (
        sandbox.client("ram").get_user(models.GetUserRequest(user_name="once")).body.user.user_name == "once"
    )


def test_a_throttled_write_did_nothing_and_is_repeated(through: Any) -> None:
    session, proxy = through("throttle", "throttle")

    assert session.call(CREATE_USER, CreateUser(user_name="patient")).user.user_name == "patient"
    assert proxy.seen == ["CreateUser"] * 3


def test_the_pause_that_the_cloud_asks_for_is_kept(through: Any) -> None:
    session, proxy = through("throttle for 300 ms")

    began = time.monotonic()
    session.call(DESCRIBE_REGIONS, DescribeRegions())

    assert time.monotonic() - began >= 0.3
    assert len(proxy.seen) == 2


def test_patience_ends(through: Any) -> None:
    session, proxy = through(*["throttle"] * 9)

    with pytest.raises(Throttled, match=r"400 Throttling.User"):
        session.call(DESCRIBE_REGIONS, DescribeRegions())

    assert len(proxy.seen) == QUICK.attempts


def test_a_busy_cloud_is_asked_again_for_reads_alone(through: Any) -> None:
    session, proxy = through("busy", "cut before")
    assert session.call(DESCRIBE_REGIONS, DescribeRegions()).regions.region
    assert len(proxy.seen) == 3

    session, proxy = through("busy")
    with pytest.raises(CloudFault, match="503 ServiceUnavailable"):
        session.call(CREATE_USER, CreateUser(user_name="unsure"))
    assert len(proxy.seen) == 1


def test_a_page_of_something_else_is_no_answer(through: Any) -> None:
    session, _ = through("page")

    with pytest.raises(Unreachable, match="not what this operation gives") as error:
        session.call(DESCRIBE_REGIONS, DescribeRegions())

    assert "endpoint" in error.value.help


def test_an_error_page_of_a_proxy_is_told(through: Any) -> None:
    session, proxy = through(*["error page"] * 9)

    with pytest.raises(Cut, match="what came back is not the cloud's JSON"):
        session.call(DESCRIBE_REGIONS, DescribeRegions())

    assert len(proxy.seen) == QUICK.attempts


def test_a_closed_port_is_told_after_all_tries(sandbox: Any) -> None:
    keys = Keys(sandbox.access_key_id, sandbox.access_key_secret)
    session = Session(FixedCredential(keys), "cn-hangzhou", Endpoint("127.0.0.1:1", "HTTP"), QUICK)

    with pytest.raises(Cut, match="no answer: connection refused") as error:
        session.call(CREATE_USER, CreateUser(user_name="nobody"))

    assert error.value.sent is False
    assert "network" in error.value.help
