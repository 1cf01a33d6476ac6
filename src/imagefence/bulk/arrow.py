"""Between Arrow and NumPy: the conversions that the kernel needs, without copies where there need be none."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Values: TypeAlias = "pa.Array[Any]"
Integers: TypeAlias = npt.NDArray[np.int32]
Places: TypeAlias = npt.NDArray[np.signedinteger[Any]]
Bytes: TypeAlias = npt.NDArray[np.uint8]


def texts(found: Iterable[str]) -> Values:
    """An array of texts."""
    return pa.array(list(found), pa.string())


def raw(found: Iterable[bytes]) -> Values:
    """An array of bytes."""
    return pa.array(list(found), pa.binary())


def listed(array: Values) -> list[Any]:
    """The values as Python has them."""
    return array.to_pylist()


def at(places: Places) -> pa.Int64Array:
    """Places as Arrow takes them."""
    return cast("pa.Int64Array", pa.array(places))


def taken(array: Values, places: Places) -> Values:
    """The values at these places."""
    return array.take(at(places))


def integers(array: Values, null: int = -1) -> Integers:
    """Whole numbers, with another one in the place of null."""
    narrow = cast(Values, array.cast(pa.int32()))
    filled = cast(Values, pc.fill_null(narrow, pa.scalar(null, pa.int32()))) if narrow.null_count else narrow
    return cast(Integers, filled.to_numpy())


def booleans(array: Values) -> npt.NDArray[np.bool_]:
    """Truths; there is no null among them."""
    return cast("npt.NDArray[np.bool_]", array.to_numpy(zero_copy_only=False))


def encoded(array: Values) -> tuple[Integers, Values]:
    """Codes into the distinct values, and these; there is no null among them."""
    found = array.dictionary_encode()
    return integers(found.indices), found.dictionary


def places(array: Values, wanted: Values, null: int = -1) -> Integers:
    """The place of each value among the wanted ones, or another number."""
    return integers(cast(Values, pc.index_in(array, value_set=wanted)), null)


def utf8(array: Values) -> tuple[Integers, Integers, pa.Buffer, Bytes]:
    """Where each text begins and ends in the buffer of UTF-8, and that buffer in both forms.

    Raises pyarrow.ArrowInvalid for more than 2 GiB of texts.
    """
    plain = array.cast(pa.string())
    _, offsets, data = plain.buffers()
    data = data if data is not None else pa.py_buffer(b"")
    if offsets is None or not len(plain):
        none = np.zeros(0, np.int32)
        return none, none, data, np.zeros(0, np.uint8)
    bounds = np.frombuffer(memoryview(offsets), np.int32)[plain.offset : plain.offset + len(plain) + 1]
    return bounds[:-1], bounds[1:], data, np.frombuffer(memoryview(data), np.uint8)


def lengths(array: Values) -> Integers:
    """The length of each value in bytes."""
    return integers(cast(Values, pc.binary_length(cast("pa.BinaryArray", array))))


def pieces(bounds: Integers, data: pa.Buffer) -> Values:
    """The texts between each bound and the next, from a buffer of UTF-8."""
    offsets = pa.py_buffer(bounds.data)
    return pa.StringArray.from_buffers(len(bounds) - 1, offsets, data)
