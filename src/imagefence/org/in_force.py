"""The policies in force for a principal: pure, from the directory and the account's identities."""

from __future__ import annotations

from imagefence.org.identities import Identities, User
from imagefence.org.organization import Organization, levels
from imagefence.policy.policies import AttachedPolicy, Level, Policies
from imagefence.policy.request import OUTSIDE_RAM, Principal, PrincipalKind


def policies_in_force(
    organization: Organization | None,
    identities: Identities,
    principal: Principal,
    *,
    session: AttachedPolicy | None = None,
) -> Policies:
    """Puts together all that is asked when a principal calls.

    A user's own policies and its groups' make one pool, a role has its own, and the account itself has
    none. Source: help.aliyun.com ram/policy-evaluation-process.
    """
    return Policies(
        identity=identity_policies(identities, principal),
        session=session,
        control=_control(organization, principal.account),
    )


def identity_policies(identities: Identities, principal: Principal) -> tuple[AttachedPolicy, ...]:
    """Gives the identity policies of a principal of this account."""
    name = principal.arn.rpartition("/")[2]
    if principal.kind is PrincipalKind.USER:
        user = identities.user(name)
        return pool_of(identities, user) if user is not None else ()
    if principal.kind is PrincipalKind.ROOT or principal.kind in OUTSIDE_RAM:
        return ()
    role = identities.role(name)
    return role.policies if role is not None else ()


def pool_of(identities: Identities, user: User) -> tuple[AttachedPolicy, ...]:
    """Gives a user's own policies, then those of each of its groups."""
    groups = (identities.group(name) for name in user.groups)
    return user.policies + tuple(policy for group in groups if group for policy in group.policies)


def _control(organization: Organization | None, account_id: str) -> tuple[Level, ...] | None:
    return levels(organization, account_id) if organization is not None else None
