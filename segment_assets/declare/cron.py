"""Cron strings of five fields: checked here, because loading needs no scheduler."""

import re
from typing import Final

_MONTHS: Final = (
    *("jan", "feb", "mar", "apr", "may", "jun"),
    *("jul", "aug", "sep", "oct", "nov", "dec"),
)
_WEEKDAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
#: Name, lowest, highest, and names that stand for numbers.
_FIELDS: Final[tuple[tuple[str, int, int, dict[str, int]], ...]] = (
    ("minute", 0, 59, {}),
    ("hour", 0, 23, {}),
    ("day of month", 1, 31, {}),
    ("month", 1, 12, {name: at + 1 for at, name in enumerate(_MONTHS)}),
    ("day of week", 0, 7, {name: at for at, name in enumerate(_WEEKDAYS)}),
)
_MONTH_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_PART: Final = re.compile(
    r"(?P<from>\*|[a-z]{3}|\d{1,2})(?:-(?P<to>[a-z]{3}|\d{1,2}))?(?:/(?P<step>\d{1,2}))?"
)


def cron_problem(cron: str) -> str:
    """Return what is wrong with a cron string, or nothing."""
    parts = cron.lower().split()
    if len(parts) != len(_FIELDS):
        return f"found {len(parts)} of 5 fields; minute, hour, day, month and weekday are allowed"
    values: list[set[int]] = []
    for part, (name, low, high, names) in zip(parts, _FIELDS, strict=True):
        found = _values(part, low, high, names)
        if found is None:
            return f"found '{part}' as {name}; {low} to {high} are allowed, with , - / and *"
        values.append(found)
    if parts[4] == "*" and min(values[2]) > max(_MONTH_DAYS[month - 1] for month in values[3]):
        return "found a day that none of its months has; a date that comes is allowed"
    return ""


def _values(field: str, low: int, high: int, names: dict[str, int]) -> set[int] | None:
    """Return the numbers that one field stands for; None if it can't be read."""
    found: set[int] = set()
    for part in field.split(","):
        match = _PART.fullmatch(part)
        if match is None:
            return None
        start, end, step = _number(match["from"], names), _number(match["to"], names), match["step"]
        if match["from"] == "*":
            start, end = (None, None) if match["to"] else (low, high)
        elif match["to"] is None:
            end = start if step is None else None
        width = int(step) if step else 1
        if start is None or end is None or width < 1 or not low <= start <= end <= high:
            return None
        if width > high - low:
            return None
        found.update(range(start, end + 1, width))
    return found


def _number(text: str | None, names: dict[str, int]) -> int | None:
    if text is None or text == "*":
        return None
    return int(text) if text.isdigit() else names.get(text)
