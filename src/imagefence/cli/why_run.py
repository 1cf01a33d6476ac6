"""From a pasted text to an explanation, asking whom there is to ask and saying what could not be asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from imagefence.cli.options import Options
from imagefence.cli.why_denial import (
    Culprit,
    Denial,
    culprits,
    denial_of,
    tags_asked,
    unmet,
    with_decoded,
    with_identities,
)
from imagefence.cli.why_estate import Estate, Placed, control_policies, estate_of
from imagefence.cloud.pasted import Pasted, read_pasted
from imagefence.errors import ImagefenceError
from imagefence.fence.documents import fence_policies
from imagefence.images.image import Image, newest_first
from imagefence.org.identities import Identities
from imagefence.org.in_force import identity_policies
from imagefence.policy.decision import PolicyType
from imagefence.policy.document import PolicyKind
from imagefence.policy.parse import parse
from imagefence.policy.policies import AttachedPolicy
from imagefence.policy.request import Principal, PrincipalKind
from imagefence.scope.parse import parse_scope
from imagefence.scope.reader import decoded
from imagefence.scope.roads import CREATE_ACTIONS, LAUNCH_ACTIONS, TAG_ACTIONS, TAG_SERVICE_ACTIONS
from imagefence.scope.scope import Distribute, Exemption, May, Scope, approves

T = TypeVar("T")
OFFERED = 3
NEEDS = {
    May.LAUNCH: LAUNCH_ACTIONS,
    May.TAG: (*TAG_ACTIONS, *TAG_SERVICE_ACTIONS),
    May.CREATE_IMAGE: CREATE_ACTIONS,
}


@dataclass(frozen=True, slots=True)
class Ask:
    """The text and what to hold beside it; the action and the image fill in where the text is silent."""

    text: str
    options: Options
    scope: Path | None = None
    snapshot: Path | None = None
    action: str = ""
    image_id: str = ""
    offline: bool = False


@dataclass(slots=True)
class Explained:
    """What was found out; `notes` say what could not be, and why."""

    pasted: Pasted
    denial: Denial
    culprits: tuple[Culprit, ...] = ()
    by_scope: bool = False
    refused: Image | None = None
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    region_id: str = ""
    instead: tuple[Image, ...] = ()
    looked: bool = False
    contact: str = ""
    exempt: tuple[Exemption, ...] = ()
    notes: list[str] = field(default_factory=list)

    @property
    def launching(self) -> bool:
        """True where another image is the way out."""
        return self.denial.action.lower() in {action.lower() for action in LAUNCH_ACTIONS}

    def attempt(self, what: str, work: Callable[[], T]) -> T | None:
        """The result of work, or None and a note of why there is none."""
        try:
            return work()
        except ImagefenceError as error:
            self.notes.append(f"{what}: {error}")
            return None


def explain(ask: Ask) -> Explained:
    """Reads the text and finds out what there is to find."""
    pasted = read_pasted(ask.text)
    found = Explained(pasted, denial_of(pasted, ask.action, ask.image_id))
    if not pasted.by_permission:
        return found
    scope = fence_of(found, ask.scope)
    estate = (
        None
        if ask.offline
        else found.attempt("no cloud was asked", lambda: estate_of(ask.options, ask.snapshot))
    )
    if estate is not None:
        open_message(found, estate)
        look_at_image(found, estate)
    name_statements(found, estate, scope)
    found.tags = scope.tags if scope is not None else tags_asked(found.culprits)
    if estate is not None and found.launching:
        find_images(found, estate, scope)
    if scope is not None:
        name_people(found, scope)
    return found


def fence_of(found: Explained, path: Path | None) -> Scope | None:
    """The fence that is named, or the one in this folder; a broken one that nobody named is a note."""
    if path is not None:
        return read_scope(path)
    here = Path("fence.yaml")
    return found.attempt("fence not read", lambda: read_scope(here)) if here.exists() else None


def read_scope(path: Path) -> Scope:
    """Reads a fence.yaml."""
    return parse_scope(decoded(path.read_bytes(), str(path)), str(path))


def open_message(found: Explained, estate: Estate) -> None:
    """Takes what the diagnostic message says, where the caller may open it."""
    if not found.pasted.encoded:
        return
    message = found.attempt(
        "message not opened", lambda: estate.decode(found.pasted.encoded, found.denial.account)
    )
    if message is not None:
        found.denial = with_decoded(found.denial, message)


def look_at_image(found: Explained, estate: Estate) -> None:
    """Reads the refused image and the account and region that it is about."""
    denial = found.denial
    account = denial.account or estate.account_id
    found.denial = denial = replace(denial, account=account)
    found.region_id = denial.region_id or estate.region_id
    if denial.image_id and account:
        found.refused = found.attempt(
            "refused image not read", lambda: estate.image(account, found.region_id, denial.image_id)
        )


def name_statements(found: Explained, estate: Estate | None, scope: Scope | None) -> None:
    """Finds what refused: among the policies in the cloud, else among those that the fence writes."""
    refused = found.refused
    # Why: of a foreign image authorisation sees no tags (reading U-10).
    tags = None if refused is None else (refused.tags if refused.own else {})
    if estate is not None:
        standing = found.attempt("policies not read", lambda: standing_policies(found, estate))
        found.culprits = blamed(found.denial, standing or (), tags)
    on_nodes = found.denial.policy_type == PolicyType.CONTROL.value
    if not found.culprits and scope is not None and (found.denial.explicit or on_nodes):
        found.culprits = blamed(found.denial, written_policies(scope, found.denial), tags)
        found.by_scope = bool(found.culprits)


def blamed(denial: Denial, policies: Iterable[Placed], tags: Mapping[str, str] | None) -> tuple[Culprit, ...]:
    """The Denies that hit; of an implicit denial the Allows that came near."""
    return culprits(denial, policies, tags) if denial.explicit else unmet(denial, policies, tags)


def standing_policies(found: Explained, estate: Estate) -> list[Placed]:
    """The policies of the layer that refused; of both where the text does not say which."""
    ground, account = estate.ground(), found.denial.account
    kind = found.denial.policy_type
    placed: list[Placed] = []
    if kind != PolicyType.CONTROL.value:
        identities, gaps = ground.identities(account)
        found.notes += (f"not read: {gap}" for gap in gaps)
        found.denial = with_identities(found.denial, identities)
        placed += ((each.attached_to, each) for each in own_policies(found.denial, identities))
    if kind in ("", PolicyType.CONTROL.value):
        placed += control_policies(ground, account)
    return placed


def own_policies(denial: Denial, identities: Identities) -> tuple[AttachedPolicy, ...]:
    """The policies of the caller, as far as it is known who that is."""
    if not denial.caller:
        return ()
    kind = PrincipalKind.ROLE if ":role/" in denial.caller else PrincipalKind.USER
    return identity_policies(identities, Principal(kind, denial.caller, identities.account_id))


def written_policies(scope: Scope, denial: Denial) -> Iterator[Placed]:
    """The policies that `fence apply` writes for this fence."""
    kind = PolicyKind.CONTROL if scope.attach.nodes else PolicyKind.IDENTITY
    places = ", ".join((*scope.attach.nodes, *(f"{word}/{name}" for word, name in scope.attach.principals)))
    accounts = tuple(dict.fromkeys((*scope.owner_accounts, *((denial.account,) if denial.account else ()))))
    for policy in fence_policies(scope, kind, accounts):
        yield places, AttachedPolicy(policy.name, parse(policy.text, kind, source=policy.name))


def find_images(found: Explained, estate: Estate, scope: Scope | None) -> None:
    """Looks for approved images in the region, those most like the refused one first."""
    account, region = found.denial.account, found.region_id
    if not found.tags or not account or not region:
        return
    listed = found.attempt(
        "approved images not listed", lambda: candidates(estate, account, region, found.tags, scope)
    )
    if listed is not None:
        found.looked = True
        fitting = [image for image in newest_first(listed) if approved(image, found.tags, scope, account)]
        found.instead = tuple(likest(fitting, found.refused, found.denial.platform)[:OFFERED])


def candidates(
    estate: Estate, account: str, region: str, tags: Mapping[str, object], scope: Scope | None
) -> list[Image]:
    """The account's own images that wear the keys, and with `share` those that are shared with it."""
    images = list(estate.images(account, region, tags))
    if scope is not None and scope.distribute is Distribute.SHARE:
        images += estate.images(account, region, ())
    return images


