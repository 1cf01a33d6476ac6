"""`imagefence sandbox up` as a process: what it writes, how it ends, what it refuses."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_sts20150401.client import Client
from alibabacloud_tea_openapi.models import Config
from click.testing import CliRunner

from harness import up
from imagefence.cli.main import main


def identity(endpoint: str, key_id: str, secret: str) -> str:
    config = Config(access_key_id=key_id, access_key_secret=secret, endpoint=endpoint, protocol="HTTP")
    account: str = Client(config).get_caller_identity().body.account_id
    return account


def test_the_ready_file_is_enough_to_call(tmp_path: Path) -> None:
    with up(tmp_path / "ready.json", "--accounts", "2") as (_, ready):
        assert ready["endpoint"].startswith("127.0.0.1:")
        assert ready["region_id"] == "cn-hangzhou"
        everyone = [ready, *ready["other_accounts"]]
        assert len(everyone) == 2
        for account in everyone:
            called = identity(ready["endpoint"], account["access_key_id"], account["access_key_secret"])
            assert called == account["account_id"]
    assert (tmp_path / "ready.json").stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["ready.json"]


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(tmp_path: Path, by: signal.Signals) -> None:
    with up(tmp_path / "ready.json") as (process, ready):
        host, port = ready["endpoint"].split(":")
        with socket.create_connection((host, int(port))):
            process.send_signal(by)
            out, err = process.communicate(timeout=10)
    assert process.returncode == 0
    assert err == ""
    assert f"export IMAGEFENCE_ENDPOINT={ready['endpoint']}" in out
    assert f"export ALIBABA_CLOUD_ACCESS_KEY_SECRET={ready['access_key_secret']}" in out


def test_a_seed_gives_the_same_keys(tmp_path: Path) -> None:
    keys = set()
    for name in ("a.json", "b.json"):
        with up(tmp_path / name, "--seed", "7") as (_, ready):
            keys.add((ready["account_id"], ready["access_key_id"], ready["access_key_secret"]))
    with up(tmp_path / "c.json") as (_, other):
        keys.add((other["account_id"], other["access_key_id"], other["access_key_secret"]))
    assert len(keys) == 2


def refusal(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["sandbox", "up", *arguments])
    return result.exit_code, result.output


def test_it_stays_on_this_machine_unless_told() -> None:
    code, text = refusal("--host", "0.0.0.0")
    assert code == 2
    assert "--expose" in text


def test_a_taken_port_is_one_line(sandbox: Any) -> None:
    code, text = refusal("--port", sandbox.endpoint.split(":")[1])
    assert code == 1
    assert text.startswith("error: cannot listen on `127.0.0.1:")
    assert "Traceback" not in text


@pytest.mark.parametrize("reading", ["nonsense", "stars=sideways"])
def test_an_unknown_reading_names_the_choices(reading: str) -> None:
    code, text = refusal("--reading", reading)
    assert code == 2
    assert reading.split("=", maxsplit=1)[0] in text
