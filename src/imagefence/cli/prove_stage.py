"""The sandbox on which counterexamples are replayed: a directory, a member account, what lies in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from imagefence.api.control_policies import ENABLE_CONTROL_POLICY
from imagefence.api.directory import CREATE_FOLDER, CREATE_RESOURCE_ACCOUNT
from imagefence.api.directory_shapes import CreateFolder, CreateResourceAccount, NoParameters
from imagefence.api.ecs_disks import DESCRIBE_DISKS, DescribeDisks
from imagefence.api.ecs_lifecycle import STOP_INSTANCE, StopInstance
from imagefence.api.ecs_snapshots import (
    CREATE_SNAPSHOT,
    DESCRIBE_SNAPSHOTS,
    CreateSnapshot,
    DescribeSnapshots,
)
from imagefence.api.ram_attachments import (
    ATTACH_POLICY_TO_ROLE,
    ATTACH_POLICY_TO_USER,
    RoleAttachment,
    UserAttachment,
)
from imagefence.api.ram_policies import CREATE_POLICY, CreatePolicy
from imagefence.api.resource_manager import INIT_RESOURCE_DIRECTORY
from imagefence.cli.demo import acts, control
from imagefence.cli.demo.seed import ADMIN, control_policies_on, make_network, share
from imagefence.cli.demo.town import HOME, Gate, Network
from imagefence.cloud.session import Session
from imagefence.policy.parse import print_document
from imagefence.policy.policies import Level, Policies

FULL = "FullAliyunAccess"


@dataclass(slots=True)
class Stage:
    """What a replay needs: the management account's session, the member's, and what lies in the member."""

    gate: Gate
    admin: Session
    root_folder: str
    folder: str
    account: str
    member: Session
    network: Network
    stock: str
    running: str
    foreign: str = ""
    made: int = 0
    callers: dict[str, Session] = field(default_factory=dict)

    def name(self, word: str) -> str:
        """A name that nothing has yet."""
        self.made += 1
        return f"{word}-{self.made}"

    def own_image(self) -> str:
        """A fresh image of the member's own."""
        return acts.create_image(self.member, HOME, self.running, self.name("image"))

    def stopped_instance(self) -> str:
        """A fresh instance, stopped as ReplaceSystemDisk needs it."""
        made = acts.launch(self.member, HOME, self.network, self.stock, self.name("instance"))
        self.member.call(STOP_INSTANCE, StopInstance(instance_id=made), HOME)
        acts.until("an instance to stop", lambda: acts.status_of(self.member, HOME, made) == "Stopped")
        return made

    def disk_of(self, instance: str) -> str:
        """The system disk of an instance."""
        request = DescribeDisks(region_id=HOME, instance_id=instance)
        return self.member.call(DESCRIBE_DISKS, request).disks.disk[0].disk_id

    def snapshot(self) -> str:
        """A fresh snapshot of a system disk."""
        made = self.member.call(CREATE_SNAPSHOT, CreateSnapshot(disk_id=self.disk_of(self.running)), HOME)
        request = DescribeSnapshots(region_id=HOME, snapshot_ids=(made.snapshot_id,))

        def accomplished() -> bool:
            found = self.member.call(DESCRIBE_SNAPSHOTS, request).snapshots.snapshot
            return bool(found) and found[0].status == "accomplished"

        acts.until("a snapshot", accomplished)
        return made.snapshot_id

    def foreign_image(self) -> str:
        """An image that an account outside the directory shares with the member."""
        if not self.foreign:
            stranger = acts.open_as(self.gate, self.gate.other_root, HOME)
            network = make_network(stranger, HOME)
            instance = acts.launch(stranger, HOME, network, acts.stock_image(stranger, HOME), "stranger")
            self.foreign = acts.create_image(stranger, HOME, instance, "shared")
            share(stranger, self.foreign, (self.account,))
        return self.foreign


