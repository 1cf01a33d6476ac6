"""Behaviour of ECS: listing instances."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import cast

import msgspec

from imagefence.api import ecs_faults
from imagefence.api import ecs_instances as ecs
from imagefence.sandbox.call import Call, Refused, performs
from imagefence.sandbox.compute import Instance, Region
from imagefence.sandbox.ecs_lookup import passing, region_of, settled
from imagefence.sandbox.ecs_paging import Page, numbered, tokened
from imagefence.sandbox.ecs_parts import creation_test, fuzzy, has_tags, tag_items, to_minutes
from imagefence.sandbox.stock import TYPES

STATUSES = ("Pending", "Running", "Starting", "Stopping", "Stopped")
MAX_IDS = 100
# The year that the vendor shows where nothing expires.
NEVER = "2099-12-31T15:59Z"
Test = Callable[[Instance], bool]
encoder = msgspec.json.Encoder()


@performs(ecs.DESCRIBE_INSTANCES)
def describe_instances(call: Call, request: ecs.DescribeInstances) -> ecs.DescribeInstancesAnswer:
    """Lists the caller's instances; all filters must pass."""
    region = region_of(call, request.region_id)
    found = candidates(call, region, request)
    tests = [*place_tests(request), *kind_tests(request), *time_tests(request)]
    page = page_of(passing(found, tests), request)
    return ecs.DescribeInstancesAnswer(
        instances=ecs.Instances(instance=encoded(page.items)),
        next_token=page.next_token,
        page_number=request.page_number,
        page_size=request.page_size,
        total_count=page.total,
    )


def candidates(call: Call, region: Region, request: ecs.DescribeInstances) -> list[Instance]:
    """The instances that the ids name, or all; an empty list of ids names none."""
    everything = settled(call, region.instances)
    if request.instance_ids is None:
        return everything
    return [region.instances[id_] for id_ in dict.fromkeys(request.instance_ids) if id_ in region.instances]


def page_of(found: list[Instance], request: ecs.DescribeInstances) -> Page[Instance]:
    """A page; MaxResults below 10 counts as 10 and above 100 as 100, as the page of the operation says."""
    if request.next_token or request.max_results is not None:
        size = min(max(request.max_results or 10, 10), 100)
        return tokened(found, request.next_token, size)
    return numbered(found, request.page_number, request.page_size)


def encoded(instances: Iterable[Instance]) -> tuple[ecs.Instance, ...]:
    """The items of an answer, each encoded once and kept until its instance changes."""
    # Why: encoding a hundred items anew is nearly all the time of a page; Raw is copied as it stands.
    return cast("tuple[ecs.Instance, ...]", [one.raw or encode(one) for one in instances])


def encode(instance: Instance) -> msgspec.Raw:
    instance.raw = msgspec.Raw(encoder.encode(instance_item(instance)))
    return instance.raw


def place_tests(request: ecs.DescribeInstances) -> Iterable[Test]:
    """The tests of network and place that the request asks for."""
    if request.vpc_id:
        yield lambda one: one.vpc_id == request.vpc_id
    if request.v_switch_id:
        yield lambda one: one.vswitch_id == request.v_switch_id
    if request.zone_id:
        yield lambda one: one.zone_id == request.zone_id
    if request.security_group_id:
        yield lambda one: request.security_group_id in one.security_group_ids
    if request.private_ip_addresses is not None:
        private = frozenset(request.private_ip_addresses)
        yield lambda one: one.private_ip in private
    if request.public_ip_addresses is not None:
        public = frozenset(request.public_ip_addresses)
        yield lambda one: one.public_ip in public
    if request.instance_network_type:
        if request.instance_network_type not in ("vpc", "classic"):
            raise Refused(ecs.NETWORK_TYPE_NOT_FOUND)
        yield lambda one: request.instance_network_type == "vpc"


def kind_tests(request: ecs.DescribeInstances) -> Iterable[Test]:
    """The tests of name, image, type, status and tags that the request asks for."""
    if request.image_id:
        yield lambda one: one.image_id == request.image_id
    if request.instance_name:
        matches = fuzzy(request.instance_name)
        yield lambda one: matches(one.name)
    if request.instance_type:
        yield lambda one: one.instance_type == request.instance_type
    if request.instance_type_family:
        yield lambda one: TYPES[one.instance_type].family == request.instance_type_family
    if request.instance_charge_type:
        yield lambda one: one.charge_type == request.instance_charge_type
    if request.internet_charge_type:
        yield lambda one: one.internet_charge_type == request.internet_charge_type
    if request.key_pair_name:
        yield lambda one: one.key_pair_name == request.key_pair_name
    if request.resource_group_id:
        yield lambda one: one.resource_group_id == request.resource_group_id
    if request.status:
        if request.status not in STATUSES:
            raise Refused(ecs_faults.STATUS_NOT_FOUND)
        yield lambda one: one.status == request.status
    if request.tag:
        yield lambda one: has_tags(one.tags, request.tag)


