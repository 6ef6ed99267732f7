"""JSON text -> Python values, exactly: no digit of a number is lost on the way."""

import json
from decimal import Decimal
from typing import Any, Final

import orjson
import pyarrow.compute as pc

from segment_assets.handoff import Fault

#: Numbers of 16 digits or more, or with an exponent: the fast parser would round some of them.
_LONG_NUMBER: Final = r"(^|[:\[,\s])-?([0-9]{16}|[0-9.]{17}|[0-9.]+[eE])"


def parse_json_column(array: Any) -> list[Any]:
    """Parse an Arrow text array. What isn't JSON becomes a Fault `unserialisable_value`."""
    long = pc.match_substring_regex(array, _LONG_NUMBER).to_pylist()
    return [
        None if text is None else parse_json(text) if slow else _parse_short(text)
        for text, slow in zip(array.to_pylist(), long, strict=True)
    ]


def _parse_short(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return parse_json(text)  # takes deeper nesting, and says what is wrong


def parse_json(text: str) -> Any:
    """Parse one text: integers of any size, a Decimal where no double has the same digits."""
    try:
        return _EXACT.decode(text)
    # ArithmeticError: an exponent beyond Decimal; RecursionError: thousands of nested lists.
    except (ValueError, ArithmeticError, RecursionError) as error:
        return Fault("unserialisable_value", f"The value isn't JSON that a call can hold: {error}.")


def _number(text: str) -> float | Decimal:
    near = float(text)
    exact = Decimal(text)
    return near if Decimal(repr(near)) == exact else exact


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")


_EXACT: Final = json.JSONDecoder(parse_float=_number, parse_constant=_refuse)
