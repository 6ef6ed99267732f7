"""What the lanes of one delivery share: limits, pause, rate, the books, and the reasons to stop."""

import threading
import time
from collections.abc import Iterator, Sequence

from segment_assets.delivery import sentences
from segment_assets.delivery.answers import Answer
from segment_assets.delivery.batcher import Chunk
from segment_assets.delivery.books import Books
from segment_assets.delivery.client import tls_context
from segment_assets.delivery.clock import Clock
from segment_assets.delivery.envelope import Envelope
from segment_assets.delivery.options import DeliveryOptions
from segment_assets.delivery.rate import Pause, TokenBucket, effective_rate
from segment_assets.delivery.regions import batch_url, host_of
from segment_assets.delivery.retry import http_instant
from segment_assets.handoff import Connection, DeliveryReport, SeqRange
from segment_assets.seams import CallSource, Recorder
from segment_assets.wire import MAX_BATCH_BYTES, MAX_BATCH_CALLS

_MAX_SKEW_SECONDS = 300.0


class Halted(Exception):
    """Raised inside a lane when the run is to post no more; never leaves `deliver`."""


class Run:
    """Shared state of one delivery. Methods may be called from any thread."""

    def __init__(
        self,
        source: CallSource,
        recorder: Recorder,
        connection: Connection,
        options: DeliveryOptions,
        clock: Clock,
    ) -> None:
        self.options, self.clock = options, clock
        self.key, self.url = connection.write_key, batch_url(connection)
        self.host = host_of(self.url)
        self.envelope = Envelope(connection.write_key)
        self.tls = tls_context(self.url)
        self.books = Books(recorder)
        self.bucket, self.pause = TokenBucket(effective_rate(connection)), Pause()
        self.halt = threading.Event()
        #: Whether any POST of this run was answered, whatever the answer.
        self.has_contact = False
        self.cancelled_at: float | None = None
        self.error: BaseException | None = None
        self._source, self._recorder = source, recorder
        self._lock = threading.Lock()
        self._reading, self._asking = threading.Lock(), threading.Lock()
        self._max_bytes = MAX_BATCH_BYTES
        self._failure: tuple[str, str] | None = None
        self._aside: list[str] = []
        self._aside_in_a_row = 0
        self._warnings: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"Run({self.host})"

    def limits(self) -> tuple[int, int]:
        """Return what a batch may hold: bytes of calls with commas, and calls."""
        return self._max_bytes - self.envelope.size, MAX_BATCH_CALLS

    def learn_limit(self, refused_bytes: int) -> None:
        """Hold bodies to half the size that met a 413, for the rest of the run."""
        with self._lock:
            self._max_bytes = min(self._max_bytes, max(refused_bytes // 2, self.envelope.size + 2))
            self._warnings["413"] = sentences.body_limit_warning(
                refused_bytes, self._max_bytes, self.host
            )

    def read(self, lane: SeqRange) -> Iterator[Chunk]:
        """Read one lane's chunks; one lane reads at a time, so that a source needs no lock."""
        chunks = self._source.read(lane)
        while True:
            if self.halt.is_set():
                raise Halted
            with self._reading:
                chunk = next(chunks, None)
            if chunk is None:
                return
            self.books.saw(len(chunk[1]) - chunk[1].null_count)
            yield chunk

    def ask(self) -> None:
        """Ask the recorder whether to stop. A lane that finds another one asking goes on."""
        if self.cancelled_at is None and self._asking.acquire(blocking=False):
            try:
                reason = self._recorder.should_stop()
            finally:
                self._asking.release()
            if reason is not None:
                self.cancel(reason)

    def check(self) -> None:
        """Raise `Halted` if no POST may begin."""
        self.ask()
        if self.halt.is_set():
            raise Halted

    def cancel(self, reason: str) -> None:
        """Stop now: POSTs in flight get their grace and no more."""
        self.fail("cancelled", f"delivery was stopped: {reason}")
        self._hurry()

    def _hurry(self) -> None:
        with self._lock:
            if self.cancelled_at is None:
                self.cancelled_at = time.monotonic()

    def seconds_cancelled(self) -> float:
        """Return how long ago the run was told to stop now, in real time; 0 if it was not."""
        since = self.cancelled_at
        return 0.0 if since is None else time.monotonic() - since

    def crash(self, error: BaseException) -> None:
        """Stop now because of an error that the caller of `deliver` must see."""
        with self._lock:
            self.error = self.error or error
        self._hurry()
        self.halt.set()

    def fail(self, code: str, sentence: str) -> None:
        """Stop the run at each lane's next batch border; the first reason is the one told."""
        with self._lock:
            self._failure = self._failure or (code, sentence)
        self.halt.set()

    def set_aside(self, sentence: str) -> None:
        """Leave one batch behind, and stop the run if the endpoint rather than it is at fault.

        Its lane goes on, so calls of one user that follow may arrive first; that is better than
        to hold back all others for one batch that the API can't take.
        """
        with self._lock:
            self._aside.append(sentence)
            self._aside_in_a_row += 1
            is_down = self._aside_in_a_row > 1 or len(self._aside) >= self.options.max_set_aside
        if is_down:
            self.fail("endpoint_error", sentence)

    def reject_all(self, refusals: Sequence[str]) -> None:
        """Stop because each call that stood alone was refused and none was accepted."""
        sentence = sentences.all_rejected_sentence(len(refusals), refusals[-1], self.host)
        self.fail("all_rejected", sentence)

    def note_acceptance(self) -> None:
        """Remember that the endpoint works."""
        with self._lock:
            self._aside_in_a_row = 0

    def note_answer(self, answer: Answer) -> None:
        """Remember that the endpoint answers, and compare this machine's clock with its."""
        self.has_contact = True
        theirs = http_instant(answer.headers.get("date", ""))
        if theirs is None:
            return
        skew = self.clock.now() - theirs
        if abs(skew) > _MAX_SKEW_SECONDS:
            with self._lock:
                warning = sentences.clock_skew_warning(skew, self.host)
                self._warnings.setdefault("clock_skew", warning)

    def close(self) -> DeliveryReport:
        """Settle what is open and return the report."""
        refusals = self.books.close()
        report = self.books.report
        if self._failure is None and refusals:
            self.reject_all(refusals)
        if self._failure is None and self._aside:
            self.fail("endpoint_error", self._aside[0])
        if self._failure is not None and self._failure[0] == "all_rejected" and report.accepted:
            # Accepted by another lane while this one gave up: the key is right after all.
            self._failure = ("endpoint_error", sentences.stopped_early_sentence(self.host))
        if self._failure is not None:
            report.failure_code, report.failure = self._failure
        report.warnings = [*self._warnings.values(), *self._aside]
        return report
