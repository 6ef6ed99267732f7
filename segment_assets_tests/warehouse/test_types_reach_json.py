"""Every DuckDB type, from a real file to the JSON form that a mapping sees."""

# ruff: noqa: DTZ001 - timestamps without a zone are among the types

import math
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pytest

from segment_assets.handoff import Column, Fault
from segment_assets.javascript import number_text
from segment_assets.warehouse.arrival import column_to_json, value_to_json
from segment_assets.warehouse.data_type import parse_type
from segment_assets.warehouse.duckdb_dialect import DuckDBDialect

#: SQL of a value, and its JSON form. Each is read from a table of one such column and a null.
FORMS: list[tuple[str, Any]] = [
    ("true", True),
    ("127::TINYINT", 127),
    ("(-32768)::SMALLINT", -32768),
    ("2147483647::INTEGER", 2147483647),
    ("1844743171901218817::BIGINT", 1844743171901218817),
    ("255::UTINYINT", 255),
    ("65535::USMALLINT", 65535),
    ("4294967295::UINTEGER", 4294967295),
    ("18446744073709551615::UBIGINT", 18446744073709551615),
    ("'-170141183460469231731687303715884105728'::HUGEINT", -(2**127)),
    ("'340282366920938463463374607431768211455'::UHUGEINT", 2**128 - 1),
    ("'1234567890123456789012345678901234567890123'::BIGNUM", int("1234567890" * 4 + "123")),
    ("0.1::FLOAT", 0.1),
    ("'-inf'::FLOAT", -math.inf),
    ("3.0::DOUBLE", 3.0),
    ("1e300::DOUBLE", 1e300),
    ("'inf'::DOUBLE", math.inf),
    ("19.90::DECIMAL(18,2)", 19.9),
    ("0.5::DECIMAL(38,38)", Decimal("0.5")),
    ("'-12345678901234567890123456789012345678'::DECIMAL(38,0)",
     -int("1234567890" * 3 + "12345678")),
    ("'O''Brien é 👩‍👩‍👧'::VARCHAR", "O'Brien é 👩‍👩‍👧"),
    ("'{\"a\": 1}'::VARCHAR", '{"a": 1}'),
    ("''::VARCHAR", ""),
    ("'b'::ENUM('a', 'b')", "b"),
    ("'01750416-7A83-0000-13C7-6962E03B0D28'::UUID", "01750416-7a83-0000-13c7-6962e03b0d28"),
    ("'\\xDE\\xAD'::BLOB", b"\xde\xad"),
    ("'0101'::BIT", "0101"),
    ("DATE '2024-02-29'", "2024-02-29"),
    ("DATE '0001-01-01'", "0001-01-01"),
    ("DATE '9999-12-31'", "9999-12-31"),
    ("TIME '12:00:00.5'", "12:00:00.5"),
    ("'12:00:00.000000001'::TIME_NS", "12:00:00.000000001"),
    ("'12:00:00+02'::TIMETZ", "12:00:00+02:00"),
    ("'12:00:00-03:30'::TIMETZ", "12:00:00-03:30"),
    ("INTERVAL '14 months -3 days 61.5 seconds'", "P1Y2M-3DT1M1.5S"),
    ("INTERVAL '-90 seconds'", "PT-1M-30S"),
    ("INTERVAL '1 month -30 days'", "P1M-30D"),
    ("INTERVAL '0 seconds'", "PT0S"),
    ("TIMESTAMP '2024-06-01 12:00:00.123999'", "2024-06-01T12:00:00.123Z"),
    ("TIMESTAMP '1969-12-31 23:59:59.999999'", "1969-12-31T23:59:59.999Z"),
    ("TIMESTAMP '0001-01-01 00:00:00'", "0001-01-01T00:00:00.000Z"),
    ("TIMESTAMP '9999-12-31 23:59:59.999999'", "9999-12-31T23:59:59.999Z"),
    ("'2024-06-01 12:00:00'::TIMESTAMP_S", "2024-06-01T12:00:00.000Z"),
    ("'2024-06-01 12:00:00.5'::TIMESTAMP_MS", "2024-06-01T12:00:00.500Z"),
    ("'1969-12-31 23:59:59.999999999'::TIMESTAMP_NS", "1969-12-31T23:59:59.999Z"),
    ("TIMESTAMPTZ '2024-06-01 12:00:00+02'", "2024-06-01T10:00:00.000Z"),
    ("'2024-06-01 12:00:00+02'::TIMESTAMPTZ_NS", "2024-06-01T10:00:00.000Z"),
    ('\'{"b": [1, null], "a": {"x": 2.50}}\'::JSON', {"b": [1, None], "a": {"x": 2.5}}),
    ("'[123456789012345678901234567890, 0.12345678901234567890]'::JSON",
     [123456789012345678901234567890, Decimal("0.12345678901234567890")]),
    ("{'b': 1, 'a': ['x']}::VARIANT", {"a": ["x"], "b": 1}),
    ("'POINT(1 2)'::GEOMETRY", {"type": "Point", "coordinates": [1.0, 2.0]}),
    ("[1, NULL, 3]", [1, None, 3]),
    ("[]::VARCHAR[]", []),
    ("[[1, 2], NULL, []]::INTEGER[][]", [[1, 2], None, []]),
    ("[1, NULL]::INTEGER[2]", [1, None]),
    ("[DATE '2024-01-01', NULL]", ["2024-01-01", None]),
    ("[0.1::FLOAT]", [0.1]),
    ("[TIMESTAMP '2024-06-01 12:00:00']::TIMESTAMP[1]", ["2024-06-01T12:00:00.000Z"]),
    ("{'select': 1, 'A \"b\"': TIMESTAMPTZ '2024-06-01 00:00:00+00'}",
     {"select": 1, 'A "b"': "2024-06-01T00:00:00.000Z"}),
    ("{'a': NULL::INTEGER, 'b': {'c': 1::HUGEINT}}", {"a": None, "b": {"c": 1}}),
    ("[{'j': '{\"x\": 1}'::JSON, 'u': NULL::UUID}]", [{"j": {"x": 1}, "u": None}]),
    ("row(1, 'a', NULL::INTEGER)", [1, "a", None]),
    ("MAP{'a': 1, 'b': NULL}", {"a": 1, "b": None}),
    ("MAP{1: [TIME '12:00'], 2: []}", {"1": ["12:00:00"], "2": []}),
    ("MAP{DATE '2024-01-01': 1.50::DECIMAL(4,2)}", {"2024-01-01": Decimal("1.50")}),
    ("MAP{TIMESTAMP '2024-01-01': 'x'}", {"2024-01-01T00:00:00.000Z": "x"}),
    ("union_value(num := 2)::UNION(num INTEGER, str VARCHAR)", 2),
    ("union_value(t := TIMESTAMP '2024-01-01')", "2024-01-01T00:00:00.000Z"),
    ("NULL", None),
]  # fmt: skip
NO_COLUMN = {"TYPE"}  # DuckDB itself refuses a table with such a column


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database file."""
    with duckdb.connect(tmp_path_factory.mktemp("types") / "model.duckdb") as connection:
        yield connection


def read(stored: duckdb.DuckDBPyConnection, sql: str, timezone: str | None = None) -> list[Any]:
    """Store a value and a null, cast them as a plan does, and read them back."""
    stored.execute(f"CREATE OR REPLACE TABLE model AS SELECT {sql} AS v UNION ALL SELECT NULL")
    (name, type_name, *_), *_ = stored.execute("DESCRIBE model").fetchall()
    cast = DuckDBDialect().wire(Column(name, type_name))
    stored.execute(f"CREATE OR REPLACE TABLE plan AS SELECT {cast} AS c0 FROM model")
    array = stored.sql("SELECT c0 FROM plan").to_arrow_table().column(0)
    return column_to_json(array, type_name, timezone)


@pytest.mark.parametrize(("sql", "expected"), FORMS, ids=[sql for sql, _ in FORMS])
def test_value_reaches_its_json_form(
    stored: duckdb.DuckDBPyConnection, sql: str, expected: Any
) -> None:
    """A stored value arrives in the form of the table above, and a null beside it as None."""
    values = read(stored, sql)

    assert values == [expected, None]
    assert type(values[0]) is type(expected)


def test_every_type_of_the_engine_is_in_the_table() -> None:
    """A type that a new DuckDB brings must get a line here before it is supported."""
    with duckdb.connect() as connection:
        known = {
            row[0]
            for row in connection.execute(
                "SELECT DISTINCT logical_type FROM duckdb_types() WHERE database_name = 'system'"
            ).fetchall()
        }
        shown = {
            parse_type(connection.execute(f"SELECT typeof({sql})").fetchall()[0][0]).name
            for sql, _ in FORMS
        }

    assert known - shown - NO_COLUMN == set()


@pytest.mark.parametrize(
    "value",
    [
        "é", "", True, 2**62, -(2**100), 34.7, 1e-7, Decimal("19.90"), b"\xde\xad", UUID(int=5),
        date(2024, 2, 29), time(12, 0, 0, 500), timedelta(days=3, seconds=-90, microseconds=5),
        datetime(2024, 6, 1, 12, 0, 0, 999999), datetime(1950, 1, 1, 1),
        datetime(2024, 11, 3, 1, 30, tzinfo=ZoneInfo("America/New_York"), fold=1),
        ["a", None], {"a": [date(2024, 1, 1)], "b": {"c": Decimal("0.10")}},
    ],
    ids=repr,
)  # fmt: skip
def test_stored_value_arrives_like_the_value_in_hand(
    stored: duckdb.DuckDBPyConnection, value: Any
) -> None:
    """A Python value that goes through the warehouse ends in the form it has without it."""
    stored.execute("CREATE OR REPLACE TABLE given AS SELECT ? AS v", [value])

    found = read(stored, "(SELECT v FROM given)", "Europe/Oslo")

    assert _printed(found) == _printed([value_to_json(value, "Europe/Oslo"), None])


def _printed(value: Any) -> Any:
    """Return a value with numbers as their texts: a short decimal may come as a float."""
    if isinstance(value, list):
        return [_printed(item) for item in value]
    if isinstance(value, dict):
        return {key: _printed(item) for key, item in value.items()}
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    return number_text(value) if is_number else value


def test_short_decimals_are_the_nearest_doubles() -> None:
    """A decimal of up to 15 digits keeps its digits as a float, a whole one as an integer."""
    decimals = [Decimal((index * 790_000_019 + 13) % 10**14).scaleb(-2) for index in range(50_000)]
    array = pa.array([*decimals, None], pa.decimal128(14, 2))

    found = column_to_json(array.slice(1), "DECIMAL(14,2)")

    assert [number_text(value) for value in found[:-1]] == [number_text(d) for d in decimals[1:]]
    assert found[-1] is None


@pytest.mark.parametrize("sql", [sql for sql, _ in FORMS])
def test_every_type_has_a_canonical_form(stored: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Alone and inside a list, any value has a form, and it ignores the session's zone."""
    forms = set()
    for zone in ("UTC", "Asia/Tokyo"):
        stored.execute("SET timezone = 'UTC'")
        stored.execute(f"CREATE OR REPLACE TABLE model AS SELECT {sql} AS v, [{sql}] AS l")
        stored.execute(f"SET timezone = '{zone}'")
        columns = [Column(row[0], row[1]) for row in stored.execute("DESCRIBE model").fetchall()]
        texts = ", ".join(DuckDBDialect().canonical(column) for column in columns)
        forms.add(stored.execute(f"SELECT {texts} FROM model").fetchall()[0])
    stored.execute("SET timezone = 'UTC'")

    assert len(forms) == 1
    assert (None in forms.pop()) == (sql == "NULL")


