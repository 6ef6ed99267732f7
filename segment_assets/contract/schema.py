"""The pandera schema of each action: the one place that says what a call may not be.

It is built from the field table. Each check is named by its reason code and looks at a whole
Arrow column. What coercion marked (`findings.py`) is ruled on here like everything else.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, Final

import pandas as pd
import pandera.pandas as pa_schema
import pyarrow as pa

from segment_assets.contract.coercion import kind_of
from segment_assets.contract.findings import BIT
from segment_assets.fields import Field, fields_of
from segment_assets.handoff import Action
from segment_assets.wire import MAX_MESSAGE_ID_CHARS

TEXT: Final = pd.ArrowDtype(pa.string())
MARKS: Final = pd.ArrowDtype(pa.int16())
_MARKS_SUFFIX: Final = " (found)"

#: Texts that a program wrote where it had no id. Compared in lower case, without white space.
PLACEHOLDERS: Final = (
    "nan", "none", "null", "undefined", "<na>", "nat", "[object object]",
)  # fmt: skip
#: The ids of which a call needs one, and the code of each other field that it can't do without.
USER_IDS: Final = ("user_id", "anonymous_id")
MISSING_CODES: Final = {
    "group_id": "missing_group_id",
    "event_name": "missing_event_name",
    "previous_id": "missing_previous_id",
}

_ANY = ("invalid_type", "unserialisable_value")
_AS_TEXT = (*_ANY, "invalid_text", "non_finite_number")
#: What a value of each kind may not have been found to be.
_FORBIDDEN: Final[dict[str, tuple[str, ...]]] = {
    "id": (*_AS_TEXT, "lossy_id"),
    "message_id": (*_AS_TEXT, "lossy_id"),
    "name": _AS_TEXT,
    "text": _AS_TEXT,
    "number": (*_ANY, "non_finite_number", "lossy_number"),
    "boolean": _ANY,
    "timestamp": (*_ANY, "invalid_text", "invalid_timestamp"),
    "object": (*_AS_TEXT, "lossy_number"),
    "consent": (*_AS_TEXT, "lossy_number", "invalid_consent"),
}


def marks_name(path: str) -> str:
    """Name the frame's column that holds what was found in a field or sub-field."""
    return path + _MARKS_SUFFIX


def path_of(column: str) -> str:
    """Return the field path that a frame's column is about."""
    return column.removesuffix(_MARKS_SUFFIX)


def required_keys(action: Action) -> tuple[str, ...]:
    """Return the fields whose presence is ruled on; their columns are always in the frame."""
    fields = fields_of(action)
    return tuple(
        key for key, field in fields.items() if key in USER_IDS or action in field.required_by
    )


def has_text_rule(field: Field) -> bool:
    """Say whether the field's text itself, not only what was found in it, is ruled on."""
    return kind_of(field) in {"id", "name", "message_id"}


@cache
def build_schema(action: Action, *, allow_placeholder_ids: bool) -> pa_schema.DataFrameSchema:
    """Build the schema of an action. Columns of fields that aren't mapped may be left out.

    Kept, since pandera copies every column for 25 ms, and a sync needs its schema twice.
    """
    needed = required_keys(action)
    columns: dict[str, pa_schema.Column] = {}
    for key, field in fields_of(action).items():
        is_needed = key in needed
        if has_text_rule(field):
            checks = _text_checks(field, allow_placeholder_ids=allow_placeholder_ids)
            columns[key] = pa_schema.Column(TEXT, checks, nullable=True, required=is_needed)
        columns[marks_name(key)] = _marks_column(kind_of(field), is_needed=is_needed)
        for sub in field.sub_fields:
            name = marks_name(f"{key}.{sub.key}")
            columns[name] = _marks_column(sub.type, is_needed=False)
    return pa_schema.DataFrameSchema(columns, _presence_checks(action), strict=True)


def _check(code: str, holds: Callable[[Any], Any], **options: Any) -> pa_schema.Check:
    # One failure case is enough: rows are read from the mask, and building the frames of
    # failure cases costs far more than the check.
    return pa_schema.Check(holds, name=code, error=code, n_failure_cases=1, **options)


def _marks_column(kind: str, *, is_needed: bool) -> pa_schema.Column:
    checks = [_check(code, _is_unmarked(BIT[code])) for code in _FORBIDDEN[kind]]
    return pa_schema.Column(MARKS, checks, required=is_needed)


def _is_unmarked(bit: int) -> Callable[[Any], Any]:
    return lambda marks: (marks & bit) == 0


def _text_checks(field: Field, *, allow_placeholder_ids: bool) -> list[pa_schema.Check]:
    kind = kind_of(field)
    if kind == "message_id":
        return [
            _check("message_id_too_long", lambda texts: texts.str.len() <= MAX_MESSAGE_ID_CHARS)
        ]
    if kind != "id":
        return []
    checks = [_check("untrimmed_id", lambda texts: texts.str.strip() == texts)]
    if not allow_placeholder_ids:
        checks.append(_check(
            "placeholder_id", lambda texts: ~texts.str.strip().str.lower().isin(PLACEHOLDERS)
        ))  # fmt: skip
    return checks


def _presence_checks(action: Action) -> list[pa_schema.Check]:
    # Rows whose cells are all null pass a frame-wide check in silence unless ignore_na is off.
    needed = required_keys(action)
    users = tuple(key for key in needed if key in USER_IDS)
    rules = [("missing_id", users)]
    rules += [(MISSING_CODES[key], (key,)) for key in needed if key in MISSING_CODES]
    return [_check(code, _has_one_of(keys), ignore_na=False) for code, keys in rules]


def _has_one_of(keys: tuple[str, ...]) -> Callable[[Any], Any]:
    """Say for each row whether one of the fields has a value; a wrong one isn't missing."""

    def holds(frame: Any) -> Any:
        return pd.concat(
            [frame[key].notna() | (frame[marks_name(key)] != 0) for key in keys], axis=1
        ).any(axis=1)

    return holds
