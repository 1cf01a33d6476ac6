"""A refusal as it is known by now, and the statements that can have made it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from imagefence.api.ram_diagnosis import DecodedDiagnosticMessage, MatchedPolicy
from imagefence.cloud.pasted import Pasted
from imagefence.org.identities import Identities
from imagefence.policy.authorize import questions
from imagefence.policy.document import Effect, Statement
from imagefence.policy.keys import KeyOrigin, condition_key
from imagefence.policy.names import PARTS, split
from imagefence.policy.policies import AttachedPolicy
from imagefence.policy.question import Question
from imagefence.policy.request import Context, Principal, PrincipalKind, Request, Resource

UNKNOWN_ARN = "acs:PrincipalARN"


@dataclass(frozen=True, slots=True)
class Denial:
    """Who was refused what, by which layer; empty where nobody said.

    `matched` are the policies that the decoded message names, `keys` the condition keys that it lists.
    `caller` is the principal's ARN where it could be told.
    """

    action: str = ""
    resource: str = ""
    account: str = ""
    principal_type: str = ""
    display_name: str = ""
    policy_type: str = ""
    no_permission_type: str = ""
    caller: str = ""
    matched: tuple[MatchedPolicy, ...] = ()
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    decoded: bool = False
    given_image: str = ""

    @property
    def explicit(self) -> bool:
        """True unless it is known that no Deny hit, but merely no Allow."""
        return self.no_permission_type != "ImplicitDeny"

    @property
    def region_id(self) -> str:
        """The region of the refused resource, or nothing."""
        parts = split(self.resource)
        return parts[2].strip("*") if len(parts) == PARTS else ""

    @property
    def image_id(self) -> str:
        """The image of the call: the one that was given, or the refused resource where it is one."""
        kind, _, name = split(self.resource)[-1].partition("/")
        return self.given_image or (name if kind == "image" and name != "*" else "")

    @property
    def platform(self) -> str:
        """The platform of the image, where the decoded message lists it."""
        return next(iter(self.keys.get("ecs:ImagePlatform", ())), "")


@dataclass(frozen=True, slots=True)
class Culprit:
    """A Deny that hit, or of a layer that allows nothing an Allow that would have under other conditions.

    `certain` where nothing of it hangs on what is not known.
    """

    policy: AttachedPolicy
    statement: Statement
    node: str
    certain: bool


def denial_of(pasted: Pasted, action: str, image_id: str) -> Denial:
    """What the text says, and the options where it is silent."""
    detail = pasted.detail
    denial = Denial(
        action=pasted.action or action,
        resource=pasted.resource,
        account=detail.get("AuthPrincipalOwnerId", ""),
        principal_type=detail.get("AuthPrincipalType", ""),
        display_name=detail.get("AuthPrincipalDisplayName", ""),
        policy_type=detail.get("PolicyType", ""),
        no_permission_type=detail.get("NoPermissionType", ""),
        given_image=image_id,
    )
    if not denial.resource and image_id:
        account = denial.account or "*"
        denial = replace(denial, resource=f"acs:ecs:*:{account}:image/{image_id}")
    return with_caller(denial)


def with_decoded(denial: Denial, message: DecodedDiagnosticMessage) -> Denial:
    """What the decoded message adds; it knows best."""
    principal = message.auth_principal
    kind = "ExplicitDeny" if message.explicit_deny else "ImplicitDeny"
    return with_caller(
        replace(
            denial,
            action=message.auth_action or denial.action,
            resource=message.auth_resource or denial.resource,
            account=principal.auth_principal_owner_id or denial.account,
            principal_type=principal.auth_principal_type or denial.principal_type,
            display_name=principal.auth_principal_display_name or denial.display_name,
            policy_type=message.no_permission_policy_type or denial.policy_type,
            no_permission_type=kind,
            matched=message.matched_policies,
            keys={each.condition_key: each.condition_values for each in message.auth_conditions},
            decoded=True,
        )
    )


def with_caller(denial: Denial) -> Denial:
    """Tells a role's ARN by the name of its session; a user is shown by its number."""
    role, colon, _ = denial.display_name.partition(":")
    if denial.principal_type != "AssumedRoleUser" or not colon or not denial.account:
        return denial
    return replace(denial, caller=f"acs:ram::{denial.account}:role/{role.lower()}")


def with_identities(denial: Denial, identities: Identities) -> Denial:
    """Tells a user's ARN by its number."""
    found = next((user for user in identities.users if user.id == denial.display_name), None)
    if denial.caller or found is None:
        return denial
    return replace(denial, caller=f"acs:ram::{identities.account_id}:user/{found.name}")


