"""Remarks on condition keys and values, one test at a time.

Sources: help.aliyun.com ram/policy-elements (keys), ram/conditional-operator,
ecs/developer-reference/api-ecs-2014-05-26-ram (keys by operation, types).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from difflib import get_close_matches
from ipaddress import ip_network

from imagefence.lint.actions import PLACEHOLDER
from imagefence.lint.catalogue import Declared
from imagefence.lint.remark import Change, Edit, Found, Severity
from imagefence.lint.subject import AN_IMAGE, LAUNCHES, Subject, at, items, key_pointer, test_name
from imagefence.policy.document import ConditionTest, Effect, In, Statement
from imagefence.policy.keys import (
    KEYS,
    MULTI_VALUED,
    TAG_PREFIXES,
    TYPES,
    KeyOrigin,
    condition_key,
    documented_spelling,
    fits,
)
from imagefence.policy.matching import covers_action, covers_resource
from imagefence.policy.operators import Relation, ValueKind
from imagefence.policy.pattern import has_wildcard
from imagefence.policy.positions import escape

ZONE = re.compile(r"(Z|[+-]\d{2}:?\d{2})$")
LISTED_SERVICES = frozenset({"acs", "ecs"})
SERVICE_KEYS = ("ecs:", "vpc:", "ram:")
EVERYWHERE = frozenset({"0.0.0.0/0", "::/0"})
CALLER_CHOSEN = frozenset({"acs:useragent"})


def condition_remarks(subject: Subject, statement: Statement) -> Iterator[Found]:
    """All remarks on the conditions of a statement."""
    if statement.empty_condition:
        here = f"{at(statement)}/Condition"
        edit = Edit(Change.DROP, here)
        yield Found("empty-condition", here, "an empty Condition tests nothing", "leave it out", edit=edit)
    for test in statement.conditions:
        here = key_pointer(statement, test.quantifier, test.operator.name, test.key)
        yield from _quantifier(statement, test)
        yield from _key(subject, statement, test, here)
        for place, pointer, value in items(here, test.values):
            for found in _value(statement, test, value, pointer):
                yield replace(found, item=place)
        yield from _absent_tag(statement, test, here)


def _quantifier(statement: Statement, test: ConditionTest) -> Iterator[Found]:
    if not test.quantifier:
        return
    name = test_name(test.quantifier, test.operator.name)
    here = f"{at(statement)}/Condition/{escape(name)}"
    if test.key.lower() not in MULTI_VALUED:
        message = f"`{name}` on `{test.key}`, which has one value"
        yield Found("set-operator", here, message, f"use `{test.operator.name}` alone", at_key=True)
    if test.quantifier == "ForAllValues" and statement.effect is Effect.ALLOW:
        message = f"a call without `{test.key}` passes `{name}`: of no values, all are listed"
        help_text = f"use `ForAnyValue:{test.operator.name}`, or test that the key is there besides"
        yield Found("for-all-allow", f"{here}/{escape(test.key)}", message, help_text, at_key=True)


def _key(subject: Subject, statement: Statement, test: ConditionTest, here: str) -> Iterator[Found]:
    key = condition_key(test.key)
    if ":" in key.tag and not key.tag.startswith("acs:") and set(test.values) == {"*"}:
        meant = f"{test.key.partition('/')[0]}/{key.tag.partition(':')[0]}"
        message = f"the tag key is `{key.tag}`"
        yield Found("tag-run-together", here, message, f"did you mean the key `{meant}`?", at_key=True)
    elif key.origin is KeyOrigin.CONTEXT and key.name not in TYPES:
        yield from _unknown(subject, test.key, here)
    else:
        yield from _not_set(subject, statement, test, here)
    if not documented_spelling(test.key):
        spelt = spelling(test.key)
        edit = Edit(Change.RENAME, here, spelt)
        yield Found(
            "key-spelling",
            here,
            f"the vendor writes `{spelt}`",
            "case may count (U-6)",
            edit=edit,
            at_key=True,
        )
    if not fits(test.key, test.operator.kind):
        message = f"`{test.operator.name}` does not fit `{test.key}`: the statement never takes effect"
        yield Found("type-mismatch", here, message, "use a string operator", at_key=True)
    if test.key.lower() in CALLER_CHOSEN:
        message = f"`{test.key}` is what the caller says of itself: anyone may send any value"
        yield Found("caller-chosen-key", here, message, "rest no permission on it", at_key=True)


def spelling(key: str) -> str:
    """How the vendor writes a key whose case differs."""
    prefix, slash, tag = key.partition("/")
    for known in TAG_PREFIXES:
        if slash and known.lower() == f"{prefix.lower()}/":
            return f"{known}{tag}"
    return next(name for name in KEYS if name.lower() == key.lower())


def _unknown(subject: Subject, key: str, here: str) -> Iterator[Found]:
    near, service = near_key(key), key.partition(":")[0].lower()
    # Why: other services have keys of their own, such as `rds:ResourceTag/team`.
    if service in subject.catalogue.codes and not near.startswith(f"{service}:"):
        near = ""
    if not near and service not in LISTED_SERVICES:
        return
    help_text = f"did you mean `{near}`?" if near else "unless it is new, it is always absent"
    severity = Severity.WARNING if near else Severity.NOTE
    yield Found("unknown-key", here, f"no page lists the key `{key}`", help_text, severity, at_key=True)


def near_key(key: str) -> str:
    """The key that was probably meant, with the same tag; or nothing."""
    prefix, slash, tag = key.partition("/")
    known = {each.lower(): each for each in (TAG_PREFIXES if slash else (*KEYS, *TAG_PREFIXES))}
    near = get_close_matches(f"{prefix}{slash}".lower(), known, n=1, cutoff=0.85)
    return f"{known[near[0]]}{tag}" if near else ""


def _not_set(subject: Subject, statement: Statement, test: ConditionTest, here: str) -> Iterator[Found]:
    """A service's key that none, or not all, of the declared operations of a statement set."""
    key = condition_key(test.key)
    if key.origin is not KeyOrigin.CONTEXT or not key.name.startswith(SERVICE_KEYS):
        return
    known = _declared(subject, statement)
    if known is None:
        return
    silent = [action for action, declared in known if key.name not in declared.keys]
    if len(silent) == len(known):
        outcome = "always holds" if test.operator.negated else "never holds"
        message = f"`{silent[0]}` does not set `{test.key}`, so this {outcome}"
        yield Found(
            "key-not-set", here, message, "the page of the operation lists the keys that it sets", at_key=True
        )
    elif silent and statement.effect is Effect.DENY and not test.operator.negated:
        message = f"`{silent[0]}` does not set `{test.key}`, so this Deny lets it pass"
        help_text = "deny it in a statement of its own"
        yield Found("fails-open", here, message, help_text)


