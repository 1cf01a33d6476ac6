"""`imagefence images`: find golden images by tag, show them, tag and untag them."""

from __future__ import annotations

import click

from imagefence.cli.options import Options, cloud_options

OWNERS = ("self", "system", "others", "marketplace")

LIST_HELP = """List images by tag in every account and region that the credential reaches.

From the management account of a resource directory that is every member account, by the role
ResourceDirectoryAccountAccessRole; from any other account it is that account alone. Several --tag mean
AND; a tag without a value asks for the key alone. With --region, only that region is read. What can't be
read is named as a gap, and the exit code is 4 then.

\b
Examples:
  imagefence images list --tag environment=production
  imagefence images list --tag environment=production --tag team=web --region cn-shanghai --json
  imagefence images list --owner system
"""
SHOW_HELP = """Show one image: its tags, whom it is shared with, and which accounts see it.

\b
Example:
  imagefence images show m-bp67acfmxazb4p
"""
TAG_HELP = """Set tags on an image; a key that exists gets the new value.

Only an image of the account itself can be approved by a tag: a stock, shared or community image can be
changed by its owner at any time, so the command refuses it. Under a fence this takes the exempt role.

\b
Example:
  imagefence images tag m-bp67acfmxazb4p environment=production --profile image-admin
"""
UNTAG_HELP = """Remove tags from an image by key.

\b
Example:
  imagefence images untag m-bp67acfmxazb4p environment
"""


def given_id(_context: click.Context, _parameter: click.Parameter, image_id: str) -> str:
    """Refuses an empty id, such as an unset shell variable leaves: the cloud would take it for any image."""
    if not image_id.strip():
        raise click.BadParameter("the image's id is empty")
    return image_id


image_argument = click.argument("image_id", metavar="IMAGE", callback=given_id)
account_option = click.option(
    "--account", "accounts", multiple=True, metavar="ID", help="Only this account; may be repeated."
)


@click.group(short_help="Find golden images by tag; show, tag and untag them.")
def command() -> None:
    """Find golden images by tag in every account and region; show, tag and untag them."""


@command.command("list", help=LIST_HELP)
@click.option("--tag", "tags", multiple=True, metavar="KEY=VALUE", help="A tag to wear; may be repeated.")
@account_option
@click.option(
    "--owner", type=click.Choice(OWNERS), default=None, help="Whose images, as each account sees it."
)
@click.option("--name", default="", metavar="TEXT", help="The image's name; `*` stands for anything.")
@click.option("--family", default="", metavar="NAME", help="The image family.")
@click.option("--platform", default="", metavar="TEXT", help="The system, such as Ubuntu or windows.")
@cloud_options
def list_command(
    *,
    tags: tuple[str, ...],
    accounts: tuple[str, ...],
    owner: str | None,
    name: str,
    family: str,
    platform: str,
    options: Options,
) -> int:
    """List images."""
    # Why: the vendor's client takes half a second to import; `--help` goes without it.
    from imagefence.cli import images_run as run  # noqa: PLC0415

    wanted = run.wanted(tags, owner or "", name, family, platform)
    return run.list_images(options, accounts, wanted)


@command.command("show", help=SHOW_HELP)
@image_argument
@account_option
@cloud_options
def show_command(image_id: str, accounts: tuple[str, ...], options: Options) -> int:
    """Show one image."""
    # Why: as in `list`.
    from imagefence.cli import images_run as run  # noqa: PLC0415

    return run.show_image(options, accounts, image_id)


@command.command("tag", help=TAG_HELP)
@image_argument
@click.argument("tags", nargs=-1, required=True, metavar="KEY=VALUE...")
@account_option
@cloud_options
def tag_command(image_id: str, tags: tuple[str, ...], accounts: tuple[str, ...], options: Options) -> int:
    """Tag an image."""
    # Why: as in `list`.
    from imagefence.cli import images_run as run  # noqa: PLC0415

    return run.tag(options, accounts, image_id, tags)


@command.command("untag", help=UNTAG_HELP)
@image_argument
@click.argument("keys", nargs=-1, required=True, metavar="KEY...")
@account_option
@cloud_options
def untag_command(image_id: str, keys: tuple[str, ...], accounts: tuple[str, ...], options: Options) -> int:
    """Untag an image."""
    # Why: as in `list`.
    from imagefence.cli import images_run as run  # noqa: PLC0415

    return run.untag(options, accounts, image_id, keys)
