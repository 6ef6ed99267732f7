"""What a parsed mapping is made of: small frozen nodes, each evaluated for a whole batch.

A node answers with one value per row: any value of the row, `MISSING` (left out of objects) or a
`Fault` (which takes the place of whatever holds it, up to the field, so that the row is
rejected). Lists of values are never changed by a node that did not make them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from segment_assets.handoff import MISSING, Fault
from segment_assets.mapping.path import Parts, split_path, walk
from segment_assets.mapping.rows import Rows, objects_of, place_faults

#: Paths of the envelope that a node can read. The empty path stands for the whole root.
Paths = frozenset[Parts]
NOTHING: Paths = frozenset()
WHOLE_ROOT: Paths = frozenset({()})
ALL_COLUMNS: Paths = frozenset({("properties",)})


class Failed(Exception):
    """A directive can't be carried out on one row; its sentence goes into the row's `Fault`."""


class Node(Protocol):
    """One piece of a mapping."""

    def evaluate(self, rows: Rows) -> Sequence[Any]:
        """Return one value per row."""

    def paths(self) -> Paths:
        """Return the paths of the envelope that can be read."""


def fault(message: str) -> Fault:
    """Make the value of a directive that failed."""
    return Fault("function_failed", message)


def map_values(function: Callable[[Any], Any], values: Sequence[Any]) -> list[Any]:
    """Apply a function to each value; faults pass, and a failure becomes one."""
    made: list[Any] = []
    for value in values:
        if type(value) is Fault:
            made.append(value)
            continue
        try:
            made.append(function(value))
        except Failed as error:
            made.append(fault(str(error)))
        except RecursionError:
            made.append(fault("the value is nested too deeply"))
    return made


def union(nodes: Sequence[Node]) -> Paths:
    """Return all paths that any of the nodes can read."""
    return frozenset().union(*(node.paths() for node in nodes))


@dataclass(frozen=True, slots=True)
class LiteralNode:
    """The same scalar for each row. Containers are nodes of their own, so each row gets its own."""

    value: Any

    def evaluate(self, rows: Rows) -> Sequence[Any]:
        """Repeat the value."""
        return [self.value] * len(rows)

    def paths(self) -> Paths:
        """Read nothing."""
        return NOTHING


@dataclass(frozen=True, slots=True)
class FailingNode:
    """A directive that can't work, in a place that not every row comes to."""

    message: str

    def evaluate(self, rows: Rows) -> Sequence[Any]:
        """Fail for each row that comes here."""
        return [fault(self.message)] * len(rows)

    def paths(self) -> Paths:
        """Read nothing."""
        return NOTHING


@dataclass(frozen=True, slots=True)
class PathNode:
    """The value at a path that was split when the mapping was parsed."""

    parts: Parts

    def evaluate(self, rows: Rows) -> Sequence[Any]:
        """Hand out the rows' own values."""
        return rows.get(self.parts)

    def paths(self) -> Paths:
        """Read the path."""
        return frozenset({self.parts})


@dataclass(frozen=True, slots=True)
class ColumnNode:
    """A model's column by its exact name, which a path can't say when it has dots or quotes."""

    name: str

    def evaluate(self, rows: Rows) -> Sequence[Any]:
        """Hand out the column."""
        return rows.column(self.name)

    def paths(self) -> Paths:
        """Read the column."""
        return frozenset({("properties", self.name)})


@dataclass(frozen=True, slots=True)
class DynamicPathNode:
    """A path that is itself a value of the row."""

    path: Node

    def evaluate(self, rows: Rows) -> Sequence[Any]:
        """Split each row's own path and follow it."""
        pairs = list(zip(rows.roots(), self.path.evaluate(rows), strict=True))
        return map_values(self._follow, pairs)

    @staticmethod
    def _follow(pair: tuple[Any, Any]) -> Any:
        root, path = pair
        if type(path) is Fault:
            return path
        if not isinstance(path, str):
            raise Failed(f"@path needs a text but got {kind_of(path)}")
        return walk(root, split_path(path))

    def paths(self) -> Paths:
        """Read anything."""
        return WHOLE_ROOT


@dataclass(frozen=True, slots=True)
class ObjectNode:
    """An object of fields. `keep` leaves `MISSING` in it for the directive that takes it in."""

    names: tuple[str, ...]
    children: tuple[Node, ...]
    keep: bool = False

    def evaluate(self, rows: Rows) -> Sequence[Any]:
        """Make a new object per row."""
        columns = [child.evaluate(rows) for child in self.children]
        return objects_of(self.names, columns, len(rows), keep=self.keep)

    def paths(self) -> Paths:
        """Read what the fields read."""
        return union(self.children)


@dataclass(frozen=True, slots=True)
class ArrayNode:
    """A list of values. In JSON a missing item is null: `keep` puts that off."""

    children: tuple[Node, ...]
    keep: bool = False

    def evaluate(self, rows: Rows) -> Sequence[Any]:
        """Make a new list per row."""
        if not self.children:
            return [[] for _ in range(len(rows))]
        columns = [child.evaluate(rows) for child in self.children]
        kinds = [set(map(type, column)) for column in columns]
        made: list[Any] = [list(values) for values in zip(*columns, strict=True)]
        if not self.keep and any(type(MISSING) in kind for kind in kinds):
            made = [[None if value is MISSING else value for value in items] for items in made]
        place_faults(made, columns, kinds)
        return made

    def paths(self) -> Paths:
        """Read what the items read."""
        return union(self.children)


def kind_of(value: Any) -> str:
    """Name a value's JSON type with its article, for sentences."""
    if value is MISSING:
        return "nothing"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    names = {str: "a text", int: "a number", float: "a number", dict: "an object", list: "a list"}
    return names.get(type(value), f"a {type(value).__name__}")
