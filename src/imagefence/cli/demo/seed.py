"""Filling the town through the API, as its people would: nothing here reaches into the sandbox."""

from __future__ import annotations

import time

from imagefence.api.control_policies import (
    ENABLE_CONTROL_POLICY,
    GET_CONTROL_POLICY_ENABLEMENT_STATUS,
)
from imagefence.api.directory import (
    CREATE_FOLDER,
    CREATE_RESOURCE_ACCOUNT,
)
from imagefence.api.directory_shapes import CreateFolder, CreateResourceAccount, NoParameters
from imagefence.api.ecs_image_shares import MODIFY_IMAGE_SHARE_PERMISSION, ModifyImageSharePermission
from imagefence.api.ecs_images import DELETE_IMAGE, DeleteImage
from imagefence.api.ecs_lifecycle import DELETE_INSTANCE, DeleteInstance
from imagefence.api.ecs_network import CREATE_SECURITY_GROUP, CreateSecurityGroup
from imagefence.api.ecs_regions import DESCRIBE_ZONES, DescribeZones
from imagefence.api.resource_manager import INIT_RESOURCE_DIRECTORY
from imagefence.api.vpc import (
    CREATE_VPC,
    CREATE_VSWITCH,
    DESCRIBE_VPCS,
    CreateVpc,
    CreateVSwitch,
    DescribeVpcs,
)
from imagefence.cli.demo import acts
from imagefence.cli.demo.acts import GOLDEN_TAGS
from imagefence.cli.demo.town import AWAY, HOME, Gate, Key, Member, Network, Town
from imagefence.cloud.accounts import at_once
from imagefence.cloud.session import Session

ADMIN = "AdministratorAccess"
ECS, VPC = "AliyunECSFullAccess", "AliyunVPCFullAccess"
# Member accounts: the folder each lies in, and the regions it uses.
MEMBERS = {
    "shop-prod": ("Root/Workloads/prod", (HOME,)),
    "data-prod": ("Root/Workloads/prod", (AWAY,)),
    "shop-dev": ("Root/Workloads/dev", (HOME,)),
    "lab-dev": ("Root/Workloads/dev", (HOME, AWAY)),
    "image-factory": ("Root/Security", (HOME,)),
}


def fill(gate: Gate) -> Town:
    """Fills a fresh sandbox with everything that the story needs."""
    town = make_town(gate)
    build_golden(town)
    distribute(town, "hardened-1")
    first = time.monotonic()
    build_others(town)
    run_fleet(town)
    # Why: an image's time of creation is told in whole seconds, and the newest is to be the second.
    acts.until("a second to pass", lambda: time.monotonic() > first + 1.1)
    distribute(town, "hardened-2")
    return town


def make_town(gate: Gate) -> Town:
    """The administrators, the directory with its members, and the people in them."""
    root = acts.open_as(gate, gate.root, HOME)
    admin_key = acts.make_user(root, "admin", policies=(ADMIN,))
    admin = acts.open_as(gate, admin_key, HOME)
    directory = make_directory(admin)
    members = dict(
        zip(MEMBERS, at_once(lambda name: make_member(admin, directory, name), MEMBERS), strict=True)
    )
    lab = members["lab-dev"]
    developer_key = make_people(lab)
    make_people(members["shop-dev"])
    solo, solo_admin_key, solo_developer = make_solo(gate)
    return Town(
        gate=gate,
        admin_key=admin_key,
        admin=admin,
        directory=directory,
        members=members,
        developer_key=developer_key,
        developer=acts.open_as(gate, developer_key, HOME),
        solo=solo,
        solo_admin_key=solo_admin_key,
        solo_developer=solo_developer,
    )


def make_directory(admin: Session) -> dict[str, str]:
    """The directory with nested folders, its ids by path; control policies on."""
    made = admin.call(INIT_RESOURCE_DIRECTORY, NoParameters()).resource_directory
    ids = {"Root": made.root_folder_id}
    for path in ("Root/Workloads", "Root/Security", "Root/Workloads/prod", "Root/Workloads/dev"):
        parent, _, name = path.rpartition("/")
        request = CreateFolder(folder_name=name, parent_folder_id=ids[parent])
        ids[path] = admin.call(CREATE_FOLDER, request).folder.folder_id
    admin.call(ENABLE_CONTROL_POLICY, NoParameters())
    acts.until("control policies", lambda: control_policies_on(admin))
    return ids


def control_policies_on(admin: Session) -> bool:
    """True once the directory's control policies are enabled."""
    answer = admin.call(GET_CONTROL_POLICY_ENABLEMENT_STATUS, NoParameters())
    return answer.enablement_status == "Enabled"


def make_member(admin: Session, directory: dict[str, str], name: str) -> Member:
    """A member account with its networks."""
    folder, regions = MEMBERS[name]
    request = CreateResourceAccount(display_name=name, parent_folder_id=directory[folder])
    account_id = admin.call(CREATE_RESOURCE_ACCOUNT, request).account.account_id
    session = admin.assume(account_id)
    return Member(account_id, name, session, {region: make_network(session, region) for region in regions})


def make_people(member: Member) -> Key:
    """A group of developers with a user in it, a role for the build system, and a stranger to both."""
    acts.make_group(member.session, "developers", ECS, VPC)
    acts.make_role(member.session, member.account_id, "ci", ECS)
    key = acts.make_user(member.session, "dora", group="developers")
    acts.make_user(member.session, "otto", policies=(ECS,))
    return key


