"""200 combinations of readings, and what the probes hang on, without a socket."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from random import Random

import pytest

from calibrate.yard import golden_world, inside, names_left, some_readings, wrong
from imagefence.calibrate.calls import calls
from imagefence.calibrate.ground import Ground
from imagefence.calibrate.names import Names
from imagefence.calibrate.predict import predict
from imagefence.calibrate.probes import probes
from imagefence.calibrate.run import calibrate, make_plan
from imagefence.calibrate.solve import Constraint, solve
from imagefence.images.image import Image
from imagefence.policy.readings import DEFAULT, Case, EmptyPart, NegatedAbsent, Stars

NOW = datetime(2026, 1, 1, tzinfo=UTC)
GOLDEN = Image(
    "m-golden", "1000000000000001", "cn-hangzhou", owner="self", tags={"environment": "production"}
)
GROUND = Ground("1000000000000001", "cn-hangzhou", Names("0000abcd"), GOLDEN, secure=False)
NEVER = {"resource-group", "shared-tags", "add-tags", "unreadable", "foreign-image", "levels"}
OLDER = {"not-resource", "statement-object", "empty-condition"}


@pytest.mark.parametrize("seed", range(4))
def test_random_combinations_are_found_out_and_never_told_wrong(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, random = golden_world(), Random(seed)
    own = inside(world, monkeypatch)
    for _ in range(50):
        world.readings = some_readings(random)
        found = calibrate(own, make_plan(own, secure=False), NOW, lambda _: None, pause_s=0)
        assert wrong(found, world.readings) == []
        assert found.of("open") == ()
        unsettled = {point.reading for point in found.of("beyond")} - NEVER - OLDER
        assert unsettled <= ({"empty-part"} if world.readings.stars is Stars.ONE_GLOB else set())
        assert names_left(world) == []


def test_a_probe_hangs_on_no_reading_but_its_own() -> None:
    random, asked = Random(11), calls(GROUND)
    for _ in range(150):
        readings = some_readings(random)
        for probe in probes(GROUND):
            own = {field: getattr(readings, field) for field in probe.fields}
            here = predict(probe, asked[probe.call], GROUND, readings)
            assert here is predict(probe, asked[probe.call], GROUND, replace(DEFAULT, **own)), probe.id


def test_every_probe_but_a_control_tells_two_readings_apart() -> None:
    asked, random = calls(GROUND), Random(12)
    combinations = [some_readings(random) for _ in range(200)]
    alike = {
        probe.id
        for probe in probes(GROUND)
        if len({predict(probe, asked[probe.call], GROUND, each) for each in combinations}) == 1
    }
    # The last one would tell that the cloud asks role and policy in the other order.
    assert alike == {"caller", "boolean", "request-tag", "services", "policy-silent"}


def test_readings_that_hang_together_are_solved_together() -> None:
    together = Constraint(
        ("stars", "empty_part"),
        lambda each: (each.stars is Stars.ONE_GLOB) is (each.empty_part is EmptyPart.ANY),
    )
    alone = Constraint(("stars",), lambda each: each.stars is Stars.ONE_GLOB)
    left = solve([together, alone, Constraint(("negated_absent",), lambda _: True)])
    assert left.values["stars"] == (Stars.ONE_GLOB,)
    assert left.values["empty_part"] == (EmptyPart.ANY,)
    assert left.values["negated_absent"] == (NegatedAbsent.HOLDS, NegatedAbsent.FAILS)
    assert left.torn == frozenset()


def test_answers_that_fit_nothing_settle_nothing() -> None:
    left = solve(
        [
            Constraint(("resource_case",), lambda each: each.resource_case is Case.EXACT),
            Constraint(("resource_case",), lambda each: each.resource_case is Case.FOLDED),
        ]
    )
    assert left.torn == {"resource_case"}
    assert left.values["resource_case"] == (Case.EXACT, Case.FOLDED)
