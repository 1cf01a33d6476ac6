"""Remarks on actions.

Sources: help.aliyun.com ram/policy-elements (form, case, NotAction), ram/user-guide on PassRole and on
privileges that let a caller widen its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from difflib import get_close_matches

from imagefence.lint.catalogue import Service
from imagefence.lint.remark import Change, Edit, Found, Severity
from imagefence.lint.subject import Subject, at, covers_all, element, items
from imagefence.policy.document import Effect, In, PolicyKind, Statement
from imagefence.policy.elements import is_glob_over_colon
from imagefence.policy.matching import covers_action
from imagefence.policy.pattern import glob, has_wildcard

FOREIGN_SERVICES = {
    "ec2": "ecs",
    "s3": "oss",
    "iam": "ram",
    "organizations": "resourcemanager",
    "logs": "log",
    "elasticloadbalancing": "slb",
    "autoscaling": "ess",
    "cloudtrail": "actiontrail",
    "cloudwatch": "cms",
    "lambda": "fc",
}
RENAMED = {
    "ecs:createtags": "today it is `ecs:TagResources`; the older one is `ecs:AddTags`",
    "ecs:deletetags": "today it is `ecs:UntagResources`; the older one is `ecs:RemoveTags`",
}
ALIASES = {
    "ecs:createtags": ("ecs:TagResources", "ecs:AddTags"),
    "ecs:deletetags": ("ecs:UntagResources", "ecs:RemoveTags"),
}
PLACEHOLDER = re.compile(r"\$\{[^{}]*\}|\{\{[^{}]*\}\}|%[sd]\b|<[^<>]+>|\$[A-Za-z_]\w*|\d[xX]{4,}")
# Why: each search costs a millisecond or two, and a policy may name thousands of actions.
MOST_SEARCHED = 300
VERB = re.compile(r"[A-Z][a-z]+")
OWN_PERMISSIONS = (
    "ram:AttachPolicyToUser",
    "ram:AttachPolicyToGroup",
    "ram:AttachPolicyToRole",
    "ram:CreatePolicyVersion",
    "ram:SetDefaultPolicyVersion",
    "ram:AddUserToGroup",
    "ram:UpdateRole",
)


def action_remarks(subject: Subject, statement: Statement) -> Iterator[Found]:
    """All remarks on the actions of a statement."""
    pointer = f"{at(statement)}/{element('Action', statement.actions)}"
    for place, here, pattern in items(pointer, statement.actions.patterns):
        for found in _pattern(subject, statement, pattern, here):
            yield replace(found, item=place)
    if statement.effect is Effect.ALLOW and subject.kind in (PolicyKind.IDENTITY, PolicyKind.SESSION):
        yield from _wide(statement)


def _pattern(subject: Subject, statement: Statement, pattern: str, here: str) -> Iterator[Found]:
    service, _, name = pattern.partition(":")
    if PLACEHOLDER.search(pattern):
        yield Found("placeholder", here, f"`{pattern}` is not filled in", "put the real name in its place")
    elif is_glob_over_colon(pattern):
        yield Found("glob-over-colon", here, f"`{pattern}` has no colon", "write <service>:<name>")
    elif pattern == "*" or has_wildcard(service):
        return
    elif service.lower() in FOREIGN_SERVICES:
        meant = FOREIGN_SERVICES[service.lower()]
        yield Found("foreign-service", here, f"no service `{service}`", f"did you mean `{meant}`?")
    elif (known := subject.catalogue.services.get(service.lower())) is not None:
        yield from _operation(statement, known, pattern, here)
    elif service.lower() not in subject.catalogue.codes:
        meant = subject.catalogue.near_service(service, name)
        if meant:
            yield Found("unknown-service", here, f"no service `{service}`", f"did you mean `{meant}`?")


def _operation(statement: Statement, service: Service, pattern: str, here: str) -> Iterator[Found]:
    code, _, name = pattern.partition(":")
    if name.lower() in service.operations:
        spelt = f"{code.lower()}:{service.operations[name.lower()]}"
        if pattern != spelt and service.exact:
            edit = Edit(Change.SET, here, spelt)
            yield Found("action-spelling", here, f"the vendor writes `{spelt}`", "case may count", edit=edit)
        return
    if any(glob(name.lower())(each) for each in service.operations):
        return
    near = _meant(name, service) if len(statement.actions.patterns) <= MOST_SEARCHED else ""
    help_text = RENAMED.get(pattern.lower()) or (f"did you mean `{code}:{near}`?" if near else "")
    if not service.exact and not near:
        return
    denied = statement.effect is Effect.DENY and isinstance(statement.actions, In)
    alias = denied and _meant_as_alias(pattern, statement)
    message = f"no operation `{pattern}`{': a Deny that never hits' if denied and not alias else ''}"
    severity = Severity.WARNING if (denied or help_text) and not alias else Severity.NOTE
    yield Found("unknown-action", here, message, help_text, severity)


def _meant(name: str, service: Service) -> str:
    return _near_verb(name, service) if has_wildcard(name) else _near(name, service)


def _meant_as_alias(pattern: str, statement: Statement) -> bool:
    """Whether a name of tagging stands beside the two that exist, as one reading of U-13 asks for."""
    existing = ALIASES.get(pattern.lower(), ())
    return bool(existing) and all(covers_action(statement.actions, each) for each in existing)


def _near(name: str, service: Service) -> str:
    """The operation that was probably meant: no other verb where the verb is known already."""
    near, verb = service.near(name), VERB.match(name)
    if verb is None or near.startswith(verb.group()) or verb.group() not in _verbs(service):
        return near
    return ""


def _verbs(service: Service) -> set[str]:
    return {found.group() for each in service.operations.values() if (found := VERB.match(each))}


def _near_verb(name: str, service: Service) -> str:
    verb, verbs = VERB.match(name), _verbs(service)
    if verb is None or verb.group() in verbs:
        return ""
    near = get_close_matches(verb.group(), verbs, n=1, cutoff=0.85)
    return near[0] + name[verb.end() :] if near else ""


def _wide(statement: Statement) -> Iterator[Found]:
    here, everywhere = at(statement), statement.resources == In(("*",))
    if not isinstance(statement.actions, In):
        message = "this allows every action of every service but those listed, those of tomorrow too"
        yield Found("not-action-allow", f"{here}/NotAction", message, "list what is needed in Action")
        return
    if not everywhere or statement.conditions:
        return
    if covers_all(statement.actions):
        message = "this allows everything in the account, like AdministratorAccess"
        yield Found("allows-everything", here, message, "list the services and resources that are needed")
        return
    own = [each for each in OWN_PERMISSIONS if covers_action(statement.actions, each)]
    if own:
        message = f"`{own[0]}` on every resource lets whoever holds this grant itself the rest"
        yield Found("own-permissions", f"{here}/Action", message, "name the users, roles or policies")
    elif covers_action(statement.actions, "ram:PassRole"):
        message = "any role of the account may be handed to any service, with all that it may do"
        help_text = "name the role, or ask for the receiving service by acs:Service"
        yield Found("pass-any-role", f"{here}/Action", message, help_text)
