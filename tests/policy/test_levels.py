"""Levels and near misses on policies and calls made by chance, under every reading."""

from __future__ import annotations

from itertools import islice

from generated import cases
from imagefence.policy.authorize import REFUSALS, authorize, join
from imagefence.policy.decision import PolicyType, Verdict
from imagefence.policy.levels import outcomes
from imagefence.policy.near_miss import near_misses

SEED, CASES = 20261124, 600


def test_the_levels_add_up_to_the_decision() -> None:
    """Joined, the resources give the decision; a refused one has one level that refuses as reported."""
    refused = 0
    for request, policies, readings in (case.read() for case in islice(cases(SEED), CASES)):
        found = outcomes(request, policies, readings)
        whole = authorize(request, policies, readings)
        if found:
            joined = join([each.decision for each in found], readings)
            assert (joined.verdict, joined.policy_type) == (whole.verdict, whole.policy_type)
        for each in found:
            marked = [level for level in each.levels if level.refuses]
            if each.decision.verdict not in REFUSALS:
                assert not marked
                continue
            refused += 1
            assert marked
            assert {level.policy_type for level in marked} == {each.decision.policy_type}
            if each.decision.policy_type in (PolicyType.SESSION, PolicyType.TRUST):
                assert [level.verdict for level in marked] == [each.decision.verdict]
    assert refused > CASES // 4


def test_every_near_miss_is_proven_under_its_reading() -> None:
    proven = 0
    for request, policies, readings in (case.read() for case in islice(cases(SEED + 1), CASES)):
        decision = authorize(request, policies, readings)
        found = near_misses(request, policies, decision, readings)
        assert not found or decision.verdict in REFUSALS
        for change in (change for miss in found for change in miss.changes):
            after = change.case
            assert authorize(after.request, after.policies, readings).verdict is Verdict.ALLOW
            proven += 1
    assert proven > CASES // 10
