"""ECS: instances.

Source: help.aliyun.com ecs/developer-reference, pages of each operation; ecs/ram-authorization.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from imagefence.api import ecs_faults, faults
from imagefence.api.ecs_launch import (
    BAD_AMOUNT,
    BAD_MIN_AMOUNT,
    BOTH_SECURITY_GROUPS,
    LAUNCH_AUTHORIZES,
    LAUNCH_FAULTS,
    LAUNCH_KEYS,
    ImageOptions,
    Launch,
    SystemDisk,
)
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

NETWORK_TYPE_NOT_FOUND = Fault(
    404, "InvalidNetworkType.NotFound", "The specified InstanceNetworkType is not found."
)
TOO_MANY_IDS = Fault(403, "InvalidParameter.TooManyInstanceIds", "Instance ids cannot be more than 100.")


class RunInstances(Launch, frozen=True, kw_only=True):
    """Creates and starts `amount` instances, all or (with `min_amount`) at least some."""

    system_disk: SystemDisk = SystemDisk()
    image_options: ImageOptions = ImageOptions()
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


RUN_INSTANCES = Operation(
    product=ECS,
    name="RunInstances",
    request=RunInstances,
    response=RunInstancesAnswer,
    access=Access.WRITE,
    authorizes=(*LAUNCH_AUTHORIZES, Authorized("securitygroup", of="security_group_ids")),
    doc="https://api.aliyun.com/document/Ecs/2014-05-26/RunInstances",
    keys=LAUNCH_KEYS,
    faults=(*LAUNCH_FAULTS, BAD_AMOUNT, BAD_MIN_AMOUNT, BOTH_SECURITY_GROUPS),
)


class CreateInstance(Launch, frozen=True, kw_only=True):
    """Creates one instance, which stays Stopped."""


class CreateInstanceAnswer(Answer):
    """The id of the new instance."""

    instance_id: str = ""
    order_id: str = ""
    trade_price: float = 0.0


CREATE_INSTANCE = Operation(
    product=ECS,
    name="CreateInstance",
    request=CreateInstance,
    response=CreateInstanceAnswer,
    access=Access.WRITE,
    authorizes=LAUNCH_AUTHORIZES,
    doc="https://api.aliyun.com/document/Ecs/2014-05-26/CreateInstance",
    keys=LAUNCH_KEYS,
    faults=LAUNCH_FAULTS,
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
    doc="https://api.aliyun.com/document/Ecs/2014-05-26/GPUAmount",
    faults=(
        faults.REGION_NOT_FOUND,
        ecs_faults.STATUS_NOT_FOUND,
        NETWORK_TYPE_NOT_FOUND,
        ecs_faults.FILTER_KEY_NOT_FOUND,
        ecs_faults.FILTER_VALUE,
    ),
    paging=Paging.NEXT_TOKEN,
    items="instances.instance",
)


class DescribeInstanceStatus(Parameters, frozen=True, kw_only=True):
    """Lists the statuses of instances."""

    region_id: str
    zone_id: str = ""
    instance_id: tuple[str, ...] = ()
    page_number: PageNumber = 1
    page_size: Annotated[int, msgspec.Meta(ge=1, le=50)] = 10


class InstanceStatus(Item):
    """The status of one instance."""

    instance_id: str = ""
    status: str = ""


class InstanceStatuses(Item):
    """The list of statuses."""

    instance_status: tuple[InstanceStatus, ...] = ()


class DescribeInstanceStatusAnswer(Answer):
    """One page of statuses."""

    instance_statuses: InstanceStatuses = msgspec.field(default_factory=InstanceStatuses)
    page_number: int = 1
    page_size: int = 10
    total_count: int = 0


DESCRIBE_INSTANCE_STATUS = Operation(
    product=ECS,
    name="DescribeInstanceStatus",
    request=DescribeInstanceStatus,
    response=DescribeInstanceStatusAnswer,
    access=Access.READ,
    authorizes=(Authorized("*"),),
    doc="https://api.aliyun.com/document/Ecs/2014-05-26/DescribeInstanceStatus",
    faults=(faults.REGION_NOT_FOUND, TOO_MANY_IDS),
    paging=Paging.PAGE_NUMBER,
    items="instance_statuses.instance_status",
)

OPERATIONS = (RUN_INSTANCES, CREATE_INSTANCE, DESCRIBE_INSTANCES, DESCRIBE_INSTANCE_STATUS)
