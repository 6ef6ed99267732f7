"""`@python`: a function of the user's own, called once per row with the row's columns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from segment_assets.handoff import Fault
from segment_assets.mapping.nodes import ALL_COLUMNS, Failed, Paths, map_values
from segment_assets.mapping.rows import Rows


@dataclass(frozen=True, slots=True)
class PythonNode:
    """A pure function of a row: equal rows must give equal values, or retries would differ."""

    name: str
    function: Callable[[dict[str, Any]], Any]

    def evaluate(self, rows: Rows) -> Sequence[Any]:
        """Call the function with each row's columns; an exception fails that row only."""
        return map_values(self._call, rows.records())

    def _call(self, record: Any) -> Any:
        columns = dict(record) if isinstance(record, dict) else {}
        broken = next((value for value in columns.values() if type(value) is Fault), None)
        if broken is not None:
            return broken
        try:
            return self.function(columns)
        except Exception as error:
            raise Failed(f"{self.name} raised {type(error).__name__}: {error}") from error

    def paths(self) -> Paths:
        """Read all columns: what a function looks at can't be known."""
        return ALL_COLUMNS
