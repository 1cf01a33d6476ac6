"""The demo as a user runs it: every claim of the story holds, and the report is there."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from imagefence.cli.demo.sandbox import PROGRAM


def test_the_whole_story_goes_as_told(tmp_path: Path) -> None:
    out = tmp_path / "out"
    answer = subprocess.run(
        [*PROGRAM, "demo", "--out", str(out)],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "HOME": str(tmp_path)},
        timeout=120,
    )
    assert answer.returncode == 0, answer.stdout[-3000:] + answer.stderr
    told = re.search(r"(\d+) claims checked in (\d+) s", answer.stdout)
    assert told is not None
    assert int(told[1]) >= 20
    assert int(told[2]) < 60
    report = out / "report.html"
    assert f"Report: {report}" in answer.stdout
    page = report.read_text()
    titles = re.findall(r"^ ?\d+\. (.+?) +─", answer.stdout, re.MULTILINE)
    assert len(titles) == 7
    assert all(title in page for title in titles)
    assert "clean" in page
    assert not re.search(r"(?:src|href)=[\"']https?://", page), "the report needs the network"
    assert len(list(out.glob("play-*/fence.yaml"))) == 1


def test_the_sandbox_of_the_story_is_gone_afterwards(tmp_path: Path) -> None:
    from imagefence.cli.demo.sandbox import running_sandbox
    from imagefence.cloud.session import open_session
    from imagefence.errors import Unreachable

    with running_sandbox(tmp_path, keep=False) as gate:
        environment = {
            "ALIBABA_CLOUD_ACCESS_KEY_ID": gate.root.id,
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET": gate.root.secret,
        }
        session = open_session(endpoint=gate.endpoint, environment=environment)
        assert session.account_id == gate.account_id
    gone = open_session(endpoint=gate.endpoint, environment=environment)
    try:
        gone.identity()
    except Unreachable:
        return
    raise AssertionError("the sandbox still answers")
