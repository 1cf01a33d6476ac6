"""Behaviour of ECS: regions, zones and instance types."""

from __future__ import annotations

import re

from imagefence.api import ecs_regions as ecs
from imagefence.api.faults import INVALID_PARAMETER, REGION_NOT_FOUND
from imagefence.sandbox.call import Call, Refused, performs
from imagefence.sandbox.stock import DISK_CATEGORIES, ENGLISH_NAMES, REGIONS, TYPES, StockRegion, StockType

TOKEN = re.compile("[0-9]{1,6}")
LANGUAGES = ("", "zh-CN", "en-US", "ja")
CREATIONS = ("VSwitch", "IoOptimized", "Instance", "Disk")


@performs(ecs.DESCRIBE_REGIONS)
def describe_regions(call: Call, request: ecs.DescribeRegions) -> ecs.DescribeRegionsAnswer:
    """Lists the regions, by their English names where that language is asked for."""
    if request.accept_language not in LANGUAGES:
        raise Refused(ecs.BAD_LANGUAGE)
    english = request.accept_language == "en-US"
    regions = tuple(
        ecs.Region(
            local_name=ENGLISH_NAMES[region.id] if english else region.local_name,
            region_endpoint=region.endpoint,
            region_id=region.id,
            status="available",
        )
        for region in REGIONS.values()
    )
    return ecs.DescribeRegionsAnswer(regions=ecs.Regions(region=regions))


@performs(ecs.DESCRIBE_ZONES)
def describe_zones(call: Call, request: ecs.DescribeZones) -> ecs.DescribeZonesAnswer:
    """Lists a region's zones."""
    if request.accept_language not in LANGUAGES:
        raise Refused(ecs.BAD_LANGUAGE)
    region = REGIONS.get(request.region_id)
    if region is None:
        raise Refused(REGION_NOT_FOUND)
    zones = tuple(zone_item(region, zone, request) for zone in region.zones)
    return ecs.DescribeZonesAnswer(zones=ecs.Zones(zone=zones))


def zone_item(region: StockRegion, zone_id: str, request: ecs.DescribeZones) -> ecs.Zone:
    letter = zone_id[-1].upper()
    name = f"{ENGLISH_NAMES[region.id]} Zone {letter}" if request.accept_language == "en-US" else ""
    item = ecs.Zone(
        local_name=name or f"{region.local_name} 可用区{letter}",
        zone_id=zone_id,
        zone_type="AvailabilityZone",
    )
    if request.verbose:
        item.available_disk_categories = ecs.DiskCategories(disk_categories=DISK_CATEGORIES)
        item.available_instance_types = ecs.InstanceTypeNames(instance_types=tuple(TYPES))
        item.available_resource_creation = ecs.ResourceTypes(resource_types=CREATIONS)
    return item


@performs(ecs.DESCRIBE_INSTANCE_TYPES)
def describe_instance_types(
    call: Call, request: ecs.DescribeInstanceTypes
) -> ecs.DescribeInstanceTypesAnswer:
    """Lists instance types; the token is the place to go on at."""
    found = [kind for kind in TYPES.values() if fits(kind, request)]
    if request.next_token and not TOKEN.fullmatch(request.next_token):
        raise Refused(INVALID_PARAMETER, name="NextToken")
    start = int(request.next_token or 0)
    end = start + request.max_results
    items = tuple(type_item(kind) for kind in found[start:end])
    return ecs.DescribeInstanceTypesAnswer(
        instance_types=ecs.InstanceTypes(instance_type=items),
        next_token=str(end) if end < len(found) else "",
    )


def fits(kind: StockType, request: ecs.DescribeInstanceTypes) -> bool:
    """Whether a type passes the request's filters."""
    most = request.maximum_cpu_core_count
    architectures = {*request.cpu_architectures, request.cpu_architecture} - {""}
    return (
        request.instance_type_family in ("", kind.family)
        and (not request.instance_types or kind.id in request.instance_types)
        and (not architectures or kind.architecture in architectures)
        and kind.cores >= request.minimum_cpu_core_count
        and (most is None or kind.cores <= most)
    )


def type_item(kind: StockType) -> ecs.InstanceType:
    return ecs.InstanceType(
        cpu_architecture=kind.architecture,
        cpu_core_count=kind.cores,
        eni_quantity=2 if kind.cores < 4 else 4,
        eni_private_ip_address_quantity=6 if kind.cores < 4 else 15,
        gpu_amount=kind.gpus,
        gpu_spec=kind.gpu_spec,
        instance_category=kind.category,
        instance_family_level="CreditEntryLevel" if kind.category == "Burstable" else "EnterpriseLevel",
        instance_type_family=kind.family,
        instance_type_id=kind.id,
        memory_size=kind.memory_gib,
        nvme_support="supported",
    )
