"""The page of all roads, docs/roads.md, as `make docs` writes it."""

from __future__ import annotations

from collections.abc import Iterator

from imagefence.scope.roads import Barrier, Group, Road, table

HEAD = """\
# Roads

Made by `make docs` from the table of roads (`src/imagefence/scope/roads.py`), which the fence, the proof and
the audit read too. `imagefence fence roads` shows it as the current `fence.yaml` makes it.

A road leads to an instance's system disk, or to the tag that makes an image look approved. Where a service
acts later in its own name, its actions are the door before it: what can be denied is that somebody tells the
service. Control policies bind service roles like all others, but not service-linked roles; so behind a fence
on nodes the launches of a service role are asked like anybody's, and its door need not be closed.

```yaml
fence:
  roads: { close: all, except: [ack] }    # or close: [disks, auto-scaling]; names of roads or groups
```

`all` and a group close what nothing else closes; the name of a road closes its door in any case. Doors let
pass the roles that may `tag` (those of `disks` the roles that may `launch`). Where `ack` stays open, its
service role passes the doors that it needs. A road that could be closed and is not, and that `except` does
not name, makes `imagefence fence roads` exit with 3.
"""
ABOUT = {
    Group.LAUNCHES: "An instance or a system disk, in the caller's own name",
    Group.IMAGES: "The tag, and images of other accounts",
    Group.SHARES: "Sharing that no tag of an image speaks of",
    Group.TAGGERS: "Services that tag by themselves",
    Group.OTHER_LAUNCHERS: "Services that launch by themselves",
    Group.OTHER_SERVERS: "Servers that are no instances of ECS",
    Group.DISKS: "Disks without an image",
    Group.BEYOND: "Round the fence, and beyond it",
}
CLOSED_BY = {
    Barrier.LAUNCH: "always: launches by the image's tags",
    Barrier.ORIGIN: "always: launches by where the image comes from",
    Barrier.TAGGING: "always: tagging of images",
    Barrier.CREATION: "always: images born with the tag, or all of them",
    Barrier.FAMILY: "always: moves between families",
    Barrier.SHARING: "with `distribute: share`: sharing without the tags",
    Barrier.NAMES: "with exempt roles: their names and trust",
    Barrier.DOOR: "by `roads`: the actions themselves",
    Barrier.NONE: "nothing can",
}


def roads_page() -> str:
    """The text of roads.md."""
    return f"{HEAD}\n" + "\n".join(line for group in ABOUT for line in section(group))


def section(group: Group) -> Iterator[str]:
    """A group's heading, its table, and what is unsure about its roads."""
    roads = [road for road in table() if road.group is group]
    yield f"## {ABOUT[group]}\n\n`{group.value}`\n"
    yield "| road | actions | who calls in the end | authorises | keys | closed by | what to know | page |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for road in roads:
        yield f"| {' | '.join(cells(road))} |"
    yield ""


def cells(road: Road) -> tuple[str, ...]:
    """The cells of one road's row."""
    known = f"{road.remark}. *Unsure:* {road.unsure}" if road.unsure else road.remark
    return (
        f"`{road.name}`",
        listed(road.actions),
        road.caller if road.caller == road.by.value else f"{road.by.value}: {road.role}",
        listed(road.authorizes) or "no page says",
        listed(road.keys) or "–",
        CLOSED_BY[road.closed_by],
        known.replace("|", "\\|"),
        road.source,
    )


def listed(words: tuple[str, ...]) -> str:
    """Words as code, with commas."""
    return ", ".join(f"`{word}`" for word in words)
