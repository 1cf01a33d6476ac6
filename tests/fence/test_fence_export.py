"""The plan as Terraform, ROS templates and JSON: golden files, structure, and what apply really puts up.

`python tests/fence/test_fence_export.py` writes the golden files anew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from export_shapes import MAPS, ROS, TERRAFORM
from imagefence.cli.fence_export import FORMATS
from imagefence.errors import Refusal
from imagefence.fence.plan import FencePlan, make_plan
from imagefence.fence.standing import (
    AccountStanding,
    ControlStanding,
    PolicyStanding,
    RoleStanding,
    Standing,
)
from imagefence.org.identities import Group, Identities, Role, User
from imagefence.org.organization import Account, Folder, Organization
from imagefence.policy.document import PolicyKind
from imagefence.policy.parse import parse
from imagefence.policy.policies import AttachedPolicy
from imagefence.scope.parse import parse_scope
from imagefence.scope.scope import Form

GOLDEN = Path(__file__).parent / "golden"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
OWN, MEMBER, BUILDER = "1000000000000001", "1000000000000002", "1000000000000003"
SCOPE = """\
version: 1
approved:
  tags: {{ environment: [production] }}
  owner_accounts: ["{owner}"]
fence:
  form: {form}
  attach: {attach}
exempt:
  - {{ role: image-admin, may: [tag, create-image] }}
  - {{ role: break.glass, may: [launch], until: 2096-12-31T00:00:00Z, reason: INC-4711 }}
"""
OLD = '{"Version":"1","Statement":[{"Effect":"Deny","Action":"ecs:*","Resource":"*"}]}'
TRUST = (
    '{"Version":"1","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",'
    f'"Principal":{{"RAM":["acs:ram::{OWN}:root"]}}}}]}}'
)
ADMIN = AttachedPolicy(
    "AdministratorAccess",
    parse(
        '{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}', PolicyKind.IDENTITY
    ),
    system=True,
)


def directory() -> tuple[FencePlan, Standing]:
    """A fence on a folder with one member, by an allow list; parts of an older one stand."""
    member = Account(MEMBER, "dev", "Root/Workloads/dev")
    workloads = Folder("fd-work", "Workloads", "Root/Workloads", accounts=(member,))
    root = Folder("r-root", "Root", "Root", (workloads,), (Account(BUILDER, "images", "Root/images"),))
    organization = Organization("rd-1", root, Account(OWN, "owner", "Root/owner"))
    role = RoleStanding("Image-Admin", OLD, "made by hand")
    account = AccountStanding(
        MEMBER, "dev", Identities(MEMBER, (User("dora", (ADMIN,)),)), {"Image-Admin": role}
    )
    standing = Standing(
        OWN,
        f"acs:ram::{OWN}:user/admin",
        organization,
        (workloads,),
        {
            "imagefence-launch": ControlStanding("cp-1", OLD, "imagefence: of old", ("fd-work",)),
            "imagefence-gone": ControlStanding("cp-2", OLD, "imagefence: of old", ("r-root",)),
        },
        {"fd-work": {"cp-FullAliyunAccess": "FullAliyunAccess", "cp-1": "imagefence-launch"}},
        {MEMBER: account},
    )
    text = SCOPE.format(owner=BUILDER, form="both", attach="{ nodes: [Root/Workloads] }")
    return make_plan(parse_scope(text, "fence.yaml"), standing, NOW), standing


def account() -> tuple[FencePlan, Standing]:
    """A fence on a user, a group and a role of a lone account, where nothing stands yet."""
    identities = Identities(
        OWN,
        (User("dora", (ADMIN,), ("dev",)), User("otto", (ADMIN,)), User("d.o", (ADMIN,))),
        (Group("dev"),),
        (Role("ci", (ADMIN,)),),
    )
    counts = {"user/d.o": 0, "group/dev": 0, "role/ci": 0}
    lone = AccountStanding(OWN, "", identities, custom_counts=counts)
    standing = Standing(OWN, f"acs:ram::{OWN}:root", None, (), accounts={OWN: lone})
    text = SCOPE.format(
        owner=OWN, form="deny", attach="{ principals: { users: [d.o], groups: [dev], roles: [ci] } }"
    )
    return make_plan(parse_scope(text, "fence.yaml"), standing, NOW), standing


GROUNDS = {"directory": directory, "account": account}
CASES = [(ground, form) for ground in GROUNDS for form in FORMATS]


def files(ground: str, form: str) -> dict[str, str]:
    """The golden files of a case by name."""
    plan, standing = GROUNDS[ground]()
    return {f"{ground}-{name}": text for name, text in FORMATS[form](plan, standing).files.items()}


@pytest.mark.parametrize(("ground", "form"), CASES)
def test_an_export_is_the_golden_one(ground: str, form: str) -> None:
    for name, text in files(ground, form).items():
        assert text == (GOLDEN / name).read_text(encoding="utf-8"), name


def test_what_no_format_says_is_a_note() -> None:
    plan, standing = directory()
    kinds = {"detach control policy", "delete control policy"}
    left_out = [str(step) for step in plan.steps if step.kind.value in kinds]
    assert len(left_out) == 3
    for form in ("terraform", "ros"):
        export = FORMATS[form](plan, standing)
        assert all(any(step in note for note in export.notes) for step in left_out)
        assert all(note in text for text in texts_of(export.files) for note in export.notes)
    assert any("the order of the stacks" in note for note in FORMATS["ros"](plan, standing).notes)
    padded = tuple(replace(one, text=one.text.ljust(2049)) for one in plan.policies)
    wide = [one.name for one in padded if len(one.text) == 2049]
    told = [
        note for note in FORMATS["ros"](replace(plan, policies=padded), standing).notes if "2,048" in note
    ]
    assert wide
    assert all(any(f"`{name}` has 2049" in note for note in told) for name in wide)


def test_what_comes_before_the_declaration_is_said_to() -> None:
    """Switching control policies on, and FullAliyunAccess back where an allow list goes."""
    plan, standing = directory()
    assert standing.organization
    off = replace(standing, organization=replace(standing.organization, control_policies_enabled=False))
    (told,) = (
        note for note in FORMATS["ros"](make_plan(plan.scope, off, NOW), off).notes if "switch" in note
    )
    assert told.startswith("not expressed: switch control policies on; do it before anything else")
    listed = replace(
        standing,
        control={"imagefence-allow": ControlStanding("cp-9", OLD, "imagefence: list", ("fd-work",))},
        attached={"fd-work": {"cp-9": "imagefence-allow"}},
    )
    again = make_plan(replace(plan.scope, form=Form.DENY), listed, NOW)
    notes = [note for note in FORMATS["terraform"](again, listed).notes if "FullAliyunAccess" in note]
    assert len(notes) == 1
    assert notes[0].startswith(
        "not expressed: attach control policy `FullAliyunAccess` to Root/Workloads; do it first"
    )


def texts_of(exported: Any) -> list[str]:
    """Each file's own words, unescaped."""
    return [json.dumps(json.loads(text), ensure_ascii=False).replace("\\", "") for text in exported.values()]


