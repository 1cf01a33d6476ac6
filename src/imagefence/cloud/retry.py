"""Which failures are tried again, and after how long.

A call is repeated when the first try surely did nothing (throttled, never sent), or when doing it twice is
the same as once: reads, writes that carry a ClientToken, and writes that set a state instead of adding to it.
Any other write whose connection was cut is reported, never repeated: it may have been carried out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from imagefence.api.operation import Access, Operation, Parameters
from imagefence.errors import CloudFault, Unreachable

# Writes that set a state: a second time changes nothing more. AssumeRole only hands out another key.
SETTING = ("AssumeRole", "Modify", "Set", "TagResources", "UntagResources", "Update")
LONGEST_ASKED_S = 60.0
TRANSIENT = frozenset({"InternalError", "ServiceUnavailable", "IdempotentProcessing"})


class Throttled(CloudFault):
    """The cloud denied the call because there were too many; `after_s` is the pause it asked for, else 0."""

    after_s: float = 0.0


class Cut(Unreachable):
    """No answer came; `sent` says whether the request may have reached the cloud."""

    sent: bool = True


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a session keeps trying: attempts in all, and the pauses between them with full jitter."""

    attempts: int = 6
    first_s: float = 0.25
    longest_s: float = 10.0


def is_throttling(code: str, status: int) -> bool:
    """Tells the throttling faults: 400 `Throttling`, `Throttling.User`, `Throttling.Api`, or any 429."""
    return status == 429 or code.split(".", maxsplit=1)[0] == "Throttling"


def is_repeatable(operation: Operation[Any, Any], request: Parameters) -> bool:
    """Tells whether doing the call twice is the same as doing it once."""
    if operation.access is Access.READ or operation.name.startswith(SETTING):
        return True
    return bool(getattr(request, "client_token", None))


def is_worth_another_try(error: BaseException, repeatable: bool) -> bool:
    """Decides for one failed try."""
    if isinstance(error, Throttled):
        return True
    if isinstance(error, Cut):
        return repeatable or not error.sent
    if isinstance(error, CloudFault):
        return repeatable and (error.status >= 500 or error.code in TRANSIENT)
    return False


def tries(patience: Patience, repeatable: bool) -> Retrying:
    """The loop of tries for one call."""
    backoff = wait_random_exponential(multiplier=patience.first_s, max=patience.longest_s)

    def pause_s(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = min(error.after_s, LONGEST_ASKED_S) if isinstance(error, Throttled) else 0.0
        return max(asked, backoff(state))

    return Retrying(
        stop=stop_after_attempt(patience.attempts),
        wait=pause_s,
        retry=retry_if_exception(lambda error: is_worth_another_try(error, repeatable)),
        reraise=True,
    )
