"""The harmless calls: dry runs, reads, and writes that must fail because their object is already there.

Each stands beside what RAM is asked by it, so that the evaluator can be asked the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from imagefence.api.ecs_images import COPY_IMAGE, CopyImage
from imagefence.api.ecs_instances import RUN_INSTANCES, RunInstances
from imagefence.api.ecs_shapes import TagPair
from imagefence.api.operation import Operation, Parameters
from imagefence.api.ram_attachments import ATTACH_POLICY_TO_ROLE, RoleAttachment
from imagefence.api.ram_roles import CREATE_ROLE, GET_ROLE, CreateRole, OneRole
from imagefence.api.ram_users import GET_USER, OneUser
from imagefence.api.tag import TAG_RESOURCES, TagResources
from imagefence.api.vpc import CREATE_VPC, CreateVpc
from imagefence.calibrate.ground import NO_IMAGE, Ground
from imagefence.policy.request import Resource

TAG, SLASHED = "imagefence-calibrate", "imagefence/calibrate"
SERVICES = ("ecs.aliyuncs.com", "fc.aliyuncs.com")
WORN = {f"acs:RequestTag/{TAG}": ("1",), f"acs:RequestTag/{SLASHED}": ("1",)}
TAGS = (TagPair(key=TAG, value="1"), TagPair(key=SLASHED, value="1"))


@dataclass(frozen=True, slots=True)
class Asked:
    """One call, why it is harmless, and the resources and keys that RAM is asked about by it."""

    id: str
    harmless: str
    operation: Operation[Any, Any]
    request: Parameters
    resources: tuple[Resource, ...]
    known: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def calls(ground: Ground) -> dict[str, Asked]:
    """All calls on a ground, by id."""
    every = (
        get_role(ground),
        get_user(ground),
        create_role(ground, "role-for-services", {"Service": list(SERVICES)}, SERVICES),
        create_role(ground, "role-for-user", {"RAM": [f"acs:ram::{ground.account}:root"]}, ()),
        attach(ground),
        run_instances(ground, "launch", (), {}),
        run_instances(ground, "tagged-launch", TAGS, WORN),
        create_vpc(ground),
        copy_image(ground),
        tag_resources(ground),
    )
    return {each.id: each for each in every}


def get_role(ground: Ground) -> Asked:
    """A read of the throw-away role."""
    request = OneRole(role_name=ground.names.base)
    return Asked("read-role", "a read", GET_ROLE, request, (ram(ground, "role", ground.names.base),))


def get_user(ground: Ground) -> Asked:
    """A read of a user that is not there, whose name holds a colon."""
    name = f"{ground.names.base}:x"
    return Asked("read-user", "a read", GET_USER, OneUser(user_name=name), (ram(ground, "user", name),))


def create_role(ground: Ground, name: str, trusted: dict[str, list[str]], services: tuple[str, ...]) -> Asked:
    """A role of the name that is already taken, for one kind of principals."""
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": trusted}
    trust = json.dumps({"Version": "1", "Statement": [statement]})
    request = CreateRole(role_name=ground.names.base, assume_role_policy_document=trust)
    resource = Resource(ram(ground, "role", ground.names.base).name, new=True)
    return Asked(
        name, "the role is already there", CREATE_ROLE, request, (resource,), {"ram:ServiceNames": services}
    )


def attach(ground: Ground) -> Asked:
    """The role's policy attached to the role once more."""
    base = ground.names.base
    request = RoleAttachment(policy_type="Custom", policy_name=base, role_name=base)
    resources = (ram(ground, "role", base), ram(ground, "policy", base))
    return Asked("attach", "it is already attached", ATTACH_POLICY_TO_ROLE, request, resources)


def run_instances(
    ground: Ground, name: str, tags: tuple[TagPair, ...], known: Mapping[str, tuple[str, ...]]
) -> Asked:
    """A launch that is tried and not done."""
    request = RunInstances(
        region_id=ground.region,
        image_id=ground.image_id,
        instance_type="ecs.g7.large",
        tag=tags,
        dry_run=True,
    )
    image = ground.image
    worn = image.tags if image is not None and image.own else {}
    resources = (
        new(ground, "ecs", "instance"),
        Resource(named(ground, "ecs", f"image/{ground.image_id}"), worn),
    )
    return Asked(name, "DryRun", RUN_INSTANCES, request, resources, known)


def create_vpc(ground: Ground) -> Asked:
    """A VPC with tags that is tried and not made."""
    request = CreateVpc(region_id=ground.region, tag=TAGS, dry_run=True)
    return Asked("tagged-vpc", "DryRun", CREATE_VPC, request, (new(ground, "vpc", "vpc"),), WORN)


def copy_image(ground: Ground) -> Asked:
    """A copy with tags of an image that is not there, tried and not made."""
    request = CopyImage(
        region_id=ground.region,
        image_id=NO_IMAGE,
        destination_region_id=ground.region,
        tag=TAGS,
        dry_run=True,
    )
    resources = (new(ground, "ecs", "image"), Resource(named(ground, "ecs", f"image/{NO_IMAGE}")))
    return Asked("tagged-copy", "DryRun, of no image", COPY_IMAGE, request, resources, WORN)


def tag_resources(ground: Ground) -> Asked:
    """A tag by the Tag service for an image that is not there."""
    name = named(ground, "ecs", f"image/{NO_IMAGE}")
    request = TagResources(region_id=ground.region, tags={TAG: "1"}, resource_arn=(f"arn:{name}",))
    return Asked("tag-service", "of no image", TAG_RESOURCES, request, (Resource(name),))


def ram(ground: Ground, kind: str, name: str) -> Resource:
    """A resource of RAM."""
    return Resource(f"acs:ram:*:{ground.account}:{kind}/{name}")


def named(ground: Ground, service: str, relative: str) -> str:
    """The name of a resource of the region."""
    return f"acs:{service}:{ground.region}:{ground.account}:{relative}"


def new(ground: Ground, service: str, kind: str) -> Resource:
    """A resource still to be created."""
    return Resource(named(ground, service, f"{kind}/*"), new=True)
