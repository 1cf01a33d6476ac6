"""The option that says which kind of policy a file holds."""

from __future__ import annotations

import click

from imagefence.policy.document import PolicyKind

KINDS = [kind.value for kind in PolicyKind]

kind_option = click.option(
    "--kind",
    type=click.Choice(KINDS),
    default="control",
    show_default=True,
    help="Which grammar and which limits hold.",
)
