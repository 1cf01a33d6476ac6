"""What a call asks of RAM: actions, resources and tags, under the readings that change them."""

from __future__ import annotations

from typing import Any

import pytest

from imagefence.policy.authorize import questions
from imagefence.policy.readings import DEFAULT, change
from imagefence.policy.request import Context, Principal, PrincipalKind, Request, Resource

ALICE = Principal(PrincipalKind.USER, "acs:ram::1:user/alice", "1")
IDP = Principal(PrincipalKind.FEDERATED, "acs:ram::1:saml-provider/idp", "1")
IMAGE, DISK, SWITCH = (
    Resource(f"acs:{name}")
    for name in ("ecs:cn-hangzhou:1:image/m-1", "ecs:cn-hangzhou:1:disk/d-1", "vpc::1:vswitch/v")
)


def asked(
    action: str, *resources: Resource, reading: str = "", caller: Principal = ALICE, **context: Any
) -> list[str]:
    """What is asked, as `action relative-id`."""
    request = Request(caller, action, resources, Context(**context))
    chosen = change(DEFAULT, reading) if reading else DEFAULT
    return [
        f"{each.action_name} {each.target.name.rpartition(':')[2]}" for each in questions(request, chosen)
    ]


@pytest.mark.parametrize(
    ("action", "reading", "actions"),
    [
        ("ecs:AddTags", "", ["ecs:AddTags"]),
        ("ecs:AddTags", "add-tags=alias", ["ecs:CreateTags"]),
        ("ecs:AddTags", "add-tags=both", ["ecs:AddTags", "ecs:CreateTags"]),
        ("ECS:removetags", "add-tags=alias", ["ecs:DeleteTags"]),
        ("ecs:RemoveTags", "add-tags=both", ["ecs:RemoveTags", "ecs:DeleteTags"]),
        ("ecs:TagResources", "add-tags=both", ["ecs:TagResources"]),
        ("sts:GetCallerIdentity", "", []),
        ("sts:AssumeRoleWithSAML", "", []),
    ],
)
def test_actions_that_stand_for_a_call(action: str, reading: str, actions: list[str]) -> None:
    assert asked(action, IMAGE, reading=reading) == [f"{each} image/m-1" for each in actions]


def test_a_provider_asks_for_the_role() -> None:
    role = Resource("acs:ram::1:role/x")
    for action in ("sts:AssumeRoleWithSAML", "sts:assumerolewithoidc"):
        assert asked(action, role, caller=IDP) == ["sts:AssumeRole role/x"]


def test_the_tag_service_may_ask_each_product_for_its_own_resources() -> None:
    both = "tag-service=both"
    for action in ("tag:TagResources", "tag:UntagResources"):
        product = action.removeprefix("tag:")
        plain = [f"{action} image/m-1", f"{action} vswitch/v", f"{action} disk/d-1"]
        assert asked(action, IMAGE, SWITCH, DISK) == plain
        products = [f"ecs:{product} image/m-1", f"ecs:{product} disk/d-1", f"vpc:{product} vswitch/v"]
        assert asked(action, IMAGE, SWITCH, DISK, reading=both) == plain + products
    assert asked("tag:TagResources", Resource("*"), reading=both) == ["tag:TagResources *"]
    assert asked("tag:ListTagKeys", IMAGE, reading=both) == ["tag:ListTagKeys image/m-1"]


def test_a_launch_may_ask_for_everything_at_once() -> None:
    for action in ("ecs:RunInstances", "ecs:createinstance"):
        assert asked(action, IMAGE, DISK) == [f"{action} image/m-1", f"{action} disk/d-1"]
        assert asked(action, IMAGE, DISK, reading="launch-asks=everything") == [f"{action} *"]
    replacing = asked("ecs:ReplaceSystemDisk", IMAGE, DISK, reading="launch-asks=everything")
    assert replacing == ["ecs:ReplaceSystemDisk image/m-1", "ecs:ReplaceSystemDisk disk/d-1"]


@pytest.mark.parametrize(
    "action", ["ecs:CopyImage", "ecs:createImage", "ecs:ImportImage", "vpc:CreateVSwitch"]
)
def test_tags_that_a_creation_may_not_hand_over(action: str) -> None:
    known = {"acs:RequestTag/a": ("b",), "ACS:requestTag/c": ("d",), "acs:SourceVpc": ("vpc-1",)}
    context = Context(known, frozenset({"acs:RequestTag/x", "acs:SourceIp"}))
    keys = ("acs:RequestTag/a", "acs:RequestTag/c", "acs:RequestTag/x", "acs:SourceVpc", "acs:SourceIp")

    def values(reading: str, asked_action: str = action) -> list[Any]:
        request = Request(ALICE, asked_action, (IMAGE,), context)
        (question,) = questions(request, change(DEFAULT, reading))
        return [question.values(key) for key in keys]

    whole = [("b",), ("d",), "unknown", ("vpc-1",), "unknown"]
    assert values("creation-tags=handed-over") == whole
    assert values("creation-tags=withheld") == [None, None, None, ("vpc-1",), "unknown"]
    assert values("creation-tags=withheld", "ecs:RunInstances") == whole
