"""The sample shop: its rows are the same everywhere, its faults are where it says."""

import shutil
import time
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pytest

from segment_assets.codes import CODES
from segment_assets.demo.shop import (
    DRAFT_ORDERS,
    PLANTED,
    PLANTED_COPIES,
    READ_ROWS,
    TABLE_ROWS,
    change_shop,
    make_shop,
)
from segment_assets.errors import ModelError

#: Mapping -> (rows that it reads, primary key, id columns).
READS = {
    "customers_identify": ("customers", "customer_id", ["customer_id"]),
    "companies_group": ("companies", "company_id", ["owner_id"]),
    "orders_track": (
        "(from orders where status <> 'draft')",
        "order_id",
        ["customer_id", "anonymous_id"],
    ),
    "page_views_page": ("page_views", "view_id", ["user_id", "anonymous_id"]),
    "screen_views_screen": ("screen_views", "view_id", ["user_id", "anonymous_id"]),
}
PLACEHOLDERS = "('nan', 'none', 'null', 'undefined', '<na>', 'nat', '[object object]')"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make one shop for the tests that only read it."""
    path = tmp_path_factory.mktemp("shop") / "shop.duckdb"
    make_shop(path)
    return path


@pytest.fixture
def own_shop(shop: Path, tmp_path: Path) -> Path:
    """Copy the shop for a test that writes to it."""
    return Path(shutil.copy(shop, tmp_path))


def query(path: Path, sql: str) -> list[tuple[Any, ...]]:
    """Run one query on a shop, read only."""
    with duckdb.connect(path, read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        return connection.execute(sql).fetchall()


def count(path: Path, sql: str) -> int:
    """Return the one number of a query."""
    return int(query(path, sql)[0][0])


def rows_of(path: Path, table: str) -> list[str]:
    """Return a table's rows as text, in their order."""
    return [text for (text,) in query(path, f"select t::VARCHAR from {table} t order by rowid")]


def test_is_made_quickly_and_appears_whole(tmp_path: Path) -> None:
    """The shop takes under 5 seconds and leaves one file, named as asked."""
    start = time.perf_counter()
    make_shop(tmp_path / "new" / "shop.duckdb")

    assert time.perf_counter() - start < 5
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["shop.duckdb"]


def test_replaces_a_shop_and_a_half_made_one(tmp_path: Path) -> None:
    """An old shop and what a killed build left behind don't stand in the way."""
    path = tmp_path / "shop.duckdb"
    path.write_text("old")
    (tmp_path / "shop.duckdb.building").write_text("half")

    make_shop(path)

    assert count(path, "select count(*) from customers") == 2_000


def test_same_seed_same_rows(shop: Path, tmp_path: Path) -> None:
    """Two builds hold the same rows in the same order; another seed gives other ones."""
    make_shop(tmp_path / "again.duckdb")
    make_shop(tmp_path / "other.duckdb", seed=8)

    for table in TABLE_ROWS:
        assert rows_of(tmp_path / "again.duckdb", table) == rows_of(shop, table)
        assert rows_of(tmp_path / "other.duckdb", table) != rows_of(shop, table)


def test_rows_are_known(shop: Path) -> None:
    """The rows don't depend on the machine or on DuckDB's version: here is one of them."""
    columns = "customer_id, email, born_on::VARCHAR, postal_code, latitude, updated_at::VARCHAR"
    found = query(shop, f"select {columns} from customers where customer_id = 'cus_00042'")

    assert found == [
        (
            "cus_00042",
            "lukasz.williams42@example.com",
            "2005-01-10",
            "20054",
            53.5881,
            "2026-06-10 12:30:44+00",
        )
    ]


@pytest.mark.parametrize("table", TABLE_ROWS)
def test_row_counts(shop: Path, table: str) -> None:
    """Each table has exactly the rows that it is said to have."""
    assert count(shop, f"select count(*) from {table}") == TABLE_ROWS[table]


@pytest.mark.parametrize("mapping", READ_ROWS)
def test_read_counts(shop: Path, mapping: str) -> None:
    """Each mapping reads the rows that it is said to read."""
    assert count(shop, f"select count(*) from {READS[mapping][0]} t") == READ_ROWS[mapping]


def test_drafts(shop: Path) -> None:
    """The orders' query leaves the drafts out."""
    assert count(shop, "select count(*) from orders where status = 'draft'") == DRAFT_ORDERS


def test_nothing_but_the_five_tables(shop: Path) -> None:
    """What helped to make the shop is not left in it."""
    found = query(shop, "select table_name from duckdb_tables() order by 1")

    assert [name for (name,) in found] == sorted(TABLE_ROWS)
    assert count(shop, "select count(*) from duckdb_functions() where not internal") == 0


