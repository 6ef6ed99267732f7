"""The gates of a mapping: limits that block a plan."""

from dataclasses import fields
from typing import Any, Final

from segment_assets.declare.section import Section
from segment_assets.handoff import Gates

GATE_KEYS: Final = tuple(gate.name for gate in fields(Gates))
_PERCENT: Final = "a number from 0 to 100 is allowed, or null for off"
_COUNT: Final = "a whole number from 0 on is allowed, or null for off"


def read_gates(section: Section | None) -> Gates:
    """Read the gates; those that aren't given keep their default, null turns one off."""
    if section is None:
        return Gates()
    section.refuse_unknown(GATE_KEYS)
    given: dict[str, Any] = {}
    for key in GATE_KEYS:
        if key not in section.values:
            continue
        value = section.values[key]
        is_percent = key.endswith("_percent")
        if not _is_allowed(value, is_percent=is_percent):
            section.wrong(key, _PERCENT if is_percent else _COUNT, "correct the number")
        elif value is None or not is_percent:
            given[key] = value
        else:
            given[key] = float(value)
    return Gates(**given)


def _is_allowed(value: Any, *, is_percent: bool) -> bool:
    if value is None:
        return True
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return 0 <= value <= 100 if is_percent else isinstance(value, int) and value >= 0  # noqa: PLR2004 # percent
