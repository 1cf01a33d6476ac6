"""Decision to sentences."""

from __future__ import annotations

from imagefence.policy.decision import Decision


def sentence(decision: Decision) -> str:
    """Says a decision in one sentence."""
    raise NotImplementedError
