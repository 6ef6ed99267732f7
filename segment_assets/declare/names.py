"""Rules for names, asset keys and time zones."""

import re
from collections.abc import Collection
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from segment_assets.declare.mistakes import hint, shown
from segment_assets.declare.section import Section

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_PLAN: Final = "__plan"
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


def name_problem(name: str, names: Collection[str]) -> str:
    """Say why a mapping can't have its name beside the others of its destination, or nothing.

    Its jobs in Dagster are `<destination>__<name>` and `<destination>__<name>__plan`, and
    `<destination>__all` is the job of all mappings: no job may stand for two things.
    """
    if name == "all":
        return (
            "'all' is what the job of all mappings of a destination is called; any other name "
            "is allowed; rename this mapping"
        )
    planned = name.removesuffix(_PLAN)
    if planned != name and planned in names:
        return (
            f"{shown(name)} is what the job that plans the mapping {shown(planned)} is called; a "
            f"name that doesn't end in '{_PLAN}' is allowed; rename this mapping"
        )
    return ""


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
