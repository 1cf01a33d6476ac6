"""The fence under the lint: its policies as they hang in the cloud."""

from __future__ import annotations

import json
import re
from typing import Any

from click.testing import CliRunner

from imagefence.cli.main import main


def test_a_fence_near_its_limits_is_told_its_lengths_as_the_cloud_holds_it(town: Any) -> None:
    town.write(**{"  attach:": "  roads: { close: all }\n  attach:"})
    assert town.run("apply", "--yes").exit_code == 0
    environment = {
        "IMAGEFENCE_ENDPOINT": town.sandbox.endpoint,
        "ALIBABA_CLOUD_ACCESS_KEY_ID": town.admin.key.id,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": town.admin.key.secret,
        "HOME": str(town.folder),
    }
    linted = CliRunner().invoke(main, ["policy", "lint", "--attachments", "--json"], env=environment)
    lengths = {name: len(text) for name, text in town.world()[1].items()}
    assert max(lengths.values()) > 0.9 * 4096, "no policy of this fence is near its limit"
    told = {
        each["file"].rpartition("/")[2]: (remark["rule"], int(re.findall(r"\d+", remark["message"])[0]))
        for each in json.loads(linted.stdout)
        for remark in each["remarks"]
        if remark["rule"] in {"too-long", "near-limit"}
    }
    near = {name: ("near-limit", length) for name, length in lengths.items() if length > 0.9 * 4096}
    assert told == near
