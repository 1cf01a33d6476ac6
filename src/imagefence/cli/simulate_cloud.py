"""The policies in force for a principal, and an image with its tags, read from the cloud."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches

from imagefence.api.ecs_images import DESCRIBE_IMAGES, DescribeImages
from imagefence.cli.options import Options
from imagefence.cli.options import open as open_cloud
from imagefence.cli.simulate_request import Asked, request_of
from imagefence.cli.simulate_sources import Sources, from_files, read
from imagefence.cli.simulate_view import Simulated
from imagefence.cloud.session import Session
from imagefence.errors import InputError
from imagefence.images.image import Image, image_of
from imagefence.inventory.identities import read_identities
from imagefence.inventory.organization import read_organization
from imagefence.org.identities import Identities
from imagefence.org.in_force import policies_in_force
from imagefence.org.organization import Organization
from imagefence.policy.document import PolicyKind
from imagefence.policy.policies import AttachedPolicy, Policies
from imagefence.policy.request import Principal, PrincipalKind, Resource

LAUNCHES = frozenset({"ecs:runinstances", "ecs:createinstance"})
VIEWS: tuple[tuple[str, bool | None], ...] = (
    ("self", None),
    ("others", None),
    ("others", True),
    ("system", None),
    ("marketplace", None),
)


def in_the_cloud(asked: Asked, files: Sources, options: Options) -> Simulated:
    """Reads what the files and the options leave open."""
    session = open_cloud(options)
    member = account_session(session, asked.principal.account)
    resources, known = looked_up(asked, member)
    if files.given:
        return Simulated(request_of(asked, resources, known), from_files(files))
    organization, org_gaps = read_organization(session)
    identities, gaps = read_identities(member, asked.principal.account)
    principal = placed(asked.principal, organization, identities, certain=not gaps)
    policies = in_force(organization, identities, principal, asked, files)
    request = request_of(replace(asked, principal=principal), resources, known)
    unread = tuple(str(gap) for gap in (*org_gaps, *gaps))
    return Simulated(request, policies, gaps=unread, notes=notes(organization, session, principal))


def account_session(session: Session, account_id: str) -> Session:
    """The session of the principal's account: this one, or a member's by its role."""
    return session if session.account_id == account_id else session.assume(account_id)


def placed(
    principal: Principal, organization: Organization | None, identities: Identities, *, certain: bool
) -> Principal:
    """The principal with what the directory and the account know of it; refuses one that is not there."""
    managing = organization is not None and organization.management_account.id == principal.account
    principal = replace(principal, in_management_account=managing)
    name = principal.arn.rpartition("/")[2]
    if principal.kind is PrincipalKind.ROOT:
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


def in_force(
    organization: Organization | None,
    identities: Identities,
    principal: Principal,
    asked: Asked,
    files: Sources,
) -> Policies:
    """The policies in force, with a session policy from a file and the trust of the role to assume."""
    session = read(files.session, PolicyKind.SESSION) if files.session else None
    policies = policies_in_force(organization, identities, principal, session=session)
    if asked.action.lower() != "sts:assumerole" or not asked.resources:
        return policies
    name = asked.resources[0].partition(";")[0].rpartition("/")[2]
    role = identities.role(name)
    if role is None or role.trust is None:
        return policies
    return replace(policies, trust=AttachedPolicy(f"trust of {role.name}", role.trust))


def notes(organization: Organization | None, session: Session, principal: Principal) -> tuple[str, ...]:
    """What the answer takes for granted."""
    if organization is None:
        return (
            f"account {session.account_id} manages no directory, so no control policies were read; "
            "ask from the management account if there is one",
        )
    known = {account.id for account in organization.accounts} | {organization.management_account.id}
    if principal.account not in known:
        return (f"account {principal.account} is in no folder of the directory",)
    return ()


def looked_up(asked: Asked, session: Session) -> tuple[tuple[Resource, ...], dict[str, str]]:
    """The resources and keys that a launch from the image brings along."""
    if not asked.image:
        return (), {}
    image = find_image(session, asked.image)
    prefix = f"acs:ecs:{session.region_id}:{asked.principal.account}"
    own = image.owner == "self"
    # Why: the tags of an image of another account are not seen by authorisation (reading U-10).
    resources = [
        Resource(f"{prefix}:image/{image.id}", dict(image.tags) if own else {}, owner=image.owner_id)
    ]
    if asked.action.lower() not in LAUNCHES:
        return tuple(resources), {}
    resources.insert(0, Resource(f"{prefix}:instance/*", new=True))
    owner = asked.principal.account if own else image.owner_id
    return tuple(resources), launch_keys(owner, image.owner)


def launch_keys(owner_id: str, alias: str) -> dict[str, str]:
    """What a launch says of its image; but for `System` the values of ecs:ImageSource are not published."""
    known = {"ecs:ImageOwnerId": owner_id} if owner_id else {}
    if alias:
        known["ecs:ImageSource"] = "System" if alias == "system" else alias
    return known


def find_image(session: Session, image_id: str) -> Image:
    """Looks an image up as the account sees it, whoever owns it."""
    for alias, public in VIEWS:
        request = DescribeImages(
            region_id=session.region_id, image_id=(image_id,), image_owner_alias=alias, is_public=public
        )
        for wire in session.pages(DESCRIBE_IMAGES, request):
            if wire.image_id == image_id:
                return image_of(wire, session.account_id, session.region_id)
    raise InputError(
        f"account `{session.account_id}` sees no image `{image_id}` in {session.region_id}",
        help="name the region with --region, or give the image as a --resource with its tags",
    )
