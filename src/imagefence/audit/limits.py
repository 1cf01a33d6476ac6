"""What an audit of a scope can't promise: the roads that its fence leaves open."""

from __future__ import annotations

from imagefence.scope.closing import left_open
from imagefence.scope.roads import Group
from imagefence.scope.scope import Scope

UNSEEN = "an audit does not see what runs there"
SEEN = "what comes in there is seen by the next audit"


def road_limits(scope: Scope) -> tuple[str, ...]:
    """One sentence for each group of roads that could be closed and are not."""
    return tuple(
        f"{scope.source} leaves open {group.value} ({', '.join(one.road.name for one in found)}): "
        f"{UNSEEN if group is Group.OTHER_SERVERS else SEEN}"
        for group, found in left_open(scope)
    )
