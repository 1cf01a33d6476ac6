"""A difference between policies as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from imagefence.policy.difference import Example, Group, Setting
from imagefence.policy.explain import sentence
from imagefence.policy.representatives import Representative
from imagefence.policy.request import Request

if TYPE_CHECKING:
    from imagefence.cli.policy_diff import Compared

SHOWN = 6


def lines(compared: Compared) -> Iterator[str]:
    """Both ways in groups, and how much was tried."""
    beside = f", beside {', '.join(compared.beside)}" if compared.beside else ""
    yield f"A is {compared.before}, B is {compared.after}: {compared.kind.value} policies{beside}"
    found = compared.difference
    if found.same:
        yield "no difference: both hold the same statements"
        return
    tried = f"{found.tried} representative request{'s' * (found.tried != 1)}"
    if not found.allowed and not found.denied:
        yield f"no difference found among {tried}, which is no proof that there is none"
    else:
        yield from section("B newly allows", found.allowed, "green")
        yield from section("B newly denies", found.denied, "red")
        yield f"found among {tried}; there may be more"
    if found.cut:
        yield click.style("not every combination was tried: there are too many", fg="yellow")


def section(title: str, groups: tuple[Group, ...], tone: str) -> Iterator[str]:
    """One way."""
    yield click.style(f"{title}:", fg=tone, bold=True)
    if not groups:
        yield "  nothing"
    for group in groups:
        yield f"  {named(group.actions)}"
        yield f"    on {named(group.resources)}"
        for setting in group.settings[:SHOWN]:
            if setting:
                yield f"    where {' and '.join(settings(setting))}"
        if len(group.settings) > SHOWN:
            yield f"    or in {len(group.settings) - SHOWN} more cases"
        yield f"    such as: {asked(group.example.request)}"
        yield f"      A: {sentence(group.example.before)}"
        yield f"      B: {sentence(group.example.after)}"


def named(found: Iterable[Representative]) -> str:
    """The names that representatives go by, the first few of them."""
    names = [*dict.fromkeys(name for each in found for name in each.names)]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


def settings(setting: Setting) -> list[str]:
    """What must be so, each in words."""
    return [f"{subject.text} is {choice.text}" for subject, choice in setting]


def asked(request: Request) -> str:
    """A request in one line."""
    (resource,) = request.resources
    tags = [f"tag {key}={value}" for key, value in (resource.tags or {}).items()]
    context = [f"{key}={' and '.join(values)}" for key, values in request.context.known.items()]
    given = f" with {', '.join(tags + context)}" if tags or context else ""
    return f"{request.principal.arn} asks for {request.action} on {resource.name}{given}"


def as_data(compared: Compared) -> dict[str, Any]:
    """All of it for JSON."""
    found = compared.difference
    return {
        "a": compared.before,
        "b": compared.after,
        "kind": compared.kind.value,
        "beside": list(compared.beside),
        "newly_allowed": [group_data(group) for group in found.allowed],
        "newly_denied": [group_data(group) for group in found.denied],
        "requests_tried": found.tried,
        "all_tried": not found.cut,
        "same_statements": found.same,
    }


def group_data(group: Group) -> dict[str, Any]:
    """One group for JSON."""
    return {
        "actions": [name for each in group.actions for name in each.names],
        "resources": [name for each in group.resources for name in each.names],
        "where": [settings(setting) for setting in group.settings],
        "example": example_data(group.example),
    }


def example_data(example: Example) -> dict[str, Any]:
    """An example for JSON, in the words of `imagefence simulate`."""
    (resource,) = example.request.resources
    return {
        "principal": example.request.principal.arn,
        "action": example.request.action,
        "resource": resource.name,
        "tags": dict(resource.tags or {}),
        "context": {key: list(values) for key, values in example.request.context.known.items()},
        "a": {"verdict": example.before.verdict.value, "sentence": sentence(example.before)},
        "b": {"verdict": example.after.verdict.value, "sentence": sentence(example.after)},
    }
