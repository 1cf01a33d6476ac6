"""`imagefence launch`: instances from the newest approved image."""

from __future__ import annotations

import click

from imagefence.cli.options import Options, cloud_options

HELP = """Launch instances from the newest image that wears a tag.

The image is looked for in one account and one region (--region, else the profile's). What is not given
is chosen from what is there: a vSwitch (the default one first), a security group of its VPC, and the
smallest instance type that the zone sells and that fits the image. RunInstances makes all instances with
one ClientToken, so a connection that breaks never makes them twice.

\b
Examples:
  imagefence launch --image-tag environment=production --latest --dry-run
  imagefence launch --image-tag environment=production --latest --amount 2 --name web
  imagefence launch --image m-bp67acfmxazb4p --single --type ecs.g6.large

--dry-run asks the cloud itself (DryRun): exit code 0 if the launch would pass, 3 if it would be denied.
"""


@click.command(help=HELP, short_help="Launch instances from the newest image that wears the tag.")
@click.option("--image-tag", "tags", multiple=True, metavar="KEY=VALUE", help="A tag the image must wear.")
@click.option("--latest", is_flag=True, help="Of several such images, take the newest.")
@click.option("--image", "image_id", default="", metavar="ID", help="This image, held to --image-tag.")
@click.option("--image-name", default="", metavar="TEXT", help="The image's name; `*` stands for anything.")
@click.option("--family", default="", metavar="NAME", help="The image family.")
@click.option("--platform", default="", metavar="TEXT", help="The system, such as Ubuntu or windows.")
@click.option("--type", "instance_type", default="", metavar="TYPE", help="The instance type.")
@click.option("--vswitch", default="", metavar="ID", help="The vSwitch.")
@click.option("--security-group", default="", metavar="ID", help="The security group.")
@click.option("--amount", type=click.IntRange(1, 100), default=1, help="How many instances (1).")
@click.option("--name", default="", metavar="NAME", help="The instances' name.")
@click.option("--tag", "instance_tags", multiple=True, metavar="KEY=VALUE", help="A tag for the instances.")
@click.option("--account", default="", metavar="ID", help="Launch in this member account, by its role.")
@click.option("--single", is_flag=True, help="Use CreateInstance and StartInstance.")
@click.option("--dry-run", is_flag=True, help="Only ask whether it would pass.")
@click.option("--no-wait", is_flag=True, help="Do not wait until the instances run.")
@cloud_options
def command(
    *,
    tags: tuple[str, ...],
    latest: bool,
    image_id: str,
    image_name: str,
    family: str,
    platform: str,
    instance_type: str,
    vswitch: str,
    security_group: str,
    amount: int,
    name: str,
    instance_tags: tuple[str, ...],
    account: str,
    single: bool,
    dry_run: bool,
    no_wait: bool,
    options: Options,
) -> int:
    """Launch instances."""
    if not tags and not image_id:
        raise click.UsageError("give --image-tag KEY=VALUE, or --image ID")
    if single and amount != 1:
        raise click.UsageError("--single makes one instance; leave --amount out")
    # Why: the vendor's client takes half a second to import; `--help` goes without it.
    from imagefence.cli import launch_run as run  # noqa: PLC0415

    return run.launch_instances(
        options,
        run.Ask(
            wanted=run.wanted(tags, image_id, image_name, family, platform),
            latest=latest,
            place=run.Place(vswitch, security_group, instance_type),
            amount=amount,
            name=name,
            tags=run.parse_tags(instance_tags),
            account_id=account,
            single=single,
            dry_run=dry_run,
            wait=not no_wait,
        ),
    )
