"""The steps of a plan as data, with the texts before and after."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class StepKind(Enum):
    """What a step does."""

    CREATE_ROLE = "create role"
    UPDATE_TRUST = "change trust of role"
    DELETE_ROLE = "delete role"
    CREATE_POLICY = "create policy"
    UPDATE_POLICY = "new default version of policy"
    DELETE_POLICY = "delete policy"
    ATTACH_POLICY = "attach policy"
    DETACH_POLICY = "detach policy"
    ENABLE_CONTROL = "switch control policies on"
    CREATE_CONTROL = "create control policy"
    UPDATE_CONTROL = "replace control policy in place"
    DELETE_CONTROL = "delete control policy"
    ATTACH_CONTROL = "attach control policy"
    DETACH_CONTROL = "detach control policy"


@dataclass(frozen=True, slots=True)
class Step:
    """One change: to what, in which account, at which target, and the text before and after.

    `target` is a place such as `role/ci`, or the id of a node, whose path is `path`; `policy_type` is that of
    an attached RAM policy.
    """

    kind: StepKind
    account: str
    name: str = ""
    target: str = ""
    path: str = ""
    before: str = ""
    after: str = ""
    about: str = ""
    policy_type: str = "Custom"

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What the step changes, whichever way: the object, or its attachment to a target."""
        return (SORT[self.kind], self.account, self.name, self.target)

    def __str__(self) -> str:
        on = self.path or self.target
        return " ".join(
            part
            for part in (
                self.kind.value,
                f"`{self.name}`" if self.name else "",
                f"{'from' if 'detach' in self.kind.value else 'to'} {on}" if on else "",
                f"in account {self.account}" if "control" not in self.kind.value else "",
            )
            if part
        )


SORT = {
    kind: "control" if "CONTROL" in kind.name else "policy" if "POLICY" in kind.name else "role"
    for kind in StepKind
}