def _declared(subject: Subject, statement: Statement) -> list[tuple[str, Declared]] | None:
    """The declarations of a statement's actions, or None where one is a pattern or not declared."""
    if not isinstance(statement.actions, In):
        return None
    found = [(each, subject.catalogue.declared.get(each.lower())) for each in statement.actions.patterns]
    known = [(action, declared) for action, declared in found if declared is not None]
    return known if len(known) == len(found) else None


def _value(statement: Statement, test: ConditionTest, value: str, here: str) -> Iterator[Found]:
    kind, relation = test.operator.kind, test.operator.relation
    if "${" not in value and PLACEHOLDER.search(value):
        yield Found("placeholder", here, f"`{value}` is not filled in", "put the real value in its place")
    elif "${" in value:
        message = f"`{value}` is compared literally"
        yield Found("policy-variable", here, message, "the grammar has no policy variables")
    elif kind is ValueKind.STRING and relation is not Relation.LIKE and has_wildcard(value):
        like = "StringNotLike" if test.operator.negated else "StringLike"
        yield Found("literal-wildcard", here, f"`{value}` is taken literally", f"use `{like}`")
    if kind is ValueKind.DATE and not ZONE.search(value):
        edit = Edit(Change.SET, here, f"{value}Z") if "T" in value else None
        message = f"`{value}` names no zone; UTC is assumed"
        yield Found("no-zone", here, message, "end it in `Z` or an offset", edit=edit)
    if kind is ValueKind.ADDRESS:
        yield from _address(statement, test, value, here)
    if kind is ValueKind.STRING and TYPES.get(test.key.lower()) is ValueKind.ADDRESS:
        yield Found("address-as-string", here, f"`{value}` is compared as text", "use `IpAddress`")


def _address(statement: Statement, test: ConditionTest, value: str, here: str) -> Iterator[Found]:
    block = ip_network(value, strict=False)
    if "/" in value and str(block) != value:
        edit = Edit(Change.SET, here, str(block))
        yield Found("host-bits", here, f"`{value}` means `{block}`", f"write `{block}`", edit=edit)
    allowed = (statement.effect is Effect.ALLOW) is not test.operator.negated
    if str(block) in EVERYWHERE and allowed:
        message = f"`{value}` is every address, so this tests nothing"
        yield Found("any-address", here, message, "name the blocks that calls may come from")


def _launches(statement: Statement) -> bool:
    launched = any(covers_action(statement.actions, each) for each in LAUNCHES)
    return launched and covers_resource(statement.resources, AN_IMAGE)


def _absent_tag(statement: Statement, test: ConditionTest, here: str) -> Iterator[Found]:
    tagged = condition_key(test.key).origin is KeyOrigin.RESOURCE_TAG
    if tagged and test.operator.negated and statement.effect is Effect.DENY:
        message = "untagged resources are denied only if a negated operator holds for an absent key (U-1)"
        yield Found("absent-tag", here, message, "the allow form of a fence needs no such assumption")
    elif tagged and test.operator.negated:
        message = "untagged resources are allowed where a negated operator holds for an absent key (U-1)"
        yield Found("absent-tag", here, message, "name the tags that are allowed", Severity.WARNING)
    elif tagged and statement.effect is Effect.DENY and _launches(statement):
        message = f"an image without the tag passes: only the listed values of `{test.key}` are denied"
        help_text = "deny by StringNotEquals what is not approved"
        yield Found("fails-open", here, message, help_text, Severity.NOTE)
    elif condition_key(test.key).name == "acs:mfapresent" and statement.effect is Effect.DENY:
        message = "calls by access key carry no `acs:MFAPresent`, so this Deny lets them pass"
        yield Found("fails-open", here, message, "allow only where `acs:MFAPresent` is `true` instead")
