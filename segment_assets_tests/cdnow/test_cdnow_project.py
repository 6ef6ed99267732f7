"""The project on the CDNOW data set is built right from a file of its shape."""

from decimal import Decimal
from pathlib import Path

import duckdb
import yaml

from segment_assets.declare.build import load_project
from segment_assets_tests.cdnow.cdnow_project import (
    SAMPLE_CUSTOMERS,
    SAMPLE_ORDERS,
    build,
    sample_csv,
)

ENDPOINT = "http://127.0.0.1:4321"


def test_the_sample_is_always_the_same(tmp_path: Path) -> None:
    """Two samples have the same bytes."""
    sample_csv(tmp_path / "one.csv.gz")
    sample_csv(tmp_path / "two.csv.gz")

    assert (tmp_path / "one.csv.gz").read_bytes() == (tmp_path / "two.csv.gz").read_bytes()


def test_orders_keep_their_types(tmp_path: Path) -> None:
    """Customer ids keep their leading zeros, amounts their cents."""
    sample_csv(tmp_path / "orders.csv.gz")
    build(tmp_path / "orders.csv.gz", tmp_path / "project", ENDPOINT)

    with duckdb.connect(tmp_path / "project" / "cdnow.duckdb", read_only=True) as connection:
        first = connection.execute("from orders order by order_id limit 1").fetchone()
        found = connection.execute("select count(*), count(distinct customer_id) from orders")
        assert found.fetchone() == (SAMPLE_ORDERS, SAMPLE_CUSTOMERS)
        assert first is not None
        assert (first[0], first[1], first[4]) == ("o000001", "00001", Decimal("22.16"))


def test_declarations_are_yaml_and_their_query_runs(tmp_path: Path) -> None:
    """Both files parse, and the customers' query gives one row each with exact sums."""
    sample_csv(tmp_path / "orders.csv.gz")
    defs = build(tmp_path / "orders.csv.gz", tmp_path / "project", ENDPOINT)

    warehouse = yaml.safe_load((defs / "cdnow" / "defs.yaml").read_text(encoding="utf-8"))
    destination = yaml.safe_load((defs / "music" / "defs.yaml").read_text(encoding="utf-8"))
    assert destination["attributes"]["endpoint"] == ENDPOINT
    customers, orders = warehouse["attributes"]["models"]
    assert orders["table"] == "main.orders"
    database = (defs / "cdnow" / warehouse["attributes"]["database"]).resolve()
    with duckdb.connect(database, read_only=True) as connection:
        sums = connection.execute(
            f"select count(*), sum(order_count), sum(total_amount) from ({customers['query']})"
        ).fetchone()
        amount = connection.execute("select sum(amount) from orders").fetchone()
        assert amount is not None
        assert sums == (SAMPLE_CUSTOMERS, SAMPLE_ORDERS, amount[0])


def test_the_app_loads_the_declarations(tmp_path: Path) -> None:
    """The loader finds no mistake in them, and the database where it was made."""
    sample_csv(tmp_path / "orders.csv.gz")

    project = load_project(build(tmp_path / "orders.csv.gz", tmp_path / "project", ENDPOINT))

    assert project.warehouses[0].database == tmp_path / "project" / "cdnow.duckdb"
    names = [mapping.sync.full_name for mapping in project.destinations[0].mappings]
    assert names == ["music/customers_identify", "music/orders_track"]
