"""`imagefence calibrate` against a sandbox on a socket: what it finds out, and what it leaves behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import Result

from calibrate.yard import first_account, golden_world, names_left, wrong
from harness import Key, Sandbox
from imagefence.calibrate import observe
from imagefence.calibrate.made import find_leftovers
from imagefence.calibrate.names import MARK, PREFIX
from imagefence.calibrate.result import Calibration, load_result
from imagefence.calibrate.run import calibrate, make_plan
from imagefence.cloud.retry import Throttled
from imagefence.cloud.session import Session, open_session
from imagefence.errors import Refusal, Unreachable
from imagefence.policy.readings import ALTERNATIVES, DEFAULT, Readings

Run = Callable[..., Result]
CANNOT = {
    *("resource-group", "shared-tags", "add-tags", "unreadable", "foreign-image", "levels"),
    *("not-resource", "statement-object"),
}


@pytest.fixture(scope="module")
def golden() -> Iterator[Sandbox]:
    """One sandbox with a golden image, for a whole file."""
    running = Sandbox(golden_world())
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def session(sandbox: Sandbox, key: Key | None = None) -> Session:
    return open_session(environment=sandbox.environment(key))


def settle(sandbox: Sandbox, readings: Readings = DEFAULT) -> Calibration:
    sandbox.world.readings = readings
    own = session(sandbox)
    return calibrate(own, make_plan(own, secure=False), datetime.now(UTC), lambda _: None, pause_s=0)


def state(found: Calibration, reading: str) -> tuple[str, tuple[str, ...]]:
    return next((each.state, each.values) for each in found.points if each.reading == reading)


def test_the_defaults_are_found_out(golden: Sandbox) -> None:
    found = settle(golden)
    assert wrong(found, DEFAULT) == []
    assert found.of("open") == ()
    assert {point.reading for point in found.of("beyond")} == CANNOT
    assert found.readings == DEFAULT
    assert names_left(golden.world) == []


@pytest.mark.parametrize("other", ALTERNATIVES, ids=lambda other: other.name)
def test_each_other_reading_is_found_out_or_said_to_be_beyond(golden: Sandbox, other: object) -> None:
    alternative = next(each for each in ALTERNATIVES if each is other)
    found = settle(golden, alternative.readings)
    field, _, value = alternative.name.partition("=")
    reading = field.replace("_", "-")
    assert wrong(found, alternative.readings) == []
    if reading in CANNOT or alternative.name == "empty_condition=refused":
        assert state(found, reading)[0] == "beyond"
    else:
        assert state(found, reading) == ("settled", (value,))
    assert names_left(golden.world) == []


def test_without_a_tagged_image_one_point_stays_open_and_says_what_it_takes(
    fresh_sandbox: Sandbox, run_cli: Run
) -> None:
    result = run_cli(fresh_sandbox, "calibrate", "--yes", "--json")
    assert result.exit_code == 4, result.output
    made = json.loads(result.stdout)
    left = [point for point in made["points"] if point["state"] == "open"]
    assert [point["reading"] for point in left] == ["launch-asks"]
    assert left[0]["values"] == ["each-resource", "image-tag-only"]
    assert "an own image with a tag" in left[0]["why"]


def test_the_plan_changes_nothing_and_names_all_that_would_be_made(golden: Sandbox, run_cli: Run) -> None:
    golden.world.readings = DEFAULT
    result = run_cli(golden, "calibrate", "--plan")
    assert result.exit_code == 0, result.output
    assert f"make    user {PREFIX}" in result.stdout
    assert "ecs:RunInstances (DryRun): 4 questions and two controls" in result.stdout
    asked = json.loads(run_cli(golden, "calibrate", "--plan", "--json").stdout)
    assert {each["call"] for each in asked["asks"]} >= {"ecs:RunInstances", "ram:GetRole", "vpc:CreateVpc"}
    assert asked["beyond"]["foreign-image"]
    assert names_left(golden.world) == []


def test_nothing_is_made_without_leave(golden: Sandbox, run_cli: Run) -> None:
    result = run_cli(golden, "calibrate", text="n\n")
    assert result.exit_code == 130
    asked = run_cli(golden, "calibrate", "--json")
    assert (asked.exit_code, "add --yes" in asked.output) == (2, True)
    assert not Path(".imagefence").exists()
    assert names_left(golden.world) == []


def test_simulate_goes_by_the_result_and_names_it(golden: Sandbox, run_cli: Run, tmp_path: Path) -> None:
    golden.world.readings = next(
        each.readings for each in ALTERNATIVES if each.name == "negated_absent=fails"
    )
    result = run_cli(golden, "calibrate", "--yes")
    assert result.exit_code == 0, result.output
    assert "22 readings settled, 0 left open" in result.stdout
    document = {
        "Version": "1",
        "Statement": [
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
            {
                "Effect": "Deny",
                "Action": "ram:GetUser",
                "Resource": "*",
                "Condition": {"StringNotEquals": {"acs:ResourceTag/team": "core"}},
            },
        ],
    }
    Path("guard.json").write_text(json.dumps(document))
    words = (
        *("simulate", "--principal", "acs:ram::1000000000000001:user/dev", "--action", "ram:GetUser"),
        *("--resource", "acs:ram:*:1000000000000001:user/dev", "--policy", "guard.json"),
    )
    passed = run_cli(golden, *words)
    assert passed.exit_code == 0, passed.output
    account = first_account(golden.world).id
    assert f"note: readings by .imagefence/readings.json: 22 settled on account {account}" in passed.stdout
    assert "U-1" not in passed.stdout
    over = run_cli(golden, *words, "--reading", "negated-absent=holds")
    assert over.exit_code == 3, over.output
    Path(".imagefence/readings.json").unlink()
    assert run_cli(golden, *words).exit_code == 3


@pytest.mark.parametrize(
    "text", ["{", '{"imagefence": "readings"}', '{"format": 1, "points": 3}'], ids=["cut", "empty", "shape"]
)
def test_a_result_that_is_none_is_refused_at_its_place(sandbox: Sandbox, run_cli: Run, text: str) -> None:
    Path(".imagefence").mkdir()
    Path(".imagefence/readings.json").write_text(text)
    words = ("simulate", "--principal", "acs:ram::1000000000000001:user/dev", "--action", "ram:GetUser")
    result = run_cli(sandbox, *words, "--policy", "AdministratorAccess")
    assert result.exit_code == 2
    assert "error: .imagefence/readings.json: this is no result of `imagefence calibrate`" in result.output


def test_a_result_with_an_unknown_reading_or_format_is_refused(golden: Sandbox, run_cli: Run) -> None:
    golden.world.readings = DEFAULT
    assert run_cli(golden, "calibrate", "--yes").exit_code == 0
    path = Path(".imagefence/readings.json")
    whole = path.read_text()
    words = ("simulate", "--principal", "acs:ram::1000000000000001:user/dev", "--action", "ram:GetUser")
    for changed in (whole.replace('"stars"', '"moons"'), whole.replace('"format": 1', '"format": 9')):
        path.write_text(changed)
        assert run_cli(golden, *words, "--policy", "AdministratorAccess").exit_code == 2


def test_ctrl_c_removes_what_was_made(golden: Sandbox) -> None:
    golden.world.readings = DEFAULT
    own, seen = session(golden), 0

    def stop_midway(text: str) -> None:
        nonlocal seen
        seen += 1
        if seen == 20:
            assert len(names_left(golden.world)) > 5
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        calibrate(own, make_plan(own, secure=False), datetime.now(UTC), stop_midway)
    assert names_left(golden.world) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_stopped_run_cleans_up_and_a_killed_one_is_cleaned_up_after(
    golden: Sandbox, number: signal.Signals, run_cli: Run
) -> None:
    golden.world.readings = DEFAULT
    program = "import sys; from imagefence.cli.main import main; sys.exit(main())"
    environment = {**os.environ, **golden.environment()}
    command = [sys.executable, "-c", program, "calibrate", "--yes"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as run:
        end = time.monotonic() + 20
        while not first_account(golden.world).identities.users and time.monotonic() < end:
            time.sleep(0.002)
        run.send_signal(number)
        run.communicate(timeout=20)
    left = names_left(golden.world)
    assert bool(left) is (number is signal.SIGKILL)
    assert run.returncode == (-9 if number is signal.SIGKILL else 130)
    plan = run_cli(golden, "calibrate", "--plan").stdout
    assert all(f"{name}, left by an earlier run" in plan for name in left)
    assert run_cli(golden, "calibrate", "--yes").exit_code == 0
    assert names_left(golden.world) == []


def test_what_merely_bears_the_prefix_is_left_alone(fresh_sandbox: Sandbox, run_cli: Run) -> None:
    name = f"{PREFIX}of-somebody-else"
    fresh_sandbox.user(name, {"Effect": "Allow", "Action": "ecs:Describe*", "Resource": "*"})
    result = run_cli(fresh_sandbox, "calibrate", "--yes")
    assert result.exit_code == 4, result.output
    assert f"left alone, as it bears our prefix but not our mark: user {name}" in result.stdout
    assert names_left(fresh_sandbox.world) == [name, f"{name}-policy"]


def test_a_mark_without_the_prefix_is_not_ours_either(fresh_sandbox: Sandbox) -> None:
    ram, models = fresh_sandbox.client("ram"), fresh_sandbox.models("ram")
    ram.create_user(models.CreateUserRequest(user_name="alice", comments=MARK))
    assert find_leftovers(session(fresh_sandbox)).ours == ()


def test_a_key_that_may_not_make_users_is_told_what_it_needs(fresh_sandbox: Sandbox, run_cli: Run) -> None:
    reads = {"Effect": "Allow", "Action": ["ram:List*", "ecs:DescribeImages"], "Resource": "*"}
    saves = {"Effect": "Allow", "Action": ["ram:*Policy"], "Resource": "*"}
    key = fresh_sandbox.user("reader", reads, saves)
    result = run_cli(fresh_sandbox, "calibrate", "--yes", key=key)
    assert result.exit_code == 1, result.output
    assert "error: calibrate may not do what it needs: CreateUser: 403 NoPermission" in result.output
    assert "help: let it make and delete users" in result.output
    assert names_left(fresh_sandbox.world) == ["reader", "reader-policy"]


def test_what_cannot_be_removed_is_named(fresh_sandbox: Sandbox) -> None:
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    kept = {"Effect": "Deny", "Action": "ram:DeleteRole", "Resource": "*"}
    own = session(fresh_sandbox, fresh_sandbox.user("half", everything, kept))
    with pytest.raises(Refusal, match=f"could not be removed: role {PREFIX}"):
        calibrate(own, make_plan(own, secure=False), datetime.now(UTC), lambda _: None)
    left = [name for name in names_left(fresh_sandbox.world) if name.startswith(PREFIX)]
    assert len(left) == 1
    ours = find_leftovers(session(fresh_sandbox)).ours
    assert [thing.kind for thing in ours] == ["role"]


def test_a_throttled_control_settles_nothing_that_hangs_on_it(
    golden: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    golden.world.readings = DEFAULT
    own = session(golden)
    plan, once = make_plan(own, secure=False), observe.try_once

    def throttled(session: Session, asked: object, *, typed: bool) -> object:
        if asked is plan.calls["tagged-vpc"]:
            fault = Throttled("Throttling.User", "too many", status=400)
            return observe.Observed(observe.answer_of(fault, typed=typed), fault.code), False
        return once(session, plan.calls[getattr(asked, "id", "")], typed=typed)

    monkeypatch.setattr(observe, "try_once", throttled)
    found = calibrate(own, plan, datetime.now(UTC), lambda _: None, pause_s=0)
    assert {point.reading for point in found.of("open")} == {"tag-key-case", "tag-key-ends"}
    assert "the controls of tagged-vpc" in next(each.why for each in found.of("open"))
    assert wrong(found, DEFAULT) == []


def test_the_file_says_what_was_asked_and_what_came_back(golden: Sandbox, run_cli: Run) -> None:
    golden.world.readings = DEFAULT
    result = run_cli(golden, "calibrate", "--yes", "--json", "--out", "here.json")
    assert result.exit_code == 0, result.output
    saved = load_result(Path("here.json"))
    assert json.loads(result.stdout)["account"] == saved.account == first_account(golden.world).id
    asked = {each.probe: each for each in saved.evidence}
    assert (asked["absent"].answer, asked["absent"].call) == ("allowed", "ram:GetRole")
    assert "StringNotEquals" in asked["absent"].policy
    assert asked["launch-refused"].word == "Forbidden.RAM"
    assert saved.endpoint == golden.endpoint


def test_a_role_that_never_gets_its_rights_is_an_error_and_leaves_nothing(
    golden: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    golden.world.readings = DEFAULT
    own = session(golden)
    moments = iter(range(0, 10_000, 30))
    monkeypatch.setattr(observe.Asker, "not_ready", lambda self, asked: "NoPermission")
    monkeypatch.setattr(observe, "monotonic", lambda: next(moments))
    with pytest.raises(Unreachable, match="still may not make its calls after 60 s: NoPermission"):
        calibrate(own, make_plan(own, secure=False), datetime.now(UTC), lambda _: None, pause_s=0)
    assert names_left(golden.world) == []
