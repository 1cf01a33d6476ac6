"""What a row of the table of roads is made of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from imagefence.scope.scope import May

ECS_TABLE = "help.aliyun.com ecs/developer-reference/api-ecs-2014-05-26-ram"
CONTROL_POLICIES = "help.aliyun.com resource-management/resource-directory/user-guide/control-policy-overview"


class Barrier(Enum):
    """The part of the fence that stands across a road."""

    LAUNCH = "launch"  # no instance or system disk from an image without the tags
    ORIGIN = "origin"  # none from stock or foreign images, whatever the image resource says
    TAGGING = "tagging"  # no approved tag on an image by hand
    CREATION = "creation"  # no image born with an approved tag
    FAMILY = "family"  # no image put in another family
    SHARING = "sharing"  # no image without the tags shared; only with `distribute: share`
    NAMES = "names"  # no exempt role made or changed by others
    DOOR = "door"  # the actions themselves denied, as nothing finer speaks of the image; only by `roads`
    NONE = "none"  # no policy reaches it


class Caller(Enum):
    """Who calls in the end, and so whose policies are asked."""

    CALLER = "the caller"
    SERVICE_ROLE = "a service role, bound by control policies like any role"
    SERVICE_LINKED = "a service-linked role, outside control policies"
    SERVICE = "the service, outside the account"
    EXEMPT = "somebody whom control policies do not meet"


class Group(Enum):
    """Roads that one word of fence.yaml can name together."""

    LAUNCHES = "launches"
    IMAGES = "images"
    OTHER_LAUNCHERS = "other-launchers"
    OTHER_SERVERS = "other-servers"
    TAGGERS = "taggers"
    SHARES = "shares"
    DISKS = "disks"
    BEYOND = "beyond"


@dataclass(frozen=True, slots=True, kw_only=True)
class Road:
    """One road: the actions, who calls in the end, what is authorised with which keys, what closes it.

    Where a service acts later in its own name, `actions` are the door before it. `authorizes` names resources
    as ECS does (`image/<id>`, `instance/*` for a new one), with the service before it elsewhere
    (`vpc:vswitch/<id>`), `*` where a page says so, and nothing where no page tells. `role` names who calls
    where `by` is not enough, `exempt` who is let through a door, `unsure` what no page settles. While the
    road stays open, the roles in `passing` pass the doors of those in `passes`, as the service needs.
    """

    name: str
    actions: tuple[str, ...]
    group: Group
    by: Caller = Caller.CALLER
    role: str = ""
    authorizes: tuple[str, ...]
    keys: tuple[str, ...] = ()
    closed_by: Barrier
    exempt: May = May.TAG
    passing: tuple[str, ...] = ()
    passes: tuple[str, ...] = ()
    remark: str
    unsure: str = ""
    source: str

    @property
    def caller(self) -> str:
        """Who calls in the end, in words."""
        if self.by is Caller.SERVICE_LINKED and self.role:
            return f"{self.role}, outside control policies"
        return self.role or self.by.value

    @property
    def choosable(self) -> bool:
        """True where fence.yaml says whether it is closed; the others always are, or can't be."""
        return self.closed_by is Barrier.DOOR
