"""A running sandbox as tests see it: from outside, by the vendor's own clients."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alibabacloud_tea_openapi.models import Config

from imagefence.sandbox.birth import described
from imagefence.sandbox.serve import Running
from imagefence.sandbox.world import World

CLIENTS = {
    "ecs": "alibabacloud_ecs20140526",
    "vpc": "alibabacloud_vpc20160428",
    "ram": "alibabacloud_ram20150501",
    "sts": "alibabacloud_sts20150401",
    "tag": "alibabacloud_tag20180828",
    "resourcemanager": "alibabacloud_resourcemanager20200331",
    "resourcedirectory": "alibabacloud_resourcedirectorymaster20220419",
}

SANDBOX_UP = (sys.executable, "-m", "imagefence.cli.main", "sandbox", "up")


@dataclass(frozen=True)
class Key:
    """A credential to call with."""

    id: str
    secret: str
    token: str | None = None


class Sandbox:
    """A running sandbox, seen from outside: its endpoint and the root key of its first account."""

    def __init__(self, world: World) -> None:
        self.running = Running(world)
        account = described(world)
        self.world = world
        self.endpoint = self.running.endpoint
        self.account_id: str = account["account_id"]
        self.access_key_id: str = account["access_key_id"]
        self.access_key_secret: str = account["access_key_secret"]
        self.region_id: str = account["region_id"]
        self.other_accounts: list[dict[str, str]] = account["other_accounts"]

    def stop(self) -> None:
        """Ends it."""
        self.running.stop()

    def client(
        self,
        product: str,
        key: str | None = None,
        secret: str | None = None,
        token: str | None = None,
        region: str | None = None,
    ) -> Any:
        """The official SDK's client of a product; without a key it calls as root."""
        config = Config(
            access_key_id=key or self.access_key_id,
            access_key_secret=secret or self.access_key_secret,
            security_token=token,
            endpoint=self.endpoint,
            protocol="HTTP",
            region_id=region or self.region_id,
        )
        return importlib.import_module(f"{CLIENTS[product]}.client").Client(config)

    def models(self, product: str) -> Any:
        """The request classes of the official SDK."""
        return importlib.import_module(f"{CLIENTS[product]}.models")

    def as_key(self, product: str, key: Key) -> Any:
        """The official client with another key."""
        return self.client(product, key.id, key.secret, key.token)

    def user(self, name: str, *statements: dict[str, Any]) -> Key:
        """Makes a RAM user with an access key and, given statements, one policy of its own, by the SDK."""
        ram, models = self.client("ram"), self.models("ram")
        ram.create_user(models.CreateUserRequest(user_name=name))
        made = ram.create_access_key(models.CreateAccessKeyRequest(user_name=name)).body.access_key
        if statements:
            document = json.dumps({"Version": "1", "Statement": list(statements)})
            policy = f"{name}-policy"
            ram.create_policy(models.CreatePolicyRequest(policy_name=policy, policy_document=document))
            ram.attach_policy_to_user(
                models.AttachPolicyToUserRequest(policy_type="Custom", policy_name=policy, user_name=name)
            )
        return Key(made.access_key_id, made.access_key_secret)

    def environment(self, key: Key | None = None) -> dict[str, str]:
        """What points the CLI and the SDKs at it."""
        key = key or Key(self.access_key_id, self.access_key_secret)
        return {
            "IMAGEFENCE_ENDPOINT": self.endpoint,
            "ALIBABA_CLOUD_ACCESS_KEY_ID": key.id,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": key.secret,
            "ALIBABA_CLOUD_SECURITY_TOKEN": key.token or "",
            "ALIBABA_CLOUD_REGION_ID": self.region_id,
        }


@contextmanager
def up(ready: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """The running process, and what its ready file says."""
    arguments = [*SANDBOX_UP, "--ready-file", str(ready), *options]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            end = time.monotonic() + 20
            while not ready.exists() and time.monotonic() < end and process.poll() is None:
                time.sleep(0.01)
            yield process, json.loads(ready.read_text())
        finally:
            process.kill()
