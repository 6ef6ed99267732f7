"""What holds for any rows and any mapping, from the table to the posted bytes."""

import tempfile
from collections.abc import Iterator
from decimal import Context, Decimal
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from segment_assets.emulator import Emulator, Store
from segment_assets.errors import MappingError
from segment_assets.handoff import Model, SyncSpec
from segment_assets.preview import preview
from segment_assets.warehouse.duckdb import DuckDBWarehouse
from segment_assets.wire import encode_call
from segment_assets_tests.fuzz import odd_table, typed_rows
from segment_assets_tests.fuzz.random_mapping import RandomMapping
from segment_assets_tests.fuzz.run_once import KEY, NO_GATES, run_once

#: A failing example is shown as it was found: making it small would run hundreds of syncs.
BOUNDED = settings(deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
EVERYTHING = {
    "user_id": {"@template": "u{{key}}"},
    "message_id": {"@path": "$.key"},
    "timestamp": {"@path": "$.at"},
    "event_name": {"@case": {"operator": "upper", "value": {"@template": "{{kind}} {{key}}"}}},
    "properties": {name: {"@path": f"$.{name}"} for name in typed_rows.COLUMNS},
    "traits": {
        "text": {"@template": "{{exact}} {{number}} {{part}} {{tags}} {{instant}}"},
        "json": {"@json": {"mode": "encode", "value": {"@path": "$.part"}}},
        "flat": {"@flatten": {"value": {"@path": "$.part"}, "separator": "_"}},
        "or": {"@if": {"exists": {"@path": "$.flag"}, "then": {"@path": "$.whole"}, "else": 1}},
    },
}
IDS = {
    "user_id": {"@path": "$.big"},
    "anonymous_id": {"@path": "$.huge"},
    "group_id": {"@path": "$.exact"},
    "traits": {
        "text": {"@template": "{{big}}|{{unsigned}}|{{huge}}|{{whole}}"},
        "json": {"@json": {"mode": "encode", "value": {"@path": "$.unsigned"}}},
        "replaced": {"@replace": {"pattern": "x", "value": {"@path": "$.big"}}},
    },
}
#: Wide enough for every decimal of a warehouse.
_EXACT = Context(prec=60)


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    """Run one emulator that keeps what was posted."""
    with Emulator(write_keys={KEY}, store=Store(record_bodies=True)) as running:
        yield running


@settings(BOUNDED, max_examples=5)
@given(rows=typed_rows.ROWS)
def test_a_preview_shows_the_bytes_that_are_sent(
    emulator: Emulator, rows: list[dict[str, Any]]
) -> None:
    """Rows of the driver in a preview, and the same rows in a sync: equal bytes, equal codes."""
    with tempfile.TemporaryDirectory() as folder:
        warehouse = typed_rows.write_table(Path(folder), rows)
        spec = SyncSpec("fuzz", "all", typed_rows.MODEL, "track", EVERYTHING, gates=NO_GATES)
        posted = run_once(spec, warehouse, emulator)
        shown = preview("track", EVERYTHING, typed_rows.driver_rows(warehouse))

    calls = {
        str(key): encode_call(told["call"]) for key, told in enumerate(shown) if "call" in told
    }
    assert sorted(posted.raw_calls) == sorted((key, call.decode()) for key, call in calls.items())
    assert posted.plan.bytes_to_send == sum(len(call) + 1 for call in calls.values())
    assert posted.rejected == {
        str(key): {violation["code"] for violation in told["rejected"]}
        for key, told in enumerate(shown)
        if "rejected" in told
    }


@settings(BOUNDED, max_examples=5)
@given(rows=typed_rows.ROWS)
def test_an_id_keeps_every_digit(emulator: Emulator, rows: list[dict[str, Any]]) -> None:
    """Whatever its column's type, an id is the exact number as text, never by way of a float."""
    with tempfile.TemporaryDirectory() as folder:
        warehouse = typed_rows.write_table(Path(folder), rows)
        spec = SyncSpec("fuzz", "ids", typed_rows.MODEL, "group", IDS, gates=NO_GATES)
        posted = run_once(spec, warehouse, emulator)

    found = [orjson.loads(call) for _, call in posted.raw_calls]
    wanted = [facts for row in rows if (facts := exact_call(row)) is not None]
    assert sorted(map(repr, map(facts_of, found))) == sorted(map(repr, wanted))


def facts_of(call: dict[str, Any]) -> list[Any]:
    """Return what a group call of `IDS` says."""
    return [call.get("userId"), call.get("anonymousId"), call["groupId"], *call["traits"].values()]


def exact_call(row: dict[str, Any]) -> list[Any] | None:
    """Return what a row must say, from texts and decimals only; None for a rejected one."""
    texts = {name: "" if row[name] is None else str(row[name]) for name in typed_rows.COLUMNS}
    if not texts["exact"] or not (texts["big"] or texts["huge"]):
        return None
    group = format(Decimal(texts["exact"]).normalize(_EXACT), "f")
    return [
        texts["big"] or None,
        texts["huge"] or None,
        "0" if Decimal(texts["exact"]) == 0 else group,
        "|".join(texts[name] for name in ("big", "unsigned", "huge", "whole")),
        texts["unsigned"] or "null",
        texts["big"],
    ]


@pytest.fixture(scope="module")
def odd_warehouse(tmp_path_factory: pytest.TempPathFactory) -> DuckDBWarehouse:
    """Make a table of odd values, with a column of nulls under the name that isn't there."""
    warehouse = odd_table.make_warehouse(tmp_path_factory.mktemp("odd"), 24)
    with duckdb.connect(str(warehouse.database)) as connection:
        connection.execute("ALTER TABLE odd_rows ADD COLUMN nope VARCHAR")
    return warehouse


@settings(BOUNDED, max_examples=8)
@given(seed=st.integers(0, 10**9))
def test_any_mapping_is_refused_or_runs_to_its_end(
    emulator: Emulator, odd_warehouse: DuckDBWarehouse, seed: int
) -> None:
    """A mapping made at random is refused before anything is read, or each row has one outcome."""
    made = RandomMapping(seed)
    name = f"m{seed}_{emulator.store.run[:8]}"
    spec = SyncSpec("fuzz", name, odd_table.MODEL, made.action, made.fields, gates=NO_GATES)
    try:
        posted = run_once(spec, odd_warehouse, emulator)
    except MappingError:
        return

    assert posted.plan.counts["read"] == 24
    assert len(posted.rejected) == posted.report.counts["rejected"]


@settings(BOUNDED, max_examples=4)
@given(
    kind=st.sampled_from(["BIGINT", "DOUBLE", "DECIMAL(9,3)", "VARCHAR"]),
    pairs=st.lists(
        st.tuples(st.integers(0, 3), st.none() | st.integers(0, 3)), min_size=1, max_size=8
    ),
)
def test_a_column_that_only_the_trigger_reads_is_watched(
    emulator: Emulator, kind: str, pairs: list[tuple[int, int | None]]
) -> None:
    """A record whose trigger column changed is looked at again by the next plan, and no other."""
    fields = {"user_id": {"@path": "$.__segment_id"}}
    condition = 'properties.watched != "1"' if kind == "VARCHAR" else "properties.watched > 1"
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "watched.duckdb"
        warehouse = DuckDBWarehouse("watched", database)
        spec = SyncSpec(
            "fuzz", "t", Model("m", "id", table="t"), "identify", fields, trigger=condition,
            gates=NO_GATES,
        )  # fmt: skip
        for place in (0, 1):
            with duckdb.connect(str(database)) as connection:
                connection.execute(f"CREATE OR REPLACE TABLE t (id INTEGER, watched {kind})")
                connection.executemany(
                    "INSERT INTO t VALUES (?, ?)",
                    [(n, pair[place]) for n, pair in enumerate(pairs)],
                )
            posted = run_once(spec, warehouse, emulator)

    changed = {str(n): pair[1] for n, pair in enumerate(pairs) if pair[0] != pair[1]}
    selected = [n for n, value in changed.items() if is_selected(kind, value)]
    users = [orjson.loads(call)["userId"] for _, call in posted.raw_calls]
    assert sorted(users) == sorted(selected)
    assert posted.plan.counts["unchanged"] == len(pairs) - len(changed)
    assert posted.plan.counts["unselected"] == len(changed) - len(selected)


def is_selected(kind: str, value: int | None) -> bool:
    """Say what the trigger says of a value: null is another text than any, but no number."""
    return value != 1 if kind == "VARCHAR" else value is not None and value > 1
