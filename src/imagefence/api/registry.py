"""Every declared operation, found by the version and action that a request names."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import Any

from imagefence import api
from imagefence.api.operation import Operation

OPERATIONS: dict[tuple[str, str], Operation[Any, Any]] = {
    (operation.product.version, operation.name): operation
    for module in pkgutil.iter_modules(api.__path__, "imagefence.api.")
    if module.name != __name__
    for operation in getattr(import_module(module.name), "OPERATIONS", ())
}
VERSIONS: frozenset[str] = frozenset(version for version, _ in OPERATIONS)
