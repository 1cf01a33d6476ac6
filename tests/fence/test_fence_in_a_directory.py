"""The fence on a node: put up, tried by the official SDK, taken down."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from imagefence.api.ecs_instances import RUN_INSTANCES

OLD = '{"Version":"1","Statement":[{"Effect":"Deny","Action":"oss:PutBucketAcl","Resource":"*"}]}'


@pytest.mark.parametrize("form", ["deny", "allow", "both"])
def test_up_holds_and_down_again(town: Any, form: str) -> None:
    """Plan, apply, what passes and what fails, an empty second plan, remove, and the world as before."""
    ground, dev = town.ground, town.dev
    assert ground.launch(dev, ground.plain) == "ok"
    before = town.world()
    town.write(form)
    shown = town.run("plan")
    assert shown.exit_code == 0, shown.output
    assert town.world() == before
    assert town.run("status").exit_code == 3
    applied = town.run("apply", "--yes")
    assert applied.exit_code == 0, applied.output
    assert cases(town) == EXPECTED
    again = town.run("plan", "--json")
    assert json.loads(again.output)["steps"] == []
    status = town.run("status", "--json")
    assert status.exit_code == 0, status.output
    removed = town.run("remove", "--yes")
    assert removed.exit_code == 0, removed.output
    assert town.world() == before
    assert ground.launch(dev, ground.plain) == "ok"


def cases(town: Any) -> dict[str, str]:
    """What the fence is for, tried by the official SDK."""
    ground, dev = town.ground, town.dev
    return {
        "untagged": ground.launch(dev, ground.plain),
        "stock": ground.launch(dev, ground.stock),
        "golden": ground.launch(dev, ground.golden),
        "tag image": ground.tag(dev, "image", ground.plain),
        "tag instance": ground.tag(dev, "instance", ground.instance),
        "born with tag": town.outcome(lambda: ground.image(dev, "born", {"environment": "production"})),
        "backup": town.outcome(lambda: ground.image(dev, "backup", {})),
    }


DENIED = "403 ControlPolicy"
EXPECTED = {
    "untagged": DENIED,
    "stock": DENIED,
    "golden": "ok",
    "tag image": DENIED,
    "tag instance": "ok",
    "born with tag": DENIED,
    "backup": "ok",
}


@contextmanager
def without_image_authorised() -> Iterator[None]:
    """RunInstances with one authorised resource taken out of its declaration: the image."""
    whole = RUN_INSTANCES.authorizes
    fewer = tuple(entry for entry in whole if (entry.kind, entry.of) != ("image", "image_id"))
    assert len(fewer) == len(whole) - 1
    object.__setattr__(RUN_INSTANCES, "authorizes", fewer)
    try:
        yield
    finally:
        object.__setattr__(RUN_INSTANCES, "authorizes", whole)


def test_the_cases_need_every_authorised_resource(town: Any) -> None:
    """A sandbox that forgot to authorise the image would let the untagged launch through."""
    town.write()
    assert town.run("apply", "--yes").exit_code == 0
    with without_image_authorised():
        assert cases(town)["untagged"] == "ok"
    assert cases(town)["untagged"] == DENIED


def test_exempt_roles_do_what_they_may_and_nothing_else(town: Any) -> None:
    """image-admin tags and makes images, break-glass launches; neither does the other's."""
    town.write()
    assert town.run("apply", "--yes").exit_code == 0
    ground = town.ground
    keeper, breaker = (town.admin.assume(town.member, role) for role in ("image-admin", "break-glass"))
    assert ground.tag(keeper, "image", ground.plain) == "ok"
    assert ground.launch(town.dev, ground.plain) == "ok"
    assert ground.image(keeper, "new-golden", {"environment": "production"})
    other = ground.image(keeper, "other", {})
    assert ground.launch(keeper, other).startswith("403")
    assert ground.launch(breaker, other) == "ok"
    assert ground.tag(breaker, "image", other).startswith("403")


def test_an_ended_exemption_ends_in_the_policy_itself(town: Any) -> None:
    """The role is still named, and still refused: nobody had to take anything away."""
    town.write(**{"2096-12-31T00:00:00Z": "2001-12-31T00:00:00Z"})
    applied = town.run("apply", "--yes")
    assert applied.exit_code == 0, applied.output
    assert "the exemption of `break-glass` has ended" in applied.output
    breaker = town.admin.assume(town.member, "break-glass")
    assert town.ground.launch(breaker, town.ground.plain) == DENIED


def test_names_and_trust_of_the_exempt_roles_are_protected(town: Any) -> None:
    """An administrator of the member can neither take the role nor make one that passes for it."""
    town.write()
    assert town.run("apply", "--yes").exit_code == 0
    dev = town.dev
    trust = json.dumps(
        {
            "Version": "1",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"RAM": [f"acs:ram::{town.member}:root"]},
                }
            ],
        }
    )
    tries = [
        lambda: dev.make(
            "ram", "update_role", role_name="image-admin", new_assume_role_policy_document=trust
        ),
        lambda: dev.make("ram", "delete_role", role_name="image-admin"),
        lambda: dev.make("ram", "create_role", role_name="Image-Admin", assume_role_policy_document=trust),
        lambda: dev.make(
            "ram",
            "update_role",
            role_name="ResourceDirectoryAccountAccessRole",
            new_assume_role_policy_document=trust,
        ),
    ]
    assert [town.outcome(attempt) for attempt in tries] == [DENIED] * 4
    fine = town.outcome(
        lambda: dev.make("ram", "create_role", role_name="reader", assume_role_policy_document=trust)
    )
    assert fine == "ok"


