"""What a run makes, and how it goes away again: its own objects, and the leftovers of a killed run."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from imagefence.api import ram_attachments as attachments
from imagefence.api import ram_policies as policies
from imagefence.api import ram_roles as roles
from imagefence.api import ram_users as users
from imagefence.calibrate.ground import Ground, written
from imagefence.calibrate.names import MARK, PREFIX, is_ours
from imagefence.cloud.credentials import FixedCredential, Keys
from imagefence.cloud.session import Memory, Session
from imagefence.errors import CloudFault, ImagefenceError, Refusal

CUSTOM = "Custom"
KINDS = ("user", "role", "policy")  # in the order of removal: a policy that is attached stays


@dataclass(frozen=True, slots=True)
class Thing:
    """A user, a role or a policy."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(slots=True)
class Made:
    """What this run has made or may have made, in order."""

    things: list[Thing] = field(default_factory=list)

    def make(self, kind: str, name: str, call: Callable[[], Any]) -> Any:
        """Makes a thing; it is noted before the call, as a call that is cut off may have been done."""
        thing = Thing(kind, name)
        self.things.append(thing)
        try:
            return call()
        except CloudFault as fault:
            if fault.status < 500:
                self.things.remove(thing)
            raise


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What bears the prefix: ours by its mark, and what others have named so."""

    ours: tuple[Thing, ...]
    foreign: tuple[Thing, ...]


def find_leftovers(own: Session) -> Leftovers:
    """Looks for throw-away objects of earlier runs; what bears the prefix without the mark is not ours."""
    request = policies.ListPolicies(policy_type=CUSTOM)
    there = [
        *((Thing("user", u.user_name), u.comments) for u in own.pages(users.LIST_USERS, users.ListUsers())),
        *(
            (Thing("role", r.role_name), r.description)
            for r in own.pages(roles.LIST_ROLES, roles.ListRoles())
        ),
        *(
            (Thing("policy", p.policy_name), p.description)
            for p in own.pages(policies.LIST_POLICIES, request)
        ),
    ]
    named = [(thing, told) for thing, told in there if thing.name.startswith(PREFIX)]
    return Leftovers(
        tuple(thing for thing, told in named if is_ours(thing.name, told)),
        tuple(thing for thing, told in named if not is_ours(thing.name, told)),
    )


def make_all(own: Session, ground: Ground, made: Made) -> Session:
    """Makes the user that may assume the role, and the role that may make the harmless calls."""
    base, door = ground.names.base, ground.names.door
    make_user(own, base, made)
    made.make("role", base, lambda: own.call(roles.CREATE_ROLE, role_request(ground)))
    make_policy(own, base, ground.role_document, made)
    into = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Resource": f"acs:ram:*:{ground.account}:role/{base}",
    }
    make_policy(own, door, written((into,)), made)
    to_role = attachments.RoleAttachment(policy_type=CUSTOM, policy_name=base, role_name=base)
    own.call(attachments.ATTACH_POLICY_TO_ROLE, to_role)
    to_user = attachments.UserAttachment(policy_type=CUSTOM, policy_name=door, user_name=base)
    own.call(attachments.ATTACH_POLICY_TO_USER, to_user)
    return session_of(own, base)


def make_user(own: Session, name: str, made: Made) -> None:
    """Makes the user, without any way to log in."""
    request = users.CreateUser(user_name=name, comments=MARK)
    made.make("user", name, lambda: own.call(users.CREATE_USER, request))


def make_policy(own: Session, name: str, text: str, made: Made) -> None:
    """Makes a policy."""
    request = policies.CreatePolicy(policy_name=name, policy_document=text, description=MARK)
    made.make("policy", name, lambda: own.call(policies.CREATE_POLICY, request))


def role_request(ground: Ground) -> roles.CreateRole:
    """The role, which trusts the throw-away user alone."""
    trusted = {"RAM": [f"acs:ram::{ground.account}:user/{ground.names.base}"]}
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": trusted}
    trust = json.dumps({"Version": "1", "Statement": [statement]})
    return roles.CreateRole(role_name=ground.names.base, assume_role_policy_document=trust, description=MARK)


def session_of(own: Session, user: str) -> Session:
    """The user's session; its key stays in memory and goes with the user."""
    key = own.call(users.CREATE_ACCESS_KEY, users.CreateAccessKey(user_name=user)).access_key
    credential = FixedCredential(Keys(key.access_key_id, key.access_key_secret))
    return Session(credential, own.region_id, own.endpoint, own.patience, Memory())


def remove_all(own: Session, things: list[Thing]) -> None:
    """Removes things, all that can be; raises Refusal naming those that are left."""
    left: list[str] = []
    for thing in sorted(things, key=lambda each: KINDS.index(each.kind)):
        try:
            remove(own, thing)
        except ImagefenceError as error:
            left.append(f"{thing} ({error.message})")
    if left:
        raise Refusal(
            f"these throw-away objects could not be removed: {'; '.join(left)}",
            help="run `imagefence calibrate` again, which removes them first, or delete them by hand",
        )


def remove(own: Session, thing: Thing) -> None:
    """Removes one thing with what hangs on it; one that is not there is as good as removed."""
    try:
        REMOVES[thing.kind](own, thing.name)
    except CloudFault as fault:
        if not fault.code.startswith("EntityNotExist"):
            raise


def remove_user(own: Session, name: str) -> None:
    """Removes a user with its keys and attachments."""
    listed = own.call(users.LIST_ACCESS_KEYS, users.ListAccessKeys(user_name=name)).access_keys.access_key
    for key in listed:
        gone = users.DeleteAccessKey(user_access_key_id=key.access_key_id, user_name=name)
        own.call(users.DELETE_ACCESS_KEY, gone)
    asked = attachments.ListPoliciesForUser(user_name=name)
    for policy in own.call(attachments.LIST_POLICIES_FOR_USER, asked).policies.policy:
        place = attachments.UserAttachment(
            policy_type=policy.policy_type, policy_name=policy.policy_name, user_name=name
        )
        own.call(attachments.DETACH_POLICY_FROM_USER, place)
    own.call(users.DELETE_USER, users.OneUser(user_name=name))


def remove_role(own: Session, name: str) -> None:
    """Removes a role with its attachments."""
    asked = attachments.ListPoliciesForRole(role_name=name)
    for policy in own.call(attachments.LIST_POLICIES_FOR_ROLE, asked).policies.policy:
        place = attachments.RoleAttachment(
            policy_type=policy.policy_type, policy_name=policy.policy_name, role_name=name
        )
        own.call(attachments.DETACH_POLICY_FROM_ROLE, place)
    own.call(roles.DELETE_ROLE, roles.OneRole(role_name=name))


def remove_policy(own: Session, name: str) -> None:
    """Removes a policy that hangs nowhere any more."""
    own.call(policies.DELETE_POLICY, policies.DeletePolicy(policy_name=name))


REMOVES: dict[str, Callable[[Session, str], None]] = {
    "user": remove_user,
    "role": remove_role,
    "policy": remove_policy,
}
