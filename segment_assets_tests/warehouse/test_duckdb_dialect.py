"""Keys, lanes and identifiers in the SQL of a plan, and the type texts they are made from."""

import duckdb
import pytest

from segment_assets.handoff import Column
from segment_assets.warehouse.data_type import DataType, parse_type
from segment_assets.warehouse.duckdb_dialect import DuckDBDialect

DIALECT = DuckDBDialect()
INTEGER, VARCHAR = DataType("INTEGER"), DataType("VARCHAR")


def key(sql: str) -> str | None:
    """Return the record_id of one SQL value, in a session far from UTC."""
    with duckdb.connect() as connection:
        connection.execute("SET timezone = 'Asia/Tokyo'")
        type_name = connection.execute(f"DESCRIBE SELECT {sql} AS k").fetchall()[0][1]
        text = DIALECT.key_text(Column("k", type_name))
        value: str | None = connection.execute(
            f"SELECT {text} FROM (SELECT {sql} AS k)"
        ).fetchall()[0][0]
        return value


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("42", "42"),
        ("'42'", "42"),
        ("42::DECIMAL(18,2)", "42"),
        ("42::DOUBLE", "42"),
        ("340282366920938463463374607431768211455::UHUGEINT", str(2**128 - 1)),
        ("' 00123 '", " 00123 "),
        ("'01750416-7A83-0000-13C7-6962E03B0D28'::UUID", "01750416-7a83-0000-13c7-6962e03b0d28"),
        ("DATE '2024-06-01'", "2024-06-01"),
        ("TIMESTAMP '2024-06-01 12:00:00'", "2024-06-01T12:00:00.000Z"),
        ("TIMESTAMP '2024-06-01 12:00:00.000001'", "2024-06-01T12:00:00.000001Z"),
        ("TIMESTAMPTZ '2024-06-01 12:00:00+02'", "2024-06-01T10:00:00.000Z"),
        ("'2024-06-01 12:00:00.000000001'::TIMESTAMP_NS", "2024-06-01T12:00:00.000000001Z"),
        ("'2024-06-01 12:00:00'::TIMESTAMP_S", "2024-06-01T12:00:00.000Z"),
        ("'2024-06-01 12:00:00.000000001+02'::TIMESTAMPTZ_NS", "2024-06-01T10:00:00.000000001Z"),
        ("'infinity'::TIMESTAMP", "infinity"),
        ("NULL::TIMESTAMP", None),
        ("NULL::VARCHAR", None),
        ("''", ""),
    ],
)
def test_key_reads_as_a_person_writes_it(sql: str, expected: str | None) -> None:
    """A key's text doesn't depend on its type or the session; null stays null."""
    assert key(sql) == expected


def test_key_sheds_its_collation() -> None:
    """Under NOCASE `a` and `A` are equal to the engine; as keys they are two records."""
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE model (k VARCHAR COLLATE NOCASE)")
        connection.execute("INSERT INTO model VALUES ('a'), ('A')")
        text = DIALECT.key_text(Column("k", "VARCHAR"))

        rows = connection.execute(
            f"SELECT record_id FROM (SELECT {text} AS record_id FROM model) GROUP BY record_id"
        ).fetchall()

    assert sorted(rows) == [("A",), ("a",)]


def test_lanes_are_stable_and_even() -> None:
    """Equal texts share a lane, null and empty text don't fail, and lanes fill evenly."""
    with duckdb.connect() as connection:
        lane = DIALECT.lane(["CAST(i AS VARCHAR)", "NULL"], 4)
        rows = connection.execute(
            f"SELECT {lane} AS lane, count(*) FROM range(10000) r(i) GROUP BY lane ORDER BY lane"
        ).fetchall()

    assert [number for number, _ in rows] == [0, 1, 2, 3]
    assert all(2_300 < count < 2_700 for _, count in rows)


def test_odd_names_are_quoted() -> None:
    """A column keeps its exact name through every expression, whatever it is called."""
    names = ['A "b"', "select", "user.email", "Größe", "a[0]", "o'k", "$id", "e0"]
    with duckdb.connect() as connection:
        columns = ", ".join(f"[{i}.5] AS {DIALECT.quote(name)}" for i, name in enumerate(names))
        connection.execute(f"CREATE TABLE model AS SELECT {columns}")
        described = connection.execute("DESCRIBE model").fetchall()
        found = [Column(row[0], row[1]) for row in described]

        for form in (DIALECT.canonical, DIALECT.wire, DIALECT.key_text):
            connection.execute(f"SELECT {', '.join(map(form, found))} FROM model")
        (message_id,) = connection.execute(
            f"SELECT {DIALECT.message_id(DIALECT.fingerprint(found))} FROM model"
        ).fetchall()[0]
        (text,) = connection.execute(f"SELECT {DIALECT.literal(chr(39) + chr(92))}").fetchall()[0]

    assert [column.name for column in found] == names
    assert len(message_id) == 64
    assert text == "'\\"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("INTEGER", INTEGER),
        ("DECIMAL(18,2)", DataType("DECIMAL", (), ("18", "2"))),
        ("TIMESTAMP WITH TIME ZONE", DataType("TIMESTAMP WITH TIME ZONE")),
        ('"NULL"', DataType("NULL")),
        ("ENUM('a', 'b''c, (')", DataType("ENUM", (), ("a", "b'c, ("))),
        (
            "INTEGER[][3]",
            DataType("ARRAY", (("item", DataType("LIST", (("item", INTEGER),))),), ("3",)),
        ),
        ("MAP(VARCHAR, INTEGER)", DataType("MAP", (("key", VARCHAR), ("value", INTEGER)))),
        ("TUPLE(INTEGER, VARCHAR)", DataType("TUPLE", (("1", INTEGER), ("2", VARCHAR)))),
        (
            'STRUCT("a ""b"", c" INTEGER, d TIME WITH TIME ZONE)',
            DataType("STRUCT", (('a "b", c', INTEGER), ("d", DataType("TIME WITH TIME ZONE")))),
        ),
        ("unheard(of", DataType("UNHEARD(OF")),
    ],
)
def test_type_text_is_parsed(text: str, expected: DataType) -> None:
    """The engine's type text becomes a tree; another grammar's text is one unknown type."""
    assert parse_type(text) == expected
