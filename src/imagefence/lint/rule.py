"""The form of a rule: one value that holds all there is to say about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from imagefence.lint.remark import Severity
from imagefence.policy.document import PolicyKind

LONGEST_SHOWN = 320


class Mend(Enum):
    """Whether `--fix` mends what a rule finds, and what that does to decisions."""

    NONE = "no"
    SAME = "yes, with the same decisions"
    MEANT = "yes, to what was certainly meant"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule; `bad` and `good` are statements of a policy, a whole text, or nodes and policies in YAML.

    `beside` says how the examples are to be read: beside FullAliyunAccess, alone, or not known. `also` names
    the rules that the bad example breaks besides.
    """

    code: str
    name: str
    severity: Severity
    meaning: str
    why: str
    source: str
    bad: str | tuple[str, ...]
    good: str | tuple[str, ...]
    kind: PolicyKind = PolicyKind.CONTROL
    mend: Mend = Mend.NONE
    also: tuple[str, ...] = ()
    beside: bool | None = None
    attachment: bool = False


def example(policy: str | tuple[str, ...]) -> str:
    """The text of an example: statements get the policy around them."""
    if isinstance(policy, str):
        return policy
    statements = ",\n".join(f"    {each}" for each in policy)
    return f'{{\n  "Version": "1",\n  "Statement": [\n{statements}\n  ]\n}}\n'


def shown(policy: str | tuple[str, ...]) -> str:
    """An example for people: of a line that is long for its own sake, the beginning and the end."""
    return "".join(f"{_cut(line)}\n" for line in example(policy).splitlines())


def _cut(line: str) -> str:
    half = LONGEST_SHOWN // 2
    return f"{line[:half]} … {line[-half:]}" if len(line) > LONGEST_SHOWN else line
