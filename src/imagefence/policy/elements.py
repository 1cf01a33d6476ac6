"""The rules for single elements: actions, resource names, principals, condition keys and values."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

from imagefence.policy.keys import fits
from imagefence.policy.names import PARTS, split
from imagefence.policy.operators import OPERATORS, READERS, Operator, ValueKind
from imagefence.policy.pattern import glob, has_wildcard

TOP_ELEMENTS = ("Version", "Statement")
STATEMENT_ELEMENTS = (
    "Sid",
    "Effect",
    "Principal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
)
QUANTIFIERS = ("ForAnyValue", "ForAllValues")
FOREIGN_PREFIXES = frozenset({"aws", "iam", "ec2", "s3"})

ACTION = re.compile(r"\*|[^\s:/]+:[^\s:/]+")
ACTION_GLOB = re.compile(r"[^\s:/]*[*?][^\s:/]*")
KEY = re.compile(r"[A-Za-z][A-Za-z0-9-]*:[A-Za-z0-9_.-]+(/.*)?", re.DOTALL)
TRUSTED = {
    "RAM": (
        re.compile(r"acs:ram::\d+:(root|(user|role)/[^\s/]+)"),
        "acs:ram::<account>:root, …:user/<name> or …:role/<name>",
    ),
    "Service": (
        re.compile(r"(\d+@)?[a-z0-9-]+(\.[a-z0-9-]+)*\.aliyuncs\.com"),
        "a service such as ecs.aliyuncs.com",
    ),
    "Federated": (
        re.compile(r"acs:ram::\d+:(saml|oidc)-provider/[^\s/]+"),
        "acs:ram::<account>:saml-provider/<name>",
    ),
}
EXPECTED = {
    ValueKind.NUMBER: 'a number as a string, such as `"10"`',
    ValueKind.DATE: "a time such as `2026-11-23T10:00:00Z`",
    ValueKind.BOOLEAN: '`"true"` or `"false"`',
    ValueKind.ADDRESS: "an address or a block such as `10.0.0.0/8`",
}
REPLACEMENTS = {
    "StringContains": "use `StringLike` with stars",
    "StringStartsWith": "use `StringLike` with a star at the end",
    "ArnLike": "use `StringLike`",
    "ArnEquals": "use `StringEquals`",
    "ArnNotLike": "use `StringNotLike`",
    "ArnNotEquals": "use `StringNotEquals`",
    "BinaryEquals": "use `StringEquals`",
    "Null": 'there is no test for absence; `StringLike` with `"*"` tests for presence',
}


class Mistake(Exception):  # noqa: N818 - becomes PolicySyntaxError once its place in the text is known
    """What is wrong at a pointer."""

    def __init__(
        self,
        pointer: str,
        message: str,
        *,
        help: str = "",  # noqa: A002
        at_key: bool = False,
        unsupported: bool = False,
    ) -> None:
        super().__init__(message)
        self.pointer = pointer
        self.message = message
        self.help = help
        self.at_key = at_key
        self.unsupported = unsupported


def near(word: object, words: Iterable[str]) -> str:
    """Proposes the word that was probably meant, or nothing."""
    folded = {each.lower(): each for each in words}
    found = get_close_matches(str(word).lower(), folded, n=1, cutoff=0.6)
    return f"did you mean `{folded[found[0]]}`?" if found else ""


def check_action(pattern: str, at: str) -> None:
    """Holds an action to `<service>:<operation>`; a glob without a colon is one over both (U-6)."""
    if ACTION.fullmatch(pattern) or ACTION_GLOB.fullmatch(pattern):
        return
    raise Mistake(
        at,
        f"`{pattern}` is no action",
        help="write <service>:<operation>, such as `ecs:RunInstances`, or `*`",
    )


def check_trust_action(actions: tuple[str, ...], at: str) -> None:
    """A trust policy is about assuming the role."""
    for action in actions:
        folded = action.lower()
        if not (glob(folded)("sts:assumerole") or folded.startswith("sts:assumerole")):
            raise Mistake(at, f"a trust policy is about `sts:AssumeRole`, not `{action}`")


def check_resource(pattern: str, at: str) -> None:
    """Holds a resource to `*` or the five parts."""
    if pattern == "*":
        return
    parts = split(pattern)
    message = _resource_mistake(pattern, parts)
    if message:
        raise Mistake(
            at, f"`{pattern}`: {message}", help="write `*` or acs:<service>:<region>:<account>:<type>/<id>"
        )


def _resource_mistake(pattern: str, parts: tuple[str, ...]) -> str:
    if parts[0] != "acs":
        return "a resource name begins with `acs:`"
    if len(parts) != PARTS:
        return f"a resource name has five parts, this has {len(parts)}"
    if not parts[1]:
        return "the service part is empty"
    if not parts[-1]:
        return "the last part is empty"
    return "a resource name holds no space" if re.search(r"\s", pattern) else ""


def check_principal(kind: str, name: str, at: str) -> None:
    """Holds a trusted name to the form of its kind."""
    form, expected = TRUSTED[kind]
    if not form.fullmatch(name):
        raise Mistake(at, f"`{name}` cannot be trusted as {kind}", help=f"expected {expected}")


def operator_of(name: str, at: str) -> tuple[str, Operator]:
    """Reads an operator and its set prefix."""
    quantifier, colon, rest = name.partition(":")
    if not colon:
        quantifier, rest = "", name
    operator = OPERATORS.get(rest)
    if operator is None or (colon and quantifier not in QUANTIFIERS):
        raise _no_operator(name, at)
    return quantifier, operator


def _no_operator(name: str, at: str) -> Mistake:
    if name.endswith("IfExists"):
        help_text = (
            f"use `{name.removesuffix('IfExists')}`; mind that a negated operator holds for an absent key"
        )
    else:
        help_text = (
            REPLACEMENTS.get(name) or near(name, OPERATORS) or "see docs/semantics.md for the 21 operators"
        )
    return Mistake(at, f"no operator `{name}`", help=help_text, at_key=True, unsupported=True)


def check_key(key: str, operator: Operator, at: str) -> None:
    """Holds a condition key to `<service>:<name>`, and its type to the operator."""
    message, help_text = _key_mistake(key)
    if message:
        raise Mistake(at, message, help=help_text, at_key=True)
    if operator.kind is ValueKind.STRING or fits(key, operator.kind) or _string_key(key):
        return
    raise Mistake(
        at, f"`{operator.name}` does not fit `{key}`: the statement would never take effect", at_key=True
    )


def _string_key(key: str) -> bool:
    return fits(key, ValueKind.STRING) and all(
        not fits(key, kind) for kind in (ValueKind.DATE, ValueKind.BOOLEAN, ValueKind.ADDRESS)
    )


def _key_mistake(key: str) -> tuple[str, str]:
    if not key:
        return "expected a condition key, not an empty string", ""
    if not KEY.fullmatch(key):
        return f"`{key}` is no condition key", "a key has a prefix, such as `acs:ResourceTag/environment`"
    if key.partition(":")[0].lower() in FOREIGN_PREFIXES:
        return f"`{key}` is a key of another vendor", "the global keys begin with `acs:`"
    if key.endswith("/"):
        return f"`{key}` names no tag key", "write the tag key after the slash"
    return "", ""


def check_value(operator: Operator, value: str, at: str) -> None:
    """Holds a value to what the operator compares."""
    try:
        READERS[operator.kind](value)
    except ValueError:
        raise Mistake(
            at, f"`{value}` is not {EXPECTED[operator.kind]}", help=f"`{operator.name}` compares those"
        ) from None


def is_glob_over_colon(pattern: str) -> bool:
    """Tells whether an action pattern other than `*` has no colon, so that its star spans it."""
    return pattern != "*" and ":" not in pattern and has_wildcard(pattern)
