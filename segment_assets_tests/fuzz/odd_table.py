"""A DuckDB table of odd values in columns of many types, as a warehouse and as plan rows."""

from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from segment_assets.handoff import Column, Model
from segment_assets.warehouse.duckdb import DuckDBWarehouse

MODEL: Final = Model("odd/rows", "id", table="odd_rows")
_TABLE: Final = """
CREATE TABLE odd_rows AS SELECT
  i AS id,
  CASE WHEN i % 11 = 10 THEN NULL ELSE 'user-' || i END AS uid,
  i * 9007199254740993 AS big,
  CAST(i AS DECIMAL(18, 4)) / 7 AS amount,
  CASE i % 6 WHEN 5 THEN 'nan'::DOUBLE WHEN 4 THEN '-inf'::DOUBLE ELSE i / 8.0 END AS score,
  CASE WHEN i % 5 = 4 THEN NULL ELSE i % 3 = 0 END AS flag,
  CASE i % 8 WHEN 1 THEN '' WHEN 2 THEN ' Ünï ' || chr(128512) WHEN 3 THEN 'a' || chr(0) || 'b'
    WHEN 4 THEN '{"a": [1, {"b": null}]}' WHEN 5 THEN '2024-01-02T03:04:05+02:00'
    WHEN 6 THEN '"\\ud800"' ELSE repeat('x', i) END AS txt,
  TIMESTAMP '2024-01-01' + to_days(CAST(i AS INTEGER)) AS at,
  CASE WHEN i % 5 = 1 THEN 'infinity'::TIMESTAMPTZ ELSE '1969-12-31 23:59:59.9+01'::TIMESTAMPTZ END
    AS tz,
  DATE '0001-01-01' + CAST(i * 7000 AS INTEGER) AS day,
  CAST(md5(CAST(i AS VARCHAR)) AS UUID) AS key_uuid,
  CAST('{"sku": "s' || i || '", "tags": ["a", null], "deep": {"x": {"y": [1, 12345678901234567890]'
    || '}}}' AS JSON) AS doc,
  [{'sku': 'a' || i, 'qty': i}, {'sku': NULL, 'qty': NULL}, NULL][: i % 4] AS items,
  CASE WHEN i % 4 > 0 THEN {'a': i / 3, 'b': [NULL, 'x'], 'length': 1} END AS obj,
  MAP {'k': i, '': NULL} AS pairs,
  CASE WHEN i % 2 = 0 THEN encode('ü') END AS bytes,
  CASE WHEN i % 3 = 0 THEN union_value(number := i)::UNION(number BIGINT, word VARCHAR)
    ELSE union_value(word := 'w')::UNION(number BIGINT, word VARCHAR) END AS either,
  TIME '12:00:00.5' AS "odd name"
FROM range(1, {rows} + 1) AS t(i)
"""


def make_warehouse(folder: Path, rows: int) -> DuckDBWarehouse:
    """Make a file with the table in it."""
    with duckdb.connect(str(folder / "odd.duckdb")) as connection:
        connection.execute(_TABLE.replace("{rows}", str(rows)))
    return DuckDBWarehouse("odd", folder / "odd.duckdb")


def plan_rows(warehouse: DuckDBWarehouse) -> tuple[tuple[Column, ...], pa.RecordBatch]:
    """Return the columns, and all rows in the form in which a plan holds them."""
    columns = warehouse.describe(MODEL)
    batch = warehouse.sample(MODEL, columns[0], columns, limit=100_000, only=None)
    count = batch.num_rows
    extra = {
        "seq": pa.array(range(1, count + 1), pa.int64()),
        "op": pa.array([("added", "updated")[row % 2] for row in range(count)]),
        "message_id": pa.array([f"m{row}" for row in range(count)]),
    }
    for name, values in extra.items():
        batch = batch.append_column(name, values)
    return columns, batch
