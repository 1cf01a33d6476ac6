"""The fence on users, groups and roles of an account without a directory."""

from __future__ import annotations

import json
from typing import Any

NOTHING = '{"Version":"1","Statement":[{"Effect":"Deny","Action":"oss:PutBucket","Resource":"*"}]}'
TRUST = (
    '{"Version":"1","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",'
    '"Principal":{"Service":["ecs.aliyuncs.com"]}}]}'
)


def test_up_holds_and_down_again(lone: Any) -> None:
    """Fenced users are refused, others are named by status, and nothing stays after remove."""
    ground = lone.ground
    assert ground.launch(lone.dora, ground.plain) == "ok"
    before = lone.identities()
    lone.write()
    applied = lone.run("apply", "--yes")
    assert applied.exit_code == 0, applied.output
    assert ground.launch(lone.dora, ground.plain) == "403 AccountLevelIdentityBasedPolicy"
    assert ground.launch(lone.dora, ground.stock) == "403 AccountLevelIdentityBasedPolicy"
    assert ground.launch(lone.dora, ground.golden) == "ok"
    assert ground.tag(lone.dora, "image", ground.plain).startswith("403")
    assert ground.tag(lone.dora, "instance", ground.instance) == "ok"
    assert ground.launch(lone.otto, ground.plain) == "ok"
    assert json.loads(lone.run("plan", "--json").output)["steps"] == []
    shown = lone.run("status", "--json")
    assert shown.exit_code == 0, shown.output
    uncovered = {one["who"] for one in json.loads(shown.output)["uncovered"]}
    assert f"user/otto of account {lone.account}" in uncovered
    assert f"user/admin of account {lone.account}" in uncovered
    assert f"the root of account {lone.account}" in uncovered
    assert f"role/break-glass of account {lone.account}" in uncovered
    assert {who for who in uncovered if "dora" in who} == {
        f"whomever user/dora of account {lone.account} makes or takes"
    }
    removed = lone.run("remove", "--yes")
    assert removed.exit_code == 0, removed.output
    assert lone.identities() == before
    assert ground.launch(lone.dora, ground.plain) == "ok"


def test_the_fenced_can_not_take_it_off(lone: Any) -> None:
    """Neither by detaching, nor by a new version, nor by leaving the group, nor by an exempt name."""
    lone.write()
    assert lone.run("apply", "--yes").exit_code == 0
    policy = {"policy_type": "Custom", "policy_name": "imagefence-launch"}
    dora = lone.dora
    tries = [
        lambda: dora.make("ram", "detach_policy_from_group", **policy, group_name="dev"),
        lambda: dora.make(
            "ram",
            "create_policy_version",
            policy_name="imagefence-launch",
            policy_document='{"Version":"1","Statement":[]}',
        ),
        lambda: dora.make("ram", "remove_user_from_group", user_name="dora", group_name="dev"),
        lambda: dora.make("ram", "delete_role", role_name="image-admin"),
        lambda: dora.assume(lone.account, "break-glass"),
    ]
    for attempt in tries:
        assert lone.outcome(attempt) == "403 AccountLevelIdentityBasedPolicy"
    breaker = lone.otto.assume(lone.account, "break-glass")
    assert lone.ground.launch(breaker, lone.ground.plain) == "ok"


def test_a_group_keeps_its_name_and_takers_are_named(lone: Any) -> None:
    """A renamed group would slip from under the Deny on leaving it; keys of others are a way past too."""
    lone.write()
    assert lone.run("apply", "--yes").exit_code == 0
    texts = lone.identities()[1]
    denied = {
        action
        for name, (text, *_) in texts.items()
        if name.startswith("imagefence-")
        for statement in text["Statement"]
        if statement["Effect"] == "Deny" and "group/dev" in str(statement["Resource"])
        for action in statement["Action"]
    }
    assert denied == {"ram:RemoveUserFromGroup", "ram:UpdateGroup", "ram:DeleteGroup"}
    uncovered = json.loads(lone.run("status", "--json").output)["uncovered"]
    (why,) = (one["why"] for one in uncovered if "user/dora" in one["who"])
    assert "ram:CreateAccessKey" in why
    assert "ram:UpdateRole" in why