def test_every_step_has_its_resource_and_no_two_share_a_name() -> None:
    for ground in GROUNDS.values():
        plan, standing = ground()
        fence = json.loads(FORMATS["json"](plan, standing).files["imagefence-fence.json"])["fence"]
        terraform = json.loads(FORMATS["terraform"](plan, standing).files["imagefence.tf.json"])
        made = [
            one for kind, them in terraform["resource"].items() if kind != "terraform_data" for one in them
        ]
        ros = FORMATS["ros"](plan, standing).files.values()
        assert len(made) == len(fence) == sum(len(json.loads(one)["Resources"]) for one in ros)


def test_an_account_fence_that_stands_is_imported_whole() -> None:
    plan, standing = account()
    texts = {step.name: step.after for step in plan.steps if step.kind.value == "create policy"}
    places = {name: tuple(s.target for s in plan.steps if s.target and s.name == name) for name in texts}
    roles = {
        s.name: RoleStanding(s.name, s.after, s.about) for s in plan.steps if s.kind.value == "create role"
    }
    policies = {name: PolicyStanding(texts[name], "imagefence: x", places[name]) for name in texts}
    there = replace(standing, accounts={OWN: replace(standing.accounts[OWN], roles=roles, policies=policies)})
    again = make_plan(plan.scope, there, NOW)
    assert not again.steps
    first = json.loads(FORMATS["terraform"](plan, standing).files["imagefence.tf.json"])
    second = json.loads(FORMATS["terraform"](again, there).files["imagefence.tf.json"])
    assert "import" not in first
    named = [f"{kind}.{one}" for kind in second["resource"] for one in second["resource"][kind]]
    assert {one["to"] for one in second["import"]} == set(named) - {"terraform_data.imagefence_exempt_roles"}
    assert {kind: set(them) for kind, them in first["resource"].items()} == {
        kind: set(them) for kind, them in second["resource"].items()
    }


def test_a_refused_plan_is_not_exported() -> None:
    plan, standing = account()
    for write in FORMATS.values():
        with pytest.raises(Refusal, match="the fence is not exported: no"):
            write(replace(plan, refusals=("no",)), standing)


def test_templates_in_texts_stay_texts() -> None:
    plan, standing = account()
    policies = tuple(replace(one, text=one.text.replace("production", "${x}%{y}")) for one in plan.policies)
    text = FORMATS["terraform"](replace(plan, policies=policies), standing).files["imagefence.tf.json"]
    assert "$${x}%%{y}" in text
    assert not re.search(r"(?<!\$)\$\{x|(?<!%)%\{y", text)


