"""The faults that every product shares.

Source: help.aliyun.com ECS "Common errors", and the codes as the gateway sends them.
"""

from __future__ import annotations

from imagefence.api.operation import Fault

MISSING_PARAMETER = Fault(
    400,
    "MissingParameter",
    'The input parameter "{name}" that is mandatory for processing this request is not supplied.',
)
INVALID_PARAMETER = Fault(400, "InvalidParameter", 'The specified parameter "{name}" is not valid.')
MISSING_ACCESS_KEY_ID = Fault(400, "MissingAccessKeyId", "AccessKeyId is mandatory for this action.")
ACCESS_KEY_NOT_FOUND = Fault(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.")
ACCESS_KEY_INACTIVE = Fault(400, "InvalidAccessKeyId.Inactive", "Specified access key is disabled.")
INCOMPLETE_SIGNATURE = Fault(
    400, "IncompleteSignature", "The request signature does not conform to Aliyun standards."
)
# INVARIANT: the server's own string follows the first colon at once; the vendor's older SDK splits there.
SIGNATURE_V1_MISMATCH = Fault(
    400,
    "SignatureDoesNotMatch",
    "Specified signature is not matched with our calculation. server string to sign is:{string_to_sign}",
)
SIGNATURE_V3_MISMATCH = Fault(
    400,
    "SignatureDoesNotMatch",
    "Specified signature does not match our calculation. "
    "server StringToSign is [{string_to_sign}] server CanonicalRequest is [{canonical_request}]",
)
SIGNATURE_NONCE_USED = Fault(400, "SignatureNonceUsed", "Specified signature nonce was used already.")
TIMESTAMP_MALFORMED = Fault(
    400, "InvalidTimeStamp.Format", "Specified time stamp or date value is not well formatted."
)
TIMESTAMP_EXPIRED = Fault(400, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.")
TOKEN_EXPIRED = Fault(400, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired.")
TOKEN_MALFORMED = Fault(400, "InvalidSecurityToken.Malformed", "Specified SecurityToken is malformed.")
TOKEN_MISMATCH = Fault(
    400,
    "InvalidSecurityToken.MismatchWithAccessKey",
    "Specified SecurityToken mismatch with the AccessKey.",
)
MISSING_SECURITY_TOKEN = Fault(400, "MissingSecurityToken", "SecurityToken is mandatory for this action.")
ACTION_NOT_FOUND = Fault(
    404, "InvalidAction.NotFound", "Specified api is not found, please check your url and method."
)
INVALID_VERSION = Fault(400, "InvalidVersion", "Specified parameter Version is not valid.")
UNSUPPORTED_METHOD = Fault(403, "UnsupportedHTTPMethod", "This http method is not supported.")
MALFORMED_REQUEST = Fault(400, "InvalidRequest", "Invalid HTTP request received.")
REQUEST_TOO_LARGE = Fault(413, "RequestEntityTooLarge", "The request is larger than this server takes.")
TOO_MANY_PARAMETERS = Fault(400, "InvalidParameter", "The request has too many parameters.")
THROTTLED_USER = Fault(400, "Throttling.User", "Request was denied due to user flow control.")
SERVICE_UNAVAILABLE = Fault(
    503, "ServiceUnavailable", "The request has failed due to a temporary failure of the server."
)
INTERNAL_ERROR = Fault(500, "InternalError", "The request processing has failed due to some unknown error.")
REGION_NOT_FOUND = Fault(404, "InvalidRegionId.NotFound", "The specified RegionId does not exist.")
DRY_RUN_PASSED = Fault(400, "DryRunOperation", "Request validation has been passed with DryRun flag set.")
TOKEN_REUSED = Fault(
    400,
    "IdempotentParameterMismatch",
    "The request uses the same client token as a previous, but non-identical request. "
    "Do not reuse a client token with different requests, unless the requests are identical.",
)
TOKEN_REUSED_VPC = Fault(
    400,
    "IdempotenceParamNotMatch",
    "The request uses the same client token as a previous, but non-identical request.",
)
INVALID_CLIENT_TOKEN = Fault(
    400, "InvalidClientToken.ValueNotSupported", "The ClientToken provided is invalid."
)
