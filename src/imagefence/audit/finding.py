"""Findings and the rules that make them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Severity(Enum):
    """How much a finding matters, from the worst down."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Rule:
    """One way in which an instance's image is not approved: why that matters and what to do."""

    id: str
    severity: Severity
    title: str
    why: str
    remedy: str
    taggable: bool = False  # approving the image itself by tagging is possible


@dataclass(frozen=True, slots=True)
class Finding:
    """One instance that runs on an image which is not approved; `id` is the same in every audit."""

    id: str
    rule: Rule
    account_id: str
    region_id: str
    instance_id: str
    image_id: str
    why: str
    instance_name: str = ""
    instance_status: str = ""
    image_name: str = ""
    image_owner: str = ""
    account_name: str = ""
    account_path: str = ""
