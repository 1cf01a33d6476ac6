"""An explained refusal as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import click

from imagefence.cli.why_denial import Culprit
from imagefence.cli.why_run import Explained
from imagefence.cloud.denials import CALLERS, HOW, LAYERS
from imagefence.images.image import Image
from imagefence.policy.document import Effect
from imagefence.policy.explain import in_words


def show(found: Explained, *, as_json: bool) -> None:
    """Prints it."""
    if as_json:
        click.echo(json.dumps(as_data(found), indent=2, ensure_ascii=False))
        return
    for line in lines(found):
        click.echo(line)


def lines(found: Explained) -> Iterator[str]:
    """What was refused, by what, what to use instead, whom to ask, and what could not be found out."""
    if not found.pasted.by_permission:
        yield from other_error(found)
        return
    yield click.style(headline(found), bold=True)
    yield from fence_lines(found)
    if found.launching:
        yield from image_lines(found)
    yield from people_lines(found)
    for note in found.notes:
        yield click.style(f"note: {note}", fg="yellow")
    if found.pasted.request_id:
        yield f"request id: {found.pasted.request_id}"


def other_error(found: Explained) -> Iterator[str]:
    """Says of another error that permissions have nothing to do with it."""
    pasted = found.pasted
    yield f"{pasted.code}: not refused by permissions: no policy and no fence has to do with it"
    if pasted.message:
        yield f"the cloud says: {pasted.message}"


def headline(found: Explained) -> str:
    """Who was refused what, by which layer, in one sentence."""
    denial = found.denial
    layer = LAYERS.get(denial.policy_type, "a policy (the error does not say of which kind)")
    how = HOW.get(denial.no_permission_type, "")
    who = (
        f"{CALLERS.get(denial.principal_type, 'caller')} `{denial.display_name}`"
        if denial.display_name
        else "you"
    )
    account = f" of account {denial.account}" if denial.account else ""
    action = f"`{denial.action}`" if denial.action else "the call"
    on = f" on `{denial.resource}`" if denial.resource else ""
    return f"{layer} refused {action}{on} to {who}{account}" + (f": {how}" if how else "")


def fence_lines(found: Explained) -> Iterator[str]:
    """Which policy and which statement, as far as that is known."""
    for each in found.denial.matched:
        version = f" {each.policy_version}" if each.policy_version else ""
        place = " ".join(part for part in (each.attached_entity_type, each.attached_scope) if part)
        yield f"fence: {each.policy_type.lower()} policy `{each.policy_identifier}`{version}" + (
            f" on {place}" if place else ""
        )
    if not found.denial.action:
        yield "why: not known: the error names no operation; say it with --action, as ecs:RunInstances"
    word = "why" if found.denial.explicit else "nearest"
    if not found.denial.explicit:
        yield "why: no statement allows it there"
    for culprit in found.culprits:
        yield f"{word}: {culprit_text(culprit, by_scope=found.by_scope)}"


def culprit_text(culprit: Culprit, *, by_scope: bool) -> str:
    """One statement in words, with where it stands."""
    place = f" on {culprit.node}" if culprit.node else ""
    named = f"Statement[{culprit.statement.index}] of `{culprit.policy.name}`{place}"
    text = f"{named} {in_words(culprit.statement)}"
    if not culprit.certain:
        may = "may have hit" if culprit.statement.effect is Effect.DENY else "may not have hit"
        text += f" ({may}: not all that it asks is known)"
    return text + (" (as fence.yaml writes it)" if by_scope else "")


def image_lines(found: Explained) -> Iterator[str]:
    """The refused image, and the approved ones to use in its place."""
    if found.refused is not None:
        yield f"refused image: {image_text(found.refused)}"
    elif not found.denial.image_id:
        yield "refused image: not named in the error; with --image ID the likest approved one is found"
    tags = " ".join(f"{key}={'|'.join(values)}" for key, values in found.tags.items())
    if not found.tags:
        yield "use instead: not known: neither fence.yaml nor the policy says which tags approved images wear"
        return
    if not found.looked:
        yield f"use instead: an image that wears {tags}: `imagefence images list --tag {tags}`"
        return
    fitting = f" for {found.refused.architecture}" if found.refused is not None else ""
    if not found.instead:
        yield f"use instead: no approved image ({tags}) in {found.region_id}{fitting}"
        return
    first, *others = found.instead
    yield click.style(f"use instead: {image_text(first)}", fg="green", bold=True)
    for image in others:
        yield f"         or: {image_text(image)}"
    yield f"try: imagefence launch --image {first.id} --region {first.region_id} --dry-run"


def image_text(image: Image) -> str:
    """One image in a line."""
    tags = " ".join(f"{key}={value}" for key, value in image.tags.items()) or "no tags"
    facts = ", ".join(
        part for part in (image.name, image.system or image.platform, image.architecture, tags) if part
    )
    return f"{image.id} ({facts}) in {image.region_id}"


def people_lines(found: Explained) -> Iterator[str]:
    """Whom to ask, and which roles the fence lets through."""
    for exemption in found.exempt:
        end = f" until {exemption.until:%Y-%m-%dT%H:%M:%SZ}" if exemption.until else ""
        reason = f" ({exemption.reason})" if exemption.reason else ""
        yield f"exempt: role `{exemption.role}`{end}{reason}"
    if found.contact:
        yield f"ask for an exemption: {found.contact}"
    else:
        yield "ask for an exemption: whoever keeps the fence (`contact:` in fence.yaml names them)"


def as_data(found: Explained) -> dict[str, Any]:
    """All of it for JSON."""
    pasted, denial = found.pasted, found.denial
    return {
        "by_permission": pasted.by_permission,
        "code": pasted.code or None,
        "message": pasted.message or None,
        "status": pasted.status,
        "request_id": pasted.request_id or None,
        "sentence": headline(found) if pasted.by_permission else next(other_error(found)),
        "access_denied_detail": dict(pasted.detail),
        "decoded": denial.decoded,
        "action": denial.action or None,
        "resource": denial.resource or None,
        "policy_type": denial.policy_type or None,
        "no_permission_type": denial.no_permission_type or None,
        "policies": [policy_data(found, index) for index, _ in enumerate(denial.matched)],
        "statements": [culprit_data(each, by_scope=found.by_scope) for each in found.culprits],
        "approved_tags": {key: list(values) for key, values in found.tags.items()},
        "refused_image": image_data(found.refused) if found.refused else None,
        "use_instead": [image_data(image) for image in found.instead],
        "contact": found.contact or None,
        "exempt": [exemption.role for exemption in found.exempt],
        "notes": list(found.notes),
    }


def policy_data(found: Explained, index: int) -> dict[str, str]:
    """One policy that the decoded message names."""
    each = found.denial.matched[index]
    return {
        "policy": each.policy_identifier,
        "type": each.policy_type,
        "version": each.policy_version,
        "effect": each.effect,
        "attached_entity_type": each.attached_entity_type,
        "attached_scope": each.attached_scope,
    }


def culprit_data(culprit: Culprit, *, by_scope: bool) -> dict[str, object]:
    """One statement."""
    return {
        "policy": culprit.policy.name,
        "statement": culprit.statement.index,
        "node": culprit.node,
        "text": in_words(culprit.statement),
        "certain": culprit.certain,
        "source": "fence.yaml" if by_scope else "cloud",
    }


def image_data(image: Image) -> Mapping[str, object]:
    """One image."""
    return {
        "id": image.id,
        "name": image.name,
        "region_id": image.region_id,
        "account_id": image.account_id,
        "family": image.family,
        "platform": image.platform,
        "system": image.system,
        "architecture": image.architecture,
        "tags": dict(image.tags),
        "created_at": image.created_at,
    }
