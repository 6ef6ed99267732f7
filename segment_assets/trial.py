"""Test Mapping on real rows: what a mapping makes of them. Nothing is stored, nothing is sent."""

import math
from collections.abc import Sequence
from typing import Any, Final

import orjson
import pyarrow as pa

from segment_assets.blueprint import Blueprint, draw_blueprint
from segment_assets.codes import CODES
from segment_assets.encoder import Encoded
from segment_assets.handoff import EVENT_OF_OP, MISSING, Fault, SyncSpec
from segment_assets.ledger.look import recall
from segment_assets.ledger.plans import utc_now
from segment_assets.mapping.rows import ENVELOPE_NAMES
from segment_assets.plan.forecast import Forecast, RowNow, forecast
from segment_assets.plan.masking import mask_call, mask_fields, mask_found
from segment_assets.seams import Warehouse

_NO_ID: Final = "test-mapping"


def try_mapping(
    spec: SyncSpec,
    warehouse: Warehouse,
    *,
    limit: int = 10,
    key: str | None = None,
    mask: Sequence[str] = (),
) -> list[dict[str, Any]]:
    """Map and check up to `limit` rows, or the rows of one primary key.

    Each result has `record_id`, `next_plan` (op, reason), `envelope` (the event that the mapping
    sees, with the columns that it can read), `fields` (as resolved, before the contract),
    `warnings`, and one of `call`, `rejected` (code, field, found, message, remedy) and
    `not_selected`. Values whose name has one of the words in `mask` are hidden.
    Raises `ModelError` and `MappingError`.
    """
    blueprint = draw_blueprint(spec, warehouse)
    rows = warehouse.sample(
        spec.model, blueprint.key, blueprint.read_columns, limit=limit, only=key
    )
    if not rows.num_rows:
        return []
    expected, ops = _forecasts(blueprint, warehouse, rows)
    length = rows.num_rows
    extra = {
        "seq": pa.array(range(1, length + 1), pa.int64()),
        "op": pa.array(ops),
        "message_id": pa.array([_NO_ID] * length),
    }
    for name, values in extra.items():
        rows = rows.append_column(name, values)
    encoder = blueprint.encoder()
    encoded, seen = encoder.encode(rows), encoder.explain(rows)
    return [
        {
            "record_id": encoded.record_id[index].as_py(),
            "next_plan": _next_plan(expected[index], encoded, index),
            "envelope": _shown_envelope(root, mask),
            "fields": mask_fields(_plain(fields), mask),
            **_result(encoded, index, mask),
        }
        for index, (root, fields) in enumerate(seen)
    ]


def _forecasts(
    blueprint: Blueprint, warehouse: Warehouse, rows: pa.RecordBatch
) -> tuple[list[Forecast], list[str]]:
    """Return what the next plan would do with each row, and its op if it were planned."""
    spec = blueprint.spec
    names = tuple(column.name for column in blueprint.read_columns)
    record_ids = rows.column("record_id").to_pylist()
    fingerprints = rows.column("fingerprint").to_pylist()
    known = recall(warehouse.state(spec.destination, spec.name), record_ids)
    of_key: dict[str, set[str]] = {}
    for record_id, fingerprint in zip(record_ids, fingerprints, strict=True):
        of_key.setdefault(record_id, set()).add(fingerprint)
    found, ops = [], []
    for record_id, fingerprint in zip(record_ids, fingerprints, strict=True):
        memory = known.get(record_id)
        told = forecast(
            RowNow(record_id, fingerprint, memory is None or memory.columns == names),
            None if memory is None else memory.row,
            mapping_hash=blueprint.mapping_hash,
            when=spec.when,
            now=utc_now(),
        )
        if record_id and len(of_key[record_id]) > 1:
            told = Forecast("held", "the primary key is on rows of other content (duplicate_key)")
        found.append(told)
        is_live = memory is not None and memory.row["live"] and memory.row["known"]
        ops.append("updated" if is_live else "added")
    return found, ops


def _next_plan(expected: Forecast, encoded: Encoded, index: int) -> dict[str, str]:
    """Join what the ledger tells with what the trigger tells."""
    is_left = encoded.selected is not None and not encoded.selected[index]
    if is_left and expected.op in EVENT_OF_OP:
        told = f"{expected.reason}; the trigger doesn't select it"
        return {"op": "unselected", "reason": told}
    return {"op": expected.op, "reason": expected.reason}


def _shown_envelope(root: dict[str, Any], mask: Sequence[str]) -> dict[str, Any]:
    """Return an event without the second copy of its columns, which stands at its root."""
    return mask_fields(_plain({name: root[name] for name in ENVELOPE_NAMES}), mask)


def _plain(value: Any) -> Any:
    """Return a value as JSON can show it."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items() if inner is not MISSING}
    if isinstance(value, list):
        return [None if inner is MISSING else _plain(inner) for inner in value]
    if isinstance(value, Fault):
        return f"{value.code}: {value.message}"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _result(encoded: Encoded, index: int, mask: Sequence[str]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "warnings": [
            {"code": w.code, "field": w.field, "message": w.message}
            for w in encoded.warnings
            if w.row == index
        ],
    }
    if encoded.selected is not None and not encoded.selected[index]:
        return {**result, "not_selected": True}
    broken = [v for v in encoded.violations if v.row == index]
    if broken:
        rejected = [
            {
                "code": v.code,
                "field": v.field,
                "found": mask_found(v.field, v.found, mask),
                "message": v.message,
                "remedy": CODES[v.code].remedy,
            }
            for v in broken
        ]
        return {**result, "rejected": rejected}
    call = orjson.loads(encoded.payload[index].as_py())
    return {**result, "call": mask_call(call, mask)}
