"""The nonces that have been used."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

# INVARIANT: a nonce is kept for as long as a time stamp can be good, 15 minutes to either side.
GENERATION = timedelta(minutes=31)
START = datetime.min.replace(tzinfo=UTC)


class Nonces:
    """Remembers nonces in two generations, so that forgetting costs nothing."""

    __slots__ = ("_new", "_old", "_since")

    def __init__(self) -> None:
        self._new: set[tuple[str, str]] = set()
        self._old: set[tuple[str, str]] = set()
        self._since = START

    def take(self, access_key_id: str, nonce: str, now: datetime) -> bool:
        """Notes a nonce; False when it was used already."""
        if now - self._since > GENERATION:
            self._old = self._new if now - self._since < 2 * GENERATION else set()
            self._new = set()
            self._since = now
        entry = (access_key_id, nonce)
        if entry in self._new or entry in self._old:
            return False
        self._new.add(entry)
        return True
