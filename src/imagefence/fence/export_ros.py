"""The fence as templates of Resource Orchestration Service, one an account.

Sources: help.aliyun.com ros/developer-reference/aliyun-resourcemanager-controlpolicy,
aliyun-resourcemanager-controlpolicyattachment, aliyun-ram-role, aliyun-ram-managedpolicy,
aliyun-ram-attachpolicytorole, -togroup, -touser; ros/user-guide/template-structure.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from imagefence.fence.export import (
    CONTROL,
    Export,
    declared,
    exportable,
    printed,
    stands,
    tail,
    undeclared,
)
from imagefence.fence.plan import FencePlan
from imagefence.fence.standing import Standing
from imagefence.fence.steps import Step, StepKind

Resource = dict[str, Any]

# Words with a letter first, joined by hyphens: only these stay apart without their hyphens.
WORDS = re.compile("[a-z0-9]+(-[a-z][a-z0-9]*)*")
DOCUMENTED = 2048  # characters of a control policy on the page of its resource type


def ros(plan: FencePlan, standing: Standing) -> Export:
    """Writes a template for each account; raises Refusal where `apply` would."""
    exportable(plan)
    steps = declared(plan, standing)
    accounts = sorted({step.account for step in steps}, key=lambda one: (one == standing.own_account, one))
    by_account = {one: [step for step in steps if step.account == one] for one in accounts}
    notes = (*undeclared(plan), *order(accounts, standing), *limits(steps, standing))
    files = {
        f"imagefence-{account}.ros.json": printed(template(account, own, notes))
        for account, own in by_account.items()
    }
    return Export(files, notes)


def order(accounts: list[str], standing: Standing) -> Iterator[str]:
    """That templates do not wait for each other."""
    if len(accounts) > 1:
        yield (
            "not expressed: the order of the stacks; make those of the accounts "
            f"{', '.join(accounts[:-1])}, each in its own account, before that of {standing.own_account}"
        )


def limits(steps: Iterable[Step], standing: Standing) -> Iterator[str]:
    """What ROS can't do with single resources."""
    for step in steps:
        if stands(step, standing):
            yield (
                f"not expressed: {made(step)} stands already; unless the stack made it, import it into the "
                "stack first, as ROS makes no second one"
            )
        if step.kind is StepKind.CREATE_CONTROL and len(step.after) > DOCUMENTED:
            yield (
                f"`{step.name}` has {len(step.after)} characters: the cloud takes 4,096, the page of "
                f"ALIYUN::ResourceManager::ControlPolicy speaks of {DOCUMENTED:,}"
            )


def made(step: Step) -> str:
    """What a step makes, in words."""
    if step.target:
        return f"the attachment of `{step.name}` to {step.path or step.target} in account {step.account}"
    kind = "role" if step.kind is StepKind.CREATE_ROLE else "policy"
    return f"{kind} `{step.name}` of account {step.account}"


def template(account: str, steps: list[Step], notes: tuple[str, ...]) -> Resource:
    """The template of one account."""
    return {
        "ROSTemplateFormatVersion": "2015-09-01",
        "Description": f"The fence of imagefence in account {account}",
        "Metadata": {"imagefence": {"notes": list(notes)}},
        "Resources": {label(step): resource(step, steps) for step in steps},
    }


def label(step: Step) -> str:
    """The name of a resource, the same in every export: letters and digits."""
    name = camel(step.name)
    if step.kind in CONTROL:
        name = f"Control{name}"
    if step.kind is StepKind.CREATE_ROLE:
        name = f"Role{name}"
    kind, slash, place = step.target.rpartition("/")
    return f"{name}On{kind.capitalize()}{camel(place)}" if slash or place else name


def camel(name: str) -> str:
    """`image-admin` to `ImageAdmin`; other names end in a digest, so that no two meet."""
    plain = "".join(word[:1].upper() + word[1:] for word in re.split("[^A-Za-z0-9]+", name))
    return plain if WORDS.fullmatch(name) else plain + tail(name)


def resource(step: Step, steps: list[Step]) -> Resource:
    """One resource; attachments wait for what they attach, and those in force for the exempt roles."""
    if not step.target:
        return thing(step)
    roles = {f"role/{one.name}" for one in steps if one.kind is StepKind.CREATE_ROLE}
    waits = [label(one) for one in steps if not one.target and parts(one) & parts(step)]
    if step.target not in roles:
        waits += [label(one) for one in steps if one.target in roles]
    return attachment(step) | {"DependsOn": waits}


def parts(step: Step) -> set[str]:
    """What a step makes or attaches: `policy/…`, `role/…`."""
    if step.kind is StepKind.CREATE_ROLE:
        return {f"role/{step.name}"}
    return {f"policy/{step.name}", step.target} - {""}


def thing(step: Step) -> Resource:
    """A role or a policy."""
    said = {"Description": step.about} if step.about else {}
    if step.kind is StepKind.CREATE_ROLE:
        kind, properties = "RAM::Role", {"RoleName": step.name}
        return typed(kind, properties | said | {"AssumeRolePolicyDocument": json.loads(step.after)})
    if step.kind is StepKind.CREATE_CONTROL:
        properties = {"ControlPolicyName": step.name, "EffectScope": "RAM", "PolicyDocument": step.after}
        return typed("ResourceManager::ControlPolicy", properties | said)
    document = {"PolicyDocumentUnchecked": json.loads(step.after)}
    return typed("RAM::ManagedPolicy", {"PolicyName": step.name} | said | document)


def attachment(step: Step) -> Resource:
    """An attachment to a node, a user, a group or a role."""
    if step.kind is StepKind.ATTACH_CONTROL:
        policy = f"Control{camel(step.name)}"
        properties = {"PolicyId": {"Fn::GetAtt": [policy, "PolicyId"]}, "TargetId": step.target}
        return typed("ResourceManager::ControlPolicyAttachment", properties)
    kind, _, name = step.target.partition("/")
    word = kind.capitalize()
    names = {"PolicyName": step.name, "PolicyType": step.policy_type, f"{word}Name": name}
    return typed(f"RAM::AttachPolicyTo{word}", names)


def typed(kind: str, properties: Resource) -> Resource:
    """A resource of a type of ROS."""
    return {"Type": f"ALIYUN::{kind}", "Properties": properties}
