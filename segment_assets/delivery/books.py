"""What became of each call: every mark goes into the ledger here, and is counted here.

The ledger's methods are called one at a time, from several threads.
"""

import threading
from dataclasses import dataclass, field, replace
from typing import Final

from segment_assets.delivery.batcher import Batch
from segment_assets.delivery.retry import History
from segment_assets.handoff import DeliveryReport
from segment_assets.seams import Recorder


@dataclass(slots=True)
class Trip:
    """The posts of one batch in this run.

    `is_refused`: each of them was answered by a refusal of the whole request, so the intent may
    be taken back. `code` is that of the last refusal.
    """

    batch: Batch
    posts: int = 0
    is_refused: bool = True
    code: str = "endpoint_error"
    history: History = field(default_factory=History)
    not_before: float = float("-inf")


@dataclass(frozen=True, slots=True)
class _LoneRefusal:
    trip: Trip
    found: str


class Books:
    """Marks and counts of one delivery."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._lock = threading.Lock()
        self._seen = 0
        self._lone: list[_LoneRefusal] = []
        self.report: Final = DeliveryReport()

    @property
    def has_accepted(self) -> bool:
        """Whether the API has accepted a call in this run."""
        return self.report.accepted > 0

    def saw(self, calls: int) -> None:
        """Count calls that were read and are to be sent."""
        with self._lock:
            self._seen += calls

    def intend(self, batch: Batch) -> None:
        """Write the intent of a batch; it may be posted once this returns."""
        with self._lock:
            self._recorder.intent(batch.range, 1)
            self.report.batches += 1

    def posted(self, size: int) -> None:
        """Count one POST of so many bytes before compression."""
        with self._lock:
            self.report.posts += 1
            self.report.bytes_sent += size

    def waited(self, seconds: float) -> None:
        """Count time that a lane waited."""
        with self._lock:
            self.report.wait_seconds += seconds

    def accept(self, trip: Trip) -> None:
        """Write that a batch was accepted, and with it that calls refused alone are at fault."""
        with self._lock:
            self._recorder.accepted(trip.batch.range, trip.posts)
            self.report.accepted += len(trip.batch)
            self._refuse_lone()

    def refuse(self, trip: Trip, found: str) -> list[str]:
        """Take a call that was refused on its own. Return what was said to all that still wait.

        As long as the API has accepted nothing, the fault may be the key's or the endpoint's,
        and the call is not blamed.
        """
        with self._lock:
            self._lone.append(_LoneRefusal(trip, found))
            if self.has_accepted:
                self._refuse_lone()
            return [lone.found for lone in self._lone]

    def _refuse_lone(self) -> None:
        while self._lone:
            lone = self._lone[0]
            self._recorder.refused(lone.trip.batch.range, lone.trip.posts, lone.found)
            self.report.refused += 1
            del self._lone[0]

    def take_back(self, trip: Trip, code: str) -> None:
        """Take the intent of a batch back, where its posts allow; its parts go on by themselves."""
        with self._lock:
            self._take_back(trip, code)

    def _take_back(self, trip: Trip, code: str) -> None:
        if trip.is_refused:
            self._recorder.returned(trip.batch.range, trip.posts, code)

    def leave(self, trip: Trip, code: str) -> None:
        """End with a batch that was neither accepted nor refused: pending or uncertain."""
        with self._lock:
            self._leave(trip, code)

    def _leave(self, trip: Trip, code: str) -> None:
        self._take_back(trip, code)
        if not trip.is_refused or trip.batch.is_tainted:
            self.report.uncertain += len(trip.batch)

    def leave_unposted(self, batch: Batch) -> None:
        """End with a part that was not posted: uncertain if the whole of it may be taken."""
        if batch.is_tainted:
            with self._lock:
                self.report.uncertain += len(batch)

    def close(self) -> list[str]:
        """Settle what is open. Return what was said to calls that may not be blamed."""
        with self._lock:
            refusals = [lone.found for lone in self._lone]
            while self._lone:
                self._leave(self._lone.pop(0).trip, "all_rejected")
            report = self.report
            report.pending = self._seen - report.accepted - report.refused - report.uncertain
            return refusals

    def snapshot(self) -> DeliveryReport:
        """Return a copy of the report as it stands."""
        with self._lock:
            report = replace(self.report, warnings=list(self.report.warnings))
            report.pending = self._seen - report.accepted - report.refused - report.uncertain
            return report
