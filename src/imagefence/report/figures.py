"""The figures that every form of a report shows."""

from __future__ import annotations

from dataclasses import dataclass

from imagefence.audit.audit import Audit
from imagefence.audit.rules import UNKNOWN
from imagefence.inventory.snapshot import AccountRecord


@dataclass(frozen=True, slots=True)
class AccountFigures:
    """How one account stands."""

    account: AccountRecord
    instances: int
    approved: int
    wrong: int
    unjudged: int
    gaps: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """A verdict in one line, with its tone: `good`, `bad` or `open`."""

    text: str
    tone: str


def verdict_of(audit: Audit) -> Verdict:
    """The one line that an audit comes to; never a clean one where something could not be read."""
    wrong = len(audit.findings) - audit.unjudged
    holes = len(audit.snapshot.gaps) + audit.unjudged
    unread = ", and not everything could be read" if holes else ""
    if wrong:
        verb = "1 instance runs" if wrong == 1 else f"{wrong} instances run"
        return Verdict(f"{verb} on images that are not approved{unread}", "bad")
    if holes:
        return Verdict("nothing wrong was found, but not everything could be read", "open")
    if not audit.snapshot.instances:
        return Verdict("clean: there are no instances", "good")
    return Verdict("clean: every instance runs on an approved image", "good")


def account_figures(audit: Audit) -> tuple[AccountFigures, ...]:
    """The figures of each account, in the snapshot's order."""
    return tuple(figures_of(audit, account) for account in audit.snapshot.accounts)


def figures_of(audit: Audit, account: AccountRecord) -> AccountFigures:
    """Counts one account's instances, findings and gaps."""
    instances = sum(instance.account_id == account.id for instance in audit.snapshot.instances)
    findings = [finding for finding in audit.findings if finding.account_id == account.id]
    unjudged = sum(finding.rule is UNKNOWN for finding in findings)
    return AccountFigures(
        account,
        instances,
        instances - len(findings),
        len(findings) - unjudged,
        unjudged,
        sum(gap.account == account.id for gap in audit.snapshot.gaps),
    )


def percent(share: float | None) -> str:
    """A share as a whole percentage, rounded down so that only all is 100%."""
    return "-" if share is None else f"{int(share * 100)}%"
