"""Policies and calls by chance, as tests/cases/decisions.json writes them: realistic ones, and nasty ones.

Everything comes from one `random.Random`. Names and values are drawn from few words and from the policies
themselves, so that statements often hit; wildcards stand in every part, parts are empty or missing, letters
are not only ASCII, keys are known, absent or unknown.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from imagefence.policy.operators import OPERATORS, ValueKind
from imagefence.policy.policies import Policies
from imagefence.policy.readings import ALTERNATIVES, DEFAULT, Readings, change
from imagefence.policy.request import PrincipalKind, Request
from written import policies_of, request_of

Written = dict[str, Any]

ACTIONS = (
    *("ecs:RunInstances", "ecs:StartInstance", "ecs:DescribeInstances", "ecs:CreateImage", "ecs:AddTags"),
    *("ecs:TagResources", "tag:TagResources", "vpc:CreateVSwitch", "oss:GetObject", "ram:CreateRole"),
    *("sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:GetCallerIdentity", "ecs:ReplaceSystemDisk"),
)
ACTION_PATTERNS = (
    *("*", "ecs:*", "ecs:Run*", "ecs:*Instances", "*:Describe*", "ecs:R*n*s", "ecs:?unInstances", "e*"),
    *("*Instances", "ECS:runinstances", "*:*", "tag:*", "sts:*", "ecs:Ä*", "?cs:*Instance", "ecs:*a*e*"),
)
SERVICES = ("ecs", "vpc", "oss", "ram", "tag")
REGIONS = ("cn-hangzhou", "cn-beijing", "eu-central-1", "*", "")
ACCOUNTS = ("1", "2", "22")
RELATIVES = (
    *("instance/i-1", "instance/i-2-prod", "image/m-1", "image/m-2", "instance/*", "image/*", "role/admin"),
    *(
        "instance",
        "image",
        "bucket",
        "bucket/dir/a file",
        "bucket/dir:a/b",
        "vswitch/vsw-1",
        "disk/ß-İ",
        "*",
        "x",
        "Image/M-1",
    ),
)
PART_PATTERNS = (
    ("acs", "acs", "acs", "acs", "a*", "*"),
    ("ecs", "ecs", "ecs", "*", "e?s", "*s", "vpc", "ram", "oss", "ECS"),
    ("*", "*", "*", "", "cn-hangzhou", "cn-*", "*beijing", "?n-*", "*-*-*", "CN-HANGZHOU"),
    ("*", "*", "1", "2", "", "2*", "?", "*1"),
    (
        *("*", "*", "instance/*", "image/*", "instance/i-1", "instance/i-*", "*/m-1", "instance/*-prod"),
        *("image/m-?", "i*", "*-prod", "instance/i-*-prod", "inst*/i-1", "bucket/dir/*", "*:a/*", "**"),
        *("bucket", "disk/ß*", "", "image/**", "?*", "*a*", "role/*", "image/", "IMAGE/M-1", "bucket/*:?/b"),
    ),
)
GLOBAL_PATTERNS = ("acs:ram::*:role/*", "acs:ram:*:1:*", "acs:ram::1:role/admin", "acs:sts::*:*")
GLOBAL_NAMES = ("acs:ram::1:role/admin", "acs:ram:*:1:role/admin", "acs:sts:*:2:x", "acs:ecs:*:1:role/admin")
ODD_PATTERNS = ("acs:ecs:*", "acs:ecs:*:*", "acs*", "*:*", "**", "acs:*instance*", "x", "acs:ecs:*:*:image")
TAG_KEYS = ("environment", "team", "a/b", "Environment", "Größe")
KEYS = {
    ValueKind.STRING: (
        *(f"acs:ResourceTag/{key}" for key in TAG_KEYS),
        *("ACS:resourcetag/environment", "acs:RequestTag/environment", "acs:requesttag/team", "ecs:tag/team"),
        *("acs:PrincipalARN", "acs:PrincipalArn", "ecs:ImageOwnerId", "acs:UserAgent", "acs:TagKeys"),
        *("ram:ServiceNames", "acs:SourceVpc", "acs:SourceIp", "acs:PrincipalRDPath", "my:Key"),
    ),
    ValueKind.NUMBER: ("my:Size", "ecs:SystemDiskSize"),
    ValueKind.DATE: ("acs:CurrentTime", "my:When"),
    ValueKind.BOOLEAN: ("acs:SecureTransport", "acs:MFAPresent", "acs:securetransport", "my:Flag"),
    ValueKind.ADDRESS: ("acs:SourceIp", "acs:sourceip", "my:Place"),
}
VALUES = {
    ValueKind.STRING: (
        *("production", "test", "Production", "prod*", "*", "p?od*", "", "1", "İ", "ß", "SS", "*t*", "a*b*"),
        *("acs:ram::1:user/alice", "acs:ram::*:role/ci", "acs:ram::1:*", "ACS:RAM::1:USER/ALICE", "${x}"),
    ),
    ValueKind.NUMBER: ("1", "1.0", "10", "-3", "1e2"),
    ValueKind.DATE: ("2026-11-24T10:00:00Z", "2026-11-24", "2026-11-24T18:00:00+08:00"),
    ValueKind.BOOLEAN: ("true", "false", "True"),
    ValueKind.ADDRESS: ("10.0.0.0/8", "10.1.2.3", "::1", "2001:db8::/32", "0.0.0.0/0"),
}
GIVEN = {  # what a request may say where a policy asks for such a value
    ValueKind.STRING: ("production", "test", "PRODUCTION", "", "i̇", "ss", "acs:ram::1:user/alice", "ätb"),
    ValueKind.NUMBER: ("1", "2.50", "100", "x"),
    ValueKind.DATE: ("2026-11-24T10:00:00Z", "2026-12-01T00:00:00+08:00", "soon"),
    ValueKind.BOOLEAN: ("true", "false", "TRUE", "yes"),
    ValueKind.ADDRESS: ("10.1.2.3", "192.168.0.1", "::1", "2001:db8::5", "somewhere"),
}
CALLERS = {
    PrincipalKind.USER: ("acs:ram::1:user/alice", "acs:ram::1:user/Bob"),
    PrincipalKind.ROLE: ("acs:ram::1:role/ci", "acs:ram::2:role/image-admin"),
    PrincipalKind.ROOT: ("acs:ram::1:root",),
    PrincipalKind.SERVICE_LINKED_ROLE: ("acs:ram::1:role/aliyunserviceroleforecs",),
    PrincipalKind.SERVICE: ("ecs.aliyuncs.com", "log.aliyuncs.com"),
    PrincipalKind.FEDERATED: ("acs:ram::1:saml-provider/idp",),
}
TRUSTED = {
    "RAM": ["acs:ram::1:root", "acs:ram::1:user/alice", "acs:ram::2:role/image-admin"],
    "Service": ["ecs.aliyuncs.com", "1@log.aliyuncs.com"],
    "Federated": ["acs:ram::1:saml-provider/idp"],
}


@dataclass(frozen=True)
class Case:
    """Policies and a call as written, and the readings that are not the default ones."""

    policies: Written
    call: Written
    readings: tuple[str, ...] = ()

    def read(self) -> tuple[Request, Policies, Readings]:
        """As the engines take it."""
        return request_of(self.call), policies_of(self.policies), readings_of(self.readings)


def readings_of(assignments: tuple[str, ...]) -> Readings:
    """The default readings but for these."""
    readings = DEFAULT
    for each in assignments:
        readings = change(readings, each)
    return readings


def cases(seed: int, calls_each: int = 8) -> Iterator[Case]:
    """Cases without end: several calls for each set of policies."""
    rng = random.Random(seed)
    while True:
        written, readings = policies(rng), some_readings(rng)
        for _ in range(calls_each):
            yield Case(written, call(rng, written), readings)


def some_readings(rng: random.Random) -> tuple[str, ...]:
    """Half of the time the default, else one other choice or a few."""
    many = rng.choice((0, 0, 0, 1, 1, 2, 8))
    chosen = {each.name.partition("=")[0]: each.name for each in rng.sample(ALTERNATIVES, many)}
    return tuple(sorted(chosen.values()))


def policies(rng: random.Random) -> Written:
    """Policies in force: every unit may be there, empty or missing."""
    most = rng.choice((2, 3, 6, 6, 40))
    found: Written = {"identity": [document(rng, most) for _ in range(rng.choice((0, 1, 1, 2)))]}
    if rng.random() < 0.25:
        found["resource_group"] = [document(rng, most) for _ in range(rng.randint(1, 2))]
    if rng.random() < 0.1:
        found["session"] = document(rng, most)
    if rng.random() < 0.5:
        found["control"] = [level(rng, most) for _ in range(rng.choice((1, 1, 2, 3)))]
    if rng.random() < 0.3:
        found["trust"] = {"Version": "1", "Statement": [trust(rng) for _ in range(rng.randint(1, 2))]}
    return found


def level(rng: random.Random, most: int) -> list[Written]:
    """The control policies on one node, often with one that allows all."""
    every = {"Version": "1", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    found = [document(rng, most) for _ in range(rng.choice((0, 1, 1, 2)))]
    return [*found, every] if rng.random() < 0.85 else found


def document(rng: random.Random, most: int) -> Written:
    """A document of at most so many statements."""
    return {"Version": "1", "Statement": [statement(rng) for _ in range(rng.randint(1, most))]}


def statement(rng: random.Random) -> Written:
    """One statement, wide enough to hit now and then."""
    found: Written = {"Sid": "one"} if rng.random() < 0.05 else {}
    found["Effect"] = rng.choice(("Allow", "Allow", "Deny"))
    actions = [rng.choice(ACTION_PATTERNS + ACTIONS) for _ in range(rng.choice((1, 1, 2, 4)))]
    found["NotAction" if rng.random() < 0.12 else "Action"] = listed(rng, actions)
    resources = [resource_pattern(rng) for _ in range(rng.choice((1, 1, 2, 4)))]
    found["NotResource" if rng.random() < 0.1 else "Resource"] = listed(rng, resources)
    if rng.random() < 0.5:
        found["Condition"] = condition(rng)
    return found


def trust(rng: random.Random) -> Written:
    """One statement of a trust policy."""
    kinds = rng.sample(sorted(TRUSTED), rng.randint(1, 3))
    found: Written = {
        "Effect": rng.choice(("Allow", "Allow", "Deny")),
        "Action": rng.choice(("sts:AssumeRole", ["sts:AssumeRole"], "sts:*", "*")),
        "Principal": {kind: rng.sample(TRUSTED[kind], 1) for kind in kinds},
    }
    if rng.random() < 0.3:
        found["Condition"] = condition(rng)
    return found


def listed(rng: random.Random, texts: list[str]) -> str | list[str]:
    """One text now and then without its list."""
    return texts[0] if len(texts) == 1 and rng.random() < 0.5 else texts


def resource_pattern(rng: random.Random) -> str:
    """A star, five parts with wildcards anywhere, a name as it is, or something short."""
    form = rng.random()
    if form < 0.3:
        return "*"
    if form < 0.37:
        return rng.choice(ODD_PATTERNS)
    if form < 0.41:
        return rng.choice(GLOBAL_PATTERNS)
    if form < 0.49:
        return resource_name(rng) or "x"
    return ":".join(rng.choice(part) for part in PART_PATTERNS)


def condition(rng: random.Random) -> Written:
    """One to three tests, with keys of the operator's kind, of any quantifier."""
    found: Written = {}
    for _ in range(rng.choice((0, 1, 1, 1, 2, 3))):
        operator = OPERATORS[rng.choice(("StringEquals", "StringLike", "StringNotEquals", *OPERATORS))]
        quantifier = rng.choice(("", "", "", "", "ForAnyValue:", "ForAllValues:"))
        values = rng.choices(VALUES[operator.kind], k=rng.choice((1, 1, 2, 3)))
        tests = found.setdefault(f"{quantifier}{operator.name}", {})
        key = rng.choice(KEYS[operator.kind])
        if operator.kind is ValueKind.STRING and rng.random() < 0.3:
            key = "acs:ResourceTag/environment"
            values[0] = rng.choice(("production", "test"))
        tests[key] = listed(rng, values)
    return found


