"""JSON: an audit for programs; the keys are a promise."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from imagefence.audit.audit import Audit
from imagefence.audit.finding import Finding
from imagefence.cloud.gap import Gap


class FindingRow(msgspec.Struct, kw_only=True):
    """One finding, flat."""

    id: str
    rule: str
    severity: str
    title: str
    why: str
    remedy: str
    account_id: str
    account_name: str
    account_path: str
    region_id: str
    instance_id: str
    instance_name: str
    instance_status: str
    image_id: str
    image_name: str
    image_owner: str


class GapRow(msgspec.Struct, kw_only=True):
    """One gap."""

    account: str
    region: str
    call: str
    reason: str


class AccountRow(msgspec.Struct, kw_only=True):
    """One account that was looked at."""

    id: str
    name: str
    path: str
    management: bool


class AuditRow(msgspec.Struct, kw_only=True):
    """The whole answer of `imagefence audit --json`."""

    taken_at: datetime
    clean: bool
    instances: int
    approved: int
    unjudged: int
    by_rule: dict[str, int]
    accounts: list[AccountRow]
    regions: list[str]
    findings: list[FindingRow]
    gaps: list[GapRow]
    limits: list[str]


def to_json(audit: Audit) -> str:
    """Renders an audit as one indented JSON object."""
    return msgspec.json.format(msgspec.json.encode(audit_row(audit)), indent=2).decode()


def audit_row(audit: Audit) -> AuditRow:
    """The shape that is written."""
    return AuditRow(
        taken_at=audit.snapshot.taken_at,
        clean=audit.clean,
        instances=len(audit.snapshot.instances),
        approved=audit.approved,
        unjudged=audit.unjudged,
        by_rule={rule.id: count for rule, count in audit.by_rule().items()},
        accounts=[
            AccountRow(id=a.id, name=a.name, path=a.path, management=a.management)
            for a in audit.snapshot.accounts
        ],
        regions=list(audit.snapshot.regions),
        findings=[finding_row(finding) for finding in audit.findings],
        gaps=[gap_row(gap) for gap in audit.snapshot.gaps],
        limits=list(audit.limits),
    )


def finding_row(finding: Finding) -> FindingRow:
    """A finding with its rule spread out."""
    rule = finding.rule
    told: dict[str, Any] = {
        name: getattr(finding, name)
        for name in FindingRow.__struct_fields__
        if name not in {"rule", "severity", "title", "remedy"}
    }
    return FindingRow(
        rule=rule.id, severity=rule.severity.value, title=rule.title, remedy=rule.remedy, **told
    )


def gap_row(gap: Gap) -> GapRow:
    """A gap as it is written."""
    return GapRow(account=gap.account, region=gap.region, call=gap.call, reason=gap.reason)
