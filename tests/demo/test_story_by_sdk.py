"""The story by the official SDK: the calls that a stranger's program would make, around our commands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from darabonba.exceptions import DaraException

from imagefence.cli.demo.seed import fill
from imagefence.cli.demo.town import HOME, Gate, Key, Network, Town
from imagefence.cli.published import PUBLISHED, example

FULL_ACCESS = "cp-FullAliyunAccess"
TAG = {"key": "environment", "value": "production"}


class Play:
    """The town with the SDK's clients for whoever acts in it."""

    def __init__(self, sandbox: Any, town: Town) -> None:
        self.sandbox, self.town = sandbox, town
        self.ecs = sandbox.models("ecs")
        self.directory = sandbox.models("resourcedirectory")
        self.dora = self.client("ecs", town.developer_key)
        self.admin = self.client("resourcedirectory", town.admin_key)

    def client(self, product: str, key: Key) -> Any:
        """The client of a long-term key."""
        return self.sandbox.client(product, key.id, key.secret)

    def assume(self, product: str, account_id: str, role: str) -> Any:
        """The client of a role that the administrator assumes."""
        models = self.sandbox.models("sts")
        arn = f"acs:ram::{account_id}:role/{role}"
        request = models.AssumeRoleRequest(role_arn=arn, role_session_name="story")
        given = self.client("sts", self.town.admin_key).assume_role(request).body.credentials
        return self.sandbox.client(
            product, given.access_key_id, given.access_key_secret, given.security_token
        )

    def launch(
        self, image: str, *, dry_run: bool = False, by: Any = None, network: Network | None = None
    ) -> str:
        """RunInstances, as the developer of lab-dev or by another client in another network."""
        network = network or self.town.members["lab-dev"].networks[HOME]
        request = self.ecs.RunInstancesRequest(
            region_id=HOME,
            image_id=self.town.images[image],
            instance_type=network.instance_type,
            v_switch_id=network.v_switch_id,
            security_group_id=network.security_group_id,
            instance_name="by-sdk",
            dry_run=dry_run,
        )
        made: list[str] = (by or self.dora).run_instances(request).body.instance_id_sets.instance_id_set
        return made[0]

    def tag(self, client: Any, kind: str, resource_id: str) -> None:
        """TagResources with the golden tag."""
        client.tag_resources(
            self.ecs.TagResourcesRequest(
                region_id=HOME,
                resource_type=kind,
                resource_id=[resource_id],
                tag=[self.ecs.TagResourcesRequestTag(**TAG)],
            )
        )

    def attach(self, policy_id: str, node: str) -> None:
        """AttachControlPolicy."""
        self.admin.attach_control_policy(
            self.directory.AttachControlPolicyRequest(policy_id=policy_id, target_id=node)
        )

    def detach(self, policy_id: str, node: str) -> None:
        """DetachControlPolicy."""
        self.admin.detach_control_policy(
            self.directory.DetachControlPolicyRequest(policy_id=policy_id, target_id=node)
        )


@pytest.fixture
def play(fresh_sandbox: Any) -> Play:
    """The filled town."""
    other = fresh_sandbox.other_accounts[0]
    gate = Gate(
        endpoint=fresh_sandbox.endpoint,
        account_id=fresh_sandbox.account_id,
        root=Key(fresh_sandbox.access_key_id, fresh_sandbox.access_key_secret),
        other_account_id=other["account_id"],
        other_root=Key(other["access_key_id"], other["access_key_secret"]),
    )
    return Play(fresh_sandbox, fill(gate))


def refusal(call: Callable[[], Any]) -> Any:
    """The SDK's exception for a call that must be denied."""
    with pytest.raises(DaraException) as caught:
        call()
    error: Any = caught.value
    assert error.status_code == 403
    assert error.code == "Forbidden.RAM"
    return error.access_denied_detail


