"""What `why` may ask: the cloud as the caller, a snapshot, or nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from imagefence.api.ram_diagnosis import DecodedDiagnosticMessage
from imagefence.cli.options import Options
from imagefence.cli.simulate_ground import Ground, snapshot_ground
from imagefence.errors import CloudFault, InputError
from imagefence.images.image import Image
from imagefence.inventory.store import PolicySnapshot, load
from imagefence.org.organization import levels
from imagefence.policy.policies import AttachedPolicy

Placed = tuple[str, AttachedPolicy]


@dataclass(frozen=True, slots=True)
class Estate:
    """What can be asked: `ground` for policies, `image` by account, region and id, and lists of images.

    `images` takes the account, the region and the tag keys to look for; without keys it gives those that
    are shared with the account. `decode` opens a diagnostic message, in the
    account that was refused where that is known.
    """

    ground: Callable[[], Ground]
    image: Callable[[str, str, str], Image]
    images: Callable[[str, str, Iterable[str]], Sequence[Image]]
    decode: Callable[[str, str], DecodedDiagnosticMessage]
    region_id: str
    account_id: str = ""


def estate_of(options: Options, snapshot: Path | None) -> Estate:
    """The snapshot where one is named, else the cloud; raises ConfigError without credentials."""
    if snapshot is not None:
        return of_snapshot(load(snapshot), options.region)
    # Why: the vendor's client takes half a second to import, and a paste can be read without it.
    from imagefence.cli.why_cloud import of_cloud  # noqa: PLC0415

    return of_cloud(options)


def of_snapshot(snapshot: PolicySnapshot, region_id: str | None) -> Estate:
    """The estate of a file."""

    def images(account_id: str, region: str, keys: Iterable[str]) -> Sequence[Image]:
        wanted = set(keys)
        return [
            image
            for image in snapshot.images
            if (image.account_id, image.region_id) == (account_id, region)
            and (wanted <= set(image.tags) if wanted else image.owner == "others")
        ]

    def decode(message: str, account_id: str) -> DecodedDiagnosticMessage:
        raise InputError("a snapshot cannot open the diagnostic message; the cloud alone can")

    def image(account_id: str, region: str, image_id: str) -> Image:
        return snapshot_ground(snapshot, region).image(account_id, image_id)

    region = region_id or snapshot.region_id
    return Estate(lambda: snapshot_ground(snapshot, region), image, images, decode, region)


def control_policies(ground: Ground, account_id: str) -> Iterator[Placed]:
    """The control policies over an account with their nodes, from Root down."""
    if ground.organization is None:
        raise InputError("; ".join(ground.notes) or "no directory is known")
    for level in levels(ground.organization, account_id) or ():
        for policy in level.policies:
            yield level.node, policy


def unopened(error: CloudFault) -> str:
    """Why a message could not be opened, in words for the one who was refused."""
    if error.denied is not None or error.status == 403:
        return "you may not call ram:DecodeDiagnosticMessage, which names the resource and the policy"
    return f"{error.code}: {error.detail}"
