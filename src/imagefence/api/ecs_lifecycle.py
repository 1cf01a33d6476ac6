"""ECS: starting, stopping and deleting instances.

Source: help.aliyun.com ecs/developer-reference, pages of each operation; ecs/ram-authorization.
"""

from __future__ import annotations

from imagefence.api import ecs_faults
from imagefence.api.operation import Access, Answer, Authorized, Fault, Operation, Parameters
from imagefence.api.products import ECS

PROTECTED = Fault(
    403,
    "InvalidOperation.DeletionProtection",
    "The operation is not allowed due to deletion protection.",
)
NOT_INITIALIZED = Fault(
    403,
    "IncorrectInstanceStatus.Initializing",
    "The specified instance status does not support this operation.",
)


class StartInstance(Parameters, frozen=True, kw_only=True):
    """Starts a stopped instance."""

    instance_id: str
    dry_run: bool = False


class StartInstanceAnswer(Answer):
    """Nothing but the request's id."""


START_INSTANCE = Operation(
    product=ECS,
    name="StartInstance",
    request=StartInstance,
    response=StartInstanceAnswer,
    access=Access.WRITE,
    authorizes=(Authorized("instance", of="instance_id"),),
    doc="https://api.aliyun.com/document/Ecs/2014-05-26/StartInstance",
    faults=(ecs_faults.INSTANCE_NOT_FOUND, ecs_faults.INCORRECT_INSTANCE_STATUS),
)


class StopInstance(Parameters, frozen=True, kw_only=True):
    """Stops a running instance."""

    instance_id: str
    force_stop: bool = False
    stopped_mode: str = ""
    dry_run: bool = False


class StopInstanceAnswer(Answer):
    """Nothing but the request's id."""


STOP_INSTANCE = Operation(
    product=ECS,
    name="StopInstance",
    request=StopInstance,
    response=StopInstanceAnswer,
    access=Access.WRITE,
    authorizes=(Authorized("instance", of="instance_id"),),
    doc="https://api.aliyun.com/document/Ecs/2014-05-26/StopInstance",
    faults=(ecs_faults.INSTANCE_NOT_FOUND, ecs_faults.INCORRECT_INSTANCE_STATUS),
)


class RebootInstance(Parameters, frozen=True, kw_only=True):
    """Restarts a running instance."""

    instance_id: str
    force_stop: bool = False
    dry_run: bool = False


class RebootInstanceAnswer(Answer):
    """Nothing but the request's id."""


REBOOT_INSTANCE = Operation(
    product=ECS,
    name="RebootInstance",
    request=RebootInstance,
    response=RebootInstanceAnswer,
    access=Access.WRITE,
    authorizes=(Authorized("instance", of="instance_id"),),
    doc="https://api.aliyun.com/document/Ecs/2014-05-26/RebootInstance",
    faults=(ecs_faults.INSTANCE_NOT_FOUND, ecs_faults.INCORRECT_INSTANCE_STATUS),
)


class DeleteInstance(Parameters, frozen=True, kw_only=True):
    """Deletes a stopped instance, or with `force` a running one."""

    instance_id: str
    force: bool = False
    force_stop: bool = False
    terminate_subscription: bool = False
    dry_run: bool = False


class DeleteInstanceAnswer(Answer):
    """Nothing but the request's id."""


DELETE_INSTANCE = Operation(
    product=ECS,
    name="DeleteInstance",
    request=DeleteInstance,
    response=DeleteInstanceAnswer,
    access=Access.WRITE,
    authorizes=(Authorized("instance", of="instance_id"),),
    doc="https://api.aliyun.com/document/Ecs/2014-05-26/DeleteInstance",
    faults=(ecs_faults.INSTANCE_NOT_FOUND, ecs_faults.INCORRECT_INSTANCE_STATUS, PROTECTED, NOT_INITIALIZED),
)


OPERATIONS = (START_INSTANCE, STOP_INSTANCE, REBOOT_INSTANCE, DELETE_INSTANCE)
