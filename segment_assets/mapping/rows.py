"""The rows that a mapping is evaluated on, a column at a time.

`Envelope` shows a batch of model rows as Segment's events; `DictRows` shows values as they are:
rows in hand, or the items of a list inside a row.
"""

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any, Final, Protocol

from segment_assets.handoff import EVENT_OF_OP, MISSING, Fault
from segment_assets.mapping.object_maker import object_maker
from segment_assets.mapping.path import Parts, walk

#: Names at the root of the envelope. A column of such a name is at `$.properties.<name>` only.
ENVELOPE_NAMES: Final = ("type", "event", "__segment_id", "messageId", "properties")


class Rows(Protocol):
    """A batch of roots. Lists that are returned belong to the batch and are not changed."""

    def __len__(self) -> int: ...

    def get(self, parts: Parts) -> Sequence[Any]:
        """Return the value at a path for each row; `MISSING` where there is none."""

    def column(self, name: str) -> Sequence[Any]:
        """Return a model's column by its exact name, dots and all."""

    def roots(self) -> Sequence[Any]:
        """Return each row's whole root."""

    def records(self) -> Sequence[Any]:
        """Return each row's columns as a dict."""


class DictRows:
    """Rows in hand. A root is a dict; as an item of a list it may be any value."""

    __slots__ = ("_plain", "_roots")

    def __init__(self, roots: Sequence[Any]) -> None:
        self._roots = roots
        self._plain: bool | None = None

    def __len__(self) -> int:
        return len(self._roots)

    def get(self, parts: Parts) -> Sequence[Any]:
        """Return the value at a path for each row."""
        if len(parts) == 1:
            name = parts[0]
            if self._are_dicts():
                try:
                    return list(map(itemgetter(name), self._roots))
                except KeyError:
                    return [root.get(name, MISSING) for root in self._roots]
            return [
                root.get(name, MISSING) if type(root) is dict else walk(root, parts)
                for root in self._roots
            ]
        return [walk(root, parts) for root in self._roots]

    def column(self, name: str) -> Sequence[Any]:
        """Return a column: from `properties` where a row is an envelope, else from its root."""
        return [walk(record, (name,)) for record in self.records()]

    def roots(self) -> Sequence[Any]:
        """Return the roots themselves."""
        return self._roots

    def records(self) -> Sequence[Any]:
        """Return `properties` where a row is an envelope (it has `__segment_id`), else the row."""
        return [
            root["properties"]
            if isinstance(root, dict)
            and "__segment_id" in root
            and isinstance(root.get("properties"), dict)
            else root
            for root in self._roots
        ]

    def _are_dicts(self) -> bool:
        """Say whether all roots are dicts and none of a derived type, which may act on a look."""
        if self._plain is None:
            self._plain = set(map(type, self._roots)) == {dict}
        return self._plain


class FieldRows:
    """Roots that are known by their fields: no object is made unless one is asked for.

    `columns` have no `Fault`; a row has no field where a column has `MISSING`.
    """

    __slots__ = ("_columns", "_length", "_made")

    def __init__(self, columns: Mapping[str, Sequence[Any]], length: int) -> None:
        self._columns, self._length = columns, length
        self._made: DictRows | None = None

    def __len__(self) -> int:
        return self._length

    def get(self, parts: Parts) -> Sequence[Any]:
        """Return the value at a path for each row."""
        if not parts:
            return self.roots()
        values = self._columns.get(parts[0])
        if values is None:
            return [MISSING] * self._length
        rest = parts[1:]
        return [walk(value, rest) for value in values] if rest else values

    def column(self, name: str) -> Sequence[Any]:
        """Return a column as `DictRows` does."""
        return self._rows().column(name)

    def roots(self) -> Sequence[Any]:
        """Return each row's root, made once per batch."""
        return self._rows().roots()

    def records(self) -> Sequence[Any]:
        """Return each row's columns as `DictRows` does."""
        return self._rows().records()

    def _rows(self) -> DictRows:
        if self._made is None:
            columns = list(self._columns.values())
            self._made = DictRows(objects_of(tuple(self._columns), columns, self._length))
        return self._made


