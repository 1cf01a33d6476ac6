"""The policies in force for a principal, from what the cloud or a snapshot knows of the accounts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from difflib import get_close_matches

from imagefence.cli.simulate_request import Asked
from imagefence.errors import ImagefenceError, InputError
from imagefence.images.image import Image
from imagefence.inventory.store import PolicySnapshot
from imagefence.org.identities import Identities
from imagefence.org.in_force import policies_in_force
from imagefence.org.organization import Organization, levels
from imagefence.policy.asking import BY_PROVIDER
from imagefence.policy.authorize import ASSUME_ROLE
from imagefence.policy.names import PARTS, split
from imagefence.policy.policies import AttachedPolicy, Policies
from imagefence.policy.request import OUTSIDE_RAM, Principal, PrincipalKind, Resource

LAUNCHES = frozenset({"ecs:runinstances", "ecs:createinstance"})
ASSUMING = ASSUME_ROLE | BY_PROVIDER  # the calls that a trust policy decides


@dataclass(frozen=True, slots=True)
class Ground:
    """What is known of the accounts; `identities` and `image` look up by account, and say what is unread."""

    organization: Organization | None
    identities: Callable[[str], tuple[Identities, tuple[str, ...]]]
    image: Callable[[str, str], Image]
    notes: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InForce:
    """A principal as it was found, with its policies; `shown` is the name that the cloud shows."""

    principal: Principal
    policies: Policies
    shown: str = ""
    notes: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()


def snapshot_ground(snapshot: PolicySnapshot, region_id: str | None) -> Ground:
    """The ground that a saved snapshot gives."""
    accounts = {each.account_id: each for each in snapshot.identities}

    def identities(account_id: str) -> tuple[Identities, tuple[str, ...]]:
        if account_id not in accounts:
            there = ", ".join(accounts) or "none"
            raise InputError(
                f"the snapshot holds no account `{account_id}`", help=f"it holds: {there}; take it anew"
            )
        gaps = tuple(str(gap) for gap in snapshot.gaps if gap.account == account_id)
        return accounts[account_id], gaps

    def image(account_id: str, image_id: str) -> Image:
        region = region_id or snapshot.region_id
        # Why: the vendor's images are kept once, as all accounts see them alike.
        views = (each for each in snapshot.images if each.account_id == account_id or each.owner == "system")
        found = sorted(
            (each for each in views if each.id == image_id), key=lambda each: each.region_id != region
        )
        if not found:
            raise InputError(f"the snapshot holds no image `{image_id}` of account `{account_id}`")
        return found[0]

    taken = f"as of {snapshot.taken_at:%Y-%m-%dT%H:%M:%SZ}, when the snapshot was taken"
    elsewhere = tuple(str(gap) for gap in snapshot.gaps if gap.account not in accounts)
    return Ground(snapshot.organization, identities, image, (taken,), elsewhere)


def in_force(ground: Ground, asked: Asked, session: AttachedPolicy | None) -> InForce:
    """The principal with all that is asked when it calls; refuses one that is not there."""
    account_id = asked.principal.account
    identities, gaps = ground.identities(account_id)
    principal = placed(asked.principal, ground.organization, identities, certain=not gaps)
    policies = policies_in_force(ground.organization, identities, principal, session=session)
    policies = at_the_role(policies, ground, identities, asked)
    notes = (*ground.notes, *strangers(ground.organization, account_id))
    return InForce(principal, policies, shown_name(identities, principal), notes, (*ground.gaps, *gaps))


def placed(
    principal: Principal, organization: Organization | None, identities: Identities, *, certain: bool
) -> Principal:
    """The principal with what the directory and the account know of it; refuses one that is not there."""
    managing = organization is not None and organization.management_account.id == principal.account
    principal = replace(principal, in_management_account=managing)
    name = principal.arn.rpartition("/")[2]
    if principal.kind is PrincipalKind.ROOT or principal.kind in OUTSIDE_RAM:
        return principal
    if principal.kind is PrincipalKind.USER:
        names, there = [user.name for user in identities.users], identities.user(name) is not None
    else:
        role = identities.role(name)
        names, there = [each.name for each in identities.roles], role is not None
        linked = role is not None and role.service_linked
        kind = PrincipalKind.SERVICE_LINKED_ROLE if linked else PrincipalKind.ROLE
        principal = replace(principal, kind=kind)
    if not there and certain:
        near = get_close_matches(name, names, n=1)
        meant = f"did you mean `{near[0]}`?" if near else f"there are: {', '.join(sorted(names)) or 'none'}"
        raise InputError(f"account `{principal.account}` has no `{name}`", help=meant)
    return principal


def at_the_role(policies: Policies, ground: Ground, identities: Identities, asked: Asked) -> Policies:
    """Adds what stands at a role to assume: its trust policy, and the control policies over its account.

    Where the role's account cannot be read its trust policy stays unknown, and with it the decision.
    """
    account, role_name = role_to_assume(asked)
    if not role_name:
        return policies
    there: Identities | None = identities
    if account != identities.account_id:
        organization = ground.organization
        policies = replace(policies, control=levels(organization, account) if organization else None)
        there = identities_within_reach(ground, account)
    role = there.role(role_name) if there is not None else None
    if role is None or role.trust is None:
        return policies
    return replace(policies, trust=AttachedPolicy(f"trust of {role.name}", role.trust))


def identities_within_reach(ground: Ground, account_id: str) -> Identities | None:
    """The identities of another account, or None where it cannot be read."""
    try:
        return ground.identities(account_id)[0]
    except ImagefenceError:
        return None


def role_to_assume(asked: Asked) -> tuple[str, str]:
    """The account and the name of the role that a call assumes, or nothing."""
    if asked.action.lower() not in ASSUMING or not asked.resources:
        return "", ""
    parts = split(asked.resources[0].name)
    return (parts[3], parts[4].removeprefix("role/")) if len(parts) == PARTS else ("", "")


def shown_name(identities: Identities, principal: Principal) -> str:
    """The AuthPrincipalDisplayName: a user's id, a role's name (its session is not known), a provider's."""
    if principal.kind in OUTSIDE_RAM:
        return principal.arn.rpartition(":")[2]
    name = principal.arn.rpartition("/")[2]
    if principal.kind is PrincipalKind.ROOT:
        return principal.account
    if principal.kind is PrincipalKind.USER:
        user = identities.user(name)
        return user.id if user is not None and user.id else name
    role = identities.role(name)
    return role.name if role is not None else name


