"""One lane: takes its batches in order and posts each until its outcome is known."""

import random

import pyarrow as pa

from segment_assets.delivery import sentences
from segment_assets.delivery.answers import Answer, Result, Verdict, judge
from segment_assets.delivery.batcher import Batch, batches, cut, halve
from segment_assets.delivery.books import Trip
from segment_assets.delivery.client import LaneClient
from segment_assets.delivery.envelope import compress_body
from segment_assets.delivery.retry import Stop, decide
from segment_assets.delivery.run import Halted, Run
from segment_assets.handoff import SeqRange

# A wait is slept in slices, so that the recorder is asked at least this often whether to stop.
_SLICE_SECONDS = 1.0


class Lane:
    """Sends the calls of one range of sequence numbers, in their order."""

    def __init__(self, lane: SeqRange, run: Run) -> None:
        self._lane, self._run = lane, run
        self.client = LaneClient(run.url, run.options, run.tls)

    def work(self) -> None:
        """Send everything; errors go to the run, which shows them to its caller."""
        run = self._run
        try:
            for batch in batches(run.read(self._lane), run.limits):
                self._send(batch)
        except Halted:
            return
        except BaseException as error:  # noqa: BLE001 - kept whole, and raised again by `deliver`
            run.crash(error)
        finally:
            self.client.close()

    def _send(self, batch: Batch) -> None:
        """Send one batch, in parts where it must be split; the parts keep the order."""
        todo = [batch]
        try:
            while todo:
                piece = todo.pop()
                max_bytes, max_calls = self._run.limits()
                if len(piece) > 1 and piece.size > max_bytes:  # a 413 has taught a lower limit
                    todo.extend(reversed(cut(piece, max_bytes, max_calls)))
                else:
                    todo.extend(reversed(self._settle(piece)))
        finally:
            for piece in todo:
                self._run.books.leave_unposted(piece)

    def _settle(self, batch: Batch) -> list[Batch]:
        """Post a batch until its outcome is known. Return the parts it must be sent in, if any."""
        trip = Trip(batch)
        calls = batch.joined()
        try:
            self._make_way(trip)
        except Halted:
            self._run.books.leave_unposted(batch)
            raise
        self._run.books.intend(batch)
        try:
            while True:
                result = self._post(trip, calls)
                verdict = judge(result)
                trip.is_refused = trip.is_refused and verdict.is_refusal
                trip.code = verdict.code
                match verdict.kind:
                    case "accepted":
                        self._run.note_acceptance()
                        self._run.books.accept(trip)
                        return []
                    case "bad_request" | "too_large" if isinstance(result, Answer):
                        return self._split(trip, result, verdict)
                    case _:
                        if self._is_over(trip, result, verdict):
                            self._run.books.leave(trip, trip.code)
                            return []
                self._make_way(trip)
        except Halted:
            self._run.books.leave(trip, trip.code)
            raise

    def _post(self, trip: Trip, calls: pa.Buffer) -> Result:
        run = self._run
        if run.halt.is_set():  # it came while the intent was written
            raise Halted
        body = run.envelope.wrap(calls, run.clock.now())
        headers = dict(run.envelope.headers)
        if trip.posts:
            headers["X-Retry-Count"] = str(trip.posts)
        size = len(body)
        if run.options.gzip:
            headers["Content-Encoding"] = "gzip"
            body = compress_body(body)
        trip.posts += 1
        run.books.posted(size)
        result = self.client.post(body, headers)
        if isinstance(result, Answer):
            run.note_answer(result)
        return result

    def _split(self, trip: Trip, result: Answer, verdict: Verdict) -> list[Batch]:
        """Part a refused batch, until the call at fault stands alone."""
        run, batch = self._run, trip.batch
        if len(batch) == 1:
            refusals = run.books.refuse(trip, sentences.refusal_text(result, run.key))
            if len(refusals) >= run.options.max_lone_refusals:
                run.reject_all(refusals)
            return []
        run.books.take_back(trip, "rejected_by_api")
        is_tainted = batch.is_tainted or not trip.is_refused
        if verdict.kind == "bad_request":
            return halve(batch, is_tainted=is_tainted)
        run.learn_limit(batch.size + run.envelope.size)
        return cut(batch.part(0, len(batch), is_tainted=is_tainted), *run.limits())

    def _is_over(self, trip: Trip, result: Result, verdict: Verdict) -> bool:
        """Decide on a retry: set the time of the next post, or end with this batch."""
        run = self._run
        now = run.clock.monotonic()
        step = decide(
            result,
            verdict,
            trip.history,
            run.options.retry,
            wall=run.clock.now(),
            steady=now,
            jitter=random.random(),  # noqa: S311 - spreads retries, guards no secret
            has_contact=run.has_contact,
        )
        if isinstance(step, Stop):
            self._stop(trip, result, verdict, step)
            return True
        trip.history = trip.history.after(step, now)
        trip.not_before = now + step.seconds
        if step.is_shared:
            run.pause.extend(trip.not_before)
        return False

    def _stop(self, trip: Trip, result: Result, verdict: Verdict, stop: Stop) -> None:
        run = self._run
        if stop.is_for_run:
            sentence = sentences.failure_sentence(
                result, verdict, stop.reason, url=run.url, key=run.key
            )
            run.fail(stop.code, sentence)
            return
        covered = trip.batch.range
        name = f"the batch of calls {covered.first} to {covered.last}"
        run.set_aside(sentences.set_aside_sentence(name, stop.reason, run.host))

    def _make_way(self, trip: Trip) -> None:
        """Wait for the retry's time, the pause of the key and the rate. Raises `Halted`."""
        run = self._run
        slot: float | None = None
        while True:
            run.check()
            now = run.clock.monotonic()
            until = max(trip.not_before, run.pause.until, now if slot is None else slot)
            if now < until:
                run.clock.wait(run.halt, min(until - now, _SLICE_SECONDS))
                run.books.waited(run.clock.monotonic() - now)
            elif slot is None:
                slot = run.bucket.reserve(len(trip.batch), now)
            else:
                return