def test_what_stood_before_comes_back(town: Any) -> None:
    """A control policy is updated in place and has no versions: its old text comes out of the journal."""
    made = town.admin.make(
        "resourcedirectory",
        "create_control_policy",
        policy_name="imagefence-launch",
        effect_scope="RAM",
        policy_document=OLD,
    ).control_policy.policy_id
    town.admin.make(
        "resourcedirectory", "attach_control_policy", policy_id=made, target_id=town.ids["Root/Images"]
    )
    inside = town.admin.assume(town.member, "ResourceDirectoryAccountAccessRole")
    trust = json.dumps(
        {
            "Version": "1",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "sts:AssumeRole",
                    "Principal": {"RAM": [f"acs:ram::{town.member}:root"]},
                }
            ],
        }
    )
    inside.make("ram", "create_role", role_name="image-admin", assume_role_policy_document=trust)
    before = town.world()
    town.write()
    assert town.run("apply", "--yes").exit_code == 0
    assert cases(town) == EXPECTED
    assert town.run("plan", "--json").output.count('"kind"') == 0
    removed = town.run("remove", "--yes")
    assert removed.exit_code == 0, removed.output
    assert town.world() == before


def test_a_changed_scope_changes_only_what_differs(town: Any) -> None:
    """Another value: one policy is updated in place; another node: attached there, detached here."""
    town.write()
    assert town.run("apply", "--yes").exit_code == 0
    town.write(**{"[production]": "[production, live]"})
    steps = json.loads(town.run("plan", "--json").output)["steps"]
    assert [step["kind"] for step in steps] == ["replace control policy in place"]
    assert town.run("apply", "--yes").exit_code == 0
    town.write(attach="{ nodes: [Root/Images] }", **{"[production]": "[production, live]"})
    moved = town.run("apply", "--yes")
    assert moved.exit_code == 0, moved.output
    assert json.loads(town.run("plan", "--json").output)["steps"] == []
    assert town.ground.launch(town.dev, town.ground.plain) == "ok"
    assert town.run("remove", "--yes").exit_code == 0


def test_from_allow_list_back_to_denies(town: Any) -> None:
    """FullAliyunAccess comes back when the allow list goes."""
    town.write("allow")
    assert town.run("apply", "--yes").exit_code == 0
    town.write("deny")
    changed = town.run("apply", "--yes")
    assert changed.exit_code == 0, changed.output
    assert cases(town) == EXPECTED
    assert json.loads(town.run("plan", "--json").output)["steps"] == []


REFUSED = [
    (OLD.replace("oss:PutBucketAcl", "ecs:TagResources"), "deny", "would be locked out of `tag`"),
    (OLD.replace("oss:PutBucketAcl", "ecs:RunInstances"), "deny", "could launch a golden image"),
    (OLD.replace("Deny", "Allow").replace("oss:PutBucketAcl", "ecs:*"), "allow", "would not hold"),
]


@pytest.mark.parametrize(("text", "form", "reason"), REFUSED, ids=["tagger", "nobody", "undone"])
def test_a_harmful_fence_is_refused_before_anything_is_touched(
    town: Any, text: str, form: str, reason: str
) -> None:
    """Another policy on the node locks the exempt role out, stops all launches, or undoes the allow list."""
    made = town.admin.make(
        "resourcedirectory",
        "create_control_policy",
        policy_name="other",
        effect_scope="RAM",
        policy_document=text,
    ).control_policy.policy_id
    town.admin.make(
        "resourcedirectory", "attach_control_policy", policy_id=made, target_id=town.ids["Root/Workloads"]
    )
    before = town.world()
    town.write(form)
    refused = town.run("apply", "--yes")
    assert refused.exit_code == 1
    assert reason in " ".join(refused.output.split())
    assert town.world() == before


def test_limits_and_unknown_nodes_are_told_first(town: Any) -> None:
    """Ten policies on a node; a path that is none."""
    for number in range(7):
        made = town.admin.make(
            "resourcedirectory",
            "create_control_policy",
            policy_name=f"other-{number}",
            effect_scope="RAM",
            policy_document=OLD,
        ).control_policy.policy_id
        town.admin.make(
            "resourcedirectory",
            "attach_control_policy",
            policy_id=made,
            target_id=town.ids["Root/Workloads"],
        )
    town.write()
    full = town.run("apply", "--yes")
    assert full.exit_code == 1
    assert "would hold 11 control policies" in " ".join(full.output.split())
    town.write(attach="{ nodes: [Root/Worklods] }")
    unknown = town.run("plan")
    assert unknown.exit_code == 2
    assert "did you mean `Root/Workloads`?" in unknown.output