def culprits(
    denial: Denial, policies: Iterable[tuple[str, AttachedPolicy]], tags: Mapping[str, str] | None
) -> tuple[Culprit, ...]:
    """The Denies, of policies with the node they hang on, that hit the call, the certain ones first.

    `tags` are those of the refused resource, None where they are not known. Of a statement that may hit
    and one that does, only the second is told.
    """
    found = [
        Culprit(policy, statement, node, certain is True)
        for node, policy in policies
        if not denial.matched or policy.name in {each.policy_identifier for each in denial.matched}
        for statement in policy.document.statements
        if statement.effect is Effect.DENY and (certain := holds(denial, statement, tags)) is not False
    ]
    sure = tuple(each for each in found if each.certain)
    return sure or tuple(found)


def unmet(
    denial: Denial, policies: Iterable[tuple[str, AttachedPolicy]], tags: Mapping[str, str] | None
) -> tuple[Culprit, ...]:
    """The Allows that cover the call but for their conditions, on nodes where no Allow hits."""
    nodes: dict[str, list[Culprit]] = {}
    allowing: set[str] = set()
    for node, policy in policies:
        for statement in policy.document.statements:
            if statement.effect is not Effect.ALLOW or not covers(denial, statement, tags):
                continue
            truth = holds(denial, statement, tags)
            if truth or not statement.conditions:
                allowing.add(node)
            nodes.setdefault(node, []).append(Culprit(policy, statement, node, truth is False))
    return tuple(each for node, found in nodes.items() if node not in allowing for each in found)


def covers(denial: Denial, statement: Statement, tags: Mapping[str, str] | None) -> bool:
    """Whether a statement is about the action and the resource, as far as they are known."""
    if not denial.action:
        return False
    question = question_of(denial, statement, tags)
    about = question.action(statement.actions) is not False
    return about and (not denial.resource or question.resource(statement.resources) is not False)


def holds(denial: Denial, statement: Statement, tags: Mapping[str, str] | None) -> bool | None:
    """Whether a statement hits, in three-valued truth: None where it hangs on what is not known."""
    if not covers(denial, statement, tags):
        return False
    question = question_of(denial, statement, tags)
    truths = [question.test(test) for test in statement.conditions]
    if False in truths:
        return False
    return True if denial.resource and None not in truths else None


def question_of(denial: Denial, statement: Statement, tags: Mapping[str, str] | None) -> Question:
    """The call as a question to this statement; every key of it that nobody told is unknown."""
    known = {key: values for key, values in denial.keys.items() if values and not is_derived(key)}
    told = {condition_key(key).name for key in known}
    unknown = {test.key for test in statement.conditions if condition_key(test.key).name not in told}
    unknown = {key for key in unknown if condition_key(key).origin is not KeyOrigin.RESOURCE_TAG}
    caller = denial.caller or some_user(denial, statement)
    if caller:
        unknown = {key for key in unknown if condition_key(key).origin is not KeyOrigin.PRINCIPAL}
    kind = PrincipalKind.ROLE if ":role/" in caller else PrincipalKind.USER
    principal = Principal(kind, caller or UNKNOWN_ARN, denial.account)
    seen = tags if tags is not None else told_tags(denial)
    resource = Resource(denial.resource or "*", seen, denial.resource.endswith("/*"))
    request = Request(principal, denial.action, (resource,), Context(known, frozenset(unknown)))
    return next(iter(questions(request)))


def some_user(denial: Denial, statement: Statement) -> str:
    """Any user will do for a statement that asks for roles alone, where the caller is known to be a user."""
    tests = [test for test in statement.conditions if condition_key(test.key).origin is KeyOrigin.PRINCIPAL]
    roles_alone = all(":role/" in value for test in tests for value in test.values)
    known_user = denial.principal_type == "SubUser" and denial.account
    return f"acs:ram::{denial.account}:user/{denial.display_name}" if known_user and roles_alone else ""


def is_derived(key: str) -> bool:
    """Tells the keys that follow from the resource and the caller."""
    return condition_key(key).origin in (KeyOrigin.RESOURCE_TAG, KeyOrigin.PRINCIPAL)


def told_tags(denial: Denial) -> Mapping[str, str] | None:
    """The tags that the decoded message lists; None where it lists none, as it need not be complete."""
    tags = {
        condition_key(key).tag: values[0]
        for key, values in denial.keys.items()
        if values and condition_key(key).origin is KeyOrigin.RESOURCE_TAG
    }
    return tags or None


def tags_asked(found: Iterable[Culprit]) -> dict[str, tuple[str, ...]]:
    """The tags that a resource must wear: of a Deny's `StringNotEquals acs:ResourceTag/…`, or an Allow's
    `StringEquals`.
    """
    return dict(pair for each in found for pair in _tags(each.statement))


def _tags(statement: Statement) -> Iterator[tuple[str, tuple[str, ...]]]:
    wanted = "StringNotEquals" if statement.effect is Effect.DENY else "StringEquals"
    for test in statement.conditions:
        key = condition_key(test.key)
        if key.origin is KeyOrigin.RESOURCE_TAG and test.operator.name == wanted:
            yield key.tag, test.values
