"""Texts that patterns accept: one of a pattern, and one that two patterns share."""

from __future__ import annotations

from collections import deque

ANY = "x"  # stands where a pattern lets any character pass


def instance(pattern: str, filler: str) -> str:
    """A text that a pattern accepts, with `filler` for each run of stars."""
    text = pattern
    while "**" in text:
        text = text.replace("**", "*")
    return text.replace("*", filler).replace("?", ANY)


def common(one: str, two: str) -> str | None:
    """A short text that both patterns accept, or None; it costs at most the product of their lengths.

    A breadth-first search over the places reached in the two patterns: a star is passed for nothing, or
    stays and takes the other's next character.
    """
    reached: dict[tuple[int, int], tuple[tuple[int, int], str]] = {(0, 0): ((0, 0), "")}
    waiting = deque([(0, 0)])
    while waiting:
        state = waiting.popleft()
        if state == (len(one), len(two)):
            return _spelt(reached, state)
        for following, text in _steps(one, two, state):
            if following not in reached:
                reached[following] = state, text
                # Why: a step without a character goes first, so that short texts are found first.
                (waiting.append if text else waiting.appendleft)(following)
    return None


def _steps(one: str, two: str, state: tuple[int, int]) -> list[tuple[tuple[int, int], str]]:
    i, j = state
    steps: list[tuple[tuple[int, int], str]] = []
    if one[i : i + 1] == "*":
        steps.append(((i + 1, j), ""))
    if two[j : j + 1] == "*":
        steps.append(((i, j + 1), ""))
    if i < len(one) and j < len(two):
        text = _both(one[i], two[j])
        if text:
            steps.append(((i + (one[i] != "*"), j + (two[j] != "*")), text))
    return steps


def _both(one: str, two: str) -> str:
    """A character that both let pass, or nothing; for two stars a step of the one past its star will do."""
    if one == two:
        return "" if one == "*" else ANY if one == "?" else one
    if one in "*?":
        return ANY if two in "*?" else two
    return one if two in "*?" else ""


def _spelt(reached: dict[tuple[int, int], tuple[tuple[int, int], str]], state: tuple[int, int]) -> str:
    texts: list[str] = []
    while state != (0, 0):
        state, text = reached[state]
        texts.append(text)
    return "".join(reversed(texts))
