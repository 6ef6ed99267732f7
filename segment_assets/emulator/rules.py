"""Which calls the Tracking API drops although it answers 200.

Source: the HTTP Tracking API page of Segment's documentation (its list of calls that are not
accepted) and the Segment Spec. The API says nothing to the sender: the real reasons are seen in
the Source Debugger only, here in the counts and on the debugger page.
"""

from collections.abc import Mapping
from typing import Any, Final

from segment_assets.wire import MAX_MESSAGE_ID_CHARS

CALL_TYPES: Final = frozenset({"identify", "track", "page", "screen", "group", "alias"})

#: Every reason for which a call is dropped, with what it means to a reader of the debugger.
DROP_REASONS: Final[dict[str, str]] = {
    "invalid_write_key": "the write key is missing, malformed or unknown",
    "too_many_events": "the batch held more than 2,500 calls, so none of it was taken",
    "missing_type": "type is missing, or is none of the six call types",
    "missing_id": "neither userId nor anonymousId has a value",
    "missing_event": "a track call without event",
    "missing_group_id": "a group call without groupId",
    "missing_previous_id": "an alias call without previousId",
    "message_id_too_long": "messageId has more than 100 characters",
}

_REQUIRED: Final = {
    "track": ("event", "missing_event"),
    "group": ("groupId", "missing_group_id"),
    "alias": ("previousId", "missing_previous_id"),
}


def find_drop_reason(call: Mapping[str, Any]) -> str | None:
    """Return why the API would drop this call, or None where it takes it."""
    kind = call.get("type")
    if type(kind) is not str or kind not in CALL_TYPES:
        return "missing_type"
    if not _is_id(call.get("userId")) and not _is_id(call.get("anonymousId")):
        return "missing_id"
    if kind in _REQUIRED:
        name, reason = _REQUIRED[kind]
        value = call.get(name)
        if not _is_id(value) or (kind == "track" and type(value) is not str):
            return reason
    message_id = call.get("messageId")
    if type(message_id) is str and len(message_id) > MAX_MESSAGE_ID_CHARS:
        return "message_id_too_long"
    return None


def _is_id(value: Any) -> bool:
    """Say whether a value can identify someone: text that isn't empty, or a number."""
    if type(value) is str:
        return value != ""
    return isinstance(value, int | float) and not isinstance(value, bool)
