"""The filters of `@liquid`, computing as JavaScript does. Source: liquidjs 10's filters."""

import html
import math
import re
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from typing import Any, Final

from liquid import Undefined

from segment_assets.javascript import scalar_text
from segment_assets.mapping.liquid_dates import format_date
from segment_assets.mapping.nodes import Failed
from segment_assets.mapping.text import encode_json

Filter = Callable[..., Any]
Number = int | float | Decimal
FILTERS: Final[dict[str, Filter]] = {}
_left: ContextVar[int] = ContextVar("characters_left")
_NUMBER: Final = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?", re.ASCII)


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
    return int(text) if text.lstrip("+-").isdigit() else float(text)


def register(function: Filter) -> Filter:
    """Add a filter under its function's name; its result is paid from the budget."""

    def paid(value: Any, *arguments: Any, **named: Any) -> Any:
        value, *arguments = (  # type: ignore[assignment] # a missing variable is null
            None if isinstance(item, Undefined) else item for item in (value, *arguments)
        )
        made = function(value, *arguments, **named)
        if isinstance(made, str | list):
            spend(len(made))
        return made

    FILTERS[function.__name__.rstrip("_")] = paid
    return function


def _text(name: str, change: Callable[..., str]) -> None:
    """Add a filter that works on texts only."""

    def on_texts(value: Any, *arguments: Any) -> str:
        return change(printed(value), *map(printed, arguments))

    on_texts.__name__ = name
    register(on_texts)


def _math(name: str, compute: Callable[..., Number]) -> None:
    """Add a filter that works on numbers only."""

    def on_numbers(*values: Any) -> Number:
        numbers = [number(value) for value in values]
        if any(isinstance(item, Decimal) for item in numbers):
            numbers = [Decimal(repr(n)) if isinstance(n, float) else Decimal(n) for n in numbers]
        try:
            return compute(*numbers)
        except ArithmeticError:
            return math.nan

    on_numbers.__name__ = name
    register(on_numbers)


def _divide(left: Any, right: Any, whole: Any = 0) -> Number:
    if right == 0:
        return math.nan if left == 0 else math.copysign(math.inf, left)
    if whole:
        return math.floor(left / right)
    exact = isinstance(left, int) and isinstance(right, int) and left % right == 0
    return left // right if exact else left / right  # type: ignore[no-any-return] # a number


def _whole(rounding: Callable[[Any], int]) -> Callable[[Any], Number]:
    return lambda value: value if not math.isfinite(value) else rounding(value)


def _modulo(left: Any, right: Any) -> Number:
    return math.nan if right == 0 else left % right


for _name, _compute in {
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
}.items():
    _math(_name, _compute)  # type: ignore[arg-type] # all take and give numbers


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


def _replace(text: str, sought: str, put: str) -> str:
    parts = text.split(sought) if sought else list(text)
    spend(max(0, (len(parts) - 1) * len(put)))
    return put.join(parts)


def _replace_last(text: str, sought: str, put: str) -> str:
    place = text.rfind(sought)
    return text if place < 0 else text[:place] + put + text[place + len(sought) :]


def _truncate_words(text: str, words: str = "15", end: str = "...") -> str:
    count = max(1, int(number(words)))
    parts = text.lstrip().split()
    return " ".join(parts[:count]) + (end if len(parts) >= count else "")


def _encode_component(text: str) -> str:
    return urllib.parse.quote(text, safe="!'()*-._~")


for _name, _change in {
    "append": lambda text, end: text + end,
    "prepend": lambda text, start: start + text,
    "downcase": str.lower,
    "upcase": str.upper,
    "capitalize": lambda text: text[:1].upper() + text[1:].lower(),
    "strip": lambda text, chars="": text.strip(chars or None),
    "lstrip": lambda text, chars="": text.lstrip(chars or None),
    "rstrip": lambda text, chars="": text.rstrip(chars or None),
    "strip_newlines": lambda text: re.sub(r"\r?\n", "", text),
    "squish": lambda text: " ".join(text.split()),
    "normalize_whitespace": lambda text: re.sub(r"\s+", " ", text),
    "remove": lambda text, sought: _replace(text, sought, ""),
    "remove_first": lambda text, sought: text.replace(sought, "", 1),
    "remove_last": lambda text, sought: _replace_last(text, sought, ""),
    "replace": _replace,
    "replace_first": lambda text, sought, put: text.replace(sought, put, 1),
    "replace_last": _replace_last,
    "truncatewords": _truncate_words,
    "escape": lambda text: html.escape(text).replace("&quot;", "&#34;").replace("&#x27;", "&#39;"),
    "escape_once": lambda text: html.escape(html.unescape(text))
    .replace("&quot;", "&#34;")
    .replace("&#x27;", "&#39;"),
    "strip_html": lambda text: re.sub(
        r"<script[^>]*>.*?</script>|<style[^>]*>.*?</style>|<[^>]*>|<!--.*?-->", "", text,
        flags=re.DOTALL,
    ),
    "url_encode": lambda text: _encode_component(text).replace("%20", "+"),
    "url_decode": urllib.parse.unquote_plus,
    "cgi_escape": urllib.parse.quote_plus,
    "uri_escape": lambda text: urllib.parse.quote(text, safe="!'()*-._~;/?:@&=+$,#[]"),
}.items():  # fmt: skip
    _text(_name, _change)  # type: ignore[arg-type] # all take and give texts


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
    return separator.join(map(printed, items))


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
    numbers = [number(item) for item in items]
    if any(isinstance(item, Decimal) for item in numbers):
        numbers = [Decimal(repr(n)) if isinstance(n, float) else Decimal(n) for n in numbers]
    return sum(numbers)


@register
def default(value: Any, other: Any, *, allow_false: Any = False) -> Any:
    """Put something in the place of null, false and what is empty."""
    if value is False:
        return value if allow_false else other
    return other if value is None or value in ("", []) else value


@register
def json(value: Any) -> str:
    """Print JSON."""
    return str(encode_json(value))


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


FILTERS["jsonify"] = FILTERS["json"]
FILTERS["xml_escape"] = FILTERS["escape"]
