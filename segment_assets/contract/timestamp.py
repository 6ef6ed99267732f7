"""Timestamps: ISO 8601 in any usual form -> UTC with milliseconds and `Z`.

The API reads a text that it doesn't understand as "now" and answers 200, so what is sent is
always one form, the one that Segment's own libraries send.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

_CLOCK: Final = r"(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?"
_ZONE: Final = r"(?P<zone>[Zz]|[+-]\d\d(?::?[0-5]\d(?::?[0-5]\d)?)?)?"
_EXTENDED: Final = re.compile(
    rf"(?P<year>\d{{4}})-(?P<month>\d\d)-(?P<day>\d\d)(?:[Tt ]{_CLOCK}{_ZONE})?", re.ASCII
)
_BASIC: Final = re.compile(
    r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)[Tt](?P<hour>\d\d)(?P<minute>\d\d)"
    rf"(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?{_ZONE}",
    re.ASCII,
)
_USUAL: Final = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"
#: The first second of the year 1, counted from 1970: Arrow knows a year 0, the wire does not.
_YEAR_1: Final = -62_135_596_800
_SENT_CHARS: Final = len("2024-01-02T03:04:05.678Z")
_MAX_OFFSET: Final = timedelta(hours=24)


def parse_timestamp(text: str) -> str | None:
    """Return the instant as `2024-01-02T03:04:05.678Z`, or None if it is not ISO 8601.

    A date alone is midnight, no zone is UTC, digits beyond milliseconds are cut off, 24:00 is
    the next day's midnight. Years outside 1 to 9999 (in UTC) have no such form.
    """
    match = _EXTENDED.fullmatch(text) or _BASIC.fullmatch(text)
    if match is None:
        return None
    part = match.groupdict(default="0")
    clock = (int(part["hour"]), int(part["minute"]), int(part["second"]))
    is_next_midnight = clock == (24, 0, 0) and not part["fraction"].strip("0")
    try:
        day = datetime(int(part["year"]), int(part["month"]), int(part["day"]))  # noqa: DTZ001 - the offset is taken off below
        local = day.replace(hour=clock[0] if not is_next_midnight else 0, minute=clock[1],
                            second=clock[2])  # fmt: skip
        instant = local + timedelta(days=is_next_midnight) - _offset(part["zone"])
    except (ValueError, OverflowError):
        return None
    return f"{instant.isoformat()}.{(part['fraction'] + '000')[:3]}Z"


def _offset(zone: str) -> timedelta:
    """Return an offset east of UTC. Raises `ValueError` from 24 hours on."""
    if zone in {"Z", "z", "0"}:
        return timedelta()
    digits = zone[1:].replace(":", "").ljust(6, "0")
    size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]), seconds=int(digits[4:]))
    if size >= _MAX_OFFSET:
        raise ValueError(zone)
    return -size if zone[0] == "-" else size


def as_sent(texts: Sequence[str | None]) -> list[str | None] | None:
    """Return all texts in the form that is sent if each is UTC already, else None.

    This is the form in which a warehouse's own timestamps arrive: a column of them is proved by
    Arrow at once instead of being parsed one by one.
    """
    column = pa.array(texts, pa.string())
    if not pc.all(pc.match_substring_regex(column, _USUAL), min_count=0).as_py():
        return None
    try:
        seconds = pc.utf8_slice_codeunits(column, 0, 19).cast(pa.timestamp("s"))
    except pa.ArrowInvalid:
        return None
    if pc.any(pc.less(seconds.cast(pa.int64()), _YEAR_1), min_count=0).as_py():
        return None
    if pc.all(pc.equal(pc.utf8_length(column), _SENT_CHARS), min_count=0).as_py():
        return list(texts)
    return [t and f"{t[:19]}.{(t[20:-1] + '000')[:3]}Z" for t in texts]
