"""`deliver`: one thread per lane, watched by the calling thread, always joined."""

import threading
from collections.abc import Callable, Sequence

from segment_assets.delivery.clock import Clock, SystemClock
from segment_assets.delivery.keys import check_write_key
from segment_assets.delivery.lane import Lane
from segment_assets.delivery.masking import mask_logs
from segment_assets.delivery.options import DeliveryOptions
from segment_assets.delivery.run import Run
from segment_assets.handoff import Connection, DeliveryReport
from segment_assets.seams import CallSource, Recorder

Progress = Callable[[DeliveryReport], None]
_WATCH_SECONDS = 0.1


def deliver(
    source: CallSource,
    recorder: Recorder,
    connection: Connection,
    *,
    options: DeliveryOptions | None = None,
    clock: Clock | None = None,
    on_progress: Progress | None = None,
) -> DeliveryReport:
    """Post every call of `source` and write what became of it to `recorder`.

    Returns when each call is accepted, refused, pending or uncertain; a run that stopped early
    says so in `failure_code` and `failure`. Calls of chunks that were not read by then are in no
    count: `pending` is of calls that were read. `on_progress` is called on the calling thread,
    up to ten times a second, with a copy of the report.

    The recorder's marks are written one at a time, from the lanes' threads; `should_stop` is
    asked by any thread, one at a time but also beside a mark, before each POST and at least each
    second. Chunks are read by one lane at a time. Once a reason to stop is given, the call
    returns within ten seconds: five for posts in flight, and a connection in the making ends by
    its own time-out.

    Raises `CredentialError` for a malformed key and `UserError` for a wrong region or endpoint,
    before anything is sent; and whatever `source`, `recorder` or `on_progress` raise, or an
    interrupt of the calling thread, after all lanes have stopped.
    """
    check_write_key(connection.write_key, "the write key")
    mask_logs(connection.write_key)
    clock = clock or SystemClock()
    started = clock.monotonic()
    run = Run(source, recorder, connection, options or DeliveryOptions(), clock)
    lanes = [Lane(lane, run) for lane in source.lanes()]
    _run_lanes(run, lanes, on_progress)
    if run.error is not None:
        raise run.error
    report = run.close()
    report.seconds = clock.monotonic() - started
    if on_progress is not None:
        on_progress(report)
    return report


def _run_lanes(run: Run, lanes: Sequence[Lane], on_progress: Progress | None) -> None:
    """Start the lanes, watch them and join them, whatever happens in this thread meanwhile."""
    threads = [threading.Thread(target=lane.work, daemon=False) for lane in lanes]
    waiting = list(threads)
    grace = run.options.grace_seconds
    raised: BaseException | None = None
    while waiting or any(thread.is_alive() for thread in threads):
        try:
            while waiting and raised is None:
                waiting.pop(0).start()
            waiting.clear()
            if raised is None:
                run.ask()
                if on_progress is not None:
                    on_progress(run.books.snapshot())
            _cut_overdue(run, lanes, grace)
            _join_first(threads)
        except BaseException as error:  # noqa: BLE001 - raised below, after the joins
            grace = grace if raised is None else 0.0  # an interrupt that is repeated can't wait
            raised = raised or error
            run.crash(error)
    if raised is not None:
        raise raised


def _join_first(threads: Sequence[threading.Thread]) -> None:
    """Wait a little for the first lane that is still at work."""
    for thread in threads:
        if thread.is_alive():
            thread.join(_WATCH_SECONDS)
            return


def _cut_overdue(run: Run, lanes: Sequence[Lane], grace: float) -> None:
    """Cut the connections of POSTs that have had their time."""
    for lane in lanes:
        is_late = lane.client.seconds_posting() > run.options.post_seconds
        if is_late or run.seconds_cancelled() > grace:
            lane.client.abort()
