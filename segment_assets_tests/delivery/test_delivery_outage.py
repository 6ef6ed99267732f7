"""The given delivery cases of outages, crashes and slow ends, each with siblings of its kind."""

import random
import socket
import threading
from contextlib import ExitStack

import pytest

from segment_assets.delivery import SystemClock, deliver
from segment_assets.handoff import SeqRange
from segment_assets_tests.delivery.doubles import (
    FakeClock,
    MemoryRecorder,
    MemorySource,
    connect,
    deliver_to,
    track,
)
from segment_assets_tests.delivery.scripted_server import OK, RESET, Act, Post, ScriptedServer

CALLS = [track(number) for number in range(100)]
IDS = [call["messageId"] for call in CALLS]


def test_dg01_a_reset_after_the_body_is_retried_with_the_same_ids() -> None:
    """The batch goes again unchanged but for sentAt; between the posts its intent stands."""
    source, recorder = MemorySource(CALLS), MemoryRecorder()
    between: list[str] = []

    def script(_: Post) -> Act:
        between.append(recorder.outcome(1))
        return RESET if len(between) == 1 else OK

    with ScriptedServer(script) as server:
        report = deliver_to(server.url, source, recorder)

    assert [post.ids for post in server.posts] == [IDS, IDS]
    assert between == ["uncertain", "uncertain"]
    assert report.accepted == 100
    assert server.posts[0].connection != server.posts[1].connection


def test_dg01_a_kept_connection_that_ended_costs_no_try() -> None:
    """A reset on a connection in use before, and then ten failures, still end in acceptance."""
    calls = [track(number, 20_000) for number in range(30)]
    script = [OK, RESET, *[Act(500)] * 10]
    with ScriptedServer(script) as server:
        report = deliver_to(server.url, MemorySource(calls), MemoryRecorder())

    assert (report.accepted, report.posts, report.failure_code) == (30, 13, None)


def test_dg10_a_crash_between_answer_and_mark_sends_nothing_else_twice() -> None:
    """After a crash at batch 2 of 5, only what had no mark goes again, with the same ids."""
    calls = [track(number, 30_000) for number in range(75)]  # 16 calls a batch: 5 batches

    class Dying(MemoryRecorder):
        def accepted(self, batch: SeqRange, attempt: int) -> None:
            if batch.first == 17:
                raise SystemExit("killed")
            super().accepted(batch, attempt)

    dying, source = Dying(), MemorySource(calls)
    with ScriptedServer() as server:
        with pytest.raises(SystemExit, match="killed"):
            deliver(source, dying, connect(server.url))
        known = set(dying.outcomes(source)["accepted"])
        rest = MemorySource([None if call["messageId"] in known else call for call in calls])
        deliver_to(server.url, rest, MemoryRecorder())

    assert dying.outcome(17) == "uncertain"
    assert set(server.ids) == {call["messageId"] for call in calls}
    twice = {name for name in server.ids if server.ids.count(name) > 1}
    assert twice == set(server.posts[1].ids)


def test_dg11_deliver_returns_only_after_the_last_answer() -> None:
    """With a slow server everything is recorded, and no thread is left, when the call returns."""
    before = threading.active_count()
    source = MemorySource(*[[track(lane * 100 + n) for n in range(60)] for lane in range(4)])
    with ScriptedServer(lambda _: Act(latency=0.2)) as server:
        listening = threading.active_count()
        report = deliver_to(server.url, source, MemoryRecorder(), clock=SystemClock())

        assert len(set(server.ids)) == report.accepted == 240
        assert not [t for t in threading.enumerate() if t.daemon]
        assert threading.active_count() <= listening + 4  # the server's own, one a connection

    assert threading.active_count() == before


def test_dg12_an_outage_fails_the_run_and_owes_every_row() -> None:
    """Run 1 fails with all rows uncertain; run 2 sends the same ids and all are accepted."""
    source, recorder, clock = MemorySource(CALLS), MemoryRecorder(), FakeClock()
    with ScriptedServer(lambda _: Act(503)) as server:
        report = deliver_to(server.url, source, recorder, clock=clock)

    assert report.failure_code == "endpoint_error"
    assert report.failure is not None
    assert "503" in report.failure
    assert (report.uncertain, report.refused, report.posts) == (100, 0, 11)
    assert 0.5 + 1 + 2 + 4 + 8 + 16 + 32 + 60 + 60 <= clock.passed <= 195
    with ScriptedServer() as healthy:
        again = deliver_to(healthy.url, source, MemoryRecorder())
    assert (again.accepted, healthy.ids) == (100, IDS)