def time_tests(request: ecs.DescribeInstances) -> Iterable[Test]:
    """The tests of the time of creation and of expiry; what is paid by use never expires."""
    for filter_ in request.filter:
        if filter_.key in ("ExpiredStartTime", "ExpiredEndTime"):
            yield lambda one: False
        else:
            yield creation_test(filter_)


def instance_item(instance: Instance) -> ecs.Instance:
    """An instance as answers show it."""
    kind = TYPES[instance.instance_type]
    return ecs.Instance(
        cpu=kind.cores,
        creation_time=to_minutes(instance.created),
        deletion_protection=instance.deletion_protection,
        description=instance.description,
        eip_address=ecs.EipAddress(),
        expired_time=NEVER,
        gpu_amount=kind.gpus,
        gpu_spec=kind.gpu_spec,
        host_name=instance.host_name,
        image_id=instance.image_id,
        image_options=ecs.InstanceImageOptions(login_as_non_root=instance.login_as_non_root),
        instance_charge_type=instance.charge_type,
        instance_id=instance.id,
        instance_name=instance.name,
        instance_network_type="vpc",
        instance_type=instance.instance_type,
        instance_type_family=kind.family,
        internet_charge_type=instance.internet_charge_type,
        internet_max_bandwidth_in=instance.bandwidth_in,
        internet_max_bandwidth_out=instance.bandwidth_out,
        key_pair_name=instance.key_pair_name,
        memory=int(kind.memory_gib * 1024),
        metadata_options=metadata_item(instance),
        network_interfaces=interface_items(instance),
        os_name=instance.os_name,
        os_name_en=instance.os_name,
        os_type=instance.os_type,
        public_ip_address=addresses(instance.public_ip),
        region_id=instance.region_id,
        resource_group_id=instance.resource_group_id,
        security_group_ids=ecs.SecurityGroupIds(security_group_id=instance.security_group_ids),
        serial_number=instance.serial,
        spot_strategy=instance.spot_strategy,
        start_time=to_minutes(instance.started),
        status=instance.status,
        stopped_mode=instance.stopped_mode,
        tags=tag_items(instance.tags),
        vpc_attributes=vpc_item(instance),
        zone_id=instance.zone_id,
    )


def addresses(address: str) -> ecs.IpAddresses:
    return ecs.IpAddresses(ip_address=(address,) if address else ())


def metadata_item(instance: Instance) -> ecs.MetadataOptions:
    return ecs.MetadataOptions(
        http_endpoint="enabled", http_put_response_hop_limit=1, http_tokens=instance.http_tokens
    )


def vpc_item(instance: Instance) -> ecs.VpcAttributes:
    return ecs.VpcAttributes(
        private_ip_address=addresses(instance.private_ip),
        v_switch_id=instance.vswitch_id,
        vpc_id=instance.vpc_id,
    )


def interface_items(instance: Instance) -> ecs.NetworkInterfaces:
    """The one network interface of an instance."""
    address = ecs.PrivateIpSet(primary=True, private_ip_address=instance.private_ip)
    interface = ecs.NetworkInterface(
        mac_address=instance.mac,
        network_interface_id=instance.eni_id,
        primary_ip_address=instance.private_ip,
        private_ip_sets=ecs.PrivateIpSets(private_ip_set=(address,)),
        type="Primary",
    )
    return ecs.NetworkInterfaces(network_interface=(interface,))


@performs(ecs.DESCRIBE_INSTANCE_STATUS)
def describe_instance_status(
    call: Call, request: ecs.DescribeInstanceStatus
) -> ecs.DescribeInstanceStatusAnswer:
    """Lists the statuses of instances."""
    region = region_of(call, request.region_id)
    if len(request.instance_id) > MAX_IDS:
        raise Refused(ecs.TOO_MANY_IDS)
    wanted = frozenset(request.instance_id)
    found = [
        one
        for one in settled(call, region.instances)
        if (not wanted or one.id in wanted) and request.zone_id in ("", one.zone_id)
    ]
    page = numbered(found, request.page_number, request.page_size)
    items = tuple(ecs.InstanceStatus(instance_id=one.id, status=one.status) for one in page.items)
    return ecs.DescribeInstanceStatusAnswer(
        instance_statuses=ecs.InstanceStatuses(instance_status=items),
        page_number=request.page_number,
        page_size=request.page_size,
        total_count=page.total,
    )
