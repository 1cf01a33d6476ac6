"""The condition operators: 21 rows, and what each asks of two texts.

Source: help.aliyun.com ram/conditional-operator, ecs/developer-reference/api-ecs-2014-05-26-ram.
"""

from __future__ import annotations

import ipaddress
import operator as relations
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any

from imagefence.policy.pattern import glob

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Predicate = Callable[[str], bool]

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
DATE = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?)?", re.ASCII)
BLOCK = re.compile(r"[0-9A-Fa-f.:]+(/\d{1,3})?", re.ASCII)
BOOLEANS = {"true": True, "false": False}


class ValueKind(Enum):
    """What an operator takes its two texts for."""

    STRING = "string"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    ADDRESS = "address"


class Relation(Enum):
    """How a value of the request must stand to a value of the policy."""

    EQUAL = "equal"
    EQUAL_FOLDED = "equal but for case"
    LIKE = "like"
    LESS = "less"
    LESS_EQUAL = "less or equal"
    GREATER = "greater"
    GREATER_EQUAL = "greater or equal"
    WITHIN = "within"


@dataclass(frozen=True, slots=True, eq=False)
class Operator:
    """One row of the table; a negated operator holds where its relation does with none of the values."""

    name: str
    kind: ValueKind
    relation: Relation
    negated: bool = False


def _ordered(prefix: str, kind: ValueKind) -> tuple[Operator, ...]:
    return (
        Operator(f"{prefix}Equals", kind, Relation.EQUAL),
        Operator(f"{prefix}NotEquals", kind, Relation.EQUAL, negated=True),
        Operator(f"{prefix}LessThan", kind, Relation.LESS),
        Operator(f"{prefix}LessThanEquals", kind, Relation.LESS_EQUAL),
        Operator(f"{prefix}GreaterThan", kind, Relation.GREATER),
        Operator(f"{prefix}GreaterThanEquals", kind, Relation.GREATER_EQUAL),
    )


ROWS = (
    Operator("StringEquals", ValueKind.STRING, Relation.EQUAL),
    Operator("StringNotEquals", ValueKind.STRING, Relation.EQUAL, negated=True),
    Operator("StringEqualsIgnoreCase", ValueKind.STRING, Relation.EQUAL_FOLDED),
    Operator("StringNotEqualsIgnoreCase", ValueKind.STRING, Relation.EQUAL_FOLDED, negated=True),
    Operator("StringLike", ValueKind.STRING, Relation.LIKE),
    Operator("StringNotLike", ValueKind.STRING, Relation.LIKE, negated=True),
    *_ordered("Numeric", ValueKind.NUMBER),
    *_ordered("Date", ValueKind.DATE),
    Operator("Bool", ValueKind.BOOLEAN, Relation.EQUAL),
    Operator("IpAddress", ValueKind.ADDRESS, Relation.WITHIN),
    Operator("NotIpAddress", ValueKind.ADDRESS, Relation.WITHIN, negated=True),
)
OPERATORS: dict[str, Operator] = {row.name: row for row in ROWS}

_ORDER: dict[Relation, Callable[[Any, Any], bool]] = {
    Relation.EQUAL: relations.eq,
    Relation.LESS: relations.lt,
    Relation.LESS_EQUAL: relations.le,
    Relation.GREATER: relations.gt,
    Relation.GREATER_EQUAL: relations.ge,
}


def number(text: str) -> Decimal:
    """Reads a number by value, or raises ValueError."""
    if not NUMBER.fullmatch(text):
        raise ValueError(text)
    return Decimal(text)


def instant(text: str) -> datetime:
    """Reads an ISO 8601 time as an instant (UTC where it names no zone), or raises ValueError."""
    if not DATE.fullmatch(text):
        raise ValueError(text)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def boolean(text: str) -> bool:
    """Reads `true` or `false` in any case, or raises ValueError."""
    try:
        return BOOLEANS[text.lower()]
    except KeyError:
        raise ValueError(text) from None


def network(text: str) -> Network:
    """Reads an address or a CIDR block (host bits below the prefix are dropped), or raises ValueError."""
    if not BLOCK.fullmatch(text):
        raise ValueError(text)
    return ipaddress.ip_network(text, strict=False)


READERS: dict[ValueKind, Callable[[str], object]] = {
    ValueKind.STRING: str,
    ValueKind.NUMBER: number,
    ValueKind.DATE: instant,
    ValueKind.BOOLEAN: boolean,
    ValueKind.ADDRESS: network,
}


@lru_cache(maxsize=8192)
def predicate(operator: Operator, wanted: str) -> Predicate:
    """Compiles one policy value: the relation alone, without the negation.

    The predicate raises ValueError for a request value that it cannot read. Raises ValueError itself
    for a policy value that the operator cannot take.
    """
    if operator.relation is Relation.LIKE:
        return glob(wanted)
    if operator.relation is Relation.EQUAL_FOLDED:
        return _folded(wanted)
    if operator.kind is ValueKind.STRING:
        return _same(wanted)
    if operator.relation is Relation.WITHIN:
        return _within(network(wanted))
    return _compared(operator, READERS[operator.kind](wanted))


def _same(wanted: str) -> Predicate:
    return lambda given: given == wanted


def _folded(wanted: str) -> Predicate:
    folded = wanted.casefold()
    return lambda given: given.casefold() == folded


def _compared(operator: Operator, wanted: object) -> Predicate:
    read, relation = READERS[operator.kind], _ORDER[operator.relation]
    return lambda given: relation(read(given), wanted)


def _within(block: Network) -> Predicate:
    def within(given: str) -> bool:
        if "%" in given:  # a zone, which names a link of one machine
            raise ValueError(given)
        address = ipaddress.ip_address(given)
        return address.version == block.version and address in block

    return within
