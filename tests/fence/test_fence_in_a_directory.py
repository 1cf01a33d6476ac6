"""The fence on a node: put up, tried by the official SDK, taken down."""

from __future__ import annotations

import json
from typing import Any

import pytest


@pytest.mark.parametrize("form", ["deny", "allow", "both"])
def test_up_holds_and_down_again(town: Any, form: str) -> None:
    """Plan, apply, what passes and what fails, an empty second plan, remove, and the world as before."""
    ground, dev = town.ground, town.dev
    assert ground.launch(dev, ground.plain) == "ok"
    before = town.world()
    town.write(form)
    shown = town.run("plan")
    assert shown.exit_code == 0, shown.output
    assert town.world() == before
    applied = town.run("apply", "--yes")
    assert applied.exit_code == 0, applied.output
    assert ground.launch(dev, ground.plain) == "403 ControlPolicy"
    assert ground.launch(dev, ground.stock) == "403 ControlPolicy"
    assert ground.launch(dev, ground.golden) == "ok"
    assert ground.tag(dev, "image", ground.plain) == "403 ControlPolicy"
    assert ground.tag(dev, "instance", ground.instance) == "ok"
    again = town.run("plan", "--json")
    assert json.loads(again.output)["steps"] == []
    status = town.run("status", "--json")
    assert status.exit_code == 0, status.output
    removed = town.run("remove", "--yes")
    assert removed.exit_code == 0, removed.output
    assert town.world() == before
    assert ground.launch(dev, ground.plain) == "ok"
