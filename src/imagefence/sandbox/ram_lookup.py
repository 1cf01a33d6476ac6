"""What all behaviours of RAM share: finding identities, checking names and documents, paging by marker."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from random import Random
from typing import TypeVar

import msgspec

from imagefence.api import ram_faults as faults
from imagefence.api import sts
from imagefence.api.operation import Fault
from imagefence.api.ram_faults import Marker
from imagefence.errors import PolicySyntaxError
from imagefence.policy.asking import refused_when_saved
from imagefence.policy.document import PolicyKind
from imagefence.policy.parse import parse
from imagefence.sandbox.call import Call, Refused
from imagefence.sandbox.identities import CUSTOM, SYSTEM, Group, Policy, Role, User
from imagefence.sandbox.system_policies import SYSTEM_POLICIES

T = TypeVar("T")

IDENTITY_NAME = re.compile(r"[A-Za-z0-9._-]+")
POLICY_NAME = re.compile(r"[A-Za-z0-9-]+")
ROLE_ARN = re.compile(r"acs:ram:\*?:(\d+):role/([A-Za-z0-9.-]+)")
ROLE_NAME = re.compile(r"[A-Za-z0-9.-]+")
POLICY_LIMIT = 6144


def user_of(call: Call, name: str) -> User:
    """Finds a user of the calling account or refuses."""
    user = call.account.identities.users.get(name)
    if user is None:
        raise Refused(faults.NO_USER)
    return user


def group_of(call: Call, name: str) -> Group:
    """Finds a group of the calling account or refuses."""
    group = call.account.identities.groups.get(name)
    if group is None:
        raise Refused(faults.NO_GROUP)
    return group


def role_of(call: Call, name: str) -> Role:
    """Finds a role of the calling account or refuses."""
    role = call.account.identities.role(name)
    if role is None:
        raise Refused(faults.NO_ROLE)
    return role


def role_at(call: Call, arn: str) -> Role:
    """Finds the role of any account by its name."""
    match = ROLE_ARN.fullmatch(arn)
    if match is None:
        raise Refused(sts.ROLE_ARN)
    account = call.world.accounts.get(match[1])
    role = account.identities.role(match[2]) if account is not None else None
    if role is None:
        raise Refused(sts.NO_ROLE)
    return role


def policy_of(call: Call, kind: str, name: str) -> Policy:
    """Finds a system policy or a custom policy of the calling account, or refuses."""
    if kind not in (SYSTEM, CUSTOM):
        raise Refused(faults.POLICY_TYPE)
    known = SYSTEM_POLICIES if kind == SYSTEM else call.account.identities.policies
    policy = known.get(name)
    if policy is None:
        raise Refused(faults.NO_POLICY)
    return policy


def check_name(name: str, parameter: str, pattern: re.Pattern[str], longest: int = 64) -> None:
    """Refuses a name that is too long or holds characters outside its alphabet."""
    if len(name) > longest:
        raise Refused(faults.bad_length(parameter))
    if not pattern.fullmatch(name):
        raise Refused(faults.bad_chars(parameter))


def check_length(text: str, parameter: str, longest: int) -> None:
    """Refuses a text that is too long."""
    if len(text) > longest:
        raise Refused(faults.bad_length(parameter))


def check_document(
    call: Call, text: str, kind: PolicyKind, longest: int, *, too_long: Fault, malformed: Fault
) -> None:
    """Refuses a policy that is too long, breaks the grammar or, under the world's readings, is not taken."""
    if len(text) > longest:
        raise Refused(too_long)
    try:
        document = parse(text, kind, saving=True)
    except PolicySyntaxError as error:
        raise Refused(malformed, detail=str(error)) from error
    if refused_when_saved(document, call.world.readings):
        raise Refused(malformed, detail="it holds an element that is not taken")


def check_identity_document(call: Call, text: str) -> None:
    """Holds a custom policy to RAM's grammar and length."""
    too_long = faults.bad_length("PolicyDocument")
    malformed = faults.MALFORMED_POLICY
    check_document(call, text, PolicyKind.IDENTITY, POLICY_LIMIT, too_long=too_long, malformed=malformed)


def page(items: Iterable[T], name: Callable[[T], str], marker: str, most: int) -> tuple[list[T], Marker]:
    """Cuts the page after `marker` out of items in the order of their names.

    The marker is the last name of the page before, so that a page survives deletions between calls.
    """
    after = sorted((item for item in items if name(item) > marker), key=name)
    shown = after[:most]
    return shown, name(shown[-1]) if len(after) > most else msgspec.UNSET


def stamp(when: datetime) -> str:
    """Writes a time as RAM does."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def digits(random: Random, count: int) -> str:
    """Draws an id of digits that does not begin with 0."""
    return str(random.randrange(10 ** (count - 1), 10**count))
