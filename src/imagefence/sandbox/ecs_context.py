"""The condition keys that ECS and VPC feed.

Source: help.aliyun.com ecs/ram-authorization, condition keys.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from imagefence.api.ecs_disks import ReplaceSystemDisk
from imagefence.api.ecs_instances import RunInstances
from imagefence.api.ecs_launch import Launch, SystemDisk
from imagefence.api.vpc import CreateVSwitch, DescribeVSwitches
from imagefence.sandbox.call import Call
from imagefence.sandbox.compute import Image, VSwitch
from imagefence.sandbox.ecs_lookup import anywhere, image_of_family, source_of, visible_image
from imagefence.sandbox.stock import REGIONS

Values = tuple[str, ...] | None


def boolean(value: bool) -> tuple[str, ...]:
    """The value of a key that is true or false."""
    return ("true" if value else "false",)


def image_of(call: Call, request: Launch | ReplaceSystemDisk) -> Image | None:
    """The image that the request starts from, by its id or by its family."""
    region_id = call.region_id
    if isinstance(request, ReplaceSystemDisk):
        instance = anywhere(call, lambda region: region.instances, request.instance_id)
        region_id = instance.region_id if instance else region_id
    if region_id not in REGIONS:
        return None
    if isinstance(request, Launch) and request.image_family and not request.image_id:
        return image_of_family(call, region_id, request.image_family)
    return visible_image(call, region_id, request.image_id)


def image_owner_id(call: Call, request: Launch) -> Values:
    """The account of the image's owner; `0` for an image of the vendor, as DescribeImages shows it."""
    # Differs from the cloud: it does not say what the key holds for an image of its own; here it is `0`.
    image = image_of(call, request)
    return (image.owner or "0",) if image else None


def image_source(call: Call, request: Launch) -> Values:
    """System, Custom, Shared, Community or Marketplace."""
    image = image_of(call, request)
    return (source_of(call, image),) if image else None


def image_platform(call: Call, request: Launch | ReplaceSystemDisk) -> Values:
    """The operating system of the image."""
    image = image_of(call, request)
    return (image.platform,) if image else None


def instance_type(call: Call, request: Launch) -> Values:
    """`ecs.g7.large`."""
    return (request.instance_type,) if request.instance_type else None


def instance_type_family(call: Call, request: Launch) -> Values:
    """`ecs.g7`."""
    return (request.instance_type.rpartition(".")[0],) if request.instance_type else None


def vswitch_of(call: Call, request: Launch | DescribeVSwitches) -> VSwitch | None:
    vswitch_id = request.v_switch_id
    if not isinstance(vswitch_id, str):
        return None
    return anywhere(call, lambda region: region.vswitches, vswitch_id)


def vpc_name(call: Call, request: Launch | CreateVSwitch | DescribeVSwitches) -> Values:
    """The whole name of the VPC that the request names, or of its vSwitch's."""
    vpc_id, region_id = getattr(request, "vpc_id", ""), call.region_id
    if isinstance(request, Launch | DescribeVSwitches):
        vswitch = vswitch_of(call, request)
        if vswitch is not None:
            vpc_id, region_id = vswitch.vpc_id, vswitch.region_id
    return (f"acs:vpc:{region_id}:{call.account.id}:vpc/{vpc_id}",) if vpc_id else None


def is_default_vswitch(call: Call, request: Launch) -> Values:
    """Whether the launch goes to a default vSwitch, named or made for it."""
    vswitch = vswitch_of(call, request)
    return boolean(vswitch.default if vswitch else not request.v_switch_id)


def is_default_vpc(call: Call, request: Launch) -> Values:
    """Whether the launch goes to the default VPC, named by its vSwitch or made for it."""
    vswitch = vswitch_of(call, request)
    if vswitch is None:
        return boolean(not request.v_switch_id)
    parent = anywhere(call, lambda region: region.vpcs, vswitch.vpc_id)
    return boolean(parent is not None and parent.default)


def create_default_vpc(call: Call, request: Launch) -> Values:
    """Whether the launch makes the default VPC."""
    region = call.account.regions.get(call.region_id)
    there = region is not None and any(one.default for one in region.vpcs.values())
    return boolean(not request.v_switch_id and not there)


