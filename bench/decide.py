"""`decide-20`: one decision of the readable rules against cedarpy's `is_authorized`, on twenty statements.

Both get their policies parsed beforehand, decide the same requests in turn, and must agree on each. The rows
of the compiled engine follow (compiled.py).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Any

import cedarpy
from bench import compiled
from bench.row import Row, interleaved

from imagefence.policy.authorize import authorize
from imagefence.policy.document import PolicyKind
from imagefence.policy.parse import parse
from imagefence.policy.policies import AttachedPolicy, Policies
from imagefence.policy.request import Principal, PrincipalKind, Request, Resource

ACCOUNT = "1000000000000001"
ALICE = f"acs:ram::{ACCOUNT}:user/alice"
PRINCIPAL = Principal(PrincipalKind.USER, ALICE, ACCOUNT)
SERVICES = ("ecs", "vpc", "oss", "rds", "slb", "ram")
Call = tuple[str, str, str]


def statements() -> list[dict[str, Any]]:
    """Twenty statements as accounts have them: service-wide, by operation, by prefix of a name, by tag."""
    found: list[dict[str, Any]] = []
    for n in range(18):
        service = SERVICES[n % len(SERVICES)]
        found.append(
            {
                "Effect": "Deny" if n % 6 == 5 else "Allow",
                "Action": [f"{service}:Describe{n}", f"{service}:Get{n}*"],
                "Resource": f"acs:{service}:*:*:instance/team{n}-*",
            }
        )
    found.append(
        {
            "Effect": "Deny",
            "Action": "ecs:DeleteInstance",
            "Resource": "*",
            "Condition": {"StringEquals": {"acs:ResourceTag/keep": "true"}},
        }
    )
    found.append({"Effect": "Allow", "Action": "ecs:*", "Resource": "acs:ecs:*:*:instance/*"})
    return found


def cedar_policies() -> str:
    """The same twenty statements in Cedar."""
    texts = []
    for statement in statements():
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        tests = [" || ".join(f"context.action like {json.dumps(action)}" for action in actions)]
        if statement["Resource"] != "*":
            tests.append(f"context.name like {json.dumps(statement['Resource'])}")
        if "Condition" in statement:
            tests.append('context.keep == "true"')
        effect = "permit" if statement["Effect"] == "Allow" else "forbid"
        when = " && ".join(f"({test})" for test in tests)
        texts.append(f"{effect}(principal, action, resource) when {{ {when} }};")
    return "\n".join(texts)


def calls() -> list[Call]:
    """Action, resource and `keep` tag of the calls, allowed and denied, with many names."""
    found: list[Call] = []
    for n in range(200):
        name = f"acs:ecs:cn-hangzhou:{ACCOUNT}:instance/i-{n}"
        found.append(("ecs:StartInstance", name, ""))
        found.append(("ecs:DeleteInstance", name, "true" if n % 2 else ""))
        found.append((f"oss:Get{n % 18}Object", f"acs:oss:*:{ACCOUNT}:instance/team{n % 18}-{n}", ""))
        found.append(("rds:Stop", f"acs:rds:cn-hangzhou:{ACCOUNT}:instance/rm-{n}", ""))
    return found


def ours() -> Callable[[Call], bool]:
    """Decides by the core; a call becomes a request inside the measured time, as at a gate."""
    text = json.dumps({"Version": "1", "Statement": statements()})
    policies = Policies(identity=(AttachedPolicy("bench", parse(text, PolicyKind.IDENTITY)),))

    def decide(call: Call) -> bool:
        action, name, keep = call
        resource = Resource(name, {"keep": keep} if keep else {})
        return authorize(Request(PRINCIPAL, action, (resource,)), policies).allowed

    return decide


def theirs() -> Callable[[Call], bool]:
    """Decides by cedarpy, in its fastest form: parsed policies and entities, context as a dict."""
    policies = cedarpy.PolicySet.from_str(cedar_policies())
    entities = cedarpy.Entities.from_json_str("[]")

    def decide(call: Call) -> bool:
        action, name, keep = call
        request = {
            "principal": 'User::"alice"',
            "action": 'Action::"call"',
            "resource": 'Resource::"it"',
            "context": {"action": action, "name": name, "keep": keep},
        }
        return bool(cedarpy.is_authorized(request, policies, entities).allowed)

    return decide


def micros(decide: Callable[[Call], bool], wanted: list[Call]) -> float:
    """The time of one decision, over one pass over the calls."""
    begun = time.perf_counter()
    for call in wanted:
        decide(call)
    return (time.perf_counter() - begun) / len(wanted) * 1e6


def rows() -> Iterator[Row]:
    """Measures `decide-20`, once both have been seen to decide alike, and the compiled engine's rows."""
    mine, peer, every = ours(), theirs(), calls()
    differing = [call for call in every if mine(call) != peer(call)]
    if differing:
        raise AssertionError(f"the two decide {len(differing)} calls differently, first {differing[0]}")
    yield interleaved(
        "decide-20",
        lambda: micros(mine, every),
        lambda: micros(peer, every),
        target=1.0,
        better="lower",
        peer=f"cedarpy {version('cedarpy')}",
        unit="us",
        rounds=7,
    )
    yield from compiled.rows()
