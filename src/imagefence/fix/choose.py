"""Choices: which way each finding goes, from the narrowest word of the user to the scope's default."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from imagefence.audit.finding import Finding
from imagefence.audit.rules import RULES
from imagefence.errors import InputError
from imagefence.fix.plan import Way

# From the narrowest to the widest; the first that matches a finding decides.
KINDS = ("finding", "instance", "image", "rule", "account")


@dataclass(frozen=True, slots=True)
class Choice:
    """`kind:value` and the way it goes; `explicit` ones name one thing and must be possible."""

    kind: str
    value: str
    way: Way

    @property
    def explicit(self) -> bool:
        """True when the user named the very thing, not a class of things."""
        return self.kind in {"finding", "instance", "image"}

    def matches(self, finding: Finding) -> bool:
        """True when the choice is about this finding."""
        actual = {
            "finding": finding.id,
            "instance": finding.instance_id,
            "image": finding.image_id,
            "rule": finding.rule.id,
            "account": finding.account_id,
        }
        return actual[self.kind] == self.value


def parse_choice(text: str) -> Choice:
    """Reads `i-123=replace`, `image:m-1=tag`, `rule:image-stock=retire`, `account:1=ask`, `finding:x=tag`."""
    what, equals, way = text.rpartition("=")
    if not equals or not what:
        raise InputError(f"`{text}` is not a choice", help="write `i-123=replace` or `image:m-1=tag`")
    kind, colon, value = what.partition(":")
    if not colon:
        kind, value = "instance", what
    if kind not in KINDS:
        raise InputError(
            f"a choice can't name a `{kind}`{_near(kind, KINDS)}", help=f"name one of {', '.join(KINDS)}"
        )
    if kind == "rule":
        _known_rule(value)
    return Choice(kind, value, parse_way(way))


def parse_way(text: str) -> Way:
    """Reads tag, replace, retire or ask."""
    try:
        return Way(text)
    except ValueError:
        ways = tuple(Way)
        raise InputError(
            f"`{text}` is no way to fix a finding{_near(text, ways)}", help=f"choose one of {', '.join(ways)}"
        ) from None


def choose(finding: Finding, choices: Iterable[Choice], default: Way) -> Choice:
    """The narrowest choice about the finding; among equals the last one given."""
    about = [choice for choice in choices if choice.matches(finding)]
    if not about:
        return Choice("rule", finding.rule.id, default)
    narrowest = min(KINDS.index(choice.kind) for choice in about)
    return [choice for choice in about if KINDS.index(choice.kind) == narrowest][-1]


def refuse_idle(choices: Iterable[Choice], findings: Iterable[Finding]) -> None:
    """Refuses a choice about a thing that has no finding: most likely it is misspelt."""
    known = tuple(findings)
    for choice in choices:
        if choice.explicit and not any(choice.matches(finding) for finding in known):
            raise InputError(
                f"`{choice.value}` has no finding",
                help="list the findings with `imagefence audit`; a rule or an account may match nothing",
            )


def _known_rule(value: str) -> None:
    ids = tuple(rule.id for rule in RULES)
    if value not in ids:
        raise InputError(f"there is no rule `{value}`{_near(value, ids)}", help=f"rules: {', '.join(ids)}")


def _near(word: str, words: Iterable[str]) -> str:
    close = get_close_matches(word, list(words), 1)
    return f"; did you mean `{close[0]}`?" if close else ""
