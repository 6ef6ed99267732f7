"""The two seams in memory, and a clock that needs no time."""

import threading
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from segment_assets.delivery import deliver
from segment_assets.handoff import Connection, DeliveryReport, SeqRange
from segment_assets.wire import encode_calls

KEY = "wk+secret/key=0123456789"


def track(number: int, size: int = 0) -> dict[str, Any]:
    """Return a valid call with messageId `m<number>`, padded by about `size` bytes."""
    return {
        "type": "track",
        "event": "Order Completed",
        "userId": f"user-{number}",
        "messageId": f"m{number}",
        "timestamp": "2026-01-01T00:00:00.000Z",
        "properties": {"note": "x" * size},
    }


class MemorySource:
    """Calls by lane. None is a row that is not sent; `chunk` rows are handed out at a time.

    Sequence numbers run through all lanes, from 1 on.
    """

    def __init__(self, *lanes: Sequence[dict[str, Any] | None], chunk: int = 1_000) -> None:
        self._chunk = chunk
        self.calls: dict[SeqRange, tuple[int, Sequence[dict[str, Any] | None]]] = {}
        first = 1
        for calls in lanes:
            self.calls[SeqRange(first, first + len(calls) - 1)] = (first, calls)
            first += len(calls)

    def lanes(self) -> Sequence[SeqRange]:
        """Return the lanes' ranges."""
        return tuple(self.calls)

    def read(self, lane: SeqRange) -> Iterator[tuple[pa.Array, pa.BinaryArray]]:
        """Yield the chunks of a lane."""
        first, calls = self.calls[lane]
        for start in range(0, len(calls), self._chunk):
            part = calls[start : start + self._chunk]
            seq = pa.array(range(first + start, first + start + len(part)), pa.int64())
            yield seq, encode_calls(part)

    def seq_of(self, message_id: str) -> int:
        """Return the sequence number of a call."""
        for first, calls in self.calls.values():
            for place, call in enumerate(calls):
                if call is not None and call["messageId"] == message_id:
                    return first + place
        raise KeyError(message_id)


class MemoryRecorder:
    """Keeps every mark, and judges outcomes as the ledger does."""

    def __init__(self) -> None:
        self.marks: list[tuple[str, SeqRange, int, str]] = []
        self.reason: str | None = None
        self._busy = threading.Lock()

    def _mark(self, status: str, batch: SeqRange, attempt: int, text: str = "") -> None:
        assert self._busy.acquire(blocking=False), "marks must be written one at a time"
        self.marks.append((status, batch, attempt, text))
        self._busy.release()

    def intent(self, batch: SeqRange, attempt: int) -> None:
        """Keep an intent."""
        self._mark("intent", batch, attempt)

    def accepted(self, batch: SeqRange, attempt: int) -> None:
        """Keep an acceptance."""
        self._mark("accepted", batch, attempt)

    def refused(self, batch: SeqRange, attempt: int, found: str) -> None:
        """Keep a refusal."""
        self._mark("refused", batch, attempt, found)

    def returned(self, batch: SeqRange, attempt: int, code: str) -> None:
        """Keep that an intent was taken back."""
        self._mark("returned", batch, attempt, code)

    def should_stop(self) -> str | None:
        """Return the reason that a test has set."""
        return self.reason

    def texts(self, status: str) -> list[str]:
        """Return the texts of all marks of one status."""
        return [text for kind, _, _, text in self.marks if kind == status]

    def outcome(self, seq: int) -> str:
        """Return what the ledger would make of one sequence number."""
        kinds = [kind for kind, batch, _, _ in self.marks if batch.first <= seq <= batch.last]
        for known in ("accepted", "refused"):
            if known in kinds:
                return known
        return "uncertain" if kinds.count("intent") > kinds.count("returned") else "pending"

    def outcomes(self, source: MemorySource) -> dict[str, list[str]]:
        """Return the messageIds of each outcome, in order."""
        found: dict[str, list[str]] = {}
        for first, calls in source.calls.values():
            for seq, call in enumerate(calls, start=first):
                if call is not None:
                    found.setdefault(self.outcome(seq), []).append(call["messageId"])
        return found


class FakeClock:
    """Waits take no time but move the clock; `waits` are the seconds that were asked for."""

    def __init__(self, start: float = 1_800_000_000.0) -> None:
        self._lock = threading.Lock()
        self.start = start
        self.passed = 0.0
        self.waits: list[float] = []

    def now(self) -> float:
        """Return the made-up wall clock."""
        return self.start + self.passed

    def monotonic(self) -> float:
        """Return the made-up steady clock."""
        return self.passed

    def wait(self, event: threading.Event, seconds: float) -> None:
        """Move on at once."""
        if not event.is_set():
            with self._lock:
                self.passed += seconds
                self.waits.append(seconds)


def connect(url: str, **changes: Any) -> Connection:
    """Return a connection to a scripted server."""
    return Connection(**({"write_key": KEY, "endpoint": url} | changes))


def deliver_to(
    url: str,
    source: MemorySource,
    recorder: MemoryRecorder,
    *,
    events_per_second: float | None = 1000.0,
    **changes: Any,
) -> DeliveryReport:
    """Deliver with a fake clock unless told otherwise, and check that the report adds up."""
    connection = connect(url, events_per_second=events_per_second)
    report = deliver(source, recorder, connection, **({"clock": FakeClock()} | changes))
    outcomes = recorder.outcomes(source)
    counts = {name: len(ids) for name, ids in outcomes.items()}
    assert (report.accepted, report.refused, report.uncertain) == tuple(
        counts.get(name, 0) for name in ("accepted", "refused", "uncertain")
    )
    assert report.pending <= counts.get("pending", 0)  # calls that were never read are not counted
    return report
