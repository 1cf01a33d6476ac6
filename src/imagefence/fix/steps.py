"""The steps of each way, with what each one loses and how it is undone."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from imagefence.fix.plan import Before, DiskBefore, Do, Step, Undo

# Local disks can't be snapshotted (help.aliyun.com ecs/snapshot-overview), so what they hold has no undo.
RUNNING = ("Running", "Starting", "Pending")
LOCAL_CATEGORIES = ("ephemeral", "local", "elastic_ephemeral")


def tag_step(
    fix_id: str, image_id: str, before: Mapping[str, str], tags: Mapping[str, str], role: str
) -> Step:
    """The one step that approves an image, by the exempt role where there is one."""
    overwritten = {key: before[key] for key in tags if key in before}
    how = "imagefence images untag {} {}".format(image_id, " ".join(sorted(tags)))
    if overwritten:
        how = "tag it again with " + ", ".join(f"{k}={v}" for k, v in sorted(overwritten.items()))
    return Step(
        id=f"{fix_id}.1",
        do=Do.TAG_IMAGE,
        target=image_id,
        tags=dict(tags),
        role=role,
        undo=Undo.FULL,
        undo_how=how,
    )


def replace_steps(fix_id: str, before: Before, image_id: str) -> tuple[Step, ...]:
    """Stop, snapshot, replace, start again if it was running.

    Why the stop comes first: what is written between a snapshot and the stop would be in neither.
    """
    instance, running = before.instance_id, before.status in RUNNING
    system = next((disk for disk in before.disks if disk.system), None)
    assert system is not None, "a replace is planned for instances with a system disk alone"
    kept = _can_snapshot(system)
    steps = [] if before.status == "Stopped" else [_stop(instance)]
    steps += [_snapshot(system)] if kept else []
    steps.append(
        Step(
            id="",
            do=Do.REPLACE,
            target=instance,
            image_id=image_id,
            lost=f"everything on system disk {system.id}; the disk itself is released",
            undo=Undo.DATA_ONLY if kept else Undo.NONE,
            undo_how="create a disk from the snapshot and copy the data back" if kept else "none",
        )
    )
    steps += [_start(instance)] if running else []
    return _numbered(fix_id, steps)


def retire_steps(fix_id: str, before: Before) -> tuple[Step, ...]:
    """Stop, snapshot every disk that goes with the instance, delete."""
    going = tuple(disk for disk in before.disks if disk.system or disk.deleted_with_instance)
    kept = all(_can_snapshot(disk) for disk in going)
    steps = [] if before.status == "Stopped" else [_stop(before.instance_id)]
    steps += [_snapshot(disk) for disk in going if _can_snapshot(disk)]
    disks = ", ".join(disk.id for disk in going) or "no disk"
    steps.append(
        Step(
            id="",
            do=Do.DELETE,
            target=before.instance_id,
            lost=f"the instance, its id and addresses, and what is on {disks}",
            undo=Undo.DATA_ONLY if kept else Undo.NONE,
            undo_how="launch a golden instance and attach disks made from the snapshots" if kept else "none",
        )
    )
    return _numbered(fix_id, steps)


def _stop(instance_id: str) -> Step:
    return Step(
        id="", do=Do.STOP, target=instance_id, undo=Undo.FULL, undo_how=f"start {instance_id} (StartInstance)"
    )


def _start(instance_id: str) -> Step:
    return Step(
        id="", do=Do.START, target=instance_id, undo=Undo.FULL, undo_how=f"stop {instance_id} (StopInstance)"
    )


def _snapshot(disk: DiskBefore) -> Step:
    return Step(
        id="", do=Do.SNAPSHOT, target=disk.id, undo=Undo.FULL, undo_how="delete the snapshot (DeleteSnapshot)"
    )


def _can_snapshot(disk: DiskBefore) -> bool:
    return not disk.category.startswith(LOCAL_CATEGORIES)


def _numbered(fix_id: str, steps: list[Step]) -> tuple[Step, ...]:
    return tuple(replace(step, id=f"{fix_id}.{n}") for n, step in enumerate(steps, 1))
