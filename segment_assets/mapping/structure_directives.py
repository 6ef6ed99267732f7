"""Directives that choose or shape values: `@if`, `@arrayPath`, `@flatten`, `@merge`, ..."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import chain, islice
from operator import or_
from typing import Any

from segment_assets.handoff import MISSING, Fault
from segment_assets.mapping.contents import SCALARS
from segment_assets.mapping.nodes import Failed, Node, ObjectNode, Paths, kind_of, map_values, union
from segment_assets.mapping.path import code_units, walk
from segment_assets.mapping.pruning import pruned, pruned_values
from segment_assets.mapping.rows import (
    DictRows,
    FieldRows,
    Rows,
    TakenRows,
    objects_of,
    place_faults,
)


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
        lists = [
            root if isinstance(root, list) else [root] if isinstance(root, dict) else None
            for root in roots
        ]
        items = list(chain.from_iterable(filter(None, lists)))
        shaped = self.shape.evaluate(DictRows(items))
        kinds = set(map(type, shaped))
        if type(MISSING) in kinds and not self.keep:
            shaped = [None if value is MISSING else value for value in shaped]
        parts = iter(shaped)
        made = [
            root if found is None else list(islice(parts, len(found)))
            for root, found in zip(roots, lists, strict=True)
        ]
        if Fault in kinds:
            made = [
                value if found is None else _fault_in(value) or value
                for value, found in zip(made, lists, strict=True)
            ]
        return made

    def paths(self) -> Paths:
        """Read what the list reads: the shape sees the item only."""
        return self.root.paths()


def _fault_in(values: Sequence[Any]) -> Fault | None:
    return next((value for value in values if type(value) is Fault), None)


@dataclass(frozen=True, slots=True)
class FlattenNode:
    """An object of one level: names joined by a separator, lists by index."""

    value: Node
    separator: str
    omit_arrays: bool
    keep: bool = False

    def evaluate(self, rows: Rows) -> Sequence[Any]:
        """Flatten each value."""
        return map_values(self._flatten, self.value.evaluate(rows))

    def _flatten(self, value: Any) -> dict[str, Any]:
        made: dict[str, Any] = {}
        odd: list[Any] = []
        self._add(made, odd, "", value)
        return pruned(made) if odd and not self.keep else made

    def _add(self, made: dict[str, Any], odd: list[Any], path: str, value: Any) -> None:
        """Add the scalars inside a value, and note in `odd` what is none."""
        if isinstance(value, dict):
            parts: Any = value.items()
        elif isinstance(value, list) and not self.omit_arrays:
            parts = enumerate(value)
        else:
            made[path] = value
            if type(value) not in SCALARS:
                odd.append(value)
            return
        prefix = f"{path}{self.separator}" if path else ""
        for name, item in parts:
            inner = f"{prefix}{name}" if prefix else str(name)
            if type(item) in SCALARS:
                made[inner] = item
            else:
                self._add(made, odd, inner, item)

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
        if all(set(map(type, column)) == {dict} for column in columns):
            # `|` makes a new object, as `merge` does; a single object is copied.
            first, *others = columns
            return list(reduce(lambda left, right: map(or_, left, right), others, map(dict, first)))
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
        """Make the new roots, then map those; an object that is written out is never made."""
        fields: Rows | None = None
        if isinstance(self.apply, ObjectNode):
            names = self.apply.names
            columns = [
                pruned_values(child.evaluate(rows), in_lists=False) for child in self.apply.children
            ]
            if not any(Fault in set(map(type, column)) for column in columns):
                fields = FieldRows(dict(zip(names, columns, strict=True)), len(rows))
            roots: Sequence[Any] = (
                [] if fields is not None else objects_of(names, columns, len(rows))
            )
        else:
            roots = pruned_values(self.apply.evaluate(rows), in_lists=False)
        made = list(self.mapping.evaluate(DictRows(roots) if fields is None else fields))
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
        return pruned_values(self.value.evaluate(rows))

    def paths(self) -> Paths:
        """Read what the value reads."""
        return self.value.paths()
