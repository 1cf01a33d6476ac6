"""Atoms: the finitely many kinds of text that the patterns of some policies can tell apart.

Every text satisfies some set of patterns, its signature. Two texts of one signature are the same to the
policies, so one of each is enough. The signatures that occur at all are found by a subset construction over
all patterns at once: a state is one integer, with one bit for each place in each pattern.
docs/proofs.md says why nothing is missed.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain

from imagefence.prove.budget import Budget, Undecided, unlimited

MOST_STATES = 50_000
MOST_KEPT = 4_096
ALNUM = frozenset(string.ascii_letters + string.digits)
# Why this order: a witness is to look like what a person would write.
PLAUSIBLE = (
    string.ascii_lowercase + string.digits + string.ascii_uppercase + "-_.@/: +=,;" + string.punctuation
)
PLACES = {char: place for place, char in reversed(tuple(enumerate(PLAUSIBLE)))}
_kept: dict[tuple[tuple[Pattern, ...], Language, tuple[str, ...]], tuple[Atom, ...]] = {}


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a policy compares a text with: `like` makes `*` and `?` special.

    `folded` compares with the text without its case; the pattern's own `text` is folded already.
    """

    text: str
    like: bool = True
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """A run of characters, at least `least` (0 or 1) long; any characters where `chars` is None."""

    chars: frozenset[str] | None = None
    least: int = 1


# A form is fixed pieces and runs, one after the other; a language is the texts of one of several forms.
Form = tuple[str | Run, ...]
Language = tuple[Form, ...]
ANY_TEXT: Language = ((Run(least=0),),)


@dataclass(frozen=True, slots=True)
class Atom:
    """One kind of text: bit i of `signature` tells whether pattern i holds; `text` is one such text."""

    signature: int
    text: str


@dataclass(slots=True)
class _Machine:
    """All patterns side by side: masks over the bits, by what a bit waits for."""

    starts: int = 0
    accepts: tuple[int, ...] = ()
    languages: int = 0
    language_ends: int = 0
    folded: int = 0
    any_unit: int = 0
    any_loop: int = 0
    literal: dict[str, int] = field(default_factory=dict)
    unit_sets: dict[frozenset[str], int] = field(default_factory=dict)
    loop_sets: dict[frozenset[str], int] = field(default_factory=dict)

    def masks(self, char: str) -> tuple[int, int]:
        """The bits that move on with a character, and those that stay."""
        moves, stays = self.literal.get(char, 0) | self.any_unit, self.any_loop
        for chars, bits in self.unit_sets.items():
            if char in chars:
                moves |= bits
        for chars, bits in self.loop_sets.items():
            if char in chars:
                stays |= bits
        return moves, stays


def atoms(
    patterns: Sequence[Pattern],
    language: Language = ANY_TEXT,
    *,
    suggestions: Iterable[str] = (),
    budget: Budget | None = None,
) -> tuple[Atom, ...]:
    """Finds every signature that a text of the language can have, with a shortest text of it.

    A suggestion takes the place of the shortest text where it has the same signature, and comes first.
    Raises Undecided past the budget or past MOST_STATES.
    """
    key = (tuple(patterns), language, tuple(suggestions))
    kept = _kept.get(key)
    if kept is None:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        kept = _kept[key] = _found(*key, budget or unlimited())
    return kept


def forget() -> None:
    """Forgets all atoms found so far, as a measurement from the beginning needs it."""
    _kept.clear()
    _machine.cache_clear()


def _found(
    patterns: tuple[Pattern, ...], language: Language, suggestions: tuple[str, ...], budget: Budget
) -> tuple[Atom, ...]:
    if language == ANY_TEXT and not any(_is_general(pattern) for pattern in patterns):
        found = _equalities(patterns)
    else:
        found = _explored(patterns, language, budget)
    suggested: dict[int, str] = {}
    for text in suggestions:
        signature = signature_of(patterns, language, text)
        if signature is not None:
            suggested.setdefault(signature, text)
    rest = {sign: text for sign, text in found.items() if sign not in suggested}
    return tuple(Atom(sign, text) for sign, text in (*suggested.items(), *rest.items()))


