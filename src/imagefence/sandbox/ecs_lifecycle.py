"""Behaviour of ECS: starting, stopping and deleting instances."""

from __future__ import annotations

from imagefence.api import ecs_faults
from imagefence.api import ecs_lifecycle as ecs
from imagefence.sandbox.call import Call, Refused, performs
from imagefence.sandbox.compute import Instance, Region
from imagefence.sandbox.ecs_lookup import region_of, the_instance
from imagefence.sandbox.ecs_parts import soon


def in_status(call: Call, instance_id: str, *statuses: str) -> Instance:
    """The caller's instance; refuses one in another status."""
    instance = the_instance(call, instance_id)
    if instance.status not in statuses:
        raise Refused(ecs_faults.INCORRECT_INSTANCE_STATUS)
    return instance


@performs(ecs.START_INSTANCE)
def start_instance(call: Call, request: ecs.StartInstance) -> ecs.StartInstanceAnswer:
    """Starts a stopped instance."""
    instance = in_status(call, request.instance_id, "Stopped")
    later = soon(call, "Running")
    instance.become("Starting", later)
    instance.started = later[-1][0]
    instance.stopped_mode = "Not-applicable"
    return ecs.StartInstanceAnswer()


@performs(ecs.STOP_INSTANCE)
def stop_instance(call: Call, request: ecs.StopInstance) -> ecs.StopInstanceAnswer:
    """Stops a running instance."""
    instance = in_status(call, request.instance_id, "Running")
    instance.become("Stopping", soon(call, "Stopped"))
    instance.stopped_mode = request.stopped_mode or "KeepCharging"
    return ecs.StopInstanceAnswer()


@performs(ecs.REBOOT_INSTANCE)
def reboot_instance(call: Call, request: ecs.RebootInstance) -> ecs.RebootInstanceAnswer:
    """Restarts a running instance."""
    instance = in_status(call, request.instance_id, "Running")
    later = soon(call, "Running")
    instance.become("Starting", later)
    instance.started = later[-1][0]
    return ecs.RebootInstanceAnswer()


@performs(ecs.DELETE_INSTANCE)
def delete_instance(call: Call, request: ecs.DeleteInstance) -> ecs.DeleteInstanceAnswer:
    """Deletes a stopped instance, or with Force a running one; its disks follow DeleteWithInstance."""
    instance = the_instance(call, request.instance_id)
    if instance.deletion_protection:
        raise Refused(ecs.PROTECTED)
    if instance.status in ("Pending", "Starting"):
        raise Refused(ecs.NOT_INITIALIZED)
    if instance.status != "Stopped" and not request.force:
        raise Refused(ecs_faults.INCORRECT_INSTANCE_STATUS)
    region = region_of(call, instance.region_id)
    del region.instances[instance.id]
    release_disks(region, instance)
    return ecs.DeleteInstanceAnswer()


def release_disks(region: Region, instance: Instance) -> None:
    """Deletes the disks that go with an instance and detaches the others."""
    for disk in [one for one in region.disks.values() if one.instance_id == instance.id]:
        if disk.delete_with_instance:
            del region.disks[disk.id]
        else:
            disk.instance_id = disk.device = ""
            disk.attached = None
            disk.become("Available")
