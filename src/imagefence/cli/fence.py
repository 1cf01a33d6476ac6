"""`imagefence fence`: write, show, apply, check and remove the fence that `fence.yaml` describes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from imagefence.cli.options import Options, cloud_options
from imagefence.errors import InputError
from imagefence.scope.parse import parse_scope

# Why: `fence_run` is imported where it is run, as it brings the vendor's client, a third of a second that
# `--help`, `init` and a wrong option go without.

TEMPLATE = """\
# What imagefence fences: see `imagefence fence plan`, then `imagefence fence apply`.
version: 1

approved:
  # The tags that an approved image wears: keys AND, values OR. A key of your own is safer than a generic one.
  tags:
{tags}
  # The accounts where golden images are built; foreign images are then refused by their owner as well.
  owner_accounts: [{owners}]
  # copy: golden images are copied into each account and tagged there. share: they are shared from the owner.
  distribute: copy

fence:
  # deny: Denies beside FullAliyunAccess. allow: an allow list in its place. both: the two together.
  form: deny
  # Which creations of images are denied to all but the exempt roles: tagged | all.
  image_creation: tagged
  # Roads round the fence: services that launch, tag or share by themselves, and disks. `close: all`, or names
  # of roads and groups; `except` says what stays open by choice. `imagefence fence roads` lists them.
  roads: {{ close: [], except: [other-launchers, other-servers, taggers, shares, disks] }}
  # Whom `imagefence why` names to a developer who was refused: a name, a mail address or a page.
  # contact: cloud-platform@example.com
  attach:
{attach}

exempt:
  # Made in each covered account, and protected: nobody else may make or change a role of that name.
  - {{ role: image-admin, may: [tag, create-image] }}
  # The end is written into the policy itself.
  # - {{ role: break-glass, may: [launch], until: {year}-12-31T00:00:00Z, reason: INC-1 }}

fix:
  # What `imagefence fix plan` proposes by itself: ask | tag | replace | retire.
  default: ask
"""


def scope_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds --scope and --journal."""
    journal = click.option(
        "--journal",
        type=click.Path(path_type=Path, dir_okay=False),
        default=Path(".imagefence/fence.ndjson"),
        show_default=True,
        help="Where the texts that stood before are kept, for `remove`.",
    )
    scope = click.option(
        "--scope",
        "scope_file",
        type=click.Path(path_type=Path, dir_okay=False),
        default=Path("fence.yaml"),
        show_default=True,
        help="What is approved, and where the fence stands.",
    )
    return scope(journal(function))


@click.group()
def command() -> None:
    """Write, show, apply, check and remove the fence that `fence.yaml` describes.

    \b
    imagefence fence init --tag golden-image=yes --node Root/Workloads
    imagefence fence plan
    imagefence fence apply --yes
    imagefence fence status
    imagefence fence roads
    imagefence fence remove --yes
    """


@command.command()
@click.option("--scope", "scope_file", type=click.Path(path_type=Path), default=Path("fence.yaml"))
@click.option("--tag", "tags", multiple=True, metavar="KEY=VALUE", help="An approved tag; repeatable.")
@click.option("--owner-account", "owners", multiple=True, metavar="ID", help="Where golden images are built.")
@click.option("--node", "nodes", multiple=True, metavar="PATH", help="A folder or member: Root/Workloads.")
@click.option("--user", "users", multiple=True, metavar="NAME", help="Outside a directory: a RAM user.")
@click.option("--group", "groups", multiple=True, metavar="NAME", help="Outside a directory: a RAM group.")
@click.option("--role", "roles", multiple=True, metavar="NAME", help="Outside a directory: a RAM role.")
def init(
    *,
    scope_file: Path,
    tags: tuple[str, ...],
    owners: tuple[str, ...],
    nodes: tuple[str, ...],
    users: tuple[str, ...],
    groups: tuple[str, ...],
    roles: tuple[str, ...],
) -> int:
    """Write a commented fence.yaml to start from; an existing file is never overwritten.

    \b
    imagefence fence init --tag golden-image=yes --node Root/Workloads
    imagefence fence init --scope dev.yaml --group dev --role ci
    """
    attach = attach_text(nodes, {"users": users, "groups": groups, "roles": roles})
    text = TEMPLATE.format(
        tags="\n".join(f"    {key}: [{', '.join(values)}]" for key, values in by_key(tags).items()),
        owners=", ".join(quoted(owner) for owner in owners),
        attach=attach,
        year=datetime.now(UTC).year,
    )
    scope = parse_scope(text, scope_file.name)
    try:
        with scope_file.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise InputError(
            f"`{scope_file}` is already there", help="edit it, or write another with --scope FILE"
        ) from None
    except OSError as error:
        raise InputError(f"`{scope_file}` can't be written: {error.strerror}") from None
    click.echo(f"wrote {scope_file}; look it over, then `imagefence fence plan`")
    for warning in scope.warnings:
        click.echo(f"warning: {warning}", err=True)
    return 0


