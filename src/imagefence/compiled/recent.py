"""A bounded memory of what was worked out lately."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """Remembers between `limit` and twice as many of the values looked up last; None stands for no value.

    A full generation becomes the old one and what is still asked for comes back from it, so a stream of
    ever new keys costs a dictionary's insertion each and never empties the memory of the others at once.
    Not locked: two threads may work out the same value twice.
    """

    __slots__ = ("_limit", "_old", "young")

    def __init__(self, limit: int) -> None:
        """`limit` counts keys."""
        self._limit = limit
        self._old: dict[K, V] = {}
        self.young: dict[K, V] = {}  # readers in a hurry look here first

    def get(self, key: K) -> V | None:
        """Looks in both generations."""
        value = self.young.get(key)
        if value is None:
            value = self._old.get(key)
            if value is not None:
                self.put(key, value)
        return value

    def put(self, key: K, value: V) -> V:
        """Remembers a value and gives it back."""
        if len(self.young) >= self._limit:
            self._old, self.young = self.young, {}
        self.young[key] = value
        return value

    def __len__(self) -> int:
        """How many entries both generations hold."""
        return len(self.young) + len(self._old)
