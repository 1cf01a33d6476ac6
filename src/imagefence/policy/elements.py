"""The rules for single elements: actions, resource names, principals, condition keys and values."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

from imagefence.errors import shown
from imagefence.policy.keys import KEYS, fits
from imagefence.policy.names import PARTS
from imagefence.policy.operators import OPERATORS, READERS, Operator, ValueKind
from imagefence.policy.pattern import glob, has_wildcard
from imagefence.policy.positions import escape

Path = tuple[str | int, ...]

MAX_STRING = 6144  # characters of one action, name, key or value: the whole of the longest custom policy
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
ACTION_GLOB = re.compile(r"[^\s:/]+")
KEY_HEAD = r"[A-Za-z][A-Za-z0-9-]*:[A-Za-z0-9_.-]+"
KEY = re.compile(rf"{KEY_HEAD}(/.*)?", re.DOTALL)
TRUSTED = {
    "RAM": (
        re.compile(r"acs:ram::[0-9]+:(root|(user|role)/[^\s/]+)"),
        "acs:ram::<account>:root, …:user/<name> or …:role/<name>",
    ),
    "Service": (
        re.compile(r"([0-9]+@)?[a-z0-9-]+(\.[a-z0-9-]+)*\.aliyuncs\.com"),
        "a service such as ecs.aliyuncs.com or <account>@log.aliyuncs.com",
    ),
    "Federated": (
        re.compile(r"acs:ram::[0-9]+:(saml|oidc)-provider/[^\s/]+"),
        "acs:ram::<account>:saml-provider/<name>",
    ),
}
PLACEHOLDER = re.compile(r"\$\{[^{}]*\}|\{\{[^{}]*\}\}|%[sdv]")
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
    """What is wrong at a path of keys and indexes."""

    def __init__(
        self,
        path: Path,
        message: str,
        *,
        help: str = "",  # noqa: A002
        at_key: bool = False,
        unsupported: bool = False,
    ) -> None:
        self.path = path
        self.message = message
        self.help = help
        self.at_key = at_key
        self.unsupported = unsupported

    @property
    def pointer(self) -> str:
        """The path as an RFC 6901 pointer."""
        return "".join(f"/{escape(str(part))}" for part in self.path)


def near(word: object, words: Iterable[str]) -> str:
    """Proposes the word that was probably meant, or nothing."""
    if not isinstance(word, str) or len(word) > 64:
        return ""
    folded = {each.lower(): each for each in words}
    found = get_close_matches(word.lower(), folded)
    return f"did you mean `{folded[found[0]]}`?" if found else ""


def form_of(text: str, *, saving: bool) -> str:
    """What a name's form is judged by: a template's placeholders count as `1`, and nothing if one is first.

    `${…}`, `{{…}}` and `%s` are filled in before a policy is saved; until then they may stand for anything.
    """
    if saving:
        return text
    return "" if PLACEHOLDER.match(text) else PLACEHOLDER.sub("1", text)


def check_string(text: str, at: Path, *, at_key: bool = False) -> None:
    """Holds any string to characters that can be sent, and to MAX_STRING."""
    if len(text) > MAX_STRING:
        message = f"a string of {len(text)} characters; a whole policy has at most {MAX_STRING}"
        raise Mistake(at, message, at_key=at_key)
    if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
        raise Mistake(at, "half of a surrogate pair is no character", at_key=at_key)


def check_action(pattern: str, at: Path, *, saving: bool = False) -> None:
    """Holds an action to `<service>:<operation>`; a glob without a colon is one over both (U-6)."""
    form = form_of(pattern, saving=saving)
    if not form or ACTION.fullmatch(form) or (has_wildcard(form) and ACTION_GLOB.fullmatch(form)):
        return
    raise Mistake(
        at,
        f"`{shown(pattern)}` is no action",
        help="write <service>:<operation>, such as `ecs:RunInstances`, or `*`",
    )


def check_trust_action(actions: tuple[str, ...], at: Path, *, saving: bool = False) -> None:
    """A trust policy is about assuming the role."""
    for action in actions:
        folded = form_of(action, saving=saving).lower()
        if folded and not (glob(folded)("sts:assumerole") or folded.startswith("sts:assumerole")):
            raise Mistake(at, f"a trust policy is about `sts:AssumeRole`, not `{shown(action)}`")


def check_resource(pattern: str, at: Path, *, saving: bool = False) -> None:
    """Holds a resource to `*` or the five parts."""
    form = form_of(pattern, saving=saving)
    if form in ("", "*"):
        return
    message = _resource_mistake(form, form.split(":", PARTS - 1))
    if message:
        raise Mistake(
            at,
            f"`{shown(pattern)}`: {message}",
            help="write `*` or acs:<service>:<region>:<account>:<type>/<id>",
        )


def _resource_mistake(pattern: str, parts: list[str]) -> str:
    if parts[0] != "acs":
        return "a resource name begins with `acs:`"
    if len(parts) != PARTS:
        return f"a resource name has five parts, this has {len(parts)}"
    if not parts[1]:
        return "the service part is empty"
    if not parts[-1]:
        return "the last part is empty"
    return "a resource name holds no space" if re.search(r"\s", pattern) else ""


def check_principal(kind: str, name: str, at: Path, *, saving: bool = False) -> None:
    """Holds a trusted name to the form of its kind."""
    pattern, expected = TRUSTED[kind]
    form = form_of(name, saving=saving)
    if not form or pattern.fullmatch(form):
        return
    unfilled = "; fill in the account's number" if re.search(r"<.*>|\*{2}|\s", name) else ""
    raise Mistake(at, f"`{shown(name)}` cannot be trusted as {kind}", help=f"expected {expected}{unfilled}")


def operator_of(name: str, at: Path) -> tuple[str, Operator]:
    """Reads an operator and its set prefix."""
    quantifier, colon, rest = name.partition(":")
    if not colon:
        quantifier, rest = "", name
    operator = OPERATORS.get(rest)
    if operator is None or (colon and quantifier not in QUANTIFIERS):
        raise _no_operator(name, at)
    return quantifier, operator


def _no_operator(name: str, at: Path) -> Mistake:
    plain = name.removesuffix("IfExists")
    if plain != name:
        help_text = f"use `{shown(plain)}`; mind that a negated operator holds for an absent key"
    else:
        help_text = (
            REPLACEMENTS.get(name) or near(name, OPERATORS) or "see docs/semantics.md for the 21 operators"
        )
    return Mistake(at, f"no operator `{shown(name)}`", help=help_text, at_key=True, unsupported=True)


def check_key(key: str, operator: Operator, at: Path) -> None:
    """Holds a condition key to `<service>:<name>`, and its type to the operator."""
    check_string(key, at, at_key=True)
    message, help_text = _key_mistake(key)
    if message:
        raise Mistake(at, message, help=help_text, at_key=True)
    if fits(key, operator.kind) or _string_key(key):
        return
    raise Mistake(
        at,
        f"`{operator.name}` does not fit `{shown(key)}`: the statement would never take effect",
        at_key=True,
    )


def _string_key(key: str) -> bool:
    return not any(fits(key, kind) for kind in (ValueKind.DATE, ValueKind.BOOLEAN, ValueKind.ADDRESS))


def _key_mistake(key: str) -> tuple[str, str]:
    if not key:
        return "expected a condition key, not an empty string", ""
    if not KEY.fullmatch(key):
        return _malformed_key(key)
    if key.partition(":")[0].lower() in FOREIGN_PREFIXES:
        return f"`{shown(key)}` is a key of another vendor", "the global keys begin with `acs:`"
    if key.partition("/")[1:] == ("/", ""):
        return f"`{shown(key)}` names no tag key", "write the tag key after the slash"
    return "", ""


def _malformed_key(key: str) -> tuple[str, str]:
    if KEY.fullmatch(key.strip()):
        return f"`{shown(key)}` has a space beside it", f"write `{shown(key.strip())}`: nothing is trimmed"
    if key in STATEMENT_ELEMENTS:
        return f"`{key}` is an element of a statement, not a condition key", f"give `{key}` beside Condition"
    help_text = near(key, KEYS) or "a key has a prefix, such as `acs:ResourceTag/environment`"
    return f"`{shown(key)}` is no condition key", help_text


def check_value(operator: Operator, value: str, at: Path) -> None:
    """Holds a value to what the operator compares."""
    try:
        READERS[operator.kind](value)
    except ValueError:
        raise Mistake(
            at, f"`{shown(value)}` is not {EXPECTED[operator.kind]}", help=f"`{operator.name}` compares those"
        ) from None


def is_glob_over_colon(pattern: str) -> bool:
    """Tells whether an action pattern other than `*` has no colon, so that its star spans it."""
    return pattern != "*" and ":" not in pattern and has_wildcard(pattern)
