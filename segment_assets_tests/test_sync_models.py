"""Models of every shape: files, schemas, names, queries, views, keys and values that are odd."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from segment_assets.errors import ModelError
from segment_assets_tests.shop_of_one import PATHS, Receiver, Shop

#: Names that the plan's own SQL uses, and names that need quoting.
NAMES = (
    "record_id", "fingerprint", "lane", "ordering", "seq", "c0", "c1", "plan", "model", "state",
    "keys", "copies", "status", "live", "op", "class", "base_no", "model_rows", "m", "k",
    "old_fingerprints", "message_id", "row_count", "a.b", 'q"q', "ü x", "select", "{x}", "it's",
    "since",
)  # fmt: skip
BY_KEY = {"user_id": {"@path": "$.__segment_id"}, "traits": {"email": {"@path": "$.email"}}}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Run a receiver on a free port."""
    with Receiver() as running:
        yield running


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _syncs_once(shop: Shop, receiver: Receiver, rows: int) -> None:
    """Send all rows, and find nothing to send after it."""
    before = len(receiver.accepted())
    assert shop.sync(receiver).counts["accepted"] == rows
    assert len(receiver.accepted()) - before == rows
    again = shop.plan()
    assert (again.counts["unchanged"], again.counts["planned"]) == (rows, 0)


@pytest.mark.parametrize(
    "name",
    [
        "my data.duckdb", "memory.duckdb", "main.duckdb", "plan.duckdb", "pg_catalog.duckdb",
        "information_schema.duckdb", "segment_assets_state.duckdb", ".duckdb", "x.y.duckdb",
        'it"s.duckdb', "Ü",
    ],
)  # fmt: skip
def test_a_model_file_may_be_called_anything(tmp_path: Path, receiver: Receiver, name: str) -> None:
    """Its stem is the name it is attached under, unless DuckDB takes that for something else."""
    _syncs_once(Shop(tmp_path, (1, "a", "x"), (2, "b", "y"), name=name), receiver, 2)


@pytest.mark.parametrize(
    "query",
    [
        "select * from people; -- all of them",
        "select * from people -- all of them",
        "-- first\nselect * from people /* ; */ ;;",
        "from people",
        "with model as (select * from people), keys as (from model) select * from keys",
        "select * from people where email <> '{plan}?$1;--'",
    ],
)
def test_a_query_may_end_with_comments_and_semicolons(
    tmp_path: Path, receiver: Receiver, query: str
) -> None:
    """It is read as its owner runs it."""
    shop = Shop(tmp_path, (1, "a", "x"), (2, "b", "y"))
    shop.model(table=None, query=query)

    _syncs_once(shop, receiver, 2)


@pytest.mark.parametrize(
    "query", ["select 1; select 2", "drop table people", "", "-- none", "select * fro people;;x"]
)
def test_a_query_must_be_one_select(tmp_path: Path, query: str) -> None:
    """Anything else is refused before it runs."""
    shop = Shop(tmp_path, (1, "a", "x"))
    shop.model(table=None, query=query)

    with pytest.raises(ModelError, match=r"its query (must be one SELECT statement|is no SQL)"):
        shop.plan()


@pytest.mark.parametrize(
    ("table", "is_stored"),
    [
        ("people", True), ('"PEOPLE"', True), ("main.people", True), ("shop.people", True),
        ("shop.main.people", True), ("seen", False), ("other.people", True),
        ('"other"."people"', True), ("other.seen", True), ("main.seen", False),
        ('"dotted.name"', True), ("other.v", False),
    ],
)  # fmt: skip
def test_views_and_tables_of_any_schema(
    tmp_path: Path, receiver: Receiver, table: str, *, is_stored: bool
) -> None:
    """A stored table may be read twice in one statement; a view of the same name may not."""
    shop = Shop(tmp_path, (1, "a", "x"), (2, "b", "y"))
    shop.sql(
        "CREATE SCHEMA other",
        "CREATE VIEW seen AS FROM people",
        "CREATE TABLE other.people AS FROM people",
        "CREATE TABLE other.seen AS FROM people",
        "CREATE VIEW other.v AS FROM people",
        "CREATE TABLE v (i INTEGER)",
        'CREATE TABLE "dotted.name" AS FROM people',
    )
    shop.model(table=table)

    assert shop.warehouse.is_base_table(shop.spec.model) is is_stored
    _syncs_once(shop, receiver, 2)