def signature_of(patterns: Sequence[Pattern], language: Language, text: str) -> int | None:
    """The signature of one text, or None where it is not of the language."""
    machine = _machine(tuple(patterns), language)
    walk = _Walk(machine)
    state = machine.starts
    for char in text:
        state = walk.after(state, char)
    return _signature(machine, state) if state & machine.language_ends else None


def _is_general(pattern: Pattern) -> bool:
    return pattern.folded or (pattern.like and ("*" in pattern.text or "?" in pattern.text))


def _equalities(patterns: Sequence[Pattern]) -> dict[int, str]:
    """Plain texts need no exploring: each is one kind, and all others are one."""
    signatures: dict[str, int] = {}
    for place, pattern in enumerate(patterns):
        signatures[pattern.text] = signatures.get(pattern.text, 0) | 1 << place
    found = {0: _another(signatures)}
    return found | {signature: text for text, signature in signatures.items()}


def _another(texts: Iterable[str]) -> str:
    taken = frozenset(texts)
    words = ("x", "other", *(f"other{n}" for n in range(len(taken) + 1)))
    return next(word for word in words if word not in taken)


def _explored(patterns: Sequence[Pattern], language: Language, budget: Budget) -> dict[int, str]:
    machine = _machine(tuple(patterns), language)
    steps = _Steps(machine)
    found: dict[int, str] = {}
    seen = {machine.starts}
    layer = [(machine.starts, "")]
    while layer:
        following: list[tuple[int, str]] = []
        for state, text in layer:
            if state & machine.language_ends:
                found.setdefault(_signature(machine, state), text)
            for char, after in steps.all(state):
                if after & machine.languages and after not in seen:
                    seen.add(after)
                    following.append((after, text + char))
        if len(seen) > MOST_STATES:
            raise Undecided(f"the patterns tell more than {MOST_STATES:,} kinds of text apart")
        budget.check("the kinds of text were being found")
        layer = following
    return found


def _signature(machine: _Machine, state: int) -> int:
    signature = 0
    for place, bits in enumerate(machine.accepts):
        if state & bits:
            signature |= 1 << place
    return signature


class _Walk:
    """Where a state goes by a character."""

    def __init__(self, machine: _Machine) -> None:
        self.machine = machine
        self.table: dict[str, tuple[int, int, tuple[tuple[int, int], ...]]] = {}

    def after(self, state: int, char: str) -> int:
        """The state after a character."""
        row = self.table.get(char)
        if row is None:
            folds = tuple(self.machine.masks(each) for each in char.casefold()) if self.machine.folded else ()
            row = self.table[char] = (*self.machine.masks(char), folds)
        moves, stays, folds = row
        if not folds:
            return ((state & moves) << 1) | (state & stays)
        folded = self.machine.folded
        exact, other = state & ~folded, state & folded
        for moves_folded, stays_folded in folds:
            other = ((other & moves_folded) << 1) | (other & stays_folded)
        return ((exact & moves) << 1) | (exact & stays) | (other & folded)


class _Steps(_Walk):
    """Where a state goes at all: by the characters that it waits for, and by one for all the others."""

    def __init__(self, machine: _Machine) -> None:
        super().__init__(machine)
        self.sets = tuple({**machine.unit_sets, **machine.loop_sets})
        explicit = _ordered(_spellings(machine.literal, bool(machine.folded)))
        self.waited = {char: machine.literal.get(char, 0) | self._folded_bits(char) for char in explicit}
        self.classes: dict[tuple[bool, ...], list[str]] = {}
        for char in explicit:
            self.classes.setdefault(self._kind(char), []).append(char)
        self.others = {kind: _unused(kind, self.sets, self.waited) for kind in self._kinds()}

    def _kind(self, char: str) -> tuple[bool, ...]:
        return tuple(char in chars for chars in self.sets)

    def _kinds(self) -> list[tuple[bool, ...]]:
        return list(dict.fromkeys((*self.classes, *_kinds_of(self.sets))))

    def _folded_bits(self, char: str) -> int:
        if not self.machine.folded:
            return 0
        literal = self.machine.literal
        return literal.get(char.casefold()[:1], 0) & self.machine.folded

    def all(self, state: int) -> Iterator[tuple[str, int]]:
        """Every character that makes a difference, with the state after it."""
        for kind, other in self.others.items():
            chars = self.classes.get(kind, ())
            idle = other
            for char in chars:
                if state & self.waited[char]:
                    yield char, self.after(state, char)
                elif idle is None:
                    idle = char
            if idle is not None:
                yield idle, self.after(state, idle)