def call(rng: random.Random, written: Written) -> Written:
    """A call, near to what the policies speak of."""
    kind = rng.choice((*[PrincipalKind.USER] * 6, *[PrincipalKind.ROLE] * 3, *PrincipalKind))
    arn = rng.choice(CALLERS[kind])
    caller: Written = {"kind": kind.value, "arn": arn, "account": "2" if "::2:" in arn else "1"}
    if rng.random() < 0.1:
        caller["in_management_account"] = True
    found: Written = {"caller": caller, "action": action(rng, written)}
    found["on"] = [resource(rng, written) for _ in range(rng.choice((0, *[1] * 14, 2, 2, 4)))]
    found["context"] = dict(context(rng)) | dict(context_asked(rng, written))
    if rng.random() < 0.2:
        every = [key for keys in KEYS.values() for key in keys]
        asked = [key for key, _ in tests_of(written)] or every
        found["unknown"] = sorted({rng.choice(asked), rng.choice([*every, "acs:RequestTag/*"])})
    return found


def action(rng: random.Random, written: Written) -> str:
    """An operation that exists, or one after a pattern of the policies."""
    if rng.random() < 0.5:
        return rng.choice((*["ecs:RunInstances"] * 4, *["sts:AssumeRole"] * 3, *ACTIONS))
    return without_wildcards(rng, rng.choice([*texts_at(written, "Action", "NotAction"), "ecs:RunInstances"]))


