"""Violations in words: which field, what was found, what is allowed, and what to do."""

from typing import Final

from segment_assets.codes import CODES
from segment_assets.contract.findings import Note, show
from segment_assets.handoff import Violation
from segment_assets.wire import MAX_CALL_BYTES, MAX_MESSAGE_ID_CHARS

_WANTED: Final = {
    "number": "a number, or text that is one, is needed",
    "boolean": "true or false is needed",
    "timestamp": "a timestamp, or text in ISO 8601 such as 2024-01-31T12:00:00Z, is needed",
    "object": "an object is needed",
    "consent": "an object with categoryPreferences is needed",
}
_TEXT_WANTED: Final = "text, a number or a boolean is needed"
#: For each code what is allowed; `invalid_type` depends on the field.
_ALLOWED: Final = {
    "missing_id": "each call needs user_id or anonymous_id",
    "missing_group_id": "a group call needs one",
    "missing_event_name": "a track call needs one that isn't blank",
    "missing_previous_id": "an alias call needs one",
    "placeholder_id": "that stands for no id at all, and would merge users",
    "lossy_id": "a binary float from 2^53 on has lost digits already, so it can't be an id",
    "invalid_timestamp": _WANTED["timestamp"],
    "invalid_consent": "each category must be true, false or null (which means false)",
    "invalid_text": "text may hold neither a NUL character nor half a surrogate pair",
    "non_finite_number": "JSON has no infinite numbers",
    "unserialisable_value": "that has no form in JSON",
    "message_id_too_long": f"at most {MAX_MESSAGE_ID_CHARS} characters are allowed",
    "lossy_number": "no double holds that number, so every digit is sent as text",
    "untrimmed_id": "the white space at its ends is sent as part of the id",
    "event_too_large": f"at most {MAX_CALL_BYTES:,} bytes are allowed",
}
_AS_NEAREST: Final = "this field takes numbers only, so the nearest double is sent"


def tell(row: int, code: str, note: Note, kind: str) -> Violation:
    """Write one violation. `kind` is the field's kind, which says what is allowed."""
    allowed = _ALLOWED.get(code) or _WANTED.get(kind, _TEXT_WANTED)
    if code == "lossy_number" and kind == "number":
        allowed = _AS_NEAREST
    found = show(note.value)
    remedy = note.hint or CODES[code].remedy
    message = f"{note.path} is {found}: {allowed}. {remedy[:1].upper()}{remedy[1:]}."
    return Violation(row, code, note.path, found, message)


def tell_size(row: int, size_bytes: int) -> Violation:
    """Write the violation of a call that is too large, measured as it would be sent."""
    found = f"{size_bytes:,} bytes"
    remedy = CODES["event_too_large"].remedy
    message = (
        f"the call is {found} of JSON: {_ALLOWED['event_too_large']}. "
        f"{remedy[:1].upper()}{remedy[1:]}."
    )
    return Violation(row, "event_too_large", "", found, message)
