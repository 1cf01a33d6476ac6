"""Scope to policy texts.

What the statements rest on: docs/fence.md, and for each barrier the rows of scope/roads.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from imagefence.errors import Refusal
from imagefence.policy.document import PolicyKind
from imagefence.scope.closing import Closing, doors, let_through
from imagefence.scope.roads import (
    CREATE_ACTIONS,
    DETACH_ACTIONS,
    FAMILY_ACTIONS,
    GROUP_ACTIONS,
    LAUNCH_ACTIONS,
    POLICY_ACTIONS,
    TAG_ACTIONS,
    TAG_SERVICE_ACTIONS,
    Barrier,
    actions_closed_by,
)
from imagefence.scope.scope import Distribute, Exemption, ImageCreation, May, Scope

Statement = dict[str, Any]
Tests = Mapping[str, Mapping[str, str | list[str]]]

PREFIX = "imagefence-"
ANY_IMAGE = "acs:ecs:*:*:image/*"
DIRECTORY_ROLE = "ResourceDirectoryAccountAccessRole"
DIRECTORY_ROLE_PATTERN = f"acs:ram:*:*:role/{DIRECTORY_ROLE.lower()}"
# Lengths: help.aliyun.com ram/product-overview/limits; CreateControlPolicy.
LIMITS = {PolicyKind.CONTROL: 4096, PolicyKind.IDENTITY: 6144}
# The number: help.aliyun.com AttachControlPolicy; ram/product-overview/limits.
MOST_POLICIES = 10
LAUNCH_PARTS = (
    *(
        f"acs:ecs:*:*:{kind}/*"
        for kind in ("instance", "securitygroup", "disk", "snapshot", "keypair", "eni")
    ),
    *(f"acs:ecs:*:*:{kind}/*" for kind in ("launchtemplate", "ddh", "deploymentset", "hpccluster")),
    "acs:vpc:*:*:*",
    "acs:ram:*:*:role/*",
)


@dataclass(frozen=True, slots=True)
class PolicyText:
    """A policy to stand in the cloud: its name, what it is for, and its text."""

    name: str
    about: str
    text: str
    kind: PolicyKind


def fence_policies(scope: Scope, kind: PolicyKind, accounts: Sequence[str]) -> tuple[PolicyText, ...]:
    """Writes the policies of a fence over these accounts; raises Refusal where one can't be held short."""
    parts = (
        ("launch", "no launch but from approved images", tuple(launch_statements(scope, accounts))),
        (
            "tags",
            "nobody but the exempt roles brings the approved tags onto an image",
            tuple(tag_statements(scope)),
        ),
        ("roles", "the exempt roles keep their names and their trust", tuple(name_statements(scope, kind))),
        ("doors", "nothing is told to go round the fence", tuple(door_statements(scope))),
        (
            "allow",
            "launches from approved images, and all else, in place of FullAliyunAccess",
            allow_list(scope),
        ),
    )
    policies = tuple(
        policy for word, about, statements in parts for policy in packed(word, about, statements, kind)
    )
    if len(policies) > MOST_POLICIES:
        raise Refusal(
            f"the fence takes {len(policies)} policies, and a node or an identity holds {MOST_POLICIES}",
            help="close fewer roads (`roads.except`), or name fewer values, owner accounts or exempt roles",
        )
    return policies


def launch_statements(scope: Scope, accounts: Sequence[str]) -> Iterator[Statement]:
    """Denies launches: at the image by its tags, and at the whole request by where the image comes from."""
    exempt = scope.exempt_to(May.LAUNCH)
    if scope.form.denies:
        yield from tag_denies(scope, exempt)
    launches = actions_closed_by(Barrier.ORIGIN)
    yield from deny(launches, "*", {"StringEquals": {"ecs:ImageSource": "System"}}, exempt)
    if scope.owner_accounts:
        owners = sorted({*scope.owner_accounts, *(accounts if scope.distribute is Distribute.COPY else ())})
        yield from deny(launches, "*", {"StringNotEquals": {"ecs:ImageOwnerId": owners}}, exempt)


