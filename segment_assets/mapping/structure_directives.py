"""Directives that choose or shape values: `@if`, `@arrayPath`, `@flatten`, `@merge`, ..."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import NoneType
from typing import Any, Final

from segment_assets.handoff import MISSING, Fault
from segment_assets.mapping.nodes import Failed, Node, Paths, kind_of, map_values, union
from segment_assets.mapping.path import code_units, walk
from segment_assets.mapping.rows import DictRows, Rows, TakenRows, place_faults

_SCALARS: Final = frozenset({str, int, float, bool, NoneType})


@dataclass(frozen=True, slots=True)
class IfNode:
    """One of two values. A branch is evaluated only on the rows that take it."""

    condition: Node
    #: `exists` asks for a value at all; `blank`, whose name is inverted, for more than nothing.
    blank: bool
    then: Node | None
    otherwise: Node | None

    def evaluate(self, rows: Rows) -> Sequence[Any]:
        """Choose for each row; without a branch the field is missing."""
        asked = self.condition.evaluate(rows)
        holds = is_more_than_blank if self.blank else is_there
        answers = [holds(value) for value in asked]
        broken = Fault in set(map(type, asked))
        if not broken and all(answers):
            return _branch(self.then, rows)
        if not broken and not any(answers):
            return _branch(self.otherwise, rows)
        made: list[Any] = [MISSING] * len(rows)
        for wanted, branch in ((True, self.then), (False, self.otherwise)):
            places = [place for place, answer in enumerate(answers) if answer is wanted]
            values = _branch(branch, TakenRows(rows, places))
            for place, value in zip(places, values, strict=True):
                made[place] = value
        if broken:
            place_faults(made, [asked], [{Fault}])
        return made

    def paths(self) -> Paths:
        """Read the condition and both branches."""
        return union([self.condition, *filter(None, (self.then, self.otherwise))])


def _branch(branch: Node | None, rows: Rows) -> Sequence[Any]:
    return branch.evaluate(rows) if branch is not None else [MISSING] * len(rows)


def is_there(value: Any) -> bool:
    """Say whether a value is neither missing nor null."""
    return value is not None and value is not MISSING


def is_more_than_blank(value: Any) -> bool:
    """Say whether JavaScript finds a value neither null nor loosely equal to ""."""
    if isinstance(value, dict):
        return True
    if isinstance(value, list):
        while isinstance(value, list) and len(value) == 1:
            value = value[0]
        return bool(value) if isinstance(value, list) else is_there(value) and value != ""
    return is_there(value) and value not in (0, "")


@dataclass(frozen=True, slots=True)
class ArrayPathNode:
    """A shape for each item of a list, with the item as root. One object is a list of one."""

    root: Node
    shape: Node
    keep: bool = False

    def evaluate(self, rows: Rows) -> Sequence[Any]:
        """Shape all items of all rows in one go, and give each row its own back."""
        roots = self.root.evaluate(rows)
        per_row = [
            root if isinstance(root, list) else [root] if isinstance(root, dict) else None
            for root in roots
        ]
        items = [item for found in per_row if found for item in found]
        shaped = iter(self.shape.evaluate(DictRows(items)))
        made: list[Any] = []
        for root, found in zip(roots, per_row, strict=True):
            if found is None:
                made.append(root)
                continue
            values = [next(shaped) for _ in found]
            if not self.keep:
                values = [None if value is MISSING else value for value in values]
            faults = [value for value in values if type(value) is Fault]
            made.append(faults[0] if faults else values)
        return made

    def paths(self) -> Paths:
        """Read what the list reads: the shape sees the item only."""
        return self.root.paths()


@dataclass(frozen=True, slots=True)
class FlattenNode:
    """An object of one level: names joined by a separator, lists by index."""

    value: Node
    separator: str
    omit_arrays: bool

    def evaluate(self, rows: Rows) -> Sequence[Any]:
        """Flatten each value."""
        return map_values(self._flatten, self.value.evaluate(rows))

    def _flatten(self, value: Any) -> dict[str, Any]:
        made: dict[str, Any] = {}
        self._add(made, [("", value)], "")
        return made

    def _add(self, made: dict[str, Any], parts: Iterable[tuple[Any, Any]], prefix: str) -> None:
        for name, item in parts:
            path = f"{prefix}{self.separator}{name}" if prefix else str(name)
            if type(item) in _SCALARS:
                made[path] = item
            elif isinstance(item, dict):
                self._add(made, item.items(), path)
            elif isinstance(item, list) and not self.omit_arrays:
                self._add(made, enumerate(item), path)
            else:
                made[path] = item

    def paths(self) -> Paths:
        """Read what the value reads."""
        return self.value.paths()


@dataclass(frozen=True, slots=True)
class MergeNode:
    """Several objects in one, the last one winning. One level: inner objects are replaced."""

    objects: tuple[Node, ...]

    def evaluate(self, rows: Rows) -> Sequence[Any]:
        """Merge each row's objects."""
        columns = [node.evaluate(rows) for node in self.objects]
        if not columns:
            return [{} for _ in range(len(rows))]
        return [merge(values) for values in zip(*columns, strict=True)]

    def paths(self) -> Paths:
        """Read what the objects read."""
        return union(self.objects)


