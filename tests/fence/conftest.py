"""A directory with two members, and a lone account, made by the official SDK alone."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from imagefence.cli.main import main

REGION = "cn-hangzhou"
TAG = {"environment": "production"}
EVERYTHING = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
FENCE = """\
version: 1
approved:
  tags: {{ environment: [production] }}
  owner_accounts: ["{owner}"]
fence:
  form: {form}
  attach: {attach}
exempt:
  - {{ role: image-admin, may: [tag, create-image] }}
  - {{ role: break-glass, may: [launch], until: 2096-12-31T00:00:00Z, reason: INC-4711 }}
"""


@dataclass(frozen=True)
class Key:
    """A credential."""

    id: str
    secret: str
    token: str = ""


def until(ready: Callable[[], bool]) -> None:
    """Waits until it is so."""
    end = time.monotonic() + 10
    while not ready():
        assert time.monotonic() < end, "the sandbox took too long"
        time.sleep(0.03)


def outcome(call: Callable[[], Any]) -> str:
    """`ok`, or the status with the PolicyType of a denial, else with the code."""
    try:
        call()
    except Exception as error:  # noqa: BLE001 - each SDK product has its own classes
        data = getattr(error, "data", None) or {}
        detail = getattr(error, "access_denied_detail", None) or data.get("AccessDeniedDetail") or {}
        status = getattr(error, "status_code", None) or data.get("statusCode")
        return f"{status} {detail.get('PolicyType') or getattr(error, 'code', '')}"
    return "ok"


class Caller:
    """One key at the sandbox, through the official SDK."""

    def __init__(self, sandbox: Any, key: Key) -> None:
        self.sandbox, self.key = sandbox, key

    def client(self, product: str) -> Any:
        """The official client."""
        return self.sandbox.client(product, self.key.id, self.key.secret, self.key.token or None)

    def make(self, product: str, operation: str, **fields: Any) -> Any:
        """Calls an operation by its SDK name (`run_instances`) and gives the answer's body."""
        models, call = self.sandbox.models(product), getattr(self.client(product), operation)
        word = operation.replace("_", "") + "request"
        found = next((name for name in dir(models) if name.lower() == word), None)
        return call(getattr(models, found)(**fields)).body if found else call().body

    def assume(self, account: str, role: str) -> Caller:
        """A role session."""
        arn = f"acs:ram::{account}:role/{role}"
        found = self.make("sts", "assume_role", role_arn=arn, role_session_name="tester").credentials
        return Caller(self.sandbox, Key(found.access_key_id, found.access_key_secret, found.security_token))

    def user(self, name: str, group: str = "") -> Caller:
        """A RAM user who may do everything, by a policy of its own or of its group."""
        self.make("ram", "create_user", user_name=name)
        if group:
            self.make("ram", "add_user_to_group", user_name=name, group_name=group)
        else:
            self.make(
                "ram",
                "attach_policy_to_user",
                policy_type="System",
                policy_name="AdministratorAccess",
                user_name=name,
            )
        made = self.make("ram", "create_access_key", user_name=name).access_key
        return Caller(self.sandbox, Key(made.access_key_id, made.access_key_secret))

    def tags(self, request: str, tags: dict[str, str]) -> list[Any]:
        """Tags in the class that a request of the SDK wants."""
        kind = getattr(self.sandbox.models("ecs"), f"{request}Tag")
        return [kind(key=key, value=value) for key, value in tags.items()]


