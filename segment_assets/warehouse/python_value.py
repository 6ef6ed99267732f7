"""Python values of rows in hand -> the JSON forms that warehouse columns get in `arrival`.

pandas and numpy values are known by their module's name: rows of plain Python values must not
pay for importing either.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from types import UnionType
from typing import Any, Final
from uuid import UUID

from segment_assets.handoff import Fault
from segment_assets.javascript import scalar_text
from segment_assets.warehouse.instants import OUT_OF_RANGE, instant_text

_AS_IS: Final = frozenset({str, int, bool, float, bytes, type(None)})
_ABSENT: Final = frozenset({"NAType", "NaTType", "MaskedConstant"})
_MICROS_PER_DAY: Final = 86_400_000_000
#: As wide as a warehouse's DECIMAL is.
_MAX_DECIMAL_DIGITS: Final = 38
#: A decimal of up to 15 digits is the shortest text of its double; with up to 6 places JavaScript
#: prints that double without an exponent, as a warehouse prints the decimal.
DIGITS_OF_A_DOUBLE: Final = 15
PLAIN_PLACES: Final = 6


def value_to_json(value: Any, timezone: str | None = None) -> Any:
    """Return str, bool, None, int, float, Decimal, bytes, dict or list; or a Fault in its place.

    `timezone` is that of datetimes without one (UTC if None). NaN stays a float and bytes stay
    bytes: the contract decides on both. A Fault deep inside stands where its value stood.
    """
    try:
        return _value(value, timezone)
    except RecursionError:
        return _unserialisable(value, "is nested too deeply, or holds itself")


def _value(value: Any, timezone: str | None) -> Any:
    kind = type(value)
    if kind in _AS_IS:
        return value
    module = kind.__module__.partition(".")[0]
    if module in {"numpy", "pandas"} and kind.__name__ in _ABSENT:
        return None
    if module == "numpy":
        return _from_numpy(value, timezone)
    return _scalar(value, timezone)


def _scalar(value: Any, timezone: str | None) -> Any:
    for kind, form in _FORMS:
        if isinstance(value, kind):
            return form(value, timezone)
    return _unserialisable(value, "has no JSON form")


def _object(value: Mapping[Any, Any], timezone: str | None) -> Any:
    made: dict[str, Any] = {}
    for key, item in value.items():
        name = key if type(key) is str else _key(key, timezone)
        if name is None or name in made:
            return _unserialisable(value, f"can't be an object: its key {key!r} is no unique text")
        made[name] = _value(item, timezone)
    return made


def _key(key: Any, timezone: str | None) -> str | None:
    return "null" if key is None else scalar_text(_value(key, timezone))


def _unserialisable(value: Any, what: str) -> Fault:
    return Fault("unserialisable_value", f"A {type(value).__name__} {what}.")


def time_text(value: time) -> str:
    """Write a time without trailing zeros, as a warehouse does: `12:00:00.5+02:00`."""
    clock = value.replace(tzinfo=None).isoformat()
    offset = value.isoformat()[len(clock) :]
    return (clock.rstrip("0") if "." in clock else clock) + offset


def duration_text(value: timedelta) -> str:
    """Write an ISO 8601 duration; a part below zero has its own sign: `P1DT-30S`."""
    micros = value // timedelta(microseconds=1)
    sign = -1 if micros < 0 else 1
    days, rest = divmod(abs(micros), _MICROS_PER_DAY)
    hours, rest = divmod(rest, 3_600_000_000)
    minutes, rest = divmod(rest, 60_000_000)
    seconds = scalar_text(Decimal(rest * sign).scaleb(-6))
    clock = "".join(
        f"{amount}{letter}"
        for amount, letter in ((hours * sign, "H"), (minutes * sign, "M"), (seconds, "S"))
        if amount not in {0, "0"}
    )
    text = (f"{days * sign}D" if days else "") + (f"T{clock}" if clock else "")
    return f"P{text}" if text else "PT0S"


def _from_numpy(value: Any, timezone: str | None) -> Any:
    name = type(value).__name__
    if getattr(value, "ndim", 0):
        return [_value(item, timezone) for item in value]
    if name in {"float16", "float32"}:  # by way of the shortest text: 0.1 stays 0.1
        return float(str(value))
    plain = value.item()
    if name in {"datetime64", "timedelta64"} and type(plain) is int:
        plain = value.astype(f"{name}[us]").item()  # nanoseconds; of a far year it stays a number
        if type(plain) is int:
            return OUT_OF_RANGE
    if type(plain).__module__ == "numpy":  # longdouble: its own item
        return _unserialisable(value, "has no JSON form")
    return _value(plain, timezone)


def _decimal(value: Decimal, _: str | None) -> Decimal | float:
    if not value.is_finite():
        return float("nan" if value.is_nan() else str(value))
    return short_decimal(value)


def short_decimal(value: Decimal) -> Decimal | float:
    """Return a finite decimal as a number of the same digits where there are few of them.

    Without places (and up to 38 digits, as in a column of scale 0) an integer; of up to 15 digits
    and 6 places the double whose shortest text it is; else itself.
    """
    exponent = int(value.as_tuple().exponent)
    digits = value.adjusted() + 1
    if exponent == 0 and digits <= _MAX_DECIMAL_DIGITS:
        return int(value)
    if -PLAIN_PLACES <= exponent < 0 and digits - exponent <= DIGITS_OF_A_DOUBLE:
        double = float(value)
        return int(double) if double.is_integer() else double
    return value


#: In order: a datetime is also a date; an IntEnum is also an int.
_FORMS: Final[tuple[tuple[type | UnionType, Callable[[Any, str | None], Any]], ...]] = (
    (list | tuple, lambda value, timezone: [_value(item, timezone) for item in value]),
    (Mapping, _object),
    (Enum, lambda value, timezone: _value(value.value, timezone)),
    (Decimal, _decimal),
    (datetime, instant_text),
    (date, lambda value, _: value.isoformat()),
    (time, lambda value, _: time_text(value)),
    (timedelta, lambda value, _: duration_text(value)),
    (UUID, lambda value, _: str(value)),
    (bytes | bytearray | memoryview, lambda value, _: bytes(value)),
    (str, lambda value, _: str.__str__(value)),
    (int, lambda value, _: int(value)),
    (float, lambda value, _: float(value)),
    (Fault, lambda value, _: value),
)
