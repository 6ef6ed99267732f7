"""One plan and its delivery against the emulator, down to the bytes that were posted."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

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
    def raw_calls(self) -> list[tuple[str, str]]:
        """The messageId and the very text of each posted call, in order."""
        return [found for body in self.bodies for found in _split(body.decode())]


def _split(body: str) -> Iterator[tuple[str, str]]:
    decode, place = json.JSONDecoder().raw_decode, len('{"batch":[')
    while True:
        call, end = decode(body, place)
        yield call["messageId"], body[place:end]
        if body[end] != ",":
            return
        place = end + 1


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
