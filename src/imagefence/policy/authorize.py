"""Deny-overrides, written once."""

from __future__ import annotations

from imagefence.policy.decision import Decision
from imagefence.policy.policies import Policies
from imagefence.policy.readings import Readings
from imagefence.policy.request import Request


def authorize(request: Request, policies: Policies, readings: Readings = Readings()) -> Decision:
    """Decides a request."""
    raise NotImplementedError
