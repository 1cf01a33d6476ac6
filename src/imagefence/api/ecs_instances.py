"""ECS: instances.

Source: help.aliyun.com ecs/developer-reference, pages of each operation; ecs/ram-authorization.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from imagefence.api import ecs_faults
from imagefence.api.ecs_shapes import Filter, TagPair, Tags
from imagefence.api.operation import (
    Access,
    Answer,
    Authorized,
    Fault,
    Item,
    JsonList,
    Operation,
    Paging,
    Parameters,
)
from imagefence.api.products import ECS

PageNumber = Annotated[int, msgspec.Meta(ge=1)]
PageSize = Annotated[int, msgspec.Meta(ge=1, le=100)]

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
NO_VSWITCH = Fault(
    400,
    "MissingParameter",
    'The input parameter "VSwitchId" that is mandatory for processing this request is not supplied.',
)
NO_SECURITY_GROUP = Fault(
    400,
    "MissingParameter",
    'The input parameter "SecurityGroupId" that is mandatory for processing this request is not supplied.',
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
BAD_DATA_DISK_SIZE = Fault(
    400,
    "InvalidDataDiskSize.ValueNotSupported",
    "The specified DataDisk.n.Size beyond the permitted range, or the capacity of snapshot exceeds the size "
    "limit of the specified disk category.",
)
PROTECTED = Fault(
    403,
    "InvalidOperation.DeletionProtection",
    "The operation is not allowed due to deletion protection.",
)
NOT_INITIALIZED = Fault(
    403,
    "IncorrectInstanceStatus.Initializing",
    "The specified instance status does not support this operation.",
)
TOO_MANY_IDS = Fault(403, "InvalidParameter.TooManyInstanceIds", "Instance ids cannot be more than 100.")

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
REPLACE_KEYS = (
    "ecs:IsDiskEncrypted",
    "ecs:IsSystemDiskEncrypted",
    "ecs:PasswordInherit",
    "ecs:PasswordCustomized",
    "ecs:IsDiskByokEncrypted",
    "ecs:IsSystemDiskByokEncrypted",
    "ecs:LoginAsNonRoot",
    "ecs:ImagePlatform",
)


class SystemDisk(Parameters, frozen=True, kw_only=True):
    """`SystemDisk.*`; `size` is in GiB and `encrypted` is true or false, both as text."""

    size: str = ""
    category: str = ""
    disk_name: str = ""
    description: str = ""
    performance_level: str = ""
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
    system_disk: SystemDisk = SystemDisk()
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
    image_options: ImageOptions = ImageOptions()
    tag: tuple[TagPair, ...] = ()


class RunInstances(Launch, frozen=True, kw_only=True):
    """Creates and starts `amount` instances, all or (with `min_amount`) at least some."""

    security_group_ids: tuple[str, ...] = ()
    amount: int = 1
    min_amount: int = 0
    unique_suffix: bool = False


class InstanceIdSets(Item):
    """The ids of new instances."""

    instance_id_set: tuple[str, ...] = ()


class RunInstancesAnswer(Answer):
    """The ids of the new instances."""

    instance_id_sets: InstanceIdSets = msgspec.field(default_factory=InstanceIdSets)
    order_id: str = ""
    trade_price: float = 0.0


LAUNCH_AUTHORIZES = (
    Authorized("instance", new=True),
    Authorized("image", of="image_id"),
    Authorized("image", of="image_family", at="imagefamily", via="id"),
    Authorized("securitygroup", of="security_group_id"),
    Authorized("snapshot", of="data_disk.snapshot_id"),
    Authorized("keypair", of="key_pair_name"),
    Authorized("vswitch", of="v_switch_id", service="vpc"),
    Authorized("vpc", of="v_switch_id", service="vpc", at="vswitch", via="vpc_id"),
)
LAUNCH_FAULTS = (
    ecs_faults.REGION_NOT_FOUND,
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
    NO_VSWITCH,
    NO_SECURITY_GROUP,
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
)

RUN_INSTANCES = Operation(
    product=ECS,
    name="RunInstances",
    request=RunInstances,
    response=RunInstancesAnswer,
    access=Access.WRITE,
    authorizes=(*LAUNCH_AUTHORIZES, Authorized("securitygroup", of="security_group_ids")),
    doc="https://help.aliyun.com/document_detail/63440.html",
    keys=LAUNCH_KEYS,
    faults=(*LAUNCH_FAULTS, BAD_AMOUNT, BAD_MIN_AMOUNT, BOTH_SECURITY_GROUPS),
)


class DescribeInstances(Parameters, frozen=True, kw_only=True):
    """Lists instances; `instance_ids` is None where not given, and an empty list finds nothing."""

    region_id: str
    vpc_id: str = ""
    v_switch_id: str = ""
    zone_id: str = ""
    instance_network_type: str = ""
    security_group_id: str = ""
    instance_ids: JsonList | None = None
    page_number: PageNumber = 1
    page_size: PageSize = 10
    next_token: str = ""
    max_results: int | None = None
    private_ip_addresses: JsonList | None = None
    public_ip_addresses: JsonList | None = None
    instance_charge_type: str = ""
    internet_charge_type: str = ""
    instance_name: str = ""
    image_id: str = ""
    status: str = ""
    instance_type: str = ""
    instance_type_family: str = ""
    key_pair_name: str = ""
    resource_group_id: str = ""
    dry_run: bool = False
    tag: tuple[TagPair, ...] = ()
    filter: tuple[Filter, ...] = ()


class IpAddresses(Item):
    """A list of addresses."""

    ip_address: tuple[str, ...] = ()


class EipAddress(Item):
    """The elastic address of an instance."""

    allocation_id: str = ""
    bandwidth: int = 0
    internet_charge_type: str = ""
    ip_address: str = ""
    is_support_unassociate: bool = False


class SecurityGroupIds(Item):
    """The security groups of an instance."""

    security_group_id: tuple[str, ...] = ()


class VpcAttributes(Item):
    """Where an instance stands in its VPC."""

    nat_ip_address: str = ""
    private_ip_address: IpAddresses = msgspec.field(default_factory=IpAddresses)
    v_switch_id: str = ""
    vpc_id: str = ""


class LockReason(Item):
    """Why an instance is locked."""

    lock_msg: str = ""
    lock_reason: str = ""


class OperationLocks(Item):
    """The locks on an instance."""

    lock_reason: tuple[LockReason, ...] = ()


class MetadataOptions(Item):
    """How an instance's metadata are reached."""

    http_endpoint: str = ""
    http_put_response_hop_limit: int = 0
    http_tokens: str = ""


