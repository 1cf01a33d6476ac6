"""SARIF 2.1.0: its structure, its regions, and its fixes applied by hand."""

from __future__ import annotations

import json
from typing import Any

import jsonschema

from imagefence.lint.lint import lint_text
from imagefence.lint.rule import example
from imagefence.lint.rules import RULES
from imagefence.lint.sarif import Linted, sarif
from imagefence.policy.document import PolicyKind

TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
PLACE = {"type": "integer", "minimum": 1}
ARTIFACT = {
    "type": "object",
    "required": ["uri"],
    "properties": {"uri": {"type": "string", "pattern": r"^\S+$"}},
}
REGION = {
    "type": "object",
    "additionalProperties": False,
    "required": ["startLine", "startColumn"],
    "properties": {
        **dict.fromkeys(("startLine", "startColumn", "endLine", "endColumn"), PLACE),
        **{name: {"type": "integer", "minimum": 0} for name in ("charOffset", "charLength")},
    },
}
REPLACEMENT = {
    "type": "object",
    "additionalProperties": False,
    "required": ["deletedRegion"],
    "properties": {"deletedRegion": REGION, "insertedContent": {"type": "object", "required": ["text"]}},
}
FIX = {
    "type": "object",
    "additionalProperties": False,
    "required": ["artifactChanges"],
    "properties": {
        "description": TEXT,
        "artifactChanges": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["artifactLocation", "replacements"],
                "properties": {
                    "artifactLocation": ARTIFACT,
                    "replacements": {"type": "array", "minItems": 1, "items": REPLACEMENT},
                },
            },
        },
    },
}
LOCATION = {
    "type": "object",
    "required": ["physicalLocation"],
    "properties": {
        "physicalLocation": {
            "type": "object",
            "required": ["artifactLocation"],
            "properties": {"artifactLocation": ARTIFACT, "region": REGION},
        }
    },
}
RESULT = {
    "type": "object",
    "additionalProperties": False,
    "required": ["message", "ruleId", "ruleIndex", "level", "locations", "partialFingerprints"],
    "properties": {
        "ruleId": {"type": "string", "pattern": "^IF[0-9]{3}$"},
        "ruleIndex": {"type": "integer", "minimum": 0},
        "level": {"enum": ["none", "note", "warning", "error"]},
        "message": TEXT,
        "locations": {"type": "array", "minItems": 1, "items": LOCATION},
        "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}},
        "fixes": {"type": "array", "items": FIX},
    },
}
RULE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["id", "name", "shortDescription", "help", "defaultConfiguration"],
    "properties": {
        "id": {"type": "string"},
        "name": {"type": "string"},
        "shortDescription": TEXT,
        "fullDescription": TEXT,
        "help": TEXT,
        "defaultConfiguration": {"type": "object", "required": ["level"]},
        "properties": {"type": "object"},
    },
}
# What chapter 3 of the standard asks of the parts that are written here; nothing else may stand in them.
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["version", "runs"],
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["tool", "results"],
                "properties": {
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "type": "object",
                                "required": ["name"],
                                "properties": {"rules": {"type": "array", "items": RULE}},
                            }
                        },
                    },
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "results": {"type": "array", "items": RESULT},
                },
            },
        },
    },
}


def log() -> tuple[list[Linted], dict[str, Any]]:
    rules = [rule for rule in RULES.values() if not rule.attachment]
    texts = [(f"{rule.code}.json", example(rule.bad), rule.kind) for rule in rules]
    linted = [Linted(name, text, lint_text(text, kind)) for name, text, kind in texts]
    return linted, json.loads(json.dumps(sarif(linted)))


def test_every_bad_example_makes_a_valid_log() -> None:
    linted, found = log()
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    jsonschema.Draft7Validator(SCHEMA).validate(found)
    run = found["runs"][0]
    assert len(run["results"]) == sum(len(each.remarks) for each in linted)
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]


def test_regions_and_fixes_name_what_is_there() -> None:
    linted, found = log()
    texts = {each.source: each.text or "" for each in linted}
    fixed = 0
    for result in found["runs"][0]["results"]:
        place = result["locations"][0]["physicalLocation"]
        lines = texts[place["artifactLocation"]["uri"]].splitlines()
        region = place["region"]
        assert region["startColumn"] <= len(lines[region["startLine"] - 1]) + 1
        assert (region["startLine"], region["startColumn"]) <= (region["endLine"], region["endColumn"])
        for fix in result.get("fixes", ()):
            fixed += 1
            change = fix["artifactChanges"][0]["replacements"][0]
            text, deleted = texts[place["artifactLocation"]["uri"]], change["deletedRegion"]
            end = deleted["charOffset"] + deleted["charLength"]
            after = text[: deleted["charOffset"]] + change["insertedContent"]["text"] + text[end:]
            json.loads(after)
            assert after != text
    assert fixed >= 10


def test_a_file_s_name_becomes_a_uri() -> None:
    remarks = lint_text("{", PolicyKind.CONTROL)
    found = sarif([Linted("my policies/größe.json", "{", remarks), Linted("/srv/a b.json", "{", remarks)])
    uris = [
        each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for each in found["runs"][0]["results"]
    ]
    assert uris == ["my%20policies/gr%C3%B6%C3%9Fe.json", "file:///srv/a%20b.json"]