def test_status_names_whom_the_fence_does_not_cover(town: Any) -> None:
    """The management account, the roots, the exempt roles, the members elsewhere."""
    town.write()
    assert town.run("apply", "--yes").exit_code == 0
    found = json.loads(town.run("status", "--json").output)
    who = " | ".join(one["who"] for one in found["uncovered"])
    assert "all users and roles of account" in who
    assert f"the root of account {town.member} (Root/Workloads/dev)" in who
    assert f"role/image-admin of account {town.member}" in who
    assert f"all of account {town.image_account} (Root/Images/images)" in who
    assert f"role/ResourceDirectoryAccountAccessRole of account {town.member}" in who
    text = town.run("status").output
    assert "the fence is in force" in text
    assert "INC-4711" in text


def test_init_writes_what_plan_reads_and_never_overwrites(town: Any) -> None:
    """The file is whole, and a second init leaves it alone."""
    arguments = (
        "--tag",
        "golden-image=yes",
        "--owner-account",
        town.image_account,
        "--node",
        "Root/Workloads",
    )
    assert town.init(*arguments).exit_code == 0
    text = (town.folder / "fence.yaml").read_text()
    shown = town.run("plan", "--json")
    assert shown.exit_code == 0, shown.output
    assert not any("generic" in remark for remark in json.loads(shown.output)["remarks"])
    again = town.init("--tag", "other=yes")
    assert again.exit_code == 2
    assert (town.folder / "fence.yaml").read_text() == text


@pytest.mark.parametrize("form", ["deny", "allow"])
def test_control_policies_are_switched_on_first(new_town: Any, form: str) -> None:
    """A directory that never used them: the plan says so, and the fence holds at once."""
    assert not new_town.enabled()
    new_town.write(form)
    steps = [step["kind"] for step in json.loads(new_town.run("plan", "--json").output)["steps"]]
    assert "switch control policies on" in steps
    applied = new_town.run("apply", "--yes")
    assert applied.exit_code == 0, applied.output
    assert cases(new_town) == EXPECTED
    assert json.loads(new_town.run("plan", "--json").output)["steps"] == []


def test_without_its_journal_the_fence_still_comes_down(town: Any) -> None:
    """What it made bears its mark; a lost journal loses old texts alone."""
    before = town.world()
    town.write("both")
    assert town.run("apply", "--yes").exit_code == 0
    (town.folder / "fence.ndjson").unlink()
    town.write("both", **{"[production]": "[production, live]"})
    assert town.run("apply", "--yes").exit_code == 0
    assert town.run("remove", "--yes").exit_code == 0
    assert town.world() == before


def test_shared_golden_images_pass_by_their_owner(town: Any) -> None:
    """With `share` the receiver sees no tags: the owner account speaks for its images, and only it."""
    factory = town.factory()
    town.share(factory, factory.golden)
    town.write(**{"fence:": "  distribute: share\nfence:"})
    applied = town.run("apply", "--yes")
    assert applied.exit_code == 0, applied.output
    ground, dev = town.ground, town.dev
    assert ground.launch(dev, factory.golden) == "ok"
    assert ground.launch(dev, ground.golden) == DENIED
    assert ground.launch(dev, ground.plain) == DENIED
    assert ground.launch(dev, ground.stock) == DENIED


def test_with_share_a_fenced_owner_account_shares_nothing_unapproved(town: Any) -> None:
    """Receivers go by the owner alone, so an administrator there could hand over any image."""
    factory = town.factory()
    builder = town.admin.assume(town.image_account, "ResourceDirectoryAccountAccessRole").user("bob")

    def share(image: str) -> str:
        return str(
            town.outcome(
                lambda: builder.make(
                    "ecs",
                    "modify_image_share_permission",
                    region_id="cn-hangzhou",
                    image_id=image,
                    add_account=[town.member],
                )
            )
        )

    town.write(attach="{ nodes: [Root] }", **{"fence:": "  distribute: share\nfence:"})
    applied = town.run("apply", "--yes")
    assert applied.exit_code == 0, applied.output
    assert share(factory.plain) == DENIED
    assert share(factory.golden) == "ok"
    assert town.ground.launch(town.dev, factory.golden) == "ok"


def test_a_trust_behind_the_fence_is_named(town: Any) -> None:
    """An exempt role that trusts a member's user is its administrator's for the taking."""
    town.write(**{"may: [launch],": f'may: [launch], trust: ["acs:ram::{town.member}:user/dora"],'})
    remarks = json.loads(town.run("plan", "--json").output)["remarks"]
    assert any("`break-glass` trusts" in one and "behind the fence" in one for one in remarks)


def test_with_copy_a_shared_image_is_refused(town: Any) -> None:
    """Even one of the golden account: nobody sees its tags there."""
    factory = town.factory()
    town.share(factory, factory.golden)
    town.write()
    assert town.run("apply", "--yes").exit_code == 0
    assert town.ground.launch(town.dev, factory.golden) == DENIED