def tag_denies(scope: Scope, exempt: Sequence[Exemption]) -> Iterator[Statement]:
    """One Deny for each approved key, as all of them must be right.

    A receiver of a shared image sees no tags of it (U-10), so with `share` the tags are asked of system
    disks, which have no key for the owner, and of all launches in the owner accounts alone.
    """
    for key, values in scope.tags.items():
        tests = {"StringNotEquals": {f"acs:ResourceTag/{key}": one_or_all(values)}}
        if scope.distribute is Distribute.COPY:
            yield from deny(actions_closed_by(Barrier.LAUNCH), ANY_IMAGE, tests, exempt)
        else:
            yield from deny(actions_closed_by(Barrier.ORIGIN), owned_images(scope), tests, exempt)
            yield from deny(without_owner(), ANY_IMAGE, tests, exempt)


def without_owner() -> tuple[str, ...]:
    """The launches that have no key for the image's owner."""
    owned = actions_closed_by(Barrier.ORIGIN)
    return tuple(action for action in actions_closed_by(Barrier.LAUNCH) if action not in owned)


def owned_images(scope: Scope) -> str | list[str]:
    """The images of the owner accounts."""
    return one_or_all(f"acs:ecs:*:{account}:image/*" for account in scope.owner_accounts)


def tag_statements(scope: Scope) -> Iterator[Statement]:
    """Denies tagging images by hand, images born with the tags, and moves between families.

    Why the Tag service is denied twice: at images outright, as untagging carries keys without values, and
    everywhere by key, as no page says which resource it authorises. The ECS actions are denied at images
    alone, so that an instance may wear the same key.
    """
    taggers, makers = scope.exempt_to(May.TAG), scope.exempt_to(May.CREATE_IMAGE)
    tagging, creating = actions_closed_by(Barrier.TAGGING), actions_closed_by(Barrier.CREATION)
    yield from deny(tagging, ANY_IMAGE, {}, taggers)
    elsewhere = tuple(action for action in tagging if not action.startswith("ecs:"))
    for key in scope.tags:
        yield from deny(elsewhere, "*", carries(key), taggers)
    if scope.image_creation is ImageCreation.ALL:
        yield from deny(creating, "*", {}, makers)
    else:
        for key in scope.tags:
            yield from deny(creating, "*", carries(key), makers)
    families = actions_closed_by(Barrier.FAMILY)
    yield from deny(families, ANY_IMAGE, {}, tuple(dict.fromkeys((*taggers, *makers))))
    if scope.distribute is Distribute.SHARE:
        # Why: receivers go by the owner alone, so what is shared must be approved.
        for key, values in scope.tags.items():
            untagged = {"StringNotEquals": {f"acs:ResourceTag/{key}": one_or_all(values)}}
            yield from deny(actions_closed_by(Barrier.SHARING), owned_images(scope), untagged, taggers)


def name_statements(scope: Scope, kind: PolicyKind) -> Iterator[Statement]:
    """Protects the exempt roles and the fence's own policies from whoever the fence is for."""
    # Why: one statement a role, as the spellings of a long name fill much of a policy.
    roles = [list(role_names(exemption.role)) for exemption in scope.exemptions]
    changes = actions_closed_by(Barrier.NAMES)
    if kind is PolicyKind.CONTROL:
        but = {"StringNotLike": {"acs:PrincipalARN": DIRECTORY_ROLE_PATTERN}}
        for names in (*roles, list(directory_role_names())) if roles else ():
            yield statement("Deny", changes, names, but)
        if roles:
            yield statement("Deny", POLICY_ACTIONS, f"acs:ram:*:*:policy/{PREFIX}*", but)
        return
    for names in roles:
        # Why: an exempt role trusts its account, whose fenced administrators could slip into it.
        yield statement("Deny", (*changes, "sts:AssumeRole"), names, {})
    yield statement("Deny", (*POLICY_ACTIONS, *DETACH_ACTIONS), f"acs:ram:*:*:policy/{PREFIX}*", {})
    groups = [f"acs:ram:*:*:group/{name}" for name in scope.attach.groups]
    if groups:
        yield statement("Deny", GROUP_ACTIONS, groups, {})


def door_statements(scope: Scope) -> Iterator[Statement]:
    """Denies what tells a service to launch, share or tag, or puts another disk in place; one Deny a road."""
    for road in doors(scope):
        passing = (Exemption(role, frozenset({road.exempt})) for role in let_through(road, scope))
        yield from deny(road.actions, "*", {}, (*scope.exempt_to(road.exempt), *passing))


def allow_list(scope: Scope) -> tuple[Statement, ...]:
    """The list that stands in for FullAliyunAccess: everything, but of images the approved ones."""
    return tuple(allow_statements(scope)) if scope.form.allows else ()


