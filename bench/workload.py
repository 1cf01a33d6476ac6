"""The workload of the policy benches: generated statements, names and calls, the same for every engine.

20, 200 or 2,000 statements over the caller's own policies and two control levels; actions with a star at
either end, resources with stars in region and account, prefixes, suffixes and whole names, tests on three
tags; 46 actions, any number of names of which a few are asked for often, 3 x 61 x 4 values of tags.
Everything follows from the seed.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from imagefence.policy.document import Document, PolicyKind
from imagefence.policy.parse import parse
from imagefence.policy.policies import AttachedPolicy, Level, Policies
from imagefence.policy.request import Principal, PrincipalKind, Request, Resource

ACCOUNTS = ("1000000000000001", "1000000000000002", "1000000000000003")
ALICE = Principal(PrincipalKind.USER, f"acs:ram::{ACCOUNTS[0]}:user/alice", ACCOUNTS[0])
REGIONS = ("cn-hangzhou", "cn-beijing", "cn-shanghai", "eu-central-1", "us-west-1", "ap-southeast-1")
KINDS = {
    "ecs": ("instance", "instance", "instance", "image", "disk", "snapshot", "securitygroup"),
    "vpc": ("vpc", "vswitch"),
    "rds": ("dbinstance",),
}
VERBS = {
    "ecs": (
        *("RunInstances", "CreateInstance", "StartInstance", "StopInstance", "RebootInstance"),
        *("DeleteInstance", "DeleteInstances", "ModifyInstanceAttribute", "ModifyInstanceSpec"),
        *("DescribeInstances", "DescribeImages", "DescribeDisks", "DescribeSnapshots", "CreateImage"),
        *("CopyImage", "DeleteImage", "ModifyImageAttribute", "ModifyImageSharePermission", "CreateDisk"),
        *("AttachDisk", "DetachDisk", "DeleteDisk", "CreateSnapshot", "DeleteSnapshot", "ReplaceSystemDisk"),
        *("TagResources", "UntagResources", "JoinSecurityGroup", "AuthorizeSecurityGroup", "RunCommand"),
    ),
    "vpc": (
        *("CreateVpc", "DeleteVpc", "DescribeVpcs", "CreateVSwitch", "DeleteVSwitch", "DescribeVSwitches"),
        *("ModifyVpcAttribute", "TagResources"),
    ),
    "rds": (
        *("CreateDBInstance", "DeleteDBInstance", "DescribeDBInstances", "RestartDBInstance"),
        *("ModifyDBInstanceSpec", "CreateBackup", "DescribeBackups", "TagResources"),
    ),
}
ACTIONS = tuple(f"{service}:{verb}" for service, verbs in VERBS.items() for verb in verbs)
TEAMS = tuple(f"team-{n}" for n in range(61))
TAGS: dict[str, tuple[str, ...]] = {
    "environment": ("production", "test", ""),  # "" stands for a resource without the tag
    "team": TEAMS,
    "tier": ("web", "app", "db", "batch"),
}
FULL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
BROAD = (
    {"Effect": "Allow", "Action": ["ecs:Run*", "ecs:*Instances"], "Resource": "acs:ecs:cn-*:*:*"},
    {"Effect": "Allow", "Action": "*:Describe*", "Resource": "*"},
    {"Effect": "Allow", "Action": ["vpc:Create*", "rds:Create*"], "Resource": f"acs:*:*:{ACCOUNTS[0]}:*"},
)
Written = dict[str, Any]


@dataclass(frozen=True)
class Event:
    """One call on one resource; `tags` are the values of TAGS in its order, "" where there is none."""

    action: str
    name: str
    tags: tuple[str, str, str]

    def request(self) -> Request:
        """As the engines of this project take it."""
        tags = {key: value for key, value in zip(TAGS, self.tags, strict=True) if value}
        return Request(ALICE, self.action, (Resource(self.name, tags),))


@dataclass(frozen=True)
class Workload:
    """Statements as written, by unit: the caller's own, those of its account and those of Root."""

    identity: list[Written]
    account: list[Written]
    root: list[Written]

    def policies(self) -> Policies:
        """Parsed, in three units."""
        return Policies(
            identity=(AttachedPolicy("own", parsed(self.identity, PolicyKind.IDENTITY)),),
            control=(
                Level("Root", (AttachedPolicy("of Root", parsed(self.root, PolicyKind.CONTROL)),)),
                Level("Root/it", (AttachedPolicy("of it", parsed(self.account, PolicyKind.CONTROL)),)),
            ),
        )

    def alike(self) -> list[Written]:
        """The statements that decide the same in one set, for engines that know no units.

        A level's `Allow *` lets pass and grants nothing, so it has no place in them.
        """
        return [each for each in (*self.identity, *self.account, *self.root) if each is not FULL]


def text_of(statements: list[Written]) -> str:
    """A document of these statements."""
    return json.dumps({"Version": "1", "Statement": statements})


def parsed(statements: list[Written], kind: PolicyKind) -> Document:
    """Parses without the limits of length, which a document of 2,000 statements passes."""
    return parse(text_of(statements), kind, stored=True)


def workload(statements: int, seed: int = 1) -> Workload:
    """Generates statements: four in five the caller's own, the rest on two control levels."""
    rng = random.Random(seed)
    level = statements // 10
    return Workload(
        [*BROAD, *(own(rng) for _ in range(statements - 2 * level - len(BROAD)))],
        [FULL, *(denial(rng) for _ in range(level - 1))],
        [FULL, *(denial(rng) for _ in range(level - 1))],
    )