def strangers(organization: Organization | None, account_id: str) -> tuple[str, ...]:
    """Says of an account outside the directory that it is."""
    if organization is None:
        return ()
    known = {account.id for account in organization.accounts} | {organization.management_account.id}
    return () if account_id in known else (f"account {account_id} is in no folder of the directory",)


def brought_along(asked: Asked, image: Image) -> tuple[tuple[Resource, ...], dict[str, str]]:
    """The resources and keys that a launch from the image brings along."""
    prefix = f"acs:ecs:{image.region_id}:{asked.principal.account}"
    # Why: the tags of an image of another account are not seen by authorisation (reading U-10).
    tags = dict(image.tags) if image.own else {}
    resources = [Resource(f"{prefix}:image/{image.id}", tags, owner=image.owner_id)]
    if asked.action.lower() not in LAUNCHES:
        return tuple(resources), {}
    resources.insert(0, Resource(f"{prefix}:instance/*", new=True))
    owner = asked.principal.account if image.own else image.owner_id
    return tuple(resources), launch_keys(owner, image.owner)


def launch_keys(owner_id: str, alias: str) -> dict[str, str]:
    """What a launch says of its image; but for `System` the values of ecs:ImageSource are not published."""
    known = {"ecs:ImageOwnerId": owner_id} if owner_id else {}
    if alias:
        known["ecs:ImageSource"] = "System" if alias == "system" else alias
    return known
