"""Random rows of many column types: as a DuckDB table, and as its driver hands them out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import duckdb
from hypothesis import strategies as st

from segment_assets.handoff import Model
from segment_assets.warehouse.duckdb import DuckDBWarehouse

MODEL: Final = Model("typed/rows", "key", table="typed_rows")
_TEXTS: Final = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6
)
_FINITE: Final = st.floats(allow_infinity=False)


def _scaled(digits: int, scale: int) -> st.SearchStrategy[str]:
    """Draw decimals as text, up to the last digit of their column."""
    return st.integers(-(10**digits) + 1, 10**digits - 1).map(
        lambda number: (
            f"{'-' * (number < 0)}{abs(number) // 10**scale}.{abs(number) % 10**scale:0{scale}}"
        )
    )


def _rarely(value: Any) -> st.SearchStrategy[Any]:
    """Draw null, and now and then a value for which a row is rejected."""
    return st.integers(0, 30).map(lambda roll: value if roll == 30 else None)


#: Column -> its type and its values. JSON, FLOAT and INTERVAL are not here: the driver gives the
#: text, the nearest double and a length in days instead of what the column holds.
COLUMNS: Final[dict[str, tuple[str, st.SearchStrategy[Any]]]] = {
    "big": ("BIGINT", st.integers(-(2**63), 2**63 - 1)),
    "unsigned": ("UBIGINT", st.integers(0, 2**64 - 1)),
    "huge": ("HUGEINT", st.integers(-(2**127) + 1, 2**127 - 1)),
    "money": ("DECIMAL(12,2)", _scaled(12, 2)),
    "exact": ("DECIMAL(38,10)", _scaled(38, 10)),
    "whole": ("DECIMAL(20,0)", st.integers(-(10**20) + 1, 10**20 - 1).map(str)),
    "number": ("DOUBLE", _FINITE),
    "words": ("VARCHAR", _TEXTS),
    "flag": ("BOOLEAN", st.booleans()),
    "day": ("DATE", st.dates().map(str)),
    "at": ("TIMESTAMP", st.datetimes().map(str)),
    "instant": ("TIMESTAMPTZ", st.datetimes().map(lambda local: f"{local}+00")),
    "clock": ("TIME", st.times().map(str)),
    "uid": ("UUID", st.uuids().map(str)),
    "kind": ("ENUM('free', 'team')", st.sampled_from(["free", "team"])),
    "tags": ("VARCHAR[]", st.lists(st.none() | _TEXTS, max_size=3)),
    "scores": ("DOUBLE[]", st.lists(st.none() | _FINITE, max_size=3)),
    "part": (
        "STRUCT(a BIGINT, b VARCHAR[])",
        st.fixed_dictionaries({"a": st.integers(-9, 2**60), "b": st.lists(_TEXTS, max_size=2)}),
    ),
    "nul": ("VARCHAR", _rarely("a\0b")),
    "endless": ("DOUBLE", _rarely("-inf")),
    "raw": ("BLOB", _rarely(b"\xff")),
}
ROWS: Final = st.lists(
    st.fixed_dictionaries({name: st.none() | drawn for name, (_, drawn) in COLUMNS.items()}),
    min_size=1,
    max_size=25,
)


def write_table(folder: Path, rows: Sequence[dict[str, Any]]) -> DuckDBWarehouse:
    """Make a file whose table holds the rows, each under its number as key."""
    casts = ", ".join(f"CAST(? AS {kind})" for kind, _ in COLUMNS.values())
    columns = ", ".join(f'"{name}" {kind}' for name, (kind, _) in COLUMNS.items())
    with duckdb.connect(str(folder / "typed.duckdb")) as connection:
        connection.execute(f"CREATE TABLE typed_rows (key INTEGER, {columns})")
        for number, row in enumerate(rows):
            connection.execute(
                f"INSERT INTO typed_rows SELECT ?, {casts}",
                [number, *(row[name] for name in COLUMNS)],
            )
    return DuckDBWarehouse("typed", folder / "typed.duckdb")


def driver_rows(warehouse: DuckDBWarehouse) -> list[dict[str, Any]]:
    """Read the table as a person would: with the driver, into Python values."""
    with duckdb.connect(str(warehouse.database), read_only=True) as connection:
        connection.execute("SET timezone = 'UTC'")
        found = connection.execute("SELECT * FROM typed_rows ORDER BY key").fetchall()
    return [dict(zip(["key", *COLUMNS], row, strict=True)) for row in found]
