"""Attachments from a file: counts at and over their limits, what stands beside and above, places."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from imagefence.cli.main import main
from imagefence.fence.documents import fence_policies
from imagefence.lint.arrangement import Arrangement, Holder, HolderKind, Hung
from imagefence.lint.arrangement_file import read_arrangement
from imagefence.lint.attachments import arrangement_remarks, document_remarks
from imagefence.lint.remark import Severity
from imagefence.policy.document import PolicyKind
from imagefence.policy.parse import parse
from imagefence.scope.scope import Attachment, Distribute, Exemption, Form, May, OtherLaunchers, Scope

FULL = {"Effect": "Allow", "Action": "*", "Resource": "*"}
ALLOW_BY_TAG = {
    "Effect": "Allow",
    "Action": "ecs:RunInstances",
    "Resource": "acs:ecs:*:*:image/*",
    "Condition": {"StringEquals": {"acs:ResourceTag/golden": "yes"}},
}
UNTAGGED = {"StringNotEquals": {"acs:ResourceTag/golden": "yes"}}
DENY_LAUNCH = {**ALLOW_BY_TAG, "Effect": "Deny", "Condition": UNTAGGED}
DENY_TAGS = {
    "Effect": "Deny",
    "Action": ["ecs:TagResources", "ecs:AddTags", "tag:TagResources", "ecs:C*Image", "ecs:ImportImage"],
    "Resource": "*",
}
READINGS = {"absent-tag", "image-resource-only"}


def hung(name: str, *statements: dict[str, Any], kind: PolicyKind = PolicyKind.CONTROL) -> Hung:
    text = json.dumps({"Version": "1", "Statement": list(statements)})
    return Hung(name, parse(text, kind), system=name.startswith(("Full", "Aliyun")))


EVERYTHING = hung("FullAliyunAccess", FULL)


def node(path: str, *policies: Hung) -> Holder:
    return Holder(HolderKind.NODE, path, policies)


def said(*holders: Holder) -> set[tuple[str, str]]:
    arrangement = Arrangement(holders)
    own = {(each.holder, each.found.rule) for each in arrangement_remarks(arrangement)}
    texts = {(each.source, remark.rule) for each in document_remarks(arrangement) for remark in each.remarks}
    return {(place, rule) for place, rule in own | texts if rule not in READINGS}


def test_an_allow_beside_full_access_blocks_nothing_and_alone_it_kills_the_node() -> None:
    guard = hung("guard", ALLOW_BY_TAG)
    assert ("Root/guard", "blocks-nothing") in said(node("Root", EVERYTHING, guard))
    alone = said(node("Root", EVERYTHING), node("Root/A", guard))
    assert ("Root/A", "dead-account") in alone
    assert not {rule for _, rule in alone} & {"blocks-nothing", "allow-in-control-policy"}


def test_a_policy_on_two_nodes_is_seen_on_each() -> None:
    guard = hung("guard", ALLOW_BY_TAG)
    found = said(node("Root", EVERYTHING), node("Root/A", guard), node("Root/B", EVERYTHING, guard))
    assert ("Root/B/guard", "blocks-nothing") in found
    assert ("Root/A/guard", "forgeable-tag") in found
    assert ("Root/B/guard", "forgeable-tag") not in found, "what was told once is not told again"


def test_policies_of_one_node_unite() -> None:
    rest = hung("rest", {"Effect": "Allow", "NotAction": "ecs:RunInstances", "Resource": "*"})
    assert {rule for _, rule in said(node("Root", rest, hung("guard", ALLOW_BY_TAG)))} == {"forgeable-tag"}


def test_a_fence_is_seen_with_what_stands_beside_it_and_above() -> None:
    fence, tags = hung("fence", DENY_LAUNCH), hung("tags", DENY_TAGS)
    below = node("Root/A", EVERYTHING, fence)
    assert ("Root/A/fence", "forgeable-tag") in said(node("Root", EVERYTHING), below)
    assert said(node("Root", EVERYTHING, tags), below) == set()
    assert said(node("Root", EVERYTHING), node("Root/A", EVERYTHING, fence, tags)) == set()
    beside = said(node("Root", EVERYTHING), below, node("Root/B", EVERYTHING, tags))
    assert ("Root/A/fence", "forgeable-tag") in beside, "what hangs elsewhere closes nothing here"


def test_a_deny_repeated_below_is_told_and_an_allow_is_not() -> None:
    tags = hung("tags", DENY_TAGS)
    found = said(
        node("Root", EVERYTHING, tags), node("Root/A", EVERYTHING, tags), node("Rooted", EVERYTHING, tags)
    )
    assert found == {("Root/A", "repeated-attachment")}


@pytest.mark.parametrize(("count", "rules"), [(9, set()), (10, {"no-room"}), (11, {"too-many-attachments"})])
def test_control_policies_on_a_node(count: int, rules: set[str]) -> None:
    more = [hung(f"deny-{n}", {**DENY_TAGS, "Action": f"oss:Put{n}*"}) for n in range(count - 1)]
    assert {rule for _, rule in said(node("Root", EVERYTHING, *more)) if rule != "unknown-action"} == rules


@pytest.mark.parametrize("kind", [HolderKind.USER, HolderKind.GROUP, HolderKind.ROLE])
@pytest.mark.parametrize(
    ("system", "own", "rules"),
    [
        (19, 9, set()),
        (20, 9, {"no-room"}),
        (19, 10, {"no-room"}),
        (21, 9, {"too-many-attachments"}),
        (19, 11, {"too-many-attachments"}),
    ],
)
def test_policies_on_an_identity(kind: HolderKind, system: int, own: int, rules: set[str]) -> None:
    vendors = [Hung(f"Aliyun{n}", system=True) for n in range(system)]
    holder = Holder(kind, "x", (*vendors, *(Hung(f"own-{n}") for n in range(own))))
    assert {rule for _, rule in said(holder)} - {"user-policy"} == rules


@pytest.mark.parametrize(("count", "rules"), [(10, set()), (11, {"too-many-groups"})])
def test_groups_of_a_user(count: int, rules: set[str]) -> None:
    user = Holder(HolderKind.USER, "alice", (), tuple(f"g{n}" for n in range(count)))
    assert {rule for _, rule in said(user)} == rules


def test_a_user_has_what_its_group_has() -> None:
    policy = Hung("AliyunECSReadOnlyAccess", system=True)
    alice = Holder(HolderKind.USER, "alice", (policy,), ("dev",))
    assert said(alice, Holder(HolderKind.GROUP, "dev", (policy,))) == {("alice", "repeated-attachment")}


def test_trust_and_identity_policies_are_linted_as_such() -> None:
    trust = parse(
        '{"Version":"1","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":'
        '{"RAM":"acs:ram::1:root"}}]}',
        PolicyKind.TRUST,
    )
    admin = hung("admin", FULL, kind=PolicyKind.IDENTITY)
    role = Holder(HolderKind.ROLE, "ci", (admin,), trust=trust)
    assert said(role) == {("role/ci/trust", "wide-trust"), ("ci/admin", "allows-everything")}


UNTIL = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("distribute", Distribute)
def test_our_own_fence_stands_without_a_warning(form: Form, distribute: Distribute) -> None:
    scope = Scope(
        {"environment": ("production",)},
        ("1000000000000001",),
        form=form,
        distribute=distribute,
        attach=Attachment(nodes=("Root/Workloads",)),
        other_launchers=OtherLaunchers.CLOSED,
        exemptions=(
            Exemption("image-admin", frozenset({May.TAG, May.CREATE_IMAGE})),
            Exemption("break-glass", frozenset({May.LAUNCH}), UNTIL),
        ),
    )
    policies = fence_policies(scope, PolicyKind.CONTROL, ("1000000000000002",))
    texts = [Hung(each.name, parse(each.text, each.kind)) for each in policies]
    beside = [] if form.allows else [EVERYTHING]
    arrangement = Arrangement((node("Root", EVERYTHING), node("Root/Workloads", *beside, *texts)))
    found = [each.found for each in arrangement_remarks(arrangement)]
    severe = [
        (each.source, remark.rule, remark.message)
        for each in document_remarks(arrangement)
        for remark in each.remarks
        if remark.severity is not Severity.NOTE
    ]
    assert (found, severe) == ([], [])


TREE = """\
nodes:
  Root: [FullAliyunAccess]
  Root/Workloads: [FullAliyunAccess, guard]
