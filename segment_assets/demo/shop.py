"""The sample shop "Fjord & Field": 62,150 rows with the faults that real warehouses have.

The rows are made by the SQL files beside this one, a table each, without random(): one seed gives
the same rows everywhere. `dirty_rows.sql` plants the faults; `PLANTED` counts them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from segment_assets.errors import ModelError

if TYPE_CHECKING:
    import duckdb

#: Rows of each table, dirty ones included.
TABLE_ROWS: Final[Mapping[str, int]] = {
    "customers": 2_000,
    "companies": 150,
    "orders": 20_000,
    "page_views": 30_000,
    "screen_views": 10_000,
}
#: Orders that the model of `orders_track` leaves out: it is a query.
DRAFT_ORDERS: Final = 400
#: Rows that each mapping reads.
READ_ROWS: Final[Mapping[str, int]] = {
    "customers_identify": 2_000,
    "companies_group": 150,
    "orders_track": 20_000 - DRAFT_ORDERS,
    "page_views_page": 30_000,
    "screen_views_screen": 10_000,
}
#: Planted faults by mapping and reason code: rows for the two key codes, records for the others.
#: Each planted row has one fault only.
PLANTED: Final[Mapping[str, Mapping[str, int]]] = {
    "customers_identify": {
        "null_key": 2,
        "duplicate_key": 2,
        "placeholder_id": 2,
        "event_too_large": 1,
    },
    "companies_group": {"null_key": 1, "missing_id": 1, "placeholder_id": 1},
    "orders_track": {"null_key": 1, "duplicate_key": 2, "missing_id": 4, "placeholder_id": 3},
    "page_views_page": {"missing_id": 6, "placeholder_id": 4, "event_too_large": 1},
    "screen_views_screen": {"invalid_timestamp": 3, "missing_id": 3, "placeholder_id": 2},
}
#: Second copies of a row, equal in every column: they collapse into one record.
PLANTED_COPIES: Final[Mapping[str, int]] = {
    "customers_identify": 1,
    "orders_track": 1,
    "page_views_page": 1,
}

_SQL_FOLDER: Final = Path(__file__).parent / "sql"
#: In the order in which they need each other: customers add up their orders.
_SQL_FILES: Final = (
    "chance.sql",
    "lists.sql",
    "orders.sql",
    "customers.sql",
    "companies.sql",
    "page_views.sql",
    "screen_views.sql",
    "dirty_rows.sql",
)


@dataclass(frozen=True, slots=True)
class ShopChange:
    """What `change_shop` did: rows by the mapping that sends them."""

    updated: Mapping[str, int]
    deleted: Mapping[str, int]


def make_shop(path: Path, *, seed: int = 7, is_small: bool = False) -> Mapping[str, int]:
    """Make the shop's DuckDB file, replacing one that is there; return the rows of each table.

    The file appears under its name only when it is whole. `is_small` leaves out 15 of 16 good
    orders and views; the faults and what `change_shop` changes stay. Raises `duckdb.IOException`
    where the folder can't be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    building = path.with_name(f"{path.name}.building")
    building.unlink(missing_ok=True)
    connection = _connect(building)
    try:
        for name in _SQL_FILES:
            text = (_SQL_FOLDER / name).read_text(encoding="utf-8")
            connection.execute(text.replace("{seed}", str(seed)))
        if is_small:
            for statement in _THINNING:
                connection.execute(statement)
        rows = {name: connection.table(name).shape[0] for name in TABLE_ROWS}
    finally:
        connection.close()
    building.replace(path)
    return rows


#: A key on two rows is a planted fault: both stay.
_THINNING: Final = tuple(
    f"delete from {table} where {good} and md5({key}::varchar) not like '0%' and {key} in "
    f"(select {key} from {table} group by {key} having count(*) = 1)"
    for table, key, good in (
        ("orders", "order_id", "order_id < 'ord_09'"),
        ("page_views", "view_id", "view_id like 'pv_0%'"),
        ("screen_views", "view_id", "view_id <= 7301444400000010000"),
    )
)

#: (mapping, what happens, rows, statement). Only rows that were sent are touched, chosen by md5 of
#: their key; a statement called again finds the next ones or changes the same ones further.
_CHANGES: Final = (
    (
        "customers_identify",
        "deleted",
        10,
        """
        delete from customers where customer_id in (
            select customer_id from customers
            where customer_id like 'cus_0%'
            group by customer_id having count(*) = 1
            order by md5('leaves ' || customer_id) limit 10)
        """,
    ),
    (
        "customers_identify",
        "updated",
        16,
        """
        update customers set
            plan = case plan when 'pro' then 'plus' else 'pro' end,
            ads_opt_in = not coalesce(ads_opt_in, false),
            updated_at = updated_at + interval 1 day
        where customer_id in (
            select customer_id from customers
            where customer_id like 'cus_0%'
            group by customer_id having count(*) = 1
            order by md5('changes ' || customer_id) limit 16)
        """,
    ),
    (
        "companies_group",
        "updated",
        4,
        """
        update companies set employees = employees + 5, updated_at = updated_at + interval 1 day
        where company_id in (
            select company_id from companies where company_id between 1001 and 1147
            order by md5('grows ' || company_id) limit 4)
        """,
    ),
    (
        "orders_track",
        "updated",
        12,
        """
        update orders set status = 'refunded'
        where order_id in (
            select order_id from orders
            where status = 'completed' and order_id < 'ord_09'
            group by order_id having count(*) = 1
            order by md5('is refunded ' || order_id) limit 12)
        """,
    ),
    (
        "page_views_page",
        "updated",
        8,
        """
        update page_views set seconds_on_page = seconds_on_page + 1.5
        where view_id in (
            select view_id from page_views where view_id like 'pv_0%'
            group by view_id having count(*) = 1
            order by md5('is corrected ' || view_id) limit 8)
        """,
    ),
)


def change_shop(path: Path) -> ShopChange:
    """Change 40 rows and delete 10, in one transaction, and count them by mapping.

    Only columns that the sample mappings read are changed. Only customers are deleted: theirs is
    the one mapping that selects deleted records. Screen views stay: each is sent once.
    Raises `ModelError` where `path` is no shop.
    """
    if not path.is_file():
        raise ModelError(f"There is no sample shop at {path}: run `segment-assets demo` first.")
    counts: dict[str, dict[str, int]] = {"updated": {}, "deleted": {}}
    connection = _connect(path)
    try:
        connection.begin()
        for mapping, what, expected, statement in _CHANGES:
            found = connection.execute(statement).fetchall()[0][0]
            if found != expected:
                raise ModelError(f"{path} is not the sample shop: {found} rows of {mapping} fit.")
            counts[what][mapping] = found
        connection.commit()
    finally:
        connection.close()
    return ShopChange(updated=counts["updated"], deleted=counts["deleted"])


def _connect(path: Path) -> "duckdb.DuckDBPyConnection":
    import duckdb  # noqa: PLC0415  # kept out of the path that loads definitions

    connection = duckdb.connect(path)
    # After connecting: the setting belongs to an extension that isn't loaded before.
    connection.execute("set TimeZone = 'UTC'")
    return connection
