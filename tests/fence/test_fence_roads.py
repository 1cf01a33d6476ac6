"""Roads closed by choice: their Denies, the command that lists them, and a further row for all readers."""

from __future__ import annotations

import json
import runpy
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from imagefence.audit.audit import assess
from imagefence.cli.main import main
from imagefence.errors import Refusal
from imagefence.fence.assumptions import assumptions, planned
from imagefence.fence.documents import fence_policies, statements_closing
from imagefence.fence.probes import call, probes
from imagefence.inventory.snapshot import Snapshot
from imagefence.org.identities import role_principal, user_principal
from imagefence.policy.authorize import authorize
from imagefence.policy.decision import Verdict
from imagefence.policy.document import PolicyKind
from imagefence.policy.readings import DEFAULT
from imagefence.policy.request import Principal, Resource
from imagefence.report.jsonout import to_json
from imagefence.scope import roads
from imagefence.scope.closing import State, closing, closings
from imagefence.scope.road import Barrier, Caller, Group, Road
from imagefence.scope.scope import Attachment, Distribute, Exemption, Form, May, RoadChoice, Scope

ROOT = Path(__file__).resolve().parents[2]
ACCOUNT, OWNER = "1111111111111111", "1000000000000001"
NOW, UNTIL, LATER = (datetime(2026, month, 1, tzinfo=UTC) for month in (11, 12, 12))
ALICE = user_principal(ACCOUNT, "alice")
ADMIN, BREAKER = role_principal(ACCOUNT, "image-admin"), role_principal(ACCOUNT, "break-glass")
CONTAINERS = role_principal(ACCOUNT, "aliyuncsdefaultrole")
SCOPE = Scope(
    {"environment": ("production",)},
    (OWNER,),
    attach=Attachment(nodes=("Root/Workloads",)),
    roads=RoadChoice(every=True),
    exemptions=(
        Exemption("image-admin", frozenset({May.TAG, May.CREATE_IMAGE})),
        Exemption("break-glass", frozenset({May.LAUNCH}), UNTIL),
    ),
)
GROUPS = replace(SCOPE, attach=Attachment(groups=("dev",)))
MADE_UP = Road(
    name="made-up",
    actions=("ecs:ConjureInstance",),
    group=Group.OTHER_LAUNCHERS,
    by=Caller.SERVICE_LINKED,
    role="AliyunServiceRoleForConjuring",
    authorizes=(),
    closed_by=Barrier.DOOR,
    remark="a road that only this test knows",
    source="nowhere",
)
TEXT = """\
version: 1
approved:
  tags: {{ environment: [production] }}
  owner_accounts: ["1000000000000001"]
fence:
  attach: {{ nodes: [Root] }}
  {said}
exempt:
  - {{ role: image-admin, may: [tag, create-image] }}
"""


def passes(action: str, scope: Scope, who: Principal = ALICE, now: datetime = NOW) -> bool:
    """Whether a call gets past the fence of a scope, beside policies that allow everything."""
    kind = PolicyKind.IDENTITY if scope.attach.principals else PolicyKind.CONTROL
    policies = planned(scope, fence_policies(scope, kind, (ACCOUNT,)))
    decision = authorize(call(who, action, (Resource("*"),), {}, now), policies)
    assert decision.verdict in (Verdict.ALLOW, Verdict.EXPLICIT_DENY)
    return decision.verdict is Verdict.ALLOW


def listed(tmp_path: Path, said: str, *arguments: str) -> Result:
    """`imagefence fence roads` on a scope file, with no cloud in reach."""
    path = tmp_path / "fence.yaml"
    path.write_text(TEXT.format(said=said))
    nowhere = {"IMAGEFENCE_ENDPOINT": "127.0.0.1:1", "HOME": str(tmp_path), "COLUMNS": "250"}
    return CliRunner().invoke(main, ["fence", "roads", "--scope", str(path), *arguments], env=nowhere)


@pytest.mark.parametrize("scope", [SCOPE, GROUPS], ids=["nodes", "principals"])
def test_a_closed_door_stops_all_but_the_exempt(scope: Scope) -> None:
    """Each action of each closed door, in each form; those who may tag or launch get through theirs."""
    for one in closings(scope):
        exempt, other = (ADMIN, BREAKER) if one.road.exempt is May.TAG else (BREAKER, ADMIN)
        for action in one.actions if one.barrier is Barrier.DOOR else ():
            assert not passes(action, scope)
            assert not passes(action, scope, other)
            assert passes(action, scope, exempt)
    assert not passes("ecs:AttachDisk", scope, BREAKER, LATER)