def _spellings(literal: dict[str, int], folds: bool) -> set[str]:
    found = set(literal)
    if folds:
        for char in literal:
            found |= {each for each in (char.upper(), char.lower(), char.casefold()) if len(each) == 1}
    return found


def _ordered(chars: Iterable[str]) -> list[str]:
    return sorted(chars, key=lambda char: (PLACES.get(char, len(PLACES)), char))


def _unused(kind: tuple[bool, ...], sets: tuple[frozenset[str], ...], taken: dict[str, int]) -> str | None:
    """A character of this kind that no pattern names, if there is one."""
    inside = [chars for chars, member in zip(sets, kind, strict=True) if member]
    outside = [chars for chars, member in zip(sets, kind, strict=True) if not member]
    candidates = _plausible(inside[0]) if inside else chain(PLAUSIBLE, map(chr, range(0x4E00, 0x9FFF)))
    for char in candidates:
        if char in taken or char.casefold() in taken or any(char in chars for chars in outside):
            continue
        if all(char in chars for chars in inside):
            return char
    return None


@lru_cache(maxsize=64)
def _plausible(chars: frozenset[str]) -> tuple[str, ...]:
    return tuple(_ordered(chars))


@lru_cache(maxsize=256)
def _kinds_of(sets: tuple[frozenset[str], ...]) -> tuple[tuple[bool, ...], ...]:
    """Every combination of sets that some character is in."""
    sample = (*PLAUSIBLE, "é", *chain.from_iterable(sets))
    return tuple(dict.fromkeys(tuple(char in chars for chars in sets) for char in sample))


@lru_cache(maxsize=512)
def _machine(patterns: tuple[Pattern, ...], language: Language) -> _Machine:
    """Lays all patterns and the language out over one row of bits."""
    machine = _Machine()
    place = 0
    accepts = []
    for pattern in patterns:
        first = place
        place = _lay(machine, _pieces(pattern), place)
        accepts.append(1 << (place - 1))
        if pattern.folded:
            machine.folded |= (1 << place) - (1 << first)
    first = place
    for form in language:
        place = _lay(machine, form, place)
        machine.language_ends |= 1 << (place - 1)
    machine.accepts = tuple(accepts)
    machine.languages = (1 << place) - (1 << first)
    return machine


def _pieces(pattern: Pattern) -> Iterator[str | Run | None]:
    """The pieces of a pattern: characters, None for any one character, and runs."""
    starred = False
    for char in pattern.text:
        if pattern.like and char == "*":
            if not starred:
                yield Run(least=0)
            starred = True
            continue
        starred = False
        yield None if pattern.like and char == "?" else char


def _lay(machine: _Machine, pieces: Iterable[str | Run | None], place: int) -> int:
    """Gives each place of a pattern its bit; the last one is where it ends. Returns the next free place."""
    machine.starts |= 1 << place
    for piece in pieces:
        if piece is None:
            machine.any_unit |= 1 << place
            place += 1
        elif isinstance(piece, str):
            for char in piece:
                machine.literal[char] = machine.literal.get(char, 0) | 1 << place
                place += 1
        else:
            place = _lay_run(machine, piece, place)
    return place + 1


def _lay_run(machine: _Machine, run: Run, place: int) -> int:
    if run.least and run.chars is None:
        machine.any_unit |= 1 << place
    elif run.least and run.chars is not None:
        machine.unit_sets[run.chars] = machine.unit_sets.get(run.chars, 0) | 1 << place
    place += run.least
    if run.chars is None:
        machine.any_loop |= 1 << place
    else:
        machine.loop_sets[run.chars] = machine.loop_sets.get(run.chars, 0) | 1 << place
    return place
