"""`imagefence simulate`: decide a request, and show every statement that counted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from imagefence.cli.options import Options, cloud_options
from imagefence.cli.simulate_request import Asked, principal_of, readings_of, request_of
from imagefence.cli.simulate_sources import Sources, from_files
from imagefence.cli.simulate_vectors import run_vectors
from imagefence.cli.simulate_view import Simulated, show
from imagefence.errors import InputError
from imagefence.policy.authorize import authorize
from imagefence.policy.decision import Decision, Verdict
from imagefence.policy.near_miss import near_misses
from imagefence.policy.policies import Policies
from imagefence.policy.readings import ALTERNATIVES, Alternative
from imagefence.policy.request import Request

HELP = """Decide a request, and show level by level every statement that made the decision.

Without policy files the policies in force for the principal are read from the cloud: its own and its
groups' or role's, and from the management account of a directory the control policies of every level.
With files, only those are asked; `FullAliyunAccess` and `AdministratorAccess` stand for themselves.

A resource is written with its tags: `acs:ecs:cn-hangzhou:1000000000000001:image/m-1;environment=production`;
`;?` after it says that its tags are not known, and an id of `*` means that it is still to be created.

\b
Examples:
  imagefence simulate --principal acs:ram::1000000000000002:user/dev --action ecs:RunInstances --image m-1
  imagefence simulate --principal acs:ram::1000000000000002:user/dev --action ecs:DeleteImage \\
      --resource 'acs:ecs:cn-hangzhou:1000000000000002:image/m-1;environment=production' \\
      --policy AdministratorAccess --control-policy FullAliyunAccess --control-policy guard.json

Exit codes: 0 allowed, 3 denied, 4 undecided (a context key is unknown, or a policy could not be read).
"""


@click.command(help=HELP)
@click.option(
    "--principal", metavar="ARN", help="Who asks: acs:ram::<account>:user/<name>, :role/<name>, :root."
)
@click.option("--action", metavar="ACTION", help="What is asked, such as ecs:RunInstances.")
@click.option(
    "--resource", "resources", multiple=True, metavar="NAME[;TAG=VALUE]", help="On what; repeatable."
)
@click.option(
    "--image", metavar="ID", help="The image to launch from: adds it, with its tags, and the instance."
)
@click.option(
    "--context", "contexts", multiple=True, metavar="KEY=VALUE", help="A condition key; repeatable."
)
@click.option("--unknown", multiple=True, metavar="KEY", help="A condition key whose value is not known.")
@click.option("--policy", "policies", multiple=True, metavar="FILE", help="An identity policy; repeatable.")
@click.option(
    "--control-policy",
    "control",
    multiple=True,
    metavar="[NODE=]FILE",
    help="A control policy, on a node such as Root or Root/Workloads; repeatable, from Root down.",
)
@click.option("--session-policy", metavar="FILE", help="The policy given to AssumeRole.")
@click.option("--trust-policy", metavar="FILE", help="The trust policy of the role to assume.")
@click.option(
    "--reading", "readings", multiple=True, metavar="NAME=VALUE", help="Another reading of an open point."
)
@click.option("--vectors", type=click.Path(path_type=Path), metavar="FILE", help="Decide a file of requests.")
@cloud_options
def command(
    *,
    options: Options,
    principal: str | None,
    action: str | None,
    resources: tuple[str, ...],
    image: str | None,
    contexts: tuple[str, ...],
    unknown: tuple[str, ...],
    policies: tuple[str, ...],
    control: tuple[str, ...],
    session_policy: str | None,
    trust_policy: str | None,
    readings: tuple[str, ...],
    vectors: Path | None,
) -> int:
    """Reads the options, decides, and shows."""
    if vectors is not None:
        return run_vectors(vectors, readings_of(readings), as_json=options.json)
    asked = Asked(
        principal_of(needed(principal, "--principal", "acs:ram::1000000000000001:user/alice")),
        needed(action, "--action", "ecs:RunInstances"),
        resources,
        image,
        contexts,
        unknown,
    )
    files = Sources(policies, control, session_policy, trust_policy)
    simulated = simulate(asked, files, options)
    reading = readings_of(readings)
    decision = authorize(simulated.request, simulated.policies, reading)
    others = depending(simulated.request, simulated.policies, decision) if not readings else ()
    misses = near_misses(simulated.request, simulated.policies, decision, reading)
    simulated = replace(simulated, decision=decision, others=others, misses=misses)
    show(simulated, as_json=options.json)
    return simulated.exit_code


def needed(value: str | None, option: str, example: str) -> str:
    """The value of an option that must be there."""
    if not value:
        raise InputError(f"`{option}` is missing", help=f"such as {option} {example}")
    return value


def simulate(asked: Asked, files: Sources, options: Options) -> Simulated:
    """Puts the request and the policies together, from files alone or from the cloud."""
    if files.given and not asked.image:
        return Simulated(request_of(asked), from_files(files))
    # Why: the vendor's client takes half a second to import, and decisions on files need none of it.
    from imagefence.cli.simulate_cloud import in_the_cloud  # noqa: PLC0415

    return in_the_cloud(asked, files, options)


def depending(
    request: Request, policies: Policies, decision: Decision
) -> tuple[tuple[Alternative, Verdict], ...]:
    """The other readings under which the verdict changes."""
    found = ((other, authorize(request, policies, other.readings).verdict) for other in ALTERNATIVES)
    return tuple((other, verdict) for other, verdict in found if verdict is not decision.verdict)
