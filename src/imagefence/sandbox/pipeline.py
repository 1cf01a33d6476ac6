"""A request's way through the sandbox: resolve, authenticate, decode, authorize, perform, respond.

Each step takes one frozen value and gives a narrower one; Refused leaves it as the cloud's own error.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from imagefence.api import faults
from imagefence.api.codec import BadParameter
from imagefence.api.codec import decode as decode_parameters
from imagefence.api.operation import Answer, Operation, Parameters
from imagefence.api.products import PRODUCTS, VPC
from imagefence.api.registry import OPERATIONS
from imagefence.sandbox.call import PERFORMS, Call, Refused
from imagefence.sandbox.fault_draw import UNTROUBLED, Struck, clock_under, pause_asked_ms, refuse
from imagefence.sandbox.fault_rules import FaultKind
from imagefence.sandbox.gate import permit
from imagefence.sandbox.in_force import principal_of
from imagefence.sandbox.received import Received, action_and_version
from imagefence.sandbox.signature import authenticated_key
from imagefence.sandbox.stock import REGIONS
from imagefence.sandbox.world import AccessKey, World
from imagefence.sandbox.xml import to_xml

VERSIONS = {product.version: product for product in PRODUCTS}
METHODS = frozenset({"GET", "POST"})
MAX_CLIENT_TOKEN = 64
XML = "text/xml;charset=utf-8"
encoder = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Resolved:
    """A request whose operation is known, but not who sends it."""

    request: Received
    operation: Operation[Any, Any]


@dataclass(frozen=True, slots=True)
class Authenticated:
    """A request that `key` has really signed."""

    request: Received
    operation: Operation[Any, Any]
    key: AccessKey
    now: datetime


@dataclass(frozen=True, slots=True)
class Decoded:
    """A call with its parameters as values; not yet permitted."""

    call: Call
    operation: Operation[Any, Any]
    parameters: Parameters
    source_ip: str
    secure: bool


@dataclass(frozen=True, slots=True)
class Authorized:
    """A call that the policies in force permit."""

    call: Call
    operation: Operation[Any, Any]
    parameters: Parameters


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back over the wire."""

    status: int
    body: bytes
    media_type: str = "application/json;charset=utf-8"
    retry_after_ms: int = 0


def reply(world: World, request: Received, struck: Struck = UNTROUBLED) -> Reply:
    """Takes a request through all steps; `struck` are the fault rules that strike it."""
    request_id = new_request_id(world)
    try:
        resolved = resolve(request)
        authenticated = authenticate(world, resolved, struck)
        decoded = decode(world, authenticated, request_id)
        authorized = authorize(decoded, struck)
        answer = perform(authorized)
    except Refused as refusal:
        asked_ms = pause_asked_ms(struck, refusal.fault) if struck else 0
        return refused(request, refusal, request_id, asked_ms)
    return respond(resolved, answer, request_id)


def resolve(request: Received) -> Resolved:
    """Finds the operation by version and action; the newer signature form has them in headers."""
    if request.method not in METHODS:
        raise Refused(faults.UNSUPPORTED_METHOD)
    action, version = action_and_version(request)
    if not version:
        raise Refused(faults.MISSING_PARAMETER, name="Version")
    if not action:
        raise Refused(faults.MISSING_PARAMETER, name="Action")
    if version not in VERSIONS:
        raise Refused(faults.INVALID_VERSION)
    operation = OPERATIONS.get((version, action))
    if operation is None or request.path != "/":
        raise Refused(faults.ACTION_NOT_FOUND)
    return Resolved(request, operation)


def authenticate(world: World, resolved: Resolved, struck: Struck) -> Authenticated:
    """Verifies signature, time, nonce and token."""
    now = world.clock()
    key = authenticated_key(world, resolved.request, clock_under(struck, now) if struck else now)
    if struck:
        refuse(struck, key)
    return Authenticated(resolved.request, resolved.operation, key, now)


