"""`imagefence prove`: nothing gets past these policies, or here is what does."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from imagefence.cli.simulate_sources import NODE, levels, read
from imagefence.errors import InputError, PolicySyntaxError
from imagefence.policy.document import PolicyKind
from imagefence.policy.policies import AttachedPolicy, Level, Policies
from imagefence.scope.roads import Road, members
from imagefence.scope.scope import Exemption, May, Scope

if TYPE_CHECKING:
    from imagefence.cli.prove_view import Proved

ACCOUNT = "1000000000000001"
FULL_ACCESS, ADMINISTRATOR = "FullAliyunAccess", "AdministratorAccess"
MOST_SOLVER_S = 3.0  # for one question; string solvers answer most in a hundredth, and some never
HELP = """Prove that nothing gets past control policies, or show what does.

The files stand on one node over a member account, beside FullAliyunAccess; the caller is any user or role of
it with AdministratorAccess, or with the policies given by --policy. Asked is, over every possible request:
can an instance or a system disk come from an image that is not approved, can such an image be made to look
approved, and can an approved one still be launched. Every way through is shown as a request, confirmed by the
evaluator, with the smallest mend that closes it.

\b
Examples:
  imagefence prove --control-policy guard.json --approved-tag environment=production
  imagefence prove --control-policy guard.json --approved-tag environment=production \\
      --exempt-role image-admin --replay --check-with cvc5 --evidence proof.smt2

Exit codes: 0 proven, 3 a way through (or no approved image can be launched at all), 4 not decided.
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What else is to be done with the answer."""

    replay: bool
    check_with: str | None
    evidence: Path | None
    limit_s: float


@click.command(help=HELP)
@click.option(
    "--control-policy",
    "control",
    multiple=True,
    required=True,
    metavar="[NODE=]FILE",
    help="A control policy, on a node such as Root or Root/Workloads; repeatable, from Root down.",
)
@click.option(
    "--approved-tag",
    "tags",
    multiple=True,
    required=True,
    metavar="KEY=VALUE",
    help="What an approved image wears; several keys are all needed, several values of one are alternatives.",
)
@click.option("--policy", "policies", multiple=True, metavar="FILE", help="An identity policy of the caller.")
@click.option("--without-full-access", is_flag=True, help="FullAliyunAccess does not stand beside the files.")
@click.option(
    "--exempt-role",
    "exempt",
    multiple=True,
    metavar="NAME[=MAY,…]",
    help="A role that may: tag and create-image unless told otherwise, or launch.",
)
@click.option(
    "--owner-account", "owners", multiple=True, metavar="ID", help="An account whose images may be approved."
)
@click.option("--account", default=ACCOUNT, show_default=True, metavar="ID", help="The member account.")
@click.option(
    "--road",
    "words",
    multiple=True,
    metavar="NAME",
    help="A further road to ask about, by its name or its group, or all.",
)
@click.option("--replay", is_flag=True, help="Run every way through on a sandbox built from the files.")
@click.option(
    "--check-with", type=click.Choice(("z3", "cvc5")), help="Ask another solver the same questions."
)
@click.option(
    "--evidence",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write every question as SMT-LIB, with the answer to expect.",
)
@click.option(
    "--time-limit", default=60.0, show_default=True, type=click.FloatRange(min=0.001), help="In seconds."
)
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def command(
    *,
    control: tuple[str, ...],
    tags: tuple[str, ...],
    policies: tuple[str, ...],
    without_full_access: bool,
    exempt: tuple[str, ...],
    owners: tuple[str, ...],
    account: str,
    words: tuple[str, ...],
    replay: bool,
    check_with: str | None,
    evidence: Path | None,
    time_limit: float,
    as_json: bool,
) -> int:
    """Reads the files, asks, and shows."""
    held_to_extra()
    scope = Scope(approved(tags), owner_accounts(owners, account), exemptions=exemptions(exempt))
    try:
        found = sources(control, policies, beside=not without_full_access)
    except PolicySyntaxError as error:
        click.echo(f"not decided: {error}", err=True)
        if error.help:
            click.echo(f"help: {error.help}", err=True)
        return 4
    # Why: the prover's rooms and solvers are not needed to tell a wrong option.
    from imagefence.cli.prove_view import show  # noqa: PLC0415

    wanted = Wanted(replay, check_with, evidence, time_limit)
    proved = run(found, scope, account, further(words), wanted)
    show(proved, as_json=as_json)
    return proved.exit_code


def held_to_extra() -> None:
    """Raises InputError where the solvers of the extra `prove` are not installed."""
    missing = [name for name in ("pysat", "z3", "cvc5") if find_spec(name) is None]
    if missing:
        raise InputError(f"`{missing[0]}` is not installed", help="pip install 'imagefence[prove]'")


def approved(texts: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Reads `key=value` words; the values of one key are alternatives."""
    found: dict[str, tuple[str, ...]] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not key or not equals:
            raise InputError(f"`{text}` is no tag", help="write it as key=value: environment=production")
        found[key] = (*found.get(key, ()), value)
    return found


