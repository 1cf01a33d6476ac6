"""Both signature forms against requests that real clients have sent, and against the published vectors."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from imagefence.sandbox.birth import fresh_world
from imagefence.sandbox.call import Refused
from imagefence.sandbox.nonces import GENERATION, Nonces
from imagefence.sandbox.received import Received, received
from imagefence.sandbox.signature import authenticated_key, claim_of, v1_signature, v3_signature
from imagefence.sandbox.world import AccessKey, World

CASES = json.loads((Path(__file__).parents[1] / "cases/signatures.json").read_text())


def request_of(case: dict[str, Any], **changes: Any) -> Received:
    case = {**case, **changes}
    headers = {name.lower(): value for name, value in case["headers"].items()}
    return received(
        case["method"],
        case["path"],
        case["query"].encode(),
        headers=headers,
        body=case["body"].encode(),
        source_ip="127.0.0.1",
    )


def time_of(request: Received) -> datetime:
    text = request.headers.get("x-acs-date") if request.is_v3 else request.parameters["Timestamp"]
    assert text is not None
    return datetime.fromisoformat(text)


def world_of(case: dict[str, Any], **changes: Any) -> World:
    world = fresh_world(seed=1)
    (account,) = world.accounts
    key = {**case["key"], **changes}
    world.keys[key["id"]] = AccessKey(created=world.clock(), account_id=account, principal="root", **key)
    return world


def code_of(world: World, request: Received, now: datetime) -> str:
    try:
        authenticated_key(world, request, now)
    except Refused as refusal:
        return refusal.fault.code
    return "OK"


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_requests_of_real_clients(case: dict[str, Any]) -> None:
    request = request_of(case)
    assert code_of(world_of(case), request, time_of(request)) == (
        "OK" if case["valid"] else "SignatureDoesNotMatch"
    )
    assert claim_of(request).string_to_sign == case["string_to_sign"]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_any_change_breaks_a_signature(case: dict[str, Any]) -> None:
    world = world_of(case)
    changed = request_of(case, query=(case["query"] + "&Extra=1").lstrip("&"))
    assert code_of(world, changed, time_of(changed)) == "SignatureDoesNotMatch"
    other = request_of(case, method="GET" if case["method"] == "POST" else "POST")
    assert code_of(world, other, time_of(other)) == "SignatureDoesNotMatch"
    if case["body"]:
        grown = request_of(case, body=case["body"] + "&Extra=1")
        assert code_of(world, grown, time_of(grown)) == "SignatureDoesNotMatch"


VALID = [case for case in CASES if case["valid"]]


@pytest.mark.parametrize("case", VALID, ids=[case["name"] for case in VALID])
def test_time_nonce_and_key(case: dict[str, Any]) -> None:
    request = request_of(case)
    now = time_of(request)
    world = world_of(case)
    assert code_of(world, request, now + timedelta(minutes=15, seconds=1)) == "InvalidTimeStamp.Expired"
    assert code_of(world, request, now - timedelta(minutes=15, seconds=1)) == "InvalidTimeStamp.Expired"
    assert code_of(world, request, now + timedelta(minutes=14)) == "OK"
    assert code_of(world, request, now + timedelta(minutes=14)) == "SignatureNonceUsed"
    assert code_of(world_of(case, secret="other"), request, now) == "SignatureDoesNotMatch"
    assert code_of(fresh_world(seed=1), request, now) == "InvalidAccessKeyId.NotFound"
    assert code_of(world_of(case, status="Inactive"), request, now) == "InvalidAccessKeyId.Inactive"


TEMPORARY = [case for case in VALID if case["key"]["token"]]


@pytest.mark.parametrize("case", TEMPORARY, ids=[case["name"] for case in TEMPORARY])
def test_tokens(case: dict[str, Any]) -> None:
    request = request_of(case)
    now = time_of(request)
    assert code_of(world_of(case, expires=now), request, now) == "InvalidSecurityToken.Expired"
    assert code_of(world_of(case, expires=now + timedelta(seconds=1)), request, now) == "OK"
    assert code_of(world_of(case, token="other"), request, now) == "InvalidSecurityToken.Malformed"
    assert code_of(world_of(case, token=""), request, now) == "InvalidSecurityToken.MismatchWithAccessKey"


def test_a_temporary_key_needs_its_token() -> None:
    case = next(case for case in VALID if not case["key"]["token"])
    request = request_of(case)
    assert code_of(world_of(case, token="t"), request, time_of(request)) == "MissingSecurityToken"


HOST_ONLY = "Credential=a,SignedHeaders=host,Signature=00"
V3 = next(case for case in VALID if case["name"] == "acs3-query-tags")


@pytest.mark.parametrize(
    ("header", "value", "code"),
    [
        ("Authorization", "ACS3-HMAC-SHA256 nonsense", "IncompleteSignature"),
        (
            "Authorization",
            "ACS3-HMAC-SM3 Credential=a,SignedHeaders=host,Signature=00",
            "IncompleteSignature",
        ),
        (
            "Authorization",
            "ACS3-HMAC-SHA256 Credential=a,SignedHeaders=host,Signature=00",
            "IncompleteSignature",
        ),
        ("x-acs-unsigned", "1", "IncompleteSignature"),
        ("x-acs-action", "DeleteImage", "SignatureDoesNotMatch"),
        ("x-acs-date", "2026-11-23 23:44:41", "InvalidTimeStamp.Format"),
        ("x-acs-date", "2026-13-23T23:44:41Z", "InvalidTimeStamp.Format"),
    ],
)
def test_spoilt_headers(header: str, value: str, code: str) -> None:
    spoilt = request_of(V3, headers={**V3["headers"], header: value})
    assert code_of(world_of(V3), spoilt, time_of(request_of(V3))) == code


@pytest.mark.parametrize(
    "name", ["Signature", "SignatureNonce", "Timestamp", "SignatureMethod", "SignatureVersion"]
)
def test_missing_v1_fields(name: str) -> None:
    case = next(case for case in VALID if case["name"] == "v1-get")
    query = "&".join(part for part in case["query"].split("&") if not part.startswith(f"{name}="))
    assert query != case["query"]
    now = time_of(request_of(case))
    assert code_of(world_of(case), request_of(case, query=query), now) == "IncompleteSignature"


def test_no_credentials_at_all() -> None:
    bare = received("GET", "/", b"Action=DescribeRegions", headers={}, body=b"", source_ip="127.0.0.1")
    assert code_of(fresh_world(seed=1), bare, datetime.now(UTC)) == "MissingAccessKeyId"


def test_published_v3_vector() -> None:
    signed = "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version"
    signature = "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    request = received(
        "POST",
        "/",
        b"ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai",
        headers={
            "host": "ecs.cn-shanghai.aliyuncs.com",
            "x-acs-action": "RunInstances",
            "x-acs-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "x-acs-date": "2023-10-26T10:22:32Z",
            "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
            "x-acs-version": "2014-05-26",
            "authorization": "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,"
            f"SignedHeaders={signed},Signature={signature}",
        },
        body=b"",
        source_ip="127.0.0.1",
    )
    claim = claim_of(request)
    assert claim.string_to_sign.endswith("7ea06492da5221eba5297e897ce16e55f964061054b7695beedaac1145b1e259")
    assert v3_signature(claim, "YourAccessKeySecret") == signature


def test_published_v1_vector() -> None:
    query = (
        "AccessKeyId=testid&Action=DescribeRegions&Format=XML&SignatureMethod=HMAC-SHA1"
        "&SignatureNonce=3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf&SignatureVersion=1.0"
        "&Timestamp=2016-02-23T12%3A46%3A24Z&Version=2014-05-26&Signature=x"
    )
    request = received("GET", "/", query.encode(), headers={}, body=b"", source_ip="127.0.0.1")
    assert v1_signature(claim_of(request), "testsecret") == "OLeaidS1JvxuMvnyHOwuJ+uX5qY="


@pytest.mark.parametrize(
    ("method", "signature"),
    [("GET", "Tu+9fuK9sTXCL5kkwYAwlWJmM5Y="), ("POST", "xAyCs3SE5yNbdvK+aRO6RKYTJJc=")],
)
def test_v1_with_every_awkward_character(method: str, signature: str) -> None:
    query = (
        "Format=JSON&AccessKeyId=testid&Action=DescribeImages&SignatureMethod=HMAC-SHA1&SignatureNonce=n-1"
        "&Version=2014-05-26&SignatureVersion=1.0&Timestamp=2026-01-02T03%3A04%3A05Z&RegionId=cn-hangzhou"
        "&ImageName=my+image+*~%E4%B8%AD%2B%2F&IsPublic=False&SecurityToken=tok%2Fen%2B1%3D"
        "&Tag.1.Key=env&Tag.1.Value=prod%20a&Signature=x"
    )
    request = received(method, "/", query.encode(), headers={}, body=b"", source_ip="127.0.0.1")
    assert v1_signature(claim_of(request), "testsecret") == signature


def test_nonces_are_forgotten_only_after_their_time() -> None:
    nonces, start = Nonces(), datetime(2026, 1, 1, tzinfo=UTC)
    assert nonces.take("k", "n", start)
    for minutes in (0, 15, 30, 31, 45, 59):
        assert not nonces.take("k", "n", start + timedelta(minutes=minutes))
    assert nonces.take("other", "n", start)
    assert nonces.take("k", "n", start + 4 * GENERATION)