def own(rng: random.Random) -> Written:
    """One of the caller's statements: mostly an Allow on a team's names, or on what wears its tag."""
    if rng.random() < 0.1:
        return denial(rng)
    service = rng.choices(tuple(VERBS), (7, 2, 2))[0]
    statement: Written = {
        "Effect": "Allow",
        "Action": actions(rng, service),
        "Resource": resources(rng, service),
    }
    if rng.random() < 0.4:
        statement["Condition"] = {"StringEquals": {"acs:ResourceTag/team": rng.sample(TEAMS, 3)}}
        statement["Resource"] = f"acs:{service}:{region(rng)}:*:*"
    return statement


def denial(rng: random.Random) -> Written:
    """A Deny: of unapproved images, of names, or of deleting what a tag protects."""
    form = rng.random()
    if form < 0.3:
        return {
            "Effect": "Deny",
            "Action": rng.choice(["ecs:Run*", "ecs:CreateInstance", ["ecs:RunInstances", "ecs:Replace*"]]),
            "Resource": f"acs:ecs:{region(rng)}:*:image/*",
            "Condition": {"StringNotEquals": {"acs:ResourceTag/environment": "production"}},
        }
    service = rng.choices(tuple(VERBS), (7, 2, 2))[0]
    if form < 0.6:
        tests = {"acs:ResourceTag/tier": rng.choice(TAGS["tier"]), "acs:ResourceTag/team": rng.choice(TEAMS)}
        action = rng.choice([f"{service}:Delete*", f"{service}:Modify*"])
        return {
            "Effect": "Deny",
            "Action": action,
            "Resource": f"acs:{service}:{region(rng)}:*:*",
            "Condition": {"StringEquals": tests},
        }
    return {"Effect": "Deny", "Action": actions(rng, service), "Resource": resources(rng, service)}


def actions(rng: random.Random, service: str) -> str | list[str]:
    """One to three action patterns of a service."""
    return [action(rng, service) for _ in range(rng.randint(1, 3))]


def action(rng: random.Random, service: str) -> str:
    """An operation, its verb with a star, its noun behind a star, or all of the service."""
    verb = rng.choice(VERBS[service])
    cut = next((place for place, char in enumerate(verb[1:], 1) if char.isupper()), len(verb))
    forms = (verb, f"{verb[:cut]}*", f"*{verb[cut:]}" if verb[cut:] else verb, "*")
    return f"{service}:{rng.choices(forms, (6, 3, 2, 1))[0]}"


def region(rng: random.Random) -> str:
    """A region, some regions, or all."""
    return rng.choice([*REGIONS, "cn-*", "*-1", "*", "*", "*"])


def resources(rng: random.Random, service: str) -> str:
    """A pattern over a team's names: by prefix, by suffix, by whole name, or all of a kind."""
    kind = rng.choice(KINDS[service])
    n, place = rng.randrange(61), rng.choice(["web", "app", "db", "batch"])
    forms = (f"team{n}-*", f"team{n}-{place}-*", f"*-{place}{n}", f"team{n}-{place}-{n}", "*")
    relative = rng.choices(forms, (5, 5, 3, 2, 1))[0]
    return f"acs:{service}:{region(rng)}:{rng.choice([*ACCOUNTS, '*', '*'])}:{kind}/{relative}"


def names(count: int, seed: int = 2) -> list[str]:
    """Distinct names of resources."""
    rng = random.Random(seed)
    found: dict[str, None] = {}
    while len(found) < count:
        found[name(rng)] = None
    return list(found)


def name(rng: random.Random) -> str:
    """One name, as teams give them."""
    service = rng.choices(tuple(KINDS), (7, 2, 2))[0]
    kind, n = rng.choice(KINDS[service]), rng.randrange(61)
    place = rng.choice(["web", "app", "db", "batch"])
    end = rng.choice([f"{rng.randrange(10**6):06d}", f"{rng.randrange(10**4):04d}-{place}{n}"])
    return f"acs:{service}:{rng.choice(REGIONS)}:{rng.choice(ACCOUNTS)}:{kind}/team{n}-{place}-{end}"


def events(count: int, found: list[str], seed: int = 3) -> Iterator[Event]:
    """Calls; the first names are asked for often, and an action is one of the name's service."""
    rng = random.Random(seed)
    weights = list(accumulate(1 / (place + 10) ** 0.7 for place in range(len(found))))
    by_service = {service: [f"{service}:{verb}" for verb in verbs] for service, verbs in VERBS.items()}
    for chosen in rng.choices(found, cum_weights=weights, k=count):
        tags = tuple(rng.choice(values) for values in TAGS.values())
        service = chosen.split(":", 2)[1]
        yield Event(rng.choice(by_service[service]), chosen, (tags[0], tags[1], tags[2]))


def fresh(count: int, seed: int) -> list[Event]:
    """Calls on names of which none comes twice."""
    return list(each_once(names(count, seed), seed))


def each_once(found: list[str], seed: int) -> Iterator[Event]:
    """One call for each name."""
    rng = random.Random(seed)
    for chosen in found:
        tags = tuple(rng.choice(values) for values in TAGS.values())
        verb = rng.choice(VERBS[chosen.split(":", 2)[1]])
        yield Event(f"{chosen.split(':', 2)[1]}:{verb}", chosen, (tags[0], tags[1], tags[2]))
