"""The options that every command against a cloud takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from imagefence.cloud.session import Session


@dataclass(frozen=True, slots=True)
class Options:
    """Which cloud to ask, as whom, and whether to answer in JSON."""

    endpoint: str | None = None
    profile: str | None = None
    region: str | None = None
    json: bool = False


def open(options: Options) -> Session:  # noqa: A001 - read as `options.open(...)`
    """Opens the session that the options describe."""
    # Why: the vendor's client takes half a second to import; a wrong option is told without it.
    from imagefence.cloud.session import open_session  # noqa: PLC0415

    return open_session(endpoint=options.endpoint, profile=options.profile, region=options.region)


def cloud_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds --endpoint, --profile, --region and --json, and passes them as the one argument `options`."""

    @click.option("--endpoint", metavar="HOST:PORT", help="Talk to this endpoint, by plain HTTP (a sandbox).")
    @click.option("--profile", metavar="NAME", help="A profile of ~/.aliyun/config.json.")
    @click.option("--region", metavar="ID", help="The region to start from, such as cn-hangzhou.")
    @click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
    @wraps(function)
    def wrapped(
        *args: Any,
        endpoint: str | None,
        profile: str | None,
        region: str | None,
        as_json: bool,
        **kwargs: Any,
    ) -> Any:
        return function(*args, options=Options(endpoint, profile, region, as_json), **kwargs)

    return wrapped