def test_an_exempt_role_that_stood_before_is_named_with_all_it_holds(lone: Any) -> None:
    """Its other policies stay, so it may do more than its exemption says; its old sessions live on."""
    otto = {"RAM": [f"acs:ram::{lone.account}:user/otto"]}
    trust = {"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": otto}
    document = json.dumps({"Version": "1", "Statement": [trust]})
    lone.root.make("ram", "create_role", role_name="Image-Admin", assume_role_policy_document=document)
    admin = {"policy_type": "System", "policy_name": "AdministratorAccess"}
    lone.root.make("ram", "attach_policy_to_role", **admin, role_name="Image-Admin")
    lone.write()
    remarks = " ".join(json.loads(lone.run("plan", "--json").output)["remarks"])
    assert "holds more than the fence gives it: AdministratorAccess" in remarks
    assert "sessions that they have opened stay exempt" in remarks
    assert lone.run("apply", "--yes").exit_code == 0
    uncovered = json.loads(lone.run("status", "--json").output)["uncovered"]
    (why,) = (one["why"] for one in uncovered if one["who"].startswith("role/image-admin of"))
    assert "holds besides: AdministratorAccess" in why


def test_a_new_scope_makes_a_new_version_and_drops_the_oldest(lone: Any) -> None:
    """Six changes of one policy: five versions at most, the last in force."""
    for number in range(6):
        lone.write()
        path = lone.folder / "fence.yaml"
        path.write_text(path.read_text().replace("[production]", f"[production, p{number}]"))
        applied = lone.run("apply", "--yes")
        assert applied.exit_code == 0, applied.output
    found = lone.root.make(
        "ram", "list_policy_versions", policy_type="Custom", policy_name="imagefence-launch"
    ).policy_versions.policy_version
    assert len(found) == 5
    text = lone.root.make("ram", "get_policy", policy_type="Custom", policy_name="imagefence-launch")
    assert "p5" in text.default_policy_version.policy_document


def test_what_would_not_do_is_refused_before_anything_is_touched(lone: Any) -> None:
    """Nobody left who can launch, a caller who fences itself, names that do not exist, a directory's node."""
    before = lone.identities()
    lone.write("users: [admin], groups: [dev]")
    refused = lone.run("apply", "--yes")
    assert refused.exit_code == 1
    assert "is behind the fence itself" in refused.output
    lone.write("users: [nobody]")
    missing = lone.run("apply", "--yes")
    assert missing.exit_code == 1
    assert "there is no user `nobody`" in missing.output
    lone.write("groups: [dev]", form="allow")
    assert lone.run("plan").exit_code == 2
    (lone.folder / "fence.yaml").write_text(
        'version: 1\napproved: { tags: { golden: ["yes"] } }\nfence: { attach: { nodes: [Root] } }\n'
    )
    nodeless = lone.run("plan")
    assert nodeless.exit_code == 1
    assert "manages no directory" in nodeless.output
    assert lone.identities() == before


def test_limits_of_identities_are_told_before_anything_is_touched(lone: Any) -> None:
    """Ten custom policies on a group, and on an exempt role that is already there."""
    lone.root.make("ram", "create_role", role_name="break-glass", assume_role_policy_document=TRUST)
    for number in range(10):
        name = f"other-{number}"
        lone.root.make("ram", "create_policy", policy_name=name, policy_document=NOTHING)
        held = {"policy_type": "Custom", "policy_name": name}
        lone.root.make("ram", "attach_policy_to_role", **held, role_name="break-glass")
        if number < 8:
            lone.root.make("ram", "attach_policy_to_group", **held, group_name="dev")
    before = lone.identities()
    lone.write()
    full = lone.run("apply", "--yes")
    assert full.exit_code == 1
    told = " ".join(full.output.split())
    assert "group/dev would hold 11 custom policies" in told
    assert f"role/break-glass of account {lone.account} would hold 11 custom policies" in told
    assert lone.identities() == before