class TakenRows:
    """Some rows of a batch, in order: what one branch of an `@if` is evaluated on."""

    __slots__ = ("_index", "rows")

    def __init__(self, rows: Rows, index: Sequence[int]) -> None:
        self.rows, self._index = rows, index

    def __len__(self) -> int:
        return len(self._index)

    def get(self, parts: Parts) -> Sequence[Any]:
        """Return the value at a path for each taken row."""
        return self._take(self.rows.get(parts))

    def column(self, name: str) -> Sequence[Any]:
        """Return a model's column for each taken row."""
        return self._take(self.rows.column(name))

    def roots(self) -> Sequence[Any]:
        """Return each taken row's root."""
        return self._take(self.rows.roots())

    def records(self) -> Sequence[Any]:
        """Return each taken row's columns."""
        return self._take(self.rows.records())

    def _take(self, values: Sequence[Any]) -> Sequence[Any]:
        return [values[position] for position in self._index]


class Envelope:
    """A batch of a model's rows as Segment's reverse ETL shows them to a mapping.

    Each root is `{type, event, __segment_id, messageId, properties: {all columns}}`, and every
    column once more at the root unless its name is one of those. `ops` are diff classes
    (`added`, ...); all lists have one item per row. A plain column is handed out as it is.
    """

    __slots__ = ("_columns", "_length", "_root", "_roots")

    def __init__(
        self,
        columns: Mapping[str, Sequence[Any]],
        action: str,
        ops: Sequence[str],
        record_ids: Sequence[str],
        message_ids: Sequence[str],
    ) -> None:
        self._length = len(record_ids)
        self._columns = columns
        self._root: dict[str, Sequence[Any]] = {
            "type": [action] * self._length,
            "event": [EVENT_OF_OP[op] for op in ops],
            "__segment_id": record_ids,
            "messageId": message_ids,
        }
        self._roots: Sequence[Any] | None = None

    def __len__(self) -> int:
        return self._length

    def get(self, parts: Parts) -> Sequence[Any]:
        """Return the value at a path for each row: a plain column is that list itself."""
        if not parts:
            return self.roots()
        name, rest = parts[0], parts[1:]
        if name == "properties":
            if not rest:
                return self.records()
            name, rest = rest[0], rest[1:]
            values = self._columns.get(name)
        else:
            values = self._root.get(name)
            if values is None:
                values = self._columns.get(name)
        if values is None:
            return [MISSING] * self._length
        return [walk(value, rest) for value in values] if rest else values

    def column(self, name: str) -> Sequence[Any]:
        """Return a column by its exact name."""
        return self._columns.get(name) or [MISSING] * self._length

    def roots(self) -> Sequence[Any]:
        """Return each row's whole root, made once per batch."""
        if self._roots is None:
            loose = {k: v for k, v in self._columns.items() if k not in ENVELOPE_NAMES}
            columns = {**loose, **self._root, "properties": self.records()}
            self._roots = objects_of(tuple(columns), list(columns.values()), self._length)
        return self._roots

    def records(self) -> Sequence[Any]:
        """Return each row's columns as a new dict."""
        return objects_of(tuple(self._columns), list(self._columns.values()), self._length)


def objects_of(
    names: Sequence[str], columns: Sequence[Sequence[Any]], length: int, *, keep: bool = False
) -> list[Any]:
    """Make an object per row out of one column per name.

    `MISSING` is left out unless `keep`; a `Fault` takes the place of the whole object. What a
    column holds is asked once per column (a set of types), so that the common case, neither of
    the two, costs one compiled `{name: value, ...}` per row.
    """
    if not names:
        return [{} for _ in range(length)]
    kinds = [set(map(type, column)) for column in columns]
    made = object_maker(tuple(names))(columns)
    if not keep:
        for name, column, kind in zip(names, columns, kinds, strict=True):
            if type(MISSING) in kind:
                for item, value in zip(made, column, strict=True):
                    if value is MISSING:
                        del item[name]
    place_faults(made, columns, kinds)
    return made


def place_faults(
    made: list[Any], columns: Sequence[Sequence[Any]], kinds: Sequence[set[type]]
) -> None:
    """Let the first fault among a row's parts stand for the row's whole value."""
    for column, kind in zip(reversed(columns), reversed(kinds), strict=True):
        if Fault in kind:
            for position, value in enumerate(column):
                if type(value) is Fault:
                    made[position] = value


def makes_records(rows: Rows) -> bool:
    """Say whether `records` makes new dicts, which are the caller's own to change.

    Those have no `Fault` inside: it takes the place of its row's record.
    """
    while isinstance(rows, TakenRows):
        rows = rows.rows
    return isinstance(rows, Envelope)
