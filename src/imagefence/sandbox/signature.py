"""Verification of the two signature forms: ACS3-HMAC-SHA256 and the older RPC HMAC-SHA1.

Source: help.aliyun.com sdk/product-overview "Request syntax and signature method V3" and
"V2 RPC-style request body & signature mechanism".
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from imagefence.api import faults
from imagefence.sandbox.call import Refused
from imagefence.sandbox.received import Received, canonical_query, encoded
from imagefence.sandbox.world import AccessKey, World

WINDOW = timedelta(minutes=15)
EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()
AUTHORIZATION = re.compile(
    r"ACS3-HMAC-SHA256 +Credential=([^,\s]+), *SignedHeaders=([^,\s]+), *Signature=([0-9a-f]+)\s*"
)
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
V1_FIELDS = ("Signature", "SignatureMethod", "SignatureVersion", "SignatureNonce", "Timestamp")


@dataclass(frozen=True, slots=True)
class Claim:
    """What a request says of its sender, and what the sender must have signed.

    `canonical_request` is empty in the older form.
    """

    access_key_id: str
    signature: str
    timestamp: str
    nonce: str
    token: str
    string_to_sign: str
    canonical_request: str = ""


def authenticated_key(world: World, request: Received, now: datetime) -> AccessKey:
    """Gives the key that has signed the request; raises Refused with the cloud's own fault."""
    claim = claim_of(request)
    key = world.keys.get(claim.access_key_id)
    if key is None:
        raise Refused(faults.ACCESS_KEY_NOT_FOUND)
    if key.status != "Active":
        raise Refused(faults.ACCESS_KEY_INACTIVE)
    check_token(world, key, claim.token, now)
    check_time(claim.timestamp, now)
    check_signature(claim, key.secret)
    if not world.nonces.take(key.id, claim.nonce, now):
        raise Refused(faults.SIGNATURE_NONCE_USED)
    return key


def claim_of(request: Received) -> Claim:
    """Reads the claim in whichever form it is made."""
    return v3_claim(request) if request.is_v3 else v1_claim(request)


def v3_claim(request: Received) -> Claim:
    """Reads an ACS3-HMAC-SHA256 header and builds its string to sign over exactly the headers it names."""
    headers = request.headers
    found = AUTHORIZATION.fullmatch(headers["authorization"])
    if found is None:
        raise Refused(faults.INCOMPLETE_SIGNATURE)
    access_key_id, signed, signature = found.groups()
    names = signed.split(";")
    if not covers(names, request):
        raise Refused(faults.INCOMPLETE_SIGNATURE)
    lines = "".join([f"{name}:{headers[name].strip()}\n" for name in names])
    digest = hashlib.sha256(request.body).hexdigest() if request.body else EMPTY_SHA256
    canonical = (
        f"{request.method}\n{request.path}\n{canonical_query(request.query)}\n{lines}\n{signed}\n{digest}"
    )
    return Claim(
        access_key_id,
        signature,
        headers.get("x-acs-date", ""),
        headers.get("x-acs-signature-nonce", ""),
        headers.get("x-acs-security-token", ""),
        f"ACS3-HMAC-SHA256\n{hashlib.sha256(canonical.encode()).hexdigest()}",
        canonical,
    )


def covers(names: list[str], request: Received) -> bool:
    """True when every named header is there, and host, date, nonce and all x-acs-* headers are signed."""
    headers = request.headers
    signed = set(names)
    return (
        all(name in headers for name in names)
        and {"host", "x-acs-date", "x-acs-signature-nonce"} <= signed
        and all(name in signed for name in headers if name.startswith("x-acs-"))
    )


def v1_claim(request: Received) -> Claim:
    """Reads the signature parameters from query and form together, as the older clients sign both."""
    given = request.parameters
    if not given.get("AccessKeyId"):
        raise Refused(faults.MISSING_ACCESS_KEY_ID)
    if not all(given.get(name) for name in V1_FIELDS):
        raise Refused(faults.INCOMPLETE_SIGNATURE)
    if (given["SignatureMethod"], given["SignatureVersion"]) != ("HMAC-SHA1", "1.0"):
        raise Refused(faults.INCOMPLETE_SIGNATURE)
    # Why: a name in query and form counts once, as the older clients merge both before they sign.
    pairs = [pair for pair in given.items() if pair[0] != "Signature"]
    return Claim(
        given["AccessKeyId"],
        given["Signature"],
        given["Timestamp"],
        given["SignatureNonce"],
        given.get("SecurityToken", ""),
        f"{request.method}&%2F&{encoded(canonical_query(pairs))}",
    )


def check_signature(claim: Claim, secret: str) -> None:
    """Raises SignatureDoesNotMatch, with the server's own string, unless the secret made the signature."""
    expected = v3_signature(claim, secret) if claim.canonical_request else v1_signature(claim, secret)
    if hmac.compare_digest(expected.encode(), claim.signature.encode()):
        return
    fault = faults.SIGNATURE_V3_MISMATCH if claim.canonical_request else faults.SIGNATURE_V1_MISMATCH
    raise Refused(fault, string_to_sign=claim.string_to_sign, canonical_request=claim.canonical_request)


def v3_signature(claim: Claim, secret: str) -> str:
    """HMAC-SHA256 with the secret itself as key, in hexadecimal."""
    return hmac.digest(secret.encode(), claim.string_to_sign.encode(), "sha256").hex()


def v1_signature(claim: Claim, secret: str) -> str:
    """HMAC-SHA1 with the secret and `&` as key, in base64."""
    return b64encode(hmac.digest(f"{secret}&".encode(), claim.string_to_sign.encode(), "sha1")).decode()


def check_time(timestamp: str, now: datetime) -> None:
    """Raises InvalidTimeStamp unless the time is well written and within 15 minutes of ours."""
    if TIMESTAMP.fullmatch(timestamp) is None:
        raise Refused(faults.TIMESTAMP_MALFORMED)
    try:
        stamped = datetime.fromisoformat(timestamp[:-1]).replace(tzinfo=UTC)
    except ValueError as error:
        raise Refused(faults.TIMESTAMP_MALFORMED) from error
    if abs(now - stamped) > WINDOW:
        raise Refused(faults.TIMESTAMP_EXPIRED)


def check_token(world: World, key: AccessKey, token: str, now: datetime) -> None:
    """Raises the fault of a token that is missing, unknown, another key's, or out of date."""
    if not key.token and not token:
        return
    if not token:
        raise Refused(faults.MISSING_SECURITY_TOKEN)
    if not hmac.compare_digest(token.encode(), key.token.encode()):
        known = any(other.token == token for other in world.keys.values())
        raise Refused(faults.TOKEN_MISMATCH if known or not key.token else faults.TOKEN_MALFORMED)
    if key.expires is not None and key.expires <= now:
        raise Refused(faults.TOKEN_EXPIRED)
