"""Numbers: what JSON can carry and JavaScript can read without rounding."""

import math
import re
from decimal import Decimal
from typing import Final

#: The largest magnitude up to which each integer has a double of its own.
MAX_EXACT: Final = 2**53
_DOUBLE_DIGITS: Final = 15
_ABSURD_DIGITS: Final = 1_000
_ABSURD_BITS: Final = 3_322
_JS_SPACE: Final = " \t\n\v\f\r\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008"
_JS_SPACES: Final = _JS_SPACE + "\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_DECIMAL: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_RADIX: Final = re.compile(r"0(?:[xX][0-9a-fA-F]+|[oO][0-7]+|[bB][01]+)")


def read_number(text: str) -> int | float | None:
    """Read a text as JavaScript's `Number()` does (" " is 0, "0x10" is 16); None if it is none.

    May return an infinity, for a number that is too large.
    """
    bare = text.strip(_JS_SPACES)
    if not bare:
        return 0
    if _RADIX.fullmatch(bare):
        return int(bare, 0)
    if not _DECIMAL.fullmatch(bare):
        return None
    number = float(bare)
    if math.isinf(number):
        return number
    if abs(number) < MAX_EXACT and number.is_integer():
        return int(number)
    return int(bare) if bare.lstrip("+-").isdigit() else number


def plain_number(number: Decimal) -> int | float | None:
    """Return a finite decimal as the number that prints it, or None if no double holds it."""
    double = float(number)
    if math.isinf(double):
        return None
    text = str(number)
    # Each decimal of up to 15 digits survives the way to a double and back.
    if (len(text) > _DOUBLE_DIGITS or "E" in text) and Decimal(repr(double)) != number:
        return None
    return int(double) if double.is_integer() and abs(double) <= MAX_EXACT else double


def is_nan(number: float | Decimal) -> bool:
    """Say whether a number of either kind is NaN."""
    return number.is_nan() if isinstance(number, Decimal) else number != number  # noqa: PLR0124 - only NaN is unequal to itself


def is_infinite(number: float | Decimal) -> bool:
    """Say whether a number of either kind is infinite."""
    return number.is_infinite() if isinstance(number, Decimal) else math.isinf(number)


def is_absurd(number: float | Decimal) -> bool:
    """Say whether a finite number has so many digits that printing it would be an attack."""
    if isinstance(number, Decimal):
        return abs(number.adjusted()) > _ABSURD_DIGITS
    return isinstance(number, int) and number.bit_length() > _ABSURD_BITS
