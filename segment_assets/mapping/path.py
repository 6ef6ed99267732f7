"""Paths into a row: `$.traits.email`, `list[0].sku`, `obj['odd name']`.

Source of the rules: Segment's mapping-kit (`get`). A bracket belongs to the path only before a
digit or a quote: in `obj[b]` it is part of the name. Walking on from a falsy value gives that
value, so `$.zero.x` of `{"zero": 0}` is 0, not missing.
"""

import re
from typing import Any, Final

from segment_assets.handoff import MISSING, Fault

_SEPARATOR: Final = re.compile(r"""\[(?=["'0-9])|\.|(?<=["'0-9])\]+""")
_QUOTES: Final = str.maketrans("", "", "'\"")
_INDEX: Final = re.compile(r"0|[1-9][0-9]*", re.ASCII)

Parts = tuple[str, ...]


def split_path(text: str, *, strip_root: bool = True) -> Parts:
    """Split a path; the empty tuple is the whole root. `strip_root` takes out the first `$.`."""
    if strip_root:
        text = text.replace("$.", "", 1)
    if text in {"", "."}:
        return ()
    return tuple(part.translate(_QUOTES) for part in _SEPARATOR.split(text) if part)


def walk(value: Any, parts: Parts) -> Any:
    """Follow `parts` from `value` as JavaScript's property access would; `MISSING` at a gap."""
    for part in parts:
        if isinstance(value, dict):
            value = value.get(part, MISSING)
        elif value is MISSING or is_falsy(value) or type(value) is Fault:
            return value
        elif isinstance(value, list):
            value = _item(value, part)
        elif isinstance(value, str):
            value = _character(value, part)
        else:
            return MISSING
    return value


def is_falsy(value: Any) -> bool:
    """Say whether JavaScript takes a row's value for false: null, false, 0, NaN and ""."""
    if isinstance(value, dict | list):
        return False
    return not value or value != value  # noqa: PLR0124 - only NaN differs from itself


def code_units(text: str) -> int:
    """Count UTF-16 code units, which is JavaScript's length of a text."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _item(items: list[Any], part: str) -> Any:
    if part == "length":
        return len(items)
    # Nine digits bound the conversion; no list is longer.
    if _INDEX.fullmatch(part) and len(part) <= 9 and int(part) < len(items):  # noqa: PLR2004
        return items[int(part)]
    return MISSING


def _character(text: str, part: str) -> Any:
    if part == "length":
        return code_units(text)
    if not _INDEX.fullmatch(part) or len(part) > 9:  # noqa: PLR2004 - as for lists
        return MISSING
    units = text.encode("utf-16-le", "surrogatepass")[2 * int(part) :][:2]
    return units.decode("utf-16-le", "surrogatepass") if units else MISSING