@dataclass
class Ground:
    """Somewhere to launch in one account, with an instance, an untagged image and a golden one."""

    owner: Caller
    vswitch: str = ""
    group: str = ""
    stock: str = ""
    instance: str = ""
    plain: str = ""
    golden: str = ""

    def prepare(self) -> Ground:
        """Makes all of it."""
        vpc = self.owner.make("vpc", "create_vpc", region_id=REGION, cidr_block="10.0.0.0/8").vpc_id
        until(
            lambda: (
                self.owner.make("vpc", "describe_vpcs", region_id=REGION, vpc_id=vpc).vpcs.vpc[0].status
                == "Available"
            )
        )
        self.vswitch = self.owner.make(
            "vpc",
            "create_vswitch",
            region_id=REGION,
            vpc_id=vpc,
            zone_id="cn-hangzhou-h",
            cidr_block="10.0.0.0/24",
        ).v_switch_id
        self.group = self.owner.make(
            "ecs", "create_security_group", region_id=REGION, vpc_id=vpc
        ).security_group_id
        listed = self.owner.make(
            "ecs",
            "describe_images",
            region_id=REGION,
            architecture="x86_64",
            ostype="linux",
            image_owner_alias="system",
        )
        self.stock = listed.images.image[0].image_id
        until(lambda: self.launch(self.owner, self.stock, keep=True) == "ok")
        until(lambda: self.status() == "Running")
        self.plain = self.image(self.owner, "plain", {})
        self.golden = self.image(self.owner, "golden", TAG)
        return self

    def launch(self, who: Caller, image: str, *, keep: bool = False) -> str:
        """Launches from an image."""

        def call() -> None:
            made = who.make(
                "ecs",
                "run_instances",
                region_id=REGION,
                image_id=image,
                instance_type="ecs.g6.large",
                v_switch_id=self.vswitch,
                security_group_id=self.group,
            )
            if keep:
                self.instance = made.instance_id_sets.instance_id_set[0]

        return outcome(call)

    def status(self) -> str:
        """The status of the instance."""
        ids = json.dumps([self.instance])
        found = self.owner.make("ecs", "describe_instances", region_id=REGION, instance_ids=ids)
        return str(found.instances.instance[0].status)

    def image(self, who: Caller, name: str, tags: dict[str, str]) -> str:
        """An image of the instance, once it can be used."""
        made = who.make(
            "ecs",
            "create_image",
            region_id=REGION,
            instance_id=self.instance,
            image_name=name,
            tag=who.tags("CreateImageRequest", tags),
        ).image_id
        until(
            lambda: bool(
                self.owner.make("ecs", "describe_images", region_id=REGION, image_id=made).images.image
            )
        )
        return str(made)

    def tag(self, who: Caller, kind: str, resource: str) -> str:
        """Tags with the approved tag, by ecs:TagResources."""
        tags = who.tags("TagResourcesRequest", TAG)
        return outcome(
            lambda: who.make(
                "ecs",
                "tag_resources",
                region_id=REGION,
                resource_type=kind,
                resource_id=[resource],
                tag=tags,
            )
        )


@dataclass
class Town:
    """A directory: its administrator, a member below Root/Workloads, and a developer there."""

    sandbox: Any
    folder: Path
    admin: Caller
    member: str
    image_account: str
    dev: Caller
    ground: Ground
    ids: dict[str, str] = field(default_factory=dict)

    def write(self, form: str = "deny", attach: str = "{ nodes: [Root/Workloads] }", **changes: str) -> None:
        """Writes the scope file."""
        text = FENCE.format(owner=self.image_account, form=form, attach=attach)
        for old, new in changes.items():
            assert old in text
            text = text.replace(old, new)
        (self.folder / "fence.yaml").write_text(text)

    def run(self, *arguments: str, who: Caller | None = None) -> Result:
        """Runs `imagefence fence …` on the scope file."""
        return run_fence(self.sandbox, self.folder, who or self.admin, *arguments)

    def factory(self) -> Ground:
        """The account where golden images are built, with one of them."""
        return Ground(self.admin.assume(self.image_account, "ResourceDirectoryAccountAccessRole")).prepare()

    def share(self, ground: Ground, image: str) -> None:
        """Shares an image with the member."""
        ground.owner.make(
            "ecs",
            "modify_image_share_permission",
            region_id=REGION,
            image_id=image,
            add_account=[self.member],
        )

    def enabled(self) -> bool:
        """Tells whether control policies are on."""
        found = self.admin.make("resourcedirectory", "get_control_policy_enablement_status")
        return bool(found.enablement_status == "Enabled")

    def init(self, *arguments: str) -> Result:
        """Runs `imagefence fence init`."""
        return CliRunner().invoke(
            main, ["fence", "init", "--scope", str(self.folder / "fence.yaml"), *arguments]
        )

    def outcome(self, attempt: Callable[[], Any]) -> str:
        """How an attempt ends."""
        return outcome(attempt)

    def world(self) -> Any:
        """What a fence may change, as the cloud tells it, without ids, dates and version numbers."""
        nodes = {}
        for path, node in {**self.ids, "member": self.member}.items():
            held = self.admin.make(
                "resourcedirectory", "list_control_policy_attachments_for_target", target_id=node
            ).control_policy_attachments.control_policy_attachment
            nodes[path] = sorted(policy.policy_name for policy in held)
        listed = self.admin.make("resourcedirectory", "list_control_policies", policy_type="Custom")
        inside = self.admin.assume(self.member, "ResourceDirectoryAccountAccessRole")
        return nodes, control_texts(self.admin, listed), identities(inside)


def control_texts(admin: Caller, listed: Any) -> dict[str, str]:
    """The texts of the custom control policies by name."""
    return {
        policy.policy_name: admin.make(
            "resourcedirectory", "get_control_policy", policy_id=policy.policy_id
        ).control_policy.policy_document
        for policy in listed.control_policies.control_policy
    }


