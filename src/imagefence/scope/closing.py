"""What a scope makes of each road: closed, open, or beyond any policy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from imagefence.scope.roads import Barrier, Caller, Group, Road, actions_closed_by, table
from imagefence.scope.scope import Distribute, OtherLaunchers, Scope


class State(Enum):
    """How a road stands under a scope."""

    CLOSED = "closed"
    EXCEPTED = "left open by choice"
    OPEN = "open"
    UNCLOSABLE = "can't be closed"
    UNNEEDED = "no road here"


@dataclass(frozen=True, slots=True)
class Closing:
    """One road under a scope: its state, why, and where it is closed by what barrier on which actions."""

    road: Road
    state: State
    why: str
    barrier: Barrier = Barrier.NONE
    actions: tuple[str, ...] = ()


def closings(scope: Scope) -> tuple[Closing, ...]:
    """Says of every road how it stands."""
    return tuple(closing(road, scope) for road in table())


def closing(road: Road, scope: Scope) -> Closing:
    """Says how one road stands."""
    if road.closed_by is Barrier.NONE:
        return Closing(road, State.UNCLOSABLE, road.remark)
    if unneeded := no_road(road, scope):
        return Closing(road, State.UNNEEDED, unneeded)
    if not road.choosable or has_door(road, scope):
        passing = ", ".join(let_through(road, scope))
        why = f"{passing} passes, for a road that needs it and stays open" if passing else road.remark
        return Closing(road, State.CLOSED, why, road.closed_by, road.actions)
    if is_bound(road, scope):
        why = "control policies bind the service role, so its launches are asked like the caller's"
        return Closing(road, State.CLOSED, why, Barrier.LAUNCH, actions_closed_by(Barrier.LAUNCH))
    return Closing(road, State.EXCEPTED if chosen(road, scope) is False else State.OPEN, road.remark)


def no_road(road: Road, scope: Scope) -> str:
    """Says why a road leads nowhere under a scope; empty where it does lead somewhere."""
    shares = road.closed_by is Barrier.SHARING or road.group is Group.SHARES
    if shares and scope.distribute is Distribute.COPY and not has_door(road, scope):
        return "with `distribute: copy` an image must wear the tags in the receiver's account"
    if road.closed_by is Barrier.NAMES and not scope.exemptions:
        return "nobody is exempt"
    return ""


def chosen(road: Road, scope: Scope) -> bool | None:
    """What fence.yaml says of a road: closed, open, or nothing; its name counts more than its group."""
    choice, group = scope.roads, road.group.value
    if road.name in choice.close:
        return True
    if road.name in choice.but or group in choice.but:
        return False
    launchers = road.group is Group.OTHER_LAUNCHERS and scope.other_launchers is OtherLaunchers.CLOSED
    return True if choice.every or group in choice.close or launchers else None


def has_door(road: Road, scope: Scope) -> bool:
    """Tells whether the actions of a road are denied.

    A group or `all` denies only what nothing else closes, so that a service whose role is bound anyway goes
    on working; a road's own name denies it all the same.
    """
    if not road.choosable:
        return False
    if road.name in scope.roads.close:
        return True
    copied = road.group is Group.SHARES and scope.distribute is Distribute.COPY
    return chosen(road, scope) is True and not is_bound(road, scope) and not copied


def is_bound(road: Road, scope: Scope) -> bool:
    """Tells whether the fence meets the role that calls: on nodes it meets all but the linked ones."""
    return road.by is Caller.SERVICE_ROLE and not scope.attach.principals


def let_through(road: Road, scope: Scope) -> tuple[str, ...]:
    """The service roles that pass a door because a road that needs it stays open; names in lower case.

    Whoever can take such a role can also use the road that stays open, so the door loses nothing by it.
    """
    if scope.attach.principals:
        return ()
    needing = (other for other in table() if road.name in other.passes and not has_door(other, scope))
    return tuple(dict.fromkeys(role.lower() for other in needing for role in other.passing))


def doors(scope: Scope) -> tuple[Road, ...]:
    """Gives the roads whose actions the fence denies."""
    return tuple(road for road in table() if has_door(road, scope))


def left_open(scope: Scope) -> Iterator[tuple[Group, tuple[Closing, ...]]]:
    """Yields the roads that could be closed and are not, by group."""
    found = [one for one in closings(scope) if one.state in (State.OPEN, State.EXCEPTED)]
    for group in Group:
        if mine := tuple(one for one in found if one.road.group is group):
            yield group, mine
