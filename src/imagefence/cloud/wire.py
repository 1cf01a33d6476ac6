"""One try of one call, through the vendor's core client: it signs, sends, and reads faults.

Our declarations say what to send, so no generated product client is loaded; each takes a second to import.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
from alibabacloud_credentials.exceptions import CredentialException
from alibabacloud_credentials.models import CredentialModel
from alibabacloud_tea_openapi.client import Client
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException, ThrottlingException
from alibabacloud_tea_openapi.utils_models import Config, OpenApiRequest, Params
from darabonba.exceptions import RetryError
from darabonba.runtime import RuntimeOptions
from requests.exceptions import ConnectionError as NoConnection
from requests.exceptions import ConnectTimeout
from Tea.exceptions import UnretryableException
from urllib3.exceptions import NewConnectionError

from imagefence import __version__
from imagefence.api.codec import encode
from imagefence.api.operation import Answer, Operation, Parameters
from imagefence.cloud.credentials import Credential
from imagefence.cloud.denials import sentence
from imagefence.cloud.endpoints import Endpoint
from imagefence.cloud.retry import Cut, Throttled, is_repeatable, is_throttling
from imagefence.errors import CloudFault, ImagefenceError, Unreachable

Req = TypeVar("Req", bound=Parameters)
Res = TypeVar("Res", bound=Answer)

CONNECT_TIMEOUT_MS = 5_000
READ_TIMEOUT_MS = 30_000
# Why: rooms above read accounts and, inside each, regions at once; a smaller pool would drop connections.
CONNECTIONS = 256


@dataclass(frozen=True, slots=True)
class Signer:
    """Gives the core client our credential in its own form."""

    credential: Credential

    def get_credential(self) -> CredentialModel:
        """The keys of this moment."""
        keys = self.credential.keys()
        return CredentialModel(
            access_key_id=keys.access_key_id,
            access_key_secret=keys.access_key_secret,
            security_token=keys.security_token or None,
            type="sts" if keys.security_token else "access_key",
            provider_name="static_sts" if keys.security_token else "static_ak",
        )


def core_client(credential: Credential, endpoint: Endpoint) -> Client:
    """Makes the core client for one host; it makes exactly one try per call."""
    return Client(
        Config(
            credential=Signer(credential),
            endpoint=endpoint.host,
            protocol=endpoint.protocol,
            ca=endpoint.ca_file or None,
            user_agent=f"imagefence/{__version__}",
            connect_timeout=CONNECT_TIMEOUT_MS,
            read_timeout=READ_TIMEOUT_MS,
            max_idle_conns=CONNECTIONS,
        )
    )


def send_once(client: Client, operation: Operation[Req, Res], request: Req) -> Res:
    """Makes one try; raises CloudFault, Throttled or Cut."""
    try:
        answer = client.call_api(params(operation), OpenApiRequest(query=encode(request)), RuntimeOptions())
    except AlibabaCloudException as error:
        raise fault_of(operation, error) from error
    except UnretryableException as error:
        repeatable = is_repeatable(operation, request)
        raise failure_of(operation, error.inner_exception, repeatable=repeatable) from error
    return read_answer(operation, answer["body"])


def params(operation: Operation[Any, Any]) -> Params:
    """What the core client must know of an operation."""
    return Params(
        action=operation.name,
        version=operation.product.version,
        protocol="HTTPS",
        pathname="/",
        method="POST",
        auth_type="AK",
        style="RPC",
        req_body_type="formData",
        body_type="string",
    )


def read_answer(operation: Operation[Req, Res], body: str | bytes) -> Res:
    """Decodes an answer into the declared type."""
    try:
        # Why: some products write numbers and booleans as text, so the decoder must not be strict.
        return msgspec.json.decode(body, type=operation.response, strict=False)
    except msgspec.DecodeError as error:
        raise Unreachable(
            f"{operation.name}: the answer is not what this operation gives: {error}",
            help="check that the endpoint is Alibaba Cloud or a sandbox, and not a proxy's page",
        ) from error


def fault_of(operation: Operation[Any, Any], error: AlibabaCloudException) -> CloudFault:
    """Makes our fault of the core client's exception."""
    body: dict[str, Any] = error.data if isinstance(error.data, dict) else {}
    code, status = str(error.code), int(error.status_code or 0)
    text = first_words(str(body.get("Message") or body.get("message") or error.message))
    request_id = str(body.get("RequestId") or "")
    if isinstance(error, ThrottlingException) or is_throttling(code, status):
        throttled = Throttled(code, text, status=status, request_id=request_id, operation=operation.name)
        throttled.after_s = (getattr(error, "retry_after", None) or 0) / 1000
        throttled.help = "wait a minute, or ask for a higher quota of this API"
        return throttled
    denied = denied_of(body)
    return CloudFault(
        code,
        text,
        status=status,
        request_id=request_id,
        operation=operation.name,
        denied=denied,
        help=sentence(denied) if denied else HELP_OF.get(code, ""),
    )


