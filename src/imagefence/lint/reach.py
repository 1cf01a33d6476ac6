"""Remarks on what a whole policy does, or does not do, where it is attached.

Sources: help.aliyun.com resource-directory/user-guide/control-policy-overview, and the page that publishes
the policy: ecs/user-guide/only-new-instances-are-allowed-to-be-mirrored-using-a-specified-range.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from imagefence.lint.catalogue import Declared
from imagefence.lint.remark import Found, Severity
from imagefence.lint.subject import (
    AN_IMAGE,
    FULL_ACCESS,
    LAUNCHES,
    SAMPLE_ACCOUNT,
    Subject,
    at,
    key_pointer,
    unconditional,
)
from imagefence.policy.document import ConditionTest, Document, Effect, In, NotIn, PolicyKind, Statement
from imagefence.policy.keys import KeyOrigin, condition_key
from imagefence.policy.matching import covers_action, covers_resource

IMAGE_TAGGING = ("ecs:TagResources", "ecs:CreateTags", "ecs:AddTags")
OTHER_DOORS = ("tag:TagResources", "ecs:CopyImage", "ecs:CreateImage", "ecs:ImportImage")
READS = re.compile(r"\*|describe|get|list|query|search", re.IGNORECASE)


def reach_remarks(subject: Subject) -> Iterator[Found]:
    """All remarks on the reach of a document."""
    beside = subject.surroundings.beside_full_access
    for statement in subject.document.statements:
        yield from _tag_everywhere(subject, statement)
    if subject.kind is PolicyKind.CONTROL:
        yield from _allows(subject.document, beside)
        if not subject.surroundings.known:
            yield from _dead_account(subject.document, beside)
        yield from _forgeable(subject)
        yield from _by_image_alone(subject)
    yield from _open_doors(subject)


def _allows(document: Document, beside: bool | None) -> Iterator[Found]:
    kills = dead((document,))
    for statement in _allowing(document):
        here = at(statement)
        if beside:
            message = (
                f"beside {FULL_ACCESS} this Allow blocks nothing: everything is allowed on this node "
                "already, and an Allow never takes away"
            )
            help_text = f"turn it into a Deny of what must not happen, or detach {FULL_ACCESS} from this node"
            yield Found("blocks-nothing", here, message, help_text)
        elif beside is None and not unconditional(statement):
            yield _either_way(here, kills=kills)


def _either_way(here: str, *, kills: bool) -> Found:
    if kills:
        message = (
            f"beside {FULL_ACCESS}, which every node carries by default, this Allow blocks nothing; "
            "alone on its node it refuses all ordinary work, even reading"
        )
        return Found("blocks-nothing", here, message, "turn it into a Deny of what must not happen")
    message = f"an Allow restricts only where {FULL_ACCESS} is detached from the same node"
    help_text = "say where with --beside-full-access or --alone; a RAM policy is checked with --kind identity"
    return Found("allow-in-control-policy", here, message, help_text)


def _dead_account(document: Document, beside: bool | None) -> Iterator[Found]:
    if beside is False and dead((document,)):
        message = "as the only policy on its node it allows no ordinary work: even reading is refused"
        help_text = f"keep {FULL_ACCESS} beside a Deny, or allow the rest with NotAction"
        yield Found("dead-account", "/Statement", message, help_text)


def _tag_everywhere(subject: Subject, statement: Statement) -> Iterator[Found]:
    if statement.effect is not Effect.ALLOW or subject.kind is PolicyKind.TRUST:
        return
    if not any(not test.operator.negated for test in _tag_tests(statement)):
        return
    asked = next((each for each in subject.catalogue.with_several() if _asks(statement, each)), None)
    if asked is None:
        return
    kinds = ", ".join(f"`{each}`" for each in asked.resources)
    message = (
        f"`{asked.action}` asks this of each of its resources ({kinds}), the new one included, which wears "
        "no tag yet: where nothing else allows it, the call is refused whatever the others wear"
    )
    help_text = "ask the tag of one kind, such as `acs:ecs:*:*:image/*`, and allow the others without it"
    here = f"{at(statement)}/Condition"
    yield Found("tag-on-every-resource", here, message, help_text, _weight(subject, statement, asked))


def _asks(statement: Statement, declared: Declared) -> bool:
    """Tells whether a statement is what allows an action, on more than one of its kinds of resources."""
    samples = (each.replace(":", f":cn-hangzhou:{SAMPLE_ACCOUNT}:", 1) for each in declared.resources)
    covered = sum(covers_resource(statement.resources, f"acs:{each}x") for each in samples)
    return covered > 1 and covers_action(statement.actions, declared.action)


def _weight(subject: Subject, statement: Statement, declared: Declared) -> Severity:
    """A note where the action is only one of many, as in `ecs:*`; an error where nothing else allows it."""
    service = declared.action.partition(":")[0]
    if any(pattern.lower() in ("*", f"{service}:*") for pattern in statement.actions.patterns):
        return Severity.NOTE
    return Severity.ERROR if subject.surroundings.beside_full_access is False else Severity.WARNING


def _tag_tests(statement: Statement) -> list[ConditionTest]:
    return [test for test in statement.conditions if condition_key(test.key).origin is KeyOrigin.RESOURCE_TAG]


def _open_doors(subject: Subject) -> Iterator[Found]:
    own = [each for each in subject.document.statements if each.effect is Effect.DENY]
    guards = [each for each in own if isinstance(each.actions, In) and _guards_tags(each)]
    doors = open_doors(subject.denying)
    if guards and doors:
        listed = ", ".join(f"`{door}`" for door in doors)
        message = f"tagging images is denied here, but {listed} can set the tag as well"
        help_text = "deny them to all but the role that builds images"
        yield Found("open-doors", f"{at(guards[0])}/Action", message, help_text)


def _guards_tags(statement: Statement) -> bool:
    named = any("tag" in pattern.lower() for pattern in statement.actions.patterns)
    return (
        named
        and covers_resource(statement.resources, AN_IMAGE)
        and any(covers_action(statement.actions, action) for action in IMAGE_TAGGING)
    )


def open_doors(denying: list[Statement]) -> list[str]:
    """The operations besides ecs:TagResources that give an image a tag and that no Deny covers."""
    return [door for door in OTHER_DOORS if not any(_shuts(each, door) for each in denying)]


def _shuts(statement: Statement, door: str) -> bool:
    return covers_action(statement.actions, door) and covers_resource(statement.resources, AN_IMAGE)


def _forgeable(subject: Subject) -> Iterator[Found]:
    """A fence that asks for the tag of an image while nothing keeps the tag from being set."""
    if any(_guards_tags(each) for each in subject.denying):
        return
    for statement in subject.document.statements:
        tests = _tag_tests(statement)
        launches = any(covers_action(statement.actions, action) for action in LAUNCHES)
        if not tests or not launches or not covers_resource(statement.resources, AN_IMAGE):
            continue
        test = tests[0]
        tag = condition_key(test.key).tag
        here = key_pointer(statement, test.quantifier, test.operator.name, test.key)
        where = "no policy here" if subject.surroundings.known else "this policy does not"
        verb = "denies" if subject.surroundings.known else "deny"
        message = f"whoever may tag or make an image can give it `{tag}`: {where} {verb} that"
        help_text = "deny tagging images, and making them with the tag, to all but the role that builds them"
        yield Found("forgeable-tag", here, message, help_text)
        return


def _by_image_alone(subject: Subject) -> Iterator[Found]:
    """A fence that hangs on launches asking for the image, which two readings (U-3, U-15) leave open."""
    if any(_asks_origin(each) for each in subject.denying):
        return
    for statement in subject.document.statements:
        launches = any(covers_action(statement.actions, action) for action in LAUNCHES)
        everywhere = covers_resource(statement.resources, "*")
        if statement.effect is Effect.DENY and launches and _tag_tests(statement) and not everywhere:
            message = (
                "this holds only where a launch asks for its image under the caller's account (U-3, U-15)"
            )
            help_text = "deny besides by ecs:ImageOwnerId on `*` what is not of the golden accounts"
            yield Found("image-resource-only", f"{at(statement)}/Resource", message, help_text)
            return


def _asks_origin(statement: Statement) -> bool:
    keys = {condition_key(test.key).name for test in statement.conditions}
    return bool(keys & {"ecs:imageownerid", "ecs:imagesource"}) and covers_resource(statement.resources, "*")


def dead(documents: tuple[Document, ...]) -> bool:
    """Tells whether documents that stand on one node together allow no ordinary work."""
    return not any(_lets_read(each) for document in documents for each in _allowing(document))


def _allowing(document: Document) -> list[Statement]:
    return [each for each in document.statements if each.effect is Effect.ALLOW]


def _lets_read(statement: Statement) -> bool:
    """Tells whether an Allow lets its callers at least look at something, whatever the call carries."""
    if statement.conditions:
        return False
    names = (pattern.rpartition(":")[2] for pattern in statement.actions.patterns)
    return isinstance(statement.actions, NotIn) or any(READS.match(name) for name in names)
