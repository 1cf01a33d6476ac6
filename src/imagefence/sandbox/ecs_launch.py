"""Behaviour of ECS: creating instances."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from imagefence.api import ecs_faults
from imagefence.api import ecs_instances as ecs
from imagefence.api import ecs_launch as launch
from imagefence.sandbox.call import Call, Refused, performs
from imagefence.sandbox.compute import Disk, Image, ImageDisk, Instance, Region, Upcoming, VSwitch
from imagefence.sandbox.ecs_lookup import image_of_family, region_of, the_snapshot, visible_image
from imagefence.sandbox.ecs_network import default_group
from imagefence.sandbox.ecs_parts import check_description, check_name, checked_tags, new_id, soon
from imagefence.sandbox.stock import DISK_CATEGORIES, REGIONS, TYPES, StockType
from imagefence.sandbox.vpc import default_vswitch, the_vswitch

NUMBERED = re.compile(r"^(?P<head>.*)\[(?P<first>\d{1,6}),(?P<digits>\d?)\](?P<tail>.*)$")
SIZE = re.compile("[0-9]{1,6}")
PASSWORD_CLASSES = ("[a-z]", "[A-Z]", "[0-9]", "[^a-zA-Z0-9]")


@dataclass(frozen=True, slots=True)
class Made:
    """All that a launch has been checked to, before anything is made."""

    region: Region
    image: Image
    kind: StockType
    vswitch: VSwitch
    groups: tuple[str, ...]
    tags: dict[str, str]
    system_gib: int
    data_gib: tuple[int, ...]


@performs(ecs.RUN_INSTANCES)
def run_instances(call: Call, request: ecs.RunInstances) -> ecs.RunInstancesAnswer:
    """Creates and starts instances: Pending, Starting, Running."""
    if not 1 <= request.amount <= 100:
        raise Refused(launch.BAD_AMOUNT)
    if not 0 <= request.min_amount <= request.amount:
        raise Refused(launch.BAD_MIN_AMOUNT)
    if request.security_group_id and request.security_group_ids:
        raise Refused(launch.BOTH_SECURITY_GROUPS)
    made = checked(call, request, request.security_group_ids or named_group(request))
    later = soon(call, "Starting", "Running")
    ids = []
    for number in range(request.amount):
        instance = make_instance(call, request, made, later)
        instance.name = numbered_name(request, number) or instance.id
        instance.started = later[-1][0]
        instance.login_as_non_root = request.image_options.login_as_non_root
        ids.append(instance.id)
    return ecs.RunInstancesAnswer(instance_id_sets=ecs.InstanceIdSets(instance_id_set=tuple(ids)))


@performs(ecs.CREATE_INSTANCE)
def create_instance(call: Call, request: ecs.CreateInstance) -> ecs.CreateInstanceAnswer:
    """Creates one instance: Pending, Stopped."""
    made = checked(call, request, named_group(request))
    instance = make_instance(call, request, made, soon(call, "Stopped"))
    return ecs.CreateInstanceAnswer(instance_id=instance.id)


def named_group(request: launch.Launch) -> tuple[str, ...]:
    return (request.security_group_id,) if request.security_group_id else ()


def numbered_name(request: ecs.RunInstances, number: int) -> str:
    """The name of one of several instances: `web-[1,3]` counts as web-001, UniqueSuffix appends 001."""
    found = NUMBERED.match(request.instance_name)
    if found:
        count = str(int(found["first"]) + number).zfill(int(found["digits"] or 0))
        return f"{found['head']}{count}{found['tail']}"
    if request.instance_name and request.unique_suffix and request.amount > 1:
        return f"{request.instance_name}{number + 1:03d}"
    return request.instance_name


def checked(call: Call, request: launch.Launch, groups: tuple[str, ...]) -> Made:
    """Checks all that a launch names; what it leaves to the cloud is made here."""
    region = region_of(call, request.region_id)
    image = launched_image(call, region, request.image_id, request.image_family)
    if not request.instance_type:
        raise Refused(launch.NO_INSTANCE_TYPE)
    kind = TYPES.get(request.instance_type)
    if kind is None:
        raise Refused(launch.BAD_INSTANCE_TYPE)
    check_machine(image, kind)
    check_texts(request)
    tags = checked_tags(request.tag)
    system_gib = system_size(request, image)
    data_gib = tuple(data_size(call, region, disk) for disk in request.data_disk)
    vswitch = launched_vswitch(call, region, request)
    for group_id in groups:
        check_group(region, group_id, vswitch)
    groups = groups or (default_group(call, region, vswitch.vpc_id).id,)
    return Made(region, image, kind, vswitch, groups, tags, system_gib, data_gib)


def launched_image(call: Call, region: Region, image_id: str, family: str = "") -> Image:
    """The image to start from; a deprecated one still serves.

    Source: help.aliyun.com ecs ModifyImageAttribute, Status.
    """
    if image_id and family:
        raise Refused(launch.FAMILY_AND_IMAGE)
    if not image_id and not family:
        raise Refused(launch.NO_IMAGE)
    if family:
        newest = image_of_family(call, region.id, family)
        if newest is None:
            raise Refused(ecs_faults.NO_IMAGE_IN_FAMILY)
        return newest
    image = visible_image(call, region.id, image_id)
    if image is None:
        raise Refused(ecs_faults.IMAGE_NOT_FOUND)
    if image.status not in ("Available", "Deprecated"):
        raise Refused(ecs_faults.IMAGE_NOT_VALID)
    return image


def check_machine(image: Image, kind: StockType) -> None:
    """Refuses an image for another processor than the instance type's."""
    if (image.architecture == "arm64") != (kind.architecture == "ARM"):
        raise Refused(launch.IMAGE_NOT_FOR_TYPE)


