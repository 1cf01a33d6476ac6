"""ECS: what creating an instance asks for, whichever operation creates it.

Source: help.aliyun.com ecs/developer-reference, RunInstances and CreateInstance; ecs/ram-authorization.
"""

from __future__ import annotations

import msgspec

from imagefence.api import ecs_faults, faults
from imagefence.api.ecs_shapes import TagPair
from imagefence.api.operation import Authorized, Fault, Parameters

NO_IMAGE = Fault(
    400,
    "MissingParameter",
    'The input parameter "ImageId" that is mandatory for processing this request is not supplied.',
)
NO_INSTANCE_TYPE = Fault(
    400,
    "MissingParameter",
    'The input parameter "InstanceType" that is mandatory for processing this request is not supplied.',
)
BAD_INSTANCE_TYPE = Fault(
    400,
    "InvalidInstanceType.ValueNotSupported",
    "The specified InstanceType beyond the permitted range.",
)
BAD_INSTANCE_NAME = Fault(
    400, "InvalidInstanceName.Malformed", 'The specified parameter "InstanceName" is not valid.'
)
FAMILY_AND_IMAGE = Fault(
    400,
    "UnexpectedImageFamily.ImageIdSupplied",
    "The input parameter ImageFamily must be null when image id is set.",
)
BAD_AMOUNT = Fault(400, "InvalidMaxAmount.Malformed", "The specified parameter MaxAmount is not valid.")
BAD_MIN_AMOUNT = Fault(400, "InvalidMinAmount.Malformed", "The specified parameter MinAmount is not valid.")
BAD_PASSWORD = Fault(400, "InvalidPassword.Malformed", 'The specified parameter "Password" is not valid.')
PASSWORD_AND_INHERIT = Fault(
    400,
    "InvalidPasswordParam.Mismatch",
    "The input password should be null when passwdInherit is true.",
)
BOTH_SECURITY_GROUPS = Fault(
    400,
    "InvalidSecurityGroupId.SingleIdAndMultiIdConflict",
    "SecurityGroupId and SecurityGroupIds.N cannot be specified at the same time.",
)
SECURITY_GROUP_ELSEWHERE = Fault(
    400,
    "InvalidSecurityGroup.VpcMismatch",
    "The specified security group and vSwitch are not in the same VPC.",
)
KEY_PAIR_NOT_FOUND = Fault(
    404,
    "InvalidKeyPairName.NotFound",
    "The specified parameter KeyPairName does not exist in our records.",
)
IMAGE_NOT_FOR_TYPE = Fault(
    403,
    "ImageNotSupportInstanceType",
    "The specified image does not support the specified InstanceType.",
)
DISK_SMALLER_THAN_IMAGE = Fault(
    404,
    "InvalidSystemDiskSize.LessThanImageSize",
    "The specified parameter SystemDisk.Size is less than the image size.",
)
BAD_DISK_CATEGORY = Fault(
    400,
    "InvalidSystemDiskCategory.ValueNotSupported",
    'The specified parameter "SystemDisk.Category" is not valid.',
)
BAD_SYSTEM_DISK_SIZE = Fault(
    400,
    "InvalidSystemDiskSize.ValueNotSupported",
    "The specified parameter SystemDisk.Size is invalid.",
)
VSWITCH_ELSEWHERE = Fault(
    400, "InvalidParameter.VSwitchId", "The specified vSwitch is not in the specified zone."
)
BAD_DATA_DISK_CATEGORY = Fault(
    400,
    "InvalidDataDiskCategory.ValueNotSupported",
    'The specified parameter "DataDisk.n.Category" is not valid.',
)
BAD_DATA_DISK_SIZE = Fault(
    400,
    "InvalidDataDiskSize.ValueNotSupported",
    "The specified DataDisk.n.Size beyond the permitted range, or the capacity of snapshot exceeds the size "
    "limit of the specified disk category.",
)
LAUNCH_KEYS = (
    "vpc:VPC",
    "vpc:IsDefaultVSwitch",
    "vpc:IsDefaultVpc",
    "vpc:CreateDefaultVpc",
    "ecs:InstanceType",
    "ecs:InstanceTypeFamily",
    "ecs:ImageOwnerId",
    "ecs:ImageSource",
    "ecs:ImagePlatform",
    "ecs:IsDiskEncrypted",
    "ecs:IsDiskByokEncrypted",
    "ecs:IsSystemDiskEncrypted",
    "ecs:IsSystemDiskByokEncrypted",
    "ecs:NotSpecifySecurityGroupId",
    "ecs:LoginAsNonRoot",
    "ecs:PasswordInherit",
    "ecs:PasswordCustomized",
    "ecs:SecurityHardeningMode",
    "ecs:SecurityEnhancementStrategy",
    "ecs:AssociatePublicIpAddress",
)


