"""Attachments as they hang in a running cloud, read over its socket."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result

Run = Callable[..., Result]
FENCE = {
    "Effect": "Allow",
    "Action": "ecs:RunInstances",
    "Resource": "*",
    "Condition": {"StringEquals": {"acs:ResourceTag/golden": "yes"}},
}
ADMIN = {"Effect": "Allow", "Action": "*", "Resource": "*"}
TRUST = (
    '{"Version":"1","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",'
    '"Principal":{"RAM":["acs:ram::%s:root"]}}]}'
)


def call(sandbox: Any, product: str, operation: str, **fields: Any) -> Any:
    named = "".join(part.capitalize() for part in operation.split("_"))
    request = getattr(sandbox.models(product), f"{named}Request")(**fields)
    return getattr(sandbox.client(product), operation)(request).body


def text(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "1", "Statement": list(statements)})


@pytest.fixture(scope="module")
def filled(sandbox: Any) -> Any:
    call(sandbox, "resourcedirectory", "enable_resource_directory", enable_mode="CurrentAccount")
    sandbox.client("resourcedirectory").enable_control_policy()
    folder = call(sandbox, "resourcedirectory", "create_folder", folder_name="Workloads").folder.folder_id
    policy = call(
        sandbox,
        "resourcedirectory",
        "create_control_policy",
        policy_name="fence",
        effect_scope="RAM",
        policy_document=text(FENCE),
    ).control_policy
    call(sandbox, "resourcedirectory", "attach_control_policy", policy_id=policy.policy_id, target_id=folder)
    sandbox.user("alice", ADMIN)
    for number in range(4):
        document = text({**ADMIN, "Action": f"ecs:Describe{'*' * (number + 1)}"})
        call(
            sandbox,
            "ram",
            "create_policy_version",
            policy_name="alice-policy",
            policy_document=document,
        )
    trust = TRUST % sandbox.account_id
    call(sandbox, "ram", "create_role", role_name="ci", assume_role_policy_document=trust)
    return sandbox


def test_what_hangs_in_a_cloud_is_linted(run_cli: Run, filled: Any) -> None:
    result = run_cli(filled, "policy", "lint", "--attachments", "--json")
    assert result.exit_code == 3, result.output
    found = {
        (each["file"], remark["rule"]) for each in json.loads(result.stdout) for remark in each["remarks"]
    }
    assert found == {
        ("Root/Workloads/fence", "blocks-nothing"),
        ("Root/Workloads/fence", "forgeable-tag"),
        ("Root/Workloads/fence", "tag-on-every-resource"),
        ("alice", "user-policy"),
        ("alice-policy", "no-version-left"),
        ("alice/alice-policy", "allows-everything"),
        ("role/ci/trust", "wide-trust"),
    }


def test_its_text_names_holders_and_shows_the_policies(run_cli: Run, filled: Any) -> None:
    result = run_cli(filled, "policy", "lint", "--attachments", "--select", "user-policy,no-version-left")
    assert result.exit_code == 2, "rules are given one by one"
    result = run_cli(filled, "policy", "lint", "--attachments", "--select", "IF5", "--select", "wide-trust")
    lines = result.stdout.splitlines()
    assert lines[0] == "alice: note: `alice-policy` hangs on the user itself [user-policy]"
    assert any(line.startswith("role/ci/trust:8:") for line in lines), lines
    assert result.exit_code == 0


def test_what_cannot_be_read_is_a_gap(run_cli: Run, filled: Any) -> None:
    reader = filled.user("reader", {"Effect": "Allow", "Action": "ram:ListUsers", "Resource": "*"})
    result = run_cli(filled, "policy", "lint", "--attachments", key=reader)
    assert result.exit_code == 4, result.output
    assert "gap: " in result.stderr
    assert "ListRoles" in result.stderr
