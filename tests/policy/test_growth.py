"""Every shape of hostile input takes time in proportion to its size."""

from __future__ import annotations

import pytest

from fuzz.growth import SHAPES, Act, Shape, grows_in_proportion


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_time_is_in_proportion_to_size(shape: Shape) -> None:
    assert grows_in_proportion(shape)


def test_quadratic_work_is_told() -> None:
    def squared(size: int) -> Act:
        return lambda: [0 for one in range(size) for two in range(size)]

    assert not grows_in_proportion(Shape("squared", squared, 100, 3000))
