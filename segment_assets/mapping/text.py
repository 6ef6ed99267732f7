"""Values as text, and text as values, the way JavaScript does it."""

import json
import math
import re
from collections.abc import Sequence
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any, Final

import orjson

from segment_assets.handoff import MISSING
from segment_assets.javascript import MAX_SAFE_INTEGER, scalar_text
from segment_assets.mapping.contents import JSON_TYPES, contents_of
from segment_assets.mapping.nodes import Failed, kind_of, map_values

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_INTEGER_KEY: Final = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)
#: A number of JSON text with more digits or a larger exponent than this is read as a double.
_LONGEST_NUMBER: Final = 400
#: What may be a number that JavaScript prints otherwise: 7.0, 1e-7.
_OTHER_NUMBER: Final = re.compile(r"\.0(?![0-9])|[0-9]e")
#: What may be a number that the quick decoder reads otherwise: 7.0, 1e2, -0, one of many digits.
_EXACT_NUMBER: Final = re.compile(r"[0-9][.eE]|[0-9]{16}|-0")


def text_of(value: Any) -> str:
    """Return `String(value)`, where null and missing are "" as in templates."""
    if isinstance(value, str):
        return value
    if value is None or value is MISSING:
        return ""
    text = scalar_text(value)
    if text is not None:
        return text
    if isinstance(value, list):
        return ",".join(map(text_of, value))
    if isinstance(value, dict):
        return "[object Object]"
    raise Failed(f"{kind_of(value)} has no text form")


def texts_of(values: Sequence[Any]) -> Sequence[Any]:
    """Return each value as text; faults pass and a value without a text form becomes one."""
    return values if set(map(type, values)) == {str} else map_values(text_of, values)


def encode_values(values: Sequence[Any]) -> Sequence[Any]:
    """Return `JSON.stringify` of each value; `MISSING` for a missing one.

    A quicker encoder is used where it writes the same: no key that JavaScript would move, no
    type that only it knows.
    """
    contents = contents_of(values)
    if (
        contents is None
        or not contents.types <= JSON_TYPES
        or not set(map(type, contents.names)) <= {str}
        or any(map(str.isdigit, contents.names))
    ):
        return map_values(encode_json, values)
    return map_values(_encode_number_aware if float in contents.types else _encode_quickly, values)


def _encode_quickly(value: Any) -> Any:
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:
        # An integer of more than 64 bits, half a surrogate pair.
        return encode_json(value)


def _encode_number_aware(value: Any) -> Any:
    text = _encode_quickly(value)
    return encode_json(value) if _OTHER_NUMBER.search(text) else text


def encode_json(value: Any) -> Any:
    """Return `JSON.stringify(value)`; `MISSING` for a missing value."""
    return MISSING if value is MISSING else _encode(value)


def _encode(value: Any) -> str:
    if isinstance(value, str):
        text = encode_basestring(value)
        if text.isascii():
            return text
        return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    is_infinite = isinstance(value, float) and not math.isfinite(value)
    if value is None or value is MISSING or is_infinite:
        return "null"
    if isinstance(value, list):
        return f"[{','.join(map(_encode, value))}]"
    if isinstance(value, dict):
        return f"{{{','.join(_members(value))}}}"
    text_or_none = scalar_text(value)
    if text_or_none is None:
        raise Failed(f"{kind_of(value)} has no JSON form")
    return text_or_none


def _members(value: dict[str, Any]) -> list[str]:
    names = list(value)
    if set(map(type, names)) != {str} and not all(isinstance(name, str) for name in names):
        raise Failed("an object with a key that is no text has no JSON form")
    if any(map(str.isdigit, names)):
        # JavaScript lists integer keys first, in ascending order.
        names.sort(key=lambda name: int(name) if _INTEGER_KEY.fullmatch(name) else math.inf)
    return [
        f"{encode_basestring(name)}:{_encode(value[name])}"
        for name in names
        if value[name] is not MISSING
    ]


def decode_json(value: Any) -> Any:
    """Return `JSON.parse(value)`; what is no JSON text comes back as it is.

    A number keeps every digit: one that no double can hold becomes an int or a `Decimal`.
    """
    if not isinstance(value, str):
        return value
    if _EXACT_NUMBER.search(value):
        return _decode_exactly(value)
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        # An escaped half of a surrogate pair is JSON to JavaScript.
        return _decode_exactly(value)


def _decode_exactly(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except ValueError:
        return text


def _integer(text: str) -> int | float:
    return int(text) if len(text) <= _LONGEST_NUMBER else float(text)


def _real(text: str) -> int | float | Decimal:
    number = float(text)
    if number == 0:
        return 0
    if not math.isfinite(number) or len(text) > _LONGEST_NUMBER:
        return number
    exact = Decimal(text)
    if abs(number) <= MAX_SAFE_INTEGER and exact == int(number):
        return int(number)
    return number if exact == Decimal(repr(number)) else exact


def _refuse(name: str) -> Any:
    raise ValueError(name)


_DECODER: Final = json.JSONDecoder(parse_float=_real, parse_int=_integer, parse_constant=_refuse)
