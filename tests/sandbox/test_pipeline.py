"""Calls over a real socket, by the vendor's own clients: answers, and every way of being refused."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import socket
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import CommonRequest, RpcRequest

from harness import Key, Sandbox
from imagefence.sandbox.birth import fresh_world

ANYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def fault(call: Callable[[], Any]) -> Any:
    """What the official SDK raises."""
    with pytest.raises(Exception, match="code: ") as caught:
        call()
    return caught.value


def signed(
    sandbox: Sandbox, action: str, version: str = "2014-05-26", method: str = "POST", **parameters: str
) -> tuple[str, dict[str, str]]:
    """A path and headers, signed here by the published algorithm and not by the code under test."""
    query = "&".join(f"{quote(k, safe='')}={quote(v, safe='~')}" for k, v in sorted(parameters.items()))
    headers = {
        "host": sandbox.endpoint,
        "x-acs-action": action,
        "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
        "x-acs-date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": uuid.uuid4().hex,
        "x-acs-version": version,
    }
    names = ";".join(headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    digest = headers["x-acs-content-sha256"]
    canonical = f"{method}\n/\n{query}\n{lines}\n{names}\n{digest}"
    text = "ACS3-HMAC-SHA256\n" + hashlib.sha256(canonical.encode()).hexdigest()
    signature = hmac.new(sandbox.access_key_secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    headers["Authorization"] = (
        f"ACS3-HMAC-SHA256 Credential={sandbox.access_key_id},SignedHeaders={names},Signature={signature}"
    )
    return f"/?{query}" if query else "/", headers


def send(
    sandbox: Sandbox, method: str, path: str, headers: dict[str, str], body: bytes = b""
) -> tuple[int, Any]:
    connection = http.client.HTTPConnection(sandbox.endpoint, timeout=10)
    try:
        connection.request(method, path, body=body or None, headers=headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def test_an_answer_has_a_request_id_and_the_declared_form(sandbox: Sandbox) -> None:
    path, headers = signed(sandbox, "GetCallerIdentity", "2015-04-01")
    status, body = send(sandbox, "POST", path, headers)
    assert status == 200
    assert body["AccountId"] == sandbox.account_id
    assert str(uuid.UUID(body["RequestId"])).upper() == body["RequestId"]


def test_a_wrong_secret(sandbox: Sandbox) -> None:
    error = fault(sandbox.client("sts", secret="wrong").get_caller_identity)
    assert (error.status_code, error.code) == (400, "SignatureDoesNotMatch")
    assert "server StringToSign is [ACS3-HMAC-SHA256" in error.message


def test_an_unknown_key(sandbox: Sandbox) -> None:
    error = fault(sandbox.client("sts", key="LTAI5tnobody").get_caller_identity)
    assert (error.status_code, error.code) == (404, "InvalidAccessKeyId.NotFound")


def test_an_inactive_key(fresh_sandbox: Sandbox) -> None:
    key = fresh_sandbox.user("alice")
    models = fresh_sandbox.models("ram")
    fresh_sandbox.client("ram").update_access_key(
        models.UpdateAccessKeyRequest(user_name="alice", user_access_key_id=key.id, status="Inactive")
    )
    error = fault(fresh_sandbox.as_key("sts", key).get_caller_identity)
    assert (error.status_code, error.code) == (400, "InvalidAccessKeyId.Inactive")


@pytest.fixture
def slow_sandbox() -> Iterator[tuple[Sandbox, list[timedelta]]]:
    """A sandbox whose clock can be moved by the entry of a list."""
    shift = [timedelta(0)]
    running = Sandbox(fresh_world(seed=3, clock=lambda: datetime.now(UTC) + shift[0]))
    yield running, shift
    running.stop()


@pytest.mark.parametrize("minutes", [-16, 16])
def test_a_wrong_clock(slow_sandbox: tuple[Sandbox, list[timedelta]], minutes: int) -> None:
    sandbox, shift = slow_sandbox
    shift[0] = timedelta(minutes=minutes)
    error = fault(sandbox.client("sts").get_caller_identity)
    assert (error.status_code, error.code) == (400, "InvalidTimeStamp.Expired")


def test_a_session_ends(slow_sandbox: tuple[Sandbox, list[timedelta]]) -> None:
    sandbox, shift = slow_sandbox
    key = session(sandbox)
    sts = sandbox.as_key("sts", key)
    assert sts.get_caller_identity().body.arn.endswith("assumed-role/ci/build")
    error = fault(sandbox.client("sts", key.id, key.secret).get_caller_identity)
    assert (error.status_code, error.code) == (400, "MissingSecurityToken")
    error = fault(sandbox.client("sts", key.id, key.secret, "other").get_caller_identity)
    assert (error.status_code, error.code) == (400, "InvalidSecurityToken.Malformed")
    shift[0] = timedelta(minutes=16)
    error = fault(sts.get_caller_identity)
    assert (error.status_code, error.code) == (400, "InvalidSecurityToken.Expired")


def session(sandbox: Sandbox) -> Key:
    """A session of the new role `ci`, 15 minutes long."""
    trust = {
        "Version": "1",
        "Statement": [
            {
                "Action": "sts:AssumeRole",
                "Effect": "Allow",
                "Principal": {"RAM": [f"acs:ram::{sandbox.account_id}:root"]},
            }
        ],
    }
    ram, sts = sandbox.models("ram"), sandbox.models("sts")
    role = sandbox.client("ram").create_role(
        ram.CreateRoleRequest(role_name="ci", assume_role_policy_document=json.dumps(trust))
    )
    user = sandbox.user("bob", ANYTHING)
    request = sts.AssumeRoleRequest(
        role_arn=role.body.role.arn, role_session_name="build", duration_seconds=900
    )
    made = sandbox.as_key("sts", user).assume_role(request).body.credentials
    return Key(made.access_key_id, made.access_key_secret, made.security_token)


def test_a_nonce_serves_once(sandbox: Sandbox) -> None:
    path, headers = signed(sandbox, "DescribeRegions")
    assert send(sandbox, "POST", path, headers)[0] == 200
    status, body = send(sandbox, "POST", path, headers)
    assert (status, body["Code"]) == (400, "SignatureNonceUsed")


def test_an_unknown_action_and_version(sandbox: Sandbox) -> None:
    status, body = send(sandbox, "POST", *signed(sandbox, "DescribeUnicorns"))
    assert (status, body["Code"]) == (404, "InvalidAction.NotFound")
    assert body["HostId"] == sandbox.endpoint
    assert body["Recommend"] == (
        "https://api.aliyun.com/troubleshoot"
        f"?q=InvalidAction.NotFound&product=Ecs&requestId={body['RequestId']}"
    )
    status, body = send(sandbox, "POST", *signed(sandbox, "DescribeRegions", "1999-01-01"))
    assert (status, body["Code"]) == (400, "InvalidVersion")


def test_an_action_of_another_product(sandbox: Sandbox) -> None:
    status, body = send(sandbox, "POST", *signed(sandbox, "DescribeRegions", "2015-05-01"))
    assert (status, body["Code"]) == (404, "InvalidAction.NotFound")


def test_missing_and_malformed_parameters(sandbox: Sandbox) -> None:
    status, body = send(sandbox, "POST", *signed(sandbox, "DescribeImages"))
    assert (status, body["Code"]) == (400, "MissingParameter")
    assert '"RegionId"' in body["Message"]
    request = signed(sandbox, "DescribeImages", RegionId="cn-hangzhou", PageSize="many")
    status, body = send(sandbox, "POST", *request)
    assert (status, body["Code"]) == (400, "InvalidParameter")
    assert '"PageSize"' in body["Message"]


def test_an_unknown_region(sandbox: Sandbox) -> None:
    models = sandbox.models("ecs")
    error = fault(
        lambda: sandbox.client("ecs").describe_images(models.DescribeImagesRequest(region_id="cn-atlantis"))
    )
    assert (error.status_code, error.code) == (404, "InvalidRegionId.NotFound")


@pytest.mark.parametrize(
    ("method", "path", "headers", "body", "code"),
    [
        ("GET", "/", {}, b"", "MissingParameter"),
        ("GET", "/?Action=DescribeRegions", {}, b"", "MissingParameter"),
        ("GET", "/?Version=2014-05-26&Action=DescribeRegions", {}, b"", "MissingAccessKeyId"),
        ("GET", "/?Version=2014-05-26&Action=DescribeRegions&AccessKeyId=x", {}, b"", "IncompleteSignature"),
        ("GET", "/other?Version=2014-05-26&Action=DescribeRegions", {}, b"", "InvalidAction.NotFound"),
        ("PUT", "/?Version=2014-05-26&Action=DescribeRegions", {}, b"", "UnsupportedHTTPMethod"),
        ("POST", "/", {"Authorization": "ACS3-HMAC-SHA256"}, b"", "MissingParameter"),
        ("POST", "/", {}, b"%ff%fe=%zz&&&=;;" * 9, "MissingParameter"),
        ("POST", "/", {}, b"a=b&" * 3000, "InvalidParameter"),
        ("POST", "/", {}, b"x" * (2 << 20), "RequestEntityTooLarge"),
        ("POST", "/?" + "Tag.1." * 400 + "=1", {}, b"", "MissingParameter"),
    ],
)
def test_malformed_requests_get_a_well_formed_error(
    sandbox: Sandbox, method: str, path: str, headers: dict[str, str], body: bytes, code: str
) -> None:
    status, answer = send(sandbox, method, path, headers, body)
    assert (status // 100, answer["Code"]) == (4, code)
    assert {"RequestId", "HostId", "Code", "Message", "Recommend"} <= answer.keys()


def test_a_denial_says_who_what_and_by_which_layer(fresh_sandbox: Sandbox) -> None:
    key = fresh_sandbox.user(
        "carol", ANYTHING, {"Effect": "Deny", "Action": "ecs:DescribeImages", "Resource": "*"}
    )
    models = fresh_sandbox.models("ecs")
    request = models.DescribeImagesRequest(region_id="cn-hangzhou")
    error = fault(lambda: fresh_sandbox.as_key("ecs", key).describe_images(request))
    detail = error.access_denied_detail
    user = fresh_sandbox.client("ram").get_user(fresh_sandbox.models("ram").GetUserRequest(user_name="carol"))
    assert (error.status_code, error.code) == (403, "Forbidden.RAM")
    assert detail["AuthAction"] == "ecs:DescribeImages"
    assert detail["AuthPrincipalType"] == "SubUser"
    assert detail["AuthPrincipalOwnerId"] == fresh_sandbox.account_id
    assert detail["AuthPrincipalDisplayName"] == user.body.user.user_id
    assert detail["PolicyType"] == "AccountLevelIdentityBasedPolicy"
    assert detail["NoPermissionType"] == "ExplicitDeny"
    message = json.loads(base64.b64decode(detail["EncodedDiagnosticMessage"]))
    assert message["AuthResource"] == f"acs:ecs:cn-hangzhou:{fresh_sandbox.account_id}:image/*"
    assert [policy["PolicyIdentifier"] for policy in message["MatchedPolicies"]] == ["carol-policy"]


def test_images_of_the_vendor_are_listed_without_permission(fresh_sandbox: Sandbox) -> None:
    models = fresh_sandbox.models("ecs")
    ecs = fresh_sandbox.as_key("ecs", fresh_sandbox.user("dave"))
    listed = ecs.describe_images(
        models.DescribeImagesRequest(region_id="cn-hangzhou", image_owner_alias="system")
    )
    assert listed.body.total_count > 0
    error = fault(
        lambda: ecs.describe_images(
            models.DescribeImagesRequest(region_id="cn-hangzhou", image_owner_alias="self")
        )
    )
    assert error.access_denied_detail["NoPermissionType"] == "ImplicitDeny"


def vpc_request(sandbox: Sandbox, **parameters: Any) -> Any:
    return sandbox.models("vpc").CreateVpcRequest(region_id="cn-hangzhou", **parameters)


def test_a_dry_run_passes_only_with_permission(fresh_sandbox: Sandbox) -> None:
    request = vpc_request(fresh_sandbox, dry_run=True)
    error = fault(lambda: fresh_sandbox.client("vpc").create_vpc(request))
    assert (error.status_code, error.code) == (400, "DryRunOperation")
    eve = fresh_sandbox.as_key("vpc", fresh_sandbox.user("eve"))
    assert fault(lambda: eve.create_vpc(request)).code == "Forbidden.RAM"
    listed = fresh_sandbox.client("vpc").describe_vpcs(
        fresh_sandbox.models("vpc").DescribeVpcsRequest(region_id="cn-hangzhou")
    )
    assert listed.body.total_count == 0


def test_a_client_token_acts_once(fresh_sandbox: Sandbox) -> None:
    vpc = fresh_sandbox.client("vpc")
    request = vpc_request(fresh_sandbox, client_token="once", vpc_name="a")
    first, again = vpc.create_vpc(request), vpc.create_vpc(request)
    assert first.body.vpc_id == again.body.vpc_id
    other = vpc_request(fresh_sandbox, client_token="once", vpc_name="b")
    error = fault(lambda: vpc.create_vpc(other))
    assert (error.status_code, error.code) == (400, "IdempotenceParamNotMatch")


def legacy(sandbox: Sandbox, action: str, secret: str | None = None, **parameters: str) -> bytes:
    """A call by the vendor's older SDK, which raises what the answer holds."""
    client, request = legacy_request(sandbox, action, secret, **parameters)
    answer: bytes = client.do_action_with_exception(request)
    return answer