def approved(image: Image, tags: Mapping[str, tuple[str, ...]], scope: Scope | None, account: str) -> bool:
    """Tells whether the fence lets the image pass: by fence.yaml, else by the tags of the Deny."""
    if scope is None:
        return all(image.tags.get(key) in values for key, values in tags.items())
    owner = account if image.own else image.owner_id
    return approves(scope, image.tags, owner, used_by=account)


def likest(images: Sequence[Image], refused: Image | None, platform: str) -> list[Image]:
    """Images of the refused one's architecture, those of its family first, then of its platform."""
    if refused is None:
        return sorted(images, key=lambda image: image.platform.lower() != platform.lower())
    fitting = [image for image in images if image.architecture == refused.architecture]
    return sorted(fitting, key=lambda image: -likeness(image, refused))


def likeness(image: Image, refused: Image) -> int:
    """How much an image is like another: family before platform before the system's name."""
    return (
        4 * bool(image.family and image.family == refused.family)
        + 2 * (image.platform.lower() == refused.platform.lower())
        + (image.system.lower() == refused.system.lower())
    )


def name_people(found: Explained, scope: Scope) -> None:
    """Takes from the fence whom to ask, and which roles it lets do this."""
    found.contact = scope.contact
    action = found.denial.action.lower()
    for may, actions in NEEDS.items():
        if action in {each.lower() for each in actions}:
            found.exempt = scope.exempt_to(may)
