"""`fence.roads` in fence.yaml: what it says, and where it is wrong."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator
from yaml import safe_load

from imagefence.errors import ConfigError
from imagefence.scope.closing import doors
from imagefence.scope.parse import parse_scope
from imagefence.scope.roads import members
from imagefence.scope.schema import fence_schema
from imagefence.scope.scope import OtherLaunchers, RoadChoice

TEXT = "version: 1\napproved: {{ tags: {{ golden: [a] }} }}\nfence:\n  {said}\n"
GOOD = [
    ("roads: { close: all }", RoadChoice(every=True)),
    ("roads: { close: all, except: [ack, disks] }", RoadChoice(every=True, but=("ack", "disks"))),
    ("roads: { close: [] }", RoadChoice()),
    (
        "roads: { close: [launch, ack], except: [other-launchers] }",
        RoadChoice(close=("launch", "ack"), but=("other-launchers",)),
    ),
    ("other_launchers: closed", RoadChoice(close=("other-launchers",))),
    ("other_launchers: open", RoadChoice(but=("other-launchers",))),
    ("form: deny", RoadChoice()),
]
WRONG = [
    ("roads: { close: all, except: [akc] }", "4:33: fence.roads.except[0]: no road or group `akc`", "`ack`"),
    ("roads: { close: [discs] }", "4:20: fence.roads.close[0]: no road or group `discs`", "`disks`"),
    ("roads: { close: [zzzz] }", "4:20: fence.roads.close[0]: no road", "`imagefence fence roads` lists"),
    ("roads: { close: [all] }", "4:20: fence.roads.close[0]: `all` stands alone", "`close: all`"),
    ("roads: { close: most }", "4:19: fence.roads.close: expected `all` or a list", "`all`"),
    ("roads: { close: { ack: yes } }", "4:19: fence.roads.close: expected `all` or a list", "`all`"),
    ("roads: { except: [ack] }", "4:10: fence.roads: `close` is missing", ""),
    ("roads: { close: [ack, ack] }", "4:25: fence.roads.close[1]: `ack` stands here twice", ""),
    ("roads: { close: [ack], except: [ack] }", "4:35: fence.roads.except[0]: `ack` is closed", ""),
    ("roads: { close: all, except: [launch] }", "4:33: fence.roads.except[0]: `launch` is always", "leave"),
    ("roads: { close: [tagged-before] }", "4:20: fence.roads.close[0]: no policy can close", "leave it out"),
    ("roads: { close: [beyond] }", "4:20: fence.roads.close[0]: no policy can close", "leave it out"),
    ("roads: { close: all, open: [ack] }", "4:24: fence.roads: unknown key `open`", ""),
    ("roads: all", "4:10: fence.roads: expected an object", ""),
    ("other_launchers: ajar", "4:20: fence.other_launchers: `ajar` is not one of", ""),
    (
        "{ roads: { close: all }, other_launchers: open }",
        "4:45: fence.other_launchers: `other_launchers` and `roads` speak",
        "close: [other-launchers]",
    ),
]


@pytest.mark.parametrize(("said", "choice"), GOOD)
def test_what_is_written_is_read(said: str, choice: RoadChoice) -> None:
    """The choice as a value; the schema lets the same text pass."""
    text = TEXT.format(said=said)
    assert parse_scope(text).roads == choice
    Draft202012Validator(fence_schema()).validate(safe_load(text))


@pytest.mark.parametrize(("said", "complaint", "hint"), WRONG)
def test_what_is_wrong_is_told_at_its_place(said: str, complaint: str, hint: str) -> None:
    """File, line, column and path, and what was meant."""
    with pytest.raises(ConfigError) as caught:
        parse_scope(TEXT.format(said=said))
    assert str(caught.value).startswith(f"fence.yaml:{complaint}")
    assert hint in caught.value.help
    assert caught.value.exit_code == 2


def test_the_older_key_means_its_group() -> None:
    """`other_launchers` goes on to work, as a value too."""
    scope = parse_scope(TEXT.format(said="other_launchers: closed"))
    assert scope.other_launchers is OtherLaunchers.CLOSED
    assert {road.group.value for road in doors(scope)} == {"other-launchers"}
    assert set(doors(scope)) < set(members("other-launchers"))
