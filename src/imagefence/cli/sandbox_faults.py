"""`imagefence sandbox faults`: what goes wrong in a running sandbox, shown and changed."""

from __future__ import annotations

import json
import ssl
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import click
from rich.table import Table

from imagefence.cli.texts import read_text
from imagefence.errors import InputError, Refusal, Unreachable
from imagefence.report.terminal import console
from imagefence.sandbox.control import PREFIX, TOKEN_HEADER
from imagefence.sandbox.fault_rules import MEANING, read_rules

TIMEOUT_S = 10
KINDS = "\n".join(f"  {kind.value:<15} {meaning}" for kind, meaning in MEANING.items())
HELP = f"""Show or change what goes wrong in a running sandbox.

Rules stand in a YAML or JSON file. A rule has a kind and, if it should not hold for every call, service,
operation, region and account (names with * and ?), probability, and times for how often it may strike.

\b
Kinds:
{KINDS}

\b
Examples:
  imagefence sandbox faults --ready-file ready.json
  imagefence sandbox faults --ready-file ready.json --set faults.yaml --seed 7
  imagefence sandbox faults --ready-file ready.json --clear
"""


@click.command(help=HELP)
@click.option("--ready-file", required=True, metavar="FILE", help="What `sandbox up --ready-file` wrote.")
@click.option("--set", "rules", metavar="FILE", help="Replace all rules by those of a file.")
@click.option("--seed", type=click.IntRange(min=0), help="Begin the draw here, so that a run repeats.")
@click.option("--clear", is_flag=True, help="End all faults.")
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def command(*, ready_file: str, rules: str | None, seed: int | None, clear: bool, as_json: bool) -> None:
    """Asks the sandbox, and shows the rules that are then in force."""
    if rules is not None and clear:
        raise InputError("--set and --clear exclude each other")
    if seed is not None and rules is None:
        raise InputError("--seed goes with --set")
    ready = read_ready(ready_file)
    if rules is None:
        said = ask(ready, "DELETE" if clear else "GET", "faults")
    else:
        text = read_text(rules)
        read_rules(text, Path(rules).name)
        query = "faults" if seed is None else f"faults?seed={seed}"
        said = ask(ready, "PUT", query, text.encode())
    show(said["faults"], as_json=as_json)


def read_ready(file: str) -> dict[str, Any]:
    """Reads a ready file; raises InputError for anything else."""
    try:
        ready = json.loads(read_text(file))
    except ValueError:
        ready = None
    if not isinstance(ready, dict) or not {"endpoint", "control_token"} <= ready.keys():
        raise InputError(f"`{file}` is no ready file", help="`sandbox up --ready-file FILE` writes one")
    return ready


def ask(ready: dict[str, Any], method: str, path: str, body: bytes | None = None) -> dict[str, Any]:
    """Asks the sandbox itself; raises Unreachable where nobody answers, Refusal where it won't."""
    scheme, ca_file = "https" if ready.get("protocol") == "HTTPS" else "http", ready.get("ca_file")
    url = f"{scheme}://{ready['endpoint']}{PREFIX}{path}"
    trusted = ssl.create_default_context(cafile=ca_file) if ca_file else None
    headers = {TOKEN_HEADER: str(ready["control_token"]), "content-type": "text/plain"}
    request = Request(url, body, headers, method=method)  # noqa: S310 - the scheme is ours
    try:
        with urlopen(request, timeout=TIMEOUT_S, context=trusted) as answer:  # noqa: S310 - as above
            said: dict[str, Any] = json.load(answer)
    except HTTPError as error:
        told = json.loads(error.read() or b"{}")
        raise Refusal(str(told.get("error", error)), help=str(told.get("help", ""))) from error
    except (URLError, OSError, ValueError) as error:
        raise Unreachable(
            f"no sandbox answers on `{ready['endpoint']}`",
            help="is the one of this ready file still running?",
        ) from error
    return said


def show(rules: list[dict[str, Any]], *, as_json: bool) -> None:
    """Shows the rules as a table or in JSON."""
    if as_json:
        click.echo(json.dumps({"faults": rules}, indent=2))
        return
    if not rules:
        click.echo("no faults")
        return
    table = Table("kind", "calls", "probability", "ms", "left")
    for rule in rules:
        place = f"{rule['service']}:{rule['operation']} in {rule['region']} of {rule['account']}"
        left = "no end" if rule["left"] is None else str(rule["left"])
        table.add_row(rule["kind"], place, f"{rule['probability']:g}", str(rule["milliseconds"]), left)
    console().print(table)
