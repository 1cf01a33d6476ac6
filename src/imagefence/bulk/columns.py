"""Columns as codes into their distinct values."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as kinds

from imagefence.bulk import arrow
from imagefence.bulk.arrow import Values
from imagefence.bulk.classes import Codes
from imagefence.errors import InputError


@dataclass(frozen=True, slots=True)
class Column:
    """Row n holds `values[codes[n]]`, or nothing where the code is `len(values)`."""

    name: str
    codes: Codes
    values: Values | tuple[Any, ...]

    @property
    def size(self) -> int:
        """How many codes there may be."""
        return len(self.values) + 1

    @property
    def array(self) -> Values:
        """The values of a column of texts."""
        return arrow.texts(self.values) if isinstance(self.values, tuple) else self.values

    def listed(self) -> list[Any]:
        """What each code stands for; nothing comes last."""
        values = self.values if isinstance(self.values, tuple) else arrow.listed(self.values)
        return [*values, None]

    def at(self, row: int) -> Any:
        """The value in a row, None for null."""
        code = int(self.codes[row])
        if code == len(self.values):
            return None
        return self.values[code] if isinstance(self.values, tuple) else self.values[code].as_py()

    def first_null(self) -> int | None:
        """The first row that holds nothing."""
        empty = self.codes == len(self.values)
        return int(empty.argmax()) if empty.any() else None


def text(name: str, array: Values) -> Column:
    """A column of texts, plain or dictionary-encoded."""
    kind = array.type
    if isinstance(array, pa.DictionaryArray):
        return _told_apart(name, array) if is_text(kind.value_type) else text(name, _plain(array))
    if kinds.is_null(kind):
        return text(name, array.cast(pa.string()))
    if not is_text(kind):
        raise wrong(name, kind, "texts")
    return _told_apart(name, array.dictionary_encode())


def value(name: str, array: Values) -> Column:
    """A column of a condition key: texts, booleans, whole numbers, or lists of texts."""
    kind = array.type.value_type if kinds.is_dictionary(array.type) else array.type
    if kinds.is_boolean(kind) or kinds.is_integer(kind):
        return text(name, _plain(array).cast(pa.string()))
    return texts(name, array) if _is_list(kind) else text(name, array)


def texts(name: str, array: Values) -> Column:
    """A column of lists of texts."""
    array = _plain(array)
    if kinds.is_null(array.type):
        array = array.cast(pa.list_(pa.string()))
    if not _is_list(array.type) or not is_text(_innermost(array.type.value_type)):
        raise wrong(name, array.type, "lists of texts")
    if None in arrow.listed(_flat(array)):
        raise InputError(f"column `{name}` holds a list with null in it", help="leave such values out")
    return _objects(name, array, tuple)


def flag(name: str, array: Values) -> Column:
    """A column of true and false."""
    if not kinds.is_boolean(array.type):
        raise wrong(name, array.type, "booleans")
    return Column(name, arrow.integers(array, 2), (False, True))


def pairs(name: str, array: Values) -> Column:
    """A column of maps from text to text."""
    if not kinds.is_map(array.type) or not (is_text(array.type.key_type) and is_text(array.type.item_type)):
        raise wrong(name, array.type, "maps of texts")
    return _objects(name, array, tuple)


def anything(name: str, array: Values) -> Column:
    """A column whose values only tell rows apart."""
    if kinds.is_nested(array.type):
        raise wrong(name, array.type, "texts or whole numbers")
    return _told_apart(name, array if isinstance(array, pa.DictionaryArray) else array.dictionary_encode())


def is_text(kind: pa.DataType) -> bool:
    """Tells whether a type is one of the three of texts."""
    return kinds.is_string(kind) or kinds.is_large_string(kind) or kinds.is_string_view(kind)


def wrong(name: str, kind: pa.DataType, wanted: str) -> InputError:
    """The error for a column of a type that says something else."""
    return InputError(f"column `{name}` holds {kind}, not {wanted}", help="cast it before")


def _innermost(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if kinds.is_dictionary(kind) else kind


def _flat(array: Values) -> Values:
    return cast(Values, pc.list_flatten(cast("pa.ListArray[Any]", array)))


def _is_list(kind: pa.DataType) -> bool:
    return kinds.is_list(kind) or kinds.is_large_list(kind) or kinds.is_fixed_size_list(kind)


def _plain(array: Values) -> Values:
    return array.dictionary_decode() if isinstance(array, pa.DictionaryArray) else array


def _told_apart(name: str, array: pa.DictionaryArray[Any, Any]) -> Column:
    """Leaves out values that no row holds where they are the most, as in a slice, and those that are null."""
    values, indices = array.dictionary, array.indices
    if len(values) > max(len(indices), 1) or values.null_count:
        plain = _plain(array)
        values = plain.unique().drop_null()
        return Column(name, arrow.places(plain, values, null=len(values)), values)
    return Column(name, arrow.integers(indices, len(values)), values)


def _objects(name: str, array: Values, made: Callable[[Any], Hashable]) -> Column:
    places: dict[Hashable, int] = {}
    found = [None if each is None else made(each) for each in array.to_pylist()]
    codes = [-1 if each is None else places.setdefault(each, len(places)) for each in found]
    numbers = np.array(codes, dtype=np.int32)
    return Column(name, np.where(numbers < 0, np.int32(len(places)), numbers), tuple(places))
