"""The condition keys that each product feeds, in one table."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from importlib import import_module
from typing import Any

from imagefence import sandbox
from imagefence.sandbox.call import Call

Read = Callable[[Call, Any], tuple[str, ...] | None]

CONTEXT: dict[str, Read] = {
    key: read
    for module in pkgutil.iter_modules(sandbox.__path__)
    if module.name.endswith("_context")
    for key, read in import_module(f"imagefence.sandbox.{module.name}").CONTEXT.items()
}