def resource(rng: random.Random, written: Written) -> Written:
    """A name after a pattern of the policies or by itself, with tags that are known or not."""
    if rng.random() < 0.6:
        pattern = rng.choice([*texts_at(written, "Resource", "NotResource"), "acs:ecs:*:1:instance/*"])
        name = without_wildcards(rng, pattern)
    else:
        name = resource_name(rng)
    found: Written = {"name": name}
    tags = {key: rng.choice(GIVEN[ValueKind.STRING]) for key in rng.sample(TAG_KEYS, rng.randint(0, 3))}
    tags |= dict(tags_asked(rng, written))
    found["tags"] = None if rng.random() < 0.1 else tags
    if rng.random() < 0.2:
        found["new"] = True
    if rng.random() < 0.2:
        found["owner"] = rng.choice((*ACCOUNTS, "system"))
        found[rng.choice(("owner_tags", "receiver_tags"))] = {"environment": "production"}
    return found


def resource_name(rng: random.Random) -> str:
    """A name, as a service gives it or as nobody would."""
    if rng.random() < 0.08:
        return rng.choice(
            ("*", "", "acs", "acs:ecs", "x/y", "acs/x:ecs:cn-hangzhou:1:instance/i-1", "a:b:c:d")
        )
    if rng.random() < 0.08:
        return rng.choice(GLOBAL_NAMES)
    account = rng.choice((*ACCOUNTS, "*", ""))
    return f"acs:{rng.choice(SERVICES)}:{rng.choice(REGIONS)}:{account}:{rng.choice(RELATIVES)}"


