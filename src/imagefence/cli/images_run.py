"""What the `images` commands do, with the rooms they need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import click
import msgspec

from imagefence.cli import options as cli_options
from imagefence.cli.images_view import gap_lines, image_details, images_table, print_view, screen
from imagefence.cli.options import Options
from imagefence.cli.tags import parse_tags
from imagefence.cloud.accounts import AccountSession, reachable_accounts, regions
from imagefence.cloud.gap import Gap, gap_of
from imagefence.cloud.session import Session
from imagefence.errors import CloudFault
from imagefence.images.find import Wanted, chosen_accounts, find_images
from imagefence.images.image import Image
from imagefence.images.tagging import find_image, tag_image, untag_image, with_shares
from imagefence.inventory.fleet import check_regions
from imagefence.report.terminal import progress_on_stderr

GAPS = 4


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a command looks."""

    accounts: tuple[AccountSession, ...]
    region_ids: tuple[str, ...]
    gaps: tuple[Gap, ...]

    def session_of(self, image: Image) -> Session:
        """The session of the account that owns the view of an image."""
        return next(one.session for one in self.accounts if one.account_id == image.account_id)


def reach(options: Options, account_ids: Sequence[str]) -> Reach:
    """Opens the accounts, all or the named ones, and lists the regions, all or the named one."""
    session = cli_options.open(options)
    accounts, gaps = reachable_accounts(session)
    if account_ids:
        gaps = tuple(gap for gap in gaps if gap.account in account_ids)
        known = {gap.account for gap in gaps}
        account_ids = [one for one in account_ids if one not in known]
        accounts = chosen_accounts(accounts, account_ids) if account_ids else ()
    if options.region:
        check_regions(accounts, (options.region,))
    region_ids, unread = regions_of(options, session)
    return Reach(accounts, region_ids, (*gaps, *unread))


def regions_of(options: Options, session: Session) -> tuple[tuple[str, ...], tuple[Gap, ...]]:
    """The region that the user named, or all; the session's own where they may not be listed."""
    if options.region:
        return (options.region,), ()
    try:
        return regions(session), ()
    except CloudFault as fault:
        return (session.region_id,), (gap_of(fault, account=session.account_id),)


def wanted(tags: Sequence[str], owner: str, name: str, family: str, platform: str) -> Wanted:
    """Makes the wish of `images list`."""
    return Wanted(parse_tags(tags, key_alone=True), owner, name, family, platform)


def list_images(options: Options, account_ids: Sequence[str], wish: Wanted) -> int:
    """Lists images; 4 with gaps."""
    place = reach(options, account_ids)
    with progress_on_stderr() as progress:
        task = progress.add_task("reading images", total=len(place.accounts) * len(place.region_ids))
        found = find_images(place.accounts, place.region_ids, wish, lambda: progress.advance(task))
    gaps = (*place.gaps, *found.gaps)
    if options.json:
        print_json({"images": found.images, "gaps": gaps})
    else:
        print_view(images_table(found.images, len(place.accounts), len(place.region_ids), screen().width))
    return leave(gaps)


def show_image(options: Options, account_ids: Sequence[str], image_id: str) -> int:
    """Shows one image; 4 with gaps."""
    place = reach(options, account_ids)
    sight = find_image(place.accounts, place.region_ids, image_id)
    sight = with_shares(place.session_of(sight.image), sight)
    gaps = (*place.gaps, *sight.gaps)
    if options.json:
        facts = {"image": sight.image, "shared_with": sight.shared_with, "seen_by": sight.seen_by}
        print_json({**facts, "gaps": gaps})
    else:
        print_view(image_details(sight))
    return leave(gaps)


def tag(options: Options, account_ids: Sequence[str], image_id: str, tags: Sequence[str]) -> int:
    """Tags an image in the account that owns it."""
    pairs = parse_tags(tags)
    place = reach(options, account_ids)
    image = find_image(place.accounts, place.region_ids, image_id).image
    tag_image(place.session_of(image), image, pairs)
    return changed(options, image, {**image.tags, **pairs}, "tagged")


def untag(options: Options, account_ids: Sequence[str], image_id: str, keys: Sequence[str]) -> int:
    """Removes tags from an image in the account that owns it."""
    place = reach(options, account_ids)
    image = find_image(place.accounts, place.region_ids, image_id).image
    untag_image(place.session_of(image), image, keys)
    left = {key: value for key, value in image.tags.items() if key not in keys}
    return changed(options, image, left, "untagged")


def changed(options: Options, image: Image, tags: dict[str, str], what: str) -> int:
    """Says what the image wears now."""
    account_id, region_id = image.account_id, image.region_id
    if options.json:
        print_json({"id": image.id, "account_id": account_id, "region_id": region_id, "tags": tags})
    else:
        wears = " ".join(f"{key}={value}" for key, value in tags.items()) or "no tags"
        click.echo(f"{what} {image.id} ({image.name}) of account {account_id} in {region_id}: {wears}")
    return 0


def print_json(value: object) -> None:
    """Prints one JSON document."""
    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def leave(gaps: Sequence[Gap]) -> int:
    """Names the gaps on stderr and gives the exit code."""
    for line in gap_lines(gaps):
        click.echo(line, err=True)
    return GAPS if gaps else 0