def test_what_nobody_closes_passes() -> None:
    """Without `roads`, and with a road excepted."""
    doors = [one for one in closings(SCOPE) if one.barrier is Barrier.DOOR]
    assert len(doors) > 10
    for one in doors:
        open_ones = replace(SCOPE, roads=RoadChoice(every=True, but=(one.road.name,)))
        assert all(passes(action, open_ones) for action in one.road.actions)
        assert passes(one.road.actions[0], replace(SCOPE, roads=RoadChoice()))


def test_container_service_works_where_its_road_stays_open() -> None:
    """Its role makes scaling groups; nobody else does."""
    but = replace(SCOPE, roads=RoadChoice(every=True, but=("ack",)))
    for action in ("ess:CreateScalingConfiguration", "ecs:CreateLaunchTemplate"):
        assert passes(action, but, CONTAINERS)
        assert not passes(action, but)
        assert not passes(action, SCOPE, CONTAINERS)
    assert not passes("ecs:CreateAutoProvisioningGroup", but, CONTAINERS)


@pytest.mark.parametrize("form", list(Form))
@pytest.mark.parametrize("distribute", list(Distribute))
@pytest.mark.parametrize("attach", [SCOPE.attach, GROUPS.attach], ids=["nodes", "principals"])
def test_every_closed_road_has_its_statements(form: Form, distribute: Distribute, attach: Attachment) -> None:
    """What `fence roads` names really stands there; what is open names nothing."""
    scope = replace(SCOPE, form=form, distribute=distribute, attach=attach)
    kind = PolicyKind.IDENTITY if attach.principals else PolicyKind.CONTROL
    policies = fence_policies(scope, kind, (ACCOUNT,))
    texts = {policy.name: json.loads(policy.text)["Statement"] for policy in policies}
    for one in closings(scope):
        found = statements_closing(one, scope, policies)
        assert bool(found) is (one.state is State.CLOSED), one.road.name
        covered = {action for name, place in found for action in texts[name][place - 1]["Action"]}
        assert set(one.actions) <= covered


def test_the_probes_try_every_door() -> None:
    """A door that does not hold is a leak of the plan."""
    names = [probe.name for probe in probes(SCOPE, ALICE, NOW, DEFAULT)]
    assert "ess:CreateScalingConfiguration (auto-scaling)" in names
    policies = fence_policies(SCOPE, PolicyKind.CONTROL, (ACCOUNT,))
    whole = assumptions(SCOPE, policies, ACCOUNT, NOW)[0]
    assert whole.leaks == ()
    fewer = [policy for policy in policies if not policy.name.startswith("imagefence-doors")]
    leaks = assumptions(SCOPE, fewer, ACCOUNT, NOW)[0].leaks
    assert "ess:CreateScalingConfiguration (auto-scaling)" in leaks


def test_a_fence_that_takes_too_many_policies_is_refused() -> None:
    """A node holds ten."""
    tags = {f"golden-{n}": tuple(f"{m:0>120}" for m in range(25)) for n in range(11)}
    with pytest.raises(Refusal, match=r"takes 27 policies, and a node or an identity holds 10") as caught:
        fence_policies(replace(SCOPE, tags=tags), PolicyKind.CONTROL, (ACCOUNT,))
    assert "roads.except" in caught.value.help


def test_the_command_lists_every_road(tmp_path: Path) -> None:
    """3 while a road is open that nobody speaks of, 0 once each is closed or excepted; bad input is told."""
    silent = listed(tmp_path, "form: deny")
    assert silent.exit_code == 3, silent.output
    assert all(road.name in silent.output for road in roads.table())
    assert "except: [taggers, other-launchers, other-servers, disks]" in silent.output
    closed = listed(tmp_path, "roads: { close: all, except: [ack] }")
    assert closed.exit_code == 0, closed.output
    assert "left open by choice" in closed.output
    assert "imagefence-doors" in closed.output
    wrong = listed(tmp_path, "roads: { close: all, except: [akc] }")
    assert wrong.exit_code == 2
    assert "fence.roads.except[0]: no road or group `akc`\nhelp: did you mean `ack`?" in wrong.output


def test_the_table_as_json(tmp_path: Path) -> None:
    """Every field of a row, and the names that are open."""
    told = json.loads(listed(tmp_path, "roads: { close: [ack], except: [disks] }", "--json").output)
    rows = {row["name"]: row for row in told["roads"]}
    assert list(rows) == [road.name for road in roads.table()]
    assert (rows["ack"]["state"], rows["ack"]["caller"]) == ("closed", "service-linked")
    assert rows["ack"]["statements"] == [{"policy": "imagefence-doors", "statement": 1}]
    assert (rows["emr"]["state"], rows["emr"]["barrier"]) == ("closed", "launch")
    assert (rows["swap-disk"]["state"], rows["swap-disk"]["statements"]) == ("excepted", [])
    assert rows["exempt-callers"]["state"] == "unclosable"
    assert "auto-scaling" in told["open"]
    assert "swap-disk" not in told["open"]