def merge(values: Sequence[Any]) -> Any:
    """Assign one value after the other to a new object, as `Object.assign` does."""
    made: dict[str, Any] = {}
    for value in values:
        if isinstance(value, dict):
            made.update(value)
        elif isinstance(value, list):
            made.update({str(place): item for place, item in enumerate(value)})
        elif isinstance(value, str):
            places = map(str, range(code_units(value)))
            made.update({place: walk(value, (place,)) for place in places})
        elif type(value) is Fault:
            return value
    return made


@dataclass(frozen=True, slots=True)
class TransformNode:
    """A mapping of what another mapping makes."""

    apply: Node
    mapping: Node

    def evaluate(self, rows: Rows) -> Sequence[Any]:
        """Make the new roots, then map those."""
        roots = map_values(_without_missing, self.apply.evaluate(rows))
        made = list(self.mapping.evaluate(DictRows(roots)))
        place_faults(made, [_odd_roots(rows), roots], [{Fault}, {Fault}])
        return made

    def paths(self) -> Paths:
        """Read what the first mapping reads: the second sees its result only."""
        return self.apply.paths()


def _odd_roots(rows: Rows) -> Sequence[Any]:
    """Return a fault for each root that is no object: only items of lists can be."""
    base = rows
    while isinstance(base, TakenRows):
        base = base.rows
    if not isinstance(base, DictRows):
        return []
    return map_values(_root_object, rows.roots())


def _root_object(root: Any) -> Any:
    if root is MISSING or isinstance(root, dict):
        return root
    raise Failed(f"@transform needs an object to work on but got {kind_of(root)}")


def _without_missing(value: Any) -> Any:
    return pruned(value, in_lists=False)


@dataclass(frozen=True, slots=True)
class ExcludeWhenNullNode:
    """A value without its nulls: itself, and those of the objects inside it, not of lists."""

    value: Node
    keep: bool = False

    def evaluate(self, rows: Rows) -> Sequence[Any]:
        """Take the nulls out of each value."""
        return map_values(self._exclude, self.value.evaluate(rows))

    def _exclude(self, value: Any) -> Any:
        if value is None:
            return MISSING
        if not isinstance(value, dict):
            return value
        made = {name: self._exclude(item) for name, item in value.items()}
        if self.keep:
            return made
        return {name: item for name, item in made.items() if item is not MISSING}

    def paths(self) -> Paths:
        """Read what the value reads."""
        return self.value.paths()


@dataclass(frozen=True, slots=True)
class PrunedNode:
    """A value without the `MISSING` that a directive left inside it."""

    value: Node

    def evaluate(self, rows: Rows) -> Sequence[Any]:
        """Prune each value."""
        return map_values(pruned, self.value.evaluate(rows))

    def paths(self) -> Paths:
        """Read what the value reads."""
        return self.value.paths()


def pruned(value: Any, *, in_lists: bool = True) -> Any:
    """Leave `MISSING` out of objects and make it null in lists; a value without stays itself."""
    if _is_whole(value):
        return value
    if isinstance(value, dict):
        parts = {name: pruned(item, in_lists=in_lists) for name, item in value.items()}
        return {name: item for name, item in parts.items() if item is not MISSING}
    if isinstance(value, list):
        items = [pruned(item, in_lists=in_lists) for item in value]
        return [None if item is MISSING else item for item in items] if in_lists else items
    return value


def _is_whole(value: Any) -> bool:
    """Say whether there is no `MISSING` inside. Most values are: this costs little, a copy much."""
    kind = type(value)
    if kind is dict:
        inner = value.values()
    elif kind is list:
        inner = value
    else:
        return value is not MISSING and not isinstance(value, dict | list)
    return all(type(item) in _SCALARS or _is_whole(item) for item in inner)
