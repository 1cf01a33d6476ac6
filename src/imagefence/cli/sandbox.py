"""`imagefence sandbox`: the embedded cloud by itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from imagefence.sandbox.certificate import Certificate

from imagefence.cli.sandbox_faults import command as faults
from imagefence.cli.texts import read_text, write_text
from imagefence.errors import InputError, Refusal
from imagefence.policy.readings import change
from imagefence.sandbox.birth import STRICT, described, fresh_world
from imagefence.sandbox.fault_rules import read_rules

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@click.group()
def command() -> None:
    """Run the embedded, API-compatible Alibaba Cloud on this machine.

    Example: imagefence sandbox up --port 8080
    """


@command.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=0, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one."
)
@click.option("--expose", is_flag=True, help="Allow an address that other machines can reach.")
@click.option(
    "--ready-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write endpoint and root key here as JSON, once it answers.",
)
@click.option(
    "--tls",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="CA_FILE",
    help="Speak HTTPS; what clients must trust for it is written to this file.",
)
@click.option("--accounts", default=1, show_default=True, type=click.IntRange(1, 100), help="Fresh accounts.")
@click.option("--seed", type=int, help="Makes every id and key the same on each start.")
@click.option("--faults", "faults_file", metavar="FILE", help="Fault rules from the start; docs/faults.md.")
@click.option("--faults-seed", type=click.IntRange(min=0), help="Makes the same requests fail in each run.")
@click.option("--reading", multiple=True, metavar="NAME=VALUE", help="Another reading of an open point.")
def up(  # noqa: PLR0917 - click passes options by name
    host: str,
    port: int,
    expose: bool,
    ready_file: Path | None,
    tls: Path | None,
    accounts: int,
    seed: int | None,
    faults_file: str | None,
    faults_seed: int | None,
    reading: tuple[str, ...],
) -> None:
    """Start a fresh account and serve it until Ctrl-C.

    Example: imagefence sandbox up --port 8080 --ready-file ready.json
    """
    if host not in LOOPBACK and not expose:
        raise InputError(
            f"`{host}` can be reached from other machines",
            help="add --expose if that is what you want; the sandbox is no hardened server",
        )
    rules = read_rules(read_text(faults_file), faults_file) if faults_file is not None else ()
    # Why: server and behaviours take a quarter of a second to import; a wrong option is told without them.
    from imagefence.sandbox.serve import start  # noqa: PLC0415

    readings = STRICT
    for assignment in reading:
        try:
            readings = change(readings, assignment)
        except ValueError as error:
            raise InputError(str(error), help="docs/semantics.md lists the readings") from error
    certificate = issued_to(tls, host) if tls is not None else None
    world = fresh_world(accounts, seed, readings)
    world.faults.become(rules, faults_seed)
    try:
        start(
            world,
            host,
            port,
            ready_file=ready_file,
            on_ready=lambda endpoint: click.echo(greeting(endpoint, described(world), tls)),
            tls=certificate.context if certificate else None,
            ca_file=tls,
        )
    except OSError as error:
        raise Refusal(
            f"cannot listen on `{host}:{port}`: {error.strerror or error}",
            help="choose another --port, or 0 for a free one",
        ) from error


command.add_command(faults, "faults")


def issued_to(file: Path, host: str) -> Certificate:
    """Makes a certificate, and writes the authority behind it to a file."""
    # Why: the library behind it takes a tenth of a second to import.
    from imagefence.sandbox.certificate import issued  # noqa: PLC0415

    certificate = issued(host)
    write_text(file, certificate.authority.decode())
    return certificate


def greeting(endpoint: str, account: dict[str, Any], tls: Path | None) -> str:
    """How to point the CLI and the official SDKs at it."""
    scheme = "https" if tls else "http"
    trust = f"\nexport IMAGEFENCE_CA_FILE={tls.absolute()}" if tls else ""
    more = f', ca="{tls.absolute()}"' if tls else ""
    return f"""\
the sandbox answers on {scheme}://{endpoint} for account {account["account_id"]}; Ctrl-C ends it

# this tool, and the vendor's SDKs and CLI, read the key from the environment
export IMAGEFENCE_ENDPOINT={f"https://{endpoint}" if tls else endpoint}{trust}
export ALIBABA_CLOUD_ACCESS_KEY_ID={account["access_key_id"]}
export ALIBABA_CLOUD_ACCESS_KEY_SECRET={account["access_key_secret"]}
export ALIBABA_CLOUD_REGION_ID={account["region_id"]}

# Python SDK: Config(endpoint="{endpoint}", protocol="{scheme.upper()}"{more})
# aliyun CLI: aliyun ecs DescribeInstances --endpoint {endpoint} --insecure --protocol {scheme}
"""
