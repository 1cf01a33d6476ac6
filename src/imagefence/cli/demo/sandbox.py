"""The sandbox of the story: a process of its own, ended by its id."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from imagefence.cli.demo.town import Gate, Key
from imagefence.errors import InternalError

PROGRAM = (sys.executable, "-m", "imagefence.cli.main")
START_S, END_S = 20.0, 5.0


@contextmanager
def running_sandbox(folder: Path, *, keep: bool) -> Iterator[Gate]:
    """Starts a sandbox on a free loopback port and ends it afterwards, unless it is to be kept."""
    ready = folder / "sandbox.json"
    ready.unlink(missing_ok=True)
    with (folder / "sandbox.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own program
            [*PROGRAM, "sandbox", "up", "--port", "0", "--ready-file", str(ready), "--accounts", "2"],
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            start_new_session=keep,
        )
    try:
        yield wait_for(ready, process)
    finally:
        if not keep:
            end(process)


def wait_for(ready: Path, process: subprocess.Popen[bytes]) -> Gate:
    """Waits for the ready file."""
    until = time.monotonic() + START_S
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > until:
            raise InternalError(
                "the sandbox did not start", help=f"its output is in {ready.with_name('sandbox.log')}"
            )
        time.sleep(0.02)
    told: dict[str, Any] = json.loads(ready.read_text())
    other = told["other_accounts"][0]
    return Gate(
        endpoint=told["endpoint"],
        account_id=told["account_id"],
        root=Key(told["access_key_id"], told["access_key_secret"], "root"),
        other_account_id=other["account_id"],
        other_root=Key(other["access_key_id"], other["access_key_secret"], "root"),
        process_id=process.pid,
    )


def end(process: subprocess.Popen[bytes]) -> None:
    """Ends the process; by force if it will not."""
    process.terminate()
    try:
        process.wait(END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
