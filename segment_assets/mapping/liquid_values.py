"""What all filters of `@liquid` share: how values print, count and are paid for."""

import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from typing import Any, Final

from liquid import Undefined

from segment_assets.javascript import scalar_text
from segment_assets.mapping.nodes import Failed

Filter = Callable[..., Any]
#: Digits; a longer whole number is a double, which is then infinite.
_LONGEST_INTEGER: Final = 300
Number = int | float | Decimal
_left: ContextVar[int] = ContextVar("characters_left")
_NUMBER: Final = re.compile(r"[-+]?(\d+(?:\.\d*)?|\.\d+)([eE][-+]?\d{1,3})?", re.ASCII)


@contextmanager
def budget(characters: int) -> Iterator[None]:
    """Bound the characters that filters make inside the block."""
    token = _left.set(characters)
    try:
        yield
    finally:
        _left.reset(token)


def spend(characters: int) -> None:
    """Take from the budget before a value of that size is made. Raises `Failed`."""
    left = _left.get() - characters
    if left < 0:
        raise Failed("@liquid makes more text than a template may")
    _left.set(left)


def printed(value: Any) -> str:
    """Return what `{{ value }}` prints."""
    if value is None or isinstance(value, Undefined):
        return ""
    if isinstance(value, list):
        return "".join(map(printed, value))
    text = scalar_text(value)
    if text is not None:
        return text
    if isinstance(value, range):
        return "".join(map(str, value))
    if isinstance(value, dict):
        return "[object Object]"
    raise Failed(f"a {type(value).__name__} has no text form")


def number(value: Any) -> Number:
    """Return `+value || 0`. Whole numbers and decimals stay exact."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, float):
        return 0 if math.isnan(value) else value
    if isinstance(value, int | Decimal):
        return value
    text = value.strip() if isinstance(value, str) else ""
    if not _NUMBER.fullmatch(text):
        return 0
    whole = text.lstrip("+-").isdigit() and len(text) <= _LONGEST_INTEGER
    return int(text) if whole else float(text)


def paid(function: Filter) -> Filter:
    """Return a filter whose result is paid from the budget; a missing variable is null to it."""

    def run(*values: Any, **named: Any) -> Any:
        made = function(
            *(None if isinstance(value, Undefined) else value for value in values), **named
        )
        if isinstance(made, str | list):
            spend(len(made))
        return made

    return run
