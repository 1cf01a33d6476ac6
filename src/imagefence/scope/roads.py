"""The one table of roads to an instance from an image that nobody approved, and to an image's tag.

The fence, the proof, the audit and the docs read it, through `table()`. The vendor's own pages are named row
by row.
"""

from __future__ import annotations

from imagefence.scope.road import Barrier, Caller, Group, Road
from imagefence.scope.rows.beyond import BEYOND_ROADS, POLICY_ACTIONS, ROLE_ACTIONS
from imagefence.scope.rows.images import (
    CREATE_ACTIONS,
    IMAGE_ROADS,
    SHARE_ACTIONS,
    TAG_ACTIONS,
    TAG_SERVICE_ACTIONS,
    TAGGER_ROADS,
)
from imagefence.scope.rows.launches import DISK_ROADS, LAUNCH_ACTIONS, LAUNCH_ROADS, LAUNCHES
from imagefence.scope.rows.services import LAUNCHER_ROADS, ROLE_ROADS, SERVER_ROADS

__all__ = [
    "CREATE_ACTIONS",
    "DETACH_ACTIONS",
    "FAMILY_ACTIONS",
    "GROUP_ACTIONS",
    "LAUNCHER_ACTIONS",
    "LAUNCHES",
    "LAUNCH_ACTIONS",
    "POLICY_ACTIONS",
    "ROADS",
    "ROLE_ACTIONS",
    "SHARE_ACTIONS",
    "TAG_ACTIONS",
    "TAG_SERVICE_ACTIONS",
    "Barrier",
    "Caller",
    "Group",
    "Road",
    "actions_closed_by",
    "members",
    "roads_closed_by",
    "table",
]

ROADS: tuple[Road, ...] = (
    *LAUNCH_ROADS,
    *IMAGE_ROADS,
    *TAGGER_ROADS,
    *LAUNCHER_ROADS,
    *ROLE_ROADS,
    *SERVER_ROADS,
    *DISK_ROADS,
    *BEYOND_ROADS,
)
FAMILY_ACTIONS = ("ecs:ModifyImageAttribute",)
LAUNCHER_ACTIONS = tuple(action for road in LAUNCHER_ROADS for action in road.actions)
DETACH_ACTIONS = ("ram:DetachPolicyFromUser", "ram:DetachPolicyFromGroup", "ram:DetachPolicyFromRole")
# Why UpdateGroup: it renames, and a Deny on the old name then covers nobody.
GROUP_ACTIONS = ("ram:RemoveUserFromGroup", "ram:UpdateGroup", "ram:DeleteGroup")


def table() -> tuple[Road, ...]:
    """Gives every road; whoever reads the table calls this, so that one more row reaches them all."""
    return ROADS


def roads_closed_by(barrier: Barrier) -> tuple[Road, ...]:
    """Gives the roads across which a barrier stands."""
    return tuple(road for road in table() if road.closed_by is barrier)


def actions_closed_by(barrier: Barrier) -> tuple[str, ...]:
    """Gives the actions of those roads, each once, in the order of the table."""
    return tuple(dict.fromkeys(action for road in roads_closed_by(barrier) for action in road.actions))


def members(word: str) -> tuple[Road, ...]:
    """Gives the roads that a word of fence.yaml names: one, or all of a group; none for a stranger."""
    return tuple(road for road in table() if word in (road.name, road.group.value))