def identities(who: Caller) -> Any:
    """The roles, policies and attachments of an account."""
    roles = who.make("ram", "list_roles").roles.role
    policies = who.make("ram", "list_policies", policy_type="Custom").policies.policy
    trusts = {
        role.role_name: who.make("ram", "get_role", role_name=role.role_name).role.assume_role_policy_document
        for role in roles
    }
    texts = {}
    for policy in policies:
        one = {"policy_type": "Custom", "policy_name": policy.policy_name}
        text = who.make("ram", "get_policy", **one).default_policy_version.policy_document
        held = who.make("ram", "list_entities_for_policy", **one)
        texts[policy.policy_name] = (
            json.loads(text),
            sorted(user.user_name for user in held.users.user),
            sorted(group.group_name for group in held.groups.group),
            sorted(role.role_name for role in held.roles.role),
        )
    return trusts, texts


def run_fence(sandbox: Any, folder: Path, who: Caller, *arguments: str) -> Result:
    """Runs `imagefence fence …` in this process."""
    environment = {
        "IMAGEFENCE_ENDPOINT": sandbox.endpoint,
        "ALIBABA_CLOUD_ACCESS_KEY_ID": who.key.id,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": who.key.secret,
        "ALIBABA_CLOUD_SECURITY_TOKEN": who.key.token,
        "ALIBABA_CLOUD_REGION_ID": REGION,
        "HOME": str(folder),
        "COLUMNS": "200",
    }
    command, *rest = arguments
    files = ["--scope", str(folder / "fence.yaml"), "--journal", str(folder / "fence.ndjson")]
    return CliRunner().invoke(main, ["fence", command, *files, *rest], env=environment)


@pytest.fixture
def town(fresh_sandbox: Any, tmp_path: Path) -> Town:
    """The directory, control policies on."""
    made = make_town(fresh_sandbox, tmp_path)
    made.admin.make("resourcedirectory", "enable_control_policy")
    until(made.enabled)
    return made


@pytest.fixture
def new_town(fresh_sandbox: Any, tmp_path: Path) -> Town:
    """The directory, control policies never switched on."""
    return make_town(fresh_sandbox, tmp_path)


def make_town(sandbox: Any, folder: Path) -> Town:
    """The directory with its folders and members."""
    sandbox.world.settle = timedelta(0)
    root = Caller(sandbox, Key(sandbox.access_key_id, sandbox.access_key_secret))
    admin = root.user("admin")
    made = admin.make("resourcemanager", "init_resource_directory").resource_directory
    ids = {"Root": made.root_folder_id}
    for name in ("Workloads", "Images"):
        found = admin.make("resourcedirectory", "create_folder", folder_name=name)
        ids[f"Root/{name}"] = found.folder.folder_id
    accounts = [
        admin.make(
            "resourcedirectory", "create_resource_account", display_name=name, parent_folder_id=ids[path]
        ).account.account_id
        for name, path in (("dev", "Root/Workloads"), ("images", "Root/Images"))
    ]
    inside = admin.assume(accounts[0], "ResourceDirectoryAccountAccessRole")
    ground, dora = Ground(inside).prepare(), inside.user("dora")
    return Town(sandbox, folder, admin, accounts[0], accounts[1], dora, ground, ids)


@dataclass
class Lone:
    """An account without a directory: dora is in the group `dev`, otto in none; both may do everything."""

    sandbox: Any
    folder: Path
    account: str
    root: Caller
    admin: Caller
    dora: Caller
    otto: Caller
    ground: Ground

    def write(self, principals: str = "groups: [dev]", form: str = "deny") -> None:
        """Writes the scope file."""
        attach = f"{{ principals: {{ {principals} }} }}"
        text = FENCE.format(owner=self.account, form=form, attach=attach)
        (self.folder / "fence.yaml").write_text(text)

    def run(self, *arguments: str, who: Caller | None = None) -> Result:
        """Runs `imagefence fence …` on the scope file."""
        return run_fence(self.sandbox, self.folder, who or self.admin, *arguments)

    def identities(self) -> Any:
        """What a fence may change here."""
        return identities(self.root)

    def outcome(self, attempt: Callable[[], Any]) -> str:
        """How an attempt ends."""
        return outcome(attempt)


@pytest.fixture
def lone(fresh_sandbox: Any, tmp_path: Path) -> Lone:
    """The second account of the sandbox, which is in no directory."""
    fresh_sandbox.world.settle = timedelta(0)
    given = fresh_sandbox.other_accounts[0]
    root = Caller(fresh_sandbox, Key(given["access_key_id"], given["access_key_secret"]))
    root.make("ram", "create_group", group_name="dev")
    root.make(
        "ram",
        "attach_policy_to_group",
        policy_type="System",
        policy_name="AdministratorAccess",
        group_name="dev",
    )
    return Lone(
        fresh_sandbox,
        tmp_path,
        given["account_id"],
        root,
        root.user("admin"),
        root.user("dora", group="dev"),
        root.user("otto"),
        Ground(root).prepare(),
    )