class PrivateIpSet(Item):
    """A private address of a network interface."""

    primary: bool = False
    private_ip_address: str = ""


class PrivateIpSets(Item):
    """The private addresses of a network interface."""

    private_ip_set: tuple[PrivateIpSet, ...] = ()


class NetworkInterface(Item):
    """A network interface of an instance."""

    mac_address: str = ""
    network_interface_id: str = ""
    primary_ip_address: str = ""
    private_ip_sets: PrivateIpSets = msgspec.field(default_factory=PrivateIpSets)
    type: str = ""


class NetworkInterfaces(Item):
    """The network interfaces of an instance."""

    network_interface: tuple[NetworkInterface, ...] = ()


class InstanceImageOptions(Item):
    """How the image is used."""

    login_as_non_root: bool = False


class Instance(Item):
    """An instance; `memory` is in MiB."""

    # INVARIANT: EipAddress stands before PublicIpAddress; a client in use never ends where it does not.
    auto_release_time: str = ""
    cluster_id: str = ""
    cpu: int = 0
    creation_time: str = ""
    credit_specification: str = ""
    deletion_protection: bool = False
    deployment_set_id: str = ""
    description: str = ""
    device_available: bool = True
    eip_address: EipAddress = msgspec.field(default_factory=EipAddress)
    expired_time: str = ""
    gpu_amount: int = msgspec.field(name="GPUAmount", default=0)
    gpu_spec: str = msgspec.field(name="GPUSpec", default="")
    host_name: str = ""
    hpc_cluster_id: str = ""
    image_id: str = ""
    image_options: InstanceImageOptions = msgspec.field(default_factory=InstanceImageOptions)
    inner_ip_address: IpAddresses = msgspec.field(default_factory=IpAddresses)
    instance_charge_type: str = ""
    instance_id: str = ""
    instance_name: str = ""
    instance_network_type: str = ""
    instance_type: str = ""
    instance_type_family: str = ""
    internet_charge_type: str = ""
    internet_max_bandwidth_in: int = 0
    internet_max_bandwidth_out: int = 0
    io_optimized: bool = True
    key_pair_name: str = ""
    local_storage_amount: int = 0
    local_storage_capacity: int = 0
    memory: int = 0
    metadata_options: MetadataOptions = msgspec.field(default_factory=MetadataOptions)
    network_interfaces: NetworkInterfaces = msgspec.field(default_factory=NetworkInterfaces)
    os_name: str = msgspec.field(name="OSName", default="")
    os_name_en: str = msgspec.field(name="OSNameEn", default="")
    os_type: str = msgspec.field(name="OSType", default="")
    operation_locks: OperationLocks = msgspec.field(default_factory=OperationLocks)
    public_ip_address: IpAddresses = msgspec.field(default_factory=IpAddresses)
    recyclable: bool = False
    region_id: str = ""
    resource_group_id: str = ""
    sale_cycle: str = ""
    security_group_ids: SecurityGroupIds = msgspec.field(default_factory=SecurityGroupIds)
    serial_number: str = ""
    spot_duration: int = 0
    spot_price_limit: float = 0.0
    spot_strategy: str = ""
    start_time: str = ""
    status: str = ""
    stopped_mode: str = ""
    tags: Tags = msgspec.field(default_factory=Tags)
    vlan_id: str = ""
    vpc_attributes: VpcAttributes = msgspec.field(default_factory=VpcAttributes)
    zone_id: str = ""


class Instances(Item):
    """The list of instances."""

    instance: tuple[Instance, ...] = ()


class DescribeInstancesAnswer(Answer):
    """One page of instances."""

    instances: Instances = msgspec.field(default_factory=Instances)
    next_token: str = ""
    page_number: int = 1
    page_size: int = 10
    total_count: int = 0


DESCRIBE_INSTANCES = Operation(
    product=ECS,
    name="DescribeInstances",
    request=DescribeInstances,
    response=DescribeInstancesAnswer,
    access=Access.READ,
    authorizes=(Authorized("instance", of="instance_ids", otherwise="*"),),
    doc="https://help.aliyun.com/document_detail/25506.html",
    faults=(
        ecs_faults.REGION_NOT_FOUND,
        ecs_faults.STATUS_NOT_FOUND,
        ecs_faults.FILTER_KEY_NOT_FOUND,
        ecs_faults.FILTER_VALUE,
    ),
    paging=Paging.NEXT_TOKEN,
    items="instances.instance",
)

OPERATIONS = (RUN_INSTANCES, DESCRIBE_INSTANCES)
