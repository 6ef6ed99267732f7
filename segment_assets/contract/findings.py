"""What coercion finds in the values of one field, as bits that a schema can check.

Coercion never rejects: it marks what it found, and the schema says which marks a row may have.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from types import NoneType
from typing import Any, Final

import numpy as np
import pyarrow as pa

from segment_assets.handoff import MISSING, Fault
from segment_assets.javascript import number_text

#: The codes that coercion can find; each is one bit of a mark.
FOUND: Final = (
    "invalid_type", "invalid_text", "non_finite_number", "unserialisable_value",
    "lossy_id", "invalid_timestamp", "invalid_consent", "lossy_number",
)  # fmt: skip
BIT: Final = {code: 1 << position for position, code in enumerate(FOUND)}
INVALID_TYPE: Final = BIT["invalid_type"]
INVALID_TEXT: Final = BIT["invalid_text"]
NON_FINITE: Final = BIT["non_finite_number"]
UNSERIALISABLE: Final = BIT["unserialisable_value"]
LOSSY_ID: Final = BIT["lossy_id"]
INVALID_TIMESTAMP: Final = BIT["invalid_timestamp"]
INVALID_CONSENT: Final = BIT["invalid_consent"]
LOSSY_NUMBER: Final = BIT["lossy_number"]
#: The value is a `Fault`: its own code was decided before the contract.
FAULTED: Final = 1 << len(FOUND)

_FOUND_CHARS: Final = 60


@dataclass(frozen=True, slots=True)
class Note:
    """Where exactly something was found, and the value itself. `hint` adds to the remedy."""

    path: str
    value: Any
    hint: str = ""


@dataclass(slots=True)
class Findings:
    """Marks by row, and the first note for each row and bit. Empty for nearly every column."""

    marks: dict[int, int] = field(default_factory=dict)
    notes: dict[tuple[int, int], Note] = field(default_factory=dict)
    faults: list[tuple[int, str, Fault]] = field(default_factory=list)

    def add(self, row: int, bits: int, note: Note) -> None:
        """Mark a row with each of the bits; the first note of a bit is kept."""
        self.marks[row] = self.marks.get(row, 0) | bits
        if bits & FAULTED:
            self.faults.append((row, note.path, note.value))
        for bit in BIT.values():
            if bits & bit:
                self.notes.setdefault((row, bit), note)

    def column(self, length: int) -> pa.Array:
        """Return the marks as one int16 value per row."""
        marks = np.zeros(length, dtype=np.int16)
        if self.marks:
            marks[list(self.marks)] = list(self.marks.values())
        return pa.array(marks)


def has_bad_text(text: str) -> bool:
    """Say whether a text holds a NUL or half a surrogate pair."""
    if "\0" in text:
        return True
    if text.isascii():
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def show(value: Any) -> str:
    """Tell a value in at most 60 printable characters, without spreading out its content."""
    if isinstance(value, str):
        shown = repr(value[:_FOUND_CHARS])
    elif value is None or value is MISSING or isinstance(value, bool | int | float | Decimal):
        shown = _scalar(value)
    elif isinstance(value, list | tuple):
        shown = "an empty list" if not value else f"a list of {len(value)}"
    elif isinstance(value, dict):
        shown = "an object"
    else:
        shown = f"a {type(value).__name__} value"
    return shown if len(shown) <= _FOUND_CHARS else f"{shown[: _FOUND_CHARS - 3]}..."


def _scalar(value: Any) -> str:
    if value is None or value is MISSING:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and abs(value) >= 10**_FOUND_CHARS:
        return f"an integer of {value.bit_length()} bits"
    if isinstance(value, Decimal) and (value.is_nan() or abs(value.adjusted()) > _FOUND_CHARS):
        return str(value)
    return number_text(value)


#: Types that stand for "no value" in a typed field.
NOTHING: Final[frozenset[type]] = frozenset({NoneType, type(MISSING)})
