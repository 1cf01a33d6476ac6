"""The sandbox over HTTPS, with the vendor's own SDK and with this tool."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_ecs20140526.client import Client
from alibabacloud_ecs20140526.models import DescribeRegionsRequest
from alibabacloud_ram20150501 import models
from alibabacloud_ram20150501.client import Client as Ram
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.models import Config
from click.testing import CliRunner, Result

from harness import up
from imagefence.cli.main import main
from imagefence.sandbox.birth import described, fresh_world
from imagefence.sandbox.certificate import issued
from imagefence.sandbox.serve import Running

DENY_PLAIN = {
    "Version": "1",
    "Statement": [
        {"Effect": "Allow", "Action": "ecs:Describe*", "Resource": "*"},
        {
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {"Bool": {"acs:SecureTransport": "false"}},
        },
    ],
}


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, Path]]:
    """A sandbox that speaks TLS, and the file of its authority."""
    certificate = issued("127.0.0.1")
    authority = tmp_path_factory.mktemp("tls") / "ca.pem"
    authority.write_bytes(certificate.authority)
    running = Running(fresh_world(seed=1), tls=certificate.context)
    yield running, authority
    running.stop()


def client(running: Running, authority: Path) -> Any:
    account = described(running.world)
    return Client(
        Config(
            access_key_id=account["access_key_id"],
            access_key_secret=account["access_key_secret"],
            endpoint=running.endpoint,
            protocol="HTTPS",
            ca=str(authority),
        )
    )


def test_the_official_sdk_calls_over_https(secure: tuple[Running, Path]) -> None:
    running, authority = secure
    assert client(running, authority).describe_regions(DescribeRegionsRequest()).body.regions.region


def test_who_does_not_trust_the_authority_does_not_call(secure: tuple[Running, Path]) -> None:
    host, _, port = secure[0].endpoint.rpartition(":")
    strangers = ssl.create_default_context()
    with (
        socket.create_connection((host, int(port)), 10) as plain,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        strangers.wrap_socket(plain, server_hostname=host)


def test_policies_see_the_transport(secure: tuple[Running, Path]) -> None:
    running, authority = secure
    plain = Running(running.world)
    try:
        user = made_user(running, authority)
        assert call(f"https://{running.endpoint}", user, authority) == ""
        assert call(plain.endpoint, user, authority) == "Forbidden.RAM"
    finally:
        plain.stop()


def made_user(running: Running, authority: Path) -> tuple[str, str]:
    """A user who may list, but not over a plain connection."""
    account = described(running.world)
    ram = Ram(
        Config(
            access_key_id=account["access_key_id"],
            access_key_secret=account["access_key_secret"],
            endpoint=running.endpoint,
            protocol="HTTPS",
            ca=str(authority),
        )
    )
    ram.create_user(models.CreateUserRequest(user_name="secured"))
    ram.create_policy(
        models.CreatePolicyRequest(policy_name="secured", policy_document=json.dumps(DENY_PLAIN))
    )
    ram.attach_policy_to_user(
        models.AttachPolicyToUserRequest(policy_type="Custom", policy_name="secured", user_name="secured")
    )
    key = ram.create_access_key(models.CreateAccessKeyRequest(user_name="secured")).body.access_key
    return key.access_key_id, key.access_key_secret


def call(endpoint: str, key: tuple[str, str], authority: Path) -> str:
    """The code that a list is refused with, or an empty text."""
    scheme, _, host = endpoint.rpartition("://")
    config = Config(
        access_key_id=key[0],
        access_key_secret=key[1],
        endpoint=host,
        protocol=scheme.upper() or "HTTP",
        ca=str(authority),
    )
    try:
        Client(config).describe_regions(DescribeRegionsRequest())
    except AlibabaCloudException as error:
        return str(error.code)
    return ""


def test_this_tool_calls_over_https(secure: tuple[Running, Path], tmp_path: Path) -> None:
    running, authority = secure
    key = described(running.world)
    environment = {
        "IMAGEFENCE_ENDPOINT": f"https://{running.endpoint}",
        "IMAGEFENCE_CA_FILE": str(authority),
        "ALIBABA_CLOUD_ACCESS_KEY_ID": key["access_key_id"],
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": key["access_key_secret"],
        "HOME": str(tmp_path),
    }
    run: Callable[..., Result] = CliRunner().invoke
    arguments = ["images", "list", "--tag", "environment=production", "--json"]
    assert run(main, arguments, env=environment).exit_code == 0
    missing = run(main, arguments, env={**environment, "IMAGEFENCE_CA_FILE": str(tmp_path / "none.pem")})
    assert missing.exit_code == 2


def test_a_certificate_is_good_for_this_machine_alone() -> None:
    certificate = issued("localhost")
    assert certificate.context.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert certificate.authority.startswith(b"-----BEGIN CERTIFICATE-----")


def test_a_sandbox_as_a_process_hands_its_authority_over(tmp_path: Path) -> None:
    with up(tmp_path / "ready.json", "--tls", str(tmp_path / "ca.pem")) as (_, ready):
        assert (ready["protocol"], ready["ca_file"]) == ("HTTPS", str(tmp_path / "ca.pem"))
        faults = ["sandbox", "faults", "--ready-file", str(tmp_path / "ready.json")]
        shown = CliRunner().invoke(main, faults)
        assert (shown.exit_code, shown.output) == (0, "no faults\n")
