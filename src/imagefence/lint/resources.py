"""Remarks on resource names.

Sources: AlibabaCloudDocs/ram Policy elements; ecs/developer-reference/api-ecs-2014-05-26-ram.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from imagefence.lint.actions import PLACEHOLDER
from imagefence.lint.catalogue import ANY_RESOURCE, Catalogue
from imagefence.lint.remark import Change, Edit, Found
from imagefence.lint.subject import Subject, at, items
from imagefence.policy.document import In, NotIn, PolicyKind, Statement
from imagefence.policy.matching import GLOBAL_SERVICES
from imagefence.policy.names import PARTS, split
from imagefence.policy.pattern import glob, has_wildcard

REGION = re.compile(r"(cn|ap|eu|us|me|na|sa)-[a-z0-9-]+")


def resource_remarks(subject: Subject, statement: Statement) -> Iterator[Found]:
    """All remarks on the resources of a statement."""
    here = at(statement)
    if subject.kind is PolicyKind.TRUST:
        if statement.idle_resource:
            name = "NotResource" if isinstance(statement.resources, NotIn) else "Resource"
            yield Found(
                "resource-in-trust",
                f"{here}/{name}",
                f"a trust policy has no {name}",
                "leave it out",
                edit=Edit(Change.DROP, f"{here}/{name}"),
            )
        return
    name = "NotResource" if statement.not_resource else "Resource"
    if statement.not_resource:
        message = "`NotResource` is gone from the grammar; the cloud may refuse it"
        yield Found(
            "not-resource", f"{here}/{name}", message, "use Resource with the wanted names", at_key=True
        )
    for place, pointer, pattern in items(f"{here}/{name}", statement.resources.patterns):
        for found in _name(pattern, pointer):
            yield replace(found, item=place)
    yield from _never_hits(statement, subject.catalogue, here)


def _name(pattern: str, here: str) -> Iterator[Found]:
    parts = split(pattern)
    if PLACEHOLDER.search(pattern):
        yield Found("placeholder", here, f"`{pattern}` is not filled in", "put the real name in its place")
        return
    if len(parts) != PARTS:
        return
    _, service, region, account, _ = parts
    if REGION.fullmatch(service):
        message = f"`{service}` is a region; a service code belongs there, so this covers nothing"
        yield Found("region-as-service", here, message, f"write acs:*:{service}:*:*")
    elif region and not has_wildcard(region) and service in GLOBAL_SERVICES:
        message = f"`{service}` has no regions, so a name in `{region}` covers nothing"
        yield Found("region-in-global", here, message, f"write acs:{service}:*:{account}:{parts[-1]}")
    if service.lower() != service or region.lower() != region:
        folded = ":".join((parts[0], service.lower(), region.lower(), account, parts[-1]))
        message = "service codes and regions are in lower case and compared exactly, so this covers nothing"
        edit = Edit(Change.SET, here, folded)
        yield Found("resource-case", here, message, f"write `{folded}`", edit=edit)
    if account and not has_wildcard(account) and not account.isdigit():
        message = f"`{account}` is no account id, which is a number, so this covers nothing"
        yield Found("odd-account", here, message, "write the number of the account, or `*`")


def _never_hits(statement: Statement, catalogue: Catalogue, here: str) -> Iterator[Found]:
    if not isinstance(statement.resources, In) or not isinstance(statement.actions, In):
        return
    if "*" in statement.resources.patterns:
        return
    patterns = statement.resources.patterns
    missed = [each for each in statement.actions.patterns if _misses(each, patterns, catalogue)]
    if not missed:
        return
    alone = len(missed) == len(statement.actions.patterns)
    what = "this statement never hits" if alone else "this part of the statement never hits"
    if missed[0].lower() in catalogue.unscoped:
        message = f"`{missed[0]}` authorises `*` alone, so {what}"
        yield Found("never-hits", f"{here}/Resource", message, 'write "Resource": "*"')
        return
    declared = catalogue.declared[missed[0].lower()]
    kinds = ", ".join(f"`{each}…`" for each in declared.resources)
    message = f"`{missed[0]}` authorises {kinds} and none of these resources, so {what}"
    yield Found("never-hits", f"{here}/Resource", message, "name what the operation authorises")


def _misses(action: str, patterns: tuple[str, ...], catalogue: Catalogue) -> bool:
    if action.lower() in catalogue.unscoped:
        return True
    declared = catalogue.declared.get(action.lower())
    if declared is None or ANY_RESOURCE in declared.resources:
        return False
    return not any(_may_cover(pattern, name) for pattern in patterns for name in declared.resources)


def _may_cover(pattern: str, name: str) -> bool:
    """Tells whether a pattern may cover some name of a service and kind (`ecs:image/`); errs to True."""
    parts = split(pattern)
    service, _, kind = name.partition(":")
    if len(parts) != PARTS:
        return True
    if not kind:
        return False
    fixed = re.split(r"[*?]", parts[-1])[0]
    return glob(parts[1])(service) and (fixed.startswith(kind) or kind.startswith(fixed))
