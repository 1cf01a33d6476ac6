"""The request's values for a condition key, as conditions see them at one resource."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from imagefence.policy.authorize import authorize, questions
from imagefence.policy.document import In, NotIn
from imagefence.policy.matching import covers_action, covers_resource
from imagefence.policy.policies import Policies
from imagefence.policy.question import ABSENT, Values
from imagefence.policy.readings import DEFAULT, Readings, change
from imagefence.policy.request import Context, Principal, PrincipalKind, Request, Resource

ALICE = Principal(PrincipalKind.USER, "acs:ram::1:user/alice", "1")
SERVICE = Principal(PrincipalKind.SERVICE, "ecs.aliyuncs.com", "1")
TAGS = {"team": "web", "Team": "db", "a/b": "both", "a": "one"}
UNKNOWN = "unknown"


def chosen(*names: str) -> Readings:
    """The default readings with others in their place."""
    readings = DEFAULT
    for name in names:
        readings = change(readings, name)
    return readings


def values(
    key: str,
    known: Mapping[str, tuple[str, ...]] | None = None,
    unknown: Iterable[str] = (),
    reading: Readings = DEFAULT,
    caller: Principal = ALICE,
    **resource: Any,
) -> Values:
    """Asks for a key at an image."""
    image = Resource("acs:ecs:cn-hangzhou:1:image/m-1", **resource)
    request = Request(caller, "ecs:DeleteImage", (image,), Context(known or {}, frozenset(unknown)))
    (question,) = questions(request, reading)
    return question.values(key)


def test_values_of_the_call() -> None:
    assert values("acs:SourceVpc", {"acs:SourceVpc": ("vpc-1",)}) == ("vpc-1",)
    assert values("ACS:sourceVPC", {"acs:sourcevpc": ("vpc-1", "vpc-2")}) == ("vpc-1", "vpc-2")
    assert values("acs:SourceVpc", {"acs:SourceVp": ("vpc-1",)}) is ABSENT
    assert values("acs:SourceVpc", {"acs:SourceVpc": ("vpc-1",)}, ["acs:sourcevpc"]) == UNKNOWN
    assert values("acs:SourceVpc", {"acs:SourceVpc": ()}) is ABSENT
    empty = chosen("empty-list=empty-string")
    assert values("acs:SourceVpc", {"acs:SourceVpc": ()}, reading=empty) == ("",)
    assert values("acs:SourceVpc", reading=empty) is ABSENT


def test_spelling_of_the_fixed_part() -> None:
    exact = chosen("key-prefix-case=exact")
    given = {"acs:SourceVpc": ("vpc-1",)}
    assert values("acs:SourceVpc", given, reading=exact) == ("vpc-1",)
    assert values("acs:sourcevpc", given, reading=exact) is ABSENT
    assert values("acs:sourcevpc", given, ["acs:sourcevpc"], reading=exact) is ABSENT
    assert values("acs:resourcetag/team", tags=TAGS, reading=exact) is ABSENT
    assert values("acs:ResourceTag/team", tags=TAGS, reading=exact) == ("web",)


def test_the_caller() -> None:
    assert values("acs:PrincipalARN") == ("acs:ram::1:user/alice",)
    assert values("acs:principalArn", {"acs:PrincipalARN": ("x",)}) == ("acs:ram::1:user/alice",)
    assert values("acs:PrincipalARN", caller=SERVICE) == UNKNOWN
    assert values("acs:PrincipalARN", unknown=["acs:PrincipalARN"]) == UNKNOWN


def test_tags_of_the_resource() -> None:
    for prefix in ("acs:ResourceTag", "ecs:tag", "vpc:tag"):
        assert values(f"{prefix}/team", tags=TAGS) == ("web",)
        assert values(f"{prefix}/Team", tags=TAGS) == ("db",)
        assert values(f"{prefix}/TEAM", tags=TAGS) is ABSENT
        assert values(f"{prefix}/team", tags=None) == UNKNOWN
        assert values(f"{prefix}/team", tags=TAGS, unknown=[f"{prefix}/team"]) == UNKNOWN
    assert values("acs:ResourceTag/e", tags={"e": ""}) == ("",)
    assert values("acs:ResourceTag/a/b", tags=TAGS) == ("both",)
    assert values("acs:ResourceTag/a/b", tags=TAGS, reading=chosen("tag-key-ends=at-slash")) == ("one",)
    folded = chosen("tag-key-case=folded")
    assert values("acs:ResourceTag/tEAM", tags=TAGS, reading=folded) == ("web", "db")
    assert values("acs:ResourceTag/x", tags=TAGS, reading=folded) is ABSENT
    assert values("acs:ResourceTag/team", tags=None, reading=folded) == UNKNOWN


def test_tags_of_the_call() -> None:
    given = {"acs:RequestTag/team": ("web",), "acs:RequestTag/a/b": ("both",), "acs:RequestTag/a": ("one",)}
    assert values("acs:RequestTag/team", given) == ("web",)
    assert values("acs:requestTAG/team", given) == ("web",)
    assert values("acs:RequestTag/Team", given) is ABSENT
    assert values("acs:RequestTag/a/b", given) == ("both",)
    assert values("acs:RequestTag/a/b", given, reading=chosen("tag-key-ends=at-slash")) == ("one",)
    assert values("acs:RequestTag/team", given, ["acs:RequestTag/team"]) == UNKNOWN
    assert values("acs:RequestTag/team", given, ["acs:RequestTag/*"]) == UNKNOWN
    new_alone = chosen("request-tag-at=new-resource")
    assert values("acs:RequestTag/team", given, reading=new_alone) is ABSENT
    assert values("acs:RequestTag/team", given, reading=new_alone, new=True) == ("web",)


def test_tags_of_the_call_in_any_case() -> None:
    folded = chosen("tag-key-case=folded")
    given = {"acs:RequestTag/team": ("web",), "acs:RequestTag/Team": ("db",), "acs:RequestTag/e": ()}
    assert values("acs:RequestTag/TEAM", given, reading=folded) == ("web", "db")
    assert values("acs:RequestTag/x", given, reading=folded) is ABSENT
    assert values("acs:RequestTag/E", given, reading=folded) is ABSENT
    assert values("acs:RequestTag/TEAM", given, ["acs:RequestTag/tEam"], reading=folded) == UNKNOWN
    assert values("acs:RequestTag/TEAM", given, ["acs:RequestTag/*"], reading=folded) == UNKNOWN


def test_tags_of_what_is_still_to_be_created_are_those_of_the_call() -> None:
    given = {"acs:RequestTag/team": ("web",)}
    assert values("ecs:tag/team", given, tags={"team": "db"}, new=True) == ("web",)
    assert values("ecs:tag/team", given, tags={"team": "db"}) == ("db",)
    assert values("acs:ResourceTag/team", given, new=True) is ABSENT
    assert values("ecs:tag/team", given, ["acs:RequestTag/team"], new=True) == UNKNOWN
    assert values("ecs:tag/team", given, ["acs:RequestTag/Team"], new=True) == ("web",)


@pytest.mark.parametrize(
    ("pattern", "action", "whole", "by_part"),
    [
        ("*", "ecs:Run", True, True),
        ("e*", "ecs:Run", True, False),
        ("ECS:r*", "ecs:Run", True, True),
        ("e*:Run", "ecs:Run", True, True),
        ("e*:Run", "ecs:a:Run", True, False),
        ("*:a:*", "x:y:a:z", True, False),
        (":*", ":x", True, True),
    ],
)
def test_actions_as_one_glob_or_by_part(pattern: str, action: str, whole: bool, by_part: bool) -> None:
    assert covers_action(In((pattern,)), action) is whole
    assert covers_action(NotIn((pattern,)), action) is not whole
    assert covers_action(In(("x:y", pattern)), action, chosen("action-glob=per-part")) is by_part


@pytest.mark.parametrize(
    ("pattern", "name", "covers"),
    [
        ("acs:ram::1:role/x", "acs:ram:*:1:role/x", True),
        ("acs:ram:*:1:role/x", "acs:ram::1:role/x", True),
        ("acs:ram:cn-hangzhou:1:role/x", "acs:ram::1:role/x", False),
        ("acs:ram::1:role/x", "acs:ram:cn-hangzhou:1:role/x", False),
        ("acs:ecs::1:image/m-1", "acs:ecs:*:1:image/m-1", False),
        ("acs:ecs:*:1:image/m-1", "acs:ecs::1:image/m-1", True),
        ("acs:*::1:role/x", "acs:ram:*:1:role/x", True),
        ("acs:ram:::role/x", "acs:ram::*:role/x", False),
        ("acs:ecs:?:1:image/m-1", "acs:ecs:*:1:image/m-1", True),
        ("acs:ecs:*:1:image/m-1", "acs:ecs:*:1:image/m-1", True),
        ("*", "x", True),
        ("*:*", "acs:ecs::1:image/m-1", False),
        ("acs:ecs::1:image/*", "*", False),
    ],
)
def test_regions_of_services_that_have_none(pattern: str, name: str, covers: bool) -> None:
    assert covers_resource(In((pattern,)), name) is covers
    assert covers_resource(NotIn((pattern,)), name) is not covers


def test_what_a_launch_asks_under_each_reading() -> None:
    launch = Request(ALICE, "ecs:RunInstances", (Resource("acs:ecs:cn-hangzhou:1:image/m-1"),))
    assert authorize(launch, Policies()).resource == launch.resources[0]
    assert authorize(launch, Policies(), chosen("launch-asks=everything")).resource == Resource("*")
    other = Request(ALICE, "ecs:DeleteImage", launch.resources)
    assert authorize(other, Policies(), chosen("launch-asks=everything")).resource == launch.resources[0]
