"""Directives that make or change text: `@template`, `@case`, `@replace`, `@json`."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from segment_assets.handoff import Fault
from segment_assets.javascript import scalar_text
from segment_assets.mapping.nodes import (
    WHOLE_ROOT,
    Failed,
    Node,
    Paths,
    kind_of,
    map_values,
)
from segment_assets.mapping.path import Parts, split_path, walk
from segment_assets.mapping.rows import Rows
from segment_assets.mapping.text import decode_json, encode_values, text_of, texts_of

_TRIPLE: Final = re.compile(r"\{\{\{([^}]+)\}\}\}")
_DOUBLE: Final = re.compile(r"\{\{([^}]+)\}\}")

Piece = str | Parts


def split_template(template: str) -> tuple[Piece, ...]:
    """Split a template into its texts and the paths between them.

    `{{{path}}}` is looked for first and `{{path}}` in what is left, as at Segment. A value that
    was put in is not looked at again: a row's text is never a template.
    """
    pieces: list[Piece] = []
    for outer in _split(_TRIPLE, template):
        pieces.extend(_split(_DOUBLE, outer) if isinstance(outer, str) else [outer])
    return tuple(pieces)


def _split(pattern: re.Pattern[str], text: str) -> list[Piece]:
    found = pattern.split(text)
    return [
        split_path(piece.strip(), strip_root=False) if position % 2 else piece
        for position, piece in enumerate(found)
        if position % 2 or piece
    ]


@dataclass(frozen=True, slots=True)
class TemplateNode:
    """Text with paths in it; missing and null are put in as nothing."""

    pieces: tuple[Piece, ...]

    def evaluate(self, rows: Rows) -> Sequence[Any]:
        """Fill one compiled format with a column of texts per path."""
        form = "".join(
            piece.replace("{", "{{").replace("}", "}}") if isinstance(piece, str) else "{}"
            for piece in self.pieces
        ).format
        columns = [texts_of(rows.get(piece)) for piece in self.pieces if not isinstance(piece, str)]
        if not columns:
            return [form()] * len(rows)
        made: list[Any] = list(map(form, *columns))
        for column in reversed(columns):
            if Fault in set(map(type, column)):
                made = [
                    part if type(part) is Fault else text
                    for part, text in zip(column, made, strict=True)
                ]
        return made

    def paths(self) -> Paths:
        """Read the paths in the text."""
        return frozenset(piece for piece in self.pieces if not isinstance(piece, str))


@dataclass(frozen=True, slots=True)
class DynamicTemplateNode:
    """A template that is itself a value of the row."""

    template: Node

    def evaluate(self, rows: Rows) -> Sequence[Any]:
        """Split each row's own template and fill it."""
        pairs = list(zip(rows.roots(), self.template.evaluate(rows), strict=True))
        return map_values(self._fill, pairs)

    @staticmethod
    def _fill(pair: tuple[Any, Any]) -> Any:
        root, template = pair
        if type(template) is Fault:
            return template
        if not isinstance(template, str):
            raise Failed(f"@template needs a text but got {kind_of(template)}")
        return "".join(
            piece if isinstance(piece, str) else text_of(walk(root, piece))
            for piece in split_template(template)
        )

    def paths(self) -> Paths:
        """Read anything."""
        return WHOLE_ROOT


@dataclass(frozen=True, slots=True)
class CaseNode:
    """Lower or upper case. What is no text passes as it is."""

    change: Callable[[str], str]
    value: Node

    def evaluate(self, rows: Rows) -> Sequence[Any]:
        """Change each text."""
        change = self.change
        return [
            change(value) if isinstance(value, str) else value
            for value in self.value.evaluate(rows)
        ]

    def paths(self) -> Paths:
        """Read what the value reads."""
        return self.value.paths()


@dataclass(frozen=True, slots=True)
class Replacement:
    """One literal pattern and what stands for it. `$&` and the like work as in JavaScript."""

    pattern: str
    replacement: str
    ignore_case: bool
    everywhere: bool

    def apply(self, text: str) -> str:
        """Replace the first or every place where the pattern is found."""
        if "$" not in self.replacement and not self.ignore_case:
            return text.replace(self.pattern, self.replacement, -1 if self.everywhere else 1)
        sought, inside = self.pattern, text
        if self.ignore_case:
            sought, inside = fold_case(sought), fold_case(inside)
        made: list[str] = []
        done = 0
        place = inside.find(sought)
        while place >= 0:
            end = place + len(sought)
            made += [text[done:place], self._expand(text, place, end)]
            done = end
            place = inside.find(sought, end) if self.everywhere else -1
        return "".join([*made, text[done:]])

    def _expand(self, text: str, start: int, end: int) -> str:
        parts = {"$$": "$", "$&": text[start:end], "$`": text[:start], "$'": text[end:]}
        return re.sub(r"\$[$&`']", lambda found: parts[found[0]], self.replacement)


def fold_case(text: str) -> str:
    """Fold a text as a JavaScript pattern that ignores case does: one character for one.

    Source: ECMAScript, Canonicalize without the u flag. A character whose upper case is longer,
    or that would become ASCII from outside of it, stays as it is.
    """
    if text.isascii():
        return text.upper()
    return "".join(map(_fold_character, text))


def _fold_character(character: str) -> str:
    upper = character.upper()
    if len(upper) != 1 or (upper.isascii() and not character.isascii()) or character > "\uffff":
        return character
    return upper


@dataclass(frozen=True, slots=True)
class ReplaceNode:
    """One or two literal replacements in text; numbers and booleans are made text first."""

    steps: tuple[Replacement, ...]
    value: Node

    def evaluate(self, rows: Rows) -> Sequence[Any]:
        """Replace in each text; any other value becomes ""."""
        return map_values(self._replace, self.value.evaluate(rows))

    def _replace(self, value: Any) -> str:
        text = scalar_text(value)
        if text is None:
            return ""
        for step in self.steps:
            text = step.apply(text)
        return text

    def paths(self) -> Paths:
        """Read what the value reads."""
        return self.value.paths()


@dataclass(frozen=True, slots=True)
class JsonNode:
    """JSON text of a value, or the value of a JSON text."""

    encode: bool
    value: Node

    def evaluate(self, rows: Rows) -> Sequence[Any]:
        """Encode or decode each value."""
        values = self.value.evaluate(rows)
        return encode_values(values) if self.encode else map_values(decode_json, values)

    def paths(self) -> Paths:
        """Read what the value reads."""
        return self.value.paths()
