"""Launch from the newest approved image.

Source: help.aliyun.com ecs/RunInstances, ecs/CreateInstance.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from imagefence.api.ecs_instances import (
    CREATE_INSTANCE,
    DESCRIBE_INSTANCES,
    RUN_INSTANCES,
    CreateInstance,
    DescribeInstances,
    RunInstances,
)
from imagefence.api.ecs_lifecycle import START_INSTANCE, StartInstance
from imagefence.api.ecs_shapes import TagPair
from imagefence.cloud.session import Session
from imagefence.errors import CloudFault, InputError, Refusal, Unreachable
from imagefence.images.find import EVERY_STATUS, Wanted, images_in
from imagefence.images.image import Image, newest_first
from imagefence.images.place import Place

DRY_RUN_PASSED = "DryRunOperation"


@dataclass(frozen=True, slots=True)
class Order:
    """What to launch, in full."""

    image: Image
    place: Place
    amount: int = 1
    name: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Launched:
    """What came of it: the instances' ids, or none for a dry run that passed."""

    instance_ids: tuple[str, ...]
    request_id: str


def choose_image(session: Session, wanted: Wanted, *, latest: bool) -> Image:
    """Picks the image to launch: the one with the given id, else the newest that the tags ask for."""
    if wanted.image_id:
        return image_by_id(session, wanted)
    found = newest_first(images_in(session, session.region_id, wanted))
    if not found:
        raise Refusal(
            f"no available image with {words(wanted)} in {session.region_id} of account {session.account_id}",
            help="`imagefence images list` looks in every region and account",
        )
    if len(found) > 1 and not latest:
        ids = ", ".join(f"`{image.id}`" for image in found[:5])
        text = f"{len(found)} images wear {words(wanted)}: {ids}"
        raise InputError(text, help="add --latest, or --image ID")
    return found[0]


def image_by_id(session: Session, wanted: Wanted) -> Image:
    """Finds the named image and holds it to the tags, if any were asked for."""
    everyone = Wanted(image_id=wanted.image_id, statuses=EVERY_STATUS)
    found = images_in(session, session.region_id, everyone)
    if not found:
        raise InputError(
            f"no image `{wanted.image_id}` in {session.region_id}",
            help=f"`imagefence images show {wanted.image_id}` looks in every region and account",
        )
    wrong = [key for key, value in wanted.tags.items() if not wears(found[0], key, value)]
    if wrong:
        raise Refusal(
            f"`{wanted.image_id}` does not wear {words(wanted)}",
            help="leave --image out to take the newest image that does",
        )
    return found[0]


def wears(image: Image, key: str, value: str) -> bool:
    """Tells whether an image has a tag; an empty value asks for the key alone."""
    return key in image.tags and value in ("", image.tags[key])


def words(wanted: Wanted) -> str:
    """The tags as a user wrote them."""
    return "`" + " ".join(f"{key}={value}" if value else key for key, value in wanted.tags.items()) + "`"


def dry_run(session: Session, order: Order, *, single: bool) -> str:
    """Asks the API whether the launch would pass; gives the request's id, raises CloudFault where not.

    A dry run that passes is answered with 400 DryRunOperation.
    """
    try:
        send(session, order, single=single, dry=True)
    except CloudFault as fault:
        if fault.code == DRY_RUN_PASSED:
            return fault.request_id
        raise
    raise Unreachable("the endpoint answered a dry run as if it had launched", help="look for new instances")


def launch(session: Session, order: Order, *, single: bool) -> Launched:
    """Creates the instances: `amount` of them by RunInstances, or with `single` one by CreateInstance."""
    return send(session, order, single=single, dry=False)


def send(session: Session, order: Order, *, single: bool, dry: bool) -> Launched:
    """Sends the one request."""
    if single:
        created = session.call(CREATE_INSTANCE, CreateInstance(**common(order), dry_run=dry))
        return Launched((created.instance_id,), created.request_id)
    request = RunInstances(**common(order), amount=order.amount, dry_run=dry)
    answer = session.call(RUN_INSTANCES, request)
    return Launched(tuple(answer.instance_id_sets.instance_id_set), answer.request_id)


def common(order: Order) -> dict[str, Any]:
    """The parameters that RunInstances and CreateInstance share."""
    return {
        "region_id": order.image.region_id,
        "image_id": order.image.id,
        "instance_type": order.place.instance_type,
        "v_switch_id": order.place.v_switch_id,
        "security_group_id": order.place.security_group_id,
        "instance_name": order.name,
        "tag": tuple(TagPair(key=key, value=value) for key, value in order.tags.items()),
    }


def bring_up(
    session: Session,
    launched: Launched,
    *,
    single: bool,
    told: Callable[[Mapping[str, str]], None] = lambda found: None,
) -> dict[str, str]:
    """Waits until all run; what CreateInstance made is stopped, and is started first."""
    if single:
        wait_until(session, launched.instance_ids, "Stopped", told=told)
        session.call(START_INSTANCE, StartInstance(instance_id=launched.instance_ids[0]))
    return wait_until(session, launched.instance_ids, "Running", told=told)


def statuses(session: Session, instance_ids: tuple[str, ...]) -> dict[str, str]:
    """Reads the status of instances by id."""
    request = DescribeInstances(region_id=session.region_id, instance_ids=instance_ids)
    return {one.instance_id: one.status for one in session.pages(DESCRIBE_INSTANCES, request)}


def wait_until(
    session: Session,
    instance_ids: tuple[str, ...],
    status: str,
    *,
    patience_s: float = 300.0,
    told: Callable[[Mapping[str, str]], None] = lambda found: None,
) -> dict[str, str]:
    """Waits until every instance has the status; raises Unreachable when patience ends.

    `told` gets the statuses after each look; looks come less and less often, up to every three seconds.
    """
    deadline, pause_s = time.monotonic() + patience_s, 0.1
    while True:
        found = statuses(session, instance_ids)
        told(found)
        if all(found.get(instance_id) == status for instance_id in instance_ids):
            return found
        if time.monotonic() > deadline:
            raise Unreachable(
                f"after {patience_s:.0f} s the instances are still not {status}: {found}",
                help="they may come yet; look at them with DescribeInstances",
            )
        time.sleep(pause_s)
        pause_s = min(pause_s * 1.5, 3.0)
