"""What each form of a fence rests on: every open reading tried with the probes by the one authoriser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from imagefence.fence.documents import PolicyText
from imagefence.fence.probes import Probe, probes
from imagefence.org.identities import user_principal
from imagefence.policy.authorize import authorize
from imagefence.policy.document import PolicyKind
from imagefence.policy.parse import parse
from imagefence.policy.policies import AttachedPolicy, Level, Policies
from imagefence.policy.readings import ALTERNATIVES, Alternative, Readings
from imagefence.scope.scope import Scope

DEFAULT_READING = Alternative("default", "as read by default", "", Readings())
EVERYTHING = '{"Version":"1","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'


@dataclass(frozen=True, slots=True)
class Assumption:
    """One reading of an open point: the roads that it opens, and the uses that it blocks."""

    point: str
    text: str
    name: str
    leaks: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """`holds`, `leaks`, `blocks golden launches too`, or both of the last."""
        golden = any("golden" in use for use in self.blocks)
        words = ["leaks"] if self.leaks else []
        words += ["blocks golden launches too"] if golden else ["blocks other uses"] if self.blocks else []
        return ", ".join(words) or "holds"


def assumptions(
    scope: Scope, policies: Sequence[PolicyText], account: str, now: datetime
) -> tuple[Assumption, ...]:
    """Tries the planned policies, beside what grants everything, under the default and each other reading."""
    standing = planned(scope, policies)
    caller = user_principal(account, "somebody")

    def judged(other: Alternative) -> Assumption:
        tried = [
            (probe, passes(probe, standing, other.readings))
            for probe in probes(scope, caller, now, other.readings)
        ]
        leaks = tuple(probe.name for probe, passed in tried if probe.road and passed)
        blocks = tuple(probe.name for probe, passed in tried if not probe.road and not passed)
        return Assumption(other.id, other.text, other.name, leaks, blocks)

    return tuple(judged(other) for other in (DEFAULT_READING, *ALTERNATIVES))


def passes(probe: Probe, policies: Policies, readings: Readings) -> bool:
    """Tells whether a probe is allowed for certain."""
    return authorize(probe.request, policies, readings).allowed


def planned(scope: Scope, policies: Sequence[PolicyText]) -> Policies:
    """The planned policies where they will hang, with nothing else in the way."""
    fence = tuple(
        AttachedPolicy(policy.name, parse(policy.text, policy.kind, source=policy.name))
        for policy in policies
    )
    admin = AttachedPolicy("AdministratorAccess", parse(EVERYTHING, PolicyKind.IDENTITY), system=True)
    if scope.attach.principals:
        return Policies(identity=(admin, *fence))
    full = AttachedPolicy("FullAliyunAccess", parse(EVERYTHING, PolicyKind.CONTROL), system=True)
    node = fence if scope.form.allows else (full, *fence)
    return Policies(identity=(admin,), control=(Level("Root", (full,)), Level("the fence's node", node)))
