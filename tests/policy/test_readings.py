"""Readings are chosen by name, and every open point has its other readings listed."""

from __future__ import annotations

from dataclasses import fields

import pytest

from imagefence.policy.readings import (
    ALTERNATIVES,
    DEFAULT,
    Case,
    NegatedAbsent,
    Readings,
    Stars,
    change,
)

CHOICES = {
    each.name: list(type(getattr(DEFAULT, each.name)).__members__.values()) for each in fields(Readings)
}


def test_a_reading_is_chosen_by_its_name() -> None:
    assert change(DEFAULT, "negated-absent=fails") == Readings(negated_absent=NegatedAbsent.FAILS)
    assert change(DEFAULT, " negated_absent = fails ") == Readings(negated_absent=NegatedAbsent.FAILS)
    both = change(change(DEFAULT, "stars=one-glob"), "resource-case=folded")
    assert both == Readings(stars=Stars.ONE_GLOB, resource_case=Case.FOLDED)
    assert change(both, "stars=within-part") == Readings(resource_case=Case.FOLDED)


@pytest.mark.parametrize("wrong", ["star=one-glob", "", "=", "one-glob", "__class__=x"])
def test_an_unknown_reading_is_refused_with_all_names(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"^no reading `") as caught:
        change(DEFAULT, wrong)
    named, known = str(caught.value).removeprefix("no reading `").split("`; there are: ")
    assert named == wrong.partition("=")[0]
    assert known.replace("-", "_").split(", ") == list(CHOICES)


@pytest.mark.parametrize("wrong", ["levels=last", "levels", "levels=", "levels=FIRST", "levels=first=first"])
def test_an_unknown_choice_is_refused_with_all_choices(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"^reading `levels` is one of: first, explicit-first$"):
        change(DEFAULT, wrong)


def test_every_choice_but_the_default_is_an_alternative_with_its_point() -> None:
    listed = {each.name: each.readings for each in ALTERNATIVES}
    wanted = {
        f"{name}={choice.value}": change(DEFAULT, f"{name}={choice.value}")
        for name, choices in CHOICES.items()
        for choice in choices
        if choice is not getattr(DEFAULT, name)
    }
    assert listed == wanted
    assert [each.id for each in ALTERNATIVES] == sorted(
        (each.id for each in ALTERNATIVES), key=lambda point: int(point.removeprefix("U-"))
    )
    assert {each.id for each in ALTERNATIVES} == {f"U-{number}" for number in range(1, 18)}
    assert all(each.text and each.text.isprintable() for each in ALTERNATIVES)
