"""The single acts of the story, each one or two declared operations: as a user would do them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping

from imagefence.api.ecs_images import (
    COPY_IMAGE,
    CREATE_IMAGE,
    DESCRIBE_IMAGES,
    CopyImage,
    CreateImage,
    DescribeImages,
)
from imagefence.api.ecs_instances import DESCRIBE_INSTANCES, RUN_INSTANCES, DescribeInstances, RunInstances
from imagefence.api.ecs_shapes import TagPair
from imagefence.api.ecs_tags import TAG_RESOURCES, TagResources
from imagefence.api.ram_attachments import (
    ATTACH_POLICY_TO_GROUP,
    ATTACH_POLICY_TO_ROLE,
    ATTACH_POLICY_TO_USER,
    GroupAttachment,
    RoleAttachment,
    UserAttachment,
)
from imagefence.api.ram_groups import ADD_USER_TO_GROUP, CREATE_GROUP, CreateGroup, Membership
from imagefence.api.ram_roles import CREATE_ROLE, CreateRole
from imagefence.api.ram_users import CREATE_ACCESS_KEY, CREATE_USER, CreateAccessKey, CreateUser
from imagefence.cli.demo.town import GOLDEN_KEY, GOLDEN_VALUE, Gate, Key, Network
from imagefence.cloud.session import Session, open_session
from imagefence.errors import InternalError

PATIENCE_S, PAUSE_S = 20.0, 0.03
GOLDEN_TAGS = {GOLDEN_KEY: GOLDEN_VALUE}


def open_as(gate: Gate, key: Key, region_id: str) -> Session:
    """A session of a key at the sandbox."""
    return open_session(endpoint=gate.endpoint, region=region_id, environment=environment_of(gate, key))


def environment_of(gate: Gate, key: Key) -> dict[str, str]:
    """The variables that point the command line and the official SDKs at the sandbox."""
    return {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": key.id,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": key.secret,
        "IMAGEFENCE_ENDPOINT": gate.endpoint,
    }


def until(what: str, ready: Callable[[], bool]) -> None:
    """Waits until it is so."""
    end = time.monotonic() + PATIENCE_S
    while not ready():
        if time.monotonic() > end:
            raise InternalError(f"the sandbox took too long for {what}")
        time.sleep(PAUSE_S)


def make_user(session: Session, name: str, *, policies: tuple[str, ...] = (), group: str = "") -> Key:
    """A RAM user with an access key, system policies and a group."""
    session.call(CREATE_USER, CreateUser(user_name=name))
    for policy in policies:
        request = UserAttachment(policy_type="System", policy_name=policy, user_name=name)
        session.call(ATTACH_POLICY_TO_USER, request)
    if group:
        session.call(ADD_USER_TO_GROUP, Membership(user_name=name, group_name=group))
    made = session.call(CREATE_ACCESS_KEY, CreateAccessKey(user_name=name)).access_key
    return Key(made.access_key_id, made.access_key_secret, name)


def make_group(session: Session, name: str, *policies: str) -> None:
    """A RAM group with system policies."""
    session.call(CREATE_GROUP, CreateGroup(group_name=name))
    for policy in policies:
        request = GroupAttachment(policy_type="System", policy_name=policy, group_name=name)
        session.call(ATTACH_POLICY_TO_GROUP, request)


def make_role(session: Session, account_id: str, name: str, *policies: str) -> None:
    """A RAM role that its own account trusts, with system policies."""
    trust = {
        "Version": "1",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"RAM": [f"acs:ram::{account_id}:root"]},
            }
        ],
    }
    session.call(CREATE_ROLE, CreateRole(role_name=name, assume_role_policy_document=json.dumps(trust)))
    for policy in policies:
        request = RoleAttachment(policy_type="System", policy_name=policy, role_name=name)
        session.call(ATTACH_POLICY_TO_ROLE, request)


def launch(
    session: Session, region_id: str, network: Network, image_id: str, name: str, *, wait: bool = True
) -> str:
    """One instance from an image; with `wait`, until it runs."""
    request = RunInstances(
        region_id=region_id,
        image_id=image_id,
        instance_type=network.instance_type,
        v_switch_id=network.v_switch_id,
        security_group_id=network.security_group_id,
        instance_name=name,
    )
    instance_id = session.call(RUN_INSTANCES, request).instance_id_sets.instance_id_set[0]
    if wait:
        until(f"{name} to run", lambda: status_of(session, region_id, instance_id) == "Running")
    return instance_id


def status_of(session: Session, region_id: str, instance_id: str) -> str:
    """The status of an instance; empty when it is gone."""
    request = DescribeInstances(region_id=region_id, instance_ids=(instance_id,))
    listed = session.call(DESCRIBE_INSTANCES, request).instances.instance
    return listed[0].status if listed else ""


def stock_image(session: Session, region_id: str) -> str:
    """The first Linux image of the cloud's own."""
    request = DescribeImages(region_id=region_id, image_owner_alias="system", os_type="linux")
    return session.call(DESCRIBE_IMAGES, request).images.image[0].image_id


def create_image(session: Session, region_id: str, instance_id: str, name: str) -> str:
    """An image of an instance, once it is available."""
    request = CreateImage(region_id=region_id, instance_id=instance_id, image_name=name)
    return available(session, region_id, session.call(CREATE_IMAGE, request).image_id)


def copy_image(
    session: Session, source: tuple[str, str], region_id: str, name: str, tags: Mapping[str, str]
) -> str:
    """A copy of `source` (region, image) in a region, tagged in the same call, once it is available."""
    request = CopyImage(
        region_id=source[0],
        image_id=source[1],
        destination_region_id=region_id,
        destination_image_name=name,
        tag=pairs(tags),
    )
    return available(session, region_id, session.call(COPY_IMAGE, request).image_id)


def available(session: Session, region_id: str, image_id: str) -> str:
    """Waits for an image to be available."""
    request = DescribeImages(region_id=region_id, image_id=(image_id,))
    until(f"image {image_id}", lambda: bool(session.call(DESCRIBE_IMAGES, request).images.image))
    return image_id


def tag(session: Session, region_id: str, kind: str, resource_id: str, tags: Mapping[str, str]) -> None:
    """Tags one resource by ECS."""
    request = TagResources(
        region_id=region_id, resource_type=kind, resource_id=(resource_id,), tag=pairs(tags)
    )
    session.call(TAG_RESOURCES, request)


def pairs(tags: Mapping[str, str]) -> tuple[TagPair, ...]:
    """Tags as a request carries them."""
    return tuple(TagPair(key=key, value=value) for key, value in tags.items())
