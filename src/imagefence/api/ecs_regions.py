"""ECS: regions, zones and instance types.

Source: help.aliyun.com ecs/developer-reference, pages of each operation.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from imagefence.api import faults
from imagefence.api.operation import (
    Access,
    Answer,
    Authorized,
    Fault,
    Item,
    Operation,
    Paging,
    Parameters,
)
from imagefence.api.products import ECS

BAD_LANGUAGE = Fault(
    404,
    "InvalidAcceptLanguage.NotFound",
    "Only Chinese (zh-CN), English (en-US), and Japanese (ja) are allowed.",
)


class DescribeRegions(Parameters, frozen=True, kw_only=True):
    """Lists the regions; the one ECS operation without RegionId."""

    instance_charge_type: str = ""
    resource_type: str = ""
    accept_language: str = ""


class Region(Item):
    """A region."""

    local_name: str = ""
    region_endpoint: str = ""
    region_id: str = ""
    status: str = ""


class Regions(Item):
    """The list of regions."""

    region: tuple[Region, ...] = ()


class DescribeRegionsAnswer(Answer):
    """All regions."""

    regions: Regions = msgspec.field(default_factory=Regions)


DESCRIBE_REGIONS = Operation(
    product=ECS,
    name="DescribeRegions",
    request=DescribeRegions,
    response=DescribeRegionsAnswer,
    access=Access.READ,
    authorizes=(Authorized("*"),),
    doc="https://api.aliyun.com/document/Ecs/2014-05-26/DescribeRegions",
    faults=(BAD_LANGUAGE,),
)


class DescribeZones(Parameters, frozen=True, kw_only=True):
    """Lists the zones of a region; without `verbose` their resources are left out."""

    region_id: str
    verbose: bool = True
    accept_language: str = ""


class InstanceTypeNames(Item):
    """Names of instance types."""

    instance_types: tuple[str, ...] = ()


class DiskCategories(Item):
    """Names of disk categories."""

    disk_categories: tuple[str, ...] = ()


class ResourceTypes(Item):
    """What can be created."""

    resource_types: tuple[str, ...] = ()


class Zone(Item):
    """A zone and what it offers."""

    available_disk_categories: DiskCategories = msgspec.field(default_factory=DiskCategories)
    available_instance_types: InstanceTypeNames = msgspec.field(default_factory=InstanceTypeNames)
    available_resource_creation: ResourceTypes = msgspec.field(default_factory=ResourceTypes)
    local_name: str = ""
    zone_id: str = ""
    zone_type: str = ""


class Zones(Item):
    """The list of zones."""

    zone: tuple[Zone, ...] = ()


class DescribeZonesAnswer(Answer):
    """All zones of the region."""

    zones: Zones = msgspec.field(default_factory=Zones)


DESCRIBE_ZONES = Operation(
    product=ECS,
    name="DescribeZones",
    request=DescribeZones,
    response=DescribeZonesAnswer,
    access=Access.READ,
    authorizes=(Authorized("*"),),
    doc="https://api.aliyun.com/document/Ecs/2014-05-26/DescribeZones",
    faults=(faults.REGION_NOT_FOUND, BAD_LANGUAGE),
)


class DescribeInstanceTypes(Parameters, frozen=True, kw_only=True):
    """Lists instance types, in pages of up to 1600."""

    instance_type_family: str = ""
    instance_types: tuple[str, ...] = ()
    cpu_architecture: str = ""
    cpu_architectures: tuple[str, ...] = ()
    minimum_cpu_core_count: int = 0
    maximum_cpu_core_count: int | None = None
    max_results: Annotated[int, msgspec.Meta(ge=1, le=1600)] = 1600
    next_token: str = ""


class InstanceType(Item):
    """An instance type; `memory_size` is in GiB."""

    cpu_architecture: str = ""
    cpu_core_count: int = 0
    eni_quantity: int = 0
    eni_private_ip_address_quantity: int = 0
    gpu_amount: int = msgspec.field(name="GPUAmount", default=0)
    gpu_spec: str = msgspec.field(name="GPUSpec", default="")
    instance_category: str = ""
    instance_family_level: str = ""
    instance_type_family: str = ""
    instance_type_id: str = ""
    local_storage_amount: int = 0
    local_storage_capacity: int = 0
    memory_size: float = 0.0
    nvme_support: str = ""


class InstanceTypes(Item):
    """The list of instance types."""

    instance_type: tuple[InstanceType, ...] = ()


class DescribeInstanceTypesAnswer(Answer):
    """One page of instance types."""

    instance_types: InstanceTypes = msgspec.field(default_factory=InstanceTypes)
    next_token: str = ""


DESCRIBE_INSTANCE_TYPES = Operation(
    product=ECS,
    name="DescribeInstanceTypes",
    request=DescribeInstanceTypes,
    response=DescribeInstanceTypesAnswer,
    access=Access.READ,
    authorizes=(Authorized("*"),),
    doc="https://api.aliyun.com/document/Ecs/2014-05-26/DescribeInstanceTypes",
    paging=Paging.NEXT_TOKEN,
    items="instance_types.instance_type",
)

OPERATIONS = (DESCRIBE_REGIONS, DESCRIBE_ZONES, DESCRIBE_INSTANCE_TYPES)