def legacy_xml(sandbox: Sandbox, action: str, **parameters: str) -> ElementTree.Element:
    """The same call in XML, as the server wrote it."""
    client, request = legacy_request(sandbox, action, None, **parameters)
    request.set_accept_format("XML")
    _, _, body = client.get_response(request)
    return ElementTree.fromstring(body)


def legacy_request(
    sandbox: Sandbox, action: str, secret: str | None, **parameters: str
) -> tuple[AcsClient, RpcRequest]:
    client = AcsClient(sandbox.access_key_id, secret or sandbox.access_key_secret, sandbox.region_id)
    client.set_max_retry_num(0)
    request = RpcRequest("Ecs", "2014-05-26", action)
    request.set_endpoint(sandbox.endpoint)
    request.set_protocol_type("http")
    for name, value in parameters.items():
        request.add_query_param(name, value)
    return client, request


def test_the_older_sdk_in_json_and_xml(sandbox: Sandbox) -> None:
    body = json.loads(legacy(sandbox, "DescribeRegions"))
    regions = [region["RegionId"] for region in body["Regions"]["Region"]]
    root = legacy_xml(sandbox, "DescribeRegions")
    assert root.tag == "DescribeRegionsResponse"
    assert [element.text for element in root.iterfind("Regions/Region/RegionId")] == regions
    assert root.findtext("RequestId")


