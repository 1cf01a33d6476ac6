"""Remarks on what a whole policy does, or does not do, where it is attached.

Sources: help.aliyun.com resource-directory/user-guide/control-policy-overview, and the page that publishes
the policy: ecs/user-guide/only-new-instances-are-allowed-to-be-mirrored-using-a-specified-range.
"""

from __future__ import annotations

from collections.abc import Iterator

from imagefence.lint.remark import Severity
from imagefence.policy.document import Document, Effect, In, PolicyKind, Statement
from imagefence.policy.keys import KeyOrigin, condition_key
from imagefence.policy.matching import covers_action, covers_resource

Found = tuple[str, Severity, str, str, str]
FULL_ACCESS = "FullAliyunAccess"
# Operations that authorise several resources, among them one that is new or seldom tagged.
SEVERAL = (
    "ecs:RunInstances",
    "ecs:CreateInstance",
    "ecs:ReplaceSystemDisk",
    "ecs:CreateImage",
    "ecs:AttachDisk",
)
IMAGE_TAGGING = ("ecs:TagResources", "ecs:CreateTags", "ecs:AddTags")
OTHER_DOORS = ("tag:TagResources", "ecs:CopyImage", "ecs:CreateImage", "ecs:ImportImage")
AN_IMAGE = "acs:ecs:cn-hangzhou:1000000000000001:image/m-1"
AN_INSTANCE = "acs:ecs:cn-hangzhou:1000000000000001:instance/*"
ORDINARY = ("ecs:DescribeInstances", "oss:GetObject", "ram:ListUsers")


def reach_remarks(document: Document, beside_full_access: bool | None) -> Iterator[Found]:
    """All remarks on the reach of a document; `None` where its surroundings are not known."""
    for statement in document.statements:
        yield from _tag_everywhere(document, statement, beside_full_access)
    if document.kind is PolicyKind.CONTROL:
        yield from _allows(document, beside_full_access)
        yield from _dead_account(document, beside_full_access)
    yield from _open_doors(document)


def _allows(document: Document, beside: bool | None) -> Iterator[Found]:
    for statement in _allowing(document):
        at = f"/Statement/{statement.index}"
        if beside:
            message = (
                f"beside {FULL_ACCESS} this Allow blocks nothing: everything is allowed on this node "
                "already, and an Allow never takes away"
            )
            help_text = f"turn it into a Deny of what must not happen, or detach {FULL_ACCESS} from this node"
            yield "blocks-nothing", Severity.ERROR, at, message, help_text
        elif beside is None and not _unconditional(statement):
            yield from _either_way(document, at)


def _either_way(document: Document, at: str) -> Iterator[Found]:
    if _dead(document):
        message = (
            f"beside {FULL_ACCESS}, which every node carries by default, this Allow blocks nothing; "
            "alone on its node it refuses all ordinary work, even reading"
        )
        yield "blocks-nothing", Severity.ERROR, at, message, "turn it into a Deny of what must not happen"
        return
    message = f"an Allow restricts only where {FULL_ACCESS} is detached from the same node"
    yield (
        "allow-in-control-policy",
        Severity.WARNING,
        at,
        message,
        "say where with --beside-full-access or --alone",
    )


def _dead_account(document: Document, beside: bool | None) -> Iterator[Found]:
    if beside is not False or not _dead(document):
        return
    message = "as the only policy on its node it allows no ordinary work: even reading is refused"
    help_text = f"keep {FULL_ACCESS} beside a Deny, or allow the rest with NotAction"
    yield "dead-account", Severity.ERROR, "/Statement", message, help_text


def _tag_everywhere(document: Document, statement: Statement, beside: bool | None) -> Iterator[Found]:
    if statement.effect is not Effect.ALLOW or document.kind is PolicyKind.TRUST:
        return
    tests = [
        test for test in statement.conditions if condition_key(test.key).origin is KeyOrigin.RESOURCE_TAG
    ]
    asked = [action for action in SEVERAL if covers_action(statement.actions, action)]
    if not asked or not any(not test.operator.negated for test in tests):
        return
    if not covers_resource(statement.resources, AN_INSTANCE):
        return
    message = (
        f"`{asked[0]}` asks this of every resource: the new instance, the vSwitch and the security group "
        "wear no such tag, so even the golden image is refused where nothing else allows it"
    )
    help_text = "ask the tag of `acs:ecs:*:*:image/*` alone, and allow the other resources without it"
    severity = Severity.ERROR if beside is False else Severity.WARNING
    yield "tag-on-every-resource", severity, f"/Statement/{statement.index}/Condition", message, help_text


def _open_doors(document: Document) -> Iterator[Found]:
    denying = [each for each in document.statements if each.effect is Effect.DENY]
    guards = [
        each
        for each in denying
        if isinstance(each.actions, In)
        and covers_resource(each.resources, AN_IMAGE)
        and any(covers_action(each.actions, action) for action in IMAGE_TAGGING)
    ]
    if not guards:
        return
    doors = [door for door in OTHER_DOORS if not any(covers_action(each.actions, door) for each in denying)]
    if doors:
        listed = ", ".join(f"`{door}`" for door in doors)
        message = f"tagging images is denied here, but {listed} can set the tag as well"
        at = f"/Statement/{guards[0].index}/Action"
        yield "open-doors", Severity.WARNING, at, message, "deny them to all but the role that builds images"


def _dead(document: Document) -> bool:
    return not any(_covers_ordinary(each) for each in _allowing(document))


def _allowing(document: Document) -> list[Statement]:
    return [each for each in document.statements if each.effect is Effect.ALLOW]


def _unconditional(statement: Statement) -> bool:
    return not statement.conditions and statement.resources == In(("*",)) and statement.actions == In(("*",))


def _covers_ordinary(statement: Statement) -> bool:
    return not statement.conditions and all(covers_action(statement.actions, each) for each in ORDINARY)
