"""Policy files to policies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from imagefence.cli.texts import STDIN, read_text
from imagefence.errors import InputError
from imagefence.policy.document import PolicyKind
from imagefence.policy.parse import parse
from imagefence.policy.policies import AttachedPolicy, Level, Policies

EVERYTHING = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
BY_NAME = {"FullAliyunAccess": EVERYTHING, "AdministratorAccess": EVERYTHING}
NODE = "the node"


@dataclass(frozen=True, slots=True)
class Sources:
    """The files as named on the command line."""

    policies: tuple[str, ...] = ()
    control: tuple[str, ...] = ()
    session: str | None = None
    trust: str | None = None
    group: tuple[str, ...] = ()

    @property
    def given(self) -> bool:
        """True where the policies come from files."""
        return bool(self.policies or self.control or self.trust or self.group)


def from_files(files: Sources) -> Policies:
    """Reads the files; raises PolicySyntaxError at the place of an error."""
    return Policies(
        identity=tuple(read(file, PolicyKind.IDENTITY) for file in files.policies),
        identity_resource_group=tuple(read(file, PolicyKind.IDENTITY) for file in files.group),
        session=read(files.session, PolicyKind.SESSION) if files.session else None,
        control=levels(files.control) if files.control else None,
        trust=read(files.trust, PolicyKind.TRUST) if files.trust else None,
    )


def levels(control: tuple[str, ...]) -> tuple[Level, ...]:
    """Groups control policies by node, in the order in which the nodes are first named."""
    nodes: dict[str, list[AttachedPolicy]] = {}
    for text in control:
        node, equals, file = text.partition("=")
        if not equals or Path(text).exists():
            node, file = NODE, text
        nodes.setdefault(node, []).append(read(file, PolicyKind.CONTROL))
    return tuple(Level(node, tuple(policies)) for node, policies in nodes.items())


def read(file: str, kind: PolicyKind) -> AttachedPolicy:
    """Reads one file, or a policy of the vendor by its name."""
    if file in BY_NAME:
        return AttachedPolicy(file, parse(BY_NAME[file], kind), system=True)
    if not file:
        raise InputError("a policy's file has no name", help="such as --control-policy Root=guard.json")
    name = STDIN if file == "-" else file
    return AttachedPolicy(name, parse(read_text(file), kind, source=name), version="file")
