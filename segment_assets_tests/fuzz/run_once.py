"""One plan and its delivery against the emulator, down to the bytes that were posted."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

import orjson

from segment_assets.emulator import Emulator
from segment_assets.handoff import Connection, Gates, PlanReport, SyncReport, SyncSpec
from segment_assets.ledger.look import rejected_records
from segment_assets.sync import deliver_plan, plan_sync
from segment_assets.warehouse.duckdb import DuckDBWarehouse

KEY: Final = "fuzz-key"
NO_GATES: Final = Gates(max_rejected_percent=None, max_deleted_percent=None)


@dataclass(frozen=True)
class Posted:
    """What came of a sync: `bodies` as posted, before gzip, and codes by record."""

    plan: PlanReport
    report: SyncReport
    bodies: list[bytes]
    rejected: dict[str, set[str]]

    @property
    def message_ids(self) -> list[list[str]]:
        """The messageIds of each body, in order."""
        return [[call["messageId"] for call in orjson.loads(body)["batch"]] for body in self.bodies]


def run_once(spec: SyncSpec, warehouse: DuckDBWarehouse, emulator: Emulator) -> Posted:
    """Plan and deliver; nothing may be left over, and every call that was planned is posted."""
    emulator.store.reset()
    plan = plan_sync(spec, warehouse)
    connection = Connection(KEY, endpoint=emulator.url, events_per_second=None)
    report = deliver_plan(spec, warehouse, connection)
    posts = [post for post in emulator.store.requests() if post.method == "POST"]
    rejected: dict[str, set[str]] = defaultdict(set)
    for told in rejected_records(warehouse.state(spec.destination, spec.name), 100_000):
        rejected[told["record_id"]].add(told["code"])

    assert report.finished
    assert report.counts["accepted"] == plan.calls == emulator.store.counts()["accepted"]
    assert report.counts["accepted"] + report.counts["rejected"] == report.counts["planned"]
    return Posted(plan, report, [post.body or b"" for post in posts], dict(rejected))
