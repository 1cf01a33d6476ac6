"""Dimensions: what of a request is left open, each with the finitely many values that matter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from imagefence.policy.pattern import glob
from imagefence.prove.atoms import ANY_TEXT, Atom, Language, Pattern, atoms
from imagefence.prove.budget import Budget, Undecided
from imagefence.prove.values import Comparison, says, value_atoms

PRESENT = 1


@dataclass(slots=True)
class Dimension:
    """One open place of a request.

    `optional` lets it be absent, `several` lets it hold several values, `choices` are all that it can hold
    where that is known, `unreadable` lets a value be one that no operator reads. `questions` are what the
    policies ask about it; each has the bit after its place, the first bit says that a value is there.
    """

    name: str
    optional: bool = False
    several: bool = False
    language: Language = ANY_TEXT
    choices: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()
    unreadable: bool = False
    questions: dict[Pattern | Comparison, int] = field(default_factory=dict)

    def bit(self, question: Pattern | Comparison) -> int:
        """The bit of a question, which is asked from now on."""
        place = self.questions.setdefault(question, len(self.questions) + 1)
        return 1 << place

    def values(self, budget: Budget) -> tuple[Atom | None, ...]:
        """Every kind of value with its signature; None stands for absence and comes first."""
        held: tuple[Atom | None, ...] = tuple(
            Atom(atom.signature << 1 | PRESENT, atom.text) for atom in self._present(budget)
        )
        return (None, *held) if self.optional and not self.several else held

    def _present(self, budget: Budget) -> Iterator[Atom] | tuple[Atom, ...]:
        if self.choices:
            return self._chosen()
        comparisons = [each for each in self.questions if isinstance(each, Comparison)]
        if not comparisons:
            patterns = [each for each in self.questions if isinstance(each, Pattern)]
            return atoms(patterns, self.language, suggestions=self.suggestions, budget=budget)
        return self._compared(comparisons)

    def _chosen(self) -> Iterator[Atom]:
        found: dict[int, str] = {}
        for text in self.choices:
            found.setdefault(self._signature(text), text)
        return (Atom(signature, text) for signature, text in found.items())

    def _compared(self, comparisons: list[Comparison]) -> Iterator[Atom]:
        kinds = {each.operator.kind for each in comparisons}
        plain = [each for each in self.questions if isinstance(each, Pattern) and not _holds_always(each)]
        if len(kinds) > 1 or plain:
            raise Undecided(f"`{self.name}` is compared both as text and otherwise, which is not modelled")
        found = value_atoms(comparisons, suggestions=self.suggestions, unreadable=self.unreadable)
        return (Atom(self._signature(atom.text), atom.text) for atom in found)

    def _signature(self, text: str) -> int:
        return sum(1 << place - 1 for question, place in self.questions.items() if _answers(question, text))


def _holds_always(pattern: Pattern) -> bool:
    return pattern.like and bool(pattern.text) and not pattern.text.strip("*")


def _answers(question: Pattern | Comparison, text: str) -> bool:
    if isinstance(question, Comparison):
        return says(question, text)
    given = text.casefold() if question.folded else text
    return glob(question.text)(given) if question.like else question.text == given
