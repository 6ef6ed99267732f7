"""Mistakes are collected and told all at once, each in one line that says what to do."""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from segment_assets.declare.spec import Locate, Position
from segment_assets.errors import DeclarationError

__all__ = [
    "Locate", "Mistake", "Mistakes", "PathTuple", "hint", "in_order", "is_key_like", "masked",
    "owner_and_field", "raise_all", "shown",
]  # fmt: skip

PathTuple = tuple[str | int, ...]

_LONGEST_SHOWN: Final = 60
#: One word of half a write key's length or more.
_KEY_LIKE: Final = re.compile(r"[A-Za-z0-9+=]{16,}")
_CERTAIN: Final = 28


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake: `owner` is `destination/mapping` or a model's key, `field` its dotted path."""

    owner: str
    field: str
    sentence: str
    position: Position | None = None

    def __str__(self) -> str:
        parts = (str(self.position or ""), self.owner, self.field, self.sentence)
        return ": ".join(part for part in parts if part)


@dataclass(slots=True)
class Mistakes:
    """The mistakes of one document: its attributes name whose they are, `locate` says where."""

    attributes: Mapping[str, Any]
    locate: Locate | None = None
    found: list[Mistake] = field(default_factory=list)

    def position(self, path: PathTuple) -> Position | None:
        """Return where a value stands, or where it belongs."""
        return None if self.locate is None else self.locate(path)

    def add(self, path: PathTuple, sentence: str, position: Position | None = None) -> None:
        """Note one mistake at a path of keys and indexes below `attributes`."""
        owner, name = owner_and_field(self.attributes, path)
        self.found.append(Mistake(owner, name, sentence, position or self.position(path)))


def owner_and_field(attributes: Mapping[str, Any], path: PathTuple) -> tuple[str, str]:
    """Return whose a value is (`destination/mapping`, or a model's key) and its dotted field."""
    name = _name_of(attributes, "name", "?")
    if len(path) > 1 and path[0] in {"mappings", "models"}:
        items, at = attributes.get(path[0]), path[1]
        item = items[at] if isinstance(items, list | tuple) and isinstance(at, int) else None
        label = f"{str(path[0])[:-1]} {int(at) + 1}" if isinstance(at, int) else str(at)
        key = "name" if path[0] == "mappings" else "key"
        own = _name_of(item, key, label) if isinstance(item, Mapping) else label
        own = f"{name}/{own}" if path[0] == "mappings" else own
        return own, masked(".".join(str(part) for part in path[2:]))
    return ("" if name == "?" else name), masked(".".join(str(part) for part in path))


def _name_of(values: Mapping[str, Any], key: str, otherwise: str) -> str:
    name = values.get(key)
    return masked(name) if isinstance(name, str) and name else otherwise


def raise_all(mistakes: Iterable[Mistake]) -> None:
    """Raise `DeclarationError` with every mistake, by file and line; return if there is none."""
    told = in_order(mistakes)
    if told:
        raise DeclarationError(told)


def in_order(mistakes: Iterable[Mistake]) -> list[str]:
    """Return mistakes as lines for people, by file and line, each once."""
    return list(dict.fromkeys(str(mistake) for mistake in sorted(mistakes, key=_place)))


def _place(mistake: Mistake) -> tuple[str, int]:
    return (mistake.position.file, mistake.position.line) if mistake.position else ("", 0)


def shown(value: Any) -> str:
    """Return what was found as a short text for people; what looks like a key is never shown."""
    if isinstance(value, str):
        text = masked(" ".join(value.split()))
        return f"'{text}'" if len(text) <= _LONGEST_SHOWN else f"'{text[:_LONGEST_SHOWN]}...'"
    if value is None or isinstance(value, bool):
        return "nothing" if value is None else f"{str(value).lower()} (a boolean)"
    if isinstance(value, int | float):
        return f"{value} (a number)"
    if isinstance(value, Mapping):
        return "an object"
    if not isinstance(value, list | tuple):
        return f"a {type(value).__name__}"
    return "a list" if value else "an empty list"


def masked(text: str) -> str:
    """Replace what may be a write key (32 letters and digits at random) by a note."""
    return _KEY_LIKE.sub(lambda found: _note_of(found[0]), text)


def _note_of(word: str) -> str:
    """Hide a long word of letters mixed with digits or with case; words of people stay."""
    inner = word[1:]
    mixed = inner.lower() != inner and inner.upper() != inner
    has_digit = any(char.isdigit() for char in word)
    has_letter = any(char.isalpha() for char in word)
    hidden = has_letter and (has_digit or (mixed and len(word) >= _CERTAIN))
    return f"({len(word)} characters, not shown)" if hidden else word


def is_key_like(text: str) -> bool:
    """Say whether a text holds what may be a write key."""
    return masked(text) != text


def hint(name: Any, known: Iterable[str]) -> str:
    """Return `; did you mean 'x'?` for the nearest known name, or nothing."""
    if not isinstance(name, str):
        return ""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"; did you mean '{near[0]}'?" if near else ""
