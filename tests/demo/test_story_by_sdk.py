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
from imagefence.cli.demo.town import HOME, Gate, Key, Town
from imagefence.cli.vocabulary import PUBLISHED, example

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

    def launch(self, image: str, *, dry_run: bool = False) -> str:
        """The developer's RunInstances."""
        network = self.town.members["lab-dev"].networks[HOME]
        request = self.ecs.RunInstancesRequest(
            region_id=HOME,
            image_id=self.town.images[image],
            instance_type=network.instance_type,
            v_switch_id=network.v_switch_id,
            security_group_id=network.security_group_id,
            instance_name="by-sdk",
            dry_run=dry_run,
        )
        made: list[str] = self.dora.run_instances(request).body.instance_id_sets.instance_id_set
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


def the_repair(play: Play, run_cli: Callable[..., Any]) -> None:
    """A system disk replaced by our command is golden to the SDK, and its data are in a snapshot."""
    old = play.town.instances["lab-old"]
    key = key_of(play.town.admin_key)
    found = run_cli(play.sandbox, "audit", key=key)
    assert found.exit_code == 3, found.output
    planned = run_cli(
        play.sandbox, "fix", "plan", "--choose", f"{old}=replace", "--out", "plan.json", key=key
    )
    assert planned.exit_code == 3, planned.output
    applied = run_cli(play.sandbox, "fix", "apply", "plan.json", "--yes", "--accept-data-loss", key=key)
    assert applied.exit_code == 0, applied.output
    disks = play.dora.describe_disks(play.ecs.DescribeDisksRequest(region_id=HOME, instance_id=old))
    assert [d.image_id for d in disks.body.disks.disk] == [play.town.images[f"hardened-2/lab-dev/{HOME}"]]
    taken = play.dora.describe_snapshots(play.ecs.DescribeSnapshotsRequest(region_id=HOME))
    assert any(one.snapshot_name.startswith("imagefence-") for one in taken.body.snapshots.snapshot)
