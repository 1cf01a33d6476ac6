"""Text to Document, or PolicySyntaxError at its pointer, line and column; and Document to text.

Source: help.aliyun.com ram/policy-structure-and-syntax, ram/policy-elements; limits:
ram/product-overview/limits, CreateControlPolicy API page, notice of 2022-09-19 on STS parameter lengths.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Never, Protocol

from imagefence.errors import PolicySyntaxError, UnsupportedFeature, shown
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
    TRUSTED,
    Mistake,
    Path,
    check_action,
    check_key,
    check_principal,
    check_resource,
    check_string,
    check_trust_action,
    check_value,
    near,
    operator_of,
)
from imagefence.policy.positions import Lines, line_and_column, places, without_space
from imagefence.policy.printing import print_document
from imagefence.policy.strict_json import read_json

__all__ = ["LIMITS", "MAX_ITEMS", "parse", "print_document"]

LIMITS = {PolicyKind.IDENTITY: 6144, PolicyKind.CONTROL: 4096, PolicyKind.SESSION: 2048}
MAX_ITEMS = 20_000  # of a list: statements, actions, names or values; a text is bounded by MAX_CHARACTERS
STATEMENT_DEPTH = 2


def parse(
    text: str, kind: PolicyKind, *, source: str = "", saving: bool = False, stored: bool = False
) -> Document:
    """Reads a policy; raises PolicySyntaxError at the place of the first error.

    `saving` refuses besides what the cloud is thought to refuse when a policy is saved: NotResource (U-7),
    and a template's placeholders in place of an action, a name or a principal.
    `stored` reads what the cloud already holds: the vendor's lengths and short resource patterns pass then.
    """
    if not stored and len(text) > LIMITS.get(kind, len(text)):
        raise _too_long(text, kind, source)
    data = read_json(text, source)
    try:
        return _Reader(text, kind, saving=saving, stored=stored).document(data)
    except Mistake as mistake:
        raise _located(mistake, text, source) from None


def _too_long(text: str, kind: PolicyKind, source: str) -> PolicySyntaxError:
    message = f"the policy has {len(text)} characters; {_a(kind)} policy has at most {LIMITS[kind]}"
    read_json(text, source)
    compact = without_space(text)
    help_text = (
        f"without white space it has {compact}: `imagefence policy fmt --compact` writes it so"
        if compact <= LIMITS[kind]
        else "split it, or shorten its lists by wildcards"
    )
    return PolicySyntaxError(message, source=source, help=help_text)


def _located(mistake: Mistake, text: str, source: str) -> PolicySyntaxError:
    place = places(text)[mistake.pointer]
    line, column = line_and_column(text, place.key if mistake.at_key else place.value)
    error = UnsupportedFeature if mistake.unsupported else PolicySyntaxError
    return error(
        mistake.message, pointer=mistake.pointer, line=line, column=column, source=source, help=mistake.help
    )


class Check(Protocol):
    """Holds a name to its form, or raises Mistake at its place."""

    def __call__(self, text: str, at: Path, /, *, saving: bool) -> None:
        """Reads a template's placeholders for what they may stand for, unless `saving`."""


