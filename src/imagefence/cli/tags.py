"""Tags as users write them: `key=value`."""

from __future__ import annotations

from collections.abc import Iterable

from imagefence.errors import InputError


def parse_tags(texts: Iterable[str], *, key_alone: bool = False) -> dict[str, str]:
    """Reads `key=value` words; with `key_alone` a bare `key` asks for any value. Raises InputError."""
    tags: dict[str, str] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not key or not (equals or key_alone):
            raise InputError(f"`{text}` is not a tag", help="write it as key=value: environment=production")
        if key in tags:
            raise InputError(f"the tag `{key}` is given twice", help="a tag has one value: give it once")
        tags[key] = value
    return tags
