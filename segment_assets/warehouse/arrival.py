"""From the warehouse's Arrow columns to the values that a mapping sees: one table, type -> form.

| warehouse type | JSON form |
|---|---|
| BOOLEAN, VARCHAR, integers of any width | itself; every digit of an integer is kept |
| DECIMAL | a Decimal; a float or an integer of the same digits where there are up to 15 |
| DOUBLE, FLOAT | a float; the contract decides on NaN |
| TIMESTAMP (all units, with zone or without) | `2024-06-01T12:00:00.000Z` |
| DATE, TIME, INTERVAL | `2024-06-01`, `12:00:00.5`, `P1DT30S` |
| UUID, ENUM, BIT | text |
| JSON, VARIANT, GEOMETRY (as GeoJSON) | the value that the text says |
| LIST, ARRAY, TUPLE; STRUCT, MAP; UNION | list; object; its member |
| BLOB | bytes, which the contract refuses |

Times inside a VARIANT are the engine's own texts: nothing says any more that they were times.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

import numpy as np
import pyarrow as pa

from segment_assets.handoff import Fault
from segment_assets.warehouse.data_type import DataType, parse_type
from segment_assets.warehouse.instants import date_texts, instant_texts
from segment_assets.warehouse.json_text import parse_json_column
from segment_assets.warehouse.python_value import (
    DIGITS_OF_A_DOUBLE,
    PLAIN_PLACES,
    short_decimal,
    value_to_json,
)

__all__ = ["column_to_json", "value_to_json"]


def column_to_json(
    array: "pa.Array | pa.ChunkedArray", type_name: str, timezone: str | None = None
) -> list[Any]:
    """Return a column's values in their JSON forms, one per row, with None for null.

    `type_name` is the model's own type of the column, whose values the dialect's `wire` cast;
    `timezone` that of timestamps without one (UTC if None). A value without a JSON form is a
    `Fault` in its place, also inside lists and objects.
    """
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    return _read(array, parse_type(type_name), timezone)


def _read(array: Any, data_type: DataType, timezone: str | None) -> list[Any]:
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    if pa.types.is_null(array.type):
        return [None] * len(array)
    nested = _NESTED.get(data_type.name)
    if nested is not None:
        return nested(array, data_type, timezone)
    flat = _FLAT.get(data_type.name)
    if flat is not None:
        return flat(array)
    if pa.types.is_timestamp(array.type):
        return instant_texts(array, timezone)
    values: list[Any] = array.to_pylist()
    return values


def _integers(array: Any) -> list[int | Fault | None]:
    return [None if text is None else _integer(text) for text in array.to_pylist()]


def _integer(text: str) -> int | Fault:
    try:
        return int(text)
    except ValueError:  # over 4,300 digits, Python's limit
        return Fault("unserialisable_value", f"An integer of {len(text)} digits has no JSON form.")


def _decimals(array: Any) -> list[Decimal | float | int | None]:
    """Read decimals: scale 0 = an integer, up to 15 digits = a float, else a Decimal.

    By way of an object array, in half the time of `to_pylist`.
    """
    kind = array.type
    if kind.precision <= DIGITS_OF_A_DOUBLE and 0 < kind.scale <= PLAIN_PLACES:
        return _short_decimals(array)
    values: list[Decimal | None] = array.to_numpy(zero_copy_only=False).tolist()
    if kind.scale == 0:
        return [None if value is None else int(value) for value in values]
    return [None if value is None else short_decimal(value) for value in values]


def _short_decimals(array: Any) -> list[Decimal | float | int | None]:
    """Read decimals of at most 15 digits as floats, whole ones as integers: the same digits.

    Both parts of the division are exact in a double, so its result is the nearest one. (Arrow's
    own cast multiplies by a rounded power of ten, and is off by a digit in a tenth of cases.)
    """
    unscaled = np.frombuffer(array.buffers()[1], np.int64)[2 * array.offset :: 2][: len(array)]
    unit = 10**array.type.scale
    values: list[Decimal | float | int | None] = (unscaled / unit).tolist()
    for index in np.flatnonzero(unscaled % unit == 0).tolist():
        values[index] = int(unscaled[index]) // unit
    for index in np.flatnonzero(~array.is_valid().to_numpy(zero_copy_only=False)).tolist():
        values[index] = None
    return values


def _lists(array: Any, data_type: DataType, timezone: str | None) -> list[Any]:
    if not pa.types.is_list(array.type):  # fixed-size and large lists, list views
        array = array.cast(pa.list_(array.type.value_field))
    ends = array.offsets.to_pylist()
    first = ends[0]
    items = _read(array.values.slice(first, ends[-1] - first), data_type.item, timezone)
    return [
        items[start - first : end - first] if there else None
        for start, end, there in zip(ends, ends[1:], array.is_valid().to_pylist(), strict=False)
    ]


def _rows(array: Any, data_type: DataType, timezone: str | None) -> list[tuple[Any, ...] | None]:
    """Read a struct array as one tuple a row: its children by position."""
    columns = [
        _read(child, part, timezone)
        for child, (_, part) in zip(array.flatten(), data_type.parts, strict=True)
    ]
    rows = zip(*columns, strict=True)
    return [
        row if there else None
        for row, there in zip(rows, array.is_valid().to_pylist(), strict=True)
    ]


def _structs(array: Any, data_type: DataType, timezone: str | None) -> list[Any]:
    names = [name for name, _ in data_type.parts]
    return [
        None if row is None else dict(zip(names, row, strict=True))
        for row in _rows(array, data_type, timezone)
    ]


def _tuples(array: Any, data_type: DataType, timezone: str | None) -> list[Any]:
    return [None if row is None else list(row) for row in _rows(array, data_type, timezone)]


def _unions(array: Any, data_type: DataType, timezone: str | None) -> list[Any]:
    """All members but the active one are null, and a null member is null itself."""
    return [
        None if row is None else next((value for value in row if value is not None), None)
        for row in _rows(array, data_type, timezone)
    ]


def _maps(array: Any, data_type: DataType, timezone: str | None) -> list[Any]:
    (_, _key), (_, value) = data_type.parts
    entry = DataType("TUPLE", (("key", _KEY_TEXT), ("value", value)))
    entries = _lists(array, DataType("LIST", (("item", entry),)), timezone)
    return [None if pairs is None else dict(pairs) for pairs in entries]


_KEY_TEXT: Final = DataType("VARCHAR")
_FLAT: Final[dict[str, Callable[[Any], list[Any]]]] = {
    "HUGEINT": _integers,
    "UHUGEINT": _integers,
    "BIGNUM": _integers,
    "DECIMAL": _decimals,
    "DATE": date_texts,
    "JSON": parse_json_column,
    "VARIANT": parse_json_column,
    "GEOMETRY": parse_json_column,
}
_NESTED: Final[dict[str, Callable[[Any, DataType, str | None], list[Any]]]] = {
    "LIST": _lists,
    "ARRAY": _lists,
    "STRUCT": _structs,
    "TUPLE": _tuples,
    "MAP": _maps,
    "UNION": _unions,
}
