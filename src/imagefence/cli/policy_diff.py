"""`imagefence policy diff`: what one set of policies newly allows and denies against another."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import click

from imagefence.api.registry import BY_ACTION
from imagefence.cli.policy_diff_view import as_data, lines
from imagefence.cli.policy_kind import kind_option
from imagefence.cli.simulate_request import readings_of
from imagefence.cli.simulate_sources import BY_NAME, EVERYTHING, NODE
from imagefence.cli.texts import STDIN, read_once, read_text
from imagefence.errors import InputError
from imagefence.policy.difference import Difference, difference
from imagefence.policy.document import Effect, PolicyKind
from imagefence.policy.parse import parse
from imagefence.policy.policies import AttachedPolicy, Level, Policies

ADMINISTRATOR = AttachedPolicy("AdministratorAccess", parse(EVERYTHING, PolicyKind.IDENTITY), system=True)


@dataclass(frozen=True, slots=True)
class Compared:
    """The two sides by name, what stands beside both, and how they differ."""

    before: str
    after: str
    kind: PolicyKind
    beside: tuple[str, ...]
    difference: Difference

    @property
    def exit_code(self) -> int:
        """3 where they differ; 4 where none was found, but not all was tried."""
        if self.difference.allowed or self.difference.denied:
            return 3
        return 4 if self.difference.cut else 0


@click.command()
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@kind_option
@click.option("--beside", multiple=True, metavar="FILE", help="A policy that stands beside both; repeatable.")
@click.option("--a-with", multiple=True, metavar="FILE", help="One more policy of A; repeatable.")
@click.option("--b-with", multiple=True, metavar="FILE", help="One more policy of B; repeatable.")
@click.option(
    "--reading", "readings", multiple=True, metavar="NAME=VALUE", help="Another reading of an open point."
)
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def diff(
    *,
    before: str,
    after: str,
    kind: str,
    beside: tuple[str, ...],
    a_with: tuple[str, ...],
    b_with: tuple[str, ...],
    readings: tuple[str, ...],
    as_json: bool,
) -> int:
    """Say what B newly allows and newly denies against A, with an example request of each kind.

    A and B are files, `-`, directories of `.json` files, or FullAliyunAccess and AdministratorAccess by name.
    Where neither side allows anything, both are taken beside FullAliyunAccess.
    The answer comes from deciding representative requests: it shows differences, and proves none absent.

    Exit codes: 0 no difference found, 3 differences, 4 none found among as many requests as are tried.

    \b
    imagefence policy diff guard.json guard-new.json --beside FullAliyunAccess
    imagefence policy diff ci.json ci-new.json --kind identity --json
    """
    read_once((before, after, *beside, *a_with, *b_with))
    chosen = PolicyKind(kind)
    one, two = read_all((before, *a_with), chosen), read_all((after, *b_with), chosen)
    if not beside and not allows((*one, *two)):
        beside = ("FullAliyunAccess",) if chosen in (PolicyKind.CONTROL, PolicyKind.IDENTITY) else ()
    both = read_all(beside, chosen)
    found = difference(
        side((*both, *one), chosen),
        side((*both, *two), chosen),
        readings=readings_of(readings),
        operations=[operation.action for operation in BY_ACTION.values()],
    )
    compared = Compared(before, after, chosen, beside, found)
    if as_json:
        click.echo(json.dumps(as_data(compared), indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(lines(compared)))
    return compared.exit_code


def read_all(names: Iterable[str], kind: PolicyKind) -> tuple[AttachedPolicy, ...]:
    """Reads the policies of one side; a directory stands for the `.json` files in it."""
    return tuple(read(file, kind) for name in names for file in files(name))


def files(name: str) -> list[str]:
    """The files that a name stands for."""
    if name in BY_NAME or not Path(name).is_dir():
        return [name]
    found = sorted(str(file) for file in Path(name).glob("*.json"))
    if not found:
        raise InputError(f"`{name}` holds no .json file")
    return found


def read(file: str, kind: PolicyKind) -> AttachedPolicy:
    """Reads one policy as the cloud may hold it already; raises PolicySyntaxError where it is none."""
    if file in BY_NAME:
        return AttachedPolicy(file, parse(BY_NAME[file], kind, stored=True), system=True)
    source = STDIN if file == "-" else file
    return AttachedPolicy(source, parse(read_text(file), kind, source=source, stored=True), version="file")


def allows(policies: Iterable[AttachedPolicy]) -> bool:
    """Whether any statement allows something."""
    return any(
        statement.effect is Effect.ALLOW for policy in policies for statement in policy.document.statements
    )


def side(policies: tuple[AttachedPolicy, ...], kind: PolicyKind) -> Policies:
    """The policies in force where those of one side are the only ones that bind the caller."""
    if kind is PolicyKind.IDENTITY:
        return Policies(identity=policies)
    if kind is PolicyKind.CONTROL:
        return Policies(identity=(ADMINISTRATOR,), control=(Level(NODE, policies),))
    if len(policies) != 1:
        raise InputError(f"a {kind.value} policy stands alone", help="leave out --beside, --a-with, --b-with")
    (policy,) = policies
    if kind is PolicyKind.SESSION:
        return Policies(identity=(ADMINISTRATOR,), session=policy)
    return Policies(identity=(ADMINISTRATOR,), trust=policy)
