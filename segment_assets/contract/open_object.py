"""Open objects (`properties`, `traits`, `consent`): sent as they are, once that is possible.

The values of a key are looked at together, since they mostly are of one plain type; only odd
ones (decimals, nested values, anything unknown) are gone through one by one. Rows are never
changed: a row that needs another value gets a copy.
"""

import math
from collections.abc import Sequence
from decimal import Decimal
from itertools import chain
from types import NoneType
from typing import Any, Final

from segment_assets.contract.column import Column
from segment_assets.contract.findings import (
    FAULTED,
    INVALID_TEXT,
    INVALID_TYPE,
    LOSSY_NUMBER,
    NON_FINITE,
    NOTHING,
    UNSERIALISABLE,
    Findings,
    Note,
    has_bad_text,
)  # fmt: skip
from segment_assets.contract.number import (
    MAX_EXACT,
    is_absurd,
    is_infinite,
    is_nan,
    plain_number,
)  # fmt: skip
from segment_assets.handoff import MISSING, Fault
from segment_assets.javascript import number_text

#: How deeply lists and objects may nest. The encoder gives up at 254.
MAX_DEPTH: Final = 200
_PATH_CHARS: Final = 100
_AS_THEY_ARE: Final[frozenset[type]] = frozenset({bool, *NOTHING})
_NUMBERS: Final[frozenset[type]] = frozenset({int, float, Decimal})
_PLAIN: Final[frozenset[type]] = frozenset({str, bool, int, float, NoneType})
_TOO_DEEP: Final = f"nest values at most {MAX_DEPTH} deep"
_DECODE: Final = "decode the text with @json, or make it an object in the model"


def read_objects(values: Sequence[Any], path: str, kind: str) -> Column:
    """Read a column of open objects; null, absent and "" are "not sent"."""
    column = Column(path, kind, list(values))
    objects, findings = column.values, column.findings
    if set(map(type, objects)) != {dict}:
        for row, value in enumerate(objects):
            if value.__class__ is not dict:
                objects[row] = _read_odd(row, value, column)
    filled = [row for row, value in enumerate(objects) if value]
    present = [objects[row] for row in filled]
    shapes = set(map(tuple, present))
    if not all(map(_are_plain_keys, shapes)):
        _clean_each(filled, objects, path, findings)
    elif len(shapes) == 1:
        _clean_columns(filled, present, column)
    elif not _is_plain(list(chain.from_iterable(map(dict.values, present)))):
        _clean_each(filled, objects, path, findings)
    return column


def _read_odd(row: int, value: Any, column: Column) -> dict[Any, Any] | None:
    if isinstance(value, dict):
        return dict(value)
    bits, hint = object_misfit(value)
    if bits:
        column.findings.add(row, bits, Note(column.path, value, hint))
    return None


def object_misfit(value: Any) -> tuple[int, str]:
    """Name what is wrong with a value where an object is needed, and a hint for mending it."""
    if type(value) in NOTHING or value == "" or (isinstance(value, float) and math.isnan(value)):
        return 0, ""
    if isinstance(value, Fault):
        return FAULTED, ""
    if isinstance(value, str | bool | int | float | Decimal | list | tuple):
        return INVALID_TYPE, _DECODE if isinstance(value, str) else ""
    return UNSERIALISABLE, ""


def _are_plain_keys(keys: tuple[Any, ...]) -> bool:
    return all(key.__class__ is str for key in keys) and not has_bad_text("".join(keys))


def _clean_columns(filled: list[int], present: list[dict[str, Any]], column: Column) -> None:
    """Clean rows that all have the same keys, a key at a time."""
    keys = tuple(present[0])
    changed: list[tuple[str, list[Any]]] = []
    for key, cells in zip(keys, zip(*map(dict.values, present), strict=True), strict=True):
        if not _is_plain(cells):
            cleaner = _Cleaner(column.findings)
            path = f"{column.path}.{key}"
            changed.append((key, [
                cleaner.clean(cell, row, path, 1) for row, cell in zip(filled, cells, strict=True)
            ]))  # fmt: skip
    if not changed:
        return
    copies = list(map(dict.copy, present))
    for key, cleaned in changed:
        for copy, cell in zip(copies, cleaned, strict=True):
            copy[key] = cell
        if MISSING in cleaned:
            for copy in copies:
                if copy[key] is MISSING:
                    del copy[key]
    for row, copy in zip(filled, copies, strict=True):
        column.values[row] = copy