def test_one_more_row_reaches_every_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The documents, the command, fence.yaml, the audit and the page; the proof reads the same `table()`."""
    empty = Snapshot(NOW, (), (), (), (), ())
    bare = replace(SCOPE, roads=RoadChoice())
    assert passes("ecs:ConjureInstance", SCOPE)
    assert "made-up" not in to_json(assess(empty, bare))
    monkeypatch.setattr(roads, "ROADS", (*roads.ROADS, MADE_UP))
    assert roads.table()[-1] is MADE_UP
    assert closing(MADE_UP, SCOPE).state is State.CLOSED
    assert not passes("ecs:ConjureInstance", SCOPE)
    assert passes("ecs:ConjureInstance", SCOPE, ADMIN)
    shown = listed(tmp_path, "roads: { close: all, except: [made-up] }", "--json")
    assert shown.exit_code == 0, shown.output
    row = json.loads(shown.output)["roads"][-1]
    assert (row["name"], row["state"], row["role"]) == ("made-up", "excepted", MADE_UP.role)
    assert any("made-up" in limit for limit in json.loads(to_json(assess(empty, bare)))["limits"])
    page = runpy.run_path(str(ROOT / "docs/generate.py"))["PAGES"]["roads.md"]()
    assert f"| `made-up` | `ecs:ConjureInstance` | {Caller.SERVICE_LINKED.value}: {MADE_UP.role} |" in page


def test_one_more_launch_or_tag_reaches_its_deny(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row of a barrier that always stands joins the statement of that barrier."""
    launch = replace(MADE_UP, group=Group.LAUNCHES, closed_by=Barrier.LAUNCH)
    tag = replace(MADE_UP, name="made-up-tag", actions=("ecs:BrandImages",), closed_by=Barrier.TAGGING)
    monkeypatch.setattr(roads, "ROADS", (*roads.ROADS, launch, tag))
    whole = "".join(policy.text for policy in fence_policies(SCOPE, PolicyKind.CONTROL, (ACCOUNT,)))
    assert '"ecs:ReplaceSystemDisk","ecs:ConjureInstance"]' in whole
    assert '"tag:UntagResources","ecs:BrandImages"]' in whole


ALL = {"  form: deny": "  form: deny\n  roads: { close: all, except: [ack] }"}


def test_roads_closed_on_a_node(town: Any) -> None:
    """Put up with all roads closed, in force, and told by name when the doors are taken off."""
    town.write(**ALL)
    applied = town.run("apply", "--yes")
    assert applied.exit_code == 0, applied.output
    assert json.loads(town.run("plan", "--json").output)["steps"] == []
    status = town.run("status", "--json")
    assert status.exit_code == 0, status.output
    ground = town.ground
    assert ground.launch(town.dev, ground.golden) == "ok"
    assert ground.launch(town.dev, ground.plain) == "403 ControlPolicy"
    listed_ones = town.admin.make("resourcedirectory", "list_control_policies", policy_type="Custom")
    (doors,) = [
        policy.policy_id
        for policy in listed_ones.control_policies.control_policy
        if policy.policy_name == "imagefence-doors"
    ]
    town.admin.make(
        "resourcedirectory", "detach_control_policy", policy_id=doors, target_id=town.ids["Root/Workloads"]
    )
    open_now = town.run("status")
    assert open_now.exit_code == 3
    assert "open road: config:CreateRemediation (tag-by-remediation)" in open_now.output
    assert "(ack)" not in open_now.output


def test_roads_closed_for_a_group(lone: Any) -> None:
    """On principals the doors of service roles are closed too, and open roads are told by plan."""
    lone.write()
    path = lone.folder / "fence.yaml"
    path.write_text(path.read_text().replace(*next(iter(ALL.items()))))
    applied = lone.run("apply", "--yes")
    assert applied.exit_code == 0, applied.output
    assert lone.run("status").exit_code == 0
    texts = lone.identities()[1]
    denied = {
        action
        for name, (text, *_) in texts.items()
        if name.startswith("imagefence-doors")
        for statement in text["Statement"]
        for action in statement["Action"]
    }
    assert {"emr:RunCluster", "ros:CreateStack", "ess:CreateScalingConfiguration"} <= denied
    assert "cs:CreateCluster" not in denied
    assert lone.ground.launch(lone.dora, lone.ground.golden) == "ok"
    shown = lone.run("plan")
    assert "other-launchers" in shown.output
    assert "ack; `roads` in" in shown.output