def decode(world: World, authenticated: Authenticated, request_id: str) -> Decoded:
    """Reads the parameters by the declared type, and checks the region that they name."""
    request, operation, key = authenticated.request, authenticated.operation, authenticated.key
    try:
        parameters = decode_parameters(request.parameters, operation.request)
    except BadParameter as error:
        raise Refused(error.fault, name=error.name) from error
    account = world.accounts[key.account_id]
    region_id = getattr(parameters, "region_id", "") or ""
    if region_id and operation.product.region_in_names and region_id not in REGIONS:
        raise Refused(faults.REGION_NOT_FOUND)
    principal = principal_of(world, key)
    call = Call(world, account, key, principal, region_id, authenticated.now, request_id)
    return Decoded(call, operation, parameters, request.source_ip, request.secure)


def authorize(decoded: Decoded, struck: Struck = UNTROUBLED) -> Authorized:
    """Asks the gate, and ends a dry run that has passed it."""
    if FaultKind.DENIAL in struck:
        raise Refused(decoded.operation.product.denial)
    permit(decoded.call, decoded.operation, decoded.parameters, decoded.source_ip, secure=decoded.secure)
    if getattr(decoded.parameters, "dry_run", False):
        raise Refused(faults.DRY_RUN_PASSED)
    return Authorized(decoded.call, decoded.operation, decoded.parameters)


def perform(authorized: Authorized) -> Answer:
    """Lets the behaviour act; a client token that was seen gives the first answer again."""
    operation, parameters = authorized.operation, authorized.parameters
    token = getattr(parameters, "client_token", "")
    behave = PERFORMS[operation]
    if not token:
        return behave(authorized.call, parameters)
    if len(token) > MAX_CLIENT_TOKEN or not token.isascii():
        raise Refused(faults.INVALID_CLIENT_TOKEN)
    call = authorized.call
    seen = call.world.client_tokens
    place = (call.account.id, operation.action, call.region_id, token)
    print_of = encoder.encode(parameters).decode()
    known = seen.get(place)
    if known is None:
        answer = behave(call, parameters)
        seen[place] = (print_of, answer)
        return answer
    if known[0] != print_of:
        raise Refused(faults.TOKEN_REUSED_VPC if operation.product is VPC else faults.TOKEN_REUSED)
    assert isinstance(known[1], Answer)
    return known[1]


def respond(resolved: Resolved, answer: Answer, request_id: str) -> Reply:
    """Writes an answer in the form that was asked for."""
    answer.request_id = request_id
    body = encoder.encode(answer)
    if not resolved.request.wants_xml:
        return Reply(200, body)
    return Reply(
        200, to_xml(f"{resolved.operation.name}Response", msgspec.json.decode(body)), "text/xml;charset=utf-8"
    )


def refused(request: Received, refusal: Refused, request_id: str, retry_after_ms: int = 0) -> Reply:
    """Writes the cloud's own error."""
    _, version = action_and_version(request)
    product = VERSIONS[version].code if version in VERSIONS else ""
    return error_reply(
        refusal.fault.status,
        {
            "RequestId": request_id,
            "HostId": request.headers.get("host", ""),
            "Code": refusal.fault.code,
            "Message": refusal.message,
            "Recommend": "https://api.aliyun.com/troubleshoot"
            f"?q={refusal.fault.code}&product={product}&requestId={request_id}",
            **({"AccessDeniedDetail": refusal.denied} if refusal.denied is not None else {}),
        },
        xml=request.wants_xml,
        retry_after_ms=retry_after_ms,
    )


def error_reply(status: int, body: dict[str, Any], *, xml: bool = False, retry_after_ms: int = 0) -> Reply:
    """One error body as JSON or XML."""
    if xml:
        return Reply(status, to_xml("Error", body), XML, retry_after_ms)
    return Reply(status, encoder.encode(body), retry_after_ms=retry_after_ms)


def new_request_id(world: World) -> str:
    """An upper-case UUID from the world's own source of chance."""
    text = f"{world.random.getrandbits(128):032X}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