def context(rng: random.Random) -> Iterator[tuple[str, list[str]]]:
    """Keys with no value, one or several."""
    for kind, keys in KEYS.items():
        for key in rng.sample(keys, rng.choice((0, 1, 1, 2))):
            yield key, rng.choices(GIVEN[kind], k=rng.choice((0, 1, 1, 1, 1, 2)))


def context_asked(rng: random.Random, written: Written) -> Iterator[tuple[str, list[str]]]:
    """Values for some of the keys that the policies test."""
    for key, values in tests_of(written):
        if rng.random() < 0.5:
            yield key, [without_wildcards(rng, rng.choice(values))]


def tags_asked(rng: random.Random, written: Written) -> Iterator[tuple[str, str]]:
    """Values for some of the tags that the policies test."""
    for key, values in tests_of(written):
        if "tag/" in key.lower() and rng.random() < 0.6:
            yield key.partition("/")[2], without_wildcards(rng, rng.choice(values))


def tests_of(written: Any) -> list[tuple[str, list[str]]]:
    """All keys that are tested, at any depth, with the values they are tested for."""
    if isinstance(written, list):
        return [test for each in written for test in tests_of(each)]
    if not isinstance(written, dict):
        return []
    found = []
    for name, value in written.items():
        if name == "Condition":
            tests = [test for tests in value.values() for test in tests.items()]
            found += [(key, values if isinstance(values, list) else [values]) for key, values in tests]
        else:
            found += tests_of(value)
    return found


def without_wildcards(rng: random.Random, pattern: str) -> str:
    """A text that the pattern is likely to cover."""
    star = re.sub(r"\*", lambda _: rng.choice(("", "x", "a:b", "a/b", "i-1", "*", "-prod")), pattern)
    return star.replace("?", rng.choice(("m", "?", "ß")))


def texts_at(written: Any, *names: str) -> list[str]:
    """All texts under these names, at any depth."""
    if isinstance(written, list):
        return [text for each in written for text in texts_at(each, *names)]
    if not isinstance(written, dict):
        return []
    found: list[str] = []
    for name, value in written.items():
        if name in names:
            found += value if isinstance(value, list) else [value]
        else:
            found += texts_at(value, *names)
    return found
