"""The entry point: the group of commands, and how errors leave the program.

Why: this module imports click alone, and each command is imported when it is called, because the vendor's
client and the sandbox take many times as long to import as `--help` may take.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from io import TextIOWrapper
from typing import Any, NoReturn

import click

from imagefence import __version__
from imagefence.errors import ImagefenceError

COMMANDS = {
    "images": "Find golden images by tag in every account and region; show, tag and untag them.",
    "launch": "Launch instances from the newest image that wears the tag.",
    "simulate": "Decide a request under the policies in force and show every statement that counted.",
    "why": "Explain a refused call: which fence it was, which image to use instead, whom to ask.",
    "policy": "Check, mend, format and compare policies; print their schemas.",
    "prove": "Prove that nothing gets past control policies, or show what does.",
    "fence": "Write, show, apply, check and remove the fence that `fence.yaml` describes.",
    "audit": "Hold every instance of every account and region against the fence.",
    "calibrate": "Find out by harmless calls which readings of the open points are true.",
    "fix": "Plan and apply what puts the findings right, each step with its undo.",
    "sandbox": "Run the embedded Alibaba Cloud on this machine.",
    "demo": "Tell the whole story on a sandbox, in under a minute.",
}

EPILOG = "Exit codes: 0 good, 1 failed, 2 wrong use, 3 denied or findings, 4 undecided or gaps."


def fail(message: str, help_text: str, exit_code: int) -> NoReturn:
    """Writes one `error:` line, and a `help:` line where there is one, and leaves."""
    click.echo(f"error: {message}", err=True)
    if help_text:
        click.echo(f"help: {help_text}", err=True)
    sys.exit(exit_code)


def fail_use(error: click.ClickException) -> NoReturn:
    """Renders a wrong option or argument in the same form as our own errors."""
    message = error.format_message().rstrip(".")
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "imagefence"
    fail(message[:1].lower() + message[1:], f"`{path} --help` shows the usage", error.exit_code)


def fail_unexpected(error: Exception) -> NoReturn:
    """Renders a mistake of ours in one line; IMAGEFENCE_DEBUG=1 adds the traceback."""
    if os.environ.get("IMAGEFENCE_DEBUG") == "1":
        traceback.print_exception(error)
    fail(
        f"internal error: {type(error).__name__}: {error}",
        "please report it, with the output of the same command under IMAGEFENCE_DEBUG=1",
        1,
    )


def broken_file(error: OSError) -> str:
    """Says of a file or a stream that can't be read or written which and why."""
    why = (error.strerror or str(error) or type(error).__name__).lower()
    return f"{error.filename}: {why}" if error.filename is not None else f"can't read or write: {why}"


def write_what_can_be_written() -> None:
    """Lets a character that the terminal's encoding lacks become `?` instead of an end in the midst."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


@contextmanager
def errors_rendered() -> Iterator[None]:
    """Turns what is raised inside into an `error:` line and an exit code."""
    try:
        yield
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        fail_use(error)
    except (click.Abort, KeyboardInterrupt):
        fail("stopped", "", 130)
    except ImagefenceError as error:
        fail(str(error), error.help, error.exit_code)
    except BrokenPipeError:
        # Why: the reader (`| head`) has left; Python would complain again while it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        fail(broken_file(error), "check the path, its rights and the space on the disk", 1)
    except Exception as error:  # noqa: BLE001 - the outermost boundary of the program
        fail_unexpected(error)


class Program(click.Group):
    """A group that knows its commands' names and one-line helps without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of the story."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Imports `imagefence.cli.<name>` and takes its `command`."""
        if cmd_name not in COMMANDS:
            return None
        # Why: each command brings its own rooms; importing all here would make --help ten times slower.
        command = import_module(f"imagefence.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Finds the command, and names the nearest one for a misspelt word."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            # Why: only a misspelt word pays for the import.
            from difflib import get_close_matches  # noqa: PLC0415

            near = get_close_matches(args[0], COMMANDS, 1)
            ctx.fail(f"no such command '{args[0]}'" + (f". Did you mean '{near[0]}'?" if near else ""))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the table of commands from COMMANDS."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any) -> Any:  # type: ignore[override]
        """Runs the program; standing alone it exits with a code and turns every error into one line."""
        if not extra.pop("standalone_mode", True):
            return super().main(args, prog_name or self.name, standalone_mode=False, **extra)
        write_what_can_be_written()
        with errors_rendered():
            code = super().main(args, prog_name or self.name, standalone_mode=False, **extra)
        sys.exit(code if isinstance(code, int) else 0)


@click.group(
    cls=Program,
    name="imagefence",
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="imagefence")
def main() -> None:
    """Only approved images become instances on Alibaba Cloud."""


if __name__ == "__main__":
    main()
