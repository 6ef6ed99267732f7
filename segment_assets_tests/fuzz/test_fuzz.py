"""Whatever is declared, rows are sent or rejected: no crash, no hang. Seeded; run by CI."""

import json
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from segment_assets.codes import CODES
from segment_assets.encoder import Encoded, RowEncoder
from segment_assets.errors import MappingError
from segment_assets.handoff import SyncSpec
from segment_assets.mapping import DictRows, Trigger
from segment_assets.warehouse.arrival import column_to_json
from segment_assets_tests.fuzz.odd_table import MODEL, make_warehouse, plan_rows
from segment_assets_tests.fuzz.random_mapping import RandomMapping
from segment_assets_tests.fuzz.random_trigger import RandomTrigger

MAPPINGS, ROWS, TRIGGERS = 400, 500, 20_000
#: A mapping of any size is through 500 rows in well under a second; this is for a busy machine.
SECONDS = 20.0


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `TimeoutError` inside the block when it takes longer."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError(f"took over {seconds} s")

    previous = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def read_strictly(payload: bytes) -> Any:
    """Parse as a strict parser does."""

    def refuse(name: str) -> Any:
        raise ValueError(name)

    return json.loads(payload.decode(), parse_constant=refuse)


def calls_of(encoded: Encoded, action: str) -> int:
    """Count the calls; each row must be one, or be rejected with known codes."""
    broken = {violation.row for violation in encoded.violations}
    payloads = encoded.payload.to_pylist()
    assert len(payloads) == ROWS
    assert {violation.code for violation in encoded.violations} <= set(CODES)
    assert [row for row, payload in enumerate(payloads) if payload is None] == sorted(broken)
    calls = [read_strictly(payload) for payload in payloads if payload is not None]
    assert all(call["type"] == action and call["messageId"] for call in calls)
    return len(calls)


@pytest.mark.slow
def test_random_mappings_send_or_reject_every_row(tmp_path: Path) -> None:
    """400 random mappings of 500 odd rows: refused at parse, or each row is a call or rejected."""
    columns, rows = plan_rows(make_warehouse(tmp_path, ROWS))
    fates: Counter[str] = Counter()
    for seed in range(MAPPINGS):
        made = RandomMapping(seed)
        spec = SyncSpec("fuzz", f"m{seed}", MODEL, made.action, made.fields)
        with time_limit(SECONDS):
            try:
                encoder = RowEncoder(spec, columns)
            except MappingError:
                fates["refused"] += 1
                continue
            calls = calls_of(encoder.encode(rows), made.action)
        fates["with calls" if calls else "without calls"] += 1

    print(dict(fates))
    assert fates["with calls"] >= 0.6 * MAPPINGS


@pytest.mark.slow
def test_random_triggers_answer_or_are_refused(tmp_path: Path) -> None:
    """20,000 random triggers: each is refused with a column, or answers for each odd row."""
    columns, rows = plan_rows(make_warehouse(tmp_path, 24))
    values = {
        column.name: column_to_json(rows.column(f"c{place}"), column.type)
        for place, column in enumerate(columns)
    }
    records = [dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True)]
    events = DictRows([{"type": "track", "event": "new", "properties": r, **r} for r in records])
    triggers, fates = RandomTrigger(7), Counter[str]()
    for _ in range(TRIGGERS):
        with time_limit(SECONDS):
            try:
                trigger = Trigger.parse(triggers.make())
            except MappingError as error:
                fates["refused" if "(column " in str(error) else "refused nowhere"] += 1
                continue
            answers = trigger.matches_rows(events)
        assert len(answers) == len(events)
        fates["selects some" if any(answers) else "selects none"] += 1

    print(dict(fates))
    assert fates["refused nowhere"] == 0
    assert fates["refused"] < 0.5 * TRIGGERS
    assert min(fates["selects some"], fates["selects none"]) > 0.1 * TRIGGERS
