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
    if isinstance(number, Decimal):
        if not number.is_finite():
            return number_text(float(number))
        text = format(number, "f")
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return "0" if text in {"-0", ""} else text
    if isinstance(number, int):
        return str(int(number))
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    if number == 0:
        return "0"
    if _PLAIN_FROM <= abs(number) < _PLAIN_BELOW:
        if number.is_integer():
            return str(int(number)) if abs(number) <= MAX_SAFE_INTEGER else _plain(number)
        text = repr(number)
        return _plain(number) if "e" in text else text
    mantissa, _, exponent = repr(number).partition("e")
    if not exponent:
        return mantissa
    power = int(exponent)
    mantissa = mantissa.removesuffix(".0")
    return f"{mantissa}e{'+' if power > 0 else '-'}{abs(power)}"


def _plain(number: float) -> str:
    """Print a double without an exponent: its shortest digits, zeros for the rest."""
    text = format(Decimal(repr(number)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def scalar_text(value: Any) -> str | None:
    """Return `String(value)` for text, number and boolean; None for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return number_text(value)
    return None