@pytest.mark.parametrize("ground", GROUNDS)
def test_the_exports_have_the_documented_structure(ground: str) -> None:
    for form, schema in (("terraform", TERRAFORM), ("ros", ROS)):
        for text in files(ground, form).values():
            Draft202012Validator(schema).validate(json.loads(text))


@pytest.mark.parametrize("ground", GROUNDS)
def test_what_is_referred_to_is_there(ground: str) -> None:
    (text,) = files(ground, "terraform").values()
    resources = json.loads(text)["resource"]
    named = {f"{kind}.{name}" for kind, them in resources.items() for name in them}
    waits = {
        wait for them in resources.values() for one in them.values() for wait in one.get("depends_on", ())
    }
    references = set(re.findall(r'"\$\{([^.]+\.[^.]+)\.', text))
    assert references
    assert references | waits <= named
    for template in files(ground, "ros").values():
        made = json.loads(template)["Resources"]
        assert {wait for one in made.values() for wait in one.get("DependsOn", ())} <= set(made)
        gotten = [one["Properties"].get("PolicyId", {}).get("Fn::GetAtt") for one in made.values()]
        assert {name for name, _ in filter(None, gotten)} <= set(made)


def exported_documents(export: dict[str, str]) -> Iterator[tuple[str, Any]]:
    """Each policy and trust of an export by the name of what has it."""
    for text in export.values():
        data = json.loads(text)
        resources = [one for them in data.get("resource", {}).values() for one in them.values()]
        resources += [one["Properties"] for one in data.get("Resources", {}).values()]
        resources += data.get("fence", [])
        for one in resources:
            name = next((one[key] for key in NAMED if key in one), "")
            for key in DOCUMENTS & set(one):
                yield name, json.loads(one[key]) if isinstance(one[key], str) else one[key]


NAMED = (
    "control_policy_name",
    "ControlPolicyName",
    "policy_name",
    "PolicyName",
    "role_name",
    "RoleName",
    "name",
)
DOCUMENTS = {"policy_document", "assume_role_policy_document", "PolicyDocument", "after"} | MAPS


def exported(ground: Any, form: str) -> dict[str, Any]:
    """What an export of a running fence says, by name."""
    folder = ground.folder / form
    result = ground.run("plan", "--export", form, "--out", str(folder))
    assert result.exit_code == 0, result.output
    return dict(exported_documents({path.name: path.read_text() for path in folder.iterdir()}))


def test_apply_puts_up_the_documents_of_the_exports_on_nodes(town: Any) -> None:
    town.write()
    before = {form: exported(town, form) for form in FORMATS}
    assert town.run("apply", "--yes").exit_code == 0
    _, control, (trusts, policies) = town.world()
    held = {name: json.loads(text) for name, text in (control | trusts).items()}
    held |= {name: text for name, (text, *_) in policies.items()}
    for form, documents in before.items():
        ours = {name: held[name] for name in documents}
        assert documents == ours, form
        assert {name for name in held if name.startswith("imagefence-")} <= set(documents)
        assert exported(town, form) == documents


def test_apply_puts_up_the_documents_of_the_exports_on_principals(lone: Any) -> None:
    lone.write()
    before = {form: exported(lone, form) for form in FORMATS}
    assert lone.run("apply", "--yes").exit_code == 0
    trusts, policies = lone.identities()
    held = {name: json.loads(text) for name, text in trusts.items()}
    held |= {name: text for name, (text, *_) in policies.items()}
    for documents in before.values():
        assert documents == {name: held[name] for name in documents}
        assert {name for name in held if name.startswith("imagefence-")} <= set(documents)
    text = lone.run("plan", "--export", "terraform").stdout
    assert len(json.loads(text)["import"]) == sum(
        len(them) for kind, them in json.loads(text)["resource"].items() if kind != "terraform_data"
    )


def test_wrong_options_are_told(town: Any) -> None:
    town.write()
    for arguments_given, told in (
        (("--export", "cdk"), "'cdk' is not one of 'terraform', 'ros', 'json'"),
        (("--out", str(town.folder)), "`--out` is for an export"),
        (("--export", "ros", "--json"), "`--export` writes a form of its own"),
        (("--export", "ros"), "name a folder for them with `--out DIR`"),
        (("--export", "json", "--out", str(town.folder / "fence.yaml" / "x")), "cannot write"),
    ):
        result = town.run("plan", *arguments_given)
        assert result.exit_code == 2, result.output
        assert told in result.stderr
        assert not result.stdout


if __name__ == "__main__":
    for one in CASES:
        for name, text in files(*one).items():
            (GOLDEN / name).write_text(text, encoding="utf-8")
