"""Text to Document."""

from __future__ import annotations

from imagefence.policy.document import Document, PolicyKind


def parse(text: str, kind: PolicyKind, *, source: str = "", saving: bool = False) -> Document:
    """Reads a policy; raises PolicySyntaxError at the first error's place."""
    raise NotImplementedError


def print_document(document: Document, *, compact: bool = False) -> str:
    """Writes a document as JSON."""
    raise NotImplementedError
