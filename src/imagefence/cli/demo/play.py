"""The whole play: a sandbox, a town, the chapters in order, the report."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from imagefence.cli.demo import story, story_fence, story_policy, story_repair
from imagefence.cli.demo.acts import environment_of
from imagefence.cli.demo.narrate import WIDTH, Narrator
from imagefence.cli.demo.sandbox import running_sandbox
from imagefence.cli.demo.seed import fill
from imagefence.cli.demo.story import Stage
from imagefence.cli.demo.town import Town
from imagefence.errors import InputError
from imagefence.report.html import render_story

TITLE = "Only approved images become instances"


def play(folder: Path, *, keep: bool) -> None:
    """Plays it and writes the report; raises StoryBroken where it goes otherwise than told."""
    began = time.monotonic()
    make_folder(folder)
    console = Console(highlight=False, width=None if Console().is_terminal else WIDTH)
    # Why: files of an earlier play, or the user's own fence.yaml, are never overwritten.
    files = Path(tempfile.mkdtemp(prefix="play-", dir=folder))
    tell = Narrator(console, files)
    console.print(Panel(Text(f"imagefence: {TITLE.lower()}", "bold"), expand=False))
    with running_sandbox(files, keep=keep) as gate:
        console.print(f"  an embedded cloud answers at {gate.endpoint}; it is filled through its API …")
        town = fill(gate)
        console.print(Text(f"  {told(town)}", "dim"))
        stage = Stage(town, tell)
        story.golden_images(stage)
        story_policy.what_policies_decide(stage)
        story.published_policy(stage)
        story_fence.fence_stands(stage)
        story_fence.account_alone(stage)
        before = story_repair.find_wrong(stage)
        after = story_repair.put_right(stage)
        report = folder / "report.html"
        render_story(TITLE, tell.chapters, before, after, report)
        finish(console, tell, report, time.monotonic() - began)
        if keep:
            show_keys(console, town)


def make_folder(folder: Path) -> None:
    """Makes the folder; one that can't be made is the user's error."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise InputError(f"can't make the folder `{folder}`: {why}", help="give another --out") from error


def told(town: Town) -> str:
    """What the town holds."""
    return (
        f"1 directory, {len(town.members)} member accounts, 1 account without a directory, "
        f"{len(town.images)} images, {len(town.instances)} instances"
    )


def finish(console: Console, tell: Narrator, report: Path, seconds: float) -> None:
    """The last words."""
    console.print()
    console.print(
        Text(f"The whole story went as told: {tell.claims} claims checked in {seconds:.0f} s.", "bold green")
    )
    console.print(f"Report: {report}", soft_wrap=True)
    console.print(f"Files:  {tell.folder}", soft_wrap=True)


def show_keys(console: Console, town: Town) -> None:
    """How to look around in a sandbox that is kept."""
    console.print("\nThe sandbox keeps running; look around as the directory's administrator:")
    for name, value in environment_of(town.gate, town.admin_key).items():
        console.print(f"  export {name}={value}", soft_wrap=True)
    console.print(f"End it with: kill {town.gate.process_id}")
