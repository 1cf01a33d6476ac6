"""`prove-50|500`, `prove-worst-50|500`: one question against the better of z3 and cvc5 on strings.

The question is: may RunInstances on an image that is not `golden=true` pass? Each side gets the parsed
policies, leaves out the statements that do not cover the action, builds its problem, and answers; a rival's
time is writing the script, reading it and solving. `prove` has realistic sets, most of whose statements speak
of other actions; `prove-worst` has denies that cut the space of tags into boxes, none of them idle, once all
there (no way through) and once with one missing (one way through). Answers are compared before anything is
measured. The rivals are spared the bounds on the letters of names, which they are slow on. What imagefence
keeps from one question to the next is forgotten before each of its runs.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from bench.row import Row, interleaved

from imagefence.policy import matching, pattern
from imagefence.policy.document import PolicyKind
from imagefence.policy.parse import parse
from imagefence.policy.policies import AttachedPolicy, Level, Policies
from imagefence.policy.readings import DEFAULT
from imagefence.prove.ask import Asked, answer, asked_of
from imagefence.prove.atoms import forget
from imagefence.prove.budget import Budget, Undecided
from imagefence.prove.calls import Caller
from imagefence.prove.queries import Query, holes
from imagefence.prove.solvers import satisfiable, version_of
from imagefence.prove.witness import script
from imagefence.scope.scope import Scope

ACCOUNT, NOW = "1000000000000001", "2026-11-24T10:00:00Z"
SCOPE = Scope({"golden": ("true",)})
LIMIT_S = 10.0
BOUND = re.compile(r'\(assert \(str\.in_re (\|[^|]*\|) \(re\.\+\+ \(str\.to_re ("[^"]*")\) .*')
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
SERVICES = ("ecs", "vpc", "oss", "rds", "slb", "ram", "kms", "cs", "ess", "log")
Statement = dict[str, Any]


def realistic(count: int, *, closed: bool) -> list[Statement]:
    """Statements as accounts have them; about one in twenty-five speaks of launches."""
    found: list[Statement] = [EVERYTHING]
    if closed:
        found.append(
            {
                "Effect": "Deny",
                "Action": ["ecs:RunInstances", "ecs:CreateInstance"],
                "Resource": "acs:ecs:*:*:image/*",
                "Condition": {"StringNotEquals": {"acs:ResourceTag/golden": "true"}},
            }
        )
    for n in range(count - len(found)):
        found.append(about_launches(n) if n % 25 == 0 else about_others(n))
    return found


def about_launches(n: int) -> Statement:
    """A team may not launch from images of another, or in a region."""
    if n % 2:
        return {"Effect": "Deny", "Action": "ecs:Run*", "Resource": f"acs:ecs:cn-region{n}:*:*"}
    return {
        "Effect": "Deny",
        "Action": ["ecs:RunInstances", "ecs:*Instance"],
        "Resource": [f"acs:ecs:*:*:image/team{n}-*", f"acs:ecs:*:*:image/*-old{n}"],
        "Condition": {"StringEquals": {"acs:ResourceTag/team": [f"team{n}", f"team{n + 1}"]}},
    }


def about_others(n: int) -> Statement:
    """Anything else: service-wide, by operation, by prefix of a name, by tag."""
    service = SERVICES[n % len(SERVICES)]
    made: Statement = {
        "Effect": "Deny" if n % 6 == 5 else "Allow",
        "Action": [f"{service}:Describe{n}*", f"{service}:Get{n}*", f"{service}:*{n}Attribute"],
        "Resource": f"acs:{service}:*:*:instance/team{n}-*",
    }
    if n % 3 == 0:
        made["Condition"] = {"StringEquals": {"acs:ResourceTag/keep": "true"}}
    return made


def boxes(sizes: tuple[int, ...], *, closed: bool) -> list[Statement]:
    """Denies that together cover every combination of tags, one for each box."""
    found: list[Statement] = [EVERYTHING]
    for box in range(_product(sizes)):
        rest = box
        like: dict[str, str] = {}
        unlike: dict[str, list[str]] = {}
        for place, size in enumerate(sizes):
            rest, at = divmod(rest, size)
            if at < size - 1:
                like[f"acs:ResourceTag/t{place}"] = f"v{at}"
            else:
                unlike[f"acs:ResourceTag/t{place}"] = [f"v{n}" for n in range(size - 1)]
        tests = {name: keys for name, keys in (("StringEquals", like), ("StringNotEquals", unlike)) if keys}
        deny = {"Effect": "Deny", "Action": "ecs:RunInstances", "Resource": "acs:ecs:*:*:image/*"}
        found.append({**deny, "Condition": tests})
    if not closed:
        del found[len(found) * 2 // 3]
    return found


def _product(sizes: tuple[int, ...]) -> int:
    whole = 1
    for size in sizes:
        whole *= size
    return whole


def asked(statements: list[Statement]) -> Asked:
    """The policies parsed, as both sides get them."""
    text = json.dumps({"Version": "1", "Statement": statements})
    document = parse(text, PolicyKind.CONTROL, stored=True)
    own = parse(json.dumps({"Version": "1", "Statement": [EVERYTHING]}), PolicyKind.IDENTITY)
    policies = Policies(
        (AttachedPolicy("all", own),), control=(Level("node", (AttachedPolicy("bench", document),)),)
    )
    return asked_of(policies, SCOPE, Caller(ACCOUNT), NOW)


def the_query() -> Query:
    """RunInstances from an own image without the tag."""
    return replace(next(iter(holes(SCOPE, ACCOUNT, DEFAULT, NOW, ("launch",)))), plain=None)


def ours(every: list[Asked], query: Query) -> float:
    """Milliseconds a question, from parsed policies on, with nothing remembered."""
    took = 0.0
    for one in every:
        forget()
        pattern.glob.cache_clear()
        matching._some_action.cache_clear()
        begun = time.perf_counter()
        answer(query, one, DEFAULT, Budget(time.monotonic, time.monotonic() + LIMIT_S))
        took += time.perf_counter() - begun
    return took / len(every) * 1e3


def theirs(solver: str, every: list[Asked], query: Query) -> float:
    """Milliseconds a question: writing the script, reading it, solving."""
    begun = time.perf_counter()
    for one in every:
        satisfiable(solver, lean(script(query, one, DEFAULT)), LIMIT_S)
    return (time.perf_counter() - begun) / len(every) * 1e3


def agree(every: list[Asked], query: Query, rivals: tuple[str, ...]) -> None:
    """Refuses to measure what is not the same."""
    for one, expected in zip(every, (False, True), strict=True):
        mine = answer(query, one, DEFAULT, Budget(time.monotonic, time.monotonic() + LIMIT_S)) is not None
        told = {solver: satisfiable(solver, lean(script(query, one, DEFAULT)), LIMIT_S) for solver in rivals}
        if {mine, *told.values()} != {expected}:
            raise AssertionError(f"the answers differ: expected {expected}, ours {mine}, {told}")


def lean(text: str) -> str:
    """A script without the bounds on the letters of names and regions, which string solvers are slow on."""
    lines = (BOUND.sub(r"(assert (str.prefixof \2 \1))", line) for line in text.split("\n"))
    return "\n".join(line for line in lines if "(re.range" not in line)


def answering(every: list[Asked], query: Query) -> tuple[str, ...]:
    """The solvers that answer at all within the limit."""
    found = []
    for solver in ("z3", "cvc5"):
        try:
            theirs(solver, every, query)
        except Undecided:
            continue
        found.append(solver)
    return tuple(found)


def measured(name: str, every: list[Asked], target: float) -> Row:
    """One row, against whichever solver was faster just now."""
    query = the_query()
    rivals = answering(every, query)
    agree(every, query, rivals)
    best = min(rivals, key=lambda solver: theirs(solver, every, query))
    peer: Callable[[], float] = lambda: theirs(best, every, query)  # noqa: E731
    return interleaved(
        name,
        lambda: ours(every, query),
        peer,
        target=target,
        better="lower",
        peer=f"{best} {version_of(best)}",
        unit="ms",
        rounds=5,
    )


def rows() -> Iterator[Row]:
    """Half of the questions have an answer, half have none."""
    for count in (50, 500):
        every = [asked(realistic(count, closed=closed)) for closed in (True, False)]
        yield measured(f"prove-{count}", every, target=0.25)
    for count, sizes in ((50, (5, 10)), (500, (5, 10, 10))):
        every = [asked(boxes(sizes, closed=closed)) for closed in (True, False)]
        yield measured(f"prove-worst-{count}", every, target=1.0)
