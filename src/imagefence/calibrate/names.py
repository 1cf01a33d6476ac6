"""The names of the throw-away objects, and the mark by which a later run knows them for ours."""

from __future__ import annotations

from dataclasses import dataclass

PREFIX = "imagefence-calibrate-"
MARK = "Throw-away object of imagefence calibrate. Safe to delete."


@dataclass(frozen=True, slots=True)
class Names:
    """What one run calls its objects; user, role and policy share one name."""

    run: str

    @property
    def base(self) -> str:
        """The name of the user, the role and the role's policy."""
        return f"{PREFIX}{self.run}"

    @property
    def door(self) -> str:
        """The policy that lets the user assume the role."""
        return f"{self.base}-door"

    def saved(self, probe: str) -> str:
        """The policy by which a probe finds out whether a text can be saved."""
        return f"{self.base}-{probe}"


def is_ours(name: str, told: str) -> bool:
    """Tells a throw-away object by its prefix and its mark: the prefix alone proves nothing."""
    return name.startswith(PREFIX) and told == MARK
