"""Applying a plan: journalled, so that it can go on after a kill at any point.

Every step first looks whether it has already happened, writes its intent, calls with the ClientToken that
plan and step give, waits until the cloud has carried it out, and writes that it is done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from imagefence.cloud.session import Session
from imagefence.errors import CloudFault, ImagefenceError, Refusal
from imagefence.fix.doing import DOING, Place
from imagefence.fix.journal import Event, Journal
from imagefence.fix.plan import Fix, Plan, Step, client_token
from imagefence.fix.stale import refuse_stale

# What is told of each step as it goes: the fix, the step, and `doing`, `done` or `found`.
Progress = Callable[[Fix, Step, str], None]


@dataclass(frozen=True, slots=True)
class Applied:
    """How an apply went: steps called now, and steps that had already happened."""

    called: tuple[str, ...]
    found: tuple[str, ...]
    snapshots: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Application:
    """One run of apply over a plan."""

    plan: Plan
    sessions: Mapping[str, Session]
    journal: Journal
    progress: Progress
    called: list[str] = field(default_factory=list)
    found: list[str] = field(default_factory=list)
    tagging: dict[tuple[str, str], Session] = field(default_factory=dict)

    def run(self) -> None:
        """Applies all that is not yet done."""
        done = self.journal.done()
        for fix in self.plan.fixes:
            for step in fix.steps:
                if step.id in done:
                    self.found.append(step.id)
                    self.progress(fix, step, "found")
                else:
                    self.take(fix, step)

    def take(self, fix: Fix, step: Step) -> None:
        """Takes one step, unless the world shows that it was taken."""
        place = Place(self.session(fix, step), fix, step, client_token(self.plan, step))
        doing = DOING[step.do]
        result = doing.happened(place)
        if result is not None:
            self.journal.write(Event.FOUND, step.id, result=result)
            self.found.append(step.id)
            self.progress(fix, step, "found")
            return
        self.progress(fix, step, "doing")
        self.journal.write(Event.INTENT, step.id)
        try:
            result = doing.call(place)
        except ImagefenceError as error:
            self.journal.write(Event.FAILED, step.id, why=str(error))
            raise
        self.journal.write(Event.DONE, step.id, result=result)
        self.called.append(step.id)
        self.progress(fix, step, "done")

    def session(self, fix: Fix, step: Step) -> Session:
        """The account's session, or for tagging that of the exempt role, which the fence lets pass."""
        own = self.sessions[fix.account_id]
        if not step.role:
            return own
        key = (fix.account_id, step.role)
        if key not in self.tagging:
            self.tagging[key] = _assume(own, self.sessions, fix.account_id, step.role)
        return self.tagging[key]


def apply_plan(
    plan: Plan,
    sessions: Mapping[str, Session],
    journal: Journal,
    *,
    accept_data_loss: bool = False,
    progress: Progress = lambda fix, step, state: None,
) -> Applied:
    """Applies the plan, or goes on where an earlier run was cut off.

    Raises Refusal before anything is done: without consent to lose data, for an account that can't be
    reached, and for a plan whose world has moved on.
    """
    if plan.loses_data and not accept_data_loss:
        lost = [step.target for fix in plan.fixes for step in fix.steps if step.lost]
        raise Refusal(
            f"the plan destroys what is on the system disk of {', '.join(f'`{one}`' for one in lost)}",
            help="read what is lost in the plan, then pass --accept-data-loss",
        )
    far = sorted({fix.account_id for fix in plan.fixes} - sessions.keys())
    if far:
        raise Refusal(f"can't reach account {', '.join(far)}", help="apply with the key that made the plan")
    run = Application(plan, sessions, journal, progress)
    if not journal.ended:
        refuse_stale(plan, sessions, journal.begun())
        if not journal.entries:
            journal.write(Event.BEGIN)
        run.run()
        journal.write(Event.END)
    return Applied(tuple(run.called), tuple(run.found), _snapshots(plan, journal))


def _snapshots(plan: Plan, journal: Journal) -> tuple[tuple[str, str], ...]:
    made = {entry.step: entry.result for entry in journal.entries if entry.result.startswith("s-")}
    return tuple((step.target, made[step.id]) for fix in plan.fixes for step in fix.steps if step.id in made)


def _assume(own: Session, sessions: Mapping[str, Session], account_id: str, role: str) -> Session:
    """The exempt role in the account, from whichever session it trusts; without such a role the own session.

    An account that no fence covers (a management account) has no exempt role and needs none.
    """
    for session in (own, *sessions.values()):
        try:
            return session.assume(account_id, role)
        except CloudFault as fault:
            if fault.code == "EntityNotExist.Role":
                return own
            if fault.code not in {"NoPermission", "Forbidden.RAM"}:
                raise
        except Refusal:
            continue  # a root key, which may assume no role
    return own
