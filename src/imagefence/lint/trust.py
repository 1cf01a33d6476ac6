"""Remarks on trust policies and on exemptions by the name of a role.

Sources: AlibabaCloudDocs/ram Edit the trust policy of a RAM role; help.aliyun.com
ram/user-guide/create-a-ram-role-for-a-trusted-idp; resource-directory/user-guide/
examples-of-custom-access-control-policies (exemption by acs:PrincipalARN); RAM CreateRole page.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from imagefence.lint.actions import PLACEHOLDER
from imagefence.lint.remark import Change, Edit, Found
from imagefence.lint.subject import SAMPLE_ACCOUNT, Subject, at, items, key_pointer
from imagefence.org.identities import SERVICE_LINKED
from imagefence.policy.document import ConditionTest, Effect, PolicyKind, Statement
from imagefence.policy.keys import KeyOrigin, condition_key
from imagefence.policy.matching import covers_action, covers_resource
from imagefence.policy.names import PARTS, split
from imagefence.policy.pattern import has_wildcard

TAKING_A_NAME = ("ram:CreateRole", "ram:UpdateRole")


def trust_remarks(subject: Subject, statement: Statement) -> Iterator[Found]:
    """Remarks on whom a trust policy lets in."""
    trusted = statement.principals
    if subject.kind is not PolicyKind.TRUST or trusted is None or statement.effect is Effect.DENY:
        return
    here = f"{at(statement)}/Principal"
    if not statement.conditions:
        for place, pointer, name in items(f"{here}/RAM", trusted.ram):
            if name.endswith(":root"):
                message = (
                    f"every user and role of account {split(name)[3]} that may call sts:AssumeRole gets in"
                )
                yield Found("wide-trust", pointer, message, "name the users or roles", item=place)
    keys = {test.key.lower() for test in statement.conditions}
    for place, pointer, name in items(f"{here}/Federated", trusted.federated):
        wanted = "saml:recipient" if ":saml-provider/" in name else "oidc:sub"
        if wanted not in keys:
            message = f"whoever the provider lets in gets this role: no condition on `{wanted}`"
            yield Found("open-federation", pointer, message, f"test `{wanted}`", item=place)


def exemption_remarks(subject: Subject) -> Iterator[Found]:
    """Remarks on every role that a Deny exempts."""
    unguarded: list[tuple[str, str]] = []
    for statement in subject.document.statements:
        for test in statement.conditions:
            if statement.effect is Effect.DENY and _exempts(test):
                here = key_pointer(statement, test.quantifier, test.operator.name, test.key)
                yield from chain.from_iterable(
                    _spelt(place, pointer, value) for place, pointer, value in items(here, test.values)
                )
                unguarded += ((here, each) for each in test.values if not _guarded(subject, each))
    if unguarded and subject.kind is PolicyKind.CONTROL:
        here, name = unguarded[0]
        message = f"whoever makes or changes a role called `{role_of(name)}` in a member is exempt"
        help_text = "deny ram:CreateRole and ram:UpdateRole on that name as well"
        yield Found("role-name-exemption", here, message, help_text)


def _exempts(test: ConditionTest) -> bool:
    return test.operator.negated and condition_key(test.key).origin is KeyOrigin.PRINCIPAL


def role_of(arn: str) -> str:
    """The role's name in `acs:ram:*:<account>:role/<name>`; nothing for others and service-linked roles."""
    parts = split(arn)
    relative = parts[-1] if len(parts) == PARTS else ""
    name = relative.removeprefix("role/")
    # Why: only the service itself can make its service-linked role.
    return "" if name == relative or name.lower().startswith(SERVICE_LINKED.lower()) else name


def _spelt(place: int, here: str, arn: str) -> Iterator[Found]:
    role = "" if PLACEHOLDER.search(arn) else role_of(arn)
    if "*" in role or "?" in role:
        message = f"every role whose name fits `{role}` is exempt, one made tomorrow too"
        yield Found("wildcard-exemption", here, message, "name the roles one by one", item=place)
    if "/" in role:
        message = "`acs:PrincipalARN` is a role's name without its session, so this exempts nobody"
        yield Found("exempt-session", here, message, f"write `{arn.rpartition('/')[0]}`", item=place)
    elif role.lower() != role:
        folded = arn.lower()
        message = f"`acs:PrincipalARN` has role names in lower case, so `{role}` may exempt nobody"
        edit = Edit(Change.SET, here, folded)
        yield Found("exempt-role-case", here, message, f"write `{folded}`", item=place, edit=edit)


def _guarded(subject: Subject, arn: str) -> bool:
    """Tells whether nobody can take the role's name, or whether that is another rule's matter."""
    role = role_of(arn)
    if PLACEHOLDER.search(arn) or not role or has_wildcard(role) or "/" in role:
        return True
    account = split(arn)[3]
    sample = SAMPLE_ACCOUNT if has_wildcard(account) or not account else account
    name = f"acs:ram:*:{sample}:role/{role}"
    return all(
        any(
            covers_action(each.actions, action) and covers_resource(each.resources, name)
            for each in subject.denying
        )
        for action in TAKING_A_NAME
    )
