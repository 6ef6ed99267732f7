"""The functions of FQL. Source: the Destination Filters page of Segment's documentation."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from segment_assets.handoff import MISSING
from segment_assets.javascript import scalar_text
from segment_assets.mapping.nodes import Failed
from segment_assets.mapping.text import decode_json, encode_json
from segment_assets.mapping.trigger_nodes import is_number

_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?", re.ASCII)
_ANY: Final = "any"
_STAR: Final = "star"


class Glob:
    """A glob pattern: `*`, `?`, `[abc]`, `[a-z]`, `[^a]`, and a backslash before a plain one.

    Matching goes back to the last star only, so its time grows with text times pattern and never
    exponentially. Raises `ValueError` for a class that isn't closed.
    """

    __slots__ = ("_parts", "_steps")

    def __init__(self, pattern: str) -> None:
        self._steps = tuple(_glob_steps(pattern))
        #: The texts between the stars, where there is nothing but texts and stars.
        self._parts: list[str] | None = [""]
        for step in self._steps:
            if step is _STAR:
                self._parts.append("")
            elif isinstance(step, str) and step is not _ANY:
                self._parts[-1] += step
            else:
                self._parts = None
                break

    def matches(self, text: str) -> bool:
        """Say whether the whole text fits."""
        return self._matches_steps(text) if self._parts is None else self._matches_parts(text)

    def _matches_parts(self, text: str) -> bool:
        parts = self._parts or [""]
        first, last = parts[0], parts[-1]
        if len(parts) == 1:
            return text == first
        if len(text) < len(first) + len(last):
            return False
        if not text.startswith(first) or not text.endswith(last):
            return False
        place, end = len(first), len(text) - len(last)
        for part in parts[1:-1]:
            found = text.find(part, place, end)
            if found < 0:
                return False
            place = found + len(part)
        return True

    def _matches_steps(self, text: str) -> bool:
        steps, count = self._steps, len(self._steps)
        place = step = 0
        star, resume = -1, 0
        while place < len(text):
            if step < count and steps[step] is _STAR:
                star, resume = step, place
                step += 1
            elif step < count and _fits(steps[step], text[place]):
                place, step = place + 1, step + 1
            elif star >= 0:
                resume += 1
                place, step = resume, star + 1
            else:
                return False
        return all(rest is _STAR for rest in steps[step:])


def _fits(step: Any, character: str) -> bool:
    if step is _ANY:
        return True
    if isinstance(step, str):
        return step == character
    negated, ranges = step
    return any(low <= character <= high for low, high in ranges) is not negated


def _glob_steps(pattern: str) -> list[Any]:
    steps: list[Any] = []
    place = 0
    while place < len(pattern):
        character = pattern[place]
        place += 1
        if character == "*":
            steps.append(_STAR)
        elif character == "?":
            steps.append(_ANY)
        elif character == "\\" and place < len(pattern):
            steps.append(pattern[place])
            place += 1
        elif character == "[":
            step, place = _glob_class(pattern, place)
            steps.append(step)
        else:
            steps.append(character)
    return steps


def _glob_class(pattern: str, place: int) -> tuple[Any, int]:
    negated = pattern[place : place + 1] == "^"
    place += negated
    characters: list[str] = []
    while pattern[place : place + 1] != "]" or not characters:
        place += pattern[place : place + 1] == "\\"
        if place >= len(pattern):
            raise ValueError("a class that starts with [ is not closed")
        characters.append(pattern[place])
        place += 1
    ranges: list[tuple[str, str]] = []
    while characters:
        if len(characters) > 2 and characters[1] == "-":  # noqa: PLR2004 - low, dash, high
            ranges.append((characters[0], characters[2]))
            characters = characters[3:]
        else:
            ranges.append((characters[0], characters[0]))
            characters = characters[1:]
    return (negated, tuple(ranges)), place + 1


def contains(value: Any, part: Any) -> bool:
    """Say whether a text contains another."""
    return isinstance(value, str) and isinstance(part, str) and part in value


def match(value: Any, pattern: Any) -> bool:
    """Say whether a whole text fits a glob pattern that is itself a value."""
    if not isinstance(value, str) or not isinstance(pattern, str):
        return False
    try:
        return Glob(pattern).matches(value)
    except ValueError:
        return False


def length(value: Any) -> int:
    """Count a list's items or a text's UTF-8 bytes; 0 for anything else."""
    if isinstance(value, str):
        return len(value.encode("utf-8", "surrogatepass"))
    return len(value) if isinstance(value, list) else 0


def type_of(value: Any) -> str:
    """Name the type of a value."""
    if value is None or value is MISSING:
        return "null"
    if isinstance(value, bool):
        return "bool"
    if is_number(value):
        return "number"
    names: dict[type, str] = {str: "string", list: "list", dict: "object"}
    return names.get(type(value), "null")


def to_bool(value: Any) -> bool:
    """Convert: null, 0, "", "false" and an empty list are false."""
    if isinstance(value, str):
        return value not in {"", "false"}
    return value is not MISSING and bool(value)


def to_text(value: Any) -> str | None:
    """Convert to text; null stays null, a list or object becomes JSON."""
    if value is None or value is MISSING:
        return None
    text = scalar_text(value)
    if text is not None:
        return text
    try:
        return str(encode_json(value))
    except (Failed, RecursionError):
        return None


def to_number(value: Any) -> Any:
    """Convert a numeric text to its number; null for what is none."""
    if is_number(value):
        return value
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return decode_json(value)
    return None


def _on_text(change: Callable[[str], str]) -> Callable[[Any], Any]:
    return lambda value: change(value) if isinstance(value, str) else None


@dataclass(frozen=True, slots=True)
class Function:
    """A function of FQL, and how many values it takes."""

    call: Callable[..., Any]
    takes: int


FUNCTIONS: Final[dict[str, Function]] = {
    "contains": Function(contains, 2),
    "match": Function(match, 2),
    "length": Function(length, 1),
    "lowercase": Function(_on_text(str.lower), 1),
    "uppercase": Function(_on_text(str.upper), 1),
    "snakecase": Function(_on_text(lambda text: text.replace(" ", "_")), 1),
    "kebabcase": Function(_on_text(lambda text: text.replace(" ", "-")), 1),
    "titlecase": Function(
        _on_text(lambda text: " ".join(w[:1].upper() + w[1:] for w in text.split(" "))), 1
    ),
    "typeof": Function(type_of, 1),
    "bool": Function(to_bool, 1),
    "string": Function(to_text, 1),
    "number": Function(to_number, 1),
}