def test_the_older_sdk_knows_its_wrong_secret(sandbox: Sandbox) -> None:
    with pytest.raises(ServerException) as caught:
        legacy(sandbox, "DescribeRegions", secret="wrong")
    assert caught.value.get_error_code() == "InvalidAccessKeySecret"


def test_errors_in_xml(sandbox: Sandbox) -> None:
    root = legacy_xml(sandbox, "DescribeImages", RegionId="cn-atlantis", ImageName="<&\x01>")
    assert (root.tag, root.findtext("Code")) == ("Error", "InvalidRegionId.NotFound")
    assert root.findtext("HostId") == sandbox.endpoint


def test_the_common_request_of_the_older_sdk(sandbox: Sandbox) -> None:
    client, _ = legacy_request(sandbox, "DescribeRegions", None)
    request = CommonRequest(domain=sandbox.endpoint, version="2014-05-26", action_name="DescribeRegions")
    request.set_protocol_type("http")
    assert json.loads(client.do_action_with_exception(request))["Regions"]["Region"]
    with pytest.raises(ServerException) as caught:
        legacy(sandbox, "DescribeImages", RegionId="cn-atlantis")
    assert (caught.value.get_http_status(), caught.value.get_error_code()) == (
        404,
        "InvalidRegionId.NotFound",
    )


@pytest.mark.parametrize(
    "noise",
    [
        b"hello\r\n\r\n",
        b"\x00\xff" * 500 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /%00%ff?%00=%ff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET http://[/ HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET / HTTP/1.1\r\nHost: \xe4\r\nAuthorization: ACS3-\xff\r\n\r\n",
    ],
)
def test_noise_gets_a_json_error_and_does_no_harm(sandbox: Sandbox, noise: bytes) -> None:
    host, port = sandbox.endpoint.split(":")
    with socket.create_connection((host, int(port)), 5) as connection:
        connection.sendall(noise)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        body = json.loads(answer.read())
        answer.close()
    assert answer.status // 100 == 4
    assert {"RequestId", "HostId", "Code", "Message"} <= body.keys()
    path, headers = signed(sandbox, "DescribeRegions")
    assert send(sandbox, "POST", path, headers)[0] == 200
