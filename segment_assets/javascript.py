"""Scalars as JavaScript prints them, which is what Segment's own destination sends.

Source: ECMAScript Number::toString; Segment's validator (ajv, coerceTypes) uses the same.
Numbers that JavaScript can't hold (64-bit integers, decimals) keep every digit here.
"""

import math
from decimal import Decimal
from typing import Any

#: The largest integer up to which every integer has its own double.
MAX_SAFE_INTEGER = 2**53 - 1
_PLAIN_FROM, _PLAIN_BELOW = 1e-6, 1e21


def number_text(number: float | Decimal) -> str:
    """Print a number: 7.0 -> "7", 1e-5 -> "0.00001", 1e-7 -> "1e-7", Decimal("1E+3") -> "1000"."""
    if isinstance(number, int):
        return str(int(number))
    if isinstance(number, Decimal) and number.is_finite():
        return _unpadded(format(number, "f"))
    return _double_text(float(number))


def _double_text(number: float) -> str:
    if not math.isfinite(number):
        return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"
    if number == 0 or _PLAIN_FROM <= abs(number) < _PLAIN_BELOW:
        if number.is_integer() and abs(number) <= MAX_SAFE_INTEGER:
            return str(int(number))
        text = repr(number)
        return _unpadded(format(Decimal(text), "f")) if "e" in text or text[-2:] == ".0" else text
    mantissa, _, exponent = repr(number).partition("e")
    power = int(exponent)
    return f"{mantissa.removesuffix('.0')}e{'+' if power > 0 else '-'}{abs(power)}"


def _unpadded(text: str) -> str:
    """Take the zeros away that end a number's places."""
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text


def scalar_text(value: Any) -> str | None:
    """Return `String(value)` for text, number and boolean; None for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return number_text(value)
    return None
