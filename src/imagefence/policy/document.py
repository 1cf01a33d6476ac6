"""Policy documents as values.

Source: help.aliyun.com ram/policy-structure-and-syntax, ram/policy-elements.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from imagefence.policy.operators import Operator


class Effect(Enum):
    """What a statement that hits brings about."""

    ALLOW = "Allow"
    DENY = "Deny"


class PolicyKind(Enum):
    """Which grammar and which length limit a document is held to."""

    IDENTITY = "identity"
    CONTROL = "control"
    SESSION = "session"
    TRUST = "trust"


@dataclass(frozen=True, slots=True)
class In:
    """Covered when some pattern matches (`Action`, `Resource`)."""

    patterns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotIn:
    """Covered when no pattern matches (`NotAction`, `NotResource`)."""

    patterns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConditionTest:
    """One key under one operator, with its values: an OR, or a NOR under a negated operator."""

    operator: Operator
    key: str
    values: tuple[str, ...]
    quantifier: str = ""  # "", "ForAnyValue" or "ForAllValues"


@dataclass(frozen=True, slots=True)
class TrustedPrincipals:
    """The Principal element of a trust policy: names by kind."""

    ram: tuple[str, ...] = ()
    service: tuple[str, ...] = ()
    federated: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; `index` is its place in the document, from 0."""

    effect: Effect
    actions: In | NotIn
    resources: In | NotIn
    conditions: tuple[ConditionTest, ...] = ()
    principals: TrustedPrincipals | None = None
    index: int = 0
    sid: str = ""
    line: int = 1
    empty_condition: bool = False  # `"Condition": {}` is read as none; one reading of U-9 refuses it
    idle_resource: bool = False  # a trust policy that carries a Resource, which is not in its grammar

    @property
    def not_resource(self) -> bool:
        """True for a NotResource element, which only the grammar of 2019 had (U-7)."""
        return isinstance(self.resources, NotIn)


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed policy; `length` is that of the text it was read from, 0 where it was read from none."""

    kind: PolicyKind
    statements: tuple[Statement, ...]
    bare_statement: bool = False  # `Statement` is one object, not a list; one reading of U-9 refuses it
    length: int = field(default=0, compare=False, repr=False)
