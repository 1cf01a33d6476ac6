"""A simulated decision as text: the verdict, then resource by resource and level by level."""

from __future__ import annotations

import json
from collections.abc import Iterator

import click

from imagefence.cli.simulate_data import Simulated, as_data, written
from imagefence.policy.decision import PolicyType, Verdict
from imagefence.policy.document import Effect, Statement
from imagefence.policy.explain import LAYERS, sentence
from imagefence.policy.levels import LevelOutcome, ResourceOutcome
from imagefence.policy.near_miss import NearMiss
from imagefence.policy.policies import AttachedPolicy
from imagefence.policy.rules import Hit

TONES = {
    Verdict.ALLOW: "green",
    Verdict.EXPLICIT_DENY: "red",
    Verdict.IMPLICIT_DENY: "red",
    Verdict.INDETERMINATE: "yellow",
}
MARKS = {
    Verdict.ALLOW: "+",
    Verdict.EXPLICIT_DENY: "x",
    Verdict.IMPLICIT_DENY: "x",
    Verdict.INDETERMINATE: "?",
}
WORDS = {
    Verdict.ALLOW: "allowed",
    Verdict.EXPLICIT_DENY: "refused",
    Verdict.IMPLICIT_DENY: "refused",
    Verdict.INDETERMINATE: "undecided",
}


def show(simulated: Simulated, *, as_json: bool) -> None:
    """Prints a decision."""
    if as_json:
        click.echo(json.dumps(as_data(simulated), indent=2, ensure_ascii=False))
        return
    for line in lines(simulated):
        click.echo(line)


def lines(simulated: Simulated) -> Iterator[str]:
    """The verdict, the levels of each resource, and what it rests on."""
    request, decision = simulated.request, simulated.decision
    yield f"{request.principal.arn} asks for {request.action}"
    yield f"{toned(decision.verdict, decision.verdict.value)}: {sentence(decision)}"
    for reason in decision.reasons:
        if not reason.resource and reason.text not in sentence(decision):
            yield f"  {reason.text}"
    for outcome in simulated.outcomes:
        yield from resource_lines(outcome)
    for miss in simulated.misses:
        yield from miss_lines(miss)
    for other, verdict in simulated.others:
        yield f"rests on {other.id}: if {other.text}, it is {verdict.value} (--reading {written(other)})"
    for note in simulated.notes:
        yield f"note: {note}"
    for gap in simulated.gaps:
        yield click.style(f"not read: {gap}", fg="yellow")


def toned(verdict: Verdict, text: str) -> str:
    """A text in the colour of a verdict."""
    return click.style(text, fg=TONES[verdict], bold=True)


def resource_lines(outcome: ResourceOutcome) -> Iterator[str]:
    """One resource with what each level says of it."""
    verdict = outcome.decision.verdict
    yield f"  {toned(verdict, WORDS[verdict])}: {outcome.action} on {outcome.resource.name}"
    for level in outcome.levels:
        yield from level_lines(level, refused=verdict is not Verdict.ALLOW)


def level_lines(level: LevelOutcome, *, refused: bool) -> Iterator[str]:
    """One level: a mark, its name, and each statement that counts."""
    name = LAYERS[level.policy_type] + (f" on {level.node}" if level.node else "")
    if level.passed_over:
        yield f"    - {name}: not asked: {level.passed_over}"
        return
    mark = toned(level.verdict, MARKS[level.verdict])
    tail = "  <- refuses" if level.refuses and refused else ""
    if not level.hits:
        yield f"    {mark} {name}: no statement allows it{tail}"
    on_node = level.policy_type is PolicyType.CONTROL
    for hit in level.hits:
        yield f"    {mark} {name}: {hit_text(hit)}{origin(hit.policy, hit.statement, on_node=on_node)}{tail}"


def hit_text(hit: Hit[bool | None]) -> str:
    """What one statement does."""
    denies = hit.statement.effect is Effect.DENY
    does = ("denies" if denies else "allows") if hit.holds else f"may {'deny' if denies else 'allow'}"
    return f"Statement[{hit.statement.index}] of `{hit.policy.name}` {does}"


def miss_lines(miss: NearMiss) -> Iterator[str]:
    """A proven single change, or what a statement lacks where one thing is not enough."""
    for change in miss.changes:
        yield f"nearest miss: with {change.text}, it would pass ({change.where.value})"
    named = ""
    if miss.policy is not None and miss.statement is not None:
        named = f"Statement[{miss.statement.index}] of `{miss.policy.name}`: "
        named = named.replace(": ", f"{origin(miss.policy, miss.statement)}: ")
    indent = "  " if miss.change is not None else "not enough alone: "
    yield f"{indent}{named}{miss.lacked}"


def origin(policy: AttachedPolicy, statement: Statement, *, on_node: bool = False) -> str:
    """File and line of a statement, or the policy's version and what it is attached to."""
    if policy.version == "file":
        return f" ({policy.name}:{statement.line})"
    text = ", ".join(part for part in (policy.version, "" if on_node else policy.attached_to) if part)
    return f" ({text})" if text else ""
