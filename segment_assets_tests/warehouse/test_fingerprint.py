"""Equal values have equal fingerprints and different values different ones, type by type."""

import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segment_assets.handoff import Column
from segment_assets.warehouse.duckdb_dialect import DuckDBDialect

GOLDEN = Path(__file__).with_name("fingerprints.json")
NASTY = [
    None, "", "-", ":", "|", ";", "0:", "1:", "1:a", "-1:", "v1;", "a", "aa", " a", "a ", "NULL",
    "\\", "'", '"', "é", "e\u0301",
]  # fmt: skip


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an engine in the session zone that plans use."""
    with duckdb.connect() as opened:
        opened.execute("SET timezone = 'UTC'")
        yield opened


def canonical(connection: duckdb.DuckDBPyConnection, sql: str) -> str | None:
    """Return the canonical text of one SQL value, typed as DESCRIBE says."""
    (name, type_name, *_), *_ = connection.execute(f"DESCRIBE SELECT {sql} AS v").fetchall()
    text = DuckDBDialect().canonical(Column(name, type_name))
    value: str | None = connection.execute(f"SELECT {text} FROM (SELECT {sql} AS v)").fetchall()[0][
        0
    ]
    return value


def test_nasty_pairs_of_texts_are_all_distinct(connection: duckdb.DuckDBPyConnection) -> None:
    """441 pairs of texts made to collide have 441 fingerprints."""
    pairs = list(itertools.product(NASTY, repeat=2))
    columns = [Column("a", "VARCHAR"), Column("b", "VARCHAR")]
    connection.execute("CREATE OR REPLACE TABLE pairs (a VARCHAR, b VARCHAR)")
    connection.executemany("INSERT INTO pairs VALUES (?, ?)", pairs)

    rows = connection.execute(
        f"SELECT {DuckDBDialect().fingerprint(columns)} FROM pairs"
    ).fetchall()

    assert len(pairs) == 441
    assert len({row[0] for row in rows}) == 441
    assert all(len(row[0]) == 64 and row[0] == row[0].lower() for row in rows)


EQUAL = {
    "3": ["3::TINYINT", "3::UBIGINT", "3::HUGEINT", "3::UHUGEINT", "3::BIGNUM",
          "3.00::DECIMAL(18,2)", "3::DECIMAL(38,0)", "3.0::DOUBLE", "3.0::FLOAT", "'3'::VARCHAR"],
    "0": ["0::INTEGER", "-0.0::DOUBLE", "0.0::DOUBLE", "-0.0::FLOAT", "0.00::DECIMAL(4,2)",
          "0::DECIMAL(4,4)", "0::DECIMAL(38,38)"],
    "100": ["100::INTEGER", "100.00::DECIMAL(18,2)", "1e2::DOUBLE"],
    "-0.5": ["-0.5::DOUBLE", "-0.5::FLOAT", "-0.50::DECIMAL(4,2)", "-0.5::DECIMAL(4,4)",
             "-0.5::DECIMAL(38,38)"],
    "0.1": ["0.1::DOUBLE", "0.1::FLOAT", "0.10::DECIMAL(18,2)"],
    "0.000015": ["1.5e-05::DOUBLE", "0.0000150::DECIMAL(18,7)", "1.5e-05::FLOAT"],
    "1180591620717411303424": ["2.0::DOUBLE ** 70", "1180591620717411303424::HUGEINT"],
    "10000000000000000": ["1e16::DOUBLE", "10000000000000000::BIGINT", "1e16::DECIMAL(20,1)"],
    "NaN": ["'nan'::DOUBLE", "'-nan'::DOUBLE", "'nan'::FLOAT"],
    "inf": ["'inf'::DOUBLE", "'inf'::FLOAT"],
    "1577836800000000": [
        "TIMESTAMP '2020-01-01'", "TIMESTAMPTZ '2020-01-01 00:00:00+00'",
        "TIMESTAMPTZ '2020-01-01 09:00:00+09'", "'2020-01-01'::TIMESTAMP_S",
        "'2020-01-01'::TIMESTAMP_MS", "'2020-01-01'::TIMESTAMP_NS",
        "'2020-01-01 00:00:00+00'::TIMESTAMPTZ_NS",
    ],
    "infinity": ["'infinity'::TIMESTAMP", "'infinity'::TIMESTAMPTZ", "'infinity'::TIMESTAMP_S",
                 "'infinity'::TIMESTAMP_NS", "'infinity'::DATE"],
    "01750416-7a83-0000-13c7-6962e03b0d28": ["'01750416-7A83-0000-13C7-6962E03B0D28'::UUID"],
    "true": ["true"],
    "b": ["'b'::ENUM('a', 'b')", "'b'"],
    "dead": ["'\\xDE\\xAD'::BLOB"],
    "0101": ["'0101'::BIT"],
    '{"a":{"c":2.5,"d":1},"b":1}': ["' { \"b\":1, \"a\" : {\"d\":1,\"c\":2.50}}'::JSON"],
    '["1",null,"3"]': ["[1, NULL, 3]", "[1.0, NULL, 3.0]::DOUBLE[]", "['1', NULL, '3']",
                       "[1, NULL, 3]::HUGEINT[3]"],
    '{"a":"1","b":"x"}': ["{'a': 1, 'b': 'x'}", "{'b': 'x', 'a': 1.0}"],
    '[{"k":"a","v":"1"},{"k":"b","v":null}]': ["MAP{'a': 1, 'b': NULL}", "MAP{'b': NULL, 'a': 1}"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "sql"), [(text, sql) for text, many in EQUAL.items() for sql in many]
)
def test_equal_values_have_one_form(
    connection: duckdb.DuckDBPyConnection, text: str, sql: str
) -> None:
    """A value has the same canonical text in every type that can hold it."""
    assert canonical(connection, sql) == text


DIFFERENT = [
    ("9007199254740993::BIGINT", "9007199254740992::BIGINT"),
    ("9007199254740992.0::DOUBLE", "9007199254740994.0::DOUBLE"),
    ("0.1::DOUBLE", "0.1::DOUBLE + 1e-17::DOUBLE * 2"),
    ("5e-324::DOUBLE", "0.0::DOUBLE"),
    ("1e-20::DOUBLE", "1.0000000000000002e-20::DOUBLE"),
    ("1e300::DOUBLE", "1.0000000000000002e300::DOUBLE"),
    ("16777216::FLOAT", "16777218::FLOAT"),
    ("TIMESTAMP '2020-01-01 00:00:00.000001'", "TIMESTAMP '2020-01-01'"),
    ("'2020-01-01 00:00:00.000000001'::TIMESTAMP_NS", "'2020-01-01'::TIMESTAMP_NS"),
    ("'infinity'::TIMESTAMP", "'-infinity'::TIMESTAMP"),
    ("'e\u0301'", "'é'"),
    ("''", "NULL::VARCHAR"),
    ("'{\"a\":12345678901234567.1}'::JSON", "'{\"a\":12345678901234567.2}'::JSON"),
    ("'{\"a\":0.12345678901234567}'::JSON", "'{\"a\":0.123456789012345671}'::JSON"),
    ("'[1e-400]'::JSON", "'[2e-400]'::JSON"),
    ("'{\"a\":123456789012345678901}'::JSON", "'{\"a\":123456789012345678902}'::JSON"),
    ("'{\"a\":null}'::JSON", "'{}'::JSON"),
    ("'[1,2]'::JSON", "'[2,1]'::JSON"),
    ("['a', 'b']", "['a\",\"b']"),
    ("[NULL]::VARCHAR[]", "['null']"),
    ("[]::VARCHAR[]", "NULL::VARCHAR[]"),
    ("[[1], []]", "[[], [1]]"),
    ("{'a': NULL::INTEGER}", "NULL::STRUCT(a INTEGER)"),
    ("['nan'::DOUBLE]", "['inf'::DOUBLE]"),
    ("MAP{'a': 1}", "MAP{'a': 2}"),
    ("union_value(n := 3)::UNION(n INTEGER, s VARCHAR)",
     "union_value(s := '3')::UNION(n INTEGER, s VARCHAR)"),
    ("{'t': TIMESTAMP '2020-01-01'}", "{'t': TIMESTAMP '2020-01-02'}"),
    ("INTERVAL '1 month'", "INTERVAL '30 days'"),
    ("'12:00:00+00'::TIMETZ", "'12:00:00+01'::TIMETZ"),
    ("{'a': 1}::VARIANT", "{'a': 2}::VARIANT"),
    ("'POINT(0 1)'::GEOMETRY", "'POINT(0 1.0000000000000002)'::GEOMETRY"),
    ("row(1, 2)", "row(2, 1)"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_values_have_different_forms(
    connection: duckdb.DuckDBPyConnection, one: str, other: str
) -> None:
    """A change of the smallest kind is seen."""
    assert canonical(connection, one) != canonical(connection, other)


def test_null_has_no_form(connection: duckdb.DuckDBPyConnection) -> None:
    """Null is null in every type, nested ones too."""
    types = ["VARCHAR", "DOUBLE", "FLOAT", "DECIMAL(4,4)", "TIMESTAMP", "TIMESTAMP_NS", "JSON",
             "INTEGER[]", "DOUBLE[]", "STRUCT(a INTEGER)", "MAP(VARCHAR, DOUBLE)", "VARIANT",
             "UNION(n INTEGER, s VARCHAR)", "GEOMETRY", "BLOB", "BIT", "INTERVAL"]  # fmt: skip

    assert [canonical(connection, f"NULL::{name}") for name in types] == [None] * len(types)


def golden_rows(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Fingerprint every value of the tables above, each as a record of one column."""
    rows = {}
    for sql in [*itertools.chain(*EQUAL.values()), *itertools.chain(*DIFFERENT), "INTERVAL 1 DAY"]:
        type_name = connection.execute(f"DESCRIBE SELECT {sql} AS v").fetchall()[0][1]
        fingerprint = DuckDBDialect().fingerprint([Column("v", type_name)])
        query = f"SELECT {fingerprint} FROM (SELECT {sql} AS v)"
        rows[sql] = connection.execute(query).fetchall()[0][0]
    return rows


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo"])
def test_fingerprints_are_those_on_record(zone: str) -> None:
    """Neither another engine version nor another session zone changes a fingerprint.

    If this fails after an upgrade of DuckDB, the canonical form must be mended or FORM_VERSION
    raised: otherwise every record of every user would be sent again. The file holds
    `json.dumps(golden_rows(connection), indent=1)`.
    """
    with duckdb.connect() as opened:
        opened.execute(f"SET timezone = '{zone}'")
        found = golden_rows(opened)

    assert found == json.loads(GOLDEN.read_text(encoding="utf-8"))


@given(
    values=st.lists(
        st.one_of(
            st.floats(),
            st.integers(-(2**70), 2**70).map(float),
            st.decimals(-1, 1, places=6).map(float),
        ),
        min_size=1,
        max_size=50,
    )
)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_doubles_are_told_apart_exactly(
    connection: duckdb.DuckDBPyConnection, values: list[float]
) -> None:
    """Two doubles have one form only if they are equal, and it reads back as that double."""
    text = DuckDBDialect().canonical(Column("v", "DOUBLE"))

    rows = connection.execute(f"SELECT v, {text} FROM (SELECT unnest(?::DOUBLE[]) AS v)", [values])

    for value, form in rows.fetchall():
        assert float(form) == value or (value != value and form == "NaN")  # noqa: PLR0124 - NaN