class _Reader:
    """Reads the parts of one document; raises Mistake with the path of what is wrong."""

    def __init__(self, text: str, kind: PolicyKind, *, saving: bool, stored: bool) -> None:
        self.kind = kind
        self.saving = saving
        self.stored = stored
        self.text = text
        self.many_lines = "\n" in text

    def document(self, data: object) -> Document:
        """The whole."""
        top = self._object(data, (), "a policy")
        if self.kind is not PolicyKind.TRUST:
            self._without_principals(top.get("Statement"))
        self._known(top, TOP_ELEMENTS, ())
        if "Version" not in top:
            raise Mistake((), "`Version` is missing", help='begin with `"Version": "1"`')
        if top["Version"] != "1":
            raise Mistake(("Version",), 'expected `"1"`, the only version of this language')
        if "Statement" not in top:
            raise Mistake((), "`Statement` is missing")
        statements = self._statements(top["Statement"])
        bare = isinstance(top["Statement"], dict)
        return Document(self.kind, statements, bare, len(self.text))

    def _statements(self, data: object) -> tuple[Statement, ...]:
        at: Path = ("Statement",)
        alone = self.stored and isinstance(data, dict)
        if alone:
            data = [data]
        if not isinstance(data, list):
            raise Mistake(at, f"expected a list of statements, not {_shape(data)}", help="put it in [ ]")
        if not data and not self.stored:
            raise Mistake(at, "expected at least one statement")
        _few(data, at, "statements")
        lines = self._lines(len(data))
        return tuple(
            self._statement(each, at if alone else (*at, index), index, lines[index])
            for index, each in enumerate(data)
        )

    def _lines(self, count: int) -> list[int]:
        if not self.many_lines:
            return [1] * count
        found, lines = places(self.text, STATEMENT_DEPTH), Lines(self.text)
        standing = (found.get(f"/Statement/{index}") or found["/Statement"] for index in range(count))
        return [lines.at(place.value)[0] for place in standing]

    def _statement(self, data: object, at: Path, index: int, line: int) -> Statement:
        parts = self._object(data, at, "a statement")
        self._known(parts, STATEMENT_ELEMENTS, at)
        return Statement(
            effect=self._effect(parts, at),
            actions=self._actions(parts, at),
            resources=self._resources(parts, at),
            conditions=self._conditions(parts["Condition"], (*at, "Condition"))
            if "Condition" in parts
            else (),
            principals=self._principals(parts, at),
            index=index,
            sid=self._sid(parts, at),
            line=line,
            empty_condition=parts.get("Condition") == {},
            idle_resource=self.kind is PolicyKind.TRUST and bool({"Resource", "NotResource"} & parts.keys()),
        )

    def _effect(self, parts: Mapping[str, object], at: Path) -> Effect:
        if "Effect" not in parts:
            raise Mistake(at, "`Effect` is missing", help="a statement has Effect, Action and Resource")
        effect = parts["Effect"]
        if effect not in ("Allow", "Deny"):
            help_text = near(effect, ("Allow", "Deny"))
            raise Mistake((*at, "Effect"), "expected `Allow` or `Deny`", help=help_text)
        return Effect(effect)

    def _sid(self, parts: Mapping[str, object], at: Path) -> str:
        sid = parts.get("Sid", "")
        if not isinstance(sid, str):
            raise Mistake((*at, "Sid"), f"expected a string, not {_shape(sid)}")
        check_string(sid, (*at, "Sid"))
        return sid

    def _actions(self, parts: Mapping[str, object], at: Path) -> In | NotIn:
        name = self._one_of(parts, at, "Action", "NotAction")
        actions = self._checked(parts[name], (*at, name), "action", check_action)
        if self.kind is PolicyKind.TRUST:
            check_trust_action(actions, (*at, name), saving=self.saving)
        return In(actions) if name == "Action" else NotIn(actions)

    def _resources(self, parts: Mapping[str, object], at: Path) -> In | NotIn:
        if self.kind is PolicyKind.TRUST and "Resource" not in parts and "NotResource" not in parts:
            return In(("*",))
        name = self._one_of(parts, at, "Resource", "NotResource")
        if name == "NotResource" and self.saving:
            raise Mistake((*at, name), "`NotResource` is not in the present grammar", at_key=True)
        check = None if self.stored else check_resource
        resources = self._checked(parts[name], (*at, name), "resource", check)
        return In(resources) if name == "Resource" else NotIn(resources)

    def _one_of(self, parts: Mapping[str, object], at: Path, name: str, negated: str) -> str:
        if name in parts and negated in parts:
            raise Mistake((*at, negated), f"`{name}` and `{negated}` exclude each other", at_key=True)
        if name not in parts and negated not in parts:
            raise Mistake(at, f"`{name}` is missing", help=f"give `{name}` or `{negated}`")
        return name if name in parts else negated

    def _checked(self, data: object, at: Path, word: str, check: Check | None) -> tuple[str, ...]:
        found: list[str] = []
        for place, text in self._texts(data, at, word):
            if check is not None:
                check(text, place, saving=self.saving)
            found.append(text)
        return tuple(found)

    def _texts(self, data: object, at: Path, word: str) -> Iterator[tuple[Path, str]]:
        if isinstance(data, str):
            yield at, self._text(data, at, word)
            return
        if not isinstance(data, list):
            raise _not("a string or a list of strings", data, at)
        if not data:
            raise Mistake(at, f"expected at least one {word}")
        _few(data, at, f"{word}s")
        for index, each in enumerate(data):
            yield (*at, index), self._text(each, (*at, index), word)

    def _text(self, data: object, at: Path, word: str) -> str:
        if not isinstance(data, str):
            raise _not("a string", data, at)
        if not data and word != "value":
            raise Mistake(at, f"expected {'an' if word[0] in 'aeiou' else 'a'} {word}, not an empty string")
        check_string(data, at)
        return data

    def _principals(self, parts: Mapping[str, object], at: Path) -> TrustedPrincipals | None:
        if self.kind is not PolicyKind.TRUST:
            return None
        if "Principal" not in parts:
            raise Mistake(at, "`Principal` is missing", help="a trust policy says who may assume the role")
        return self._trusted(parts["Principal"], (*at, "Principal"))

    def _without_principals(self, data: object) -> None:
        # Why: what else a bucket's policy lacks or has is by the rules of another language.
        for index, parts in enumerate(data if isinstance(data, list) else ()):
            if isinstance(parts, dict) and "Principal" in parts:
                raise Mistake(
                    ("Statement", index, "Principal"),
                    f"{_a(self.kind)} policy has no `Principal`: this is {_whose(parts)}",
                    at_key=True,
                    help="it applies to whom it is attached to; test acs:PrincipalARN in a Condition",
                )

    def _trusted(self, data: object, at: Path) -> TrustedPrincipals:
        named = self._object(data, at, "Principal")
        if not named:
            raise Mistake(at, "expected `RAM`, `Service` or `Federated`")
        self._known(named, tuple(TRUSTED), at)
        found = {
            kind: self._checked(names, (*at, kind), "principal", partial(check_principal, kind))
            for kind, names in named.items()
        }
        return TrustedPrincipals(found.get("RAM", ()), found.get("Service", ()), found.get("Federated", ()))

    def _conditions(self, data: object, at: Path) -> tuple[ConditionTest, ...]:
        tests: list[ConditionTest] = []
        for name, keys in self._object(data, at, "Condition").items():
            here = (*at, name)
            quantifier, operator = operator_of(name, here)
            if not self._object(keys, here, "an operator"):
                raise Mistake(here, "expected at least one condition key")
            for key, values in keys.items():
                place = (*here, key)
                check_key(key, operator, place)
                texts: list[str] = []
                for value_at, value in self._texts(values, place, "value"):
                    check_value(operator, value, value_at)
                    texts.append(value)
                tests.append(ConditionTest(operator, key, tuple(texts), quantifier))
        return tuple(tests)

    def _object(self, data: object, at: Path, word: str) -> dict[str, Any]:
        if not isinstance(data, dict):
            raise _not(f"{word} as an object in braces", data, at)
        return data

    def _known(self, parts: Mapping[str, object], names: tuple[str, ...], at: Path) -> None:
        for name in parts:
            if name not in names:
                _unknown(name, names, at)


