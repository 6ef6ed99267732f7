"""The filters of `@liquid` on numbers, lists and dates. Source: liquidjs 10's filters."""

import math
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Final

from liquid import Undefined

from segment_assets.mapping.liquid_dates import format_date
from segment_assets.mapping.liquid_values import Filter, Number, number, paid, printed, spend
from segment_assets.mapping.text import encode_json

#: A whole number of more bits than this is infinite to JavaScript.
_MOST_BITS: Final = 1024
VALUE_FILTERS: Final[dict[str, Filter]] = {}


def register(function: Filter) -> Filter:
    """Add a filter under its function's name."""
    VALUE_FILTERS[function.__name__.rstrip("_")] = paid(function)
    return function


def alike(values: Sequence[Any]) -> list[Any]:
    """Return values as numbers that can be computed with: all decimals if one of them is."""
    numbers = [number(value) for value in values]
    if any(isinstance(item, Decimal) for item in numbers):
        return [Decimal(repr(n)) if isinstance(n, float) else Decimal(n) for n in numbers]
    return numbers


def _on_numbers(compute: Callable[..., Number]) -> Filter:
    """Make a filter that sees every value as a number."""

    def run(*values: Any) -> Any:
        try:
            made = compute(*alike(values))
        except ArithmeticError:
            return math.nan
        if isinstance(made, int) and made.bit_length() > _MOST_BITS:
            return math.inf if made > 0 else -math.inf
        return made

    return paid(run)


def _divide(left: Any, right: Any, whole: Any = 0) -> Number:
    if right == 0:
        return math.nan if left == 0 else math.copysign(math.inf, left)
    if whole:
        floor: int = math.floor(left / right)
        return floor
    exact = isinstance(left, int) and isinstance(right, int) and left % right == 0
    quotient: Number = left // right if exact else left / right
    return quotient


def _whole(rounding: Callable[[Any], int]) -> Callable[[Any], Number]:
    return lambda value: value if not math.isfinite(value) else rounding(value)


def _modulo(left: Any, right: Any) -> Number:
    rest: Number = math.nan if right == 0 else left % right
    return rest


VALUE_FILTERS.update(
    {
        name: _on_numbers(compute)  # type: ignore[arg-type] # all take and give numbers
        for name, compute in {
            "abs": abs,
            "at_least": max,
            "at_most": min,
            "ceil": _whole(math.ceil),
            "floor": _whole(math.floor),
            "plus": lambda left, right: left + right,
            "minus": lambda left, right: left - right,
            "times": lambda left, right: left * right,
            "divided_by": _divide,
            "modulo": _modulo,
        }.items()
    }
)


@register
def round_(value: Any, digits: Any = 0) -> Number:
    """Round half away from zero, to a number of decimals."""
    base, places = number(value), int(number(digits))
    if not math.isfinite(base) or abs(places) > 20:  # noqa: PLR2004 - beyond a double's digits
        return base
    exact = base if isinstance(base, Decimal) else Decimal(repr(base))
    step = Decimal(1).scaleb(-places)
    rounded = (abs(exact) / step + Decimal("0.5")).to_integral_value("ROUND_FLOOR") * step
    signed = -rounded if exact < 0 else rounded
    if isinstance(base, Decimal):
        return signed
    return int(signed) if signed == signed.to_integral_value() else float(signed)


@register
def truncate(value: Any, length: Any = 50, end: Any = "...") -> Any:
    """Cut a text to a length that includes its ending."""
    text, end = printed(value), printed(end)
    size = int(number(length))
    return value if len(text) <= size else text[: max(0, size - len(end))] + end


@register
def split(value: Any, separator: Any) -> list[str]:
    """Split a text; empty parts at the end are dropped."""
    text, separator = printed(value), printed(separator)
    parts = text.split(separator) if separator else list(text)
    while parts and not parts[-1]:
        parts.pop()
    return parts


@register
def join(value: Any, separator: Any = " ") -> str:
    """Join a list's items; null is empty."""
    items = value if isinstance(value, list) else [] if value is None else [value]
    separator = " " if separator is None else printed(separator)
    spend(len(separator) * len(items))
    joined: str = separator.join(map(printed, items))
    return joined


@register
def first(value: Any) -> Any:
    """Return the first item or character."""
    return value[0] if isinstance(value, list | str) and value else ""


@register
def last(value: Any) -> Any:
    """Return the last item or character."""
    return value[-1] if isinstance(value, list | str) and value else ""


@register
def size(value: Any) -> int:
    """Count items or characters."""
    return len(value) if isinstance(value, list | str) else 0


@register
def slice_(value: Any, begin: Any, length: Any = 1) -> Any:
    """Take a part of a text or list; a negative start counts from the end."""
    if value is None:
        return []
    whole: Sequence[Any] = value if isinstance(value, list) else printed(value)
    start, count = int(number(begin)), int(number(length))
    start = len(whole) + start if start < 0 else start
    return whole[:0] if start < 0 or count < 0 else whole[start : start + count]


@register
def compact(value: Any) -> list[Any]:
    """Take nulls out of a list."""
    items = value if isinstance(value, list) else [] if value is None else [value]
    return [item for item in items if item is not None]


@register
def where(value: Any, name: Any, expected: Any = None) -> list[Any]:
    """Keep the objects with a property that is equal to a value, or just true."""
    items = value if isinstance(value, list) else [] if value is None else [value]
    found = [(item.get(name) if isinstance(item, dict) else None, item) for item in items]
    if expected is None:
        return [item for held, item in found if held is not None and held is not False]
    return [item for held, item in found if type(held) is type(expected) and held == expected]


@register
def sum_(value: Any, name: Any = None) -> Number:
    """Add up a list's items, or a property of them."""
    items = value if isinstance(value, list) else [] if value is None else [value]
    if name is not None:
        items = [item.get(name) if isinstance(item, dict) else None for item in items]
    total: Number = sum(alike(items))
    return total


@register
def default(value: Any, other: Any, *, allow_false: Any = False) -> Any:
    """Put something in the place of null, false and what is empty."""
    if value is False:
        return value if allow_false else other
    return other if value is None or value in ("", []) else value


@register
def raw(value: Any) -> Any:
    """Print without escaping, as everything here is."""
    return value


@register
def to_integer(value: Any) -> Number:
    """Return a whole number."""
    found = number(value)
    return int(found) if math.isfinite(found) else found


@register
def number_of_words(value: Any) -> int:
    """Count words."""
    return len(printed(value).split())


@register
def date(value: Any, form: Any = None) -> Any:
    """Print a date in UTC; what is no date stays as it is."""
    form = "%A, %B %-e, %Y at %-l:%M %P %z" if form is None else printed(form)
    spend(len(form))
    return format_date(value, form)


def to_json(value: Any, *_: Any) -> str:
    """Print JSON: null prints as such, a missing variable as nothing."""
    made = "" if isinstance(value, Undefined) else str(encode_json(value))
    spend(len(made))
    return made


VALUE_FILTERS["json"] = VALUE_FILTERS["jsonify"] = to_json