def allow_statements(scope: Scope) -> Iterator[Statement]:
    """Only positive tests, so that nothing hangs on how an absent key is read (U-1)."""
    wears = {"StringEquals": {f"acs:ResourceTag/{k}": one_or_all(v) for k, v in scope.tags.items()}}
    launches = actions_closed_by(Barrier.LAUNCH)
    yield {"Effect": "Allow", "NotAction": list(launches), "Resource": "*"}
    yield statement("Allow", launches, list(LAUNCH_PARTS), {})
    if scope.distribute is Distribute.COPY:
        yield statement("Allow", launches, ANY_IMAGE, wears)
    else:
        owned = {"StringEquals": {"ecs:ImageOwnerId": one_or_all(scope.owner_accounts)}}
        yield statement("Allow", actions_closed_by(Barrier.ORIGIN), ANY_IMAGE, owned)
        yield statement("Allow", without_owner(), ANY_IMAGE, wears)
    for exemption in scope.exempt_to(May.LAUNCH):
        tests: dict[str, dict[str, str | list[str]]] = {"StringLike": {"acs:PrincipalARN": exemption.pattern}}
        if exemption.until:
            tests["DateLessThan"] = {"acs:CurrentTime": stamp(exemption)}
        yield statement("Allow", launches, ANY_IMAGE, tests)


def deny(
    actions: Sequence[str], resource: str | list[str], tests: Tests, exempt: Sequence[Exemption]
) -> Iterator[Statement]:
    """Denies to all but the exempt roles, and to each of those from the end of its exemption on.

    The end needs no clock of ours: a second statement meets the role once acs:CurrentTime has passed it.
    """
    if not exempt:
        yield statement("Deny", actions, resource, tests)
        return
    others = {"StringNotLike": {"acs:PrincipalARN": one_or_all([e.pattern for e in exempt])}}
    yield statement("Deny", actions, resource, joined(tests, others))
    for until in sorted({stamp(e) for e in exempt if e.until}):
        ended = one_or_all([e.pattern for e in exempt if e.until and stamp(e) == until])
        late: Tests = {
            "StringLike": {"acs:PrincipalARN": ended},
            "DateGreaterThanEquals": {"acs:CurrentTime": until},
        }
        yield statement("Deny", actions, resource, joined(tests, late))


def statement(effect: str, actions: Sequence[str], resource: str | list[str], tests: Tests) -> Statement:
    """One statement as the cloud takes it; an empty Condition is left out (U-9)."""
    made: Statement = {"Effect": effect, "Action": list(actions), "Resource": resource}
    return {**made, "Condition": {k: dict(v) for k, v in tests.items()}} if tests else made


def joined(one: Tests, other: Tests) -> Tests:
    """Both sets of tests at once; keys under one operator mean AND."""
    return {name: {**one.get(name, {}), **other.get(name, {})} for name in dict.fromkeys((*one, *other))}


def carries(key: str) -> Tests:
    """Tests that the request sets a tag of this key, with any value: the only test of presence there is."""
    return {"StringLike": {f"acs:RequestTag/{key}": "*"}}


def stamp(exemption: Exemption) -> str:
    """The end of an exemption as policies write times."""
    assert exemption.until is not None
    return exemption.until.strftime("%Y-%m-%dT%H:%M:%SZ")


def one_or_all(values: Iterable[str]) -> str | list[str]:
    """A single text where one is enough, to keep policies short."""
    listed = list(values)
    return listed[0] if len(listed) == 1 else listed


def role_names(role: str) -> Iterator[str]:
    """The names that would pass for an exempt role.

    acs:PrincipalARN shows roles in lower case, but names of resources are compared with case (U-6): a role
    `Image-Admin` would be exempt, and a Deny on `role/image-admin` would not stop its making. RAM has no
    pattern without case, so each other spelling is caught by one letter in capitals and `?` elsewhere.
    """
    yield f"acs:ram:*:*:role/{role}"
    blank = "".join("?" if letter.isalpha() else letter for letter in role)
    for place, letter in enumerate(role):
        if letter.isalpha():
            yield f"acs:ram:*:*:role/{blank[:place]}{letter.upper()}{blank[place + 1 :]}"


def directory_role_names() -> tuple[str, ...]:
    """The directory's own role, which may set the exempt roles up; its other spellings by their length."""
    return (f"acs:ram:*:*:role/{DIRECTORY_ROLE}", f"acs:ram:*:*:role/{'?' * len(DIRECTORY_ROLE)}")


