"""What the emulator remembers, in memory: counts, the newest calls and requests, seen ids."""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple
from uuid import uuid4

from segment_assets.emulator.rules import find_drop_reason

#: Segment drops a repeated messageId for at least this long (its "duplicate data" guide).
DEDUPE_SECONDS: Final = 86_400.0
_SWEEP_SECONDS: Final = 3_600.0


class CallRecord(NamedTuple):
    """One call as it came. `outcome` is accepted, duplicate or dropped; only that has a reason.

    `received_at` is in epoch seconds; `number` counts all calls since the start, from 1.
    """

    number: int
    received_at: float
    type: str | None
    message_id: str | None
    outcome: str
    reason: str | None
    call: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One request to the API. `status` is 0 where the connection was reset.

    `body_bytes` is the uncompressed size, `wire_bytes` the size as sent. `headers` never hold
    the key; `body` is kept by a recording store only, and may hold it. `note` says why a request
    was refused or dropped whole, or that a scripted fault met it. The store sets `number`.
    """

    received_at: float
    method: str
    path: str
    status: int
    events: int = 0
    body_bytes: int = 0
    wire_bytes: int = 0
    sent_at: str | None = None
    note: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = field(default=None, repr=False)
    number: int = 0


class Store:
    """Thread-safe memory of one emulator.

    Dropped and duplicate calls are kept beside the accepted ones, `keep_calls` of each: what
    went wrong must not scroll away under a long sync. `clock` gives epoch seconds.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        keep_calls: int = 1_000,
        keep_requests: int = 5_000,
        record_bodies: bool = False,
    ) -> None:
        self.clock = clock
        self.record_bodies = record_bodies
        self._keep_calls, self._keep_requests = keep_calls, keep_requests
        self._lock = threading.Lock()
        self.run = ""
        self._start()

    def _start(self) -> None:
        self.run = uuid4().hex
        self._number = self._accepted = self._duplicates = 0
        self._dropped: Counter[str] = Counter()
        self._types: Counter[str] = Counter()
        self._statuses: Counter[int] = Counter()
        self._notes: Counter[str] = Counter()
        self._bytes = 0
        self._seen: dict[str, float] = {}
        self._swept_at = self.clock()
        self._good: deque[CallRecord] = deque(maxlen=self._keep_calls)
        self._bad: deque[CallRecord] = deque(maxlen=self._keep_calls)
        self._requests: deque[RequestRecord] = deque(maxlen=self._keep_requests)

    def reset(self) -> None:
        """Forget everything; `run` gets a new value."""
        with self._lock:
            self._start()

    def take_calls(self, calls: Iterable[Mapping[str, Any]], drop_all: str | None = None) -> None:
        """Judge and remember the calls of one request; `drop_all` drops each with that reason."""
        with self._lock:
            now = self.clock()
            if now - self._swept_at >= _SWEEP_SECONDS:
                self._sweep(now)
            seen, good, bad = self._seen, self._good, self._bad
            for call in calls:
                self._number += 1
                kind: Any = call.get("type")
                message_id = call.get("messageId")
                if type(message_id) is not str or not message_id:
                    message_id = None
                reason = drop_all or find_drop_reason(call)
                if reason is not None:
                    self._dropped[reason] += 1
                    outcome = "dropped"
                else:
                    # As the API does: a call without an id gets a fresh one, so a retry of it
                    # is a second call.
                    message_id = message_id or f"api-{uuid4()}"
                    first = seen.get(message_id)
                    if first is None or now - first >= DEDUPE_SECONDS:
                        seen[message_id] = now
                        self._accepted += 1
                        self._types[kind] += 1
                        good.append(
                            CallRecord(self._number, now, kind, message_id, "accepted", None, call)
                        )
                        continue
                    self._duplicates += 1
                    outcome = "duplicate"
                shown = kind if type(kind) is str else None
                bad.append(CallRecord(self._number, now, shown, message_id, outcome, reason, call))

    def note_request(self, record: RequestRecord) -> None:
        """Remember one request and its answer."""
        with self._lock:
            self._statuses[record.status] += 1
            number = self._statuses.total()
            self._requests.append(replace(record, number=number))
            self._bytes += record.body_bytes
            if record.note is not None:
                self._notes[record.note] += 1

    def counts(self) -> dict[str, Any]:
        """Return all counts in JSON form: calls received = accepted + duplicates + dropped."""
        with self._lock:
            return {
                "run": self.run,
                "received": self._number,
                "accepted": self._accepted,
                "duplicates": self._duplicates,
                "dropped": self._dropped.total(),
                "dropped_by_reason": dict(self._dropped),
                "accepted_by_type": dict(self._types),
                "distinct_message_ids": len(self._seen),
                "requests": self._statuses.total(),
                "requests_by_status": {str(key): n for key, n in sorted(self._statuses.items())},
                "requests_by_note": dict(self._notes),
                "body_bytes": self._bytes,
            }

    def message_ids(self) -> list[str]:
        """Return the distinct messageIds accepted in the last 24 hours, oldest first."""
        with self._lock:
            self._sweep(self.clock())
            return list(self._seen)

    def calls(
        self,
        *,
        kind: str | None = None,
        outcome: str | None = None,
        since: int = 0,
        limit: int = 100,
    ) -> list[CallRecord]:
        """Return kept calls, newest first: of one type, of one outcome, numbered above `since`."""
        with self._lock:
            held: Sequence[CallRecord] = [*self._good, *self._bad]
        found = [
            record
            for record in held
            if record.number > since
            and (kind is None or record.type == kind)
            and (outcome is None or record.outcome == outcome)
        ]
        found.sort(key=lambda record: record.number, reverse=True)
        return found[:limit]

    def requests(self, limit: int | None = None) -> list[RequestRecord]:
        """Return the kept requests in the order they came; `limit` keeps the newest."""
        with self._lock:
            held = list(self._requests)
        return held if limit is None else held[max(len(held) - limit, 0) :]

    def _sweep(self, now: float) -> None:
        """Free the ids that are older than the window."""
        self._swept_at = now
        self._seen = {
            key: first for key, first in self._seen.items() if now - first < DEDUPE_SECONDS
        }
