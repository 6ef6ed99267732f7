"""Rules for names, asset keys and time zones."""

import re
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from segment_assets.declare.mistakes import hint
from segment_assets.declare.section import Section

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_ASSET_KEY: Final = re.compile(r"[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*")
NAME_RULE: Final = (
    "lower-case letters, digits and underscores are allowed, a letter first; write such a name"
)
KEY_RULE: Final = (
    "an asset key is allowed: names of letters, digits, '_', '-' and '.', parted by '/'; "
    "write one like shop/customers"
)


def read_name(section: Section, key: str = "name") -> str | None:
    """Read a required name, `^[a-z][a-z0-9_]*$`: it becomes a part of asset and table names."""
    name = section.text(key, todo=NAME_RULE)
    if name is not None and not _NAME.fullmatch(name):
        section.wrong(key, NAME_RULE)
        return None
    return name


def is_asset_key(text: str) -> bool:
    """Say whether a text is an asset key as the declarations write it."""
    return _ASSET_KEY.fullmatch(text) is not None


def read_timezone(section: Section, key: str = "timezone") -> str | None:
    """Read an IANA time zone, such as Europe/Oslo."""
    name = section.text(key)
    if name is None or _is_timezone(name):
        return name
    near = hint(name, available_timezones())
    section.wrong(key, "an IANA time zone is allowed, such as UTC or Europe/Oslo", near[2:])
    return None


def _is_timezone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of zones, as Europe
        return False
    return True
