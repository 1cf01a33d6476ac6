"""What the `launch` command does, with the rooms it needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import click
from rich.console import Console, RenderableType
from rich.status import Status
from rich.table import Table

from imagefence.cli import options as cli_options
from imagefence.cli.images_run import leave, print_json
from imagefence.cli.images_view import counted, print_view, tag_words
from imagefence.cli.options import Options
from imagefence.cli.tags import parse_tags
from imagefence.cloud.accounts import AccountSession
from imagefence.cloud.gap import Gap, gap_of
from imagefence.cloud.session import Session
from imagefence.errors import ImagefenceError
from imagefence.images.find import Wanted
from imagefence.images.launch import Launched, Order, bring_up, choose_image, dry_run, launch
from imagefence.images.place import Place, choose_place
from imagefence.inventory.fleet import check_regions

__all__ = ["Ask", "Place", "launch_instances", "parse_tags", "wanted"]


@dataclass(frozen=True, slots=True)
class Ask:
    """What the user asked for."""

    wanted: Wanted
    latest: bool
    place: Place
    amount: int
    name: str
    tags: Mapping[str, str]
    account_id: str
    single: bool
    dry_run: bool
    wait: bool


def wanted(tags: Sequence[str], image_id: str, name: str, family: str, platform: str) -> Wanted:
    """Makes the wish for the image."""
    wish = parse_tags(tags, key_alone=True)
    return Wanted(wish, name=name, family=family, platform=platform, image_id=image_id)


def launch_instances(options: Options, ask: Ask) -> int:
    """Chooses, launches, waits, and says what came of it."""
    session = cli_options.open(options)
    if ask.account_id and ask.account_id != session.account_id:
        session = session.assume(ask.account_id)
    if options.region:
        check_regions((AccountSession(session.account_id, "", session),), (options.region,))
    with working("choosing the image and the place") as status:
        order = choose(session, ask)
        if ask.dry_run:
            status.update(f"asking whether {order.image.id} may be launched")
            return said(options, order, dry_run(session, order, single=ask.single))
        status.update(f"launching {counted(ask.amount, 'instance')} from {order.image.id}")
        launched = launch(session, order, single=ask.single)
        statuses, gaps = follow(session, launched, ask, status)
    if options.json:
        print_json({**order_facts(order), "request_id": launched.request_id, "instances": listed(statuses)})
    else:
        print_view(launch_table(order, statuses))
    return leave(gaps)


def choose(session: Session, ask: Ask) -> Order:
    """Fills what the user left open."""
    image = choose_image(session, ask.wanted, latest=ask.latest)
    return Order(image, choose_place(session, image, ask.place), ask.amount, ask.name, ask.tags)


def said(options: Options, order: Order, request_id: str) -> int:
    """Says that a dry run passed."""
    if options.json:
        print_json({**order_facts(order), "dry_run": "passed", "request_id": request_id})
    else:
        click.echo(
            f"dry run passed: {counted(order.amount, 'instance')} of {order.place.instance_type} "
            f"from {order.image.id} ({order.image.name}) would launch in {order.image.region_id}"
        )
    return 0


def follow(
    session: Session, launched: Launched, ask: Ask, status: Status
) -> tuple[dict[str, str], tuple[Gap, ...]]:
    """Waits for the instances; what goes wrong now must not hide that they exist."""
    seen = dict.fromkeys(launched.instance_ids, "Pending")
    if not ask.wait and not ask.single:
        return seen, ()

    def tell(found: Mapping[str, str]) -> None:
        seen.update(found)
        running = sum(1 for one in seen.values() if one == "Running")
        status.update(f"{running} of {len(seen)} running")

    try:
        bring_up(session, launched, single=ask.single, told=tell)
    except ImagefenceError as error:
        return seen, (gap_of(error, account=session.account_id, region=session.region_id),)
    return seen, ()


@contextmanager
def working(text: str) -> Iterator[Status]:
    """Shows a spinner on stderr where that is a terminal, and nothing elsewhere."""
    with Console(stderr=True, highlight=False).status(text) as status:
        yield status


def order_facts(order: Order) -> dict[str, object]:
    """The order as JSON shows it."""
    return {
        "account_id": order.image.account_id,
        "region_id": order.image.region_id,
        "image_id": order.image.id,
        "image_name": order.image.name,
        "amount": order.amount,
        **asdict(order.place),
    }


def listed(statuses: Mapping[str, str]) -> list[dict[str, str]]:
    """Instances as JSON shows them."""
    return [{"id": instance_id, "status": status} for instance_id, status in statuses.items()]


def launch_table(order: Order, statuses: Mapping[str, str]) -> RenderableType:
    """The new instances as a table."""
    image = order.image
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("instance", "status", "type", "region"):
        table.add_column(name, no_wrap=True)
    table.add_column("image", overflow="fold")
    table.add_column("image tags", overflow="fold")
    for instance_id, status in statuses.items():
        source = f"{image.id} {image.name}"
        table.add_row(
            instance_id, status, order.place.instance_type, image.region_id, source, tag_words(image)
        )
    return table
