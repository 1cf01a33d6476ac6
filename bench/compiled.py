"""The compiled engine's rows: `decide-cold-*`, `decide-run-instances`, `decide-hot-growth`, `compile-2000`.

Cold means that the names of the resources are new in every round. Both sides take ready-made requests and
parsed policies; cedarpy's figure is the better of its single and its batch call, on one set of all
statements. Both decide the same calls before any time is taken, and must agree on each.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cache
from importlib.metadata import version
from itertools import count
from typing import Any

import cedarpy
from bench.cedar import cedar_request, cedar_text, parsed
from bench.row import Row, interleaved
from bench.workload import ALICE, Event, Workload, each_once, fresh, names, workload

from imagefence.compiled.engine import Compiled, compile_policies
from imagefence.policy.request import Request

TARGETS = {20: 20.0, 200: 60.0, 2000: 400.0}
THEIR_CALLS = {20: 600, 200: 240, 2000: 60}  # a round, so that none lasts much over a tenth of a second
OUR_CALLS = 6000
LAUNCH = "ecs:RunInstances"
LAUNCHED = ("image", "securitygroup", "disk", "snapshot", "instance", "instance")  # resources of one launch
PEER = f"cedarpy {version('cedarpy')}"
SEEDS = count(1000)


class Peer:
    """cedarpy with the statements of a workload."""

    def __init__(self, given: Workload) -> None:
        self.policies, self.entities = parsed(cedar_text(given.alike()))

    def single(self, calls: list[dict[str, Any]]) -> list[bool]:
        """Decides one by one."""
        return [bool(cedarpy.is_authorized(call, self.policies, self.entities).allowed) for call in calls]

    def batch(self, calls: list[dict[str, Any]]) -> list[bool]:
        """Decides all at once."""
        found = cedarpy.is_authorized_batch(calls, self.policies, self.entities)
        return [bool(each.allowed) for each in found]

    def rate(self, calls: list[dict[str, Any]], at_once: int) -> float:
        """Decisions a second by the better of the two, the batch of so many calls."""
        batches = [calls[place : place + at_once] for place in range(0, len(calls), at_once)]
        single = per_second(self.single, [calls], len(calls))
        return max(single, per_second(self.batch, batches, len(calls)))


@cache
def given(statements: int) -> tuple[Compiled, Peer]:
    """Both engines on one workload, once they have been seen to decide alike."""
    work = workload(statements)
    ours, peer = compile_policies(work.policies()), Peer(work)
    events = fresh(THEIR_CALLS[statements], seed=7)
    wanted = peer.single([cedar_request(event) for event in events])
    differing = [
        event
        for event, allowed in zip(events, wanted, strict=True)
        if ours.authorize(event.request()).allowed is not allowed
    ]
    if differing or len(set(wanted)) < 2:
        raise AssertionError(f"{len(differing)} calls are decided differently, or all alike: {differing[:1]}")
    return ours, peer


def per_second(work: Callable[[Any], object], items: Iterable[Any], amount: int) -> float:
    """How much of the amount is done in a second."""
    begun = time.perf_counter()
    for item in items:
        work(item)
    return amount / (time.perf_counter() - begun)


def cold(statements: int) -> Row:
    """Decisions on names that are new each time."""
    ours, peer = given(statements)

    def mine() -> float:
        requests = [event.request() for event in fresh(OUR_CALLS, next(SEEDS))]
        return per_second(ours.authorize, requests, len(requests))

    def other() -> float:
        calls = [cedar_request(event) for event in fresh(THEIR_CALLS[statements], next(SEEDS))]
        return peer.rate(calls, len(calls))

    return faster(f"decide-cold-{statements}", mine, other, TARGETS[statements], "decisions/s")


def run_instances() -> Row:
    """One RunInstances with six resources against six decisions of cedarpy, at 200 statements."""
    ours, peer = given(200)
    for launch in launches(100):
        allowed = all(peer.single([cedar_request(event) for event in launch]))
        if ours.authorize(launch_request(launch)).allowed is not allowed:
            raise AssertionError(f"the two decide this launch differently: {launch}")

    def mine() -> float:
        requests = [launch_request(launch) for launch in launches(1000)]
        return per_second(ours.authorize, requests, len(requests))

    def other() -> float:
        calls = [cedar_request(event) for launch in launches(40) for event in launch]
        return peer.rate(calls, len(LAUNCHED)) / len(LAUNCHED)

    return faster("decide-run-instances", mine, other, TARGETS[200], "launches/s")


def launches(number: int) -> Iterator[list[Event]]:
    """The resources of launches, each with a name of its own."""
    for _ in range(number):
        seed = next(SEEDS)
        found = names(len(LAUNCHED), seed)
        whole = [launched(kind, name) for kind, name in zip(LAUNCHED, found, strict=True)]
        yield [replace(event, action=LAUNCH) for event in each_once(whole, seed)]


def launched(kind: str, name: str) -> str:
    """The name as that of an ECS resource of this kind."""
    _, _, region, account, relative = name.split(":", 4)
    return f"acs:ecs:{region}:{account}:{kind}/{relative.partition('/')[2]}"


def launch_request(launch: list[Event]) -> Request:
    """One request for all of them."""
    resources = tuple(resource for event in launch for resource in event.request().resources)
    return Request(ALICE, LAUNCH, resources)


def faster(id_: str, mine: Callable[[], float], other: Callable[[], float], target: float, unit: str) -> Row:
    """A row of two rates."""
    return interleaved(id_, mine, other, target=target, better="higher", peer=PEER, unit=unit, rounds=7)


def hot_growth() -> Row:
    """The time of a decision on names asked for again and again, at 2,000 statements and at 20."""
    requests = [event.request() for event in fresh(300, seed=5)] * 20

    def micros(statements: int) -> float:
        # Why: a pass takes some milliseconds, of which another process may take half.
        decide = given(statements)[0].authorize
        return 1e6 / max(per_second(decide, requests, len(requests)) for _ in range(3))

    return interleaved(
        "decide-hot-growth",
        lambda: micros(2000),
        lambda: micros(20),
        target=3.0,
        better="lower",
        peer="itself at 20 statements",
        unit="us",
        rounds=7,
    )


def compile_2000() -> Row:
    """Compiling parsed policies against cedarpy's parsing; the memory is that of the compiled form alone."""
    work = workload(2000)
    policies, text = work.policies(), cedar_text(work.alike())
    row = interleaved(
        "compile-2000",
        lambda: 1e3 / per_second(compile_policies, [policies], 1),
        lambda: 1e3 / per_second(parsed, [text], 1),
        target=1.0,
        better="lower",
        peer=PEER,
        unit="ms",
        rounds=7,
    )
    tracemalloc.start()
    kept = compile_policies(policies)
    memory = tracemalloc.get_traced_memory()[0] / 2**20
    tracemalloc.stop()
    return replace(row, ours=f"{row.ours}, {memory:.1f} MiB for {len(kept.plan.clauses)} clauses")


def rows() -> Iterator[Row]:
    """Measures them all."""
    yield from (cold(statements) for statements in TARGETS)
    yield run_instances()
    yield hot_growth()
    yield compile_2000()
