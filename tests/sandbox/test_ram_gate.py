"""Every operation of RAM, STS and the directory asks for what its declaration says, and nothing less."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from imagefence.api import (
    control_policies,
    directory,
    ram_attachments,
    ram_groups,
    ram_roles,
    ram_users,
    registry,
    resource_manager,
    sts,
)
from imagefence.api.operation import Operation
from imagefence.sandbox import behaviours  # noqa: F401 - binds every behaviour
from imagefence.sandbox.birth import add_key, fresh_world
from imagefence.sandbox.call import PERFORMS, Call, Refused
from imagefence.sandbox.gate import permit, resources_by_action
from imagefence.sandbox.in_force import principal_of

ASKING = [
    each
    for each in registry.OPERATIONS.values()
    if not each.product.region_in_names and each is not sts.GET_CALLER_IDENTITY
]
TRUST = (
    '{"Version":"1","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",'
    '"Principal":{"RAM":["acs:ram::%s:root"]}}]}'
)


@pytest.fixture(scope="module")
def nobody() -> Call:
    """A user without any policy, in the management account of a directory with a folder."""
    world = fresh_world(seed=6)
    account = next(iter(world.accounts.values()))
    key = next(iter(world.keys.values()))
    root = Call(world, account, key, principal_of(world, key), "", world.clock(), "r")
    perform(root, resource_manager.INIT_RESOURCE_DIRECTORY)
    perform(root, ram_users.CREATE_USER, user_name="x")
    perform(root, ram_roles.CREATE_ROLE, role_name="x", assume_role_policy_document=TRUST % account.id)
    user = add_key(world, account, "user/x")
    return replace(root, key=user, principal=principal_of(world, user))


def perform(call: Call, operation: Any, **parameters: Any) -> Any:
    return PERFORMS[operation](call, operation.request(**parameters))


def minimal(operation: Operation[Any, Any], call: Call) -> Any:
    """A request with every required parameter, naming what exists."""
    assert call.account.directory is not None
    named = {
        "target_id": call.account.directory.root_id,
        "role_arn": f"acs:ram::{call.account.id}:role/x",
        "policy_type": "Custom",
        "max_items": 100,
    }
    required = [field.name for field in msgspec.structs.fields(operation.request) if field.required]
    return operation.request(**{name: named.get(name, "x") for name in required})


@pytest.mark.parametrize("operation", ASKING, ids=lambda o: f"{o.product.code}.{o.name}")
def test_a_user_without_policies_may_do_nothing(nobody: Call, operation: Operation[Any, Any]) -> None:
    with pytest.raises(Refused) as refusal:
        permit(nobody, operation, minimal(operation, nobody), "127.0.0.1")
    assert (refusal.value.fault.status, refusal.value.fault.code) == (403, "NoPermission")
    assert refusal.value.denied is not None
    assert refusal.value.denied["AuthAction"] == operation.action


def test_who_is_calling_needs_no_permission(nobody: Call) -> None:
    permit(nobody, sts.GET_CALLER_IDENTITY, sts.GetCallerIdentity(), "127.0.0.1")


@pytest.mark.parametrize(
    ("operation", "parameters", "expected"),
    [
        (ram_users.GET_USER, {"user_name": "x"}, ["ram:*:{account}:user/x"]),
        (ram_users.CREATE_USER, {"user_name": "new"}, ["ram:*:{account}:user/*"]),
        (ram_users.LIST_ACCESS_KEYS, {}, ["ram:*:{account}:user/*"]),
        (
            ram_groups.ADD_USER_TO_GROUP,
            {"user_name": "x", "group_name": "g"},
            ["ram:*:{account}:user/x", "ram:*:{account}:group/g"],
        ),
        (
            ram_roles.CREATE_ROLE,
            {"role_name": "new", "assume_role_policy_document": "{}"},
            ["ram:*:{account}:role/new"],
        ),
        (
            ram_attachments.ATTACH_POLICY_TO_ROLE,
            {"policy_type": "System", "policy_name": "ReadOnlyAccess", "role_name": "x"},
            ["ram:*:{account}:role/x", "ram:*:system:policy/ReadOnlyAccess"],
        ),
        (
            ram_attachments.DETACH_POLICY_FROM_USER,
            {"policy_type": "Custom", "policy_name": "p", "user_name": "x"},
            ["ram:*:{account}:user/x", "ram:*:{account}:policy/p"],
        ),
        (directory.LIST_ACCOUNTS, {}, ["resourcemanager:*:{account}:account/*"]),
        (
            control_policies.ATTACH_CONTROL_POLICY,
            {"policy_id": "cp-1", "target_id": "{root}"},
            [
                "resourcemanager:*:{account}:policy/controlpolicy/cp-1",
                "resourcemanager:*:{account}:folder/{directory}/{root}",
            ],
        ),
        (
            control_policies.CREATE_CONTROL_POLICY,
            {"policy_name": "p", "effect_scope": "RAM", "policy_document": "{}"},
            ["resourcemanager:*:{account}:policy/controlpolicy/*"],
        ),
    ],
    ids=lambda value: value.name if isinstance(value, Operation) else "",
)
def test_the_resources_are_those_of_the_reference(
    nobody: Call, operation: Operation[Any, Any], parameters: dict[str, str], expected: list[str]
) -> None:
    there = nobody.account.directory
    assert there is not None
    places = {"account": nobody.account.id, "root": there.root_id, "directory": there.id}
    filled = {
        name: value.replace("{root}", there.root_id) if isinstance(value, str) else value
        for name, value in parameters.items()
    }
    asked = resources_by_action(nobody, operation, operation.request(**filled))
    assert list(asked) == [operation.action]
    names = [resource.name for resource in asked[operation.action]]
    assert names == [f"acs:{each.format(**places)}" for each in expected]
