"""The fence as Terraform's JSON syntax, for the alicloud provider.

Sources: the provider's pages of each resource type; developer.hashicorp.com terraform/language/syntax/json,
terraform/language/import.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from imagefence.fence.documents import DIRECTORY_ROLE
from imagefence.fence.export import (
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

Block = dict[str, Any]

FILE = "imagefence.tf.json"
READY = "imagefence_exempt_roles"
# Import blocks: Terraform 1.5; `role_name` and `assume_role_policy_document` of roles: provider 1.252.0.
REQUIRED = {
    "required_version": ">= 1.5",
    "required_providers": {"alicloud": {"source": "aliyun/alicloud", "version": ">= 1.252.0"}},
}
ROTATE = "DeleteOldestNonDefaultVersionWhenLimitExceeded"
TYPES = {
    StepKind.CREATE_ROLE: "alicloud_ram_role",
    StepKind.CREATE_POLICY: "alicloud_ram_policy",
    StepKind.CREATE_CONTROL: "alicloud_resource_manager_control_policy",
    StepKind.ATTACH_CONTROL: "alicloud_resource_manager_control_policy_attachment",
}


def terraform(plan: FencePlan, standing: Standing) -> Export:
    """Writes a root module that imports what stands already; raises Refusal where `apply` would."""
    exportable(plan)
    steps, notes = declared(plan, standing), tuple(undeclared(plan))
    own = standing.own_account
    found = [step for step in steps if stands(step, standing)]
    data: Block = {
        "//": {"made by": "imagefence fence plan --export terraform", "notes": list(notes)},
        "terraform": REQUIRED,
        "provider": {"alicloud": [provider(account) for account in members(steps, own)]},
        "import": [{"to": address(step, own), "id": import_id(step, standing)} for step in found],
        "resource": resources(steps, own),
    }
    return Export({FILE: printed({key: value for key, value in data.items() if kept(value)})}, notes)


def kept(value: Block | list[Block]) -> bool:
    """Tells a part that says something."""
    return bool(value) and value != {"alicloud": []}


def resources(steps: Iterable[Step], own: str) -> dict[str, dict[str, Block]]:
    """The resources by type and label."""
    found: dict[str, dict[str, Block]] = {}
    made = {made_key(step): address(step, own) for step in steps if not step.target}
    ready = [address(step, own) for step in steps if of_exempt_role(step, made)]
    for step in steps:
        one = block(step, own, made)
        # Why: exempt roles are whole before any policy is in force.
        if step.target and ready and not of_exempt_role(step, made):
            one["depends_on"] = [f"terraform_data.{READY}"]
        found.setdefault(type_of(step), {})[label(step, own)] = one
    return found | ({"terraform_data": {READY: {"depends_on": ready}}} if ready else {})


def made_key(step: Step) -> tuple[str, str, str]:
    """What a later block may refer to: a role, or a policy."""
    return ("role" if step.kind is StepKind.CREATE_ROLE else "policy", step.account, step.name)


def of_exempt_role(step: Step, made: dict[tuple[str, str, str], str]) -> bool:
    """Tells the attachments to roles that are made here."""
    kind, _, name = step.target.partition("/")
    return step.kind is StepKind.ATTACH_POLICY and (kind, step.account, name) in made


def members(steps: Iterable[Step], own: str) -> Iterator[str]:
    """The accounts that are reached by a role of theirs."""
    yield from (account for account in dict.fromkeys(step.account for step in steps) if account != own)


def provider(account: str) -> Block:
    """The configuration of the provider for a member, by the role that its directory made there."""
    role = {"role_arn": f"acs:ram::{account}:role/{DIRECTORY_ROLE}", "session_name": "imagefence"}
    return {"alias": f"account_{account}", "assume_role": role}


def type_of(step: Step) -> str:
    """The type of resource that a step makes."""
    if step.kind is StepKind.ATTACH_POLICY:
        return f"alicloud_ram_{step.target.partition('/')[0]}_policy_attachment"
    return TYPES[step.kind]


def label(step: Step, own: str) -> str:
    """The name of a resource, the same in every export."""
    name = identifier(step.name)
    if step.target:
        name += f"_on_{identifier(step.target.rpartition('/')[2])}"
    return name if step.account == own else f"{name}_in_{step.account}"


def identifier(name: str) -> str:
    """A name as Terraform takes it; one with other characters ends in a digest, so that no two meet."""
    plain = re.sub("[^A-Za-z0-9_-]", "_", name)
    plain = plain if plain == name else f"{plain}_{tail(name)}"
    return plain if plain[0].isalpha() else f"_{plain}"


def address(step: Step, own: str) -> str:
    """What other blocks call a resource."""
    return f"{type_of(step)}.{label(step, own)}"


def block(step: Step, own: str, made: dict[tuple[str, str, str], str]) -> Block:
    """The arguments of a resource."""
    one = attachment(step, made) if step.target else thing(step)
    if step.account != own:
        one["provider"] = f"alicloud.account_{step.account}"
    return one


def thing(step: Step) -> Block:
    """A role or a policy."""
    text = literal(step.after)
    if step.kind is StepKind.CREATE_ROLE:
        one = {"role_name": step.name, "assume_role_policy_document": text}
    elif step.kind is StepKind.CREATE_CONTROL:
        one = {"control_policy_name": step.name, "effect_scope": "RAM", "policy_document": text}
    else:
        one = {"policy_name": step.name, "policy_document": text, "rotate_strategy": ROTATE}
    return one | ({"description": literal(step.about)} if step.about else {})


def attachment(step: Step, made: dict[tuple[str, str, str], str]) -> Block:
    """An attachment; it names what is made here by reference, so that it waits for it."""
    policy = made["policy", step.account, step.name]
    if step.kind is StepKind.ATTACH_CONTROL:
        return {"policy_id": f"${{{policy}.id}}", "target_id": step.target, "//": step.path}
    kind, _, name = step.target.partition("/")
    role = made.get((kind, step.account, name))
    return {
        "policy_name": f"${{{policy}.policy_name}}",
        "policy_type": step.policy_type,
        f"{kind}_name": f"${{{role}.role_name}}" if role else literal(name),
    }


def literal(text: str) -> str:
    """A text that is no template: Terraform reads `${` and `%{` in any string."""
    return text.replace("${", "$${").replace("%{", "%%{")


def import_id(step: Step, standing: Standing) -> str:
    """What the provider finds a standing resource by."""
    if step.kind is StepKind.CREATE_CONTROL:
        return standing.control[step.name].id
    if step.kind is StepKind.ATTACH_CONTROL:
        held = standing.attached[step.target]
        return f"{next(one for one, name in held.items() if name == step.name)}:{step.target}"
    if step.kind is StepKind.ATTACH_POLICY:
        kind, _, name = step.target.partition("/")
        return f"{kind}:{step.name}:{step.policy_type}:{name}"
    return step.name
