"""`fence.roads` of fence.yaml to a RoadChoice."""

from __future__ import annotations

from collections.abc import Mapping

import yaml

from imagefence.scope.fields import ROADS
from imagefence.scope.reader import Place, near
from imagefence.scope.roads import Barrier, Group, members, table
from imagefence.scope.scope import OtherLaunchers, RoadChoice

ALL = "all"


def read_roads(fence: Mapping[str, Place]) -> RoadChoice:
    """Reads which roads are closed.

    `other_launchers`, the older key, speaks of that one group, and so can't stand beside `roads`.
    """
    if "roads" not in fence:
        return old_choice(fence["other_launchers"]) if "other_launchers" in fence else RoadChoice()
    if "other_launchers" in fence:
        word = Group.OTHER_LAUNCHERS.value
        fence["other_launchers"].fail(
            "`other_launchers` and `roads` speak of the same roads",
            help=f"keep `roads` alone; `other_launchers: closed` is `roads: {{ close: [{word}] }}`",
        )
    found = fence["roads"].fields(*ROADS)
    but = read_words(found["except"], closable_only=False) if "except" in found else ()
    if not isinstance(found["close"].node, yaml.SequenceNode):
        if not isinstance(found["close"].node, yaml.ScalarNode) or found["close"].text() != ALL:
            found["close"].fail("expected `all` or a list of roads", help="write `all`, or [ack, disks]")
        return RoadChoice(every=True, but=but)
    close = read_words(found["close"], closable_only=True)
    for place in found["except"].items() if "except" in found else ():
        if place.text() in close:
            place.fail(f"`{place.text()}` is closed in `close` and left open here")
    return RoadChoice(close=close, but=but)


def old_choice(at: Place) -> RoadChoice:
    """Reads `other_launchers`: closed closes that group, open leaves it open by choice."""
    words = (Group.OTHER_LAUNCHERS.value,)
    closed = at.one_of(OtherLaunchers) is OtherLaunchers.CLOSED
    return RoadChoice(close=words) if closed else RoadChoice(but=words)


def read_words(at: Place, *, closable_only: bool) -> tuple[str, ...]:
    """Reads names of roads and groups; those that the fence always closes may be named to be closed."""
    for place in at.items():
        check_word(place, place.text(), closable_only=closable_only)
    return at.texts()


def check_word(at: Place, word: str, *, closable_only: bool) -> None:
    """Refuses a word that names nothing, or nothing that could be so."""
    roads = members(word)
    if not roads:
        known = (*(group.value for group in Group), *(road.name for road in table()))
        if word == ALL:
            at.fail("`all` stands alone", help="write `close: all`")
        at.fail(
            f"no road or group `{word}`",
            help=near(word, known) or "`imagefence fence roads` lists them",
        )
    if any(road.choosable for road in roads):
        return
    beyond = [road for road in roads if road.closed_by is Barrier.NONE]
    if beyond:
        at.fail(f"no policy can close `{beyond[0].name}`: {beyond[0].remark}", help="leave it out")
    if not closable_only:
        at.fail(f"`{word}` is always closed: it is what the fence is for", help="leave it out")
