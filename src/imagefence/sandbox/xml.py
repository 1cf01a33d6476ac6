"""The XML form of answers, which the older clients ask for by default."""

from __future__ import annotations

import re
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_xml(root: str, body: dict[str, Any]) -> bytes:
    """Writes a JSON object as XML: a list becomes its element once for each item."""
    element = Element(root)
    fill(element, body)
    text: str = tostring(element, encoding="unicode")
    return f"<?xml version='1.0' encoding='UTF-8'?>{text}".encode()


def fill(element: Element, value: Any) -> None:
    if isinstance(value, dict):
        for name, item in value.items():
            for each in item if isinstance(item, list) else [item]:
                fill(SubElement(element, name), each)
    elif isinstance(value, bool):
        element.text = "true" if value else "false"
    elif value is not None:
        # Why: control characters have no form in XML 1.0 at all, and one would make the answer unreadable.
        element.text = FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", str(value))
