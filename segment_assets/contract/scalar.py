"""One value of a typed field -> its form, by the rules of Segment's validator (ajv, coerceTypes).

Each function returns (form, bits): the value as it is sent, None where there is nothing to send,
and what was found on the way. These are the careful paths; whole columns of one plain type take
the shorter ones in `column.py`.
"""

import math
from decimal import Decimal
from typing import Any, Final

from segment_assets.contract.findings import (
    FAULTED,
    INVALID_TEXT,
    INVALID_TIMESTAMP,
    INVALID_TYPE,
    LOSSY_ID,
    LOSSY_NUMBER,
    NON_FINITE,
    NOTHING,
    UNSERIALISABLE,
    has_bad_text,
)  # fmt: skip
from segment_assets.contract.number import (
    MAX_EXACT,
    is_absurd,
    is_infinite,
    is_nan,
    plain_number,
    read_number,
)  # fmt: skip
from segment_assets.contract.timestamp import parse_timestamp
from segment_assets.handoff import Fault
from segment_assets.javascript import number_text, scalar_text

Form = tuple[Any, int]
#: Equal keys are one key: `1` stands for True, 1.0 and Decimal(1) as well.
_BOOLEANS: Final[dict[Any, bool]] = {1: True, 0: False, "true": True, "false": False}


def text_form(value: Any, *, is_id: bool = False) -> Form:
    """Take text as it is; a number or boolean as JavaScript prints it; one list item as itself."""
    if isinstance(value, str):
        return (str.__str__(value), 0) if not has_bad_text(value) else (None, INVALID_TEXT)
    if isinstance(value, bool):
        return scalar_text(value), 0
    if isinstance(value, int | float | Decimal):
        return _number_as_text(value, is_id=is_id)
    if isinstance(value, list | tuple) and len(value) == 1 and not _is_list(value[0]):
        form, bits = text_form(value[0], is_id=is_id)
        return ("" if form is None and not bits else form), bits
    return None, _misfit(value)


def number_form(value: Any) -> Form:
    """Take a number as it is; numeric text and booleans as JavaScript's `Number()` reads them."""
    if isinstance(value, str):
        if not value:
            return None, 0
        number = read_number(value)
        return (None, INVALID_TYPE) if number is None else _number(number)
    if isinstance(value, int | float | Decimal):
        return _number(value)
    if isinstance(value, list | tuple) and len(value) == 1 and not _is_list(value[0]):
        form, bits = number_form(value[0])
        if form is None and not bits:
            return (None, INVALID_TYPE) if value[0] == "" else (0, 0)
        return form, bits
    return None, _misfit(value)


def boolean_form(value: Any) -> Form:
    """Take a boolean as it is; "true", "false", 1 and 0 as booleans."""
    if isinstance(value, list | tuple) and len(value) == 1 and not _is_list(value[0]):
        form, bits = boolean_form(value[0])
        if form is None and not bits:
            return (None, INVALID_TYPE) if value[0] == "" else (False, 0)
        return form, bits
    if value == "" or (isinstance(value, float | Decimal) and is_nan(value)):
        return None, 0
    if isinstance(value, str | bool | int | float | Decimal):
        form = _BOOLEANS.get(value)
        return form, 0 if form is not None else INVALID_TYPE
    return None, _misfit(value)


def timestamp_form(value: Any) -> Form:
    """Take ISO 8601 text as UTC with milliseconds; a bare number is never guessed at."""
    if isinstance(value, str):
        if not value:
            return None, 0
        form = parse_timestamp(value)
        bad_text = INVALID_TEXT if has_bad_text(value) else 0
        return (form, 0) if form is not None else (None, INVALID_TIMESTAMP | bad_text)
    if isinstance(value, int | float | Decimal):
        return None, 0 if is_nan(value) else INVALID_TIMESTAMP
    if isinstance(value, list | tuple) and len(value) == 1 and not _is_list(value[0]):
        form, bits = timestamp_form(value[0])
        return (None, INVALID_TIMESTAMP) if form is None and not bits else (form, bits)
    return None, _misfit(value)


def _number_as_text(number: float | Decimal, *, is_id: bool) -> Form:
    if isinstance(number, int):
        return (None, UNSERIALISABLE) if is_absurd(number) else (number_text(number), 0)
    if is_nan(number):
        return None, 0
    if is_infinite(number):
        return None, NON_FINITE
    if is_absurd(number):
        return None, UNSERIALISABLE
    if is_id and isinstance(number, float) and abs(number) >= MAX_EXACT:
        return None, LOSSY_ID
    return number_text(number), 0


def _number(number: float | Decimal) -> Form:
    """Return a number for a field that can't take text: the nearest double where it must be."""
    if isinstance(number, int):
        if abs(number) <= MAX_EXACT:
            return int(number), 0
        return (None, NON_FINITE) if is_absurd(number) else _nearest(number)
    if is_nan(number):
        return None, 0
    if isinstance(number, float):
        return (None, NON_FINITE) if math.isinf(number) else (number, 0)
    plain = None if is_infinite(number) else plain_number(number)
    return _nearest(number) if plain is None else (plain, 0)


def _nearest(number: int | Decimal) -> Form:
    try:
        double = float(number)
    except OverflowError:
        return None, NON_FINITE
    return (None, NON_FINITE) if math.isinf(double) else (double, LOSSY_NUMBER)


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _misfit(value: Any) -> int:
    """Name what is wrong with a value that is neither text, number, boolean nor one item."""
    if type(value) in NOTHING:
        return 0
    if isinstance(value, Fault):
        return FAULTED
    return INVALID_TYPE if isinstance(value, dict | list | tuple) else UNSERIALISABLE
