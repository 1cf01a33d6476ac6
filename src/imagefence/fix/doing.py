"""How each kind of step is done: whether it has happened, and the call with its waiting."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from imagefence.api.ecs_disks import REPLACE_SYSTEM_DISK, ReplaceSystemDisk
from imagefence.api.ecs_lifecycle import (
    DELETE_INSTANCE,
    START_INSTANCE,
    STOP_INSTANCE,
    DeleteInstance,
    StartInstance,
    StopInstance,
)
from imagefence.api.ecs_shapes import TagPair
from imagefence.api.ecs_snapshots import (
    CREATE_SNAPSHOT,
    DESCRIBE_SNAPSHOTS,
    CreateSnapshot,
    DescribeSnapshots,
    Snapshot,
)
from imagefence.api.ecs_tags import TAG_RESOURCES, TagResources
from imagefence.cloud.session import Session
from imagefence.errors import CloudFault, ImagefenceError
from imagefence.fix.observe import find_instance, observe_instance, read_image_tags
from imagefence.fix.plan import Do, Fix, Step
from imagefence.fix.stale import replaced

PATIENCE_S = 30 * 60.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.05, 5.0


@dataclass(frozen=True, slots=True)
class Place:
    """A step where it is taken: the session, its fix, and its ClientToken."""

    session: Session
    fix: Fix
    step: Step
    token: str

    @property
    def region_id(self) -> str:
        """The region of the fix."""
        return self.fix.region_id


@dataclass(frozen=True, slots=True)
class Doing:
    """`happened` gives a result (`-` or an id) where the step has happened, else None; `call` does it."""

    happened: Callable[[Place], str | None]
    call: Callable[[Place], str]


def status_of(place: Place) -> str:
    """The instance's status; `Deleted` when it is gone."""
    instance = find_instance(place.session, place.region_id, place.fix.before.instance_id)
    return instance.status if instance is not None else "Deleted"


def wait_for(what: str, ready: Callable[[], bool]) -> None:
    """Asks until it is so, with growing pauses; gives up after half an hour."""
    pause, until = FIRST_PAUSE_S, time.monotonic() + PATIENCE_S
    while not ready():
        if time.monotonic() > until:
            raise ImagefenceError(
                f"waited half an hour for {what}",
                help="look at it in the console, then run the same apply again",
            )
        time.sleep(pause)
        pause = min(pause * 1.6, LONGEST_PAUSE_S)


def _wait_status(place: Place, wanted: str) -> str:
    wait_for(f"{place.fix.before.instance_id} to be {wanted}", lambda: status_of(place) == wanted)
    return "-"


def tag_happened(place: Place) -> str | None:
    """The tags are on the image."""
    tags = read_image_tags(place.session, place.region_id, place.step.target) or {}
    return "-" if place.step.tags.items() <= tags.items() else None


def tag_image(place: Place) -> str:
    """Tags the image and makes sure that the tags are seen."""
    request = TagResources(
        region_id=place.region_id,
        resource_type="image",
        resource_id=(place.step.target,),
        tag=tuple(TagPair(key=key, value=value) for key, value in place.step.tags.items()),
    )
    place.session.call(TAG_RESOURCES, request, place.region_id)
    wait_for(f"the tags of {place.step.target}", lambda: tag_happened(place) is not None)
    return "-"


def stop_happened(place: Place) -> str | None:
    """The instance is stopped, or a later step shows that it was."""
    status = status_of(place)
    if status == "Stopping":
        return _wait_status(place, "Stopped")
    return "-" if status in {"Stopped", "Deleted"} or _replaced(place) else None


def stop(place: Place) -> str:
    """Stops the instance and waits; KeepCharging keeps its place and address for the start."""
    request = StopInstance(instance_id=place.step.target, stopped_mode="KeepCharging")
    place.session.call(STOP_INSTANCE, request, place.region_id)
    return _wait_status(place, "Stopped")