def owner_accounts(texts: tuple[str, ...], account: str) -> tuple[str, ...]:
    """Holds account ids to digits."""
    for text in (*texts, account):
        if not text.isascii() or not text.isdigit():
            raise InputError(f"`{text}` is no account id", help="account ids are digits: 1000000000000001")
    return texts


def exemptions(texts: tuple[str, ...]) -> tuple[Exemption, ...]:
    """Reads `name=may,may` words."""
    return tuple(exemption(text) for text in texts)


def exemption(text: str) -> Exemption:
    """Reads one exempt role."""
    name, equals, words = text.partition("=")
    known = {may.value: may for may in May}
    chosen = [word.strip() for word in words.split(",")] if equals else ["tag", "create-image"]
    unknown = [word for word in chosen if word not in known]
    if not name or unknown:
        raise InputError(
            f"`{text}` is no exempt role", help=f"write a role's name, or name=may,… of: {', '.join(known)}"
        )
    return Exemption(name, frozenset(known[word] for word in chosen))


def sources(control: tuple[str, ...], policies: tuple[str, ...], *, beside: bool) -> Policies:
    """Reads the files; raises PolicySyntaxError at the place of an error."""
    full = (read(FULL_ACCESS, PolicyKind.CONTROL),) if beside else ()
    nodes = tuple(Level(level.node, unique((*full, *level.policies))) for level in levels(control))
    own = tuple(read(file, PolicyKind.IDENTITY) for file in policies or (ADMINISTRATOR,))
    return Policies(identity=own, control=nodes)


def unique(policies: tuple[AttachedPolicy, ...]) -> tuple[AttachedPolicy, ...]:
    """Each policy once, as FullAliyunAccess may be named besides."""
    return tuple({policy.name: policy for policy in policies}.values())


def further(words: tuple[str, ...]) -> tuple[str, ...]:
    """The roads that words name: each by itself, those of a group, or all that can be asked about."""
    # Why: as in command().
    from imagefence.prove.queries import ON_DEMAND, askable  # noqa: PLC0415

    found: list[Road] = []
    for word in words:
        named = askable() if word == "all" else members(word)
        if not named:
            names = ", ".join(road.name for road in askable())
            raise InputError(f"no road `{word}`", help=f"there are: {names}, their groups, and `all`")
        found += [road for road in named if road.closed_by in ON_DEMAND]
    return tuple(dict.fromkeys(road.name for road in found))


def run(policies: Policies, scope: Scope, account: str, roads: tuple[str, ...], wanted: Wanted) -> Proved:
    """Asks everything, mends what is open, and does what else is wanted."""
    # Why: as above.
    from imagefence.cli.prove_view import Proved  # noqa: PLC0415
    from imagefence.prove.ask import asked_of  # noqa: PLC0415
    from imagefence.prove.budget import Budget, Undecided  # noqa: PLC0415
    from imagefence.prove.calls import Caller  # noqa: PLC0415
    from imagefence.prove.mend import mend  # noqa: PLC0415
    from imagefence.prove.prover import prove  # noqa: PLC0415

    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    asked = asked_of(policies, scope, Caller(account), now)
    budget = Budget(time.monotonic, time.monotonic() + wanted.limit_s)
    answer = prove(asked, budget, roads=roads, told=progress("under the reading that"))
    node = policies.control[-1].node if policies.control else NODE
    proved = Proved(policies, scope, account, answer, node=node)
    if answer.default.holes:
        try:
            proved = replace(proved, mend=mend(asked, answer.default, answer.roads, budget))
        except Undecided as reason:
            proved = replace(proved, no_mend=str(reason))
    if wanted.evidence is not None or wanted.check_with is not None:
        # Why: solvers take a quarter of a second to import.
        from imagefence.cli.prove_evidence import evidence  # noqa: PLC0415

        told = progress("checking")
        checked = evidence(
            asked,
            answer,
            solver=wanted.check_with,
            file=wanted.evidence,
            limit_s=min(wanted.limit_s, MOST_SOLVER_S),
            told=told,
        )
        proved = replace(proved, evidence=checked)
    if wanted.replay and answer.default.holes:
        # Why: sandbox and client take half a second to import.
        from imagefence.cli.prove_replay import replayed  # noqa: PLC0415

        proved = replace(proved, replays=replayed(asked, answer.default.holes, progress("replaying")))
    return proved


def progress(doing: str) -> Callable[[str], None]:
    """Tells on a terminal what is being done."""
    if not sys.stderr.isatty():
        return lambda _: None
    return lambda what: click.echo(f"\r\033[K{doing} {what}", err=True, nl=False)
