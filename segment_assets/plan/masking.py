"""Personal values in samples: shown to people and kept in run histories, so masked by default."""

import re
from collections.abc import Sequence
from typing import Any, Final

MASK_TEXT: Final = "•••"
_NAMES_OF_CALLS: Final = ("event_name", "page_name", "screen_name")
_WORD: Final = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")


def mask_call(call: dict[str, Any], words: Sequence[str]) -> dict[str, Any]:
    """Return a copy of a call with values masked whose key has one of `words` in it.

    `firstName`, `first_name` and `name` all have the word "name". Looks inside `traits`,
    `properties` and `context`; the names of pages, screens, apps and campaigns stay.
    """
    wanted = frozenset(word.lower() for word in words)
    masked = dict(call)
    for key in ("traits", "properties"):
        if key in call:
            masked[key] = _mask(call[key], wanted)
    if call.get("type") in {"page", "screen"} and "name" in masked.get("properties", {}):
        masked["properties"]["name"] = call["properties"]["name"]
    if "context" in call:
        masked["context"] = {
            key: _mask(value, wanted)
            if key == "traits"
            else (MASK_TEXT if _is_personal(key, wanted) and isinstance(value, str) else value)
            for key, value in call["context"].items()
        }
    return masked


def mask_fields(fields: dict[str, Any], words: Sequence[str]) -> dict[str, Any]:
    """Return a copy of an action's fields, or of an event's parts, masked as `mask_call` does."""
    wanted = frozenset(word.lower() for word in words)
    return {
        key: MASK_TEXT
        if value is not None
        and key not in _NAMES_OF_CALLS
        and _is_personal(key, wanted)
        and not isinstance(value, dict)
        else _mask(value, wanted)
        for key, value in fields.items()
    }


def mask_found(field: str, found: str, words: Sequence[str]) -> str:
    """Return what was found in a field, masked where the field's last part has one of `words`."""
    wanted = frozenset(word.lower() for word in words)
    return MASK_TEXT if _is_personal(field.rsplit(".", 1)[-1], wanted) else found


def _is_personal(key: str, wanted: frozenset[str]) -> bool:
    return not wanted.isdisjoint(part.lower() for part in _WORD.findall(key))


def _mask(value: Any, wanted: frozenset[str]) -> Any:
    if not isinstance(value, dict):
        return value
    return {
        key: MASK_TEXT if part is not None and _is_personal(key, wanted) else _mask(part, wanted)
        for key, part in value.items()
    }
