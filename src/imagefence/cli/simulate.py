"""`imagefence simulate`: decide a request, or many, and show every statement that counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from imagefence.cli.options import cloud_options
from imagefence.cli.simulate_run import Words, run

HELP = """Decide a request, and show level by level every statement that made the decision.

Without policy files the policies in force for the principal are read from the cloud: its own and its
groups' or role's, and from the management account of a directory the control policies of every level;
with --snapshot they come from a file that --save-snapshot wrote. With policy files, only those are asked;
`FullAliyunAccess` and `AdministratorAccess` stand for themselves.

A resource is written with its tags: `acs:ecs:cn-hangzhou:1000000000000001:image/m-1;environment=production`;
`;?` after it says that its tags are not known, and an id of `*` means that it is still to be created.
What a call authorises is declared; where the given resources are not all of it, or nothing is declared, an
Allow on them is Indeterminate, unless --as-given says that they are all.

\b
Examples:
  imagefence simulate --principal acs:ram::1000000000000002:user/dev --action ecs:RunInstances --image m-1
  imagefence simulate --principal acs:ram::1000000000000002:user/dev --action ecs:DeleteImage \\
      --resource 'acs:ecs:cn-hangzhou:1000000000000002:image/m-1;environment=production' \\
      --policy AdministratorAccess --control-policy FullAliyunAccess --control-policy guard.json
  imagefence simulate --save-snapshot estate.json
  imagefence simulate --snapshot estate.json --requests requests.ndjson > decisions.ndjson

Exit codes: 0 allowed, 3 denied, 4 undecided (a context key is unknown, a resource is missing, a policy could
not be read); with --requests 0, or 1 where a line could not be answered; with --vectors 3 where one is
decided otherwise than it expects, 2 where one is broken.
"""


@click.command(help=HELP, short_help="Decide requests and show every statement that counted.")
@click.option(
    "--principal",
    metavar="ARN",
    help="Who asks: acs:ram::<account>:user/<name>, :role/, :saml-provider/, :root.",
)
@click.option("--action", metavar="ACTION", help="What is asked, such as ecs:RunInstances.")
@click.option(
    "--resource", "resources", multiple=True, metavar="NAME[;TAG=VALUE]", help="On what; repeatable."
)
@click.option(
    "--image", metavar="ID", help="The image to launch from: adds it, with its tags, and the instance."
)
@click.option(
    "--context", "contexts", multiple=True, metavar="KEY=VALUE", help="A condition key; repeatable."
)
@click.option("--unknown", multiple=True, metavar="KEY", help="A condition key whose value is not known.")
@click.option("--as-given", is_flag=True, help="The given resources are all that the call authorises.")
@click.option("--policy", "policies", multiple=True, metavar="FILE", help="An identity policy; repeatable.")
@click.option(
    "--group-policy",
    "group_policies",
    multiple=True,
    metavar="FILE",
    help="An identity policy attached in the resource group's scope; repeatable.",
)
@click.option(
    "--control-policy",
    "control",
    multiple=True,
    metavar="[NODE=]FILE",
    help="A control policy, on a node such as Root or Root/Workloads; repeatable, from Root down.",
)
@click.option("--session-policy", metavar="FILE", help="The policy given to AssumeRole.")
@click.option("--trust-policy", metavar="FILE", help="The trust policy of the role to assume.")
@click.option(
    "--snapshot", type=click.Path(path_type=Path), metavar="FILE", help="Take the policies from this file."
)
@click.option(
    "--save-snapshot",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the policies, identities and images of every account within reach.",
)
@click.option("--requests", metavar="FILE", help="Decide one JSON object a line; `-` is standard input.")
@click.option("--strict", is_flag=True, help="Stop at the first line of --requests that is broken.")
@click.option(
    "--reading", "readings", multiple=True, metavar="NAME=VALUE", help="Another reading of an open point."
)
@click.option(
    "--vectors",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Decide a file of requests, each with its policies.",
)
@cloud_options
def command(**given: Any) -> int:
    """Reads the options, decides, and shows."""
    return run(Words(**given))