def check_texts(request: launch.Launch) -> None:
    """Refuses malformed names, passwords, and a key pair, as no account has one here."""
    check_name(request.instance_name, launch.BAD_INSTANCE_NAME)
    check_description(request.description, ecs_faults.DESCRIPTION_MALFORMED)
    check_password(request.password, request.password_inherit)
    if request.key_pair_name:
        raise Refused(launch.KEY_PAIR_NOT_FOUND)


def check_password(password: str, inherit: bool) -> None:
    """Refuses a password that is not 8 to 30 characters of three kinds, or one beside PasswordInherit."""
    if not password:
        return
    if inherit:
        raise Refused(launch.PASSWORD_AND_INHERIT)
    kinds = sum(re.search(kind, password) is not None for kind in PASSWORD_CLASSES)
    if not 8 <= len(password) <= 30 or kinds < 3:
        raise Refused(launch.BAD_PASSWORD)


def system_size(request: launch.Launch, image: Image) -> int:
    """The size of the system disk in GiB: at least the image's, 40 where nothing is said."""
    if request.system_disk.category not in ("", *DISK_CATEGORIES):
        raise Refused(launch.BAD_DISK_CATEGORY)
    if not request.system_disk.size:
        return max(40, image.size_gib)
    if not SIZE.fullmatch(request.system_disk.size):
        raise Refused(launch.BAD_SYSTEM_DISK_SIZE)
    size = int(request.system_disk.size)
    if size < image.size_gib:
        raise Refused(launch.DISK_SMALLER_THAN_IMAGE)
    if size > 2048:
        raise Refused(launch.BAD_SYSTEM_DISK_SIZE)
    return size


def data_size(call: Call, region: Region, disk: launch.DataDisk) -> int:
    """The size of a data disk in GiB: at least its snapshot's."""
    least = the_snapshot(call, region, disk.snapshot_id).size_gib if disk.snapshot_id else 1
    if disk.category not in ("", *DISK_CATEGORIES):
        raise Refused(launch.BAD_DATA_DISK_CATEGORY)
    if not least <= (disk.size or least) <= 65536 or not (disk.size or disk.snapshot_id):
        raise Refused(launch.BAD_DATA_DISK_SIZE)
    return disk.size or least


# Differs from the cloud: stock, quotas, prices and balances are not looked at; any type runs in any zone.
def launched_vswitch(call: Call, region: Region, request: launch.Launch) -> VSwitch:
    """The vSwitch that the request names, else the default one of its zone."""
    zones = REGIONS[region.id].zones
    if request.zone_id and request.zone_id not in zones:
        raise Refused(ecs_faults.ZONE_NOT_FOUND)
    if not request.v_switch_id:
        return default_vswitch(call, region, request.zone_id or zones[0])
    vswitch = the_vswitch(call, region, request.v_switch_id)
    if request.zone_id not in ("", vswitch.zone_id):
        raise Refused(launch.VSWITCH_ELSEWHERE)
    return vswitch


def check_group(region: Region, group_id: str, vswitch: VSwitch) -> None:
    """Refuses an unknown security group, and one of another VPC."""
    group = region.security_groups.get(group_id)
    if group is None:
        raise Refused(ecs_faults.SECURITY_GROUP_NOT_FOUND)
    if group.vpc_id != vswitch.vpc_id:
        raise Refused(launch.SECURITY_GROUP_ELSEWHERE)


