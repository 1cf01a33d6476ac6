"""Our own fence proven, and mutants of it found out, with every request of a small universe as referee."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from imagefence.fence.assumptions import planned
from imagefence.fence.documents import PolicyText, fence_policies
from imagefence.policy.authorize import authorize
from imagefence.policy.document import PolicyKind
from imagefence.policy.policies import Policies
from imagefence.policy.readings import DEFAULT
from imagefence.policy.request import Request
from imagefence.prove.ask import asked_of
from imagefence.prove.budget import unlimited
from imagefence.prove.calls import Caller as Open
from imagefence.prove.prover import AS_READ, prove, under
from imagefence.prove.queries import ALWAYS, TAG_ROADS, Query, holes
from imagefence.scope.closing import doors
from imagefence.scope.roads import Barrier, Caller, Group, Road, table
from imagefence.scope.scope import Attachment, Distribute, Exemption, Form, May, OtherLaunchers, Scope
from prove.generated import NOW, is_asked_for, universe

ACCOUNT = "1000000000000001"
OWNER = "2000000000000002"
ROADS = (*ALWAYS, *TAG_ROADS)
SCOPE = Scope(
    {"environment": ("production",)},
    attach=Attachment(nodes=("Root/Workloads",)),
    exemptions=(Exemption("image-admin", frozenset({May.TAG, May.CREATE_IMAGE})),),
)
UNTIL = Exemption("break-glass", frozenset({May.LAUNCH}), datetime(2026, 12, 1, tzinfo=UTC))


def texts_of(scope: Scope) -> tuple[PolicyText, ...]:
    return fence_policies(scope, PolicyKind.CONTROL, (ACCOUNT,))


@pytest.mark.parametrize("form", list(Form))
@pytest.mark.parametrize("distribute", list(Distribute))
def test_every_form_of_the_fence_is_proven(form: Form, distribute: Distribute) -> None:
    scope = replace(
        SCOPE,
        form=form,
        distribute=distribute,
        owner_accounts=(OWNER,),
        other_launchers=OtherLaunchers.CLOSED,
        exemptions=(*SCOPE.exemptions, UNTIL),
    )
    asked = asked_of(planned(scope, texts_of(scope)), scope, Open(ACCOUNT), NOW)
    answer = prove(asked, unlimited(), roads=("image-family", *(road.name for road in doors(scope))))
    assert answer.exit_code == 0, [hole.query.text for hole in answer.default.holes]
    assert not answer.undecided
    needed = {reading.other.id for reading in answer.needed}
    assert ("U-1" in needed) is (form is Form.DENY)
    assert "U-11" in needed


def test_two_keys_and_two_values_are_proven() -> None:
    scope = replace(SCOPE, tags={"environment": ("production", "staging"), "hardened": ("yes",)})
    asked = asked_of(planned(scope, texts_of(scope)), scope, Open(ACCOUNT), NOW)
    assert not under(AS_READ, asked, ROADS, unlimited()).holes


def test_without_the_exemption_the_exempt_role_is_the_hole() -> None:
    bare = replace(SCOPE, exemptions=())
    asked = asked_of(planned(SCOPE, texts_of(SCOPE)), bare, Open(ACCOUNT), NOW)
    found = under(AS_READ, asked, ROADS, unlimited()).holes
    assert {hole.request.principal.arn for hole in found} == {f"acs:ram::{ACCOUNT}:role/image-admin"}


def test_an_exemption_that_has_ended_is_asked_for_its_end() -> None:
    scope = replace(SCOPE, exemptions=(UNTIL,))
    late = replace(UNTIL, until=datetime(2027, 12, 1, tzinfo=UTC))
    policies = planned(scope, texts_of(replace(scope, exemptions=(late,))))
    (hole, *_) = under(AS_READ, asked_of(policies, scope, Open(ACCOUNT), NOW), ROADS, unlimited()).holes
    (moment,) = hole.request.context.known["acs:CurrentTime"]
    assert "2026-12-01" <= moment < "2027-12-01"
    assert hole.request.principal.arn.endswith("role/break-glass")


Documents = dict[str, Any]
Change = Callable[[Documents], None]


def statements(documents: Documents) -> list[dict[str, Any]]:
    return [each for document in documents.values() for each in document["Statement"]]


def about(documents: Documents, action: str) -> dict[str, Any]:
    return next(each for each in statements(documents) if action in each.get("Action", ()))


def without_action(action: str, place: int = 0) -> Change:
    def change(documents: Documents) -> None:
        found = [each for each in statements(documents) if action in each["Action"]]
        found[place]["Action"].remove(action)
        found[place]["Action"].append("ecs:DescribeImages")

    return change


def without_statement(place: int) -> Change:
    def change(documents: Documents) -> None:
        gone = statements(documents)[place]
        for document in documents.values():
            document["Statement"] = [each for each in document["Statement"] if each is not gone] or [
                {"Effect": "Allow", "Action": ["ecs:DescribeImages"], "Resource": "*"}
            ]

    return change


def set_in(action: str, key: str, value: Any) -> Change:
    return lambda documents: about(documents, action).update({key: value})


def condition(action: str, value: dict[str, Any]) -> Change:
    return set_in(action, "Condition", value)


def texts(old: str, new: str) -> Change:
    def change(documents: Documents) -> None:
        for name, document in documents.items():
            documents[name] = json.loads(json.dumps(document).replace(old, new))

    return change


RUN, TAG, COPY = "ecs:RunInstances", "ecs:TagResources", "ecs:CopyImage"
EXEMPT = "acs:ram:*:*:role/image-admin"
IMAGES = "acs:ecs:*:*:image/*"
WORN, SENT = "acs:ResourceTag/environment", "acs:RequestTag/environment"
MUTANTS: dict[str, Change] = {
    **{
        f"without {action}": without_action(action)
        for action in ("ecs:RunInstances", "ecs:CreateInstance", "ecs:ReplaceSystemDisk")
    },
    **{f"without {a}": without_action(a) for a in ("ecs:TagResources", "ecs:CreateTags", "ecs:AddTags")},
    **{f"without {a}": without_action(a) for a in ("ecs:CopyImage", "ecs:CreateImage", "ecs:ImportImage")},
    "without ecs:UntagResources": without_action("ecs:UntagResources"),
    "without tag:TagResources at images": without_action("tag:TagResources"),
    "without tag:TagResources by key": without_action("tag:TagResources", 1),
    **{f"without statement {place}": without_statement(place) for place in range(6)},
    "launch operator positive": condition(RUN, {"StringEquals": {WORN: "production"}}),
    "launch operator like": condition(RUN, {"StringNotLike": {WORN: "prod*"}}),
    "launch operator ignores case": condition(RUN, {"StringNotEqualsIgnoreCase": {WORN: "production"}}),
    "launch for another value": condition(RUN, {"StringNotEquals": {WORN: "prod"}}),
    "launch for one value more": condition(RUN, {"StringNotEquals": {WORN: ["production", "test"]}}),
    "launch key in other case": texts(WORN, "acs:ResourceTag/Environment"),
    "launch key prefix in other case": texts(WORN, "acs:resourcetag/environment"),
    "launch by the tag in the call": condition(RUN, {"StringNotEquals": {SENT: "production"}}),
    "launch at instances": set_in(RUN, "Resource", "acs:ecs:*:*:instance/*"),
    "launch at some images": set_in(RUN, "Resource", "acs:ecs:*:*:image/m-*"),
    "launch in one region": set_in(RUN, "Resource", "acs:ecs:cn-hangzhou:*:image/*"),
    "launch in another account": set_in(RUN, "Resource", f"acs:ecs:*:{OWNER}:image/*"),
    "launch with the star spelt out": set_in(RUN, "Resource", ["acs:ecs:*:*:image/?*"]),
    "launch within working hours": condition(
        RUN,
        {
            "StringNotEquals": {WORN: "production"},
            "DateLessThan": {"acs:CurrentTime": "2027-01-01T00:00:00Z"},
        },
    ),
    "launch but from an address": condition(
        RUN, {"StringNotEquals": {WORN: "production"}, "NotIpAddress": {"acs:SourceIp": "203.0.113.0/24"}}
    ),
    "launch allowed": set_in(RUN, "Effect", "Allow"),
    "role by its beginning": texts(EXEMPT, EXEMPT + "*"),
    "role by its end": texts(EXEMPT, "acs:ram:*:*:role/*image-admin"),
    "role or any user": texts(EXEMPT, "acs:ram:*:*:*/image-admin"),
    "role in capitals": texts(EXEMPT, "acs:ram:*:*:role/Image-Admin"),
    "everybody exempt": texts(EXEMPT, "*"),
    "nobody exempt": texts(EXEMPT, "acs:ram:*:*:role/nobody/else"),
    "tags at disks": set_in(TAG, "Resource", "acs:ecs:*:*:disk/*"),
    "creation by one value": condition(COPY, {"StringEquals": {SENT: "production"}}),
    "creation by another value": condition(COPY, {"StringEquals": {SENT: "test"}}),
    "creation by the old key": condition(COPY, {"StringLike": {"ecs:tag/environment": "*"}}),
    "creation at instances": set_in(COPY, "Resource", "acs:ecs:*:*:instance/*"),
}


def mutated(change: Change) -> Policies:
    made = texts_of(SCOPE)
    documents = {text.name: json.loads(text.text) for text in made}
    change(documents)
    changed = tuple(replace(text, text=json.dumps(documents[text.name])) for text in made)
    return planned(SCOPE, changed)


def referee(policies: Policies) -> Iterator[tuple[Query, Request]]:
    """The requests of a small universe that get past."""
    chance = random.Random(7)
    exempt = f"acs:ram::{ACCOUNT}:role/image-admin"
    for query in holes(SCOPE, ACCOUNT, DEFAULT, NOW, ROADS):
        for request in universe(query, policies, chance, 150):
            may = query.exempt is not May.LAUNCH and request.principal.arn == exempt
            if not may and is_asked_for(query, request) and authorize(request, policies).allowed:
                yield query, request


@pytest.mark.parametrize("name", MUTANTS)
def test_mutants_that_open_a_hole_are_found(name: str) -> None:
    policies = mutated(deepcopy(MUTANTS[name]))
    found = under(AS_READ, asked_of(policies, SCOPE, Open(ACCOUNT), NOW), ROADS, unlimited())
    assert not found.undecided
    opened = {query.text for query, _ in referee(policies)}
    assert opened <= {hole.query.text for hole in found.holes}
    assert bool(found.holes) is (name not in HARMLESS), [hole.query.text for hole in found.holes]


# What changes nothing: other statements or other spellings still say the same.
HARMLESS = frozenset(
    {
        "without ecs:UntagResources",
        "without statement 1",
        "without statement 3",
        "without statement 5",
        "without tag:TagResources at images",
        "without tag:TagResources by key",
        "launch key prefix in other case",
        "launch with the star spelt out",
        "role in capitals",
        "nobody exempt",
        "creation by one value",
        "creation by the old key",
    }
)


def test_there_are_enough_mutants() -> None:
    assert len(MUTANTS) - len(HARMLESS) >= 30


def test_a_row_more_in_the_table_is_one_more_question(monkeypatch: pytest.MonkeyPatch) -> None:
    more = Road(
        name="moon-launcher",
        actions=("moon:LaunchInstances",),
        group=Group.OTHER_LAUNCHERS,
        by=Caller.SERVICE_LINKED,
        authorizes=("*",),
        closed_by=Barrier.DOOR,
        remark="made up",
        source="nowhere",
    )
    monkeypatch.setattr("imagefence.prove.queries.table", lambda: (*table(), more))
    asked = asked_of(planned(SCOPE, texts_of(SCOPE)), SCOPE, Open(ACCOUNT), NOW)
    (hole,) = under(AS_READ, asked, ("moon-launcher",), unlimited()).holes
    assert hole.query.text == "moon:LaunchInstances is open (moon-launcher)"
    assert "moon-launcher" in prove(asked, unlimited()).limits[2]
