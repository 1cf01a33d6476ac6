"""The tree of errors.

    ImagefenceError                 everything a user may meet; carries `help`
    ├── InputError                  the user's text or option is wrong: exit code 2
    │   ├── PolicySyntaxError       a policy document, at path and line:column
    │   │   └── UnsupportedFeature  valid elsewhere, but not understood here: refused, never skipped
    │   └── ConfigError             fence.yaml, a plan file, a CLI profile
    ├── CloudFault                  the cloud answered with an error code
    ├── Unreachable                 no answer from the endpoint
    ├── Refusal                     the tool will not do it: stale plan, lock-out, limits
    └── InternalError               a promise of ours is broken
        └── CounterexampleNotReproduced  a proof's counterexample that evaluator or sandbox does not confirm

Denials and findings are values, never exceptions.
"""

from __future__ import annotations

LONGEST_SHOWN = 100
LONGEST_PATH = 300


class ImagefenceError(Exception):
    """An error with one lower-case line for the user and, in `help`, what to do about it."""

    exit_code = 1

    def __init__(self, message: str, *, help: str = "") -> None:  # noqa: A002 - the word users see
        super().__init__(message)
        self.message = message
        self.help = help


class InputError(ImagefenceError):
    """What the user wrote is wrong; nothing was done."""

    exit_code = 2


class PolicySyntaxError(InputError):
    """A policy document breaks the grammar at `pointer` (RFC 6901), `line` and `column` (both from 1)."""

    def __init__(
        self,
        message: str,
        *,
        pointer: str = "",
        line: int = 1,
        column: int = 1,
        source: str = "",
        help: str = "",  # noqa: A002
    ) -> None:
        super().__init__(message, help=help)
        self.pointer = pointer
        self.line = line
        self.column = column
        self.source = source

    def __str__(self) -> str:
        place = f"{self.source or 'policy'}:{self.line}:{self.column}"
        path = readable_path(self.pointer)
        return f"{place}: {path}: {self.message}" if path else f"{place}: {self.message}"


class UnsupportedFeature(PolicySyntaxError):
    """The document uses what this engine does not model; it is refused at its place."""


class ConfigError(InputError):
    """A configuration or plan file is wrong at `place` (`fence.yaml:7:3: approved.tags`)."""

    def __init__(self, message: str, *, place: str = "", help: str = "") -> None:  # noqa: A002
        super().__init__(f"{place}: {message}" if place else message, help=help)
        self.place = place


class CloudFault(ImagefenceError):
    """The cloud refused a call: its `code`, HTTP `status`, `request_id` and, for a denial, `denied`."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int,
        request_id: str = "",
        operation: str = "",
        denied: dict[str, str] | None = None,
        help: str = "",  # noqa: A002
    ) -> None:
        super().__init__(f"{operation or 'the cloud'}: {status} {code}: {message}", help=help)
        self.code = code
        self.detail = message
        self.status = status
        self.request_id = request_id
        self.operation = operation
        self.denied = denied
        if denied is not None:
            self.exit_code = 3


class Unreachable(ImagefenceError):
    """The endpoint did not answer, after all retries."""


class Refusal(ImagefenceError):
    """The tool will not do it, because it would do harm or the world has moved on."""


class InternalError(ImagefenceError):
    """A promise of imagefence itself is broken; please report it."""


class CounterexampleNotReproduced(InternalError):
    """What the prover found is not what evaluator or sandbox decide; it is never shown as a finding."""


def shown(text: str) -> str:
    """Writes a user's text for a message: on one line, what can't be seen escaped, its end cut where long."""
    short = text if len(text) <= LONGEST_SHOWN else text[:LONGEST_SHOWN] + "…"
    if short.isprintable():
        return short
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in short
    )


def readable_path(pointer: str) -> str:
    """Turns `/Statement/2/Condition` into `Statement[2].Condition`."""
    parts = [shown(p.replace("~1", "/").replace("~0", "~")) for p in pointer.split("/")[1:]]
    text = ""
    for part in parts:
        text += f"[{part}]" if part.isdigit() else f".{part}" if text else part
    return text if len(text) <= LONGEST_PATH else text[:LONGEST_PATH] + "…"