def test_tables_named_like_parts_of_the_plan(tmp_path: Path, receiver: Receiver) -> None:
    """The model's own file is the one that its names are looked up in."""
    shop = Shop(tmp_path, (1, "a", "x"))
    for name in ("model", "keys", "state", "planned", "plan", "ledger", "m", "model_rows"):
        shop.sql(f"CREATE TABLE {name} AS FROM people")
        shop.model(table=name)
        assert shop.plan().counts["records"] == 1
        shop.model(table=None, query=f"FROM {name}")
        assert shop.plan().counts["records"] == 1
    _syncs_once(shop, receiver, 1)


def test_columns_named_like_parts_of_the_plan(tmp_path: Path, receiver: Receiver) -> None:
    """Each column's own value arrives, whatever the plan calls its columns."""
    shop = Shop(tmp_path)
    columns = ", ".join(f"'v{place}' AS {_quoted(name)}" for place, name in enumerate(NAMES))
    shop.sql(f"CREATE TABLE odd AS SELECT 1 AS id, {columns}")
    shop.model(table="odd")
    shop.change(
        fields={
            "user_id": {"@path": "$.id"},
            "traits": {f"t{place}": {"@column": name} for place, name in enumerate(NAMES)},
        }
    )

    _syncs_once(shop, receiver, 1)
    assert receiver.accepted()[0]["traits"] == {f"t{n}": f"v{n}" for n in range(len(NAMES))}


@pytest.mark.parametrize("name", ["record_id", "fingerprint", "lane", "ordering", 'q"q', "a.b"])
def test_keys_named_like_parts_of_the_plan(tmp_path: Path, name: str) -> None:
    """As key, as id and as order of the calls."""
    shop = Shop(tmp_path)
    shop.sql(f"CREATE TABLE odd AS SELECT '2026-01-01' AS {_quoted(name)}, 'a' AS email_")
    shop.model(table="odd", primary_key=name)
    shop.change(fields={"user_id": {"@column": name}, "timestamp": {"@column": name}})

    report = shop.plan()

    assert (report.counts["records"], report.calls) == (1, 1)


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("BIGINT", "9007199254740993", "9007199254740993"),
        ("DECIMAL(10,2)", "1.50", "1.5"),
        ("UUID", "'0B0B0B0B-0b0b-0b0b-0b0b-0b0b0b0b0b0b'", "0b0b0b0b-0b0b-0b0b-0b0b-0b0b0b0b0b0b"),
        ("TIMESTAMP", "'2026-01-01 10:00:00'", "2026-01-01T10:00:00.000Z"),
        ("TIMESTAMPTZ", "'2026-01-01 10:00:00+02'", "2026-01-01T08:00:00.000Z"),
        ("DATE", "'2026-01-01'", "2026-01-01"),
        ("BOOLEAN", "true", "true"),
        ("VARCHAR", "'a|b'", "a|b"),
    ],
)
def test_keys_of_every_type_have_a_text(
    tmp_path: Path, receiver: Receiver, kind: str, value: str, text: str
) -> None:
    """The key's text names the record in calls and ledger."""
    shop = Shop(tmp_path)
    shop.sql(
        f"CREATE TABLE odd (id {kind}, email VARCHAR)", f"INSERT INTO odd VALUES ({value}, 'a')"
    )
    shop.model(table="odd")
    shop.change(fields=BY_KEY)

    _syncs_once(shop, receiver, 1)
    assert receiver.accepted()[0]["userId"] == text
    assert shop.ask("SELECT record_id FROM ledger") == [(text,)]


