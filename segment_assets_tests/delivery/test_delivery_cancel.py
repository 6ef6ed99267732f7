"""Cancel: no new POST, five seconds for one in flight, then its rows are uncertain."""

import threading
import time
from typing import NoReturn

import pytest

from segment_assets.delivery import DeliveryOptions, SystemClock, deliver
from segment_assets.errors import StateError
from segment_assets.handoff import DeliveryReport, SeqRange
from segment_assets_tests.delivery.doubles import (
    MemoryRecorder,
    MemorySource,
    connect,
    deliver_to,
    track,
)
from segment_assets_tests.delivery.scripted_server import (
    OK,
    SILENCE,
    Act,
    Deed,
    Post,
    ScriptedServer,
)

SOON = DeliveryOptions(grace_seconds=0.2)
LANES = [[track(lane * 100 + n, 20_000) for n in range(60)] for lane in range(3)]


@pytest.fixture(autouse=True)
def no_thread_is_left() -> object:
    """Fail where a delivery leaves a thread behind."""
    before = threading.active_count()
    yield
    assert threading.active_count() == before


@pytest.mark.parametrize(
    "act",
    [SILENCE, Act(drip_seconds=0.05), Act(latency=30), Act(deed="half_body", latency=30)],
    ids=["silence", "drip", "slow", "slow-half"],
)
def test_a_post_that_is_never_answered_is_cut(act: Act) -> None:
    """Whatever the server does, the call returns soon after the grace, its rows uncertain."""
    recorder = MemoryRecorder()

    def script(_: Post) -> Act:
        recorder.reason = "cancelled by a test"
        return act

    with ScriptedServer(script) as server:
        began = time.monotonic()
        report = deliver_to(
            server.url, MemorySource(*LANES), recorder, options=SOON, clock=SystemClock()
        )
        seconds = time.monotonic() - began

    assert seconds < 2
    assert report.failure_code == "cancelled"
    assert report.failure is not None
    assert "cancelled by a test" in report.failure
    assert 1 <= report.posts <= 3
    assert report.uncertain == 24 * report.posts


def test_a_post_in_flight_that_is_answered_in_time_counts() -> None:
    """An answer inside the grace is recorded, and nothing further is posted."""
    recorder = MemoryRecorder()

    def script(_: Post) -> Act:
        recorder.reason = "cancelled"
        return Act(latency=0.1)

    with ScriptedServer(script) as server:
        report = deliver_to(
            server.url, MemorySource(LANES[0]), recorder, options=SOON, clock=SystemClock()
        )

    assert (report.accepted, report.pending, report.uncertain) == (24, 36, 0)
    assert (report.failure_code, report.posts) == ("cancelled", 1)


def test_cancel_ends_a_wait_at_once() -> None:
    """A pause of five minutes ends within a second; after a 429 the rows are pending."""
    recorder = MemoryRecorder()

    def script(_: Post) -> Act:
        threading.Timer(0.2, lambda: setattr(recorder, "reason", "lease lost")).start()
        return Act(429, {"Retry-After": "300"})

    with ScriptedServer(script) as server:
        began = time.monotonic()
        report = deliver_to(server.url, MemorySource(LANES[0]), recorder, clock=SystemClock())

    assert time.monotonic() - began < 1.5
    assert (report.failure_code, report.uncertain, report.pending) == ("cancelled", 0, 60)
    assert recorder.texts("returned") == ["endpoint_error"]


