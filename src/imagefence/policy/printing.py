"""Document to JSON text."""

from __future__ import annotations

import json

from imagefence.policy.document import Document, In, NotIn, Statement, TrustedPrincipals


def print_document(document: Document, *, compact: bool = False) -> str:
    """Writes a document in one canonical form; `compact` is the shortest, for sending."""
    data = {"Version": "1", "Statement": [_statement(each) for each in document.statements]}
    if compact:
        return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return json.dumps(data, ensure_ascii=False, indent=2)


def _statement(statement: Statement) -> dict[str, object]:
    parts: dict[str, object] = {"Sid": statement.sid} if statement.sid else {}
    parts["Effect"] = statement.effect.value
    if statement.principals is not None:
        parts["Principal"] = _principals(statement.principals)
    parts |= _element("Action", statement.actions)
    if statement.principals is None or statement.idle_resource:
        parts |= _element("Resource", statement.resources)
    if statement.conditions or statement.empty_condition:
        parts["Condition"] = _conditions(statement)
    return parts


def _element(name: str, covered: In | NotIn) -> dict[str, object]:
    return {name if isinstance(covered, In) else f"Not{name}": _one_or_list(covered.patterns)}


def _one_or_list(texts: tuple[str, ...]) -> object:
    return texts[0] if len(texts) == 1 else list(texts)


def _principals(trusted: TrustedPrincipals) -> dict[str, list[str]]:
    named = {"RAM": trusted.ram, "Service": trusted.service, "Federated": trusted.federated}
    return {kind: list(names) for kind, names in named.items() if names}


def _conditions(statement: Statement) -> dict[str, dict[str, object]]:
    conditions: dict[str, dict[str, object]] = {}
    for test in statement.conditions:
        name = f"{test.quantifier}:{test.operator.name}" if test.quantifier else test.operator.name
        conditions.setdefault(name, {})[test.key] = _one_or_list(test.values)
    return conditions
