"""Remarks on conditions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_network

from imagefence.lint.remark import Severity
from imagefence.policy.document import ConditionTest, Effect, Statement
from imagefence.policy.keys import (
    KEYS,
    MULTI_VALUED,
    TYPES,
    KeyOrigin,
    condition_key,
    documented_spelling,
    fits,
)
from imagefence.policy.operators import Relation, ValueKind
from imagefence.policy.pattern import has_wildcard
from imagefence.policy.positions import escape

Found = tuple[str, Severity, str, str, str]
NOTE, WARNING = Severity.NOTE, Severity.WARNING
ZONE = re.compile(r"(Z|[+-]\d{2}:?\d{2})$")
LISTED_SERVICES = frozenset({"acs", "ecs"})


def condition_remarks(statement: Statement, at: str) -> Iterator[Found]:
    """All remarks on the conditions of a statement."""
    for test in statement.conditions:
        name = f"{test.quantifier}:{test.operator.name}" if test.quantifier else test.operator.name
        operator_at = f"{at}/Condition/{escape(name)}"
        key_at = f"{operator_at}/{escape(test.key)}"
        if test.quantifier and test.key.lower() not in MULTI_VALUED:
            message = f"`{name}` on `{test.key}`, which has one value"
            yield "set-operator", WARNING, operator_at, message, f"use `{test.operator.name}` alone"
        yield from _key(test, key_at)
        for value in test.values:
            yield from _value(test, value, key_at)
        yield from _absent(statement, test, key_at)


def _key(test: ConditionTest, at: str) -> Iterator[Found]:
    key = condition_key(test.key)
    service = test.key.partition(":")[0].lower()
    if ":" in key.tag and not key.tag.startswith("acs:"):
        meant = f"{test.key.partition('/')[0]}/{key.tag.partition(':')[0]}"
        yield (
            "tag-run-together",
            WARNING,
            at,
            f"the tag key is `{key.tag}`",
            f"did you mean the key `{meant}`?",
        )
    elif key.origin is KeyOrigin.CONTEXT and key.name not in TYPES and service in LISTED_SERVICES:
        yield (
            "unknown-key",
            WARNING,
            at,
            f"no page lists the key `{test.key}`",
            "it is probably always absent",
        )
    if not documented_spelling(test.key):
        spelt = next(name for name in KEYS if name.lower() == test.key.lower())
        yield "key-spelling", NOTE, at, f"the vendor writes `{spelt}`", "case may count (U-6)"
    if not fits(test.key, test.operator.kind):
        message = f"`{test.operator.name}` does not fit `{test.key}`: the statement never takes effect"
        yield "type-mismatch", WARNING, at, message, "use a string operator"


def _value(test: ConditionTest, value: str, at: str) -> Iterator[Found]:
    kind, relation = test.operator.kind, test.operator.relation
    if "${" in value:
        message = f"`{value}` is compared literally"
        yield "policy-variable", WARNING, at, message, "the grammar has no policy variables"
    elif kind is ValueKind.STRING and relation is not Relation.LIKE and has_wildcard(value):
        like = "StringNotLike" if test.operator.negated else "StringLike"
        yield "literal-wildcard", WARNING, at, f"`{value}` is taken literally", f"use `{like}`"
    if kind is ValueKind.DATE and not ZONE.search(value):
        yield "no-zone", NOTE, at, f"`{value}` names no zone; UTC is assumed", "end it in `Z` or an offset"
    if kind is ValueKind.ADDRESS and "/" in value and str(ip_network(value, strict=False)) != value:
        block = ip_network(value, strict=False)
        yield "host-bits", NOTE, at, f"`{value}` means `{block}`", f"write `{block}`"
    if kind is ValueKind.STRING and TYPES.get(test.key.lower()) is ValueKind.ADDRESS:
        yield "address-as-string", WARNING, at, f"`{value}` is compared as text", "use `IpAddress`"


def _absent(statement: Statement, test: ConditionTest, at: str) -> Iterator[Found]:
    tagged = condition_key(test.key).origin is KeyOrigin.RESOURCE_TAG
    if test.operator.negated and tagged and statement.effect is Effect.DENY:
        message = "untagged resources are denied only if a negated operator holds for an absent key (U-1)"
        yield "absent-tag", NOTE, at, message, "the allow form of a fence needs no such assumption"
