"""A whole mapping: parsed once, evaluated for batches of rows, asked about what it reads."""

import collections.abc
import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from segment_assets.errors import MappingError
from segment_assets.handoff import MISSING, Fault
from segment_assets.mapping.directives import DIRECTIVES
from segment_assets.mapping.language import ROOT_DIRECTIVE, Parser, Place, is_directive
from segment_assets.mapping.nodes import LiteralNode, Node, ObjectNode, Paths, fault, kind_of
from segment_assets.mapping.rows import ENVELOPE_NAMES, DictRows, Rows

#: (slash path of the field, directive name or "literal", columns read or None for all of them)
FieldSource = tuple[str, str, tuple[str, ...] | None]
_SEGMENT_ID: Final = "__segment_id"


@dataclass(frozen=True, slots=True)
class Mapping:
    """The fields of a call, each from columns. Frozen: evaluation keeps nothing between batches.

    `fields` has a node per root field; `root` is set instead where one directive makes the
    whole object.
    """

    fields: tuple[tuple[str, Node], ...]
    written: collections.abc.Mapping[str, Any]
    root: Node | None = None

    @classmethod
    def parse(cls, obj: Any) -> "Mapping":
        """Parse a mapping in mapping-kit form; raise `MappingError` with every mistake in it."""
        parser = Parser(DIRECTIVES)
        if not isinstance(obj, dict):
            raise MappingError([("", f"should be an object but it is {kind_of(obj)}")])
        root = None
        fields: tuple[tuple[str, Node], ...] = ()
        if ROOT_DIRECTIVE in obj or is_directive(obj):
            root = _parse_root(parser, obj)
        else:
            node = parser.value(obj, Place())
            if isinstance(node, ObjectNode):
                fields = tuple(zip(node.names, node.children, strict=True))
        if parser.problems:
            raise MappingError(parser.problems)
        return cls(fields, copy.deepcopy(obj), root)

    def evaluate(self, row: collections.abc.Mapping[str, Any]) -> dict[str, Any]:
        """Map one row, which is the root; raise `MappingError` where the row makes it fail."""
        if not isinstance(row, collections.abc.Mapping):
            raise MappingError([("", f"a row should be an object but it is {kind_of(row)}")])
        columns = self.evaluate_rows(DictRows([row if type(row) is dict else dict(row)]))
        problems = [
            (f"/{name}", value.message)
            for name, (value,) in columns.items()
            if isinstance(value, Fault)
        ]
        if problems:
            raise MappingError(problems)
        return {name: value for name, (value,) in columns.items() if value is not MISSING}

    def evaluate_rows(self, rows: Rows) -> dict[str, Sequence[Any]]:
        """Map a batch: per root field one value per row, `MISSING` or a `Fault` among them.

        A plain column is the batch's own list, so results are read and never changed. Where one
        directive makes the whole object, a row that fails has its `Fault` in every field, and in
        a field named like the root directive.
        """
        if self.root is None:
            return {name: node.evaluate(rows) for name, node in self.fields}
        return _columns_of(self.root.evaluate(rows))

    def columns_read(self) -> frozenset[str] | None:
        """Return the model's columns that can be read; None where that can't be bounded."""
        columns = columns_of_paths(self._paths())
        return None if columns is None else frozenset(columns)

    def reads_segment_id(self, field_key: str) -> bool:
        """Say whether a root field can get the record's key, `$.__segment_id`."""
        if self.root is not None:
            return reaches_segment_id(self.root.paths())
        return any(
            reaches_segment_id(node.paths()) for name, node in self.fields if name == field_key
        )

    def field_sources(self) -> list[FieldSource]:
        """Return one entry per leaf: its slash path, the directive it is, the columns it reads."""
        if self.root is not None:
            return [("", ROOT_DIRECTIVE, columns_of_paths(self.root.paths()))]
        sources: list[FieldSource] = []
        for name, node in self.fields:
            sources.extend(_leaves(name, node, self.written[name]))
        return sources

    def _paths(self) -> Paths:
        nodes = [self.root] if self.root is not None else [node for _, node in self.fields]
        return frozenset().union(*(node.paths() for node in nodes))


def columns_of_paths(paths: Paths) -> tuple[str, ...] | None:
    """Return the columns that paths of the envelope lead to, sorted; None for all columns."""
    columns: set[str] = set()
    for parts in paths:
        if not parts or parts == ("properties",):
            return None
        if parts[0] == "properties":
            columns.add(parts[1])
        elif parts[0] not in ENVELOPE_NAMES:
            columns.add(parts[0])
    return tuple(sorted(columns))


def reaches_segment_id(paths: Paths) -> bool:
    """Say whether a path leads to `$.__segment_id`, or to the root that holds it."""
    return any(not parts or parts[0] == _SEGMENT_ID for parts in paths)


def _parse_root(parser: Parser, obj: dict[str, Any]) -> Node:
    """Parse a mapping whose whole object one directive makes.

    Under Segment's key for it, the other fields become that directive's `mapping`.
    """
    if ROOT_DIRECTIVE not in obj:
        return parser.value(obj, Place())
    place = Place().at(ROOT_DIRECTIVE)
    directive = obj[ROOT_DIRECTIVE]
    if not is_directive(directive) or len(directive) != 1:
        return parser.refuse(place, "should be one directive")
    ((name, argument),) = directive.items()
    if not isinstance(argument, dict | list):
        return parser.refuse(place.at(name), "should be an object")
    if isinstance(argument, dict) and not is_directive(argument) and name == "@transform":
        others = {key: value for key, value in obj.items() if key != ROOT_DIRECTIVE}
        argument = {**argument, "mapping": others}
    return parser.value({name: argument}, place)


def _columns_of(results: Sequence[Any]) -> dict[str, Sequence[Any]]:
    rows = [
        value
        if isinstance(value, dict | Fault)
        else fault(f"a mapping should make an object but it made {kind_of(value)}")
        for value in results
    ]
    names = dict.fromkeys(name for row in rows if isinstance(row, dict) for name in row)
    columns: dict[str, Sequence[Any]] = {
        name: [row.get(name, MISSING) if isinstance(row, dict) else row for row in rows]
        for name in names
    }
    if any(isinstance(row, Fault) for row in rows):
        columns[ROOT_DIRECTIVE] = [row if isinstance(row, Fault) else MISSING for row in rows]
    return columns


def _leaves(path: str, node: Node, written: Any) -> list[FieldSource]:
    if isinstance(node, ObjectNode) and node.names and not is_directive(written):
        return [
            leaf
            for name, child in zip(node.names, node.children, strict=True)
            for leaf in _leaves(f"{path}/{name}", child, written[name])
        ]
    kind = "literal"
    if is_directive(written):
        kind = next(key for key in written if key.startswith("@")).removeprefix("@")
    elif not isinstance(node, LiteralNode):
        kind = "list" if isinstance(written, list) else "object"
    return [(path, kind, columns_of_paths(node.paths()))]
