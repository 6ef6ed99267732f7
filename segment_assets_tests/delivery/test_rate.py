"""The rate of one key: who is limited, and how the waits add up."""

import pytest

from segment_assets.delivery import effective_rate
from segment_assets.delivery.rate import Pause, TokenBucket
from segment_assets.handoff import Connection
from segment_assets_tests.delivery.doubles import (
    FakeClock,
    MemoryRecorder,
    MemorySource,
    deliver_to,
    track,
)
from segment_assets_tests.delivery.scripted_server import ScriptedServer


@pytest.mark.parametrize(
    ("endpoint", "given", "rate"),
    [
        (None, 1000.0, 1000.0),
        (None, None, None),
        ("http://127.0.0.1:8080", 1000.0, None),
        ("http://127.9.9.9:8080", 1000.0, None),
        ("http://localhost:8080", 1000.0, None),
        ("http://api.localhost:8080", 1000.0, None),
        ("http://[::1]:8080", 1000.0, None),
        ("http://localhost:8080", 50.0, 50.0),
        ("http://localhost.example.com", 1000.0, 1000.0),
        ("https://proxy.example.com", 1000.0, 1000.0),
    ],
)
def test_only_a_loopback_endpoint_is_unlimited_by_default(
    endpoint: str | None, given: float | None, rate: float | None
) -> None:
    """The default rate doesn't hold on this machine's own addresses; a stated one does."""
    connection = Connection("key", endpoint=endpoint, events_per_second=given)

    assert effective_rate(connection) == rate


def test_the_bucket_lets_a_batch_go_and_makes_the_next_wait() -> None:
    """2,500 calls at 1,000 a second hold the next batch for 2.5 s; idle time is not saved up."""
    bucket = TokenBucket(1_000)

    assert bucket.reserve(2_500, 0.0) == 0.0
    assert bucket.reserve(500, 0.5) == 2.5
    assert bucket.reserve(100, 100.0) == 100.0
    assert bucket.reserve(100, 100.0) == pytest.approx(100.1)


def test_no_rate_is_no_wait() -> None:
    """Without a rate every batch goes at once."""
    bucket = TokenBucket(None)

    assert [bucket.reserve(9_999, 1.0) for _ in range(3)] == [1.0, 1.0, 1.0]


def test_a_pause_is_never_shortened() -> None:
    """A later, shorter wait of another lane leaves the longer one in place."""
    pause = Pause()
    pause.extend(30.0)
    pause.extend(10.0)

    assert pause.until == 30.0


def test_a_delivery_holds_to_the_rate() -> None:
    """2,000 calls at 100 a second over two lanes take the time that they must."""
    clock = FakeClock()
    lanes = [[track(lane * 1_000 + n, 5_000) for n in range(1_000)] for lane in (0, 1)]
    with ScriptedServer() as server:
        report = deliver_to(
            server.url,
            MemorySource(*lanes),
            MemoryRecorder(),
            clock=clock,
            events_per_second=100.0,
        )

    last = len(server.posts[-1].calls)
    assert report.accepted == 2_000
    assert report.wait_seconds >= (2_000 - last) / 100 - 1
