"""What is asked of the core, and files about it: requests with policies, fence.yaml, vectors, NDJSON."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import strategies as st

from fuzz.material import (
    DOCUMENTS,
    addresses,
    bent,
    booleans,
    cut,
    figures,
    moments,
    names,
    plain,
    readings,
    stars,
    texts,
    written,
)
from imagefence.policy.keys import fits
from imagefence.policy.operators import OPERATORS, Relation, ValueKind
from written import CASES

OPERANDS = {
    ValueKind.STRING: plain,
    ValueKind.NUMBER: figures,
    ValueKind.DATE: moments,
    ValueKind.BOOLEAN: booleans,
    ValueKind.ADDRESS: addresses,
}
VALUES = {
    **OPERANDS,
    ValueKind.NUMBER: st.integers(0, 5).map(str),
    ValueKind.DATE: st.sampled_from(("2026-01-01", "2026-06-01T10:00:00Z", "2026-06-01T18:00:00+08:00")),
    ValueKind.BOOLEAN: st.sampled_from(("true", "false")),
    ValueKind.ADDRESS: st.sampled_from(("10.0.0.0/8", "10.1.2.3", "2001:db8::/32", "::1")),
}


def _operands(name: str) -> st.SearchStrategy[dict[str, str]]:
    operator = OPERATORS[name]
    values = OPERANDS[operator.kind]
    wanted = stars if operator.relation is Relation.LIKE else values
    return st.fixed_dictionaries({"operator": st.just(name), "wanted": wanted, "given": values})


comparisons = st.sampled_from(sorted(OPERATORS)).flatmap(_operands)
actions = st.one_of(
    st.sampled_from(("*", "ecs:RunInstances", "ECS:run*", "e*", "sts:AssumeRole", ":", "İ:x")), stars
)

CALLS = [case["call"] for case in CASES["cases"]]
IN_CONTEXT = (
    *("acs:SourceIp", "acs:CurrentTime", "acs:MFAPresent", "acs:RequestTag/environment", "ecs:Count"),
    "acs:SourceVpc",
)
ASKED_KEYS = (*IN_CONTEXT, "acs:ResourceTag/environment", "acs:PrincipalARN")
FITTING = {kind: [key for key in ASKED_KEYS if fits(key, kind)] for kind in ValueKind}
asked_keys = st.sampled_from(IN_CONTEXT)
any_value = st.one_of(*OPERANDS.values())


@st.composite
def statements(draw: st.DrawFn) -> dict[str, Any]:
    """A statement that can be read, of the words that the calls use."""
    call = draw(st.sampled_from(CALLS))
    named = call["on"][0] if call["on"] else "*"
    name = named if isinstance(named, str) else named["name"]
    found = {
        "Effect": draw(st.sampled_from(("Allow", "Deny"))),
        draw(st.sampled_from(("Action", "NotAction"))): draw(st.sampled_from(("*", "ecs:*", call["action"]))),
        draw(st.sampled_from(("Resource", "NotResource"))): draw(
            st.sampled_from(("*", "acs:ecs:*:*:*", name))
        ),
    }
    tests: dict[str, dict[str, list[str]]] = {}
    for _ in range(draw(st.integers(0, 3))):
        operator = draw(st.sampled_from(sorted(OPERATORS)))
        prefix = draw(st.sampled_from(("", "", "", "ForAnyValue:", "ForAllValues:")))
        kind = OPERATORS[operator].kind
        key = draw(st.sampled_from(FITTING[kind]))
        values = draw(st.lists(VALUES[kind], min_size=1, max_size=2))
        tests.setdefault(prefix + operator, {})[key] = values
    return {**found, "Condition": tests} if tests else found


sound = st.lists(statements(), min_size=1, max_size=4).map(lambda found: {"Version": "1", "Statement": found})
twisted = bent().filter(lambda found: not isinstance(found, str))
documents = st.one_of(sound, sound, st.sampled_from(sorted(CASES["policies"])), twisted)


@st.composite
def calls(draw: st.DrawFn) -> dict[str, Any]:
    """A written call with other resources, values, and keys that are not known."""
    call = draw(st.sampled_from(CALLS))
    resource = st.fixed_dictionaries(
        {
            "name": st.one_of(names, st.just("acs:ecs:cn-hangzhou:1:image/m-1")),
            "tags": st.one_of(
                st.none(), st.dictionaries(st.sampled_from(("environment", "a b")), plain, max_size=2)
            ),
            "new": st.booleans(),
            "owner": st.sampled_from(("", "2")),
        }
    )
    return {
        **call,
        "action": draw(st.one_of(st.just(call["action"]), actions)),
        "on": draw(st.one_of(st.just(call["on"]), st.lists(resource, max_size=3))),
        "context": draw(st.dictionaries(asked_keys, st.lists(any_value, max_size=2), max_size=3)),
        "unknown": draw(st.lists(st.one_of(asked_keys, st.just("acs:RequestTag/*")), max_size=1)),
    }


several = st.lists(documents, max_size=2)
decisions = st.fixed_dictionaries(
    {
        "policies": st.one_of(
            st.sampled_from([case["policies"] for case in CASES["cases"]]),
            st.fixed_dictionaries(
                {"identity": several},
                optional={
                    "resource_group": several,
                    "control": st.lists(several, max_size=3),
                    "session": documents,
                    "trust": st.sampled_from(
                        [each["policies"]["trust"] for each in CASES["cases"] if "trust" in each["policies"]]
                    ),
                },
            ),
        ),
        "call": st.one_of(calls(), st.sampled_from(CALLS)),
        "reading": readings,
    }
)

FENCE = {
    "version": 1,
    "approved": {
        "tags": {"environment": ["production"]},
        "owner_accounts": ["1000000000000001"],
        "distribute": "copy",
    },
    "fence": {"form": "deny", "attach": {"nodes": ["Root/Workloads"]}, "contact": "image team"},
    "exempt": [
        {"role": "image-admin", "may": ["tag", "create-image"]},
        {"role": "break-glass", "may": ["launch"], "until": "2026-12-31T00:00:00Z", "reason": "INC-4711"},
    ],
    "fix": {"default": "ask"},
}
YAML = (
    "&a",
    "*a",
    "<<:",
    "!!python/object:os.system",
    "!!binary",
    "- ",
    ": ",
    "? ",
    "|",
    ">",
    "%YAML 9",
    "---",
    "{",
    "]",
    "#",
    "\t",
    "\ufeff",
    "~",
    "2026-12-31",
    "0o17",
    "1e9",
    "\x85",
)
fences = st.one_of(
    bent(data=FENCE).map(written),
    st.just(yaml.safe_dump(FENCE)).flatmap(cut),
    st.lists(st.one_of(st.sampled_from((*YAML, "\n", " ", *FENCE)), texts), max_size=20).map("".join),
)

VECTOR: dict[str, Any] = {
    "id": "one",
    "policies": {"identity": [DOCUMENTS[0]], "session": None, "control_levels": [[DOCUMENTS[1]]]},
    "request": {
        "principal": {
            "type": "user",
            "arn": "acs:ram::1000000000000002:user/a",
            "account": "1000000000000002",
        },
        "action": "ecs:RunInstances",
        "resources": [
            {"arn": "acs:ecs:cn-hangzhou:1000000000000002:image/m-1", "tags": {"environment": "test"}}
        ],
        "context": {"acs:SourceIp": ["10.0.0.1"]},
    },
    "expected": "Allow",
}
vectors = st.one_of(
    st.lists(bent(data=VECTOR), max_size=2).map(written),
    bent(data={"vectors": [VECTOR]}).map(written),
    st.just(written([VECTOR])).flatmap(cut),
)
LINE = {**VECTOR["request"], "id": "one", "principal": "acs:ram::1000000000000002:user/a"}
lines = st.lists(
    st.one_of(bent(data=LINE).map(written), st.just(written(LINE)).flatmap(cut), texts), max_size=3
).map("\n".join)
request_files = st.one_of(
    st.fixed_dictionaries({"option": st.just("--vectors"), "text": vectors}),
    st.fixed_dictionaries({"option": st.just("--requests"), "text": lines}),
)
