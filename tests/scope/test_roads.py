"""The table of roads: each row whole, and held to the declarations and to the catalogue of actions."""

from __future__ import annotations

import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from imagefence.api.operation import Authorized, Operation
from imagefence.api.registry import operation_for
from imagefence.lint.catalogue import catalogue
from imagefence.scope.closing import State, closing, closings, doors, has_door, left_open, let_through
from imagefence.scope.road import Barrier, Caller, Group, Road
from imagefence.scope.roads import LAUNCHER_ACTIONS, actions_closed_by, members, table
from imagefence.scope.scope import (
    Attachment,
    Distribute,
    Exemption,
    May,
    OtherLaunchers,
    RoadChoice,
    Scope,
)

ROOT = Path(__file__).resolve().parents[2]
# Why: the vendor's own policy names them, though no operation of today is called so.
OF_OLD = {"ecs:CreateTags", "ecs:DeleteTags"}
TAGS = {"environment": ("production",)}
EVERY = Scope(TAGS, roads=RoadChoice(every=True))
ROAD = {road.name: road for road in table()}


def declared(road: Road) -> Iterator[Operation[Any, Any]]:
    """The declared operations among a road's actions."""
    return (found for action in road.actions if (found := operation_for(action)) is not None)


def words(operation: Operation[Any, Any], entry: Authorized) -> str:
    """A declared resource as a row writes it: `image/*` when new, `vpc:vswitch/`, else `image/`."""
    if entry.kind in ("*", "arn"):
        return entry.kind
    service = entry.service or operation.product.ram_code
    prefix = "" if service == "ecs" else f"{service}:"
    return f"{prefix}{entry.kind.replace('{', '<').replace('}', '>')}/{'*' if entry.new else ''}"


def row_words(road: Road) -> set[str]:
    """The resources of a row in the same words."""
    return {
        one if one.endswith("*") else "arn" if one == "<arn>" else f"{one.partition('/')[0]}/"
        for one in road.authorizes
    }


@pytest.mark.parametrize("road", table(), ids=lambda road: road.name)
def test_a_row_is_whole(road: Road) -> None:
    """Every row says what it does, what is known of it and where that stands; services are named."""
    assert all((road.actions, road.remark, road.source, road.caller))
    assert road.unsure or road.authorizes or road.by is not Caller.CALLER
    if road.by is Caller.SERVICE_LINKED and road.choosable:
        assert road.role
    for other in road.passes:
        assert ROAD[other].choosable
        assert road.passing


def test_names_are_told_apart() -> None:
    """A word of fence.yaml names one road or one group, never both, and `all` neither."""
    names = [road.name for road in table()]
    assert len(set(names)) == len(names)
    assert not {group.value for group in Group} & set(names)
    assert "all" not in names
    assert {road.group for road in table()} == set(Group)
    assert members("nothing") == ()


@pytest.mark.parametrize("road", table(), ids=lambda road: road.name)
def test_resources_and_keys_are_those_of_the_declarations(road: Road) -> None:
    """What the declared operations authorise stands in the row, and nothing else where all are declared."""
    operations = tuple(declared(road))
    found = {words(one, entry) for one in operations for entry in one.authorizes if not entry.action}
    assert found - {"arn"} <= row_words(road)
    if operations and len(operations) == len(road.actions) and "arn" not in found:
        assert row_words(road) == found
    fed = {key for one in operations for key in one.keys}
    assert {key for key in road.keys if not key.startswith("acs:")} <= fed


def test_actions_are_in_the_catalogue() -> None:
    """Of a service whose actions are known, every action of the table is one of them."""
    services = catalogue().services
    for road in table():
        for action in road.actions:
            code, _, name = action.partition(":")
            assert action == "*" or code in catalogue().codes or code == "smc", action
            if code in services and services[code].exact and action not in OF_OLD:
                assert services[code].operations.get(name.lower()) == name, action


def test_all_closes_what_nothing_else_closes() -> None:
    """Service roles are bound by a fence on nodes, and not by one on principals; a copy is no share."""
    open_ones = [one for one in closings(EVERY) if one.state in (State.OPEN, State.EXCEPTED)]
    assert open_ones == []
    bound = closing(ROAD["emr"], EVERY)
    assert (bound.state, bound.barrier) == (State.CLOSED, Barrier.LAUNCH)
    assert bound.actions == actions_closed_by(Barrier.LAUNCH)
    principals = Scope(TAGS, attach=Attachment(groups=("dev",)), roads=EVERY.roads)
    assert closing(ROAD["emr"], principals).barrier is Barrier.DOOR
    assert closing(ROAD["shared-by-resource-sharing"], EVERY).state is State.UNNEEDED
    shared = Scope(TAGS, ("1" * 16,), Distribute.SHARE, roads=EVERY.roads)
    assert closing(ROAD["shared-by-resource-sharing"], shared).barrier is Barrier.DOOR
    assert closing(ROAD["shared-unapproved"], shared).barrier is Barrier.SHARING
    assert closing(ROAD["exempt-role"], EVERY).state is State.UNNEEDED
    exempt = Scope(TAGS, exemptions=(Exemption("admin", frozenset({May.TAG})),))
    assert closing(ROAD["exempt-role"], exempt).state is State.CLOSED


def test_a_name_counts_more_than_its_group() -> None:
    """Closed by name inside a group that is left open, and the other way round; also a bound road."""
    only = Scope(TAGS, roads=RoadChoice(close=("ack", "emr"), but=("other-launchers",)))
    assert {road.name for road in doors(only)} == {"ack", "emr"}
    assert closing(ROAD["auto-scaling"], only).state is State.EXCEPTED
    assert closing(ROAD["swap-disk"], only).state is State.OPEN
    but = Scope(TAGS, roads=RoadChoice(close=("other-launchers",), but=("ack",)))
    assert not has_door(ROAD["ack"], but)
    assert has_door(ROAD["auto-scaling"], but)
    assert dict(left_open(but))[Group.OTHER_LAUNCHERS][0].road is ROAD["ack"]


def test_an_open_road_keeps_the_doors_that_it_needs() -> None:
    """Container service makes scaling groups by its own role, which control policies bind."""
    but = Scope(TAGS, roads=RoadChoice(every=True, but=("ack",)))
    assert let_through(ROAD["auto-scaling"], but) == ("aliyuncsdefaultrole",)
    assert let_through(ROAD["auto-scaling"], EVERY) == ()
    assert let_through(ROAD["image-pipeline"], but) == ()
    principals = Scope(TAGS, attach=Attachment(groups=("dev",)), roads=but.roads)
    assert let_through(ROAD["auto-scaling"], principals) == ()


def test_the_older_word_closes_all_that_a_linked_role_launches() -> None:
    """`other_launchers: closed` as a value is the group of `roads`."""
    closed = Scope(TAGS, other_launchers=OtherLaunchers.CLOSED)
    denied = {action for road in doors(closed) for action in road.actions}
    assert denied == set(LAUNCHER_ACTIONS)
    assert doors(Scope(TAGS)) == ()


def test_the_page_is_up_to_date() -> None:
    """docs/roads.md is what the table says."""
    pages = runpy.run_path(str(ROOT / "docs/generate.py"))["PAGES"]
    assert (ROOT / "docs/roads.md").read_text() == pages["roads.md"](), "run `make docs`"
