"""The policies in force for a caller, put together from the state of its account and its directory.

The gate asks on every request, so the parsed documents and the assembled policies are remembered until
something they were made from changes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

from imagefence.api.operation import Operation
from imagefence.api.sts import ASSUME_ROLE
from imagefence.compiled.engine import compile_policies
from imagefence.policy.authorize import authorize
from imagefence.policy.decision import Decision
from imagefence.policy.document import Document, PolicyKind
from imagefence.policy.parse import parse
from imagefence.policy.policies import AttachedPolicy, Level, Policies
from imagefence.policy.request import Principal, PrincipalKind, Request
from imagefence.sandbox.call import Call
from imagefence.sandbox.directory_state import Directory
from imagefence.sandbox.identities import SYSTEM, Attachments, Identities, InForce
from imagefence.sandbox.ram_lookup import role_at
from imagefence.sandbox.system_policies import SYSTEM_POLICIES
from imagefence.sandbox.world import AccessKey, Account, World

REMEMBERED = 1024  # principals of one account


@lru_cache(maxsize=4096)
def parsed(text: str, kind: PolicyKind) -> Document:
    """Parses a saved document, once for each text."""
    return parse(text, kind, stored=True)


def principal_of(world: World, key: AccessKey) -> Principal:
    """Tells whom an access key stands for; acs:PrincipalARN has the role in lower case, without session."""
    account = world.accounts[key.account_id]
    kind, _, name = key.principal.partition("/")
    managing = account.directory is not None and account.directory.management_account_id == account.id
    if kind == "root":
        return Principal(PrincipalKind.ROOT, f"acs:ram::{account.id}:root", account.id, managing)
    if kind == "user":
        return Principal(PrincipalKind.USER, f"acs:ram::{account.id}:user/{name}", account.id, managing)
    role = account.identities.role(name)
    linked = role is not None and role.service_linked
    role_kind = PrincipalKind.SERVICE_LINKED_ROLE if linked else PrincipalKind.ROLE
    return Principal(role_kind, f"acs:ram::{account.id}:role/{name.lower()}", account.id, managing)


def policies_in_force(call: Call) -> Policies:
    """Gives the policies that the gate asks for a call, as they were assembled."""
    return _in_force(call).policies


def authorizer(call: Call, operation: Operation[Any, Any], request: Any) -> Callable[[Request], Decision]:
    """Gives what decides the call's requests: the policies in force, compiled.

    The policies of sts:AssumeRole are put together for the call alone, and read without compiling them.
    """
    if operation is ASSUME_ROLE:
        policies = policies_asked(call, operation, request)
        return partial(authorize, policies=policies, readings=call.world.readings)
    return _in_force(call).compiled.authorize


def _in_force(call: Call) -> InForce:
    account, key = call.account, call.key
    known = account.identities.in_force
    place = (key.principal, key.session_policy)
    directory = account.directory
    revisions = account.identities.revision, directory.revision if directory is not None else -1
    found = known.get(place)
    if found is not None and found.revisions == revisions:
        return found
    policies = _assembled(account, key)
    if len(known) >= REMEMBERED:
        known.clear()
    known[place] = InForce(revisions, policies, compile_policies(policies, call.world.readings))
    return known[place]


def policies_asked(call: Call, operation: Operation[Any, Any], request: Any) -> Policies:
    """Gives the policies in force, for sts:AssumeRole with those that stand at the role to assume.

    These are its trust policy and, over a role of another account, that account's control policies
    (reading U-15 (b): a role really belongs to its account). Refuses a role that does not exist.
    """
    policies = policies_in_force(call)
    if operation is not ASSUME_ROLE:
        return policies
    # Differs from the cloud: a role that does not exist is reported before the permission is asked.
    role = role_at(call, request.role_arn)
    document = parsed(role.trust, PolicyKind.TRUST)
    trust = AttachedPolicy(f"trust of {role.name}", document, attached_to=f"role/{role.name}")
    directory = call.world.accounts[role.owner].directory
    return replace(policies, trust=trust, control=control_levels(directory, role.owner))


def control_levels(directory: Directory | None, account_id: str) -> tuple[Level, ...] | None:
    """Gives the control policies over an account, from Root down; None where there are none to ask."""
    if directory is None or not directory.control_policies_enabled:
        return None
    way = directory.way_down(account_id)
    if not way:
        return None
    return tuple(
        Level(path, tuple(_control(directory, policy_id, path) for policy_id in node.attached))
        for node in way
        for path in (directory.named_path(node),)
    )


def _assembled(account: Account, key: AccessKey) -> Policies:
    session = None
    if key.session_policy:
        session = AttachedPolicy("session", parsed(key.session_policy, PolicyKind.SESSION))
    return Policies(
        identity=identity_policies(account.identities, key.principal),
        session=session,
        control=control_levels(account.directory, account.id),
    )


def identity_policies(identities: Identities, principal: str) -> tuple[AttachedPolicy, ...]:
    """Gives a user's own policies with those of its groups in one pool, or a role's; none for the root."""
    kind, _, name = principal.partition("/")
    if kind == "user" and (user := identities.users.get(name)) is not None:
        pool = list(_attached(identities, user.policies, f"user/{user.name}"))
        for group_name in user.groups:
            group = identities.groups[group_name]
            pool += _attached(identities, group.policies, f"group/{group.name}")
        return tuple(pool)
    if kind == "role" and (role := identities.role(name)) is not None:
        return _attached(identities, role.policies, f"role/{role.name}")
    return ()


def _attached(identities: Identities, attachments: Attachments, place: str) -> tuple[AttachedPolicy, ...]:
    return tuple(_identity(identities, kind, name, place) for kind, name in attachments)


def _identity(identities: Identities, kind: str, name: str, place: str) -> AttachedPolicy:
    policy = SYSTEM_POLICIES[name] if kind == SYSTEM else identities.policies[name]
    document = parsed(policy.default.document, PolicyKind.IDENTITY)
    return AttachedPolicy(name, document, policy.default_version, place, kind == SYSTEM)


def _control(directory: Directory, policy_id: str, path: str) -> AttachedPolicy:
    policy = directory.control_policies[policy_id]
    document = parsed(policy.document, PolicyKind.CONTROL)
    return AttachedPolicy(policy.name, document, "", path, policy.type == SYSTEM)
