"""The condition keys that each product feeds, in one table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from imagefence.sandbox import ecs_context, ram_context
from imagefence.sandbox.call import Call

Read = Callable[[Call, Any], tuple[str, ...] | None]

CONTEXT: dict[str, Read] = {**ecs_context.CONTEXT, **ram_context.CONTEXT}