def snapshot_happened(place: Place) -> str | None:
    """The snapshot with the step's name is there; one under way is waited for."""
    made = _named_snapshot(place)
    return _wait_snapshot(place, made.snapshot_id) if made is not None else None


def snapshot(place: Place) -> str:
    """Takes the snapshot and waits until it holds everything."""
    request = CreateSnapshot(
        disk_id=place.step.target,
        snapshot_name=_snapshot_name(place),
        description=f"taken by imagefence before {place.fix.way} of {place.fix.before.instance_id}",
        client_token=place.token,
    )
    answer = place.session.call(CREATE_SNAPSHOT, request, place.region_id)
    return _wait_snapshot(place, answer.snapshot_id)


def replace_happened(place: Place) -> str | None:
    """The golden image is on a new system disk."""
    now = observe_instance(place.session, place.region_id, place.step.target)
    return now.system_disk_id if now is not None and replaced(place.fix, now) else None


def replace(place: Place) -> str:
    """Replaces the system disk of the stopped instance (ReplaceSystemDisk: `Stopped` alone)."""
    request = ReplaceSystemDisk(
        instance_id=place.step.target, image_id=place.step.image_id, client_token=place.token
    )
    answer = place.session.call(REPLACE_SYSTEM_DISK, request, place.region_id)
    wait_for(f"the new disk of {place.step.target}", lambda: replace_happened(place) is not None)
    return answer.disk_id


def start_happened(place: Place) -> str | None:
    """The instance runs."""
    status = status_of(place)
    if status == "Starting":
        return _wait_status(place, "Running")
    return "-" if status == "Running" else None


def start(place: Place) -> str:
    """Starts the instance and waits."""
    request = StartInstance(instance_id=place.step.target)
    place.session.call(START_INSTANCE, request, place.region_id)
    return _wait_status(place, "Running")


def delete_happened(place: Place) -> str | None:
    """The instance is gone."""
    return "-" if status_of(place) == "Deleted" else None


def delete(place: Place) -> str:
    """Deletes the stopped instance; one that another run deleted meanwhile is no error."""
    try:
        request = DeleteInstance(instance_id=place.step.target)
        place.session.call(DELETE_INSTANCE, request, place.region_id)
    except CloudFault as fault:
        if fault.code != "InvalidInstanceId.NotFound":
            raise
    return _wait_status(place, "Deleted")


DOING = {
    Do.TAG_IMAGE: Doing(tag_happened, tag_image),
    Do.STOP: Doing(stop_happened, stop),
    Do.SNAPSHOT: Doing(snapshot_happened, snapshot),
    Do.REPLACE: Doing(replace_happened, replace),
    Do.START: Doing(start_happened, start),
    Do.DELETE: Doing(delete_happened, delete),
}


def _replaced(place: Place) -> bool:
    now = observe_instance(place.session, place.region_id, place.fix.before.instance_id)
    return now is not None and replaced(place.fix, now)


def _snapshot_name(place: Place) -> str:
    return f"imagefence-{place.token[:24]}"


def _named_snapshot(place: Place) -> Snapshot | None:
    request = DescribeSnapshots(region_id=place.region_id, snapshot_name=_snapshot_name(place))
    return next(iter(place.session.pages(DESCRIBE_SNAPSHOTS, request, place.region_id)), None)


def _wait_snapshot(place: Place, snapshot_id: str) -> str:
    def accomplished() -> bool:
        request = DescribeSnapshots(region_id=place.region_id, snapshot_ids=(snapshot_id,))
        listed = place.session.call(DESCRIBE_SNAPSHOTS, request, place.region_id).snapshots.snapshot
        if any(one.status == "failed" for one in listed):
            raise ImagefenceError(
                f"snapshot {snapshot_id} of {place.step.target} failed",
                help="nothing was destroyed; remove the failed snapshot and run the same apply again",
            )
        return any(one.status == "accomplished" for one in listed)

    wait_for(f"snapshot {snapshot_id}", accomplished)
    return snapshot_id