class PlainSystemDisk(Parameters, frozen=True, kw_only=True):
    """`SystemDisk.*` of CreateInstance; `size` is in GiB, as text."""

    size: str = ""
    category: str = ""
    disk_name: str = ""
    description: str = ""
    performance_level: str = ""


class SystemDisk(PlainSystemDisk, frozen=True, kw_only=True):
    """`SystemDisk.*` of RunInstances; `encrypted` is true or false, as text."""

    encrypted: str = ""
    kms_key_id: str = msgspec.field(name="KMSKeyId", default="")


class DataDisk(Parameters, frozen=True, kw_only=True):
    """`DataDisk.N.*`; `size` is in GiB."""

    size: int = 0
    category: str = ""
    disk_name: str = ""
    description: str = ""
    device: str = ""
    performance_level: str = ""
    snapshot_id: str = ""
    encrypted: str = ""
    kms_key_id: str = msgspec.field(name="KMSKeyId", default="")
    delete_with_instance: bool = True


class ImageOptions(Parameters, frozen=True, kw_only=True):
    """`ImageOptions.*`."""

    login_as_non_root: bool = False


class Launch(Parameters, frozen=True, kw_only=True):
    """What RunInstances and CreateInstance share."""

    region_id: str
    image_id: str = ""
    image_family: str = ""
    instance_type: str = ""
    security_group_id: str = ""
    v_switch_id: str = ""
    instance_name: str = ""
    description: str = ""
    internet_max_bandwidth_in: int = 0
    internet_max_bandwidth_out: int = 0
    internet_charge_type: str = ""
    host_name: str = ""
    password: str = ""
    password_inherit: bool = False
    zone_id: str = ""
    system_disk: PlainSystemDisk = PlainSystemDisk()
    data_disk: tuple[DataDisk, ...] = ()
    io_optimized: str = ""
    user_data: str = ""
    key_pair_name: str = ""
    ram_role_name: str = ""
    security_enhancement_strategy: str = ""
    client_token: str = ""
    dry_run: bool = False
    resource_group_id: str = ""
    instance_charge_type: str = ""
    spot_strategy: str = ""
    private_ip_address: str = ""
    deletion_protection: bool = False
    http_endpoint: str = ""
    http_tokens: str = ""
    tag: tuple[TagPair, ...] = ()


LAUNCH_AUTHORIZES = (
    Authorized("instance", new=True),
    Authorized("image", of="image_id", always=True),
    Authorized("image", of="image_family", at="imagefamily", via="id"),
    Authorized("securitygroup", of="security_group_id"),
    Authorized("snapshot", of="data_disk.snapshot_id"),
    Authorized("keypair", of="key_pair_name"),
    Authorized("vswitch", of="v_switch_id", service="vpc"),
    Authorized("vpc", of="v_switch_id", service="vpc", at="vswitch", via="vpc_id"),
)
LAUNCH_FAULTS = (
    faults.REGION_NOT_FOUND,
    ecs_faults.ZONE_NOT_FOUND,
    ecs_faults.IMAGE_NOT_FOUND,
    ecs_faults.IMAGE_NOT_VALID,
    ecs_faults.NO_IMAGE_IN_FAMILY,
    ecs_faults.SECURITY_GROUP_NOT_FOUND,
    ecs_faults.VSWITCH_NOT_FOUND,
    ecs_faults.TAG_KEY_MALFORMED,
    ecs_faults.TAG_VALUE_MALFORMED,
    ecs_faults.TAG_KEY_DUPLICATE,
    ecs_faults.TAGS_TOO_MANY,
    NO_IMAGE,
    NO_INSTANCE_TYPE,
    BAD_INSTANCE_TYPE,
    BAD_INSTANCE_NAME,
    FAMILY_AND_IMAGE,
    BAD_PASSWORD,
    PASSWORD_AND_INHERIT,
    SECURITY_GROUP_ELSEWHERE,
    KEY_PAIR_NOT_FOUND,
    IMAGE_NOT_FOR_TYPE,
    DISK_SMALLER_THAN_IMAGE,
    BAD_DISK_CATEGORY,
    BAD_DATA_DISK_SIZE,
    BAD_DATA_DISK_CATEGORY,
    BAD_SYSTEM_DISK_SIZE,
    VSWITCH_ELSEWHERE,
    ecs_faults.SNAPSHOT_NOT_FOUND,
    ecs_faults.DESCRIPTION_MALFORMED,
)
