"""Text to Document, or PolicySyntaxError at its pointer, line and column; and Document to text.

Source: help.aliyun.com ram/policy-structure-and-syntax, ram/policy-elements; limits:
ram/product-overview/limits, CreateControlPolicy API page, notice of 2022-09-19 on STS parameter lengths.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Never

from imagefence.errors import PolicySyntaxError, UnsupportedFeature
from imagefence.policy.document import (
    ConditionTest,
    Document,
    Effect,
    In,
    NotIn,
    PolicyKind,
    Statement,
    TrustedPrincipals,
)
from imagefence.policy.elements import (
    STATEMENT_ELEMENTS,
    TOP_ELEMENTS,
    Mistake,
    check_action,
    check_key,
    check_principal,
    check_resource,
    check_trust_action,
    check_value,
    near,
    operator_of,
)
from imagefence.policy.positions import container_at, doubled_key, escape, line_and_column, places
from imagefence.policy.printing import print_document

__all__ = ["LIMITS", "parse", "print_document"]

LIMITS = {PolicyKind.IDENTITY: 6144, PolicyKind.CONTROL: 4096, PolicyKind.SESSION: 2048}
PRINCIPAL_KINDS = ("RAM", "Service", "Federated")


class _Number:
    """Stands for any JSON number: none is allowed anywhere, so its value is never read."""


def parse(
    text: str, kind: PolicyKind, *, source: str = "", saving: bool = False, stored: bool = False
) -> Document:
    """Reads a policy; raises PolicySyntaxError at the place of the first error.

    `saving` refuses besides what the cloud is thought to refuse when a policy is saved (NotResource, U-7).
    `stored` reads what the cloud already holds: lengths and short resource patterns pass then.
    """
    if not stored and len(text) > LIMITS.get(kind, len(text)):
        message = f"the policy has {len(text)} characters; a {kind.value} policy has at most {LIMITS[kind]}"
        raise PolicySyntaxError(message, source=source, help="split it, or shorten its lists by wildcards")
    data = _read_json(text, source)
    try:
        document = _Reader(text, kind, saving=saving, stored=stored).document(data)
    except Mistake as mistake:
        raise _located(mistake, text, source) from None
    except RecursionError:
        raise PolicySyntaxError("the text is nested too deeply", source=source) from None
    return document


def _located(mistake: Mistake, text: str, source: str) -> PolicySyntaxError:
    place = places(text).get(mistake.pointer)
    offset = (place.key if mistake.at_key else place.value) if place else 0
    line, column = line_and_column(text, offset)
    error = UnsupportedFeature if mistake.unsupported else PolicySyntaxError
    return error(
        mistake.message, pointer=mistake.pointer, line=line, column=column, source=source, help=mistake.help
    )


def _read_json(text: str, source: str) -> object:
    doubled = False

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal doubled
        result = dict(found)
        doubled = doubled or len(result) != len(found)
        return result

    number = _number
    try:
        data = json.loads(
            text, object_pairs_hook=pairs, parse_int=number, parse_float=number, parse_constant=number
        )
    except json.JSONDecodeError as error:
        raise _broken(text, error, source) from None
    except RecursionError:
        raise PolicySyntaxError("the text is nested too deeply", source=source) from None
    twice = doubled_key(text) if doubled else None
    if twice:
        line, column = line_and_column(text, twice[1].key)
        name = twice[0].rpartition("/")[2].replace("~1", "/").replace("~0", "~")
        raise PolicySyntaxError(
            f"`{name}` is given twice, and one of the two would be lost",
            pointer=twice[0],
            line=line,
            column=column,
            source=source,
            help="write it once, with all its values",
        )
    return data


def _number(_: str) -> _Number:
    return _Number()


def _broken(text: str, error: json.JSONDecodeError, source: str) -> PolicySyntaxError:
    reason = error.msg[:1].lower() + error.msg[1:]
    return PolicySyntaxError(
        f"not JSON: {reason}",
        pointer=container_at(text, error.pos),
        line=error.lineno,
        column=error.colno,
        source=source,
        help="a policy is strict JSON: double quotes, no comments, no byte order mark",
    )


class _Reader:
    """Reads the parts of one document; raises Mistake with the pointer of what is wrong."""

    def __init__(self, text: str, kind: PolicyKind, *, saving: bool, stored: bool) -> None:
        self.kind = kind
        self.saving = saving
        self.stored = stored
        self.text = text
        self.many_lines = "\n" in text

    def document(self, data: object) -> Document:
        """The whole."""
        top = self._object(data, "", "a policy")
        self._known(top, TOP_ELEMENTS, "")
        if "Version" not in top:
            raise Mistake("", "`Version` is missing", help='begin with `"Version": "1"`')
        if top["Version"] != "1":
            raise Mistake("/Version", 'expected `"1"`, the only version of this language')
        if "Statement" not in top:
            raise Mistake("", "`Statement` is missing")
        return Document(self.kind, self._statements(top["Statement"]))

    def _statements(self, data: object) -> tuple[Statement, ...]:
        if self.stored and isinstance(data, dict):
            data = [data]
        if not isinstance(data, list):
            raise Mistake("/Statement", "expected a list of statements", help="put it in [ ]")
        if not data and not self.stored:
            raise Mistake("/Statement", "expected at least one statement")
        lines = self._lines(len(data))
        return tuple(self._statement(each, index, lines[index]) for index, each in enumerate(data))

    def _lines(self, count: int) -> list[int]:
        if not self.many_lines:
            return [1] * count
        found = places(self.text)
        return [
            line_and_column(self.text, found[f"/Statement/{index}"].value)[0]
            if f"/Statement/{index}" in found
            else 1
            for index in range(count)
        ]

    def _statement(self, data: object, index: int, line: int) -> Statement:
        at = f"/Statement/{index}"
        parts = self._object(data, at, "a statement")
        self._known(parts, STATEMENT_ELEMENTS, at)
        condition = parts.get("Condition")
        return Statement(
            effect=self._effect(parts, at),
            actions=self._actions(parts, at),
            resources=self._resources(parts, at),
            conditions=self._conditions(condition, f"{at}/Condition") if "Condition" in parts else (),
            principals=self._principals(parts, at),
            index=index,
            sid=self._sid(parts, at),
            line=line,
            empty_condition=condition == {},
            idle_resource=self.kind is PolicyKind.TRUST and bool({"Resource", "NotResource"} & parts.keys()),
        )

    def _effect(self, parts: Mapping[str, object], at: str) -> Effect:
        if "Effect" not in parts:
            raise Mistake(at, "`Effect` is missing", help="a statement has Effect, Action and Resource")
        effect = parts["Effect"]
        if effect not in ("Allow", "Deny"):
            raise Mistake(f"{at}/Effect", "expected `Allow` or `Deny`", help=near(effect, ("Allow", "Deny")))
        return Effect(effect)

    def _sid(self, parts: Mapping[str, object], at: str) -> str:
        sid = parts.get("Sid", "")
        if not isinstance(sid, str):
            raise Mistake(f"{at}/Sid", "expected a string")
        return sid

    def _actions(self, parts: Mapping[str, object], at: str) -> In | NotIn:
        name = self._one_of(parts, at, "Action", "NotAction")
        patterns = self._texts(parts[name], f"{at}/{name}", "action")
        for place, pattern in patterns:
            check_action(pattern, place)
        actions = tuple(pattern for _, pattern in patterns)
        if self.kind is PolicyKind.TRUST:
            check_trust_action(actions, f"{at}/{name}")
        return In(actions) if name == "Action" else NotIn(actions)

    def _resources(self, parts: Mapping[str, object], at: str) -> In | NotIn:
        if self.kind is PolicyKind.TRUST and "Resource" not in parts and "NotResource" not in parts:
            return In(("*",))
        name = self._one_of(parts, at, "Resource", "NotResource")
        if name == "NotResource" and self.saving:
            raise Mistake(f"{at}/NotResource", "`NotResource` is not in the present grammar", at_key=True)
        patterns = self._texts(parts[name], f"{at}/{name}", "resource")
        if not self.stored:
            for place, pattern in patterns:
                check_resource(pattern, place)
        resources = tuple(pattern for _, pattern in patterns)
        return In(resources) if name == "Resource" else NotIn(resources)

    def _one_of(self, parts: Mapping[str, object], at: str, name: str, negated: str) -> str:
        if name in parts and negated in parts:
            raise Mistake(f"{at}/{negated}", f"`{name}` and `{negated}` exclude each other", at_key=True)
        if name not in parts and negated not in parts:
            raise Mistake(at, f"`{name}` is missing", help=f"give `{name}` or `{negated}`")
        return name if name in parts else negated

    def _texts(self, data: object, at: str, word: str) -> list[tuple[str, str]]:
        if isinstance(data, str):
            return [(at, self._text(data, at, word))]
        if not isinstance(data, list):
            raise Mistake(at, f"expected a string or a list of strings, not {_shape(data)}")
        if not data:
            raise Mistake(at, f"expected at least one {word}")
        return [(f"{at}/{place}", self._text(each, f"{at}/{place}", word)) for place, each in enumerate(data)]

    def _text(self, data: object, at: str, word: str) -> str:
        if not isinstance(data, str):
            raise Mistake(at, f"expected a string, not {_shape(data)}")
        if not data and word != "value":
            raise Mistake(at, f"expected {'an' if word[0] in 'aeiou' else 'a'} {word}, not an empty string")
        if not data.isascii() and any("\ud800" <= char <= "\udfff" for char in data):
            raise Mistake(at, "half of a surrogate pair is no character")
        return data

    def _principals(self, parts: Mapping[str, object], at: str) -> TrustedPrincipals | None:
        if self.kind is not PolicyKind.TRUST:
            if "Principal" in parts:
                raise Mistake(
                    f"{at}/Principal",
                    f"a {self.kind.value} policy has no `Principal`",
                    at_key=True,
                    help="it applies to whom it is attached to; test acs:PrincipalARN in a Condition",
                )
            return None
        if "Principal" not in parts:
            raise Mistake(at, "`Principal` is missing", help="a trust policy says who may assume the role")
        return self._trusted(parts["Principal"], f"{at}/Principal")

    def _trusted(self, data: object, at: str) -> TrustedPrincipals:
        named = self._object(data, at, "Principal")
        if not named:
            raise Mistake(at, "expected `RAM`, `Service` or `Federated`")
        self._known(named, PRINCIPAL_KINDS, at)
        found: dict[str, tuple[str, ...]] = {}
        for kind in named:
            texts = self._texts(named[kind], f"{at}/{kind}", "principal")
            for place, text in texts:
                check_principal(kind, text, place)
            found[kind] = tuple(text for _, text in texts)
        return TrustedPrincipals(found.get("RAM", ()), found.get("Service", ()), found.get("Federated", ()))

    def _conditions(self, data: object, at: str) -> tuple[ConditionTest, ...]:
        tests: list[ConditionTest] = []
        for name, keys in self._object(data, at, "Condition").items():
            here = f"{at}/{escape(name)}"
            quantifier, operator = operator_of(name, here)
            if not self._object(keys, here, "an operator"):
                raise Mistake(here, "expected at least one condition key")
            for key, values in self._object(keys, here, "an operator").items():
                place = f"{here}/{escape(key)}"
                check_key(key, operator, place)
                texts = self._texts(values, place, "value")
                for value_at, value in texts:
                    check_value(operator, value, value_at)
                tests.append(ConditionTest(operator, key, tuple(text for _, text in texts), quantifier))
        return tuple(tests)

    def _object(self, data: object, at: str, word: str) -> dict[str, Any]:
        if not isinstance(data, dict):
            raise Mistake(at, f"expected {word} as an object in braces, not {_shape(data)}")
        return data

    def _known(self, parts: Mapping[str, object], names: tuple[str, ...], at: str) -> None:
        for name in parts:
            if name not in names:
                _unknown(name, names, at)


def _unknown(name: str, names: tuple[str, ...], at: str) -> Never:
    help_text = near(name, names) or f"there are: {', '.join(names)}"
    raise Mistake(f"{at}/{escape(name)}", f"no element `{name}` here", help=help_text, at_key=True)


def _shape(data: object) -> str:
    shapes = {dict: "an object", list: "a list", str: "a string", bool: "a boolean", type(None): "null"}
    return shapes.get(type(data), "a number")
