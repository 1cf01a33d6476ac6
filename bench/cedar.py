"""The workload's statements and calls for cedarpy, in the form in which it decides them fastest."""

from __future__ import annotations

import json
from typing import Any

import cedarpy
from bench.workload import TAGS, Event, Written


def cedar_text(statements: list[Written]) -> str:
    """A policy for each statement."""
    return "\n".join(cedar_policy(statement) for statement in statements)


def cedar_policy(statement: Written) -> str:
    """One statement, all of it as tests of the context, which is twice as fast as lists of actions."""
    written = statement["Action"]
    actions = written if isinstance(written, list) else [written]
    tests = [
        f"({' || '.join(f'context.action like {json.dumps(action)}' for action in actions)})",
        f"context.name like {json.dumps(statement['Resource'])}",
    ]
    for operator, keys in statement.get("Condition", {}).items():
        tests += [cedar_test(operator, key.rpartition("/")[2], values) for key, values in keys.items()]
    effect = "permit" if statement["Effect"] == "Allow" else "forbid"
    return f"{effect}(principal, action, resource) when {{ {' && '.join(tests)} }};"


def cedar_test(operator: str, tag: str, values: str | list[str]) -> str:
    """One condition; an absent tag is an empty string in the context."""
    listed = values if isinstance(values, list) else [values]
    sign, word = ("!=", " && ") if operator == "StringNotEquals" else ("==", " || ")
    return f"({word.join(f'context.{tag} {sign} {json.dumps(value)}' for value in listed)})"


def cedar_request(event: Event) -> dict[str, Any]:
    """A call as cedarpy takes it."""
    return {
        "principal": 'User::"alice"',
        "action": 'Action::"call"',
        "resource": 'Resource::"it"',
        "context": {
            "action": event.action,
            "name": event.name,
            **dict(zip(TAGS, event.tags, strict=True)),
        },
    }


def parsed(text: str) -> tuple[cedarpy.PolicySet, cedarpy.Entities]:
    """What cedarpy decides by, made before any time is taken."""
    return cedarpy.PolicySet.from_str(text), cedarpy.Entities.from_json_str("[]")
