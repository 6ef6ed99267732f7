"""Rows of a case -> a table of a DuckDB file, each column of the type that carries its values.

Values of several types in one column make it a UNION, which hands out each as what it is. pandas
and numpy values arrive in a registered data frame. There is no case that no column can carry.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import duckdb
import pandas as pd

from segment_assets_tests.cases.typed_value import PANDAS, Cell, read_cell

TABLE: Final = "case_rows"
#: The primary key where a case has none of its own: the row's number.
ROW_NUMBER: Final = "number of the row"


def write_rows(database: Path, rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> None:
    """Make the table hold these rows. `names` are its columns where there are no rows."""
    columns = {name: _of_one_type([read_cell(row[name]) for row in rows])
               for name in (rows[0] if rows else names)}  # fmt: skip
    columns[ROW_NUMBER] = [Cell("INTEGER", number) for number in range(len(rows))]
    frame = {name: columns.pop(name) for name in list(columns) if _types(columns[name]) == [PANDAS]}
    with duckdb.connect(str(database)) as connection:
        written = ", ".join(f"{_quote(name)} {_union(_types(cells))}"
                            for name, cells in columns.items())  # fmt: skip
        connection.execute(f"CREATE OR REPLACE TABLE {TABLE} ({written})")
        for row in zip(*columns.values(), strict=True):
            made = ", ".join(map(_cast, row, map(_types, columns.values())))
            connection.execute(
                f"INSERT INTO {TABLE} SELECT {made}", [cell and cell.value for cell in row]
            )
        if frame:
            series = {name: pd.Series([cell and cell.value for cell in cells]).convert_dtypes()
                      for name, cells in frame.items()}  # fmt: skip
            connection.register("frame", pd.DataFrame(series))
            joined = f"SELECT * FROM {TABLE} POSITIONAL JOIN frame"
            connection.execute(f"CREATE OR REPLACE TABLE {TABLE} AS {joined}")


def write_csv(database: Path, text: str) -> None:
    """Load the text of a file as DuckDB reads it."""
    path = database.with_suffix(".csv")
    path.write_bytes(text.encode())
    number = f"row_number() OVER () - 1 AS {_quote(ROW_NUMBER)}"
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            f"CREATE OR REPLACE TABLE {TABLE} AS SELECT *, {number} "
            "FROM read_csv(?, header := true)", [str(path)]
        )  # fmt: skip


def _of_one_type(cells: Sequence[Cell | None]) -> list[Cell | None]:
    """Give all decimals of a column its longest scale, and all integers its width."""
    decimals = [Decimal(cell.value) for cell in cells if cell and cell.type == "DECIMAL"]
    scale = max((-int(number.as_tuple().exponent) for number in decimals), default=0)
    wider = {"DECIMAL": f"DECIMAL(38,{scale})"}
    if any(cell and cell.type == "HUGEINT" for cell in cells):
        wider["BIGINT"] = "HUGEINT"
    return [cell and cell._replace(type=wider.get(cell.type, cell.type)) for cell in cells]


def _types(cells: Sequence[Cell | None]) -> list[str]:
    """Return the types of a column's values; without any it is text."""
    return list(dict.fromkeys(cell.type for cell in cells if cell)) or ["VARCHAR"]


def _union(types: Sequence[str]) -> str:
    """Return the type that carries values of all these types."""
    members = ", ".join(f"m{place} {kind}" for place, kind in enumerate(types))
    return types[0] if len(types) == 1 else f"UNION({members})"


def _cast(cell: Cell | None, types: Sequence[str]) -> str:
    """Return the SQL that casts one parameter to its column's type."""
    if cell is None:
        return "?"
    if len(types) == 1:
        return f"CAST(? AS {cell.type})"
    member = f"m{types.index(cell.type)} := CAST(? AS {cell.type})"
    return f"CAST(union_value({member}) AS {_union(types)})"


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
