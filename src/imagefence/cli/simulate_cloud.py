"""What the cloud knows of the accounts, read when it is asked for, or all at once into a snapshot."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import click

from imagefence.api.ecs_images import DESCRIBE_IMAGES, DescribeImages
from imagefence.cli.images_run import Reach, reach
from imagefence.cli.options import Options
from imagefence.cli.options import open as open_cloud
from imagefence.cli.simulate_ground import Ground
from imagefence.cloud.gap import gap_of
from imagefence.cloud.session import Session
from imagefence.errors import CloudFault, InputError
from imagefence.images.find import EVERY_STATUS, Found, Wanted, find_images
from imagefence.images.image import Image, image_of
from imagefence.inventory.identities import read_identities
from imagefence.inventory.organization import read_organization
from imagefence.inventory.store import PolicySnapshot, save
from imagefence.org.identities import Identities
from imagefence.report.terminal import progress_on_stderr

VIEWS: tuple[tuple[str, bool | None], ...] = (
    ("self", None),
    ("others", None),
    ("others", True),
    ("system", None),
    ("marketplace", None),
)
# The images that a snapshot holds: the account's own, those shared with it, and the vendor's.
KEPT = ("self", "others", "system")


def cloud_ground(options: Options, *, directory: bool = True) -> Ground:
    """The ground that the cloud gives; without `directory` for images alone."""
    session = open_cloud(options)
    organization, gaps = read_organization(session) if directory else (None, ())
    notes: tuple[str, ...] = ()
    if directory and organization is None:
        notes = (
            f"account {session.account_id} manages no directory, so no control policies were read; "
            "ask from the management account if there is one",
        )

    @lru_cache(maxsize=64)
    def identities(account_id: str) -> tuple[Identities, tuple[str, ...]]:
        found, unread = read_identities(account_session(session, account_id), account_id)
        return found, tuple(str(gap) for gap in unread)

    def image(account_id: str, image_id: str) -> Image:
        return find_image(account_session(session, account_id), image_id)

    return Ground(organization, identities, image, notes, tuple(str(gap) for gap in gaps))


def account_session(session: Session, account_id: str) -> Session:
    """The session of the principal's account: this one, or a member's by its role."""
    return session if session.account_id == account_id else session.assume(account_id)


def find_image(session: Session, image_id: str) -> Image:
    """Looks an image up as the account sees it, whoever owns it."""
    for alias, public in VIEWS:
        request = DescribeImages(
            region_id=session.region_id,
            image_id=(image_id,),
            image_owner_alias=alias,
            is_public=public,
            status=EVERY_STATUS,
        )
        for wire in session.pages(DESCRIBE_IMAGES, request):
            if wire.image_id == image_id:
                return image_of(wire, session.account_id, session.region_id)
    raise InputError(
        f"account `{session.account_id}` sees no image `{image_id}` in {session.region_id}",
        help="name the region with --region, or give the image as a --resource with its tags",
    )


def save_snapshot(options: Options, path: Path) -> int:
    """Reads every account within reach into a file; 4 where something could not be read."""
    snapshot = taken(options)
    save(path, snapshot)
    accounts, images = len(snapshot.identities), len(snapshot.images)
    click.echo(f"{path}: {accounts} accounts, {images} images, {len(snapshot.gaps)} gaps", err=True)
    for gap in snapshot.gaps:
        click.echo(f"not read: {gap}", err=True)
    return 4 if snapshot.gaps else 0


def taken(options: Options) -> PolicySnapshot:
    """Reads the directory, and of every account its identities and the images that it sees."""
    place = reach(options, ())
    session = open_cloud(options)
    organization, unread = read_organization(session)
    gaps = [*place.gaps, *unread]
    read: list[Identities] = []
    images: list[Image] = []
    with progress_on_stderr() as progress:
        steps = progress.add_task("reading accounts", total=len(place.accounts) + len(KEPT))
        for one in place.accounts:
            identities, lacking = read_identities(one.session, one.account_id)
            read.append(identities)
            gaps += lacking
            progress.advance(steps)
        for alias in KEPT:
            look = images_of(place, alias)
            images += look.images
            gaps += look.gaps
            progress.advance(steps)
    now = datetime.now(UTC).replace(microsecond=0)
    return PolicySnapshot(
        now, session.region_id, organization, tuple(read), tuple(images), tuple(dict.fromkeys(gaps))
    )


def images_of(place: Reach, alias: str) -> Found:
    """All images of one kind of owner; a gap where none of the accounts may list them."""
    wanted = Wanted(owner=alias, statuses=EVERY_STATUS)
    try:
        return find_images(place.accounts, place.region_ids, wanted)
    except CloudFault as fault:
        return Found((), (gap_of(fault, call="DescribeImages"),))