def test_types_are_rich(shop: Path) -> None:
    """The types that go wrong on the way to JSON are all there."""
    found = {name for (name,) in query(shop, "select data_type from duckdb_columns()")}

    assert found >= {
        "BIGINT", "BOOLEAN", "DATE", "DECIMAL(10,2)", "DOUBLE", "INTEGER", "INTEGER[]", "JSON",
        "TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "UUID", "VARCHAR",
    }  # fmt: skip


@pytest.mark.parametrize("mapping", PLANTED)
def test_faults_are_planted(shop: Path, mapping: str) -> None:
    """Each fault is there as often as it is said to be, and there is no other."""
    relation, key, ids = READS[mapping]
    texts = [f"coalesce(trim({column}::VARCHAR), '')" for column in ids]
    keyed = f"(from {relation} t where coalesce({key}::VARCHAR, '') <> '')"
    copies = f"select {key}, count(*) as n, count(distinct t::VARCHAR) as kinds from {keyed} t"
    copies += f" group by {key} having count(*) > 1"
    is_missing = " and ".join(f"{text} = ''" for text in texts)
    is_placeholder = " or ".join(f"lower({text}) in {PLACEHOLDERS}" for text in texts)
    found = {
        "null_key": f"select count(*) from {relation} t where coalesce({key}::VARCHAR, '') = ''",
        "duplicate_key": f"select coalesce(sum(n), 0) from ({copies}) where kinds > 1",
        "missing_id": f"select count(*) from {keyed} t where {is_missing}",
        "placeholder_id": f"select count(*) from {keyed} t where {is_placeholder}",
        "event_too_large": f"select count(*) from {keyed} t where length(t::VARCHAR) > 32768",
    }
    if mapping == "screen_views_screen":
        bad = "try_cast(seen_at as TIMESTAMPTZ) is null"
        found["invalid_timestamp"] = f"select count(*) from {keyed} t where {bad}"

    assert {code: n for code, sql in found.items() if (n := count(shop, sql))} == PLANTED[mapping]
    collapsed = f"select coalesce(sum(n - 1), 0) from ({copies}) where kinds = 1"
    assert count(shop, collapsed) == PLANTED_COPIES.get(mapping, 0)


def test_faults_stay_below_the_gate() -> None:
    """Fewer than 5 % of a mapping's rows have a fault, and each code is a known one."""
    for mapping, faults in PLANTED.items():
        assert sum(faults.values()) < 0.05 * READ_ROWS[mapping]
        assert all(CODES[code].scope == "row" for code in faults)


@pytest.mark.parametrize("table", ["customers", "orders", "page_views", "screen_views"])
def test_consent_is_given_refused_and_unknown(shop: Path, table: str) -> None:
    """People opted in, opted out, and were never asked."""
    found = query(shop, f"select distinct ads_opt_in from {table}")

    assert {value for (value,) in found} == {True, False, None}


def test_change_touches_40_rows_and_deletes_10(own_shop: Path) -> None:
    """The file differs by what the counts say, now and when called again."""
    for _ in range(2):
        before = {table: Counter(rows_of(own_shop, table)) for table in TABLE_ROWS}

        change = change_shop(own_shop)

        after = {table: Counter(rows_of(own_shop, table)) for table in TABLE_ROWS}
        gone = {table: (before[table] - after[table]).total() for table in TABLE_ROWS}
        assert sum(change.updated.values()) == 40
        assert change.deleted == {"customers_identify": 10}
        assert gone == {
            "customers": change.updated["customers_identify"] + 10,
            "companies": change.updated["companies_group"],
            "orders": change.updated["orders_track"],
            "page_views": change.updated["page_views_page"],
            "screen_views": 0,
        }
        assert after["customers"].total() == before["customers"].total() - 10


def test_change_needs_a_shop(tmp_path: Path) -> None:
    """A file that isn't there is not made; the sentence says what to do."""
    with pytest.raises(ModelError, match="segment-assets demo"):
        change_shop(tmp_path / "none.duckdb")

    assert not list(tmp_path.iterdir())


def test_change_of_a_foreign_shop_changes_nothing(own_shop: Path) -> None:
    """Where the rows to change are missing, none is changed."""
    with duckdb.connect(own_shop) as connection:
        connection.execute("delete from page_views")

    with pytest.raises(ModelError, match="0 rows of page_views_page"):
        change_shop(own_shop)

    assert count(own_shop, "select count(*) from customers") == 2_000