def build(gate: Gate) -> Stage:
    """Makes the directory with its member account, and what a launch needs there."""
    root = acts.open_as(gate, gate.root, HOME)
    admin = acts.open_as(gate, acts.make_user(root, "admin", policies=(ADMIN,)), HOME)
    directory = admin.call(INIT_RESOURCE_DIRECTORY, NoParameters()).resource_directory
    admin.call(ENABLE_CONTROL_POLICY, NoParameters())
    acts.until("control policies", lambda: control_policies_on(admin))
    made = CreateFolder(folder_name="above", parent_folder_id=directory.root_folder_id)
    folder = admin.call(CREATE_FOLDER, made).folder.folder_id
    request = CreateResourceAccount(display_name="member", parent_folder_id=folder)
    account = admin.call(CREATE_RESOURCE_ACCOUNT, request).account.account_id
    member = admin.assume(account)
    network = make_network(member, HOME)
    stock = acts.stock_image(member, HOME)
    running = acts.launch(member, HOME, network, stock, "first")
    return Stage(gate, admin, directory.root_folder_id, folder, account, member, network, stock, running)


def caller(stage: Stage, arn: str, policies: Policies) -> Session:
    """The session of a user or role of this name, with the identity policies."""
    found = stage.callers.get(arn)
    if found is None:
        kind, _, name = arn.rpartition(":")[2].partition("/")
        own = tuple(identity_names(stage, policies))
        found = stage.callers[arn] = a_user(stage, name, own) if kind == "user" else a_role(stage, name, own)
    return found


def identity_names(stage: Stage, policies: Policies) -> Iterator[tuple[str, str]]:
    """Kind and name of each identity policy, which are made where the cloud has none of the name."""
    for policy in policies.identity:
        if policy.system:
            yield "System", policy.name
            continue
        name = stage.name("policy")
        text = print_document(policy.document, compact=True)
        stage.member.call(CREATE_POLICY, CreatePolicy(policy_name=name, policy_document=text))
        yield "Custom", name


def a_user(stage: Stage, name: str, policies: tuple[tuple[str, str], ...]) -> Session:
    """A user with a key."""
    key = acts.make_user(stage.member, name)
    for kind, policy in policies:
        request = UserAttachment(policy_type=kind, policy_name=policy, user_name=name)
        stage.member.call(ATTACH_POLICY_TO_USER, request)
    return acts.open_as(stage.gate, key, HOME)


def a_role(stage: Stage, name: str, policies: tuple[tuple[str, str], ...]) -> Session:
    """A role, assumed by a user of its account before any control policy stands in the way."""
    acts.make_role(stage.member, stage.account, name)
    for kind, policy in policies:
        request = RoleAttachment(policy_type=kind, policy_name=policy, role_name=name)
        stage.member.call(ATTACH_POLICY_TO_ROLE, request)
    helper = a_user(stage, stage.name("assumer"), (("System", ADMIN),))
    return helper.assume(stage.account, name)


def attach(stage: Stage, levels: tuple[Level, ...]) -> None:
    """Attaches each level's policies: the lowest to the account, the one above to its folder, then Root."""
    nodes = (stage.account, stage.folder, stage.root_folder)
    for level, node in zip(reversed(levels), nodes, strict=False):
        for policy in level.policies:
            if policy.name != FULL:
                text = print_document(policy.document, compact=True)
                made = control.create(stage.admin, stage.name("replayed"), text)
                control.attach(stage.admin, made, node)
        if all(policy.name != FULL for policy in level.policies):
            control.detach(stage.admin, control.FULL_ACCESS, node)


def launch_keys(network: Network) -> dict[str, tuple[str, ...]]:
    """What the sandbox feeds for a plain launch, by the keys in lower case; an empty tuple is absence."""
    off = (
        "isdiskencrypted",
        "isdiskbyokencrypted",
        "issystemdiskencrypted",
        "issystemdiskbyokencrypted",
        "passwordcustomized",
        "passwordinherit",
        "loginasnonroot",
        "associatepublicipaddress",
        "notspecifysecuritygroupid",
        "securityhardeningmode",
    )
    return {
        **{f"ecs:{name}": ("false",) for name in off},
        "ecs:securityenhancementstrategy": (),
        "ecs:instancetype": (network.instance_type,),
        "ecs:instancetypefamily": (network.instance_type.rpartition(".")[0],),
    }
