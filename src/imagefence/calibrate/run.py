"""A calibration from its plan to its result."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from functools import partial
from uuid import uuid4

from imagefence.calibrate.beyond import ALIKE, NO_PROBE, WANTING
from imagefence.calibrate.calls import Asked, calls
from imagefence.calibrate.ground import Ground, find_image, written
from imagefence.calibrate.made import Leftovers, Made, find_leftovers, make_all, remove_all
from imagefence.calibrate.names import Names
from imagefence.calibrate.observe import Asker, Observed, save
from imagefence.calibrate.predict import Answer, predict, predict_saving
from imagefence.calibrate.probes import SAVES, Probe, SaveProbe, controls, probes
from imagefence.calibrate.result import Calibration, Evidence, Point, State
from imagefence.calibrate.solve import Constraint, Left, choices, groups, solve
from imagefence.cloud.session import Session
from imagefence.errors import CloudFault, ImagefenceError, Refusal
from imagefence.policy.readings import Readings

Told = Callable[[str], None]
Answers = Mapping[str, Observed]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a calibration would make, ask and clear away."""

    ground: Ground
    calls: Mapping[str, Asked]
    probes: tuple[Probe, ...]
    leftovers: Leftovers

    @property
    def used(self) -> tuple[Asked, ...]:
        """The calls that the probes make."""
        named = {probe.call for probe in self.probes}
        return tuple(asked for asked in self.calls.values() if asked.id in named)

    @property
    def steps(self) -> int:
        """How many questions are asked."""
        return len(self.probes) + 2 * len(self.used) + len(SAVES)


@dataclass(frozen=True, slots=True)
class Doubts:
    """Readings whose answers fit nothing, those that lack a control's answer, and those that lack one."""

    torn: frozenset[str]
    spoiled: frozenset[str]
    silent: Mapping[str, str]


def make_plan(own: Session, *, secure: bool) -> Plan:
    """Looks at the account, without changing anything."""
    account = own.account_id
    ground = Ground(account, own.region_id, Names(uuid4().hex[:8]), find_image(own, account), secure)
    return Plan(ground, calls(ground), probes(ground), find_leftovers(own))


def calibrate(own: Session, plan: Plan, now: datetime, told: Told, *, pause_s: float = 1.0) -> Calibration:
    """Clears leftovers away, makes, asks, and removes what it made, also when it is stopped.

    Raises Refusal where the caller may not make what it needs, or where something could not be removed.
    """
    remove_all(own, list(plan.leftovers.ours))
    made = Made()
    try:
        answers = ask_all(own, plan, made, told, pause_s)
    except CloudFault as fault:
        raise not_able(fault) from fault
    finally:
        told("removing what was made")
        remove_all(own, made.things)
    return concluded(plan, answers, endpoint_of(own), now)


def not_able(fault: CloudFault) -> ImagefenceError:
    """What to tell of a fault while the throw-away objects are made."""
    if fault.denied is None and fault.status != 403:
        return fault
    return Refusal(
        f"calibrate may not do what it needs: {fault.message}",
        help="let it make and delete users, access keys, roles, policies and attachments named "
        "`imagefence-calibrate-*`, or run it with a key that may",
    )


def endpoint_of(own: Session) -> str:
    """The host asked, or nothing for the public cloud."""
    return own.endpoint.host if own.endpoint is not None else ""


def ask_all(own: Session, plan: Plan, made: Made, told: Told, pause_s: float) -> dict[str, Observed]:
    """Asks everything; the answer of each probe and control by its id."""
    answers: dict[str, Observed] = {}
    for saved in SAVES:
        told(saved.asks)
        answers[saved.id] = save(own, made, plan.ground, saved)
    told("making a user and a role")
    asker = Asker(make_all(own, plan.ground, made), plan.ground, pause_s)
    asker.wait(plan.calls["read-role"])
    for probe in (*(each for asked in plan.used for each in controls(asked.id)), *plan.probes):
        told(probe.asks)
        answers[probe.id] = asker.ask(probe, plan.calls[probe.call])
    return answers


def heard(plan: Plan, answers: Answers) -> dict[str, Observed]:
    """The probes' answers; those of a call whose controls answered otherwise than they must tell nothing."""
    deaf = {asked.id for asked in plan.used if not in_order(asked.id, answers)}
    return {
        probe.id: Observed(Answer.UNCLEAR, f"the controls of {probe.call} do not answer as they must")
        if probe.call in deaf
        else answers[probe.id]
        for probe in plan.probes
    }