def first_words(message: str) -> str:
    """The message in one line; SignatureDoesNotMatch adds the server's whole canonical request."""
    return message.partition(" server ")[0].splitlines()[0] if message.strip() else "no message"


def denied_of(body: dict[str, Any]) -> dict[str, str] | None:
    """The AccessDeniedDetail of an error answer, if it has one."""
    detail = body.get("AccessDeniedDetail")
    return {key: str(value) for key, value in detail.items()} if isinstance(detail, dict) else None


HELP_OF = {
    "InvalidAccessKeyId.NotFound": "check the access key id; it may belong to another cloud or be deleted",
    "InvalidAccessKeyId.Inactive": "activate the access key in RAM, or use another",
    "SignatureDoesNotMatch": "check the access key secret",
    "InvalidSecurityToken.Expired": "get new temporary credentials from STS",
    "InvalidTimeStamp.Expired": "set this machine's clock; the cloud accepts a few minutes of difference",
    "InvalidRegionId.NotFound": "check `--region`; `imagefence images list` without it covers all regions",
}


def failure_of(
    operation: Operation[Any, Any], cause: BaseException | None, *, repeatable: bool
) -> ImagefenceError:
    """Makes our error of a call that got no readable answer."""
    if isinstance(cause, ImagefenceError):
        return cause
    if isinstance(cause, CredentialException):
        return Unreachable(f"{operation.name}: no credential: {cause}", help="check the profile of the CLI")
    sent = not (isinstance(cause, RetryError) and never_sent(cause.__context__))
    risky = sent and not repeatable
    cut = Cut(f"{operation.name}: no answer: {reason_of(cause)}", help=LOOK_FIRST if risky else CHECK_NETWORK)
    cut.sent = sent
    return cut


CHECK_NETWORK = "check the network, the endpoint and the proxy settings"
LOOK_FIRST = "it may have been carried out, so it was not tried again: look before you repeat it"


def never_sent(error: BaseException | None) -> bool:
    """Tells whether the connection was never made, so that the cloud can't have seen the request."""
    if isinstance(error, ConnectTimeout):
        return True
    if not isinstance(error, NoConnection) or not error.args:
        return False
    return isinstance(getattr(error.args[0], "reason", None), NewConnectionError)


def reason_of(cause: BaseException | None) -> str:
    """Why there was no answer, in a few words: the system's own word where one lies at the bottom."""
    chain = list(down(cause))
    if any(isinstance(error, ValueError) for error in chain):
        return "what came back is not the cloud's JSON"
    bottom = chain[-1] if chain else None
    if isinstance(bottom, OSError) and bottom.strerror:
        return bottom.strerror.lower()
    text = str(bottom).strip() or type(bottom).__name__
    return text.splitlines()[0][:200]


def down(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what lies under it."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__ or nested(error)


def nested(error: BaseException) -> BaseException | None:
    """The error that urllib3 keeps as an argument instead of as a cause."""
    for part in (getattr(error, "reason", None), *error.args):
        if isinstance(part, BaseException):
            return part
    return None
