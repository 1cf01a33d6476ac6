"""A sandbox with one golden image, and a way into it without a socket, for tests that calibrate often."""

from __future__ import annotations

from dataclasses import fields
from random import Random
from typing import Any

import pytest

from imagefence.api.codec import encode
from imagefence.calibrate.result import Calibration
from imagefence.calibrate.solve import choices
from imagefence.cloud import session as cloud_session
from imagefence.cloud.credentials import Credential, FixedCredential, Keys
from imagefence.cloud.endpoints import Endpoint
from imagefence.cloud.session import Session
from imagefence.errors import CloudFault
from imagefence.policy.readings import DEFAULT, Readings
from imagefence.sandbox import behaviours  # noqa: F401 - binds every behaviour
from imagefence.sandbox.birth import fresh_world
from imagefence.sandbox.call import Refused
from imagefence.sandbox.compute import Image
from imagefence.sandbox.pipeline import Authenticated, authorize, decode, new_request_id, perform
from imagefence.sandbox.received import Received
from imagefence.sandbox.world import Account, World

REGION = "cn-hangzhou"


def golden_world(readings: Readings = DEFAULT) -> World:
    """One account with a tagged image."""
    world = fresh_world(seed=3, readings=readings)
    account = first_account(world)
    account.regions[REGION].images["m-golden"] = Image(
        id="m-golden",
        owner=account.id,
        region_id=REGION,
        created=world.clock(),
        name="golden",
        tags={"environment": "production"},
    )
    return world


def first_account(world: World) -> Account:
    """The account that is calibrated."""
    return next(iter(world.accounts.values()))


def names_left(world: World) -> list[str]:
    """The users, custom roles and policies of the account."""
    identities = first_account(world).identities
    roles = [role.name for role in identities.roles.values() if not role.service_linked]
    return sorted([*identities.users, *roles, *identities.policies])


def some_readings(random: Random) -> Readings:
    """One value of each reading."""
    picked: dict[str, Any] = {each.name: random.choice(choices(each.name)) for each in fields(Readings)}
    return Readings(**picked)


def wrong(found: Calibration, truth: Readings) -> list[str]:
    """The readings of which a result rules out the one that is true."""
    true = {each.name.replace("_", "-"): getattr(truth, each.name).value for each in fields(Readings)}
    return [point.reading for point in found.points if true[point.reading] not in point.values]


def inside(world: World, patch: pytest.MonkeyPatch) -> Session:
    """A session of the root whose calls go through the sandbox's steps, but for HTTP and signature."""

    def send(client: Credential, operation: Any, request: Any) -> Any:
        key = world.keys[client.keys().access_key_id]
        parameters = encode(request)
        received = Received("POST", "/", [], [], parameters, {}, b"", "127.0.0.1")
        request_id = new_request_id(world)
        try:
            authenticated = Authenticated(received, operation, key, world.clock())
            return perform(authorize(decode(world, authenticated, request_id)))
        except Refused as refused:
            fault, denied = refused.fault, dict(refused.denied) if refused.denied is not None else None
            raise CloudFault(fault.code, refused.message, status=fault.status, denied=denied) from refused

    patch.setattr(cloud_session, "core_client", lambda credential, endpoint: credential)
    patch.setattr(cloud_session, "send_once", send)
    root = next(key for key in world.keys.values() if key.principal == "root")
    return Session(FixedCredential(Keys(root.id, root.secret)), REGION, Endpoint("127.0.0.1:1", "HTTP"))
