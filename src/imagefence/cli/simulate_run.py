"""What `simulate` does with its words: one request, many, a file of vectors, or a snapshot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import click

from imagefence.cli.options import Options
from imagefence.cli.readings_used import readings_used
from imagefence.cli.simulate_decide import decided
from imagefence.cli.simulate_ground import Ground, InForce, brought_along, in_force, snapshot_ground
from imagefence.cli.simulate_many import Task, run_requests
from imagefence.cli.simulate_request import (
    Asked,
    action_of,
    known_of,
    principal_of,
    readings_of,
    request_of,
    resource_of,
)
from imagefence.cli.simulate_sources import Sources, from_files, read
from imagefence.cli.simulate_vectors import run_vectors
from imagefence.cli.simulate_view import show
from imagefence.errors import InputError
from imagefence.inventory.store import load
from imagefence.policy.document import PolicyKind
from imagefence.policy.policies import AttachedPolicy


@dataclass(frozen=True, slots=True)
class Words:
    """The options of `simulate`."""

    options: Options
    principal: str | None
    action: str | None
    resources: tuple[str, ...]
    image: str | None
    contexts: tuple[str, ...]
    unknown: tuple[str, ...]
    as_given: bool
    policies: tuple[str, ...]
    group_policies: tuple[str, ...]
    control: tuple[str, ...]
    session_policy: str | None
    trust_policy: str | None
    snapshot: Path | None
    save_snapshot: Path | None
    requests: str | None
    strict: bool
    readings: tuple[str, ...]
    vectors: Path | None

    @property
    def files(self) -> Sources:
        """The policy files."""
        return Sources(
            self.policies, self.control, self.session_policy, self.trust_policy, self.group_policies
        )


def run(words: Words) -> int:
    """Does what the options ask for."""
    if words.vectors is not None:
        return run_vectors(words.vectors, readings_of(words.readings), as_json=words.options.json)
    if words.save_snapshot is not None:
        # Why: the vendor's client takes half a second to import, and decisions on files need none of it.
        from imagefence.cli.simulate_cloud import save_snapshot  # noqa: PLC0415

        return save_snapshot(words.options, words.save_snapshot)
    if words.requests is not None:
        return run_many(words, words.requests)
    return run_one(words)


def run_many(words: Words, source: str) -> int:
    """Answers a file of requests."""
    if words.image or words.resources or words.contexts or words.unknown:
        raise InputError(
            "resources, images and context keys stand in the lines of `--requests`",
            help="leave --resource, --image, --context and --unknown out",
        )
    used = readings_used(words.readings)
    if used.source:
        click.echo(f"note: {used.source}", err=True)
    task = Task(
        finder(words),
        used.readings,
        words.principal or "",
        words.action or "",
        words.as_given,
        words.strict,
    )
    return run_requests(source, task)


def finder(words: Words) -> Callable[[Asked], InForce]:
    """What finds the policies in force for a principal: in files, in a snapshot, in the cloud."""
    if words.files.given:
        policies = from_files(words.files)
        return lambda asked: InForce(asked.principal, policies)
    return partial(in_force, ground_of(words), session=session_of(words))


def ground_of(words: Words, *, directory: bool = True) -> Ground:
    """What is known of the accounts, by a snapshot or by the cloud."""
    if words.snapshot is not None:
        return snapshot_ground(load(words.snapshot), words.options.region)
    # Why: as above.
    from imagefence.cli.simulate_cloud import cloud_ground  # noqa: PLC0415

    return cloud_ground(words.options, directory=directory)


def session_of(words: Words) -> AttachedPolicy | None:
    """The session policy, which comes from a file even where all others do not."""
    return read(words.session_policy, PolicyKind.SESSION) if words.session_policy else None


def asked_of(words: Words) -> Asked:
    """What one request asks about."""
    return Asked(
        principal_of(needed(words.principal, "--principal", "acs:ram::1000000000000001:user/alice")),
        action_of(needed(words.action, "--action", "ecs:RunInstances")),
        tuple(resource_of(text) for text in words.resources),
        words.image,
        known_of(words.contexts),
        words.unknown,
    )


def needed(value: str | None, option: str, example: str) -> str:
    """The value of an option that must be there."""
    if not value:
        raise InputError(f"`{option}` is missing", help=f"such as {option} {example}")
    return value


def run_one(words: Words) -> int:
    """Decides one request and shows it."""
    asked, used = asked_of(words), readings_used(words.readings)
    ground = (
        None if words.files.given and not asked.image else ground_of(words, directory=not words.files.given)
    )
    if words.files.given or ground is None:
        found = InForce(asked.principal, from_files(words.files))
    else:
        found = in_force(ground, asked, session_of(words))
    image = ground.image(asked.principal.account, asked.image) if ground is not None and asked.image else None
    resources, told = brought_along(asked, image) if image is not None else ((), {})
    request = request_of(replace(asked, principal=found.principal), resources, told)
    simulated = decided(request, found, used, as_given=words.as_given)
    show(simulated, as_json=words.options.json)
    return simulated.exit_code
