"""AssumeRole and GetCallerIdentity, called by the official SDK over a socket."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from alibabacloud_ram20150501 import models as ram
from alibabacloud_sts20150401 import models as sts
from darabonba.exceptions import DaraException

ASSUME = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}


def refused(call: Callable[[], Any]) -> tuple[int, str]:
    """The status and code of a call that must fail."""
    with pytest.raises(DaraException) as error:
        call()
    return error.value.data["statusCode"], error.value.code


def trusting(*principals: str) -> str:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"RAM": list(principals)}}
    return json.dumps({"Version": "1", "Statement": [statement]})


def make_role(sandbox: Any, name: str, trust: str, *policies: str, client: Any = None) -> str:
    """Makes a role with system policies attached and gives its name as a resource."""
    client = client or sandbox.client("ram")
    arn: str = client.create_role(
        ram.CreateRoleRequest(role_name=name, assume_role_policy_document=trust)
    ).body.role.arn
    for policy in policies:
        client.attach_policy_to_role(
            ram.AttachPolicyToRoleRequest(policy_type="System", policy_name=policy, role_name=name)
        )
    return arn


def assume(sandbox: Any, key: Any, arn: str, **more: Any) -> Any:
    client = sandbox.client("sts", key.id, key.secret, key.token)
    request = sts.AssumeRoleRequest(role_arn=arn, role_session_name="night-shift", **more)
    return client.assume_role(request).body


def session(sandbox: Any, product: str, assumed: Any) -> Any:
    keys = assumed.credentials
    return sandbox.client(product, keys.access_key_id, keys.access_key_secret, keys.security_token)


def test_the_root_a_user_and_a_session_know_who_they_are(fresh_sandbox: Any) -> None:
    account = fresh_sandbox.account_id
    root = fresh_sandbox.client("sts").get_caller_identity().body
    assert (root.identity_type, root.arn) == ("Account", f"acs:ram::{account}:root")

    key = fresh_sandbox.user("alice", ASSUME)
    user = fresh_sandbox.as_key("sts", key).get_caller_identity().body
    assert (user.identity_type, user.arn) == ("RAMUser", f"acs:ram::{account}:user/alice")
    assert user.user_id == user.principal_id

    arn = make_role(fresh_sandbox, "Ops", trusting(f"acs:ram::{account}:root"))
    assumed = assume(fresh_sandbox, key, arn)
    assert assumed.credentials.access_key_id.startswith("STS.")
    assert assumed.assumed_role_user.assumed_role_id.endswith(":night-shift")
    who = session(fresh_sandbox, "sts", assumed).get_caller_identity().body
    assert who.identity_type == "AssumedRoleUser"
    assert who.arn == f"acs:sts::{account}:assumed-role/Ops/night-shift"
    assert who.principal_id == assumed.assumed_role_user.assumed_role_id


def test_caller_and_trust_must_both_allow(fresh_sandbox: Any) -> None:
    account = fresh_sandbox.account_id
    may, may_not = fresh_sandbox.user("may", ASSUME), fresh_sandbox.user("may-not")
    open_role = make_role(fresh_sandbox, "open", trusting(f"acs:ram::{account}:root"))
    hers = make_role(fresh_sandbox, "hers", trusting(f"acs:ram::{account}:user/may-not"))
    assume(fresh_sandbox, may, open_role)
    assert refused(lambda: assume(fresh_sandbox, may_not, open_role)) == (403, "NoPermission")
    assert refused(lambda: assume(fresh_sandbox, may, hers)) == (403, "NoPermission")


def test_a_trust_refusal_says_so(fresh_sandbox: Any) -> None:
    key = fresh_sandbox.user("alice", ASSUME)
    arn = make_role(fresh_sandbox, "theirs", trusting("acs:ram::1999999999999999:root"))
    with pytest.raises(DaraException) as error:
        assume(fresh_sandbox, key, arn)
    assert error.value.access_denied_detail["PolicyType"] == "AssumeRolePolicy"


def test_the_root_may_not_assume_a_role(fresh_sandbox: Any) -> None:
    arn = make_role(fresh_sandbox, "ops", trusting(f"acs:ram::{fresh_sandbox.account_id}:root"))
    client = fresh_sandbox.client("sts")
    request = sts.AssumeRoleRequest(role_arn=arn, role_session_name="root-here")
    assert refused(lambda: client.assume_role(request)) == (403, "NoPermission")


def test_a_session_is_bounded_by_its_policy(fresh_sandbox: Any) -> None:
    key = fresh_sandbox.user("alice", ASSUME)
    trust = trusting(f"acs:ram::{fresh_sandbox.account_id}:root")
    arn = make_role(fresh_sandbox, "admin", trust, "AdministratorAccess")
    ceiling = json.dumps(
        {"Version": "1", "Statement": [{"Effect": "Allow", "Action": "ram:ListUsers", "Resource": "*"}]}
    )
    wide = session(fresh_sandbox, "ram", assume(fresh_sandbox, key, arn))
    narrow = session(fresh_sandbox, "ram", assume(fresh_sandbox, key, arn, policy=ceiling))
    wide.list_groups(ram.ListGroupsRequest())
    narrow.list_users(ram.ListUsersRequest())
    assert refused(lambda: narrow.list_groups(ram.ListGroupsRequest())) == (403, "NoPermission")


def test_bad_parameters_have_their_own_codes(fresh_sandbox: Any) -> None:
    key = fresh_sandbox.user("alice", ASSUME)
    arn = make_role(fresh_sandbox, "ops", trusting(f"acs:ram::{fresh_sandbox.account_id}:root"))
    bad: dict[str, dict[str, Any]] = {
        "InvalidParameter.DurationSeconds": {"duration_seconds": 899},
        "InvalidParameter.PolicyGrammar": {"policy": "{}"},
        "InvalidParameter.PolicySize": {"policy": " " * 2049},
    }
    for code, more in bad.items():
        assert refused(partial(assume, fresh_sandbox, key, arn, **more)) == (400, code)
    too_long = {"duration_seconds": 3601}
    assert (
        refused(lambda: assume(fresh_sandbox, key, arn, **too_long))[1] == "InvalidParameter.DurationSeconds"
    )
    assert refused(lambda: assume(fresh_sandbox, key, "role/ops")) == (400, "InvalidParameter.RoleArn")
    assert refused(lambda: assume(fresh_sandbox, key, arn + "-not")) == (404, "EntityNotExist.Role")


def test_another_account_enters_only_where_it_is_trusted(fresh_sandbox: Any) -> None:
    other = fresh_sandbox.other_accounts[0]
    theirs = fresh_sandbox.client("ram", other["access_key_id"], other["access_key_secret"])
    arn = make_role(
        fresh_sandbox,
        "guests",
        trusting(f"acs:ram::{fresh_sandbox.account_id}:user/alice"),
        "AdministratorAccess",
        client=theirs,
    )
    alice, bob = fresh_sandbox.user("alice", ASSUME), fresh_sandbox.user("bob", ASSUME)
    entered = session(fresh_sandbox, "sts", assume(fresh_sandbox, alice, arn)).get_caller_identity().body
    assert entered.account_id == other["account_id"]
    assert refused(lambda: assume(fresh_sandbox, bob, arn)) == (403, "NoPermission")


def test_a_deleted_role_ends_its_sessions(fresh_sandbox: Any) -> None:
    key = fresh_sandbox.user("alice", ASSUME)
    arn = make_role(fresh_sandbox, "ops", trusting(f"acs:ram::{fresh_sandbox.account_id}:root"))
    inside = session(fresh_sandbox, "sts", assume(fresh_sandbox, key, arn))
    inside.get_caller_identity()
    fresh_sandbox.client("ram").delete_role(ram.DeleteRoleRequest(role_name="ops"))
    assert refused(inside.get_caller_identity)[1] == "InvalidAccessKeyId.NotFound"
