"""The whole way: a cloud made by the vendor's clients, read by the tool, judged and shown."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from imagefence.cloud.session import Session, open_session
from imagefence.errors import ConfigError
from imagefence.inventory.fleet import read_fleet
from imagefence.inventory.snapshot import Origin, Snapshot

RULES = {
    "untagged": "image-untagged",
    "gone": "image-gone",
    "shared": "image-shared",
    "community": "image-community",
    "stock": "image-stock",
    "there": "image-stock",
}


def session_of(fleet: Any) -> Session:
    environment = fleet.sandbox.environment(fleet.key)
    return open_session(endpoint=fleet.sandbox.endpoint, environment=environment)


@pytest.fixture(scope="module")
def read(fleet: Any) -> Snapshot:
    return read_fleet(session_of(fleet))


@pytest.fixture
def scope_file(tmp_path: Path, fleet: Any) -> str:
    path = tmp_path / "fence.yaml"
    path.write_text(
        "version: 1\n"
        "approved:\n"
        "  tags: { environment: [production] }\n"
        f'  owner_accounts: ["{fleet.management.account_id}"]\n'
        "fence:\n"
        "  attach: { nodes: [Root/Workloads] }\n"
    )
    return str(path)


def test_every_account_and_region_is_read(fleet: Any, read: Snapshot) -> None:
    assert read.gaps == ()
    assert [(a.name, a.path, a.management) for a in read.accounts if a.id == fleet.member.account_id] == [
        ("dev", "Root/Workloads/dev", False)
    ]
    assert [account.management for account in read.accounts] == [True, False]
    assert {"cn-hangzhou", "cn-shanghai"} <= set(read.regions)
    wanted = {id_ for kind, id_ in fleet.instances.items() if kind != "theirs"}
    assert {instance.id for instance in read.instances} == wanted
    assert all(instance.system_disk_id for instance in read.instances)


def test_images_of_others_are_found_by_id(fleet: Any, read: Snapshot) -> None:
    origins = {image.id: image.origin for image in read.images}
    assert origins[fleet.images["golden"]] is Origin.OWN
    assert origins[fleet.images["shared"]] is Origin.SHARED
    assert origins[fleet.images["community"]] is Origin.COMMUNITY
    assert fleet.images["gone"] not in origins
    shared = next(image for image in read.images if image.id == fleet.images["shared"])
    assert shared.owner_id == fleet.stranger.account_id


def test_more_instances_than_a_page_holds_are_all_read(fleet: Any) -> None:
    switch, group = fleet.stranger.network("cn-beijing")
    for _ in range(2):
        fleet.stranger.call(
            "ecs",
            "run_instances",
            "cn-beijing",
            region_id="cn-beijing",
            image_id="ubuntu_22_04_x64_20G_alibase_20240530.vhd",
            instance_type="ecs.g7.large",
            v_switch_id=switch,
            security_group_id=group,
            amount=60,
        )
    other = fleet.sandbox.other_accounts[0]
    keys = {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": other["access_key_id"],
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": other["access_key_secret"],
    }
    seen: list[tuple[int, int]] = []
    read = read_fleet(
        open_session(endpoint=fleet.sandbox.endpoint, environment=keys),
        region_ids=("cn-beijing",),
        progress=lambda done, whole: seen.append((done, whole)),
    )
    assert len({instance.id for instance in read.instances}) == 120
    assert [account.path for account in read.accounts] == [""]
    assert seen == [(0, 1), (1, 1)]


def test_an_account_or_region_out_of_reach_is_refused(fleet: Any) -> None:
    with pytest.raises(ConfigError, match="`prod` is not within reach"):
        read_fleet(session_of(fleet), accounts=("prod",))
    with pytest.raises(ConfigError, match="no region `cn-hangzho`") as caught:
        read_fleet(session_of(fleet), region_ids=("cn-hangzho",))
    assert caught.value.help == "did you mean `cn-hangzhou`?"


def test_the_command_finds_every_kind_and_exits_with_3(
    fleet: Any, scope_file: str, run_cli: Callable[..., Any]
) -> None:
    answer = run_cli(fleet.sandbox, "audit", "--scope", scope_file, "--json", key=fleet.key)
    assert answer.exit_code == 3, answer.output
    told = json.loads(answer.stdout)
    found = {finding["instance_id"]: finding["rule"] for finding in told["findings"]}
    assert found == {fleet.instances[kind]: rule for kind, rule in RULES.items()}
    assert told["approved"] == 1
    assert told["gaps"] == []


def test_the_command_draws_tables_and_writes_the_page(
    fleet: Any, scope_file: str, run_cli: Callable[..., Any], tmp_path: Path
) -> None:
    page = tmp_path / "audit.html"
    arguments = ("--scope", scope_file, "--account", "dev", "--region", "cn-shanghai", "--html", str(page))
    answer = run_cli(fleet.sandbox, "audit", *arguments, key=fleet.key)
    assert answer.exit_code == 3, answer.output
    assert "1 instance runs on images that are not approved" in answer.stdout
    assert fleet.instances["there"] in answer.stdout
    assert fleet.instances["there"] in page.read_text()
    assert fleet.instances["stock"] not in page.read_text()


def test_fail_on_chooses_what_fails(fleet: Any, scope_file: str, run_cli: Callable[..., Any]) -> None:
    shanghai = ("audit", "--scope", scope_file, "--region", "cn-shanghai", "--fail-on")
    assert run_cli(fleet.sandbox, *shanghai, "high", key=fleet.key).exit_code == 0
    assert run_cli(fleet.sandbox, *shanghai, "image-stock", key=fleet.key).exit_code == 3
    wrong = run_cli(fleet.sandbox, *shanghai, "image-stok", key=fleet.key)
    assert wrong.exit_code == 2
    assert "`image-stok`" in wrong.stderr


def test_images_that_can_not_be_read_are_unknown_and_exit_with_4(
    fleet: Any, scope_file: str, run_cli: Callable[..., Any]
) -> None:
    blind = fleet.sandbox.user(
        "blind",
        {"Effect": "Allow", "Action": ["ecs:*", "resourcemanager:*"], "Resource": "*"},
        {"Effect": "Deny", "Action": "ecs:DescribeImages", "Resource": "*"},
    )
    stock = fleet.management.launch("ubuntu_22_04_x64_20G_alibase_20240530.vhd", "mine")
    golden = fleet.management.launch(fleet.management.image(stock, "golden", environment="production"), "own")
    command = ("audit", "--scope", scope_file, "--json", "--fail-on", "high")
    answer = run_cli(fleet.sandbox, *command, key=blind)
    assert answer.exit_code == 4, answer.output
    told = json.loads(answer.stdout)
    assert not told["clean"]
    calls = {(gap["account"], gap["call"]) for gap in told["gaps"]}
    assert (fleet.member.account_id, "AssumeRole") in calls
    assert (fleet.management.account_id, "DescribeImages") in calls
    assert fleet.member.account_id in {account["id"] for account in told["accounts"]}
    # The cloud asks no permission for images of the system, so that one is known even here.
    found = {finding["instance_id"]: finding["rule"] for finding in told["findings"]}
    assert found == {stock: "image-stock", golden: "image-unknown"}
    assert run_cli(fleet.sandbox, *command, "--fail-on", "image-unknown", key=blind).exit_code == 3