def make_instance(call: Call, request: launch.Launch, made: Made, later: Upcoming) -> Instance:
    """Makes an instance with its disks."""
    region, image, vswitch = made.region, made.image, made.vswitch
    instance_id = new_id(call, "i", region.id)
    instance = Instance(
        id=instance_id,
        owner=call.account.id,
        region_id=region.id,
        created=call.now,
        name=request.instance_name or instance_id,
        description=request.description,
        tags=dict(made.tags),
        status="Pending",
        upcoming=later,
        image_id=image.id,
        instance_type=made.kind.id,
        zone_id=vswitch.zone_id,
        system_disk_id="",
        host_name=request.host_name or f"iZ{instance_id.rpartition('-')[2]}Z",
        vpc_id=vswitch.vpc_id,
        vswitch_id=vswitch.id,
        private_ip=request.private_ip_address or next_address(vswitch),
        security_group_ids=made.groups,
        charge_type=request.instance_charge_type or "PostPaid",
        internet_charge_type=request.internet_charge_type or "PayByTraffic",
        bandwidth_in=request.internet_max_bandwidth_in,
        bandwidth_out=request.internet_max_bandwidth_out,
        spot_strategy=request.spot_strategy or "NoSpot",
        deletion_protection=request.deletion_protection,
        http_tokens=request.http_tokens or "optional",
        resource_group_id=request.resource_group_id,
    )
    give_hardware(call, instance)
    wear_image(instance, image)
    region.instances[instance.id] = instance
    add_disks(call, request, made, instance)
    return instance


def give_hardware(call: Call, instance: Instance) -> None:
    """Gives an instance its network card, serial number and, with bandwidth, a public address."""
    random = call.world.random
    instance.mac = "00:16:3e:" + ":".join(f"{random.randrange(256):02x}" for _ in range(3))
    instance.eni_id = new_id(call, "eni", instance.region_id)
    instance.serial = f"{random.getrandbits(128):032x}"
    if instance.bandwidth_out > 0:
        # Differs from the cloud: a public address is one of the range for documentation.
        instance.public_ip = f"203.0.113.{random.randrange(1, 255)}"


def wear_image(instance: Instance, image: Image) -> None:
    """Notes the image that the system disk was made from."""
    instance.image_id = image.id
    instance.os_name = image.os_name
    instance.os_type = image.os_type
    instance.platform = image.platform
    instance.architecture = image.architecture
    instance.changed()


def next_address(vswitch: VSwitch) -> str:
    """The next address of a vSwitch; it starts over at the end."""
    block = IPv4Network(vswitch.cidr)
    usable = block.num_addresses - 4
    address = IPv4Address(int(block.network_address) + 1 + vswitch.next_host % usable)
    vswitch.next_host += 1
    return str(address)


def add_disks(call: Call, request: launch.Launch, made: Made, instance: Instance) -> None:
    """Makes the system disk, the data disks of the image, and those that the request asks for."""
    wanted = request.system_disk
    system = new_disk(call, instance, "system", made.system_gib, "/dev/xvda")
    system.image_id = made.image.id
    system.name = wanted.disk_name
    system.category = wanted.category or system.category
    if isinstance(wanted, launch.SystemDisk):
        encrypt(system, wanted.encrypted, wanted.kms_key_id)
    instance.system_disk_id = system.id
    of_image = [image_disk(call, instance, disk) for disk in made.image.disks[1:]]
    asked = [
        data_disk(call, instance, disk, size)
        for disk, size in zip(request.data_disk, made.data_gib, strict=True)
    ]
    for place, disk in enumerate((*of_image, *asked)):
        disk.device = disk.device or f"/dev/xvd{chr(ord('b') + place)}"
    made.region.disks |= {disk.id: disk for disk in (system, *of_image, *asked)}


def encrypt(disk: Disk, encrypted: str, kms_key_id: str) -> None:
    """Notes how a disk is encrypted; `encrypted` is true or false as text."""
    disk.encrypted = encrypted.lower() == "true"
    disk.kms_key_id = kms_key_id


def image_disk(call: Call, instance: Instance, part: ImageDisk) -> Disk:
    """A data disk that the image brings along."""
    disk = new_disk(call, instance, "data", part.size_gib, part.device)
    disk.snapshot_id = part.snapshot_id
    return disk


def data_disk(call: Call, instance: Instance, asked: launch.DataDisk, size_gib: int) -> Disk:
    """A data disk that the request asks for."""
    disk = new_disk(call, instance, "data", size_gib, asked.device)
    disk.name = asked.disk_name
    disk.description = asked.description
    disk.category = asked.category or disk.category
    disk.snapshot_id = asked.snapshot_id
    disk.delete_with_instance = asked.delete_with_instance
    encrypt(disk, asked.encrypted, asked.kms_key_id)
    return disk


def new_disk(call: Call, instance: Instance, kind: str, size_gib: int, device: str) -> Disk:
    """A disk attached to an instance."""
    return Disk(
        id=new_id(call, "d", instance.region_id),
        owner=call.account.id,
        region_id=instance.region_id,
        created=call.now,
        status="In_use",
        kind=kind,
        size_gib=size_gib,
        zone_id=instance.zone_id,
        device=device,
        instance_id=instance.id,
        attached=call.now,
    )