def test_the_story_holds_by_the_official_sdk(
    play: Play, run_cli: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    the_published_policy(play)
    town, key = play.town, play.town.admin_key
    factory = town.members["image-factory"].account_id
    node = ("--node", "Root/Workloads")
    for arguments in (
        ("fence", "init", "--tag", "environment=production", "--owner-account", factory, *node),
        ("fence", "apply", "--yes"),
    ):
        answer = run_cli(play.sandbox, *arguments, key=key_of(key))
        assert answer.exit_code == 0, answer.output
    the_fence(play)
    the_account_alone(play, run_cli)
    the_repair(play, run_cli)


@dataclass(frozen=True)
class Caller:
    """A key in the form that the fixtures take."""

    id: str
    secret: str
    token: str | None = None


def key_of(key: Key) -> Caller:
    """The key of somebody in the town."""
    return Caller(key.id, key.secret)


def the_published_policy(play: Play) -> None:
    """Beside FullAliyunAccess it blocks nothing, alone it blocks everything."""
    node = play.town.directory["Root/Workloads"]
    request = play.directory.CreateControlPolicyRequest(
        policy_name="published", effect_scope="RAM", policy_document=example(PUBLISHED)
    )
    policy = play.admin.create_control_policy(request).body.control_policy.policy_id
    play.attach(policy, node)
    assert play.launch("team").startswith("i-")
    play.detach(FULL_ACCESS, node)
    denied = refusal(lambda: play.launch(f"hardened-2/lab-dev/{HOME}"))
    assert denied["PolicyType"] == "ControlPolicy"
    assert denied["NoPermissionType"] == "ImplicitDeny"
    listing = play.ecs.DescribeInstancesRequest(region_id=HOME)
    refusal(lambda: play.dora.describe_instances(listing))
    play.attach(FULL_ACCESS, node)
    play.detach(policy, node)


def the_fence(play: Play) -> None:
    """Every side of it."""
    town = play.town
    for image in ("team", "stock", "community"):
        denied = refusal(partial(play.launch, image))
        assert denied["PolicyType"] == "ControlPolicy", image
        assert denied["NoPermissionType"] == "ExplicitDeny", image
    with pytest.raises(DaraException) as passed:
        play.launch(f"hardened-2/lab-dev/{HOME}", dry_run=True)
    assert getattr(passed.value, "code", "") == "DryRunOperation"
    assert play.launch(f"hardened-2/lab-dev/{HOME}").startswith("i-")
    refusal(lambda: play.tag(play.dora, "image", town.images["team"]))
    play.tag(play.dora, "instance", town.instances["lab-team"])
    lab = town.members["lab-dev"].account_id
    play.tag(play.assume("ecs", lab, "image-admin"), "image", town.images[f"hardened-1/lab-dev/{HOME}"])


def the_account_alone(play: Play, run_cli: Callable[..., Any]) -> None:
    """Without a directory the same fence stands on a group and a role, and status names who is outside."""
    town, key = play.town, key_of(play.town.solo_admin_key)
    files = ("--scope", "solo.yaml", "--journal", "solo.ndjson")
    who = ("--group", "developers", "--role", "ci")
    for arguments in (
        ("init", *files[:2], "--tag", "environment=production", *who),
        ("apply", *files, "--yes"),
        ("status", *files, "--json"),
    ):
        answer = run_cli(play.sandbox, "fence", *arguments, key=key)
        assert answer.exit_code == 0, answer.output
    assert f"user/otto of account {town.solo.account_id}" in answer.output
    ram = play.client("ram", town.solo_admin_key)
    request = play.sandbox.models("ram").CreateAccessKeyRequest(user_name="dora")
    made = ram.create_access_key(request).body.access_key
    dora = play.client("ecs", Key(made.access_key_id, made.access_key_secret))
    denied = refusal(lambda: play.launch("community", by=dora, network=town.solo.networks[HOME]))
    assert denied["PolicyType"] == "AccountLevelIdentityBasedPolicy"
    assert denied["NoPermissionType"] == "ExplicitDeny"
    assert play.launch("solo-golden", by=dora, network=town.solo.networks[HOME]).startswith("i-")


def the_repair(play: Play, run_cli: Callable[..., Any]) -> None:
    """All three kinds of fix: the SDK sees the new disk, its snapshot and the tag, and the audit is clean."""
    town, key = play.town, key_of(play.town.admin_key)
    old, team, miner = town.instances["lab-old"], town.images["team"], town.instances["lab-miner"]
    found = run_cli(play.sandbox, "audit", key=key)
    assert found.exit_code == 3, found.output
    ways = (f"{old}=replace", f"image:{team}=tag", f"{miner}=retire")
    chosen = [word for way in ways for word in ("--choose", way)]
    planned = run_cli(
        play.sandbox,
        *("fix", "plan", "--default", "replace", *chosen, "--out", "plan.json"),
        key=key,
    )
    assert planned.exit_code == 0, planned.output
    unwilling = run_cli(play.sandbox, "fix", "apply", "plan.json", "--yes", key=key)
    assert unwilling.exit_code == 1, unwilling.output
    applied = run_cli(play.sandbox, "fix", "apply", "plan.json", "--yes", "--accept-data-loss", key=key)
    assert applied.exit_code == 0, applied.output
    disks = play.dora.describe_disks(play.ecs.DescribeDisksRequest(region_id=HOME, instance_id=old))
    assert [d.image_id for d in disks.body.disks.disk] == [town.images[f"hardened-2/lab-dev/{HOME}"]]
    taken = play.dora.describe_snapshots(play.ecs.DescribeSnapshotsRequest(region_id=HOME))
    assert any(one.snapshot_name.startswith("imagefence-") for one in taken.body.snapshots.snapshot)
    image = play.dora.describe_images(play.ecs.DescribeImagesRequest(region_id=HOME, image_id=team))
    assert {t.tag_key: t.tag_value for t in image.body.images.image[0].tags.tag}[TAG["key"]] == TAG["value"]
    left = play.dora.describe_instances(play.ecs.DescribeInstancesRequest(region_id=HOME, page_size=100))
    ids = {one.instance_id for one in left.body.instances.instance}
    assert old in ids
    assert miner not in ids
    again = run_cli(play.sandbox, "audit", key=key)
    assert again.exit_code == 0, again.output
    # What was approved and repaired is launched from, what the fence refused is refused still.
    assert play.launch("team").startswith("i-")
    refusal(lambda: play.launch("stock"))
