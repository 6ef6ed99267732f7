"""Split a trigger into tokens. Source: Segment's FQL lexer and its documentation of FQL.

A text runs to the next quote of its own kind; there is no escape in it, so that glob patterns
keep their backslashes. In a field path a backslash takes the next character as it is.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal

from segment_assets.errors import MappingError

MAX_CHARACTERS: Final = 10_000

Kind = Literal["path", "text", "number", "operator", "punctuation", "end"]

_TOKEN: Final = re.compile(
    r"""(?P<space>\s+)
      | (?P<text>"[^"]*"|'[^']*')
      | (?P<number>[-+]?[0-9]+(?:\.[0-9]+)?)
      | (?P<operator>!=|<=|>=|=|<|>|!)
      | (?P<punctuation>[()\[\],])
      | (?P<path>(?:[A-Za-z_]|\\.)(?:[A-Za-z0-9_.-]|\\.)*)
    """,
    re.VERBOSE | re.DOTALL,
)
_PATH_PART: Final = re.compile(r"(?:[^.\\]|\\.)+", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `column` counts characters from 1."""

    kind: Kind
    text: str
    column: int


def refused(sentence: str, column: int) -> MappingError:
    """Make the error of an invalid trigger."""
    return MappingError([("trigger", f"{sentence} (column {column})")])


def tokens_of(fql: str) -> list[Token]:
    """Split a trigger; raise `MappingError` at the first character that fits nowhere."""
    if len(fql) > MAX_CHARACTERS:
        raise refused(f"a trigger has at most {MAX_CHARACTERS} characters", MAX_CHARACTERS)
    tokens: list[Token] = []
    place = 0
    while place < len(fql):
        found = _TOKEN.match(fql, place)
        if found is None:
            raise _unknown(fql, place)
        kind = found.lastgroup
        if kind != "space":
            tokens.append(Token(kind, found[0], place + 1))  # type: ignore[arg-type] # group names are the kinds
        if kind in {"number", "text", "path"} and _goes_on(fql, found.end()):
            raise refused(f"unexpected {fql[found.end()]!r} after {found[0]!r}", found.end() + 1)
        place = found.end()
    tokens.append(Token("end", "", len(fql) + 1))
    return tokens


def path_parts(text: str, column: int) -> tuple[str, ...]:
    """Split a field path at its dots and take the backslashes out."""
    if text.endswith(".") or ".." in text.replace("\\.", ""):
        raise refused(f"{text!r} has a dot with no name after it", column)
    return tuple(
        re.sub(r"\\(.)", r"\1", part, flags=re.DOTALL) for part in _PATH_PART.findall(text)
    )


def _goes_on(fql: str, place: int) -> bool:
    return place < len(fql) and (fql[place].isalnum() or fql[place] in "_\"'\\.$")


def _unknown(fql: str, place: int) -> MappingError:
    character = fql[place]
    if character in "\"'":
        return refused(f"the text that starts with {character} is not closed", place + 1)
    if character in "&|":
        return refused('write "and" and "or" instead of && and ||', place + 1)
    if character == "\\":
        return refused("a backslash needs a character after it", place + 1)
    return refused(f"unexpected character {character!r}", place + 1)
