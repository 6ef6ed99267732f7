"""A real data set goes to the API whole: each order and customer once, exact to the cent."""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from segment_assets.cli import run
from segment_assets.emulator import Emulator, Store
from segment_assets_tests.cdnow.cdnow_project import (
    SAMPLE_CUSTOMERS,
    SAMPLE_ORDERS,
    build,
    sample_csv,
)
from segment_assets_tests.cli.people import one_document, run_command

CSV_VARIABLE = "SEGMENT_ASSETS_CDNOW_CSV"
KEY = "wk-of-the-music-shop"


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """Run a local Tracking API that keeps every call."""
    with Emulator(write_keys={KEY}, store=Store(keep_calls=200_000)) as running:
        yield running


Results = list[dict[str, Any]]
SyncAll = Callable[[Path], Results]


def _sync_all(defs: Path) -> Results:
    """Run `sync --all` as a user does and return its results."""
    began = time.monotonic()
    env = {"SEGMENT_WRITE_KEY": KEY, "SEGMENT_ASSETS_DEFS": str(defs)}
    answer = run_command("sync", "--all", "--json", env=env, cwd=defs, seconds=600)
    assert answer.returncode == 0, answer.stderr
    results: Results = one_document(answer.stdout)
    accepted = sum(result["syncs"][0]["counts"]["accepted"] for result in results)
    print(f"sync --all: {accepted:,} calls, {time.monotonic() - began:.1f} s with start-up")
    return results


def _check(
    csv: Path, folder: Path, emulator: Emulator, sync_all: SyncAll
) -> tuple[int, int, Decimal]:
    """Sync twice and compare every call with its row; return customers, orders and revenue."""
    defs = build(csv, folder, emulator.url)
    sync_all(defs)
    calls = [record.call for record in emulator.store.calls(limit=1_000_000)]
    counts = emulator.store.counts()
    with duckdb.connect(folder / "cdnow.duckdb", read_only=True) as connection:
        rows = connection.execute("select order_id, customer_id, amount from orders").fetchall()
        customers = {
            name: (count, amount)
            for name, count, amount in connection.execute(
                "select customer_id, count(*), sum(amount) from orders group by 1"
            ).fetchall()
        }
    tracks = {c["properties"]["order_id"]: c for c in calls if c["type"] == "track"}
    people = {c["userId"]: c["traits"] for c in calls if c["type"] == "identify"}
    assert counts["received"] == counts["accepted"] == len(rows) + len(customers)
    assert Counter(call["type"] for call in calls) == {
        "track": len(rows), "identify": len(customers),
    }  # fmt: skip
    assert {
        name: (call["userId"], Decimal(str(call["properties"]["revenue"])))
        for name, call in tracks.items()
    } == {name: (customer, amount) for name, customer, amount in rows}
    assert {
        name: (traits["order_count"], Decimal(str(traits["total_amount"])))
        for name, traits in people.items()
    } == customers
    assert len({call["messageId"] for call in calls}) == len(calls)

    again = sync_all(defs)

    assert [result["syncs"][0]["counts"]["planned"] for result in again] == [0, 0]
    assert emulator.store.counts()["received"] == counts["received"]
    revenue = sum((Decimal(str(c["properties"]["revenue"])) for c in tracks.values()), Decimal(0))
    return len(people), len(tracks), revenue


def test_sample_goes_whole_and_once(
    tmp_path: Path,
    emulator: Emulator,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A file of the data set's shape: every row is one call, and a second run sends none."""
    sample_csv(tmp_path / "orders.csv.gz")
    monkeypatch.setenv("SEGMENT_WRITE_KEY", KEY)

    def sync_all(defs: Path) -> Results:
        monkeypatch.setenv("SEGMENT_ASSETS_DEFS", str(defs))
        assert run(["sync", "--all", "--json"]) == 0
        results: Results = one_document(capsys.readouterr().out)
        return results

    customers, orders, _revenue = _check(
        tmp_path / "orders.csv.gz", tmp_path / "shop", emulator, sync_all
    )

    assert (customers, orders) == (SAMPLE_CUSTOMERS, SAMPLE_ORDERS)
    ids = {r.call["userId"] for r in emulator.store.calls(kind="identify", limit=1_000)}
    assert "00001" in ids


@pytest.mark.slow
@pytest.mark.skipif(
    CSV_VARIABLE not in os.environ,
    reason=f"needs the CDNOW data set, which is not ours to ship: set {CSV_VARIABLE} to its file",
)
def test_data_set_goes_whole_and_once(tmp_path: Path, emulator: Emulator) -> None:
    """All 69,659 orders of 23,570 customers, ids with their zeros, 2,500,315.63 in revenue."""
    customers, orders, revenue = _check(
        Path(os.environ[CSV_VARIABLE]), tmp_path / "shop", emulator, _sync_all
    )

    assert (customers, orders, revenue) == (23_570, 69_659, Decimal("2500315.63"))
    ids = {r.call["userId"] for r in emulator.store.calls(kind="identify", limit=100_000)}
    assert all(len(name) == 5 and name.isdigit() for name in ids)