WORDS = {
    Barrier.LAUNCH: "launch",
    Barrier.ORIGIN: "launch",
    Barrier.TAGGING: "tags",
    Barrier.CREATION: "tags",
    Barrier.FAMILY: "tags",
    Barrier.SHARING: "tags",
    Barrier.NAMES: "roles",
    Barrier.DOOR: "doors",
}


def statements_closing(
    closing: Closing, scope: Scope, policies: Sequence[PolicyText]
) -> tuple[tuple[str, int], ...]:
    """The statements that close a road, as names of policies and places in them from 1 on."""
    allowed = closing.barrier is Barrier.LAUNCH and not scope.form.denies
    effect, word = ("Allow", "allow") if allowed else ("Deny", WORDS.get(closing.barrier, ""))
    return tuple(
        (policy.name, place)
        for policy in policies
        if word and policy.name.startswith(f"{PREFIX}{word}")
        for place, one in enumerate(json.loads(policy.text)["Statement"], start=1)
        if one["Effect"] == effect and set(closing.actions) & set(one.get("Action", ()))
    )


def packed(word: str, about: str, statements: Sequence[Statement], kind: PolicyKind) -> Iterator[PolicyText]:
    """Fits statements into as few policies as the length limit lets them."""
    rooms: list[list[Statement]] = []
    for one in statements:
        if len(document_text([one])) > LIMITS[kind]:
            raise Refusal(
                f"the statement on {one['Action'][0]} of `{PREFIX}{word}` takes {len(document_text([one]))} "
                f"characters, more than the {LIMITS[kind]} that a {kind.value} policy holds",
                help="name fewer values or owner accounts, shorten the role's name, or attach further down",
            )
        if rooms and len(document_text([*rooms[-1], one])) <= LIMITS[kind]:
            rooms[-1].append(one)
        else:
            rooms.append([one])
    for number, held in enumerate(rooms, start=1):
        name = f"{PREFIX}{word}" if number == 1 else f"{PREFIX}{word}-{number}"
        yield PolicyText(name, f"imagefence: {about}", document_text(held), kind)


def document_text(statements: Sequence[Statement]) -> str:
    """A policy's text without spaces, as they count against its length."""
    return json.dumps({"Version": "1", "Statement": list(statements)}, separators=(",", ":"))


TAGGING_GRANTS = (*TAG_ACTIONS, *TAG_SERVICE_ACTIONS, "tag:ListTagResources", "ecs:List*", "ecs:Describe*")
CREATING_GRANTS = (
    *CREATE_ACTIONS,
    *FAMILY_ACTIONS,
    "ecs:ModifyImageSharePermission",
    "ecs:CreateSnapshot",
    "ecs:TagResources",
    "ecs:List*",
    "ecs:Describe*",
)
LAUNCHING_GRANTS = (
    *LAUNCH_ACTIONS,
    "ecs:StartInstance",
    "ecs:StopInstance",
    "ecs:RebootInstance",
    "ecs:CreateSnapshot",
    "ecs:List*",
    "ecs:Describe*",
    "vpc:Describe*",
)
GRANTS = {May.TAG: TAGGING_GRANTS, May.CREATE_IMAGE: CREATING_GRANTS, May.LAUNCH: LAUNCHING_GRANTS}


def role_policy(exemption: Exemption) -> PolicyText:
    """What an exempt role is granted: what its `may` needs, and nothing else."""
    actions = dict.fromkeys(action for may in May if may in exemption.may for action in GRANTS[may])
    text = document_text([statement("Allow", tuple(actions), "*", {})])
    about = f"imagefence: what the exempt role {exemption.role} may do"
    return PolicyText(role_policy_name(exemption.role), about, text, PolicyKind.IDENTITY)


def role_policy_name(role: str) -> str:
    """The name of an exempt role's policy; names of policies have no dots."""
    return f"{PREFIX}role-{role.lower().replace('.', '-')}"


def trust_text(exemption: Exemption, account: str) -> str:
    """The trust policy of an exempt role; without `trust` the given account's identities may assume it."""
    trusted = list(exemption.trust) or [f"acs:ram::{account}:root"]
    allow = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"RAM": trusted}}
    return json.dumps({"Version": "1", "Statement": [allow]}, separators=(",", ":"))


def same_text(one: str, other: str) -> bool:
    """Tells whether two policy texts say the same, whatever their spaces."""
    try:
        return bool(json.loads(one) == json.loads(other))
    except ValueError:
        return one == other
