"""Gaps: what could not be read, carried along so that no report on it says clean."""

from __future__ import annotations

from dataclasses import dataclass

from imagefence.errors import CloudFault, ImagefenceError


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that could not be read: in which account and region, by which call, and why.

    An empty `account` or `region` means that the place is not known or does not apply.
    """

    account: str
    region: str
    call: str
    reason: str

    def __str__(self) -> str:
        place = "/".join(part for part in (self.account, self.region) if part) or "everywhere"
        return f"{place}: {self.call}: {self.reason}"


def gap_of(error: ImagefenceError, *, account: str = "", region: str = "", call: str = "") -> Gap:
    """Makes the gap that an error leaves."""
    if isinstance(error, CloudFault):
        reason = f"{error.status} {error.code}: {error.detail}"
        return Gap(account, region, call or error.operation, reason)
    return Gap(account, region, call, error.message)
