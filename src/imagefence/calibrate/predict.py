"""What each reading predicts of a probe: the evaluator's own answer to the same question."""

from __future__ import annotations

from enum import Enum

from imagefence.calibrate.calls import Asked
from imagefence.calibrate.ground import Ground, document, written
from imagefence.calibrate.probes import Probe, SaveProbe
from imagefence.policy.authorize import authorize
from imagefence.policy.decision import Verdict
from imagefence.policy.document import PolicyKind
from imagefence.policy.policies import AttachedPolicy, Policies
from imagefence.policy.readings import Readings, Saved, Variables
from imagefence.policy.request import Context, Request


class Answer(Enum):
    """What the cloud said; UNCLEAR tells nothing."""

    PASSED = "allowed"
    DENIED = "denied"
    EXPLICIT = "denied by a Deny"
    IMPLICIT = "denied, as nothing allows"
    SAVED = "saved"
    REFUSED = "refused when saved"
    UNCLEAR = "unclear"


TYPES = {Verdict.EXPLICIT_DENY: Answer.EXPLICIT, Verdict.IMPLICIT_DENY: Answer.IMPLICIT}


def policies_of(probe: Probe, ground: Ground) -> Policies:
    """The policies in force for the probing session."""
    session = document(written(probe.statements), PolicyKind.SESSION)
    return Policies(identity=(ground.role_policy,), session=AttachedPolicy("probe", session))


def request_of(asked: Asked, ground: Ground) -> Request:
    """The call as RAM sees it."""
    secure = {"acs:SecureTransport": ("true" if ground.secure else "false",)}
    return Request(
        ground.principal, asked.operation.action, asked.resources, Context({**asked.known, **secure})
    )


def predict(probe: Probe, asked: Asked, ground: Ground, readings: Readings) -> Answer:
    """The one answer that the readings let expect; what is Indeterminate no gate lets pass."""
    verdict = authorize(request_of(asked, ground), policies_of(probe, ground), readings).verdict
    if verdict is Verdict.ALLOW:
        return Answer.PASSED
    return TYPES.get(verdict, Answer.DENIED) if probe.typed else Answer.DENIED


def predict_saving(probe: SaveProbe, readings: Readings) -> frozenset[Answer]:
    """The answers that the readings let expect when the text is saved."""
    if getattr(readings, probe.field) in (Saved.REFUSED, Variables.REFUSED):
        return frozenset({Answer.REFUSED})
    return frozenset({Answer.SAVED, Answer.REFUSED} if probe.older else {Answer.SAVED})