def test_nan_stays_a_float(stored: duckdb.DuckDBPyConnection) -> None:
    """NaN arrives as NaN, also inside a list: the contract decides what becomes of it."""
    values = read(stored, "['nan'::DOUBLE, 'nan'::FLOAT::DOUBLE]")

    assert [math.isnan(item) for item in values[0]] == [True, True]


@pytest.mark.parametrize(
    "sql",
    [
        "'infinity'::TIMESTAMP", "'-infinity'::TIMESTAMP", "'infinity'::TIMESTAMPTZ",
        "'-infinity'::TIMESTAMP_NS", "'infinity'::TIMESTAMP_S", "'infinity'::TIMESTAMP_MS",
        "'infinity'::TIMESTAMPTZ_NS", "'infinity'::DATE", "'-infinity'::DATE",
        "DATE '0044-03-15 (BC)'", "DATE '10000-01-01'", "TIMESTAMP '10000-01-01 00:00:00'",
        "TIMESTAMP '0001-12-31 (BC) 23:59:59.999999'",
    ],
)  # fmt: skip
def test_time_without_a_json_form_rejects_its_row_only(
    stored: duckdb.DuckDBPyConnection, sql: str
) -> None:
    """An infinite or far time is a Fault in its place; the batch goes on."""
    values = read(stored, sql)
    nested = read(stored, f"[{sql}]")

    assert isinstance(values[0], Fault)
    assert values[0].code == "invalid_timestamp"
    assert values[1] is None
    assert nested[0] == [values[0]]


