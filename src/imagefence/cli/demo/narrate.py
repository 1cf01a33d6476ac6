"""The narrator: numbered chapters on the terminal, commands really run, claims really checked."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

from imagefence.cli.demo.sandbox import PROGRAM
from imagefence.errors import ImagefenceError
from imagefence.report.html import Chapter

WIDTH = 100
INDENT = (0, 2)


class StoryBroken(ImagefenceError):  # noqa: N818 - the word of the narration
    """What happened is not what the story tells; the demo fails."""


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that ran: its exit code and what it wrote, on either stream."""

    code: int
    text: str


@dataclass(slots=True)
class Narrator:
    """Tells the story on a console and gathers the chapters of the report."""

    console: Console
    folder: Path
    chapters: list[Chapter] = field(default_factory=list)
    title: str = ""
    prose: str = ""
    lines: list[str] = field(default_factory=list)
    claims: int = 0

    def chapter(self, title: str, prose: str) -> None:
        """Begins a chapter."""
        self.title, self.prose, self.lines = title, prose, []
        self.console.print()
        self.console.print(Rule(Text(f" {len(self.chapters) + 1}. {title} ", "bold cyan"), align="left"))
        self.console.print(Padding(Text(prose), INDENT))

    def close(self, verdict: str, *, good: bool = True) -> None:
        """Ends the chapter with its verdict."""
        mark = Text("  ⇒ ", "bold green" if good else "bold red")
        self.console.print(mark + Text(verdict, "bold"))
        self.chapters.append(
            Chapter(self.title, self.prose, output=tuple(self.lines), verdict=verdict, good=good)
        )

    def say(self, text: str) -> None:
        """A sentence between the acts."""
        self.console.print(Padding(Text(text, "italic"), INDENT))
        self.lines.append(f"# {text}")

    def run(
        self,
        who: Mapping[str, str],
        *arguments: str,
        expect: int = 0,
        show: int = 8,
        parts: Sequence[tuple[str, int]] = (),
        owner: str = "",
    ) -> Ran:
        """Runs `imagefence …` with the variables of `who`, shows the first lines, and checks the exit code.

        `parts` shows other lines instead: so many from the first one that holds the words, or up to it
        where the number is negative.
        """
        line = f"$ imagefence {shlex.join(arguments)}" + (f"  # as {owner}" if owner else "")
        self.console.print(Padding(Text(line, "bold yellow"), INDENT))
        self.lines.append(line)
        ran = self.start(who, arguments)
        self.trim(ran, show, parts)
        if ran.code != expect:
            raise StoryBroken(
                f"`imagefence {shlex.join(arguments)}` gave exit code {ran.code}, the story needs {expect}",
                help=ran.text.strip()[-2000:],
            )
        return ran

    def start(self, who: Mapping[str, str], arguments: Sequence[str]) -> Ran:
        """Runs our own program in the story's folder, without the user's own profiles."""
        inherited = {
            k: v for k, v in os.environ.items() if not k.startswith(("ALIBABA_CLOUD_", "IMAGEFENCE_"))
        }
        answer = subprocess.run(  # noqa: S603 - our own program
            [*PROGRAM, *arguments],
            env={**inherited, "COLUMNS": str(WIDTH - 4), "NO_COLOR": "1", **who},
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        return Ran(answer.returncode, answer.stdout)

    def trim(self, ran: Ran, show: int, parts: Sequence[tuple[str, int]]) -> None:
        """Shows what matters of a command's output."""
        lines = [line.rstrip() for line in ran.text.splitlines() if line.strip()]
        shown = [line for part in parts for line in excerpt(lines, *part)] if parts else lines[:show]
        if len(lines) > len(shown):
            shown.append(f"… {len(lines) - len(shown)} more lines")
        for line in shown:
            self.console.print(Text(f"    {line}", "dim"), overflow="ellipsis", no_wrap=True)
        self.lines += shown

    def act(self, call: str, result: str) -> None:
        """Shows a call made through the API, and what came of it."""
        self.console.print(Padding(Text(f"» {call}", "bright_cyan"), INDENT))
        self.console.print(Padding(Text(result, "dim"), (0, 2, 0, 4)))
        self.lines += [f"» {call}", f"  {result}"]

    def check(self, claim: str, holds: bool) -> None:
        """Checks a claim of the story against what happened."""
        self.claims += 1
        if not holds:
            raise StoryBroken(
                f"the story says: {claim}; it is not so", help="this is a bug, please report it"
            )
        self.console.print(Text("  ✓ ", "bold green") + Text(claim))
        self.lines.append(f"✓ {claim}")


def excerpt(lines: Sequence[str], words: str, count: int) -> Sequence[str]:
    """So many lines from the first one that holds the words; up to it where `count` is negative."""
    place = next((number for number, line in enumerate(lines) if words in line), None)
    if place is None:
        raise StoryBroken(f"the command does not say `{words}`", help="please report it")
    return lines[place : place + count] if count > 0 else lines[max(0, place + 1 + count) : place + 1]
