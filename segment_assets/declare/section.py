"""One object of a declaration, read key by key: mistakes are noted, and nothing is raised."""

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from segment_assets.declare.mistakes import Mistakes, PathTuple, hint, shown


@dataclass(frozen=True, slots=True)
class Section:
    """The values at a path of one document. An absent value and null are the same."""

    values: Mapping[Any, Any]
    path: PathTuple
    mistakes: Mistakes

    def at(self, key: str | int) -> PathTuple:
        """Return the path of one value."""
        return (*self.path, key)

    def note(self, key: str | int, sentence: str) -> None:
        """Note a mistake of one value."""
        self.mistakes.add(self.at(key), sentence)

    def wrong(self, key: str | int, allowed: str, todo: str = "") -> None:
        """Note that a value isn't what is allowed; what looks like a key is not shown."""
        told = f"found {shown(self.values.get(key))}; {allowed}"
        self.note(key, f"{told}; {todo}" if todo else told)

    def refuse_unknown(self, allowed: Collection[str]) -> None:
        """Note every key that isn't an attribute, with the nearest name."""
        for key in self.values:
            if not isinstance(key, str):
                self.note(str(key), f"found {shown(key)} as a key; keys are text; put it in quotes")
            elif key not in allowed:
                names = ", ".join(allowed)
                near = hint(key, allowed)
                self.note(key, f"is not an attribute here; allowed: {names}{near or '; remove it'}")

    def has(self, key: str) -> bool:
        """Say whether a value is given."""
        return self.values.get(key) is not None

    def text(self, key: str, *, todo: str | None = None) -> str | None:
        """Return a text. `todo` says what to write where it is missing: then it is required."""
        value = self.values.get(key)
        if isinstance(value, str) and value.strip():
            return value
        if value is None:
            if todo is not None:
                self.note(key, f"is missing; {todo}")
        elif isinstance(value, str):
            self.note(key, f"is empty; {todo or 'text is allowed; write it or remove the line'}")
        else:
            self.wrong(key, "text is allowed", "put it in quotes")
        return None

    def choice(self, key: str, allowed: Collection[str], *, required: bool = False) -> str | None:
        """Return one of the allowed texts."""
        value = self.values.get(key)
        names = ", ".join(allowed)
        if isinstance(value, str) and value in allowed:
            return value
        if value is None:
            if required:
                self.note(key, f"is missing; allowed: {names}; write one of them")
        else:
            self.wrong(key, f"allowed: {names}", hint(value, allowed)[2:] or "write one of them")
        return None

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Return a boolean."""
        value = self.values.get(key)
        if value is not None and not isinstance(value, bool):
            self.wrong(key, "allowed: true, false", "write one of them")
        return value if isinstance(value, bool) else default

    def number(self, key: str, *, allowed: str, above: float, most: float) -> float | None:
        """Return a finite number greater than `above`, up to `most`."""
        value = self.values.get(key)
        if value is None:
            return None
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and math.isfinite(value) and above < value <= most:
            return float(value)
        self.wrong(key, allowed, "correct the number")
        return None

    def inner(self, key: str, *, what: str, required: bool = False) -> "Section | None":
        """Return the object at a key as a section of its own; `what` says what it holds."""
        value = self.values.get(key)
        if isinstance(value, Mapping):
            return Section(value, self.at(key), self.mistakes)
        if value is not None:
            self.wrong(key, f"an object is allowed: {what}")
        elif required:
            self.note(key, f"is missing; write {what}")
        return None

    def objects(self, key: str, *, what: str) -> "Iterator[Section]":
        """Yield the objects of a required list; `what` says what one of them is."""
        value = self.values.get(key)
        if not isinstance(value, list | tuple) or not value:
            found = "is missing" if value is None else f"found {shown(value)}"
            found = "is empty" if value in ([], ()) else found
            self.note(key, f"{found}; a list of {what} is allowed; write at least one")
            return
        for at, item in enumerate(value):
            if isinstance(item, Mapping):
                yield Section(item, (*self.at(key), at), self.mistakes)
            else:
                told = f"found {shown(item)}; an object is allowed: {what}"
                self.mistakes.add((*self.at(key), at), told)

    def texts(self, key: str, *, what: str) -> tuple[str, ...]:
        """Return a list of texts; a single text counts as a list of one."""
        value = self.values.get(key)
        items = [value] if isinstance(value, str) else value
        if items is None:
            return ()
        if not isinstance(items, list | tuple):
            self.wrong(key, f"a list of {what} is allowed")
            return ()
        kept: list[str] = []
        for at, item in enumerate(items):
            if isinstance(item, str) and item.strip():
                kept.append(item)
            else:
                told = f"found {shown(item)}; text is allowed: {what}; put it in quotes"
                self.mistakes.add((*self.at(key), at), told)
        return tuple(kept)
