"""The system policies that every account can attach, kept in the words of their published texts.

Source: help.aliyun.com ram/system-policies; the account id of their names is `system`.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

from imagefence.sandbox.identities import SYSTEM, Policy, PolicyVersion

PUBLISHED = datetime(2015, 5, 1, tzinfo=UTC)
READ = ("Describe*", "List*", "Get*", "BatchGet*", "Query*", "Check*", "Search*", "Verify*")


def _text(*actions: str) -> str:
    statement = {"Action": actions[0] if len(actions) == 1 else list(actions), "Resource": "*"}
    return json.dumps({"Version": "1", "Statement": [{"Effect": "Allow", **statement}]})


# The text of the system control policy FullAliyunAccess and of AdministratorAccess.
FULL_ACCESS_TEXT = _text("*")


def _policy(name: str, description: str, *actions: str) -> Policy:
    version = PolicyVersion("v1", _text(*actions), PUBLISHED)
    return Policy(name, "system", PUBLISHED, PUBLISHED, {"v1": version}, description=description, type=SYSTEM)


def _full(name: str, service: str, *actions: str) -> Policy:
    return _policy(name, f"Provides full access to {service}.", *actions)


def _read(name: str, service: str, *codes: str) -> Policy:
    return _policy(
        name, f"Provides read-only access to {service}.", *(f"{c}:{r}" for c in codes for r in READ)
    )


SYSTEM_POLICIES: dict[str, Policy] = {
    policy.name: policy
    for policy in (
        _full("AdministratorAccess", "all services and resources", "*"),
        _policy("ReadOnlyAccess", "Provides read-only access to all services.", *(f"*:{r}" for r in READ)),
        _full(
            "AliyunECSFullAccess",
            "Elastic Compute Service",
            "ecs:*",
            "vpc:DescribeVpcs",
            "vpc:DescribeVSwitches",
        ),
        _read("AliyunECSReadOnlyAccess", "Elastic Compute Service", "ecs"),
        _full("AliyunVPCFullAccess", "Virtual Private Cloud", "vpc:*"),
        _read("AliyunVPCReadOnlyAccess", "Virtual Private Cloud", "vpc"),
        _full("AliyunRAMFullAccess", "Resource Access Management", "ram:*"),
        _read("AliyunRAMReadOnlyAccess", "Resource Access Management", "ram"),
        _policy("AliyunSTSAssumeRoleAccess", "Allows to call AssumeRole of STS.", "sts:AssumeRole"),
        _full(
            "AliyunResourceDirectoryFullAccess",
            "Resource Directory",
            "resourcemanager:*",
            "resourcedirectory:*",
        ),
        _read("AliyunResourceDirectoryReadOnlyAccess", "Resource Directory", "resourcemanager"),
        _full("AliyunTagAdministratorAccess", "the Tag service", "tag:*"),
    )
}