def system_disk_encrypted(call: Call, request: Launch | ReplaceSystemDisk) -> Values:
    """Whether the system disk is encrypted."""
    if isinstance(request, ReplaceSystemDisk):
        return boolean(request.encrypted)
    disk = request.system_disk
    return boolean(isinstance(disk, SystemDisk) and disk.encrypted.lower() == "true")


def system_disk_own_key(call: Call, request: Launch | ReplaceSystemDisk) -> Values:
    """Whether the system disk is encrypted with a key of the customer."""
    if isinstance(request, ReplaceSystemDisk):
        return boolean(bool(request.kms_key_id))
    return boolean(isinstance(request.system_disk, SystemDisk) and bool(request.system_disk.kms_key_id))


def disks_encrypted(call: Call, request: Launch | ReplaceSystemDisk) -> Values:
    """Whether every data disk is encrypted; of a launch without any, whether the system disk is."""
    if isinstance(request, ReplaceSystemDisk) or not request.data_disk:
        return system_disk_encrypted(call, request)
    return boolean(all(disk.encrypted.lower() == "true" for disk in request.data_disk))


def disks_own_key(call: Call, request: Launch | ReplaceSystemDisk) -> Values:
    """Whether every data disk has a key of the customer; without any, whether the system disk has."""
    if isinstance(request, ReplaceSystemDisk) or not request.data_disk:
        return system_disk_own_key(call, request)
    return boolean(all(disk.kms_key_id for disk in request.data_disk))


def no_security_group(call: Call, request: Launch) -> Values:
    """Whether the request names no security group."""
    several = isinstance(request, RunInstances) and bool(request.security_group_ids)
    return boolean(not several and not request.security_group_id)


def login_as_non_root(call: Call, request: Launch | ReplaceSystemDisk) -> Values:
    """Whether the login is not root's; RunInstances alone has that parameter here."""
    return boolean(isinstance(request, RunInstances) and request.image_options.login_as_non_root)


def password_inherit(call: Call, request: Launch | ReplaceSystemDisk) -> Values:
    """Whether the password of the image is kept."""
    return boolean(request.password_inherit)


def password_customized(call: Call, request: Launch | ReplaceSystemDisk) -> Values:
    """Whether the request sets a password."""
    return boolean(bool(request.password))


def hardened(call: Call, request: Launch) -> Values:
    """Whether the metadata are served to token holders alone."""
    return boolean(request.http_tokens == "required")


def enhancement(call: Call, request: Launch) -> Values:
    """Active or Deactive."""
    strategy = request.security_enhancement_strategy
    return (strategy,) if strategy else None


def public_address(call: Call, request: Launch) -> Values:
    """Whether the instance gets a public address."""
    return boolean(request.internet_max_bandwidth_out > 0)


CONTEXT: dict[str, Callable[[Call, Any], Values]] = {
    "ecs:AssociatePublicIpAddress": public_address,
    "ecs:ImageOwnerId": image_owner_id,
    "ecs:ImagePlatform": image_platform,
    "ecs:ImageSource": image_source,
    "ecs:InstanceType": instance_type,
    "ecs:InstanceTypeFamily": instance_type_family,
    "ecs:IsDiskByokEncrypted": disks_own_key,
    "ecs:IsDiskEncrypted": disks_encrypted,
    "ecs:IsSystemDiskByokEncrypted": system_disk_own_key,
    "ecs:IsSystemDiskEncrypted": system_disk_encrypted,
    "ecs:LoginAsNonRoot": login_as_non_root,
    "ecs:NotSpecifySecurityGroupId": no_security_group,
    "ecs:PasswordCustomized": password_customized,
    "ecs:PasswordInherit": password_inherit,
    "ecs:SecurityEnhancementStrategy": enhancement,
    "ecs:SecurityHardeningMode": hardened,
    "vpc:CreateDefaultVpc": create_default_vpc,
    "vpc:IsDefaultVSwitch": is_default_vswitch,
    "vpc:IsDefaultVpc": is_default_vpc,
    "vpc:VPC": vpc_name,
}
