"""`imagefence policy`: check a policy's text, or write it in one form."""

from __future__ import annotations

import click

from imagefence.cli.policy_fmt import fmt
from imagefence.cli.policy_lint import lint


@click.group()
def command() -> None:
    """Check a policy's text and say what it will not do."""


for each in (lint, fmt):
    command.add_command(each)