users:
  alice: {policies: [deploy], groups: [dev]}
  bob: {groups: [dev]}
groups:
  dev: [AliyunECSReadOnlyAccess]
roles:
  ci: [deploy]
policies:
  guard: guard.json
  deploy: {text: '{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}', versions: 5}
"""


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["policy", "lint", *arguments])


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "guard.json").write_text(json.dumps({"Version": "1", "Statement": [ALLOW_BY_TAG]}))
    (tmp_path / "tree.yaml").write_text(TREE)
    return tmp_path / "tree.yaml"


def test_a_file_is_read_with_the_files_beside_it(tree: Path) -> None:
    result = run("--attachments", str(tree), "--json")
    assert result.exit_code == 3
    found = {
        (Path(each["file"]).name, remark["rule"], remark["line"], remark["column"])
        for each in json.loads(result.stdout)
        for remark in each["remarks"]
    }
    assert ("tree.yaml", "user-policy", 5, 22) in found
    assert ("tree.yaml", "no-version-left", 13, 11) in found
    assert ("guard", "blocks-nothing", 4, 5) in found
    assert ("deploy", "allows-everything", 4, 5) in found
    text = run("--attachments", str(tree), "--select", "user-policy").stdout
    assert f"{tree}:5:22: note: `deploy` hangs on the user itself [user-policy]" in text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nodes: [Root]", "tree.yaml:1:8"),
        ("node: {}", "unknown key `node`"),
        ("users: {alice: {policies: deploy}}", "expected a list"),
        ("policies: {a: {versions: x}}", "`x` is not a number"),
        ("roles: {ci: [a]}\npolicies: {a: missing.json}", "cannot read"),
        ("nodes: {}", "names no node"),
        ("nodes: {Root: [a]}\npolicies: {a: {text: '{}'}}", "`Version` is missing"),
    ],
)
def test_a_wrong_file_is_refused_at_its_place(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "tree.yaml").write_text(text)
    result = run("--attachments", str(tmp_path / "tree.yaml"))
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.output


def test_a_path_means_the_node_however_it_ends() -> None:
    arrangement = read_arrangement("nodes: {Root/A/: [x]}", "t", str)
    assert [each.name for each in arrangement.holders] == ["Root/A"]


def test_lengths_are_those_of_the_text_as_it_is_held() -> None:
    """Not of the print that is shown: white space counts where it was saved, and nowhere else."""
    actions = [f"ecs:Describe{number:03}" for number in range(160)]
    data = {"Version": "1", "Statement": [{**FULL, "Effect": "Deny", "Action": actions}]}
    short, wide = json.dumps(data, separators=(",", ":")), json.dumps(data, indent=8)
    assert len(short) < 0.9 * 4096 < 4096 < len(wide)
    made = replace(parse(short, PolicyKind.CONTROL), length=0)
    for document, expected in (
        (parse(short, PolicyKind.CONTROL), None),
        (made, None),
        (parse(wide, PolicyKind.CONTROL, stored=True), f"the policy has {len(wide)} characters"),
    ):
        holder = Holder(HolderKind.NODE, "Root", (Hung("long", document),))
        remarks = [one for each in document_remarks(Arrangement((holder,))) for one in each.remarks]
        told = [one.message for one in remarks if one.rule in {"too-long", "near-limit"}]
        assert [text.partition(";")[0] for text in told] == ([expected] if expected else [])