def make_solo(gate: Gate) -> tuple[Member, Key, Session]:
    """The account without a directory: an administrator, a developer, a network."""
    root = acts.open_as(gate, gate.other_root, HOME)
    admin_key = acts.make_user(root, "admin", policies=(ADMIN,))
    admin = acts.open_as(gate, admin_key, HOME)
    member = Member(gate.other_account_id, "solo", admin, {HOME: make_network(admin, HOME)})
    key = make_people(member)
    return member, admin_key, acts.open_as(gate, key, HOME)


def make_network(session: Session, region_id: str) -> Network:
    """A VPC with a vSwitch and a security group, in the first zone."""
    zone = session.call(DESCRIBE_ZONES, DescribeZones(region_id=region_id)).zones.zone[0]
    request = CreateVpc(region_id=region_id, cidr_block="10.0.0.0/16", vpc_name="main")
    vpc_id = session.call(CREATE_VPC, request).vpc_id
    listed = DescribeVpcs(region_id=region_id, vpc_id=(vpc_id,))
    acts.until(
        f"VPC {vpc_id}",
        lambda: session.call(DESCRIBE_VPCS, listed).vpcs.vpc[0].status == "Available",
    )
    switch = CreateVSwitch(region_id=region_id, zone_id=zone.zone_id, vpc_id=vpc_id, cidr_block="10.0.0.0/24")
    group = CreateSecurityGroup(region_id=region_id, vpc_id=vpc_id, security_group_name="main")
    return Network(
        zone_id=zone.zone_id,
        v_switch_id=session.call(CREATE_VSWITCH, switch, region_id).v_switch_id,
        security_group_id=session.call(CREATE_SECURITY_GROUP, group).security_group_id,
        instance_type=zone.available_instance_types.instance_types[0],
    )


def build_golden(town: Town) -> None:
    """The factory hardens a stock image twice, and tags what it made."""
    factory = town.members["image-factory"]
    stock = acts.stock_image(factory.session, HOME)
    town.images["stock"] = stock
    builder = acts.launch(factory.session, HOME, factory.networks[HOME], stock, "builder")
    for name in ("hardened-1", "hardened-2"):
        image = acts.create_image(factory.session, HOME, builder, name)
        acts.tag(factory.session, HOME, "image", image, GOLDEN_TAGS)
        town.images[name] = image
    factory.session.call(DELETE_INSTANCE, DeleteInstance(instance_id=builder, force=True), HOME)


def distribute(town: Town, name: str) -> None:
    """The factory shares a golden image; every other member copies it."""
    factory = town.members["image-factory"]
    others = [member for member in town.members.values() if member is not factory]
    share(factory.session, town.images[name], tuple(member.account_id for member in others))
    at_once(lambda member: take_golden(town, member, name), others)


def take_golden(town: Town, member: Member, name: str) -> None:
    """A member's copies of a golden image, tagged there: a shared image shows no tags to it (U-10)."""
    for region in member.networks:
        copy = acts.copy_image(member.session, (HOME, town.images[name]), region, name, GOLDEN_TAGS)
        town.images[f"{name}/{member.name}/{region}"] = copy


def share(session: Session, image_id: str, accounts: tuple[str, ...] = (), *, public: bool = False) -> None:
    """Shares an image with accounts, or publishes it as a community image."""
    request = ModifyImageSharePermission(
        region_id=HOME, image_id=image_id, add_account=accounts, is_public=True if public else None
    )
    session.call(MODIFY_IMAGE_SHARE_PERMISSION, request)


def build_others(town: Town) -> None:
    """Images that nobody approved: a team's own, a stranger's shared one, a community one."""
    solo, lab, shop = town.solo, town.members["lab-dev"], town.members["shop-dev"]
    stock = acts.stock_image(solo.session, HOME)
    stranger = acts.launch(solo.session, HOME, solo.networks[HOME], stock, "stranger")
    town.instances["solo"] = stranger
    town.images["community"] = acts.create_image(solo.session, HOME, stranger, "super-fast-linux")
    town.images["shared"] = acts.create_image(solo.session, HOME, stranger, "vendor-appliance")
    town.images["solo-golden"] = acts.create_image(solo.session, HOME, stranger, "solo-hardened")
    acts.tag(solo.session, HOME, "image", town.images["solo-golden"], GOLDEN_TAGS)
    share(solo.session, town.images["community"], public=True)
    share(solo.session, town.images["shared"], (lab.account_id, shop.account_id))
    first = acts.launch(lab.session, HOME, lab.networks[HOME], town.images["stock"], "lab-old")
    town.instances["lab-old"] = first
    town.images["team"] = acts.create_image(lab.session, HOME, first, "team-base")
    town.images["forgotten"] = acts.create_image(lab.session, HOME, first, "forgotten-base")


def run_fleet(town: Town) -> None:
    """Instances from good images and from bad ones."""
    for account, region, name in (
        ("shop-prod", HOME, "web-1"),
        ("shop-prod", HOME, "web-2"),
        ("data-prod", AWAY, "warehouse"),
        ("shop-dev", HOME, "web-next"),
        ("lab-dev", AWAY, "bench"),
    ):
        run(town, account, region, f"hardened-1/{account}/{region}", name)
    run(town, "lab-dev", HOME, "team", "lab-team")
    run(town, "lab-dev", HOME, "community", "lab-miner")
    run(town, "shop-dev", HOME, "shared", "shop-appliance")
    run(town, "lab-dev", HOME, "forgotten", "lab-forgotten")
    request = DeleteImage(region_id=HOME, image_id=town.images["forgotten"], force=True)
    town.members["lab-dev"].session.call(DELETE_IMAGE, request)


def run(town: Town, account: str, region: str, image: str, name: str) -> None:
    """One instance of the fleet."""
    member = town.members[account]
    town.instances[name] = acts.launch(
        member.session, region, member.networks[region], town.images[image], name, wait=False
    )