def test_dg12_an_outage_in_mid_run_stops_all_lanes() -> None:
    """When nothing is accepted any more, the run ends instead of trying every batch for minutes."""
    source = MemorySource(
        *[[track(lane * 1000 + n, 20_000) for n in range(200)] for lane in range(4)]
    )
    count = iter(range(10_000))
    with ScriptedServer(lambda _: OK if next(count) < 8 else Act(503)) as server:
        report = deliver_to(server.url, source, MemoryRecorder())

    assert report.failure_code == "endpoint_error"
    assert report.accepted == 8 * 24
    assert 0 < report.uncertain <= 5 * 24
    assert report.posts <= 8 + 5 * 11


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as holder:
        return holder.getsockname()[1]


def test_dg17_a_host_that_comes_up_late_is_reached() -> None:
    """Two refused connections, the second retry after half a second, then everything accepted."""
    port = free_port()
    with ExitStack() as stack:

        class Starting(FakeClock):
            def wait(self, event: threading.Event, seconds: float) -> None:
                super().wait(event, seconds)
                stack.enter_context(ScriptedServer(port=port))

        clock = Starting()
        report = deliver_to(
            f"http://127.0.0.1:{port}", MemorySource(CALLS), MemoryRecorder(), clock=clock
        )

    assert (report.accepted, report.posts, report.failure_code) == (100, 3, None)
    assert 0.5 <= clock.passed <= 0.55


def test_dg17_a_host_that_never_comes_up_leaves_rows_pending() -> None:
    """No connection, no doubt: the intent is taken back and the rows are pending."""
    recorder, clock = MemoryRecorder(), FakeClock()
    report = deliver_to(
        f"http://127.0.0.1:{free_port()}", MemorySource(CALLS), recorder, clock=clock
    )

    assert clock.passed == pytest.approx(30.0)
    assert report.posts == 8

    assert (report.pending, report.uncertain, report.refused) == (100, 0, 0)
    assert report.failure_code == "endpoint_error"
    assert report.failure is not None
    assert (
        "gave no answer: ConnectError for 30 s, and no POST of this run was ever answered. "
    ) in report.failure
    assert recorder.texts("returned") == ["endpoint_error"]


def test_dg17_a_host_that_answered_once_is_waited_for() -> None:
    """After any answer, be it a 503, the host is there: refused connections get the whole time."""
    with ExitStack() as stack:
        server = stack.enter_context(ScriptedServer(lambda _: Act(503)))

        class Going(FakeClock):
            def wait(self, event: threading.Event, seconds: float) -> None:
                super().wait(event, seconds)
                stack.close()

        clock = Going()
        report = deliver_to(server.url, MemorySource(CALLS), MemoryRecorder(), clock=clock)

    assert (report.uncertain, report.failure_code) == (100, "endpoint_error")
    assert clock.passed > 180


def test_dg19_one_failing_batch_leaves_the_others_alone() -> None:
    """Five batches on four lanes: exactly the rows of the failing one are owed."""
    lanes = [[track(number, 20_000) for number in range(24)]]
    lanes += [[track(100 * lane + n) for n in range(60)] for lane in (1, 2, 3)]
    lanes[2] += [track(1_000 + n, 20_000) for n in range(24)]
    dice = random.Random(4)  # noqa: S311 - delays, no secret
    source, recorder = MemorySource(*lanes), MemoryRecorder()

    def script(post: Post) -> Act:
        return Act(503) if "m250" in post.ids else Act(latency=dice.random() * 0.1)

    with ScriptedServer(script) as server:
        report = deliver_to(server.url, source, recorder)

    (failing,) = {tuple(post.ids) for post in server.posts if "m250" in post.ids}
    assert recorder.outcomes(source)["uncertain"] == list(failing)
    assert report.failure_code == "endpoint_error"
    everything = sum(map(len, lanes))
    assert report.accepted + report.uncertain == everything
