"""The catalogue that is shipped: as new as the SDKs that are installed and the declarations."""

from __future__ import annotations

import importlib
import json
import runpy
from pathlib import Path
from typing import Any

import pytest

from harness import CLIENTS
from imagefence.api.registry import ALL
from imagefence.lint.catalogue import Catalogue, Service, catalogue, one_slip

ROOT = Path(__file__).parents[2]
TOOL: dict[str, Any] = runpy.run_path(str(ROOT / "tools" / "catalogue.py"))
SHIPPED: dict[str, Any] = json.loads(TOOL["CATALOGUE"].read_text())


@pytest.mark.parametrize("module", sorted(CLIENTS.values()))
def test_it_holds_what_the_installed_sdk_holds(module: str) -> None:
    package = module.replace("_", "-")
    key = package.removeprefix("alibabacloud-")
    found = json.loads(json.dumps(TOOL["read_package"](key)))
    assert SHIPPED["packages"][package] == found, "run `make catalogue`"
    client = importlib.import_module(f"{module}.client").Client
    methods = {
        name.removesuffix("_with_options").replace("_", "")
        for name in dir(client)
        if name.endswith("_with_options")
    }
    named = {name.lower() for name in found["operations"].split()}
    assert methods <= named, "a method of the client is no operation of the catalogue"


def test_it_holds_what_is_declared() -> None:
    assert SHIPPED["declared"] == json.loads(json.dumps(TOOL["declared"]())), "run `make catalogue`"
    assert SHIPPED["unscoped"] == TOOL["unscoped"](), "run `make catalogue`"
    declared = catalogue().declared
    for operation in ALL:
        if operation.authorizes:
            assert set(map(str.lower, operation.keys)) <= declared[operation.action.lower()].keys


def test_writing_it_again_changes_nothing() -> None:
    assert TOOL["written"](TOOL["catalogue"](SHIPPED["packages"])) == TOOL["CATALOGUE"].read_text()


def test_it_knows_services_by_their_code_in_ram() -> None:
    services = catalogue().services
    assert {"ecs", "ess", "log", "cen", "kvstore", "resourcemanager", "oss"} <= set(services)
    assert "createtags" not in services["ecs"].operations
    assert services["ecs"].operations["runinstances"] == "RunInstances"
    assert services["ram"].operations["passrole"] == "PassRole"
    assert services["ecs"].exact
    assert not services["log"].exact


@pytest.mark.parametrize(
    ("text", "other", "slip"),
    [
        ("esc", "ecs", True),
        ("escs", "ecs", True),
        ("ec", "ecs", False),
        ("ecs", "ecs", False),
        ("vpx", "vpc", True),
        ("tgaa", "tag", False),
        ("acr", "rca", False),
    ],
)
def test_one_slip(text: str, other: str, slip: bool) -> None:
    assert one_slip(text, other) is slip


def test_the_near_service_has_the_operation() -> None:
    known = Catalogue({"ecs": Service({"runinstances": "RunInstances"}, True)})
    assert known.near_service("esc", "RunInstances") == "ecs"
    assert known.near_service("esc", "*") == "ecs"
    assert known.near_service("esc", "StartJob") == ""
    assert known.near_service("oss", "RunInstances") == ""
