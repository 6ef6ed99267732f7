"""One run of a case: plan and deliver with all that is real, and what came of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from segment_assets.delivery import DeliveryOptions, RetryPolicy
from segment_assets.emulator import Emulator
from segment_assets.errors import SegmentAssetsError
from segment_assets.handoff import Connection, Gates, Model, SyncReport, SyncSpec
from segment_assets.ledger.look import rejected_records
from segment_assets.mapping.rows import ENVELOPE_NAMES
from segment_assets.sync import deliver_plan, plan_sync
from segment_assets.warehouse.duckdb import DuckDBWarehouse
from segment_assets_tests.cases.case_table import ROW_NUMBER, TABLE
from segment_assets_tests.delivery.scripted_server import OK, Act, ScriptedServer

KEY: Final = "case-key"
_NO_GATES: Final = Gates(max_rejected_percent=None, max_deleted_percent=None)
#: Two retries without a wait worth the name.
_HASTY: Final = DeliveryOptions(
    retry=RetryPolicy(max_retries=2, first_backoff_seconds=0.001, max_backoff_seconds=0.001)
)
#: The server scripts of case files: what every POST of a run gets.
_SCRIPTS: Final = {
    "200": OK,
    "503 always": Act(503, body=b'{"success": false}'),
    "429 always": Act(429, body=b'{"success": false}'),
}


@dataclass
class Found:
    """What one run did. `taken` are the calls that the API answered with 200, `tried` all.

    `rejected` are (primary key, code) pairs, `planned` the plan's counts; `error` is the error
    that refused the run.
    """

    taken: list[dict[str, Any]] = field(default_factory=list)
    tried: list[dict[str, Any]] = field(default_factory=list)
    rejected: list[tuple[str | None, str]] = field(default_factory=list)
    warned: Mapping[str, int] = field(default_factory=dict)
    planned: Mapping[str, int] = field(default_factory=dict)
    error: SegmentAssetsError | None = None
    report: SyncReport | None = None


def sync_of(case: Mapping[str, Any]) -> SyncSpec:
    """Declare the case's sync, with share gates off."""
    key = case.get("key", ROW_NUMBER)
    model = Model("cases/rows", key, table=TABLE)
    fields = _in_mapping_kit(case["mapping"])
    return SyncSpec("cases", "case", model, case["action"], fields, gates=_NO_GATES)


def _in_mapping_kit(written: Any) -> Any:
    """Turn `$col` and `$lit` into directives. A name that a path can't say needs `@column`."""
    if "$lit" in written:
        return {"@literal": written["$lit"]}
    if "$col" in written:
        name = written["$col"]
        is_plain = name.isidentifier() and name not in ENVELOPE_NAMES
        return {"@path": f"$.{name}"} if is_plain else {"@column": name}
    return {name: _in_mapping_kit(inner) for name, inner in written.items()}


def columns_of(written: Any) -> list[str]:
    """Return the columns that a case's mapping names."""
    if "$col" in written:
        return [written["$col"]]
    if "$lit" in written:
        return []
    return [name for inner in written.values() for name in columns_of(inner)]


def run_sync(spec: SyncSpec, database: Path, emulator: Emulator, script: str | None) -> Found:
    """Plan and deliver once, against the emulator or a server that follows a script."""
    if script is None:
        emulator.store.reset()
        found = _run(spec, database, emulator.url)
        posts = [r for r in emulator.store.requests() if r.method == "POST"]
        assert emulator.store.counts()["dropped"] == 0
        bodies = [(r.status, r.body or b"") for r in posts]
    else:
        act = _SCRIPTS[script]
        with ScriptedServer(lambda post: act if post.method == "POST" else OK) as server:
            found = _run(spec, database, server.url)
        bodies = [(act.status, post.body) for post in server.posts]
    found.tried = [call for _, body in bodies for call in read_strictly(body)["batch"]]
    found.taken = [
        call for status, body in bodies if status == OK.status
        for call in read_strictly(body)["batch"]
    ]  # fmt: skip
    return found


def _run(spec: SyncSpec, database: Path, url: str) -> Found:
    warehouse = DuckDBWarehouse("cases", database)
    connection = Connection(KEY, endpoint=url, events_per_second=None)
    try:
        plan = plan_sync(spec, warehouse)
        report = deliver_plan(spec, warehouse, connection, options=_HASTY)
    except SegmentAssetsError as error:
        return Found(error=error)
    held = rejected_records(warehouse.state(spec.destination, spec.name), 1_000)
    rejected = [(r["record_id"], r["code"]) for r in held if r["plan_no"] == plan.plan_no]
    return Found(rejected=rejected, warned=plan.warned_by_code, planned=plan.counts, report=report)


def read_strictly(body: bytes) -> Any:
    """Parse as a strict parser does; no digit of a number is lost."""

    def refuse(name: str) -> Any:
        raise ValueError(f"{name} is not JSON")

    return json.loads(body.decode(), parse_float=Decimal, parse_constant=refuse)
