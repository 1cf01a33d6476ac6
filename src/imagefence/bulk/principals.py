"""Batches whose rows have callers with policies of their own."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import numpy as np
import pyarrow as pa

from imagefence.bulk import arrow
from imagefence.bulk.classes import Codes
from imagefence.bulk.columns import text
from imagefence.bulk.decide import answer, decided
from imagefence.bulk.events import events
from imagefence.bulk.kernel import Kernel
from imagefence.compiled.engine import Compiled
from imagefence.errors import InputError
from imagefence.policy.policies import Policies
from imagefence.policy.readings import Readings


def decide_by_principal(
    batch: pa.RecordBatch,
    policies: Mapping[str, Compiled],
    *,
    unknown: Iterable[str] = (),
    carry: Collection[str] = (),
    reasons: bool = False,
) -> pa.RecordBatch:
    """Decides each row by the policies of its `principal`; those with equal policies are decided as one.

    The answer is that of `decide`; numbers of statements are those of the caller's own policies. Raises
    InputError also for a caller whose policies are not given.
    """
    unknown = tuple(unknown)
    places: list[Codes] = []
    answers: list[pa.RecordBatch] = []
    for kernel, rows in _groups(batch, policies):
        part = batch.take(arrow.at(rows))
        found = decided(events(part, unknown=unknown, carry=carry), kernel, reasons=reasons)
        answers.append(answer(part, found, carry, reasons=reasons))
        places.append(rows[found.rows])
    table = pa.Table.from_batches(answers).unify_dictionaries().combine_chunks()
    (whole,) = table.to_batches() or [answers[0]]
    return whole.take(arrow.at(np.argsort(np.concatenate(places))))


def _groups(batch: pa.RecordBatch, policies: Mapping[str, Compiled]) -> list[tuple[Kernel, Codes]]:
    """The rows by the policies that decide them; one empty group for a batch without rows."""
    if "principal" not in batch.schema.names:
        raise InputError("there is no column `principal`", help="each row needs its caller's ARN")
    column = text("principal", batch.column("principal"))
    empty = column.first_null()
    if empty is not None:
        raise InputError(f"column `principal`: row {empty} is null", help="leave such rows out")
    alike: dict[tuple[Policies, Readings], int] = {}
    kernels: list[Kernel] = []
    group_of = np.zeros(column.size, dtype=np.int32)
    for code in np.unique(column.codes):
        arn = arrow.listed(column.array.slice(int(code), 1))[0]
        if arn not in policies:
            raise InputError(
                f"no policies are given for `{arn}`", help="give every caller's, if only empty ones"
            )
        plan = policies[arn].plan
        group = alike.setdefault((plan.policies, plan.readings), len(alike))
        if group == len(kernels):
            kernels.append(Kernel.of(policies[arn]))
        group_of[code] = group
    groups = group_of[column.codes]
    return [(kernel, np.flatnonzero(groups == group)) for group, kernel in enumerate(kernels)]
