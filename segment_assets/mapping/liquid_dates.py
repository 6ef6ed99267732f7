"""Dates in `@liquid`: read as ISO 8601 or epoch seconds, printed by strftime, always in UTC.

Segment's engine reads whatever its machine's JavaScript takes for a date, in that machine's
timezone. Here a text that may be a date in another form fails the row instead of guessing.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from segment_assets.mapping.nodes import Failed

_DIRECTIVE: Final = re.compile(r"%([-_0^#:]*)(\d{0,3})([a-zA-Z%])")
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_TEENS: Final = range(11, 14)


def _ordinal(day: int) -> str:
    return "th" if day in _TEENS else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def _hour12(moment: datetime) -> int:
    return moment.hour % 12 or 12


#: Letter -> (value, width, padding). Names are English on every machine.
_VALUES: Final[dict[str, tuple[Callable[[datetime], Any], int, str]]] = {
    "Y": (lambda m: m.year, 0, "0"), "C": (lambda m: m.year // 100, 2, "0"),
    "y": (lambda m: m.year % 100, 2, "0"), "m": (lambda m: m.month, 2, "0"),
    "d": (lambda m: m.day, 2, "0"), "e": (lambda m: m.day, 2, " "),
    "j": (lambda m: m.timetuple().tm_yday, 3, "0"), "H": (lambda m: m.hour, 2, "0"),
    "k": (lambda m: m.hour, 2, " "), "I": (_hour12, 2, "0"), "l": (_hour12, 2, " "),
    "M": (lambda m: m.minute, 2, "0"), "S": (lambda m: m.second, 2, "0"),
    "L": (lambda m: m.microsecond // 1000, 3, "0"),
    "N": (lambda m: f"{m.microsecond // 1000:03}000000", 0, "0"),
    "s": (lambda m: int(m.timestamp() // 1), 0, "0"),
    "u": (lambda m: m.isoweekday(), 0, "0"), "w": (lambda m: m.isoweekday() % 7, 0, "0"),
    "A": (lambda m: _DAYS[m.weekday()], 0, " "), "a": (lambda m: _DAYS[m.weekday()][:3], 0, " "),
    "B": (lambda m: _MONTHS[m.month - 1], 0, " "),
    "b": (lambda m: _MONTHS[m.month - 1][:3], 0, " "),
    "h": (lambda m: _MONTHS[m.month - 1][:3], 0, " "),
    "p": (lambda m: "PM" if m.hour >= 12 else "AM", 0, " "),  # noqa: PLR2004 - noon
    "P": (lambda m: "pm" if m.hour >= 12 else "am", 0, " "),  # noqa: PLR2004 - noon
    "q": (lambda m: _ordinal(m.day), 0, " "), "Z": (lambda _: "UTC", 0, " "),
    "z": (lambda _: "+0000", 0, " "), "t": (lambda _: "\t", 0, " "), "n": (lambda _: "\n", 0, " "),
    "U": (lambda m: m.strftime("%U"), 2, "0"), "W": (lambda m: m.strftime("%W"), 2, "0"),
    "%": (lambda _: "%", 0, " "),
}  # fmt: skip
#: Letters that print in the form of the machine's own region at Segment.
_REGIONAL: Final = frozenset("cxX")


def format_date(value: Any, form: str) -> Any:
    """Print a date; return what is no date as it is. Raises `Failed` for `now` and guesses."""
    moment = read_date(value)
    return value if moment is None else _print(moment, form)


def read_date(value: Any) -> datetime | None:
    """Read ISO 8601 (no zone is UTC) or epoch seconds; None for what can't be a date."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float | Decimal) or (isinstance(value, str) and value.isdecimal()):
        try:
            return datetime.fromtimestamp(float(value), UTC)
        except (OverflowError, OSError, ValueError):
            return None
    if not isinstance(value, str):
        return None
    if value in {"now", "today"}:
        raise Failed("the time of day would make a retry differ: map a column instead")
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        if any(character.isdecimal() for character in value):
            raise Failed(f"can't read {value[:40]!r} as an ISO 8601 date") from None
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _print(moment: datetime, form: str) -> str:
    def one(found: re.Match[str]) -> str:
        flags, width, letter = found.groups()
        if letter in _REGIONAL:
            raise Failed(f"%{letter} prints differently from machine to machine: spell it out")
        if letter not in _VALUES:
            return found[0]
        make, least, padding = _VALUES[letter]
        text = str(make(moment))
        if letter == "z" and ":" in flags:
            text = "+00:00"
        if "^" in flags:
            text = text.upper()
        if "#" in flags:
            text = text.swapcase() if letter in "pP" else text.upper()
        if "-" in flags:
            return text
        padding = " " if "_" in flags else "0" if "0" in flags else padding
        return text.rjust(min(int(width), 100) if width else least, padding)

    return _DIRECTIVE.sub(one, form)
