"""What a decision says of itself: the verdict, the layer, the resource, and each reason whole."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from imagefence.policy.authorize import authorize
from imagefence.policy.decision import Decision, PolicyType, Verdict
from imagefence.policy.document import PolicyKind
from imagefence.policy.parse import parse
from imagefence.policy.policies import AttachedPolicy, Level, Policies
from imagefence.policy.readings import DEFAULT, ForeignImage, Readings, Refusal, ResourceGroup
from imagefence.policy.request import Context, Principal, PrincipalKind, Request, Resource

ALLOW, EXPLICIT, IMPLICIT, OPEN = (
    Verdict.ALLOW,
    Verdict.EXPLICIT_DENY,
    Verdict.IMPLICIT_DENY,
    Verdict.INDETERMINATE,
)
ACCOUNT = PolicyType.IDENTITY
IMAGE = Resource("acs:ecs:cn-hangzhou:1:image/m-1")
DISK = Resource("acs:ecs:cn-hangzhou:1:disk/d-1")
ALICE = Principal(PrincipalKind.USER, "acs:ram::1:user/alice", "1")
ROOT = Principal(PrincipalKind.ROOT, "acs:ram::1:root", "1")
LINKED = Principal(PrincipalKind.SERVICE_LINKED_ROLE, "acs:ram::1:role/linked", "1")
CI = Principal(PrincipalKind.ROLE, "acs:ram::1:role/ci", "1")


def policy(
    name: str, *statements: str, kind: PolicyKind = PolicyKind.IDENTITY, on: str = ""
) -> AttachedPolicy:
    """A policy of statements such as `Allow ecs:* *` or `Deny ecs:* * acs:SourceVpc=vpc-1`."""
    read = []
    for statement in statements:
        effect, action, resource, *tests = statement.split()
        written = f'{{"Effect":"{effect}","Action":"{action}","Resource":"{resource}"'
        keys = ",".join('"{}":"{}"'.format(*test.split("=")) for test in tests)
        read.append(written + (f',"Condition":{{"StringEquals":{{{keys}}}}}}}' if keys else "}"))
    text = f'{{"Version":"1","Statement":[{",".join(read)}]}}'
    return AttachedPolicy(name, parse(text, kind), attached_to=on)


ALL = policy("all", "Allow * *", on="user/alice")
NO_IMAGES = policy("no-images", "Allow oss:* *", "Deny ecs:* acs:ecs:*:*:image/*", on="group/dev")
ONLY_HOME = policy("only-home", "Deny ecs:* * acs:SourceVpc=vpc-1 acs:AccessId=a")
TRUST = (
    '{"Version":"1","Statement":'
    '[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"RAM":"acs:ram::1:root"}}]}'
)


def asks(
    *resources: Resource, caller: Principal = ALICE, action: str = "ecs:DeleteImage", **context: Any
) -> Request:
    """A request."""
    return Request(caller, action, resources or (IMAGE,), Context(**context))


def told(decision: Decision) -> list[tuple[Any, ...]]:
    """The reasons with all that they carry, the policy and the statement by name and place."""
    return [
        (
            each.verdict,
            each.policy_type,
            each.text,
            each.policy and each.policy.name,
            each.statement and each.statement.index,
            each.node,
            each.resource.rpartition(":")[2],
            each.action,
        )
        for each in decision.reasons
    ]


def levels(*policies: AttachedPolicy) -> tuple[Level, ...]:
    """Root and below, one policy each."""
    return tuple(Level(node, (each,)) for node, each in zip(("Root", "Root/Dev"), policies, strict=False))


def test_an_allow_names_the_statement_of_every_layer() -> None:
    policies = Policies(identity=(ALL,), session=policy("ceiling", "Allow ecs:* *"), control=levels(ALL, ALL))
    decision = authorize(asks(), policies)
    assert (decision.verdict, decision.policy_type, decision.resource) == (ALLOW, None, IMAGE)
    assert decision.allowed
    at = ("image/m-1", "ecs:DeleteImage")
    assert told(decision) == [
        (ALLOW, PolicyType.CONTROL, "Statement[0] of `all` allows", "all", 0, "Root/Dev", *at),
        (ALLOW, PolicyType.CONTROL, "Statement[0] of `all` allows", "all", 0, "Root", *at),
        (ALLOW, PolicyType.SESSION, "Statement[0] of `ceiling` allows", "ceiling", 0, "", *at),
        (ALLOW, ACCOUNT, "Statement[0] of `all` allows", "all", 0, "user/alice", *at),
    ]


def test_an_allow_that_may_hit_is_not_told_beside_one_that_does() -> None:
    maybe = policy("maybe", "Allow ecs:* * acs:SourceVpc=vpc-1")
    decision = authorize(asks(unknown=frozenset({"acs:SourceVpc"})), Policies(identity=(maybe, ALL)))
    assert decision.allowed
    assert [each.text for each in decision.reasons] == ["Statement[0] of `all` allows"]


def test_an_explicit_deny_names_every_denying_statement_and_no_other() -> None:
    twice = policy("twice", "Deny * *", "Deny * acs:oss:*:*:*", "Allow * *")
    decision = authorize(asks(), Policies(identity=(ALL, NO_IMAGES, twice)))
    assert (decision.verdict, decision.policy_type, decision.resource) == (EXPLICIT, ACCOUNT, IMAGE)
    at = ("image/m-1", "ecs:DeleteImage")
    assert told(decision) == [
        (EXPLICIT, ACCOUNT, "Statement[1] of `no-images` denies", "no-images", 1, "group/dev", *at),
        (EXPLICIT, ACCOUNT, "Statement[0] of `twice` denies", "twice", 0, "", *at),
    ]


@pytest.mark.parametrize(
    ("policies", "layer", "node"),
    [
        (Policies(), ACCOUNT, ""),
        (Policies(identity=(ALL,), session=policy("s", "Allow oss:* *")), PolicyType.SESSION, ""),
        (
            Policies(identity=(ALL,), control=levels(ALL, policy("c", "Allow oss:* *"))),
            PolicyType.CONTROL,
            "Root/Dev",
        ),
        (
            Policies(identity=(ALL,), control=levels(policy("c", "Allow oss:* *"), ALL)),
            PolicyType.CONTROL,
            "Root",
        ),
    ],
)
def test_an_implicit_deny_names_the_layer_in_which_nothing_allows(
    policies: Policies, layer: PolicyType, node: str
) -> None:
    decision = authorize(asks(), policies)
    assert (decision.verdict, decision.policy_type, decision.resource) == (IMPLICIT, layer, IMAGE)
    text = "no statement allows `ecs:DeleteImage`"
    assert told(decision) == [(IMPLICIT, layer, text, None, None, node, "image/m-1", "ecs:DeleteImage")]


def test_an_open_decision_names_what_may_count_and_its_unknown_keys() -> None:
    request = asks(unknown=frozenset({"acs:SourceVpc", "acs:AccessId"}))
    maybe = policy("maybe", "Allow ecs:* * acs:SourceVpc=vpc-1")
    decision = authorize(request, Policies(identity=(ALL, ONLY_HOME, maybe)))
    assert (decision.verdict, decision.policy_type, decision.resource) == (OPEN, ACCOUNT, IMAGE)
    both = "`acs:SourceVpc` is unknown, `acs:AccessId` is unknown"
    at = ("", "image/m-1", "ecs:DeleteImage")
    assert told(decision) == [
        (OPEN, ACCOUNT, f"Statement[0] of `only-home` may deny: {both}", "only-home", 0, *at),
        (OPEN, ACCOUNT, "Statement[0] of `maybe` may allow: `acs:SourceVpc` is unknown", "maybe", 0, *at),
    ]


def test_the_first_open_layer_is_named_unless_a_later_one_refuses() -> None:
    request = asks(unknown=frozenset({"acs:SourceVpc"}))
    maybe = policy("maybe", "Allow ecs:* * acs:SourceVpc=vpc-1")
    open_twice = authorize(request, Policies(identity=(maybe,), control=levels(maybe)))
    assert (open_twice.verdict, open_twice.policy_type) == (OPEN, PolicyType.CONTROL)
    assert [each.policy_type for each in open_twice.reasons] == [PolicyType.CONTROL, ACCOUNT]
    refused = authorize(request, Policies(identity=(NO_IMAGES,), control=levels(maybe)))
    assert (refused.verdict, refused.policy_type, len(refused.reasons)) == (EXPLICIT, ACCOUNT, 1)


@pytest.mark.parametrize(
    ("caller", "why"),
    [
        (replace(ALICE, in_management_account=True), "control policies do not bind the management account"),
        (replace(ROOT, in_management_account=True), "control policies do not bind the management account"),
        (ROOT, "control policies do not bind the owner of an account"),
        (LINKED, "control policies do not bind service-linked roles"),
    ],
)
def test_callers_whom_control_policies_do_not_bind(caller: Principal, why: str) -> None:
    bound = Policies(identity=(ALL,), control=levels(policy("none", "Deny * *")))
    assert authorize(asks(), bound).verdict is EXPLICIT
    decision = authorize(asks(caller=caller), bound)
    assert decision.allowed
    assert told(decision)[0] == (
        ALLOW,
        PolicyType.CONTROL,
        why,
        None,
        None,
        "",
        "image/m-1",
        "ecs:DeleteImage",
    )
    outside = authorize(asks(caller=caller), replace(bound, control=None))
    assert why not in {each.text for each in outside.reasons}


def test_the_control_policies_of_the_owner_of_a_foreign_image() -> None:
    bound = Policies(identity=(ALL,), control=levels(policy("none", "Deny * *")))
    theirs = Readings(foreign_image=ForeignImage.OWNERS)
    foreign, own = replace(IMAGE, owner="2"), replace(IMAGE, owner="1")
    assert authorize(asks(foreign), bound).verdict is EXPLICIT
    assert authorize(asks(own), bound, theirs).verdict is EXPLICIT
    assert authorize(asks(IMAGE), bound, theirs).verdict is EXPLICIT
    decision = authorize(asks(foreign), bound, theirs)
    why = "the image belongs to another account, whose control policies are asked"
    assert decision.allowed
    assert told(decision)[0][2] == why


def test_the_owner_is_not_asked_in_its_own_account() -> None:
    said = (ALLOW, None, "the owner may do everything in its own account", None, None, "")
    for name in (
        "acs:ecs:cn-hangzhou:1:image/m-1",
        "acs:ecs:*:*:image/m-1",
        "acs:ecs:*:system:x",
        "acs:oss:::b",
        "*",
    ):
        decision = authorize(
            asks(Resource(name), caller=ROOT), Policies(identity=(policy("none", "Deny * *"),))
        )
        assert told(decision) == [(*said, name.rpartition(":")[2], "ecs:DeleteImage")]
    foreign = Resource("acs:ecs:cn-hangzhou:2:image/m-1")
    assert authorize(asks(foreign, caller=ROOT), Policies(identity=(NO_IMAGES,))).verdict is EXPLICIT


def test_the_worst_resource_is_named_and_every_reason_of_its_kind() -> None:
    policies = Policies(identity=(policy("disks", "Allow ecs:* acs:ecs:*:*:disk/*"), NO_IMAGES))
    network = Resource("acs:vpc:cn-hangzhou:1:vswitch/v-1")
    decision = authorize(asks(network, DISK, IMAGE, replace(IMAGE, new=True)), policies)
    assert (decision.verdict, decision.policy_type, decision.resource) == (EXPLICIT, ACCOUNT, IMAGE)
    assert [each.text for each in decision.reasons] == ["Statement[1] of `no-images` denies"] * 2
    first = authorize(asks(DISK, network, IMAGE), policies, Readings(resources=Refusal.FIRST))
    assert (first.verdict, first.resource) == (IMPLICIT, network)
    assert [each.resource for each in first.reasons] == [network.name]
    allowed = authorize(asks(DISK, DISK), policies, Readings(resources=Refusal.FIRST))
    assert (allowed.verdict, allowed.policy_type, allowed.resource) == (ALLOW, None, None)
    assert len(allowed.reasons) == 2


def test_an_open_resource_yields_to_a_refused_one_and_not_to_an_allowed_one() -> None:
    policies = Policies(identity=(policy("tagged", "Allow ecs:* acs:ecs:*:*:*  acs:ResourceTag/a=b"),))
    unknown, tagged = replace(IMAGE, tags=None), replace(DISK, tags={"a": "b"})
    assert authorize(asks(tagged, unknown), policies).verdict is OPEN
    assert authorize(asks(unknown, DISK), policies).verdict is IMPLICIT
    assert authorize(asks(tagged), policies).verdict is ALLOW


def test_levels_asked_at_once_name_the_level_that_denies() -> None:
    deny, silent = policy("none", "Deny * *"), policy("c", "Allow oss:* *")
    policies = Policies(identity=(ALL,), control=levels(deny, silent))
    one_by_one = authorize(asks(), policies)
    assert (one_by_one.verdict, one_by_one.reasons[0].node) == (IMPLICIT, "Root/Dev")
    at_once = authorize(asks(), policies, Readings(levels=Refusal.EXPLICIT_FIRST))
    assert (at_once.verdict, at_once.reasons[0].node) == (EXPLICIT, "Root")


def test_the_resource_group_is_asked_where_the_account_scope_is_silent() -> None:
    group = (policy("group", "Allow ecs:* *", on="group/dev"),)
    denied = (policy("denied", "Deny ecs:* *"),)
    silent = authorize(asks(), Policies(identity_resource_group=group))
    assert told(silent)[0][:3] == (ALLOW, PolicyType.RESOURCE_GROUP, "Statement[0] of `group` allows")
    spoken = authorize(asks(), Policies(identity=(ALL,), identity_resource_group=denied))
    assert spoken.allowed
    assert [each.text for each in spoken.reasons] == ["Statement[0] of `all` allows"]
    pooled = Policies(identity=(ALL,), identity_resource_group=denied)
    decision = authorize(asks(), pooled, Readings(resource_group=ResourceGroup.ONE_POOL))
    assert (decision.verdict, decision.policy_type) == (EXPLICIT, ACCOUNT)


def test_assuming_a_role_takes_the_trust_of_the_role_and_ones_own_permission() -> None:
    trust = AttachedPolicy("trust", parse(TRUST, PolicyKind.TRUST))
    request = asks(Resource("acs:ram::1:role/ci"), action="sts:AssumeRole")
    both = authorize(request, Policies(identity=(ALL,), trust=trust))
    assert [(each.policy_type, each.text) for each in both.reasons] == [
        (ACCOUNT, "Statement[0] of `all` allows"),
        (PolicyType.TRUST, "Statement[0] of `trust` allows"),
    ]
    assert authorize(request, Policies(trust=trust)).policy_type is ACCOUNT
    unknown = authorize(request, Policies(identity=(ALL,)))
    assert (unknown.verdict, unknown.policy_type) == (OPEN, PolicyType.TRUST)
    text = "the trust policy of the role is not known"
    assert told(unknown) == [(OPEN, PolicyType.TRUST, text, None, None, "", "role/ci", "sts:AssumeRole")]
    vpc = '"Condition":{"StringEquals":{"acs:SourceVpc":"vpc-1"}}'
    maybe = AttachedPolicy("maybe", parse(TRUST.replace("}]}", "," + vpc + "}]}"), PolicyKind.TRUST))
    may = replace(request, context=Context(unknown=frozenset({"acs:SourceVpc"})))
    undecided = authorize(may, Policies(identity=(ALL,), trust=maybe))
    text = "Statement[0] of `maybe` may allow: `acs:SourceVpc` is unknown"
    assert [(each.verdict, each.text) for each in undecided.reasons] == [(OPEN, text)]
    stranger = replace(ALICE, arn="acs:ram::2:user/eve", account="2")
    refused = authorize(replace(request, principal=stranger), Policies(identity=(ALL,), trust=trust))
    assert (refused.verdict, refused.policy_type) == (IMPLICIT, PolicyType.TRUST)


def test_a_call_that_asks_for_nothing() -> None:
    free = authorize(replace(asks(action="sts:GetCallerIdentity"), resources=()), Policies())
    assert told(free) == [
        (ALLOW, None, "`sts:GetCallerIdentity` asks for no permission", None, None, "", "", "")
    ]
    unknown = authorize(replace(asks(), resources=()), Policies(identity=(ALL,)))
    text = "which resources `ecs:DeleteImage` authorises is not known"
    assert (unknown.verdict, unknown.policy_type, unknown.resource) == (OPEN, None, None)
    assert told(unknown) == [(OPEN, None, text, None, None, "", "", "")]
    assert authorize(asks(), Policies(identity=(ALL,)), DEFAULT).allowed
