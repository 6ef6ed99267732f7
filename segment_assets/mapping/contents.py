"""What a column of values holds at any depth, found once for the whole column.

Asking per value whether it holds something rare costs more than the work itself. Here a level of
all values is asked at once, by functions that run in C, so that the common answer is cheap.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from types import NoneType
from typing import Any, Final

SCALARS: Final = frozenset({str, int, float, bool, NoneType})
#: Types of JSON values as parsers make them: exactly these and none derived from them.
JSON_TYPES: Final = SCALARS | {list, dict}
#: Deeper values, cycles among them, are left to those who look at one value at a time, and so
#: are levels of more parts than this, whose list alone would take tens of megabytes.
_DEEPEST: Final = 24
_MOST_PARTS: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class Contents:
    """The exact types at any depth of a column's values, and the keys of all objects."""

    types: frozenset[type]
    names: frozenset[Any]


def contents_of(values: Sequence[Any]) -> Contents | None:
    """Look at all values down to the scalars; None where there is too much."""
    types: set[type] = set()
    names: set[Any] = set()
    level = values
    for _ in range(_DEEPEST):
        found = set(map(type, level))
        types |= found
        objects = _of_type(dict, level, found)
        lists = _of_type(list, level, found)
        if not objects and not lists:
            return Contents(frozenset(types), frozenset(names))
        if sum(map(len, chain(objects, lists))) > _MOST_PARTS:
            return None
        names.update(*objects)
        level = [*chain.from_iterable(map(dict.values, objects)), *chain.from_iterable(lists)]
    return None


def _of_type(kind: type, values: Sequence[Any], found: set[type]) -> Sequence[Any]:
    if kind not in found:
        return ()
    return values if len(found) == 1 else [value for value in values if type(value) is kind]
