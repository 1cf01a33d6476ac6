"""JSON Schemas of the policy language, made from the tables that the parser reads by.

A schema sees the form of each element alone. What needs the whole text (lengths, a key given twice), the
calendar, or a text with a template's placeholder in it stays with the parser.
Source of the grammar: help.aliyun.com ram/policy-structure-and-syntax, ram/policy-elements.
"""

from __future__ import annotations

from typing import Any

from imagefence.policy.document import Effect, PolicyKind
from imagefence.policy.elements import (
    ACTION,
    ACTION_GLOB,
    FOREIGN_PREFIXES,
    KEY_HEAD,
    MAX_STRING,
    PLACEHOLDER,
    QUANTIFIERS,
    TRUSTED,
)
from imagefence.policy.keys import KEYS
from imagefence.policy.operators import BOOLEANS, DATE, NUMBER, OPERATORS, ValueKind
from imagefence.policy.parse import LIMITS, MAX_ITEMS

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def in_any_case(word: str) -> str:
    """A pattern for a word in any case, which ECMA-262 has no flag for inside a schema."""
    return "".join(f"[{char.upper()}{char}]" if char.isalpha() else char for char in word)


OCTET = r"(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
VALUES: dict[ValueKind, str] = {
    ValueKind.NUMBER: NUMBER.pattern,
    ValueKind.DATE: DATE.pattern,
    ValueKind.BOOLEAN: "|".join(map(in_any_case, BOOLEANS)),
    ValueKind.ADDRESS: (
        rf"(?:{OCTET}\.){{3}}{OCTET}(?:/(?:3[0-2]|[12]?[0-9]))?"
        r"|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:/(?:12[0-8]|1[01][0-9]|[1-9]?[0-9]))?"
    ),
}
RESOURCE = r"\*|acs:[^\s:]+:[^\s:]*:[^\s:]*:\S+"
ASSUMES = rf"{in_any_case('sts:assumerole')}\S*|(?=.*[*?])[Ss*?]\S*"
TAG_KEY = r"(?:/[\s\S]+)?"
TITLES = {
    PolicyKind.IDENTITY: "RAM policy of a user, group or role",
    PolicyKind.CONTROL: "control policy of a resource directory",
    PolicyKind.SESSION: "session policy of AssumeRole",
    PolicyKind.TRUST: "trust policy of a role",
}


def policy_schema(kind: PolicyKind) -> Schema:
    """The schema of one kind of policy, in the dialect of 2020-12."""
    limit = f" At most {LIMITS[kind]} characters." if kind in LIMITS else ""
    return {
        "$schema": DIALECT,
        "$id": f"urn:imagefence:schema:{kind.value}-policy",
        "title": f"Alibaba Cloud {TITLES[kind]}",
        "description": f"Made from the tables of imagefence.{limit}",
        "type": "object",
        "properties": {
            "Version": {"const": "1", "description": "The only version of the language."},
            "Statement": {
                "type": "array",
                "items": {"$ref": "#/$defs/statement"},
                "minItems": 1,
                "maxItems": MAX_ITEMS,
            },
        },
        "required": ["Version", "Statement"],
        "additionalProperties": False,
        "$defs": {"statement": _statement(kind), **_definitions(kind)},
    }


def _statement(kind: PolicyKind) -> Schema:
    trust = kind is PolicyKind.TRUST
    actions = _texts({"$ref": "#/$defs/action"})
    resources = _texts({"$ref": "#/$defs/resource"})
    properties: Schema = {
        "Sid": {"type": "string", "maxLength": MAX_STRING, "description": "A name; it has no effect."},
        "Effect": {"enum": [effect.value for effect in Effect]},
        "Principal": {"$ref": "#/$defs/principal"},
        "Action": actions,
        "NotAction": {**actions, "description": "Covers every action outside the list, of all services."},
        "Resource": resources,
        "NotResource": {**resources, "description": "Not in the present grammar (U-7)."},
        "Condition": {"$ref": "#/$defs/condition"},
    }
    if not trust:
        del properties["Principal"]
    both: Schema = {"not": {"required": ["Resource", "NotResource"]}}
    return {
        "type": "object",
        "properties": properties,
        "required": ["Effect", "Principal"] if trust else ["Effect"],
        "allOf": [_either("Action", "NotAction"), both if trust else _either("Resource", "NotResource")],
        "additionalProperties": False,
    }


