"""What stands where in fence.yaml, for the parser and the schema: the fields of each object, and forms."""

from __future__ import annotations

import re
from typing import NamedTuple


class Fields(NamedTuple):
    """The fields that an object may have, and those that it must have."""

    known: tuple[str, ...]
    required: tuple[str, ...] = ()


TOP = Fields(("version", "approved", "fence", "exempt", "fix"), ("version", "approved"))
APPROVED = Fields(("tags", "owner_accounts", "distribute"), ("tags",))
FENCE = Fields(("form", "attach", "image_creation", "other_launchers", "roads", "contact"))
ROADS = Fields(("close", "except"), ("close",))
ATTACH = Fields(("nodes", "principals"))
PRINCIPALS = Fields(("users", "groups", "roles"))
EXEMPTION = Fields(("role", "may", "until", "reason", "trust"), ("role", "may"))
FIX = Fields(("default",))

ACCOUNT_ID = re.compile(r"[0-9]{16}")
ROLE_NAME = re.compile(r"[a-z0-9.-]{1,64}")
TRUSTED = re.compile(r"acs:ram::[0-9]{16}:(root|user/.+|role/.+)")
TAG_LENGTH = 128
CONTACT_LENGTH = 256