def test_a_reason_before_the_first_post_posts_nothing() -> None:
    """A run that is cancelled from the start makes no mark and no request."""
    recorder = MemoryRecorder()
    recorder.reason = "cancelled"
    with ScriptedServer() as server:
        report = deliver_to(server.url, MemorySource(*LANES), recorder)

    assert (server.posts, recorder.marks, report.failure_code) == ([], [], "cancelled")


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, RuntimeError])
def test_an_interrupt_of_the_caller_stops_the_lanes_and_is_raised(
    kind: type[BaseException],
) -> None:
    """What is raised in the calling thread comes out of `deliver`, after the lanes have stopped."""
    recorder, source = MemoryRecorder(), MemorySource(*LANES)

    def interrupt(report: DeliveryReport) -> None:
        if report.posts:
            raise kind("stop")

    with ScriptedServer(lambda _: SILENCE) as server, pytest.raises(kind, match="stop"):
        deliver(source, recorder, connect(server.url), options=SOON, on_progress=interrupt)

    assert 1 <= len(server.posts) <= 3
    outcomes = recorder.outcomes(source)
    assert outcomes.keys() <= {"uncertain", "pending"}
    # Which lane posts first is chance; whatever was posted is uncertain.
    assert len(outcomes["uncertain"]) >= sum(len(post.calls) for post in server.posts)


@pytest.mark.parametrize("method", ["intent", "accepted", "should_stop"])
def test_an_error_of_the_ledger_stops_everything_and_is_raised(method: str) -> None:
    """If a mark can't be written nothing more is posted, and the error is the caller's."""
    recorder = MemoryRecorder()
    calls = iter(range(1_000))

    def fail(*_: object) -> str | None:
        if next(calls) >= 1:
            raise StateError("disk full")
        return None

    setattr(recorder, method, fail)
    server = ScriptedServer(lambda _: Act(latency=0.05))
    with server, pytest.raises(StateError, match="disk full"):
        deliver(MemorySource(LANES[0]), recorder, connect(server.url))

    assert len(server.posts) <= 2


def test_an_error_of_the_source_stops_everything_and_is_raised() -> None:
    """A plan that can't be read ends the delivery with that error."""

    class Broken(MemorySource):
        def read(self, lane: SeqRange) -> NoReturn:
            raise StateError(f"the plan of {lane} is gone")

    with ScriptedServer() as server, pytest.raises(StateError, match="is gone"):
        deliver(Broken(*LANES), MemoryRecorder(), connect(server.url))

    assert server.posts == []


@pytest.mark.parametrize("deed", ["silence", "reset", "close", "half_head", "half_body"], ids=str)
def test_no_or_half_an_answer_is_tried_again(deed: Deed) -> None:
    """Silence until the time-out, a lost connection and half an answer are all retried."""
    options = DeliveryOptions(read_seconds=0.3)
    source, recorder = MemorySource(LANES[0][:24]), MemoryRecorder()
    with ScriptedServer([Act(deed=deed)]) as server:
        report = deliver_to(server.url, source, recorder, options=options)

    assert (report.accepted, report.posts, report.failure_code) == (24, 2, None)
    assert server.posts[0].ids == server.posts[1].ids


def test_a_server_that_drips_is_cut_at_the_length_of_a_post() -> None:
    """Bytes that keep coming don't keep a POST alive for ever."""
    options = DeliveryOptions(post_seconds=0.5)
    with ScriptedServer([Act(drip_seconds=0.2)]) as server:
        report = deliver_to(server.url, MemorySource([track(1)]), MemoryRecorder(), options=options)

    assert (report.accepted, report.posts) == (1, 2)


def test_progress_is_told_on_the_calling_thread() -> None:
    """The reports that a progress bar gets grow to the final one, on the caller's own thread."""
    seen: list[tuple[int, int]] = []
    with ScriptedServer(lambda _: Act(latency=0.3)) as server:
        report = deliver(
            MemorySource(*LANES),
            MemoryRecorder(),
            connect(server.url),
            on_progress=lambda now: seen.append((threading.get_ident(), now.accepted)),
        )

    assert {thread for thread, _ in seen} == {threading.get_ident()}
    counts = [accepted for _, accepted in seen]
    assert counts == sorted(counts)
    assert counts[-1] == report.accepted == 180
    assert len(set(counts)) > 1


def test_a_connection_is_kept_between_batches_and_not_after_a_5xx() -> None:
    """Good batches share a connection; after a 500 a new one is made, which looks the host up."""
    with ScriptedServer([OK, Act(500), OK]) as server:
        deliver_to(server.url, MemorySource(LANES[0]), MemoryRecorder())

    assert [post.connection for post in server.posts] == [1, 1, 2, 2]
