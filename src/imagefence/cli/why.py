"""`imagefence why`: from the error of a refused call to what to do about it."""

from __future__ import annotations

import codecs
import sys
from pathlib import Path

import click

from imagefence.cli.options import Options, cloud_options
from imagefence.cli.texts import read_bytes
from imagefence.errors import ImagefenceError

HELP = """Explain a refusal: which fence it was, which approved image to use instead, whom to ask.

Paste the error as it came: the JSON or XML body, the text of an SDK's exception, what the official CLI or
Terraform printed, or a bare EncodedDiagnosticMessage; as an argument, by --file, or on the standard input.
Keys, tokens and signatures in it are not shown again.

The message is opened by ram:DecodeDiagnosticMessage where you may call it, the policy and the images are
read where you may read them; what could not be asked is said, and the rest is explained from the text, from
--snapshot (see `imagefence simulate --save-snapshot`) and from fence.yaml. With --offline nobody is asked.

\b
Examples:
  terraform apply 2>&1 | imagefence why
  imagefence why "HTTP Status: 403 Error:Forbidden.RAM User not authorized ..." --action ecs:RunInstances
  imagefence why --file error.json --scope fence.yaml --offline

Exit codes: 0 explained, also where permissions had nothing to do with it; 1 no error in the text.
"""


@click.command(help=HELP, short_help="Explain a refused call, and name the approved image to use.")
@click.argument("text", nargs=-1)
@click.option("--file", metavar="FILE", help="Read the error from a file; `-` is the standard input.")
@click.option(
    "--scope",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The fence (fence.yaml, if there is one).",
)
@click.option(
    "--snapshot", type=click.Path(path_type=Path), metavar="FILE", help="Ask this file instead of the cloud."
)
@click.option("--action", default="", metavar="ACTION", help="What was called, if the error does not say.")
@click.option("--image", "image_id", default="", metavar="ID", help="The image, if the error does not say.")
@click.option("--offline", is_flag=True, help="Ask no cloud.")
@cloud_options
def command(
    *,
    text: tuple[str, ...],
    file: str | None,
    scope: Path | None,
    snapshot: Path | None,
    action: str,
    image_id: str,
    offline: bool,
    options: Options,
) -> int:
    """Explains a refusal."""
    if scope is not None and not scope.exists():
        raise click.UsageError(f"no such file: {scope}")
    # Why: `--help` and a wrong option go without the rooms that the explanation needs.
    from imagefence.cli.why_run import Ask, explain  # noqa: PLC0415
    from imagefence.cli.why_view import show  # noqa: PLC0415
    from imagefence.cloud.pasted import LOOKED_FOR  # noqa: PLC0415

    found = explain(Ask(pasted_text(text, file), options, scope, snapshot, action, image_id, offline))
    if not found.pasted.understood:
        raise ImagefenceError("no error of the cloud in the text", help=f"looked for {'; '.join(LOOKED_FOR)}")
    show(found, as_json=options.json)
    return 0


def pasted_text(words: tuple[str, ...], file: str | None) -> str:
    """The text from the argument, the file, or the standard input."""
    if words:
        return " ".join(words)
    if file not in (None, "-"):
        return as_text(read_bytes(str(file)))
    if sys.stdin.isatty():
        click.echo("paste the error, then press Ctrl-D", err=True)
    return as_text(read_bytes("-"))


def as_text(data: bytes) -> str:
    """The text of bytes in UTF-8, or in UTF-16 as PowerShell redirects; a stray byte becomes `\ufffd`."""
    utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return data.decode("utf-16" if utf16 else "utf-8-sig", errors="replace")