def in_order(call: str, answers: Answers) -> bool:
    """Tells whether a call passes where all is allowed, and is denied where nothing is."""
    passes, refused = controls(call)
    return (answers[passes.id].answer, answers[refused.id].answer) == (Answer.PASSED, Answer.DENIED)


def concluded(plan: Plan, answers: Answers, endpoint: str, now: datetime) -> Calibration:
    """Solves for the readings."""
    found = heard(plan, answers)
    left = solve(constraints(plan, found, answers))
    doubts = Doubts(left.torn, spoiled(plan, found), silent(plan, found, answers))
    return Calibration(
        account=plan.ground.account,
        region=plan.ground.region,
        endpoint=endpoint,
        taken_at=now,
        points=tuple(point(each.name, left, doubts) for each in fields(Readings)),
        evidence=tuple(evidence(plan, answers, found)),
    )


def silent(plan: Plan, found: Answers, answers: Answers) -> dict[str, str]:
    """The readings on which a probe got no clear answer, and what came in its place."""
    asked = [(probe.fields, found[probe.id]) for probe in plan.probes if not probe.typed]
    asked += [((saved.field,), answers[saved.id]) for saved in SAVES]
    return {field: each.word for names, each in asked if each.answer is Answer.UNCLEAR for field in names}


def spoiled(plan: Plan, found: Answers) -> frozenset[str]:
    """The readings that hang together with a control that got no clear answer."""
    missing = [probe for probe in plan.probes if probe.control and found[probe.id].answer is Answer.UNCLEAR]
    together = groups(Constraint(probe.fields, lambda _: True) for probe in plan.probes if not probe.typed)
    hit = (group for group in together if any(group.issuperset(probe.fields) for probe in missing))
    return frozenset(field for group in hit for field in group)


def constraints(plan: Plan, found: Answers, answers: Answers) -> Iterator[Constraint]:
    """The clear answers, each with what fits it."""
    for probe in plan.probes:
        answer = found[probe.id].answer
        if answer is not Answer.UNCLEAR:
            yield Constraint(probe.fields, partial(_foretold, probe, plan, answer))
    for saved in SAVES:
        answer = answers[saved.id].answer
        if answer is not Answer.UNCLEAR:
            yield Constraint((saved.field,), partial(_saved_so, saved, answer))


def _foretold(probe: Probe, plan: Plan, answer: Answer, readings: Readings) -> bool:
    return predict(probe, plan.calls[probe.call], plan.ground, readings) is answer


def _saved_so(saved: SaveProbe, answer: Answer, readings: Readings) -> bool:
    return answer in predict_saving(saved, readings)


def point(field: str, left: Left, doubts: Doubts) -> Point:
    """What is known of one reading; nothing is settled by answers that are unclear or fit no reading."""
    values = left.values.get(field, choices(field))
    state, why = state_of(field, values, doubts)
    kept = choices(field) if field in doubts.torn | doubts.spoiled else values
    return Point(
        reading=field.replace("_", "-"),
        state=state,
        values=tuple(str(choice.value) for choice in kept),
        why=why,
    )


def state_of(field: str, values: tuple[object, ...], doubts: Doubts) -> tuple[State, str]:
    """Settled, open or beyond, and why."""
    if field in NO_PROBE:
        return "beyond", f"it takes {NO_PROBE[field]}"
    if field in doubts.torn:
        return "open", "the answers fit no reading that is known; please report them"
    unclear = f"a probe got no clear answer: {doubts.silent.get(field, 'its control')}"
    if field in doubts.spoiled:
        return "open", unclear
    if len(values) == 1:
        return "settled", ""
    if field in doubts.silent:
        return "open", unclear
    if field in WANTING:
        return "open", f"it takes {WANTING[field]}"
    return "beyond", ALIKE.get(field, "no answer tells the readings apart")


def evidence(plan: Plan, answers: Answers, found: Answers) -> Iterator[Evidence]:
    """Every question with its answer, controls first."""
    asked = (*(each for call in plan.used for each in controls(call.id)), *plan.probes)
    for probe in asked:
        observed = found.get(probe.id, answers[probe.id])
        call = plan.calls[probe.call].operation
        yield Evidence(
            probe=probe.id,
            asks=probe.asks,
            call=f"{call.product.ram_code}:{call.name}",
            policy=written(probe.statements),
            answer=observed.answer.value,
            word=observed.word,
            readings=probe.fields,
        )
    for saved in SAVES:
        yield Evidence(
            probe=saved.id,
            asks=saved.asks,
            call="ram:CreatePolicy",
            policy=written(saved.statement),
            answer=answers[saved.id].answer.value,
            word=answers[saved.id].word,
            readings=(saved.field,),
        )
