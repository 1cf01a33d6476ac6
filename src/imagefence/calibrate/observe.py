"""Asking the cloud: a session of the throw-away role for each policy, and what an answer tells."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic, sleep

from imagefence.api.ram_policies import CREATE_POLICY, CreatePolicy
from imagefence.calibrate.calls import Asked
from imagefence.calibrate.ground import Ground, written
from imagefence.calibrate.made import Made
from imagefence.calibrate.names import MARK
from imagefence.calibrate.predict import Answer
from imagefence.calibrate.probes import EVERYTHING, Probe, SaveProbe
from imagefence.cloud.retry import Throttled
from imagefence.cloud.session import Session
from imagefence.errors import CloudFault, Unreachable

DENIALS = frozenset({"NoPermission", "Forbidden.RAM", "Forbidden.NoPermission", "NotAuthorized"})
KEYS = ("InvalidAccessKeyId", "InvalidSecurityToken", "SignatureDoesNotMatch", "InvalidTimeStamp")
MALFORMED = ("MalformedPolicyDocument", "InvalidParameter.PolicyDocument", "InvalidParameter.PolicyGrammar")
EXPLICIT = {"ExplicitDeny": Answer.EXPLICIT, "ImplicitDeny": Answer.IMPLICIT}
SESSION_NAME = "imagefence-calibrate"
ASKED_AGAIN = 2  # a denial without its detail may be RAM under load, which answers NoPermission at times


@dataclass(frozen=True, slots=True)
class Observed:
    """An answer with the cloud's own word for it: a code, or nothing where the call went through."""

    answer: Answer
    word: str = ""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: the throw-away user's session, which becomes the role under each probe's policy."""

    user: Session
    ground: Ground
    pause_s: float = 1.0
    ready_s: float = 60.0

    def ask(self, probe: Probe, asked: Asked) -> Observed:
        """Makes one call under a probe's policy."""
        try:
            session = self.assume(written(probe.statements))
        except CloudFault as fault:
            return Observed(Answer.UNCLEAR, f"AssumeRole: {fault.code}")
        for _ in range(ASKED_AGAIN):
            observed, sure = try_once(session, asked, typed=probe.typed)
            if sure:
                return observed
            sleep(self.pause_s)
        return try_once(session, asked, typed=probe.typed)[0]

    def assume(self, policy: str) -> Session:
        """The session of the role under a policy; raises CloudFault."""
        arn = f"acs:ram::{self.ground.account}:role/{self.ground.names.base}"
        return self.user.assume_arn(arn, name=SESSION_NAME, policy=policy)

    def wait(self, asked: Asked) -> None:
        """Waits until the role may do what its policy allows; raises Unreachable where that does not come."""
        end = monotonic() + self.ready_s
        word = self.not_ready(asked)
        while word:
            if monotonic() > end:
                raise Unreachable(
                    f"the throw-away role still may not make its calls after {self.ready_s:.0f} s: {word}",
                    help="a control policy may stand in the way; calibrate in an account that has none",
                )
            sleep(self.pause_s)
            word = self.not_ready(asked)

    def not_ready(self, asked: Asked) -> str:
        """Why the role can't make a call yet, or nothing."""
        try:
            observed, _ = try_once(self.assume(written(EVERYTHING)), asked, typed=False)
        except CloudFault as fault:
            return f"AssumeRole: {fault.code}"
        return "" if observed.answer is Answer.PASSED else observed.word


def try_once(session: Session, asked: Asked, *, typed: bool) -> tuple[Observed, bool]:
    """One call; tells besides whether its answer is sure."""
    try:
        session.call(asked.operation, asked.request)
    except CloudFault as fault:
        answer = answer_of(fault, typed=typed)
        sure = answer is not Answer.UNCLEAR and (answer is Answer.PASSED or fault.denied is not None)
        return Observed(answer, fault.code), sure
    except Unreachable as error:
        return Observed(Answer.UNCLEAR, error.message), True
    return Observed(Answer.PASSED), True


def answer_of(fault: CloudFault, *, typed: bool) -> Answer:
    """Reads a fault: a denial, or a refusal that came after the permission was given."""
    if fault.denied is not None or fault.code in DENIALS:
        told = EXPLICIT.get((fault.denied or {}).get("NoPermissionType", ""), Answer.UNCLEAR)
        return told if typed else Answer.DENIED
    if isinstance(fault, Throttled) or fault.status >= 500 or fault.code.startswith(KEYS):
        return Answer.UNCLEAR
    return Answer.UNCLEAR if fault.status in (401, 403) and "Exist" not in fault.code else Answer.PASSED


def save(own: Session, made: Made, ground: Ground, probe: SaveProbe) -> Observed:
    """Saves a policy that hangs nowhere."""
    request = CreatePolicy(
        policy_name=ground.names.saved(probe.id),
        policy_document=written(probe.statement),
        description=MARK,
    )
    try:
        made.make("policy", request.policy_name, lambda: own.call(CREATE_POLICY, request))
    except CloudFault as fault:
        refused = fault.code.startswith(MALFORMED)
        return Observed(Answer.REFUSED if refused else Answer.UNCLEAR, fault.code)
    return Observed(Answer.SAVED)