@pytest.mark.parametrize("text", ["NaN", "[1, NaN]", '{"a": Infinity}'])
def test_json_that_is_not_json_is_a_fault(stored: duckdb.DuckDBPyConnection, text: str) -> None:
    """DuckDB takes NaN in JSON; no call can carry it, so the value is a Fault."""
    values = read(stored, f"'{text}'::JSON")

    assert values[0].code == "unserialisable_value"


def test_naive_timestamp_is_local_time_of_the_model(stored: duckdb.DuckDBPyConnection) -> None:
    """The model's timezone holds for a timestamp without zone, also deep inside."""
    values = read(stored, "[{'t': TIMESTAMP '2024-06-01 12:00:00'}]", "Europe/Oslo")

    assert values == [[{"t": "2024-06-01T10:00:00.000Z"}], None]


def test_sliced_and_chunked_columns_are_read_whole(stored: duckdb.DuckDBPyConnection) -> None:
    """A slice of a nested column gives the slice's rows: offsets are minded."""
    column = Column("v", "STRUCT(a TIMESTAMP[], m MAP(VARCHAR, INTEGER))[]")
    relation = stored.sql(
        f"SELECT {DuckDBDialect().wire(column)} FROM (SELECT CASE WHEN i % 7 > 0 THEN"
        " [{'a': [make_timestamp(i * 1000000), NULL], 'm': MAP{'k': i::INTEGER}}] END AS v"
        " FROM range(10) r(i))"
    )
    array = relation.to_arrow_table().column(0).combine_chunks()
    whole = column_to_json(array, column.type)

    chunked = pa.chunked_array([array.slice(2, 3), array.slice(5, 5)])

    assert whole[1] == [{"a": ["1970-01-01T00:00:01.000Z", None], "m": {"k": 1}}]
    assert [column_to_json(array.slice(start), column.type) for start in range(10)] == [
        whole[start:] for start in range(10)
    ]
    assert column_to_json(chunked, column.type) == whole[2:]
    assert column_to_json(pa.chunked_array([], array.type), column.type) == []
