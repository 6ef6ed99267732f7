"""A trigger: which records a mapping is for, in Segment's trigger language (FQL)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from segment_assets.errors import MappingError
from segment_assets.mapping.mapping import columns_of_paths
from segment_assets.mapping.nodes import kind_of
from segment_assets.mapping.rows import DictRows, Rows
from segment_assets.mapping.trigger_nodes import TriggerNode
from segment_assets.mapping.trigger_parser import TriggerParser


@dataclass(frozen=True, slots=True)
class Trigger:
    """A condition on an event, or on a batch of rows shown as events."""

    fql: str
    node: TriggerNode

    @classmethod
    def parse(cls, fql: str) -> "Trigger":
        """Parse a trigger; raise `MappingError` that names the column of the mistake."""
        if not isinstance(fql, str):
            raise MappingError([("trigger", f"should be a text but it is {kind_of(fql)}")])
        return cls(fql, TriggerParser(fql).parse())

    def matches(self, event: Mapping[str, Any]) -> bool:
        """Say whether the condition holds for one event."""
        return self.matches_rows(DictRows([event if type(event) is dict else dict(event)]))[0]

    def matches_rows(self, rows: Rows) -> list[bool]:
        """Say for each row whether the condition holds. A `Fault` is no text, number or null."""
        return [value is True for value in self.node.evaluate(rows)]

    def columns_read(self) -> frozenset[str] | None:
        """Return the model's columns that can be read; None where that can't be bounded."""
        columns = columns_of_paths(self.node.paths())
        return None if columns is None else frozenset(columns)