def test_not_a_number_and_signed_zero_are_no_changes(tmp_path: Path, receiver: Receiver) -> None:
    """NaN equals NaN from sync to sync, and is sent as null; -0 is 0."""
    shop = Shop(tmp_path)
    shop.sql("CREATE TABLE odd (id INTEGER, x DOUBLE)", "INSERT INTO odd VALUES (1, 'nan'), (2, 0)")
    shop.model(table="odd")
    shop.change(fields={"user_id": {"@path": "$.id"}, "traits": {"x": {"@path": "$.x"}}})
    _syncs_once(shop, receiver, 2)
    shop.sql("UPDATE odd SET x = -0.0 WHERE id = 2", "UPDATE odd SET x = 'nan' WHERE id = 1")

    assert shop.deliver(receiver).finished
    assert shop.plan().counts["unchanged"] == 2
    assert {call["traits"]["x"] for call in receiver.accepted()} == {None, 0}


def test_an_empty_table(tmp_path: Path, receiver: Receiver) -> None:
    """Success, with nothing to do and nobody asked."""
    shop = Shop(tmp_path)

    assert shop.plan().status == "approved"
    assert shop.deliver(receiver).finished
    assert receiver.store.requests() == []


def test_a_table_that_vanished(tmp_path: Path, receiver: Receiver) -> None:
    """An error, not a plan that deletes everybody."""
    shop = Shop(tmp_path, (1, "a", "x"))
    shop.change(when=frozenset({"deleted"}), fields=BY_KEY)
    shop.sync(receiver)
    shop.sql("DROP TABLE people")

    with pytest.raises(ModelError, match="Table with name people does not exist"):
        shop.plan()


def test_a_missing_model_file(tmp_path: Path) -> None:
    """Opening it would make an empty one: it is refused, with the path."""
    shop = Shop(tmp_path)
    shop.path.unlink()

    with pytest.raises(ModelError, match="there is no file"):
        shop.plan()
    assert not shop.path.exists()


def test_a_query_can_t_see_python_variables(tmp_path: Path) -> None:
    """A name means a table, never what happens to be called so in the program."""
    shop = Shop(tmp_path)
    shop.model(table="rows")
    rows = duckdb.sql("SELECT 1 AS id, 'a' AS email").to_arrow_table()

    with pytest.raises(ModelError, match="rows does not exist"):
        shop.plan()
    assert rows.num_rows == 1


def test_a_query_that_fails_on_a_row_is_a_fault_of_the_model(tmp_path: Path) -> None:
    """The engine's own words are in the sentence; the next plan starts anew."""
    shop = Shop(tmp_path, (1, "a", "x"))
    shop.model(table=None, query="SELECT id, CAST(email AS INTEGER) AS email FROM people")

    with pytest.raises(ModelError, match="Could not convert string 'a'"):
        shop.plan()
    shop.sql("UPDATE people SET email = '7'")
    assert shop.plan().counts["planned"] == 1


def test_a_source_that_a_query_can_t_open_is_no_full_disk(tmp_path: Path) -> None:
    """An IO error of the model is the model owner's."""
    shop = Shop(tmp_path)
    shop.model(table=None, query="SELECT id, email FROM 'nowhere/*.parquet'")

    with pytest.raises(ModelError, match="No files found"):
        shop.plan()


def test_one_user_s_calls_keep_their_order(tmp_path: Path, receiver: Receiver) -> None:
    """Records of one user share a lane and go by their timestamp."""
    shop = Shop(tmp_path, *((n, f"u{n % 7}", f"2026-01-{28 - n % 28:02}") for n in range(200)))
    shop.change(
        action="track",
        fields={**PATHS, "user_id": {"@path": "$.email"}, "timestamp": {"@path": "$.plan"},
                "event_name": "Seen"},
    )  # fmt: skip
    del shop.spec.fields["traits"]
    assert shop.sync(receiver).counts["accepted"] == 200

    for user in range(7):
        times = [c["timestamp"] for c in receiver.accepted() if c["userId"] == f"u{user}"]
        assert times == sorted(times)
