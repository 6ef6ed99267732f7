"""Test Mapping on real rows: what a mapping makes of them. Nothing is stored, nothing is sent."""

from typing import Any

import orjson
import pyarrow as pa

from segment_assets.blueprint import draw_blueprint
from segment_assets.codes import CODES
from segment_assets.encoder import Encoded
from segment_assets.handoff import SyncSpec
from segment_assets.seams import Warehouse


def try_mapping(
    spec: SyncSpec, warehouse: Warehouse, *, limit: int = 10, key: str | None = None
) -> list[dict[str, Any]]:
    """Map and check up to `limit` rows, or the rows of one primary key.

    Each result has `record_id`, `warnings`, and one of `call`, `rejected` (code, field, found,
    message, remedy) and `not_selected`.
    Raises `ModelError` and `MappingError`.
    """
    blueprint = draw_blueprint(spec, warehouse)
    rows = warehouse.sample(
        spec.model, blueprint.key, blueprint.read_columns, limit=limit, only=key
    )
    if not rows.num_rows:
        return []
    length = rows.num_rows
    extra = {
        "seq": pa.array(range(1, length + 1), pa.int64()),
        "op": pa.array(["added"] * length),
        "message_id": pa.array(["test-mapping"] * length),
    }
    for name, values in extra.items():
        rows = rows.append_column(name, values)
    encoded = blueprint.encoder().encode(rows)
    return [_result(encoded, index) for index in range(length)]


def _result(encoded: Encoded, index: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "record_id": encoded.record_id[index].as_py(),
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
                "found": v.found,
                "message": v.message,
                "remedy": CODES[v.code].remedy,
            }
            for v in broken
        ]
        return {**result, "rejected": rejected}
    return {**result, "call": orjson.loads(encoded.payload[index].as_py())}
