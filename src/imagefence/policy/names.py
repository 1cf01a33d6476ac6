"""Names of resources: `acs:<service>:<region>:<account>:<relative>`.

Source: AlibabaCloudDocs/ram Policy elements.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

PARTS = 5


@dataclass(frozen=True, slots=True)
class ResourceName:
    """The five parts; the relative one may itself hold `:` and `/`."""

    service: str
    region: str
    account: str
    relative: str

    @classmethod
    def parse(cls, text: str) -> ResourceName:
        """Reads a five-part name; raises ValueError for anything else."""
        parts = split(text)
        if len(parts) != PARTS or parts[0] != "acs":
            raise ValueError(f"`{text}` is not of the form acs:<service>:<region>:<account>:<relative>")
        return cls(*parts[1:])

    @property
    def kind(self) -> str:
        """The word before the slash, such as `image`."""
        return self.relative.partition("/")[0]

    @property
    def id(self) -> str:
        """What follows the first slash."""
        return self.relative.partition("/")[2]

    def __str__(self) -> str:
        return f"acs:{self.service}:{self.region}:{self.account}:{self.relative}"


@lru_cache(maxsize=4096)
def split(text: str) -> tuple[str, ...]:
    """Splits a name or pattern at its first four colons."""
    return tuple(text.split(":", PARTS - 1))
