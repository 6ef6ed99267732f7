"""A column's type as a tree, read from the engine's text: `STRUCT(a INTEGER, "b c" DATE[])`."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_TOKEN: Final = re.compile(r"""\s*("(?:[^"]|"")*"|'(?:[^']|'')*'|\w+|[(),\[\]])""")
#: Types whose parentheses hold types; those of any other hold parameters (digits or text).
_NESTED: Final = frozenset({"STRUCT", "UNION", "MAP", "TUPLE"})
_NAMED: Final = frozenset({"STRUCT", "UNION"})


@dataclass(frozen=True, slots=True)
class DataType:
    """One type. `name` is upper case: LIST and ARRAY stand for `T[]` and `T[3]`.

    `parts` are the nested types with their names: fields, members, `key` and `value` of a MAP,
    `item` of a LIST or ARRAY, `1`, `2`, ... of a TUPLE. `parameters` are texts (`18`, `2`).
    """

    name: str
    parts: tuple[tuple[str, "DataType"], ...] = ()
    parameters: tuple[str, ...] = ()

    @property
    def item(self) -> "DataType":
        """The type of the elements of a LIST or ARRAY."""
        return self.parts[0][1]


@lru_cache(maxsize=4096)
def parse_type(text: str) -> DataType:
    """Parse a type text. A text of another grammar is one type of that name, with no parts."""
    tokens = [match.group(1) for match in _TOKEN.finditer(text)]
    try:
        data_type, rest = _type(tokens)
    except IndexError:  # the text ends too early: not this grammar
        return DataType(text.upper())
    return DataType(text.upper()) if rest else data_type


def _type(tokens: list[str]) -> tuple[DataType, list[str]]:
    words = [_unquoted(tokens[0])]
    tokens = tokens[1:]
    while tokens and tokens[0].isidentifier():
        words.append(tokens[0])
        tokens = tokens[1:]
    data_type = DataType(" ".join(words).upper())
    if tokens and tokens[0] == "(":
        data_type, tokens = _parenthesised(data_type.name, tokens[1:])
    while tokens and tokens[0] == "[":
        size = () if tokens[1] == "]" else (tokens[1],)
        data_type = DataType("ARRAY" if size else "LIST", (("item", data_type),), size)
        tokens = tokens[2 + len(size) :]
    return data_type, tokens


def _parenthesised(name: str, tokens: list[str]) -> tuple[DataType, list[str]]:
    """Read up to the closing parenthesis; `tokens` starts behind the opening one."""
    parts: list[tuple[str, DataType]] = []
    parameters: list[str] = []
    while tokens[0] != ")":
        if tokens[0] == ",":
            tokens = tokens[1:]
        elif name in _NAMED:
            part, rest = _type(tokens[1:])
            parts.append((_unquoted(tokens[0]), part))
            tokens = rest
        elif name in _NESTED:
            part, rest = _type(tokens)
            label = ("key", "value")[len(parts)] if name == "MAP" else str(len(parts) + 1)
            parts.append((label, part))
            tokens = rest
        else:
            parameters.append(_unquoted(tokens[0]))
            tokens = tokens[1:]
    return DataType(name, tuple(parts), tuple(parameters)), tokens[1:]


def _unquoted(token: str) -> str:
    quote = token[0]
    return token[1:-1].replace(quote * 2, quote) if quote in "\"'" else token
