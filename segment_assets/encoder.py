"""Rows of a plan -> encoded calls: arrival, trigger, mapping and contract, joined.

Pure: equal rows give equal bytes, at the plan and at every delivery. It is the row-by-row
encoder behind the `EncodedBatch` seam; one that works on columns can take its place.
"""

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from segment_assets.contract import Contract, encode
from segment_assets.handoff import Column, Fault, SyncSpec, Violation
from segment_assets.mapping import Envelope, Mapping, Trigger
from segment_assets.warehouse.arrival import column_to_json


@dataclass(frozen=True, slots=True)
class Encoded:
    """One batch of calls; lists and arrays are parallel and in the rows' order.

    `payload` is null where a record is not sent: it breaks the contract (see `violations`) or
    the trigger doesn't select it (`selected` false; None = all are). `calls` are the same calls
    as objects, None where `payload` is null.
    """

    seq: pa.Array
    record_id: pa.Array
    op: pa.Array
    payload: pa.BinaryArray
    violations: Sequence[Violation]
    warnings: Sequence[Violation]
    selected: Sequence[bool] | None
    calls: Sequence[dict[str, Any] | None]


class RowEncoder:
    """Encodes Arrow batches of plan rows: `seq`, `record_id`, `op`, `message_id`, `c0`, `c1`, ...

    `columns` are the model's columns behind `c0`, `c1`, ..., with the engine's own type names.
    Raises `MappingError` when the mapping or the trigger can't be parsed.
    """

    def __init__(self, spec: SyncSpec, columns: Sequence[Column]) -> None:
        self._spec = spec
        self._columns = tuple(columns)
        self._mapping = Mapping.parse(dict(spec.fields))
        self._trigger = Trigger.parse(spec.trigger) if spec.trigger else None
        self._contract = Contract(
            spec.action,
            allow_placeholder_ids=spec.allow_placeholder_ids,
            integrations=spec.integrations,
        )

    def encode(self, rows: pa.RecordBatch) -> Encoded:
        """Map, check and encode one batch."""
        with _collector_paused():
            return self._encode_selected(rows)

    def explain(self, rows: pa.RecordBatch) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        """Return per row the event that the mapping sees, and its fields before the contract.

        A value may be a `Fault`, and the events are shared with nobody. For people, not for speed.
        """
        envelope = self._envelope(rows)
        fields = self._mapping.evaluate_rows(envelope)
        return [
            (root, {name: column[at] for name, column in fields.items()})
            for at, root in enumerate(envelope.roots())
        ]

    def _encode_selected(self, rows: pa.RecordBatch) -> Encoded:
        envelope = self._envelope(rows)
        if self._trigger is None:
            return self._encode(rows, envelope)
        names = self._trigger.columns_read()
        read = [column.name for column in self._columns] if names is None else names
        unreadable = _faults(envelope, read)
        selected = [
            is_selected or index in unreadable
            for index, is_selected in enumerate(self._trigger.matches_rows(envelope))
        ]
        if all(selected) and not unreadable:
            return self._encode(rows, envelope)
        chosen = [
            index
            for index, is_selected in enumerate(selected)
            if is_selected and index not in unreadable
        ]
        part = rows.take(pa.array(chosen, pa.int64()))
        found = self._encode(part, self._envelope(part))
        places: list[int | None] = [None] * rows.num_rows
        spread: list[dict[str, Any] | None] = [None] * rows.num_rows
        for position, index in enumerate(chosen):
            places[index] = position
            spread[index] = found.calls[position]
        return replace(
            found,
            seq=rows.column("seq"),
            record_id=rows.column("record_id"),
            op=rows.column("op"),
            payload=pc.take(found.payload, pa.array(places, pa.int64())),
            violations=[
                *(_moved(violation, chosen) for violation in found.violations),
                *(
                    Violation(index, fault.code, "trigger", "", fault.message)
                    for index, fault in unreadable.items()
                ),
            ],
            warnings=[_moved(violation, chosen) for violation in found.warnings],
            selected=selected,
            calls=spread,
        )

    def _envelope(self, rows: pa.RecordBatch) -> Envelope:
        zone = self._spec.model.timezone
        values = {
            column.name: column_to_json(rows.column(f"c{index}"), column.type, zone)
            for index, column in enumerate(self._columns)
        }
        return Envelope(
            values,
            self._spec.action,
            rows.column("op").to_pylist(),
            rows.column("record_id").to_pylist(),
            rows.column("message_id").to_pylist(),
        )

    def _encode(self, rows: pa.RecordBatch, envelope: Envelope) -> Encoded:
        columns = self._mapping.evaluate_rows(envelope)
        plain_ids = envelope.get(("messageId",))
        mapped_ids = columns.setdefault("message_id", plain_ids)
        checked = self._contract.check(columns, rows.num_rows)
        if mapped_ids is not plain_ids:
            _give_ids(checked.calls, plain_ids)
        payload, too_large = encode(checked)
        calls = list(checked.calls)
        for violation in too_large:
            calls[violation.row] = None
        return Encoded(
            seq=rows.column("seq"),
            record_id=rows.column("record_id"),
            op=rows.column("op"),
            payload=payload,
            violations=[*checked.violations, *too_large],
            warnings=list(checked.warnings),
            selected=None,
            calls=calls,
        )


def _give_ids(calls: Sequence[dict[str, Any] | None], plain_ids: Sequence[Any]) -> None:
    """Give each call whose mapped messageId is nothing the plan's own.

    A call without one could not be told from its retry.
    """
    for call, plain_id in zip(calls, plain_ids, strict=True):
        if call is not None and "messageId" not in call:
            call["messageId"] = plain_id


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Keep the cyclic collector from passing over the objects of a chunk again and again.

    A chunk makes some 100,000 dicts and lists, none of them in a cycle; looking for cycles among
    them costs a quarter of the encoding.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _faults(envelope: Envelope, names: Iterable[str]) -> dict[int, Fault]:
    """Return the rows where a named column holds a value that could not be made.

    A trigger can't judge such a row: it is rejected, never silently left out.
    """
    return {
        index: value
        for name in names
        for index, value in enumerate(envelope.get(("properties", name)))
        if type(value) is Fault
    }


def _moved(violation: Violation, chosen: Sequence[int]) -> Violation:
    return replace(violation, row=chosen[violation.row])
