"""Request and policies to a simulated decision."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from imagefence.cli.readings_used import BY_DEFAULT, Used
from imagefence.cli.simulate_data import Simulated
from imagefence.cli.simulate_declared import (
    held_to_declaration,
    idle_resources,
    undecided,
    what_is_missing,
)
from imagefence.cli.simulate_ground import InForce
from imagefence.policy.authorize import authorize
from imagefence.policy.decision import Decision, Verdict
from imagefence.policy.levels import outcomes
from imagefence.policy.near_miss import near_misses
from imagefence.policy.readings import Alternative, Readings
from imagefence.policy.request import Request


def decided(
    request: Request, found: InForce, used: Used = BY_DEFAULT, *, as_given: bool = False
) -> Simulated:
    """Decides one request by the readable evaluator, with everything there is to say about it."""
    readings = used.readings

    def under(reading: Readings) -> Decision:
        decision = authorize(request, found.policies, reading)
        return undecided(held_to_declaration(request, decision, as_given=as_given), found.gaps)

    decision = under(readings)
    notes = (*(() if as_given else hints(request)), *found.notes, *filter(None, (used.source,)))
    return Simulated(
        request,
        found.policies,
        decision,
        found.shown,
        outcomes(request, found.policies, readings),
        near_misses(request, found.policies, decision, readings),
        depending(decision, under, used.others),
        notes,
        found.gaps,
    )


def hints(request: Request) -> Iterator[str]:
    """What the declaration says of the given resources."""
    for name in idle_resources(request):
        yield f"`{request.action}` asks nothing on `{name}`, which was given"
    if request.resources and any(what_is_missing(request)):
        yield "--as-given takes the given resources for all that the call authorises"


def depending(
    decision: Decision, under: Callable[[Readings], Decision], others: Iterable[Alternative]
) -> tuple[tuple[Alternative, Verdict], ...]:
    """The other readings under which the verdict changes."""
    found = ((other, under(other.readings).verdict) for other in others)
    return tuple((other, verdict) for other, verdict in found if verdict is not decision.verdict)
