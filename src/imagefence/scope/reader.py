"""YAML read with the place of every value, so that each complaint names its line and column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from enum import Enum
from typing import NoReturn, TypeVar

import yaml

from imagefence.errors import ConfigError

E = TypeVar("E", bound=Enum)
# Why: PyYAML reads a hundred thousand characters a second, and no description of a fence is as long.
LONGEST = 1 << 19
TEXT_TAG = "tag:yaml.org,2002:str"


@dataclass(frozen=True, slots=True)
class Place:
    """One value of the file: its node, its path (`approved.tags`) and the file's name."""

    node: yaml.Node
    path: str
    source: str

    def fail(self, message: str, *, help: str = "") -> NoReturn:  # noqa: A002 - the word users see
        """Raises the ConfigError of this place."""
        mark = self.node.start_mark
        place = f"{self.source}:{mark.line + 1}:{mark.column + 1}"
        raise ConfigError(message, place=f"{place}: {self.path}" if self.path else place, help=help)

    def fields(self, known: Sequence[str], required: Sequence[str] = ()) -> dict[str, Place]:
        """Reads an object of known fields; refuses unknown and double ones, and misses none required."""
        found = dict(self.pairs(known))
        for name in required:
            if name not in found:
                self.fail(f"`{name}` is missing")
        return found

    def pairs(self, known: Sequence[str] | None = None) -> Iterator[tuple[str, Place]]:
        """Yields the fields of an object in order."""
        if not isinstance(self.node, yaml.MappingNode):
            self.fail(f"expected an object of {', '.join(known)}" if known else "expected an object")
        seen: set[str] = set()
        for key, value in self.node.value:
            name = self.name_of(key, known)
            at = Place(value, f"{self.path}.{name}" if self.path else name, self.source)
            if name in seen:
                Place(key, at.path, self.source).fail(f"`{name}` stands here twice")
            seen.add(name)
            yield name, at

    def name_of(self, key: yaml.Node, known: Sequence[str] | None) -> str:
        """Reads the name of a field."""
        at = Place(key, self.path, self.source)
        if not isinstance(key, yaml.ScalarNode):
            at.fail("a key must be a plain word")
        if key.tag != TEXT_TAG:
            at.fail(f"the key `{key.value}` is not text", help=f'write it in quotes: "{key.value}"')
        if known is not None and key.value not in known:
            at.fail(f"unknown key `{key.value}`; known here: {', '.join(known)}", help=near(key.value, known))
        return str(key.value)

    def items(self) -> tuple[Place, ...]:
        """Reads a list."""
        if not isinstance(self.node, yaml.SequenceNode):
            self.fail("expected a list", help="write it as [a, b] or with one `- ` a line")
        return tuple(
            Place(node, f"{self.path}[{index}]", self.source) for index, node in enumerate(self.node.value)
        )

    def text(self) -> str:
        """Reads a text that is not empty."""
        if not isinstance(self.node, yaml.ScalarNode):
            self.fail("expected a text")
        if self.node.tag != TEXT_TAG:
            said = self.node.value or "nothing"
            self.fail(f"expected a text, found `{said}`", help=f'write it in quotes: "{self.node.value}"')
        if not self.node.value:
            self.fail("must not be empty")
        return str(self.node.value)

    def texts(self) -> tuple[str, ...]:
        """Reads a list of texts without repetition."""
        found: list[str] = []
        for item in self.items():
            text = item.text()
            if text in found:
                item.fail(f"`{text}` stands here twice")
            found.append(text)
        return tuple(found)

    def one_of(self, choices: type[E]) -> E:
        """Reads one word of an enumeration."""
        word = self.text()
        words = [choice.value for choice in choices]
        if word not in words:
            self.fail(f"`{word}` is not one of {', '.join(words)}", help=near(word, words))
        return choices(word)

    def moment(self) -> datetime:
        """Reads an aware time."""
        said = self.node.value if isinstance(self.node, yaml.ScalarNode) else ""
        try:
            read = datetime.fromisoformat(said)
            utc = read.astimezone(UTC)
        except OverflowError:
            self.fail(f"`{said}` is out of range", help="write it like 2026-12-31T00:00:00Z")
        except (TypeError, ValueError):
            self.fail(f"`{said}` is not a time", help="write it like 2026-12-31T00:00:00Z")
        if read.tzinfo is None:
            self.fail(
                f"`{said}` names no time zone",
                help=f"write `{read.isoformat()}Z` for UTC, or an offset like +08:00",
            )
        return utc


def decoded(raw: bytes, source: str) -> str:
    """The text of a file's bytes; raises ConfigError at the first byte that is not UTF-8."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode(errors="replace")
        raise ConfigError(
            "not UTF-8 text", place=place_at(before, source), help="save the file as UTF-8"
        ) from None


def place_at(before: str, source: str) -> str:
    """`file:line:column` of what follows a text."""
    return f"{source}:{before.count(chr(10)) + 1}:{len(before) - (before.rfind(chr(10)) + 1) + 1}"


def read_yaml(text: str, source: str) -> Place:
    """Reads a file of one YAML object; raises ConfigError at the place of what is wrong."""
    if len(text) > LONGEST:
        raise ConfigError(f"the text has {len(text)} characters; at most {LONGEST} are read", place=source)
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except RecursionError:
        raise ConfigError("nested too deeply", place=f"{source}:1:1") from None
    except yaml.reader.ReaderError as error:
        raise ConfigError(
            f"not YAML: the character U+{int(error.character):04X} is not allowed",
            place=place_at(text[: error.position], source),
        ) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"{source}:{mark.line + 1}:{mark.column + 1}" if mark else source
        raise ConfigError(
            f"not YAML: {error.problem}", place=place, help="check the indentation there"
        ) from None
    except yaml.YAMLError as error:
        raise ConfigError(f"not YAML: {str(error).splitlines()[0]}", place=f"{source}:1:1") from None
    if node is None:
        raise ConfigError(
            "the file is empty",
            place=f"{source}:1:1",
            help="`imagefence fence init` writes one to start from",
        )
    return Place(node, "", source)


def near(word: str, words: Sequence[str]) -> str:
    """Gives `did you mean …?` for a misspelt word, or nothing."""
    found = get_close_matches(word.lower(), [known.lower() for known in words], n=1)
    return next((f"did you mean `{known}`?" for known in words if found and known.lower() == found[0]), "")
