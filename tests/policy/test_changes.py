"""Single changes: what is proposed in words, and the request or the policies as they would then be."""

from __future__ import annotations

import json
from typing import Any

import pytest

from imagefence.policy.authorize import questions
from imagefence.policy.changes import (
    Case,
    Change,
    Where,
    allowed_anew,
    settings,
    silent_layer,
    with_action,
    with_principal,
    with_resources,
    without_statement,
)
from imagefence.policy.decision import PolicyType, Reason, Verdict
from imagefence.policy.document import PolicyKind, Statement
from imagefence.policy.parse import parse
from imagefence.policy.policies import AttachedPolicy, Level, Policies
from imagefence.policy.printing import print_document
from imagefence.policy.request import Context, Principal, PrincipalKind, Request, Resource

ALICE = Principal(PrincipalKind.USER, "acs:ram::1:user/alice", "1")
IMAGE = Resource("acs:ecs:cn-hangzhou:1:image/m-1", {"team": "web", "a": "b"})
NEW = Resource("acs:ecs:cn-hangzhou:1:instance/*", new=True)


def read(
    *statements: dict[str, Any], name: str = "p", kind: PolicyKind = PolicyKind.IDENTITY
) -> AttachedPolicy:
    """A policy of these statements."""
    return AttachedPolicy(name, parse(json.dumps({"Version": "1", "Statement": statements}), kind))


