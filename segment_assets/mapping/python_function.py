"""`@python`: a function of the user's own, called once per row with the row's columns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from segment_assets.handoff import Fault
from segment_assets.mapping.nodes import ALL_COLUMNS, Paths, fault, map_values
from segment_assets.mapping.rows import Rows, makes_records


@dataclass(frozen=True, slots=True)
class PythonNode:
    """A pure function of a row: equal rows must give equal values, or retries would differ."""

    name: str
    function: Callable[[dict[str, Any]], Any]

    def evaluate(self, rows: Rows) -> Sequence[Any]:
        """Call the function with each row's columns; an exception fails that row only."""
        if not makes_records(rows):
            return map_values(self._call_with_copy, rows.records())
        return [
            record if type(record) is Fault else self._call(record) for record in rows.records()
        ]

    def _call_with_copy(self, record: Any) -> Any:
        columns = dict(record) if isinstance(record, dict) else {}
        broken = next((value for value in columns.values() if type(value) is Fault), None)
        return self._call(columns) if broken is None else broken

    def _call(self, record: dict[str, Any]) -> Any:
        try:
            return self.function(record)
        except Exception as error:  # noqa: BLE001 - a user's function may raise anything
            return fault(f"{self.name} raised {type(error).__name__}: {error}")

    def paths(self) -> Paths:
        """Read all columns: what a function looks at can't be known."""
        return ALL_COLUMNS