def _unknown(name: str, names: tuple[str, ...], at: Path) -> Never:
    help_text = near(name, names) or f"there are: {', '.join(names)}"
    raise Mistake((*at, name), f"no element `{shown(name)}` here", help=help_text, at_key=True)


def _few(data: list[Any], at: Path, words: str) -> None:
    if len(data) > MAX_ITEMS:
        raise Mistake(at, f"a list of {len(data)} {words}; at most {MAX_ITEMS} are read")


def _not(expected: str, data: object, at: Path) -> Mistake:
    function = _template_function(data)
    if function:
        return Mistake(
            at,
            f"expected {expected}, not the template function `{function}`",
            help="this is the source of a ROS template: check the policy that it renders",
        )
    return Mistake(at, f"expected {expected}, not {_shape(data)}")


def _template_function(data: object) -> str:
    """The one key of an object such as `{"Fn::Join": […]}` or `{"Ref": "Name"}`, or nothing."""
    if not isinstance(data, dict) or len(data) != 1:
        return ""
    (name,) = data
    return str(name) if name == "Ref" or name.startswith("Fn::") else ""


def _whose(parts: Mapping[str, object]) -> str:
    """Says what a statement with a Principal belongs to (ram/policy-elements)."""
    actions = parts.get("Action", parts.get("NotAction"))
    listed = actions if isinstance(actions, list) else [actions]
    services = {each.partition(":")[0].lower() for each in listed if isinstance(each, str)}
    if services == {"sts"}:
        return "a role's trust policy (`--kind trust`)"
    if services == {"oss"}:
        return "a bucket policy, which OSS evaluates by its own rules"
    return "the policy of a resource, such as a bucket, a key or a role"


def _a(kind: PolicyKind) -> str:
    return f"{'an' if kind is PolicyKind.IDENTITY else 'a'} {kind.value}"


def _shape(data: object) -> str:
    shapes = {dict: "an object", list: "a list", str: "a string", bool: "a boolean", type(None): "null"}
    return shapes.get(type(data), "a number")
