"""What a value of `fields` is, as a user writes it."""

from collections.abc import Mapping as Object
from typing import Any


def is_directive(value: Any) -> bool:
    """Say whether a value is an object with an @-key."""
    return isinstance(value, Object) and any(
        isinstance(key, str) and key.startswith("@") for key in value
    )


def is_reading(value: Any) -> bool:
    """Say whether a value is made per record: a path or a directive."""
    return is_directive(value) or (isinstance(value, str) and value.startswith("$."))


def is_column(value: Any) -> bool:
    """Say whether a value is one column and nothing else."""
    if isinstance(value, str):
        return value.startswith("$.") and value != "$.event"
    return isinstance(value, Object) and any(key in value for key in ("@path", "@column"))


def is_constant(value: Any) -> bool:
    """Say whether a value is the same for every record."""
    return (isinstance(value, Object) and "@literal" in value) or not is_reading(value)
