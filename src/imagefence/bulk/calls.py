"""Calls that ask for several resources: rows of one `request` are joined as policy.authorize.join does."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from imagefence.bulk.arrow import Values
from imagefence.bulk.classes import Codes
from imagefence.bulk.events import OF_RESOURCE, Events
from imagefence.bulk.outcomes import Outcomes
from imagefence.compiled.engine import Compiled
from imagefence.errors import InputError
from imagefence.policy.authorize import REFUSALS, WEIGHT
from imagefence.policy.decision import Verdict
from imagefence.policy.readings import Refusal


@dataclass(frozen=True, slots=True)
class Calls:
    """Row n belongs to call `numbers[n]`, numbered as they come; `order` has the rows call by call."""

    numbers: Codes
    order: Codes
    begins: Codes

    @classmethod
    def of(cls, asked: Events) -> Calls:
        """Reads the column `request`; raises InputError where the rows of one call tell different calls."""
        column = asked.reserved["request"]
        empty = column.first_null()
        if empty is not None:
            raise InputError(f"column `request`: row {empty} is null", help="number every call")
        _, first, found = np.unique(column.codes, return_index=True, return_inverse=True)
        rank = np.empty(len(first), dtype=np.int32)
        rank[np.argsort(first)] = np.arange(len(first), dtype=np.int32)
        numbers = rank[found]
        order = np.argsort(numbers, kind="stable").astype(np.int32)
        calls = cls(
            numbers, order, np.searchsorted(numbers[order], np.arange(len(first) + 1)).astype(np.int32)
        )
        calls._check(asked)
        return calls

    @property
    def firsts(self) -> Codes:
        """The first row of each call."""
        return self.order[self.begins[:-1]]

    @property
    def sizes(self) -> Codes:
        """How many rows each call has."""
        return np.diff(self.begins)

    def rows(self, call: int) -> Codes:
        """The rows of a call."""
        return self.order[self.begins[call] : self.begins[call + 1]]

    def _check(self, asked: Events) -> None:
        for column in asked.all_columns():
            differs = column.codes != column.codes[self.firsts][self.numbers]
            if column.name not in OF_RESOURCE and column.name not in asked.tag_columns() and differs.any():
                call = asked.value("request", int(differs.argmax()))
                raise InputError(
                    f"column `{column.name}` differs within request `{call}`",
                    help="the rows of one request differ in their resource and its tags alone",
                )


@dataclass(slots=True)
class Joining:
    """The decisions of all calls in the making: from those of their rows, or each as a whole."""

    asked: Events
    compiled: Compiled
    outcomes: Outcomes
    calls: Calls

    def joined(self, codes: Codes, alone: Codes) -> tuple[Codes, Values]:
        """The outcome and the resource of each call; calls with a row in `alone` are decided as a whole."""
        weights = self.outcomes.weights(codes)
        speaking = self._foremost(weights)
        found = codes[speaking]
        whole = np.unique(self.calls.numbers[alone])
        if self.outcomes.numbers is not None:
            self._unite(found, codes, np.setdiff1d(np.flatnonzero(self.calls.sizes > 1), whole))
        told = (weights[speaking] > WEIGHT[Verdict.ALLOW]) | (self.calls.sizes == 1)
        names = [
            self.asked.value("resource", int(row)) if tell else None
            for row, tell in zip(speaking, told, strict=True)
        ]
        for call in whole:
            request = self.asked.request([int(row) for row in self.calls.rows(int(call))])
            decision = self.compiled.authorize(request)
            found[call] = self.outcomes.code(decision)
            names[call] = decision.resource.name if decision.resource is not None else None
        return found, pa.array(names, pa.string())

    def _foremost(self, weights: Codes) -> Codes:
        """The row that speaks for each call: the first of the heaviest, or the first refusal."""
        rank = weights.astype(np.int64)
        if self.compiled.plan.readings.resources is Refusal.FIRST:
            rank = np.minimum(rank, min(WEIGHT[each] for each in REFUSALS))
        order = np.lexsort((-rank, self.calls.numbers))
        speaking: Codes = order[self.calls.begins[:-1]].astype(np.int32)
        return speaking

    def _unite(self, found: Codes, codes: Codes, several: Codes) -> None:
        """A call's deciding statements are those of all its rows with its verdict."""
        by_code = list(self.outcomes.found)
        for call in several:
            rows = self.calls.rows(int(call))
            outcome = by_code[found[call]]
            alike = (by_code[codes[row]] for row in rows)
            told = {number for each in alike if each.verdict is outcome.verdict for number in each.statements}
            found[call] = self.outcomes.put(replace(outcome, statements=tuple(sorted(told))))