def by_key(tags: tuple[str, ...]) -> dict[str, list[str]]:
    """Turns `key=value` pairs into quoted keys with their quoted values."""
    found: dict[str, list[str]] = {}
    for tag in tags or ("golden-image=yes",):
        key, equals, value = tag.partition("=")
        if not key or not equals or not value:
            raise InputError(f"`{tag}` is not a tag", help="write --tag key=value")
        found.setdefault(quoted(key), []).append(quoted(value))
    return found


def quoted(text: str) -> str:
    """A text as YAML takes it whatever it holds."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def attach_text(nodes: tuple[str, ...], principals: dict[str, tuple[str, ...]]) -> str:
    """The lines of `attach`."""
    if not any(principals.values()):
        return f"    nodes: [{', '.join(quoted(node) for node in nodes or ('Root',))}]"
    if nodes:
        raise InputError("a fence hangs on nodes or on principals, not both", help="leave one of them out")
    kinds = (f"{kind}: [{', '.join(map(quoted, names))}]" for kind, names in principals.items() if names)
    return f"    principals: {{ {', '.join(kinds)} }}"


@command.command()
@scope_option
@click.option(
    "--export",
    type=click.Choice(["terraform", "ros", "json"]),
    help="Write the fence for a tool that keeps policies as code.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Where the files of --export go; without it the only one goes to standard output.",
)
@cloud_options
def plan(*, options: Options, scope_file: Path, journal: Path, export: str | None, out: Path | None) -> int:
    """Show the change set as a diff, and every assumption that the fence rests on.

    \b
    imagefence fence plan
    imagefence fence plan --scope dev.yaml --json
    imagefence fence plan --export terraform --out terraform/fence

    Nothing is changed. Exit code 1 where something speaks against the fence. What an export's format cannot
    say is a note in it and on stderr.
    """
    if export is not None:
        from imagefence.cli.fence_export import run_export  # noqa: PLC0415 - see above

        return run_export(options, scope_file, export, out)
    if out is not None:
        raise InputError("`--out` is for an export", help="add `--export terraform`, `ros` or `json`")
    from imagefence.cli.fence_run import run_plan  # noqa: PLC0415 - see above

    return run_plan(options, scope_file)


@command.command()
@scope_option
@click.option("--yes", is_flag=True, help="Do not ask.")
@cloud_options
def apply(*, options: Options, scope_file: Path, journal: Path, yes: bool) -> int:
    """Put the fence up, or bring it up to date: exempt roles first, then policies, then attachments.

    \b
    imagefence fence apply
    imagefence fence apply --yes --json

    Applying twice changes nothing the second time.
    """
    from imagefence.cli.fence_run import run_apply  # noqa: PLC0415 - see above

    return run_apply(options, scope_file, journal, yes=yes)


@command.command()
@scope_option
@cloud_options
def status(*, options: Options, scope_file: Path, journal: Path) -> int:
    """Say place by place whether the fence is in force, and name whom it does not cover.

    \b
    imagefence fence status
    imagefence fence status --json

    Exit codes: 3 where it is not in force, else 4 where something could not be read, else 0.
    """
    from imagefence.cli.fence_run import run_status  # noqa: PLC0415 - see above

    return run_status(options, scope_file)


@command.command()
@click.option(
    "--scope",
    "scope_file",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("fence.yaml"),
    show_default=True,
    help="What is approved, and where the fence stands.",
)
@click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
def roads(*, scope_file: Path, as_json: bool) -> int:
    """List every road to an instance or to an image's tag, and what fence.yaml makes of it.

    \b
    imagefence fence roads
    imagefence fence roads --scope dev.yaml --json

    No cloud is asked.

    Exit codes: 3 where a road is open that `roads` could close and that `roads.except` does not name, else 0.
    """
    # Why: it brings the tables of the terminal, which `--help` and a wrong option go without.
    from imagefence.cli.fence_roads import run_roads  # noqa: PLC0415

    return run_roads(scope_file, as_json=as_json)


@command.command()
@scope_option
@click.option("--yes", is_flag=True, help="Do not ask.")
@cloud_options
def remove(*, options: Options, scope_file: Path, journal: Path, yes: bool) -> int:
    """Take the fence down and restore what stood before, but for ids and version numbers.

    \b
    imagefence fence remove
    imagefence fence remove --yes --journal .imagefence/fence.ndjson
    """
    from imagefence.cli.fence_run import run_remove  # noqa: PLC0415 - see above

    return run_remove(options, scope_file, journal, yes=yes)
