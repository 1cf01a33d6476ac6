"""Remarks: what lint says about a policy, and the table of its rules."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Severity(Enum):
    """How much a remark weighs; an error makes `policy lint` exit with 3."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Remark:
    """What a rule says about the element at `pointer`; line and column are from 1."""

    rule: str
    severity: Severity
    pointer: str
    message: str
    help: str = ""
    line: int = 1
    column: int = 1


RULES: dict[str, str] = {
    "syntax": "the text breaks the grammar and the cloud would refuse it",
    "blocks-nothing": "an Allow beside another policy that allows everything restricts nothing",
    "allow-in-control-policy": "an Allow there restricts only where FullAliyunAccess is detached",
    "dead-account": "as the only policy on its node it allows no ordinary work",
    "tag-on-every-resource": "a tag condition is asked of every resource of an operation, new ones included",
    "open-doors": "the tag can still be set by other operations than those denied",
    "absent-tag": "a negated condition decides about untagged resources by reading U-1",
    "unknown-action": "no such operation",
    "foreign-service": "a service code of another vendor",
    "region-as-service": "a region where the service code belongs",
    "never-hits": "the operation authorises `*` alone, so a narrower Resource never hits",
    "glob-over-colon": "an action pattern without a colon is read as one glob (U-6)",
    "not-resource": "NotResource is not in the present grammar (U-7)",
    "resource-in-trust": "a trust policy has no Resource",
    "sid": "Sid is not in the published grammar",
    "empty-condition": "an empty Condition tests nothing",
    "set-operator": "ForAnyValue and ForAllValues are made for keys with several values (U-8)",
    "tag-run-together": "the tag's key and value are run together",
    "unknown-key": "no page lists this condition key",
    "key-spelling": "the key is spelt otherwise than in the vendor's table",
    "type-mismatch": "the operator does not fit the key's type",
    "no-zone": "a time without a zone",
    "host-bits": "the address has bits set below the prefix",
    "address-as-string": "an address block under a string operator equals no address",
    "literal-wildcard": "StringEquals takes a star literally (U-17)",
    "policy-variable": "policy variables are not in the grammar; the text is compared literally",
    "redundant": "another pattern or statement says the same already",
}
