"""Record batches in, decisions out: the same answers as policy.authorize gives on each request.

A batch has a row for each resource of a call. All columns but the first two may be left out, and texts may be
plain or dictionary-encoded:

- `action`, `resource` (its name; null where it isn't known what the call asks for);
- `principal` (an ARN, as in acs:PrincipalARN), `principal_kind`, `principal_account` (else read off the ARN),
  `in_management_account`; without a principal, the caller is given once for all rows;
- `acs:ResourceTag/<key>`: the resource's tags; any other condition key by its documented name: texts,
  booleans, whole numbers or lists of texts; null says that the key is absent;
- `unknown`: a list of the keys that a row does not know; `tags_unknown`: true where the resource's tags are
  not known;
- `new` (still to be created), `owner` (its account), `owner_tags` and `receiver_tags` (maps) of a shared
  image;
- `request`: rows with the same value are one call, which is refused if any of its resources is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from imagefence.bulk import arrow
from imagefence.bulk.arrow import Values
from imagefence.bulk.calls import Calls, Joining
from imagefence.bulk.classes import Codes, alike
from imagefence.bulk.events import Events, events
from imagefence.bulk.kernel import Kernel
from imagefence.bulk.outcomes import Outcomes
from imagefence.compiled.engine import Compiled
from imagefence.compiled.plan import Clause
from imagefence.policy.request import Principal


@dataclass(frozen=True, slots=True)
class Decided:
    """Decisions on calls in the order in which they come: `codes` are outcomes, `rows` a call's first row.

    `resources` names the resource of each decision where calls were asked for.
    """

    outcomes: Outcomes
    codes: Codes
    rows: Codes
    resources: Values | None


def decide(
    batch: pa.RecordBatch,
    policies: Compiled | Kernel,
    *,
    caller: Principal | None = None,
    unknown: Iterable[str] = (),
    carry: Collection[str] = (),
    reasons: bool = False,
) -> pa.RecordBatch:
    """Decides every call of a batch; one row a call, in the order of first appearance.

    `unknown` names condition keys that no row knows, `acs:ResourceTag/*` for the tags of resources. The
    answer has the columns to `carry` (of a call's first row), `request` where there is one, `verdict` and
    `policy_type` (null for Allow) in the words of the readable decision, dictionary-encoded; with `request`,
    also the `resource` that decided; with `reasons`, also `statements`, the numbers of the deciding ones as
    `statements` counts them. Raises InputError naming the column that is missing, doubled, of a wrong type,
    or no condition key.
    """
    kernel = policies if isinstance(policies, Kernel) else Kernel.of(policies)
    found = decided(events(batch, caller=caller, unknown=unknown, carry=carry), kernel, reasons=reasons)
    return answer(batch, found, carry, reasons=reasons)


def statements(compiled: Compiled) -> dict[int, Clause]:
    """The statements in force, each with its policy, by the numbers of the column `statements`."""
    return {clause.number: clause for clause in reversed(compiled.plan.clauses)}


def answer(batch: pa.RecordBatch, found: Decided, carry: Collection[str], *, reasons: bool) -> pa.RecordBatch:
    """The answer's columns."""
    copied = [
        name
        for name in batch.schema.names
        if name in carry or (name == "request" and found.resources is not None)
    ]
    whole = found.resources is None
    columns = {
        name: batch.column(name) if whole else arrow.taken(batch.column(name), found.rows) for name in copied
    }
    columns["verdict"] = found.outcomes.verdicts(found.codes)
    columns["policy_type"] = found.outcomes.policy_types(found.codes)
    if found.resources is not None:
        columns["resource"] = found.resources
    if reasons:
        columns["statements"] = found.outcomes.statements(found.codes)
    return pa.RecordBatch.from_pydict(columns)


def decided(asked: Events, kernel: Kernel, *, reasons: bool) -> Decided:
    """Decides what was read from a batch."""
    outcomes = Outcomes.of(kernel.compiled.plan, reasons=reasons)
    kinds = kernel.kinds(asked, apart=reasons)
    by_kind = np.zeros(len(kinds.examples), dtype=np.int32)
    for kind in np.unique(kinds.numbers[kinds.plain]):
        decision = kernel.compiled.authorize(asked.request([int(kinds.examples[kind])]))
        by_kind[kind] = outcomes.code(decision)
    codes = np.take(by_kind[kinds.numbers], kinds.codes)
    all_plain = bool(kinds.plain.all())
    alone = np.zeros(0, np.int64) if all_plain else np.flatnonzero(~kinds.plain[kinds.codes])
    if "request" in asked.reserved:
        calls = Calls.of(asked)
        found, resources = Joining(asked, kernel.compiled, outcomes, calls).joined(codes, alone)
        return Decided(outcomes, found, calls.firsts, resources)
    _decide_alone(asked, kernel, outcomes, codes, alone)
    return Decided(outcomes, codes, np.arange(asked.rows, dtype=np.int32), None)


def _decide_alone(asked: Events, kernel: Kernel, outcomes: Outcomes, codes: Codes, rows: Codes) -> None:
    """Decides these rows by themselves, those that are alike in everything once."""
    if not len(rows):
        return
    numbers = alike([column.codes[rows] for column in asked.all_columns()])
    examples = np.zeros(int(numbers.max()) + 1, dtype=np.int64)
    examples[numbers] = rows
    found = [outcomes.code(kernel.compiled.authorize(asked.request([int(row)]))) for row in examples]
    codes[rows] = np.array(found, dtype=np.int32)[numbers]