def _definitions(kind: PolicyKind) -> Schema:
    trust = kind is PolicyKind.TRUST
    definitions: Schema = {
        "action": _named(ASSUMES if trust else f"{ACTION.pattern}|(?=.*[*?]){ACTION_GLOB.pattern}"),
        "resource": _named(RESOURCE),
        "condition": _condition(),
        **{f"{value.value}Tests": _tests(value) for value in ValueKind},
        **{f"{value.value}Values": _values(value) for value in ValueKind},
    }
    if trust:
        definitions["principal"] = _principal()
    return definitions


def _principal() -> Schema:
    named = {
        kind: {**_texts(_named(form.pattern)), "description": expected}
        for kind, (form, expected) in TRUSTED.items()
    }
    return {"type": "object", "properties": named, "minProperties": 1, "additionalProperties": False}


def _condition() -> Schema:
    prefix = f"(?:(?:{'|'.join(QUANTIFIERS)}):)?"
    tests = {
        _whole(f"{prefix}(?:{'|'.join(_operators(kind))})"): {"$ref": f"#/$defs/{kind.value}Tests"}
        for kind in ValueKind
    }
    plain = {
        row.name: {"description": _meaning(row.name), "$ref": f"#/$defs/{row.kind.value}Tests"}
        for row in OPERATORS.values()
    }
    return {
        "type": "object",
        "properties": plain,
        "patternProperties": tests,
        "additionalProperties": False,
    }


def _operators(kind: ValueKind) -> list[str]:
    return [row.name for row in OPERATORS.values() if row.kind is kind]


def _meaning(name: str) -> str:
    row = OPERATORS[name]
    several = "none of the values" if row.negated else "any of the values"
    return f"By {row.kind.value}: {row.relation.value}, {several}."


def _tests(kind: ValueKind) -> Schema:
    """An object of condition keys, under operators of one kind."""
    values = {"$ref": f"#/$defs/{kind.value}Values"}
    never = sorted(key for key, of in KEYS.items() if not _fits(kind, of))
    foreign = "|".join(map(in_any_case, sorted(FOREIGN_PREFIXES)))
    names: Schema = {"pattern": _whole(f"(?!(?:{foreign}):){KEY_HEAD}{TAG_KEY}"), "maxLength": MAX_STRING}
    return {
        "type": "object",
        "properties": {key: values for key, of in KEYS.items() if _fits(kind, of)},
        "propertyNames": {**names, "not": {"enum": never}} if never else names,
        "additionalProperties": values,
        "minProperties": 1,
    }


def _values(kind: ValueKind) -> Schema:
    value: Schema = {"type": "string", "maxLength": MAX_STRING}
    return _texts({**value, "pattern": _whole(VALUES[kind])} if kind in VALUES else value)


def _fits(kind: ValueKind, of: ValueKind) -> bool:
    """Whether the parser takes a key of a type under operators of a kind."""
    return kind is ValueKind.STRING or of in (kind, ValueKind.STRING)


def _named(pattern: str) -> Schema:
    """A text of some form, or one with a template's placeholder in it."""
    return {
        "type": "string",
        "maxLength": MAX_STRING,
        "anyOf": [{"pattern": _whole(pattern)}, {"pattern": PLACEHOLDER.pattern}],
    }


def _texts(item: Schema) -> Schema:
    """One text, or a list of them."""
    several = {"type": "array", "items": item, "minItems": 1, "maxItems": MAX_ITEMS}
    return {"anyOf": [item, several]}


def _either(*names: str) -> Schema:
    return {"oneOf": [{"required": [name]} for name in names]}


def _whole(pattern: str) -> str:
    """A pattern for the whole text, in the regular expressions of ECMA-262."""
    ascii_digits = pattern.replace(r"\d", "[0-9]")
    return f"^(?:{ascii_digits})$"