def _clean_each(filled: list[int], objects: list[Any], path: str, findings: Findings) -> None:
    cleaner = _Cleaner(findings)
    for row in filled:
        objects[row] = cleaner.clean(objects[row], row, path, 0)


def _is_plain(cells: Sequence[Any]) -> bool:
    """Say whether all values can be sent as they are. Cheap; a false no only costs time."""
    types = set(map(type, cells))
    if not types <= _PLAIN:
        return False
    if str in types and has_bad_text("".join([c for c in cells if c.__class__ is str])):
        return False
    if int in types:
        integers = [c for c in cells if c.__class__ is int]
        if min(integers) < -MAX_EXACT or max(integers) > MAX_EXACT:
            return False
    if float in types:
        # NaN and infinities survive a sum; a sum that overflows is only looked at more closely.
        return math.isfinite(sum([c for c in cells if c.__class__ is float]))
    return True


class _Cleaner:
    """Makes single values JSON-ready, and notes what can't be."""

    __slots__ = ("_findings",)

    def __init__(self, findings: Findings) -> None:
        self._findings = findings

    def clean(self, value: Any, row: int, path: str, depth: int) -> Any:
        """Return the value as it is sent; `MISSING` is left out by the caller."""
        kind = value.__class__
        if kind in _AS_THEY_ARE:
            return value
        if kind is str:
            if has_bad_text(value):
                self._note(row, INVALID_TEXT, path, value)
            return value
        if kind in _NUMBERS:
            return self._number(value, row, path)
        if isinstance(value, dict | list | tuple):
            return self._nested(value, row, path, depth)
        return self._odd(value, row, path)

    def _nested(self, value: Any, row: int, path: str, depth: int) -> Any:
        if depth >= MAX_DEPTH:
            short = path[:_PATH_CHARS]
            self._findings.add(row, UNSERIALISABLE, Note(short, value, _TOO_DEEP))
            return None
        if isinstance(value, dict):
            return self._object(value, row, path, depth)
        return self._list(value, row, path, depth)

    def _object(self, value: dict[Any, Any], row: int, path: str, depth: int) -> dict[str, Any]:
        out = {}
        for key, item in value.items():
            if not isinstance(key, str):
                self._findings.add(row, UNSERIALISABLE, Note(path, key, "make each key a text"))
                continue
            if has_bad_text(key):
                self._note(row, INVALID_TEXT, path, key)
                continue
            cleaned = self.clean(item, row, f"{path}.{key}", depth + 1)
            if cleaned is not MISSING:
                out[str.__str__(key)] = cleaned
        return out

    def _list(self, value: Sequence[Any], row: int, path: str, depth: int) -> list[Any]:
        out = []
        for position, item in enumerate(value):
            cleaned = self.clean(item, row, f"{path}[{position}]", depth + 1)
            out.append(None if cleaned is MISSING else cleaned)
        return out

    def _number(self, number: float | Decimal, row: int, path: str) -> Any:
        if number.__class__ is Decimal and number.is_finite():
            plain = plain_number(number)
            return self._exact(number, row, path) if plain is None else plain
        if number.__class__ is int:
            is_exact = -MAX_EXACT <= number <= MAX_EXACT
            return number if is_exact else self._exact(number, row, path)
        if is_nan(number):
            return None
        if is_infinite(number):
            self._note(row, NON_FINITE, path, number)
            return None
        return number

    def _exact(self, number: float | Decimal, row: int, path: str) -> str | None:
        if is_absurd(number):
            self._note(row, UNSERIALISABLE, path, number)
            return None
        self._note(row, LOSSY_NUMBER, path, number)
        return number_text(number)

    def _odd(self, value: Any, row: int, path: str) -> Any:
        """Take subclasses of plain types as those; note all else."""
        for plain in (str, int, float, Decimal):
            if isinstance(value, plain):
                base = str.__str__(value) if isinstance(value, str) else plain(value)
                return self.clean(base, row, path, MAX_DEPTH)
        self._note(row, FAULTED if isinstance(value, Fault) else UNSERIALISABLE, path, value)
        return None

    def _note(self, row: int, bits: int, path: str, value: Any) -> None:
        self._findings.add(row, bits, Note(path, value))
