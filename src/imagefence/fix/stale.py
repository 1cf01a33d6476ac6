"""Whether the world is still the one that a plan was made for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from imagefence.cloud.session import Session
from imagefence.errors import Refusal
from imagefence.fix.observe import observe_image, observe_instance
from imagefence.fix.plan import Before, Fix, Plan, Way


def refuse_stale(plan: Plan, sessions: Mapping[str, Session], begun: frozenset[str]) -> None:
    """Reads again what every fix rests on and refuses the plan where something has moved on.

    A fix with a step in `begun` was being applied when it was cut off: what its own steps change may have
    changed, and nothing else.
    """
    moved = [
        f"{fix.before.instance_id or fix.image_id}: {change}"
        for fix in plan.fixes
        for change in _changes(fix, sessions[fix.account_id], any(step.id in begun for step in fix.steps))
    ]
    if moved:
        raise Refusal(
            f"the plan is stale: {'; '.join(moved)}",
            help="nothing was done; make a new plan with `imagefence fix plan`",
        )


def _changes(fix: Fix, session: Session, begun: bool) -> Iterator[str]:
    if fix.way is Way.TAG:
        now = observe_image(session, fix.region_id, fix.image_id)
        if not begun or now.image_tags is None:
            yield from _tag_changes(fix.before, now)
        return
    instance = observe_instance(session, fix.region_id, fix.before.instance_id)
    if instance is None:
        if not (begun and fix.way is Way.RETIRE):
            yield "the instance is gone"
        return
    yield from _changes_under_way(fix, instance) if begun else _instance_changes(fix.before, instance)
    if fix.replacement is not None:
        image = observe_image(session, fix.region_id, fix.replacement.image_id)
        yield from (f"replacement {change}" for change in _tag_changes(fix.replacement, image))


def _instance_changes(before: Before, now: Before) -> Iterator[str]:
    if now.image_id != before.image_id:
        yield f"its image was {before.image_id}, is {now.image_id}"
    if now.status != before.status:
        yield f"its status was {before.status}, is {now.status}"
    if now.disks != before.disks:
        yield "its disks have changed"
    if now.image_id == before.image_id:
        yield from _tag_changes(before, now)


def _tag_changes(before: Before, now: Before) -> Iterator[str]:
    if now.image_tags is None and before.image_tags is not None:
        yield f"image {before.image_id} is gone"
    elif now.image_tags != before.image_tags:
        yield f"the tags of image {before.image_id} have changed"


def _changes_under_way(fix: Fix, now: Before) -> Iterator[str]:
    if replaced(fix, now):
        return
    if now.image_id != fix.before.image_id:
        yield f"its image was {fix.before.image_id}, is {now.image_id}"
    elif now.disks != fix.before.disks:
        yield "its disks have changed"


def replaced(fix: Fix, now: Before) -> bool:
    """True when the planned replacement is on a new system disk."""
    return (
        fix.replacement is not None
        and now.image_id == fix.replacement.image_id
        and now.system_disk_id != fix.before.system_disk_id
    )
