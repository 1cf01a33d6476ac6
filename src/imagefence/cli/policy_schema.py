"""`imagefence policy schema`: the JSON Schemas that editors and other tools check by."""

from __future__ import annotations

import json
from typing import Any

import click

from imagefence.cli.policy_kind import KINDS
from imagefence.policy.document import PolicyKind
from imagefence.policy.schema import policy_schema
from imagefence.scope.schema import fence_schema

FENCE = "fence"


@click.command()
@click.argument("kind", type=click.Choice([*KINDS, FENCE]))
def schema(kind: str) -> None:
    """Print the JSON Schema (2020-12) of a kind of policy, or of fence.yaml.

    It sees the form of each element. Lengths, and what hangs on two places, `imagefence policy lint` and
    `imagefence fence plan` tell.

    \b
    imagefence policy schema control > control-policy.json
    imagefence policy schema fence > fence.json
    """
    click.echo(text_of(kind), nl=False)


def schema_of(kind: str) -> dict[str, Any]:
    """The schema by the word of the command line."""
    return fence_schema() if kind == FENCE else policy_schema(PolicyKind(kind))


def text_of(kind: str) -> str:
    """The schema as a file."""
    return f"{json.dumps(schema_of(kind), indent=2, ensure_ascii=False)}\n"
