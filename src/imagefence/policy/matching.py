"""What an action pattern and a resource pattern cover, and whom a trust policy names.

Sources: help.aliyun.com ram/policy-elements; control policies: languages-of-access-control-policies; trust
policies: Edit the trust policy of a RAM role, the AssumeRole page and, for providers,
ram/user-guide/create-a-ram-role-for-a-trusted-idp.
"""

from __future__ import annotations

from functools import lru_cache

from imagefence.policy.document import In, NotIn, TrustedPrincipals
from imagefence.policy.names import PARTS, split
from imagefence.policy.pattern import glob
from imagefence.policy.readings import DEFAULT, ActionGlob, Case, EmptyPart, Readings, Stars
from imagefence.policy.request import Principal, PrincipalKind

GLOBAL_SERVICES = frozenset({"ram", "sts", "resourcemanager", "resourcedirectory"})
REGION = 2


def covers_action(covered: In | NotIn, action: str, readings: Readings = DEFAULT) -> bool:
    """Tells whether an Action or NotAction element covers an action; case doesn't count."""
    per_part = readings.action_glob is ActionGlob.PER_PART
    return _some_action(covered.patterns, action, per_part) is (type(covered) is In)


@lru_cache(maxsize=65536)
def _some_action(patterns: tuple[str, ...], action: str, per_part: bool) -> bool:
    folded = action.lower()
    return any(_action_matches(pattern.lower(), folded, per_part) for pattern in patterns)


def _action_matches(pattern: str, action: str, per_part: bool) -> bool:
    if not per_part or pattern == "*":
        return glob(pattern)(action)
    service, colon, name = pattern.partition(":")
    asked_service, _, asked_name = action.partition(":")
    return bool(colon) and glob(service)(asked_service) and glob(name)(asked_name)


def covers_resource(covered: In | NotIn, name: str, readings: Readings = DEFAULT) -> bool:
    """Tells whether a Resource or NotResource element covers a name; a star in the name is plain."""
    some = any(_resource_matches(pattern, name, readings) for pattern in covered.patterns)
    return some is (type(covered) is In)


def _resource_matches(pattern: str, name: str, readings: Readings) -> bool:
    if pattern == "*":
        return True
    if readings.resource_case is Case.FOLDED:
        pattern, name = pattern.lower(), name.lower()
    if readings.stars is Stars.ONE_GLOB:
        return glob(pattern)(name)
    wanted, given = split(pattern), split(name)
    if len(wanted) != PARTS or len(given) != PARTS:
        return False
    if not glob(wanted[-1])(given[-1]):
        return False
    empty_is_any = readings.empty_part is EmptyPart.ANY
    return all(_part_matches(wanted, given, place, empty_is_any) for place in range(PARTS - 1))


def _part_matches(wanted: tuple[str, ...], given: tuple[str, ...], place: int, empty_is_any: bool) -> bool:
    pattern, part = wanted[place], given[place]
    # Why: global services are written with an empty region or a star, by policies and by requests alike.
    if place == REGION and (pattern, part) == ("", "*") and given[1] in GLOBAL_SERVICES:
        return True
    return (empty_is_any and not pattern) or glob(pattern)(part)


def trusts(trusted: TrustedPrincipals, caller: Principal, readings: Readings = DEFAULT) -> bool | None:
    """Tells whether a Principal element names a caller; `root` there means every user and role of an account.

    None where the element names a service for one account (`<account>@ecs.aliyuncs.com`) and the caller is
    that service: no page says for whom it then calls. The owner of an account cannot assume a role.
    """
    if caller.kind is PrincipalKind.FEDERATED:
        return caller.arn in trusted.federated
    if caller.kind is PrincipalKind.SERVICE:
        return caller.arn in trusted.service or _for_one_account(trusted.service, caller.arn)
    if caller.kind is PrincipalKind.ROOT:
        return False
    if f"acs:ram::{caller.account}:root" in trusted.ram:
        return True
    if readings.principal_case is Case.FOLDED:
        return caller.arn.lower() in {name.lower() for name in trusted.ram}
    return caller.arn in trusted.ram


def _for_one_account(services: tuple[str, ...], service: str) -> bool | None:
    return None if any(name.endswith(f"@{service}") for name in services) else False
