"""Traits whose names Segment's spec reserves, and the kind of value that tools expect in them.

Source: Identify, "Traits" (https://segment.com/docs/connections/spec/identify/#traits), and Group,
"Traits" (https://segment.com/docs/connections/spec/group/#traits). Each name counts in snake case
too. Left out are `id` and `employees`: text in the spec, and numbers are taken as well.
"""

import re
from collections.abc import Mapping
from typing import Final

from segment_assets.handoff import Action

_TEXT, _DATE = "text", "a date or timestamp"
_NUMBER, _OBJECT = "a number", "an object"

_IDENTIFY: Final[Mapping[str, str]] = {
    "address": _OBJECT,
    "age": _NUMBER,
    "avatar": _TEXT,
    "birthday": _DATE,
    "company": _OBJECT,
    "createdAt": _DATE,
    "description": _TEXT,
    "email": _TEXT,
    "firstName": _TEXT,
    "gender": _TEXT,
    "lastName": _TEXT,
    "name": _TEXT,
    "phone": _TEXT,
    "title": _TEXT,
    "username": _TEXT,
    "website": _TEXT,
}
_GROUP: Final[Mapping[str, str]] = {
    "address": _OBJECT,
    "avatar": _TEXT,
    "createdAt": _DATE,
    "description": _TEXT,
    "email": _TEXT,
    "industry": _TEXT,
    "name": _TEXT,
    "phone": _TEXT,
    "plan": _TEXT,
    "website": _TEXT,
}
_SNAKE: Final = re.compile(r"_([a-z])")
_FIRST_WORD: Final = re.compile(r"[A-Z_]+[0-9]*")
_KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    _TEXT: ("VARCHAR", "CHAR", "TEXT", "UUID", "ENUM"),
    _DATE: ("DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "DATETIME"),
    _NUMBER: (
        "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT",
        "UINTEGER", "UBIGINT", "UHUGEINT", "BIGNUM", "DECIMAL", "FLOAT", "DOUBLE",
    ),
    _OBJECT: ("STRUCT", "MAP"),
    "a boolean": ("BOOLEAN",),
}  # fmt: skip
_KIND_OF: Final = {name: kind for kind, names in _KINDS.items() for name in names}


def reserved_kind(action: Action, trait: str) -> str | None:
    """Return the kind of value of a reserved trait, None for any other trait."""
    table = _GROUP if action == "group" else _IDENTIFY
    return table.get(_SNAKE.sub(lambda found: found[1].upper(), trait))


def kind_of_type(type_name: str) -> str | None:
    """Return the kind of value that a column's type holds; None where it can be any (JSON)."""
    if type_name.endswith("]"):
        return "a list"
    word = _FIRST_WORD.match(type_name.upper())
    return None if word is None else _KIND_OF.get(word[0])
