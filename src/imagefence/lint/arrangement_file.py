"""Nodes, identities and policies from a YAML or JSON file.

    nodes: {Root: [FullAliyunAccess, guard], Root/Workloads: [FullAliyunAccess]}
    users: {alice: {policies: [deploy], groups: [developers]}}
    groups: {developers: [AliyunECSReadOnlyAccess]}
    roles: {ci: [deploy]}
    policies: {guard: guard.json, deploy: {file: deploy.json, versions: 5}}

A policy that `policies` does not name is the vendor's, known by its name alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from imagefence.lint.arrangement import Arrangement, Holder, HolderKind, Hung
from imagefence.policy.document import Document, PolicyKind
from imagefence.policy.parse import parse
from imagefence.scope.reader import Place, read_yaml

EVERYTHING = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
ALLOW_ALL = frozenset({"FullAliyunAccess", "AdministratorAccess"})
PARTS = ("nodes", "users", "groups", "roles", "policies")


@dataclass(frozen=True, slots=True)
class Custom:
    """A custom policy of the file: its text or the file that holds it, and how many versions it has."""

    place: Place
    text: str = ""
    file: str = ""
    versions: int = 0


def read_arrangement(text: str, source: str, read: Callable[[str], str]) -> Arrangement:
    """Reads a file; `read` gives the text of a policy file. Raises ConfigError or PolicySyntaxError."""
    top = read_yaml(text, source).fields(PARTS)
    custom = dict(_custom(top["policies"])) if "policies" in top else {}
    holders = [
        holder
        for kind in HolderKind
        if kind.value in top
        for holder in _holders(kind, top[kind.value], custom, read)
    ]
    versions = tuple((name, each.versions, _at(each.place)) for name, each in custom.items())
    return Arrangement(tuple(holders), versions)


def _at(place: Place) -> tuple[int, int]:
    mark = place.node.start_mark
    return mark.line + 1, mark.column + 1


def _custom(place: Place) -> Iterator[tuple[str, Custom]]:
    for name, each in place.pairs():
        if not hasattr(each.node, "value") or isinstance(each.node.value, str):
            yield name, Custom(each, file=each.text())
            continue
        fields = each.fields(("file", "text", "versions"))
        file = fields["file"].text() if "file" in fields else ""
        text = fields["text"].text() if "text" in fields else ""
        yield name, Custom(each, text, file, _count(fields["versions"]) if "versions" in fields else 0)


def _count(place: Place) -> int:
    said = str(place.node.value)
    if not said.isdecimal():
        place.fail(f"`{said}` is not a number")
    return int(said)


def _holders(
    kind: HolderKind, place: Place, custom: dict[str, Custom], read: Callable[[str], str]
) -> Iterator[Holder]:
    control = kind is HolderKind.NODE
    for name, each in place.pairs():
        listed = each
        groups: tuple[str, ...] = ()
        if kind is HolderKind.USER:
            fields = each.fields(("policies", "groups"))
            groups = fields["groups"].texts() if "groups" in fields else ()
            if "policies" not in fields:
                yield Holder(kind, name, (), groups, at=_at(each))
                continue
            listed = fields["policies"]
        policies = tuple(_hung(item, custom, read, control=control) for item in listed.items())
        yield Holder(kind, name.rstrip("/"), policies, groups, at=_at(each))


def _hung(item: Place, custom: dict[str, Custom], read: Callable[[str], str], *, control: bool) -> Hung:
    name, at = item.text(), _at(item)
    kind = PolicyKind.CONTROL if control else PolicyKind.IDENTITY
    if name not in custom:
        document = parse(EVERYTHING, kind) if name in ALLOW_ALL else None
        return Hung(name, document, system=True, at=at)
    return Hung(name, _document(custom[name], kind, read), at=at)


def _document(custom: Custom, kind: PolicyKind, read: Callable[[str], str]) -> Document | None:
    if not custom.file and not custom.text:
        return None
    return parse(custom.text or read(custom.file), kind, source=custom.file, stored=True)
