"""`imagefence policy`: what can be said of a policy's text.

Why: each command is imported when it is called, as in main.py: lint and what it reads attachments by take
70 ms of processor time to import (measured), for which `fmt` in an editor or a commit hook need not wait.
"""

from __future__ import annotations

from importlib import import_module

import click

COMMANDS = {
    "lint": "Say what is wrong with policies, and what they will not do.",
    "fmt": "Write policies in one canonical form.",
    "diff": "Say what one set of policies newly allows and denies against another.",
    "schema": "Print the JSON Schema of a kind of policy, or of fence.yaml.",
}


class Commands(click.Group):
    """A group that knows its commands' names and one-line helps without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Imports `imagefence.cli.policy_<name>` and takes the command of that name."""
        if cmd_name not in COMMANDS:
            return None
        found = getattr(import_module(f"imagefence.cli.policy_{cmd_name}"), cmd_name)
        assert isinstance(found, click.Command)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the table of commands from COMMANDS."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Commands)
def command() -> None:
    """Check, format and compare policies.

    \b
    imagefence policy lint guard.json --kind control
    imagefence policy fmt guard.json --stdout
    imagefence policy diff guard.json guard-new.json --beside FullAliyunAccess
    """