def statement(effect: str = "Allow", action: Any = "*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    """A statement as JSON data."""
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def proposed(
    test: dict[str, dict[str, Any]], target: Resource = IMAGE, **context: Any
) -> list[tuple[str, Any]]:
    """What is proposed for a condition at a resource, with the values that the key would then have there."""
    request = Request(ALICE, "ecs:X", (NEW, target), Context(**context))
    case = Case(request, Policies())
    (condition,) = read(statement(Condition=test)).document.statements[0].conditions
    question = list(questions(request))[1]
    found = []
    for change in settings(case, question, condition):
        assert (change.where, change.case.policies) == (Where.REQUEST, case.policies)
        after = list(questions(change.case.request))
        assert after[0].target == NEW
        found.append((change.text, after[1].values(condition.key)))
    return found


def test_tags_on_the_resource() -> None:
    for key in ("acs:ResourceTag/team", "ecs:tag/team"):
        assert proposed({"StringEquals": {key: ["db", "ops"]}}) == [
            ("`image/m-1` wearing `team=db`", ("db",)),
            ("`image/m-1` wearing `team=ops`", ("ops",)),
            ("`image/m-1` wearing `team` with another value", ("x",)),
            ("`image/m-1` without the tag `team`", None),
        ]
    assert proposed({"StringLike": {"acs:ResourceTag/new": ["*"]}})[0] == (
        "`image/m-1` wearing `new` with any value",
        ("x",),
    )
    request = Request(ALICE, "ecs:X", (IMAGE,))
    (condition,) = (
        read(statement(Condition={"StringEquals": {"acs:ResourceTag/new": "1"}}))
        .document.statements[0]
        .conditions
    )
    (question,) = questions(request)
    first = next(settings(Case(request, Policies()), question, condition))
    assert first.case.request.resources == (Resource(IMAGE.name, {"team": "web", "a": "b", "new": "1"}),)


@pytest.mark.parametrize(
    "target",
    [
        NEW,
        Resource("acs:ecs:cn-hangzhou:1:image/*"),
        Resource(IMAGE.name, None),
        Resource(IMAGE.name, owner="2"),
        Resource(IMAGE.name, new=True),
    ],
)
def test_tags_of_what_nobody_here_can_tag_are_not_proposed(target: Resource) -> None:
    assert proposed({"StringEquals": {"acs:ResourceTag/team": "db"}}, target) == []


def test_tags_in_the_call() -> None:
    carried = {"acs:requesttag/team": ("web",), "acs:RequestTag/a": ("b",)}
    for key, target in (("acs:RequestTag/team", IMAGE), ("ecs:tag/team", NEW)):
        assert proposed({"StringLike": {key: ["d?*", "*"]}}, target, known=carried) == [
            ("the call carrying the tag `team=dx`", ("dx",)),
            ("the call carrying the tag `team` with any value", ("x",)),
            ("the call carrying the tag `team` with another value", ("x",)),
            ("the call without the tag `team`", None),
        ]
    unknown = proposed(
        {"StringEquals": {"acs:RequestTag/team": "db"}}, unknown=frozenset({"acs:RequestTag/team"})
    )
    assert unknown[0] == ("the call carrying the tag `team=db`", ("db",))


@pytest.mark.parametrize(
    ("test", "found"),
    [
        (
            {"StringEquals": {"acs:SourceVpc": "v"}},
            [
                ("`acs:SourceVpc` being `v`", ("v",)),
                ("`acs:SourceVpc` having another value", ("x",)),
                ("the call without `acs:SourceVpc`", None),
            ],
        ),
        (
            {"Bool": {"acs:SecureTransport": "true"}},
            [
                ("`acs:SecureTransport` being `true`", ("true",)),
                ("`acs:SecureTransport` being `false`", ("false",)),
            ],
        ),
        (
            {"NumericLessThan": {"ecs:Count": "5"}},
            [
                ("`ecs:Count` being `5`", ("5",)),
                ("`ecs:Count` being `4`", ("4",)),
                ("`ecs:Count` being `6`", ("6",)),
                ("the call without `ecs:Count`", None),
            ],
        ),
        (
            {"DateLessThan": {"acs:CurrentTime": "2026-01-01"}},
            [
                ("`acs:CurrentTime` being `2026-01-01`", ("2026-01-01",)),
                ("`acs:CurrentTime` being `2025-12-31T00:00:00Z`", ("2025-12-31T00:00:00Z",)),
                ("`acs:CurrentTime` being `2026-01-02T00:00:00Z`", ("2026-01-02T00:00:00Z",)),
            ],
        ),
        (
            {"DateLessThan": {"acs:CurrentTime": "9999-12-31"}},
            [
                ("`acs:CurrentTime` being `9999-12-31`", ("9999-12-31",)),
                ("`acs:CurrentTime` being `9999-12-30T00:00:00Z`", ("9999-12-30T00:00:00Z",)),
            ],
        ),
        (
            {"IpAddress": {"acs:SourceIp": ["10.0.0.0/8"]}},
            [
                ("`acs:SourceIp` being `10.0.0.0`", ("10.0.0.0",)),
                ("`acs:SourceIp` having another value", ("192.0.2.1",)),
            ],
        ),
        (
            {"StringEquals": {"acs:SourceVpc": ["1", "2", "3", "4", "5"]}},
            [(f"`acs:SourceVpc` being `{each}`", (each,)) for each in "1234"]
            + [("`acs:SourceVpc` having another value", ("x",)), ("the call without `acs:SourceVpc`", None)],
        ),
    ],
)
def test_keys_of_the_call(test: dict[str, Any], found: list[tuple[str, Any]]) -> None:
    assert proposed(test, known={"ACS:sourcevpc": ("old",)}) == found


def test_another_caller_of_the_same_account() -> None:
    names = ["acs:ram::2:role/ci", "acs:ram:*:*:user/bob*", "acs:ram::1:root", "acs:ram::1:group/x", "*"]
    assert proposed({"StringLike": {"acs:PrincipalARN": names}}) == [
        ("the caller being `role/ci`, under the same policies", ("acs:ram::1:role/ci",)),
        ("the caller being `user/bob`, under the same policies", ("acs:ram::1:user/bob",)),
    ]
    request = Request(ALICE, "ecs:X", (IMAGE,))
    test = {"StringEquals": {"acs:PrincipalARN": ["acs:ram::1:role/a/b", "acs:ram::1:role/", "role"]}}
    (condition,) = read(statement(Condition=test)).document.statements[0].conditions
    (question,) = questions(request)
    changes = list(settings(Case(request, Policies()), question, condition))
    assert [each.case.request.principal for each in changes] == [
        Principal(PrincipalKind.ROLE, "acs:ram::1:role/a/b", "1")
    ]


MANY = read(
    statement(action="ecs:Run*", resource="acs:ecs:*:*:disk/*"),
    {
        "Effect": "Allow",
        "NotAction": ["oss:*", "ecs:*"],
        "NotResource": ["acs:ecs:*:*:image/*", "acs:vpc:*:*:*"],
    },
    name="many",
)
OTHER = read(statement(), name="other")
ONE, TWO = MANY.document.statements
CASE = Case(
    Request(ALICE, "ecs:X", (IMAGE,)),
    Policies(
        identity=(OTHER, MANY),
        identity_resource_group=(MANY,),
        session=MANY,
        control=(Level("Root", (OTHER, MANY)), Level("Root/Dev", ())),
        trust=MANY,
    ),
)


def shown(change: Change, old: AttachedPolicy = MANY) -> list[dict[str, Any]]:
    """The statements of the changed policy, which must be changed wherever it is attached, alone."""
    assert change.where is Where.POLICY
    assert change.case.request is CASE.request
    after = change.case.policies
    assert after.control is not None
    assert [each.node for each in after.control] == ["Root", "Root/Dev"]
    assert (after.identity[0], after.control[0].policies[0], after.control[1].policies) == (OTHER, OTHER, ())
    new = after.identity[1]
    assert new.name == old.name
    assert (after.identity_resource_group, after.session, after.trust) == ((new,), new, new)
    assert after.control[0].policies[1] == new
    statements: list[dict[str, Any]] = json.loads(print_document(new.document))["Statement"]
    return statements


def test_a_statement_covers_the_action_as_well() -> None:
    wider = with_action(CASE, MANY, ONE, "ecs:X")
    assert wider.text == "`ecs:X` in the Action of Statement[0] of `many`"
    assert [each.get("Action") for each in shown(wider)] == [["ecs:Run*", "ecs:X"], None]
    unlisted = with_action(CASE, MANY, TWO, "ecs:X")
    assert unlisted.text == "`ecs:X` not listed in the NotAction of Statement[1] of `many`"
    assert [each.get("NotAction") for each in shown(unlisted)] == [None, "oss:*"]


def test_a_statement_covers_the_resources_as_well() -> None:
    disk, image, other = (f"acs:ecs:cn-hangzhou:1:{name}" for name in ("disk/d-1", "image/m-1", "image/m-2"))
    wider = with_resources(CASE, MANY, ONE, [disk, image, other, image])
    assert wider.text == f"`{image}`, `{other}` in the Resource of Statement[0] of `many`"
    assert shown(wider)[0]["Resource"] == ["acs:ecs:*:*:disk/*", image, other]
    unlisted = with_resources(CASE, MANY, TWO, [disk, image])
    assert unlisted.text == f"`{image}` not listed in the NotResource of Statement[1] of `many`"
    assert shown(unlisted)[1]["NotResource"] == "acs:vpc:*:*:*"


def test_a_statement_is_gone() -> None:
    gone = without_statement(CASE, MANY, ONE)
    assert gone.text == "no Statement[0] of `many`"
    assert [each.get("NotAction") for each in shown(gone)] == [["oss:*", "ecs:*"]]
    alone = without_statement(Case(CASE.request, Policies(identity=(MANY,))), MANY, TWO).case.policies
    assert (alone.session, alone.control, alone.trust) == (None, None, None)
    assert len(alone.identity[0].document.statements) == 1


def test_a_trust_policy_names_the_caller() -> None:
    trust = read(
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"RAM": "acs:ram::2:root", "Service": "ecs.aliyuncs.com"},
        },
        name="trust",
        kind=PolicyKind.TRUST,
    )
    change = with_principal(Case(CASE.request, Policies(trust=trust)), trust, trust.document.statements[0])
    assert change.text == "Statement[0] of `trust` trusting `acs:ram::1:user/alice`"
    assert change.case.policies.trust is not None
    trusted = change.case.policies.trust.document.statements[0].principals
    assert trusted is not None
    assert trusted.ram == ("acs:ram::2:root", "acs:ram::1:user/alice")
    assert trusted.service == ("ecs.aliyuncs.com",)


def anew(layer: PolicyType, policies: Policies, node: str = "") -> tuple[str, Policies]:
    """A new Allow in a layer."""
    reason = Reason(Verdict.IMPLICIT_DENY, layer, "", node=node, action="ecs:X")
    change = allowed_anew(Case(CASE.request, policies), reason, [IMAGE.name, IMAGE.name, "*"])
    assert (change.where, change.case.request) == (Where.POLICY, CASE.request)
    return change.text, change.case.policies


def actions(policy: AttachedPolicy | None) -> list[tuple[str, ...]]:
    """The actions of a policy's statements."""
    assert policy is not None
    return [each.actions.patterns for each in policy.document.statements]


def test_an_allow_anew_in_the_layer_that_was_silent() -> None:
    text, after = anew(PolicyType.IDENTITY, CASE.policies)
    assert text == f"an Allow of `ecs:X` on `{IMAGE.name}`, `*` in the identity policies"
    assert [each.name for each in after.identity] == ["other", "many", "a new policy"]
    new: Statement = after.identity[2].document.statements[0]
    assert (new.effect.value, new.actions.patterns, new.resources.patterns) == (
        "Allow",
        ("ecs:X",),
        (IMAGE.name, "*"),
    )
    assert new.principals is None
    text, after = anew(PolicyType.CONTROL, CASE.policies, "Root/Dev")
    assert text.endswith(" in the control policies on Root/Dev")
    assert [len(each.policies) for each in after.control or ()] == [2, 1]
    text, after = anew(PolicyType.SESSION, CASE.policies)
    assert text.endswith(" in the session policy")
    assert after.session is not None
    assert after.session.name == "many"
    assert actions(after.session) == [*actions(MANY), ("ecs:X",)]
    assert (
        anew(PolicyType.SESSION, Policies())[1].session
        == anew(PolicyType.IDENTITY, Policies())[1].identity[0]
    )
    text, after = anew(PolicyType.TRUST, Policies())
    assert after.trust is not None
    trust = after.trust.document.statements[0]
    assert trust.resources.patterns == ("*",)
    assert trust.principals is not None
    assert trust.principals.ram == (ALICE.arn,)


def test_the_policies_of_a_layer() -> None:
    def layer(policy_type: PolicyType, node: str = "", policies: Policies = CASE.policies) -> list[str]:
        reason = Reason(Verdict.IMPLICIT_DENY, policy_type, "", node=node)
        return [each.name for each in silent_layer(policies, reason)]

    assert layer(PolicyType.IDENTITY) == ["other", "many", "many"]
    assert layer(PolicyType.CONTROL, "Root") == ["other", "many"]
    assert layer(PolicyType.CONTROL, "Root/Dev") == []
    assert layer(PolicyType.SESSION) == layer(PolicyType.TRUST) == ["many"]
    for policy_type in PolicyType:
        assert layer(policy_type, "Root", Policies()) == []
