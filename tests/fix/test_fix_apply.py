"""Plans made and applied against the sandbox, also with a kill in every step."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from imagefence.api.ecs_disks import DESCRIBE_DISKS, DescribeDisks
from imagefence.api.ecs_instances import (
    DESCRIBE_INSTANCES,
    RUN_INSTANCES,
    DescribeInstances,
    RunInstances,
)
from imagefence.api.ecs_lifecycle import STOP_INSTANCE, StopInstance
from imagefence.api.ecs_snapshots import DESCRIBE_SNAPSHOTS, DescribeSnapshots
from imagefence.cli.demo import acts, seed
from imagefence.cli.demo.sandbox import PROGRAM
from imagefence.cloud.session import Session, open_session
from imagefence.fix.plan import Plan, Way, read_plan

REGION = "cn-hangzhou"
SCOPE = "version: 1\napproved: {tags: {environment: [production]}}\n"


@dataclass
class Ground:
    """An account with a golden image and three bad instances."""

    sandbox: Any
    session: Session
    folder: Path
    golden: str
    team: str
    ids: dict[str, str]

    def state(self) -> dict[str, tuple[str, str, int]]:
        """Name, status, image on disk and snapshots of every instance, by name."""
        found = {}
        for one in self.session.pages(DESCRIBE_INSTANCES, DescribeInstances(region_id=REGION)):
            request = DescribeDisks(region_id=REGION, instance_id=one.instance_id)
            disk = next(iter(self.session.pages(DESCRIBE_DISKS, request)))
            found[one.instance_name] = (one.status, disk.image_id, 0)
        return found

    def snapshots(self) -> int:
        """How many snapshots there are that a fix took."""
        request = DescribeSnapshots(region_id=REGION, snapshot_name="imagefence-*")
        listed = self.session.pages(DESCRIBE_SNAPSHOTS, DescribeSnapshots(region_id=request.region_id))
        return sum(one.snapshot_name.startswith("imagefence-") for one in listed)


def prepare(sandbox: Any, folder: Path) -> Ground:
    """Fills the first account."""
    session = open_session(endpoint=sandbox.endpoint, region=REGION, environment=sandbox.environment())
    network = seed.make_network(session, REGION)
    stock = acts.stock_image(session, REGION)
    ids = {"old": acts.launch(session, REGION, network, stock, "old")}
    golden = acts.create_image(session, REGION, ids["old"], "golden")
    team = acts.create_image(session, REGION, ids["old"], "team")
    acts.tag(session, REGION, "image", golden, acts.GOLDEN_TAGS)
    ids["team"] = acts.launch(session, REGION, network, team, "team")
    ids["gone"] = acts.launch(session, REGION, network, stock, "gone")
    (folder / "fence.yaml").write_text(SCOPE)
    return Ground(sandbox, session, folder, golden, team, ids)


@pytest.fixture
def ground(fresh_sandbox: Any, tmp_path: Path) -> Ground:
    """A prepared account."""
    return prepare(fresh_sandbox, tmp_path)


@pytest.fixture
def fix(ground: Ground, run_cli: Callable[..., Any]) -> Callable[..., Any]:
    """Gives `fix("plan", …)` in the prepared account, with its scope."""

    def run(*arguments: str) -> Any:
        scope = ("--scope", str(ground.folder / "fence.yaml")) if arguments[0] == "plan" else ()
        return run_cli(ground.sandbox, "fix", *arguments, *scope)

    return run


def all_three(ground: Ground) -> list[str]:
    """A choice of each kind."""
    chosen = [f"image:{ground.team}=tag", f"{ground.ids['old']}=replace", f"{ground.ids['gone']}=retire"]
    return [word for choice in chosen for word in ("--choose", choice)]


def planned(ground: Ground, fix: Callable[..., Any], *choices: str) -> Path:
    """Plans and gives the file."""
    path = ground.folder / "plan.json"
    answer = fix("plan", *(choices or all_three(ground)), "--region", REGION, "--out", str(path))
    assert answer.exit_code in {0, 3}, answer.output
    return path


def test_without_a_choice_every_finding_is_undecided(ground: Ground, fix: Callable[..., Any]) -> None:
    answer = fix("plan", "--region", REGION, "--json")
    assert answer.exit_code == 3, answer.output
    plan = msgspec.json.decode(answer.stdout, type=Plan)
    assert plan.fixes == ()
    assert {one.instance_id for one in plan.undecided} == set(ground.ids.values())


def test_all_three_fixes_leave_only_approved_instances(ground: Ground, fix: Callable[..., Any]) -> None:
    path = planned(ground, fix)
    plan = read_plan(path)
    assert sorted(one.way for one in plan.fixes) == [Way.REPLACE, Way.RETIRE, Way.TAG]
    applied = fix("apply", str(path), "--yes", "--accept-data-loss")
    assert applied.exit_code == 0, applied.output
    assert ground.state() == {"old": ("Running", ground.golden, 0), "team": ("Running", ground.team, 0)}
    assert ground.snapshots() == 2
    assert fix("plan", "--region", REGION).exit_code == 0
    again = fix("apply", str(path), "--yes", "--accept-data-loss")
    assert again.exit_code == 0, again.output
    assert ground.snapshots() == 2


def test_consent_is_asked_for_before_anything_is_done(ground: Ground, fix: Callable[..., Any]) -> None:
    path = planned(ground, fix)
    before = ground.state()
    refused = fix("apply", str(path), "--yes")
    assert refused.exit_code == 1
    assert "--accept-data-loss" in refused.output
    nobody = fix("apply", str(path), "--accept-data-loss")
    assert nobody.exit_code == 2
    assert ground.state() == before
    assert not path.with_suffix(".journal.ndjson").exists()


def test_a_stock_image_is_not_approved_by_a_tag(ground: Ground, fix: Callable[..., Any]) -> None:
    refused = fix("plan", "--region", REGION, "--choose", f"{ground.ids['old']}=tag")
    assert refused.exit_code == 1
    assert "stock image" in refused.output
    left = fix("plan", "--region", REGION, "--default", "tag", "--json")
    assert left.exit_code == 3
    undecided = msgspec.json.decode(left.stdout, type=Plan).undecided
    assert {one.instance_id for one in undecided} == {ground.ids["old"], ground.ids["gone"]}
    assert all("stock image" in one.why for one in undecided)


def test_a_plan_whose_world_moved_on_is_refused(ground: Ground, fix: Callable[..., Any]) -> None:
    path = planned(ground, fix)
    ground.session.call(STOP_INSTANCE, StopInstance(instance_id=ground.ids["old"]), REGION)
    acts.until("stop", lambda: acts.status_of(ground.session, REGION, ground.ids["old"]) == "Stopped")
    acts.tag(ground.session, REGION, "image", ground.team, {"environment": "test"})
    refused = fix("apply", str(path), "--yes", "--accept-data-loss")
    assert refused.exit_code == 1
    assert "its status was Running, is Stopped" in refused.output
    assert f"the tags of image {ground.team} have changed" in refused.output
    assert ground.snapshots() == 0


def test_a_replacement_that_lost_its_tag_makes_the_plan_stale(
    ground: Ground, fix: Callable[..., Any]
) -> None:
    path = planned(ground, fix, "--choose", f"{ground.ids['old']}=replace")
    acts.tag(ground.session, REGION, "image", ground.golden, {"environment": "test"})
    refused = fix("apply", str(path), "--yes", "--accept-data-loss")
    assert refused.exit_code == 1
    assert "replacement" in refused.output


def test_without_an_approved_image_a_replace_is_refused(ground: Ground, fix: Callable[..., Any]) -> None:
    acts.tag(ground.session, REGION, "image", ground.golden, {"environment": "test"})
    refused = fix("plan", "--region", REGION, "--choose", f"{ground.ids['old']}=replace")
    assert refused.exit_code == 1
    assert "an approved image of the same system" in refused.output


def test_a_protected_instance_is_not_retired(ground: Ground, fix: Callable[..., Any]) -> None:
    network = seed.make_network(ground.session, REGION)
    request = RunInstances(
        region_id=REGION,
        image_id=ground.team,
        instance_type=network.instance_type,
        v_switch_id=network.v_switch_id,
        security_group_id=network.security_group_id,
        deletion_protection=True,
    )
    kept = ground.session.call(RUN_INSTANCES, request).instance_id_sets.instance_id_set[0]
    refused = fix("plan", "--region", REGION, "--choose", f"{kept}=retire")
    assert refused.exit_code == 1
    assert "deletion protection" in refused.output


def test_an_apply_that_is_killed_in_every_step_ends_the_same(
    ground: Ground, fix: Callable[..., Any], environ_for: Callable[..., dict[str, str]]
) -> None:
    path = planned(ground, fix)
    journal = path.with_suffix(".journal.ndjson")
    environment = {**os.environ, **environ_for(ground.sandbox)}
    steps = sum(len(one.steps) for one in read_plan(path).fixes)
    kills = 0
    for delay in (0.0, 0.004, 0.05, 0.2) * 4:
        code = apply_and_kill(path, journal, environment, delay)
        if code == 0:
            break
        kills += code == -signal.SIGKILL
    assert code == 0
    assert kills >= steps // 2
    assert ground.state() == {"old": ("Running", ground.golden, 0), "team": ("Running", ground.team, 0)}
    assert ground.snapshots() == 2


def apply_and_kill(path: Path, journal: Path, environment: dict[str, str], delay: float) -> int:
    """Applies in a process, and kills it `delay` after it wrote its next intent."""
    seen = intents(journal)
    process = subprocess.Popen(
        [*PROGRAM, "fix", "apply", str(path), "--yes", "--accept-data-loss"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    while process.poll() is None:
        if intents(journal) > seen:
            time.sleep(delay)
            process.kill()
            break
        time.sleep(0.002)
    _, errors = process.communicate()
    assert process.returncode in {0, -signal.SIGKILL}, errors.decode()
    return process.returncode


def intents(journal: Path) -> int:
    """How many calls the journal announces."""
    return journal.read_bytes().count(b'"intent"') if journal.exists() else 0
