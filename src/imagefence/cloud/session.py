"""Sessions: one credential in one region, calling declared operations.

    session.call(DESCRIBE_IMAGES, DescribeImages(region_id="cn-hangzhou"))   one call, with its retries
    session.pages(DESCRIBE_IMAGES, DescribeImages(region_id="cn-hangzhou"))  every listed item
    session.assume("1000000000000002")                                       the session of a member account

Threads may share a session.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock
from typing import Any, TypeVar
from uuid import uuid4

import msgspec
from alibabacloud_tea_openapi.client import Client

from imagefence.api.operation import Answer, Operation, Parameters
from imagefence.api.sts import ASSUME_ROLE, GET_CALLER_IDENTITY, AssumeRole, GetCallerIdentity
from imagefence.cloud.credentials import Credential, Keys, RoleCredential, find_credential
from imagefence.cloud.endpoints import Endpoint, given_endpoint, product_endpoint
from imagefence.cloud.paging import each_item
from imagefence.cloud.retry import Patience, is_repeatable, tries
from imagefence.cloud.wire import core_client, send_once
from imagefence.errors import CloudFault, Refusal

Req = TypeVar("Req", bound=Parameters)
Res = TypeVar("Res", bound=Answer)

DEFAULT_REGION = "cn-hangzhou"
MEMBER_ROLE = "ResourceDirectoryAccountAccessRole"
SESSION_NAME = "imagefence"


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom the cloud takes a session for; `kind` is `Account`, `RAMUser` or `AssumedRoleUser`."""

    account_id: str
    arn: str
    kind: str
    user_id: str = ""

    @property
    def is_root(self) -> bool:
        """True for the account's own root key."""
        return self.kind == "Account"


@dataclass(slots=True)
class Memory:
    """What a session has found out: core clients by host, its caller, its role sessions."""

    lock: Lock = field(default_factory=Lock)
    clients: dict[Endpoint, Client] = field(default_factory=dict)
    caller: Caller | None = None
    assumed: dict[tuple[str, str], Session] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Session:
    """A credential in a region; `endpoint` is the one host for all products, or None for the public ones."""

    credential: Credential = field(repr=False)
    region_id: str
    endpoint: Endpoint | None = None
    patience: Patience = field(default_factory=Patience)
    memory: Memory = field(default_factory=Memory, repr=False, compare=False)

    def call(self, operation: Operation[Req, Res], request: Req, region_id: str | None = None) -> Res:
        """Calls an operation, with retries; raises CloudFault or Unreachable.

        `region_id` chooses the endpoint where the request itself names no region.
        """
        client = self._client(operation, region_id or getattr(request, "region_id", None) or self.region_id)
        request = with_token(request)
        for attempt in tries(self.patience, is_repeatable(operation, request)):
            with attempt:
                answer = send_once(client, operation, request)
        return answer

    def pages(
        self, operation: Operation[Req, Any], request: Req, region_id: str | None = None
    ) -> Iterator[Any]:
        """Yields every item that the operation lists, over all pages."""
        return each_item(operation, request, lambda one: self.call(operation, one, region_id))

    def identity(self) -> Caller:
        """Asks STS once whom this session is."""
        if self.memory.caller is None:
            answer = self.call(GET_CALLER_IDENTITY, GetCallerIdentity())
            caller = Caller(answer.account_id, answer.arn, answer.identity_type, answer.user_id or "")
            self.memory.caller = caller
        return self.memory.caller

    @property
    def account_id(self) -> str:
        """The account that the session acts in."""
        return self.identity().account_id

    def in_region(self, region_id: str) -> Session:
        """The same session with another default region."""
        return replace(self, region_id=region_id)

    def assume(self, account_id: str, role: str = MEMBER_ROLE, policy: str | None = None) -> Session:
        """The session of a role in an account, its keys renewed before they expire.

        `policy` narrows the session. Raises CloudFault where the role may not be assumed, Refusal for a
        root key, which never may (api facts: 403 NoPermission).
        """
        with self.memory.lock:
            session = self.memory.assumed.get((f"acs:ram::{account_id}:role/{role}", policy or ""))
        if session is None:
            session = self.assume_arn(f"acs:ram::{account_id}:role/{role}", policy=policy)
        return session

    def assume_arn(self, arn: str, *, name: str = SESSION_NAME, policy: str | None = None) -> Session:
        """As `assume`, for a whole role name."""
        credential = RoleCredential(lambda: self._role_keys(arn, name, policy))
        credential.keys()
        memory = Memory(caller=role_caller(arn, name))
        session = replace(self, credential=credential, memory=memory)
        with self.memory.lock:
            return self.memory.assumed.setdefault((arn, policy or ""), session)

    def _role_keys(self, arn: str, name: str, policy: str | None) -> tuple[Keys, datetime]:
        request = AssumeRole(role_arn=arn, role_session_name=name, policy=policy or "")
        try:
            found = self.call(ASSUME_ROLE, request).credentials
        except CloudFault as fault:
            if fault.status == 403 and self.identity().is_root:
                raise root_refused(arn) from fault
            raise
        expires = datetime.fromisoformat(found.expiration)
        return Keys(found.access_key_id, found.access_key_secret, found.security_token), expires

    def _client(self, operation: Operation[Any, Any], region_id: str) -> Client:
        endpoint = self.endpoint or product_endpoint(operation.product, region_id)
        with self.memory.lock:
            if endpoint not in self.memory.clients:
                self.memory.clients[endpoint] = core_client(self.credential, endpoint)
            return self.memory.clients[endpoint]


def role_caller(arn: str, name: str) -> Caller:
    """Whom the cloud takes a role's session for (STS GetCallerIdentity)."""
    account_id, _, role = arn.removeprefix("acs:ram::").partition(":role/")
    return Caller(account_id, f"acs:sts::{account_id}:assumed-role/{role}/{name}", "AssumedRoleUser")


def root_refused(arn: str) -> Refusal:
    """The refusal for a root key that would need to become a role."""
    return Refusal(
        f"the root key of an account may not assume `{arn}`",
        help="make a RAM user with AliyunSTSAssumeRoleAccess and use its access key",
    )


def with_token(request: Req) -> Req:
    """Gives a request that can carry a ClientToken one, for all its tries."""
    if getattr(request, "client_token", "none") in ("", None):
        return msgspec.structs.replace(request, client_token=str(uuid4()))
    return request


def leave_proxy_out() -> None:
    """Takes the plain-HTTP proxy out of the process's environment.

    Why: the core client ignores NO_PROXY, and would ask a company's proxy for this machine's own port.
    """
    for name in ("HTTP_PROXY", "http_proxy"):
        os.environ.pop(name, None)


def open_session(
    *,
    endpoint: str | None = None,
    profile: str | None = None,
    region: str | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Session:
    """Opens a session from options, environment and the official CLI's profiles; raises ConfigError.

    Nothing is sent yet, except where the profile is a role's: that one is assumed.
    """
    credential, chosen = find_credential(profile or "", environment)
    host = endpoint or environment.get("IMAGEFENCE_ENDPOINT") or ""
    own_region = chosen.region_id if chosen else ""
    region_id = region or environment.get("ALIBABA_CLOUD_REGION_ID") or own_region or DEFAULT_REGION
    ca_file = environment.get("IMAGEFENCE_CA_FILE", "")
    session = Session(credential, region_id, given_endpoint(host, ca_file) if host else None)
    if session.endpoint and session.endpoint.is_loopback:
        leave_proxy_out()
    if chosen and chosen.ram_role_arn:
        return session.assume_arn(chosen.ram_role_arn, name=chosen.ram_session_name or SESSION_NAME)
    return session
