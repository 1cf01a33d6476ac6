"""What a declaration says a call authorises, held against the resources that were given.

An Allow on the given resources speaks for the call only if they are all that it authorises; a refusal on
one of them stands, whatever else is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from imagefence.api.operation import Authorized, Operation
from imagefence.api.registry import ALL, operation_for
from imagefence.policy.authorize import REFUSALS
from imagefence.policy.decision import Decision, Reason, Verdict
from imagefence.policy.names import PARTS, split
from imagefence.policy.request import Request, Resource


def held_to_declaration(request: Request, decision: Decision, *, as_given: bool = False) -> Decision:
    """Leaves an Allow undecided where it is not known that all authorised resources were given.

    `as_given` says that they are.
    """
    if decision.verdict in REFUSALS or as_given:
        return decision
    missing = tuple(what_is_missing(request))
    if not missing:
        return decision
    reasons = tuple(Reason(Verdict.INDETERMINATE, None, text, action=request.action) for text in missing)
    told = tuple(reason for reason in decision.reasons if reason.resource)
    return Decision(Verdict.INDETERMINATE, None, None, (*reasons, *told))


def what_is_missing(request: Request) -> Iterator[str]:
    """Says why the given resources may not be all that the call authorises."""
    operation = operation_for(request.action)
    if operation is None:
        yield f"`{request.action}` is not declared: which resources it authorises is not known" + meant(
            request.action
        )
        return
    for entry in operation.mandatory:
        if not any(stands_for(resource, entry, operation) for resource in request.resources):
            yield f"`{operation.action}` is authorised on {shown(entry)} as well, which was not given"
    if not request.resources and operation.authorizes and not operation.mandatory:
        kinds = ", ".join(dict.fromkeys(shown(each) for each in operation.authorizes))
        yield f"`{operation.action}` is authorised on {kinds}, and none was given"


def idle_resources(request: Request) -> tuple[str, ...]:
    """The given resources on which the declared operation asks for nothing."""
    operation = operation_for(request.action)
    if operation is None:
        return ()
    return tuple(
        resource.name
        for resource in request.resources
        if not any(stands_for(resource, entry, operation) for entry in operation.authorizes)
    )


def stands_for(resource: Resource, entry: Authorized, operation: Operation[Any, Any]) -> bool:
    """Tells whether a resource is of the kind that a line of the declaration authorises."""
    if entry.kind == "*":
        return resource.name == "*"
    if entry.kind == "arn":
        return True
    parts = split(resource.name)
    service = entry.service or operation.product.ram_code
    if len(parts) != PARTS or parts[1] != service:
        return False
    if parts[-1].endswith("/*") is not (not entry.of) and not entry.otherwise:
        return False
    return entry.kind.startswith("{") or parts[-1].startswith(f"{entry.kind}/")


def shown(entry: Authorized) -> str:
    """A line of the declaration in short."""
    if entry.kind in ("*", "arn"):
        return "`*`" if entry.kind == "*" else "a named resource"
    return f"`{entry.kind.strip('{}')}/{'<id>' if entry.of else '*'}`"


def whole_account(action: str) -> tuple[Resource, ...]:
    """The `*` of an operation without resource-level authorisation; nothing where resources have names."""
    operation = operation_for(action)
    if operation is None or any(entry.kind != "*" for entry in operation.authorizes):
        return ()
    return (Resource("*"),) if operation.authorizes else ()


def meant(action: str) -> str:
    """A near match among the declared actions."""
    near = get_close_matches(action, [each.action for each in ALL], n=1, cutoff=0.8)
    return f"; did you mean `{near[0]}`?" if near else ""


def undecided(decision: Decision, gaps: tuple[str, ...]) -> Decision:
    """Leaves all but an explicit Deny undecided where a policy could not be read."""
    if not gaps or decision.verdict is Verdict.EXPLICIT_DENY:
        return decision
    reasons = tuple(Reason(Verdict.INDETERMINATE, None, f"not read: {gap}") for gap in gaps)
    return replace(decision, verdict=Verdict.INDETERMINATE, reasons=(*reasons, *decision.reasons))
