"""Binds every behaviour to its operation, by importing the files that hold them."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from imagefence import sandbox

PRODUCTS = ("ecs_", "vpc", "tag", "ram_", "sts", "directory", "resource_manager", "control_policies")

for module in pkgutil.iter_modules(sandbox.__path__):
    if module.name.startswith(PRODUCTS):
        import_module(f"imagefence.sandbox.{module.name}")
