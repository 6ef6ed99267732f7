"""The given delivery cases that answer with statuses, each with siblings of its kind."""

import math

import pytest

from segment_assets.delivery import DeliveryOptions, SystemClock
from segment_assets_tests.delivery.doubles import (
    FakeClock,
    MemoryRecorder,
    MemorySource,
    deliver_to,
    track,
)
from segment_assets_tests.delivery.scripted_server import OK, Act, Post, ScriptedServer

CALLS = [track(number) for number in range(100)]
IDS = [call["messageId"] for call in CALLS]


def limited(**headers: str) -> Act:
    """Return a 429 with these headers."""
    return Act(429, {name.replace("_", "-"): value for name, value in headers.items()}, b"{}")


def test_dg02_named_waits_use_up_no_tries() -> None:
    """Twelve 429s with Retry-After are all waited for, and the thirteenth post is accepted."""
    source, recorder, clock = MemorySource(CALLS), MemoryRecorder(), FakeClock()
    with ScriptedServer([limited(Retry_After="1")] * 12) as server:
        report = deliver_to(server.url, source, recorder, clock=clock)

    assert (report.accepted, report.posts, report.failure_code) == (100, 13, None)
    assert clock.passed == pytest.approx(12)
    assert [post.headers.get("x-retry-count") for post in server.posts] == [
        None,
        *map(str, range(1, 13)),
    ]


def test_dg02_a_429_pauses_every_lane_of_the_key() -> None:
    """After a 429 no lane posts before the wait is over, in real time."""
    source = MemorySource(*[[track(lane * 10 + n) for n in range(3)] for lane in range(4)])
    limited_at: list[float] = []

    def script(post: Post) -> Act:
        if not limited_at:
            limited_at.append(post.at)
            return limited(Retry_After="1")
        return Act(latency=0.05)

    with ScriptedServer(script) as server:
        report = deliver_to(server.url, source, MemoryRecorder(), clock=SystemClock())

    assert report.accepted == 12
    later = [post.at - limited_at[0] for post in server.posts[1:]]
    # Posts that were under way when the answer came are no breach: they began before it.
    assert all(seconds < 0.6 or seconds >= 1.0 for seconds in later)
    assert sum(seconds >= 1.0 for seconds in later) >= 1


def test_dg02_the_budget_for_named_waits_ends() -> None:
    """Waits of 300 s are kept to until 1,800 s are used up; then the rows are pending."""
    clock = FakeClock()
    with ScriptedServer(lambda _: limited(Retry_After="9999")) as server:
        report = deliver_to(server.url, MemorySource(CALLS), MemoryRecorder(), clock=clock)

    assert (report.failure_code, report.pending, report.uncertain) == ("endpoint_error", 100, 0)
    assert clock.passed == pytest.approx(1_800)
    assert report.posts == 7


def test_dg03_retry_after_counts_on_every_retried_status() -> None:
    """503, 408 and 529 with Retry-After are waited for as well."""
    clock = FakeClock()
    script = [
        Act(503, {"Retry-After": "2"}),
        Act(408, {"Retry-After": "1"}),
        Act(529, {"Retry-After": "1"}),
    ]
    with ScriptedServer(script) as server:
        report = deliver_to(server.url, MemorySource(CALLS), MemoryRecorder(), clock=clock)

    assert (report.accepted, report.posts) == (100, 4)
    assert clock.passed == pytest.approx(4)


@pytest.mark.parametrize(
    ("value", "least", "most"),
    [
        ("2", 2, 2),
        ("1800000004", 4, 4),
        ("1800000004000", 4, 4),
        ("2800000000", 1, 1),
        ("1700000000", 1, 1),
        ("soon", 1, 1),
        ("-5", 1, 1),
        ("100000", 300, 300),
    ],
    ids=["seconds", "epoch", "epoch-ms", "far-epoch", "past-epoch", "text", "negative", "capped"],
)
def test_dg04_rate_limit_reset_gives_a_sane_wait(value: str, least: float, most: float) -> None:
    """X-RateLimit-Reset alone is waited for; what can't be one gives a short wait, never none."""
    clock = FakeClock()
    with ScriptedServer([limited(X_RateLimit_Reset=value)]) as server:
        report = deliver_to(server.url, MemorySource(CALLS), MemoryRecorder(), clock=clock)

    assert report.accepted == 100
    assert least <= clock.passed <= most


@pytest.mark.parametrize("bad", [[7], [0], [19], [3, 12], [0, 1, 2]], ids=str)
def test_dg05_a_refused_batch_is_split_until_the_bad_call_stands_alone(bad: list[int]) -> None:
    """Only the calls at fault are refused, with status and body kept, in few posts."""
    names = {f"m{number}" for number in bad}
    source, recorder = MemorySource([track(n) for n in range(20)]), MemoryRecorder()

    def script(post: Post) -> Act:
        return Act(400, body=b'{"error": "bad event"}') if names & set(post.ids) else OK

    with ScriptedServer(script) as server:
        report = deliver_to(server.url, source, recorder)

    assert set(recorder.outcomes(source)["refused"]) == names
    assert (report.accepted, report.refused, report.failure_code) == (
        20 - len(bad),
        len(bad),
        None,
    )
    assert recorder.texts("refused") == ['400 {"error": "bad event"}'] * len(bad)
    accepted = [name for post in server.posts if not names & set(post.ids) for name in post.ids]
    assert len(accepted) == len(set(accepted)) == 20 - len(bad)
    assert accepted == sorted(accepted, key=lambda name: int(name[1:]))
    if len(bad) == 1:
        assert len(server.posts) <= 2 * math.log2(20) + 3


def test_dg06_a_413_lowers_the_size_for_the_rest_of_the_run() -> None:
    """All calls get through under the limit that was learned, and a warning names it."""
    source = MemorySource([track(n, 5_000) for n in range(200)])

    def script(post: Post) -> Act:
        return Act(413) if post.wire_bytes > 100_000 else OK

    with ScriptedServer(script) as server:
        report = deliver_to(
            server.url, source, MemoryRecorder(), options=DeliveryOptions(gzip=False)
        )

    assert (report.accepted, report.refused, report.failure_code) == (200, 0, None)
    sizes = [post.wire_bytes for post in server.posts]
    assert len([size for size in sizes if size > 100_000]) == 3  # 500, 250 and 125 KB, once each
    limit = max(size for size in sizes if size <= 100_000)
    (warning,) = report.warnings
    assert "413 to a body of 118,377 bytes: bodies are held to 59,188 bytes" in warning
    assert 50_000 < limit <= 59_188


def test_dg06_a_413_to_one_call_is_treated_like_a_400() -> None:
    """A single call that is too large for a proxy is refused alone, once others are accepted."""
    source, recorder = MemorySource([track(0), track(1, 30_000), track(2)]), MemoryRecorder()

    def script(post: Post) -> Act:
        return Act(413) if len(post.body) > 20_000 else OK

    with ScriptedServer(script) as server:
        report = deliver_to(server.url, source, recorder)

    assert recorder.outcomes(source) == {"accepted": ["m0", "m2"], "refused": ["m1"]}
    assert report.failure_code is None


def test_dg13_a_batch_never_holds_more_than_the_api_takes() -> None:
    """6,000 tiny calls go in three posts or more, each inside both limits."""
    source = MemorySource([track(number) for number in range(6_000)], chunk=700)
    with ScriptedServer() as server:
        report = deliver_to(server.url, source, MemoryRecorder())

    assert report.accepted == len(set(server.ids)) == 6_000
    assert len(server.posts) >= 3
    assert all(len(post.calls) <= 2_500 for post in server.posts)
    assert all(len(post.body) <= 500_000 for post in server.posts)
    assert report.bytes_sent == sum(len(post.body) for post in server.posts)


@pytest.mark.parametrize("gzip", [True, False])
def test_dg14_encoding_and_header_agree_on_every_attempt(*, gzip: bool) -> None:
    """The retry's body decodes to the same calls by its own Content-Encoding."""
    with ScriptedServer([Act(500)]) as server:
        deliver_to(
            server.url, MemorySource(CALLS), MemoryRecorder(), options=DeliveryOptions(gzip=gzip)
        )

    assert all(post.is_readable for post in server.posts)
    assert [("content-encoding" in post.headers) for post in server.posts] == [gzip, gzip]
    assert server.posts[0].calls == server.posts[1].calls == CALLS


def test_dg16_sent_at_is_of_the_attempt() -> None:
    """After a wait of 60 s sentAt is 60 s later, also for what queued; events are as before."""
    calls = [track(number, 20_000) for number in range(40)]
    with ScriptedServer([limited(Retry_After="60")]) as server:
        deliver_to(server.url, MemorySource(calls), MemoryRecorder())

    first, second, queued = (post.envelope for post in server.posts)
    assert first["sentAt"] == "2027-01-15T08:00:00.000Z"
    assert second["sentAt"] == queued["sentAt"] == "2027-01-15T08:01:00.000Z"
    assert first["batch"] == second["batch"]


@pytest.mark.parametrize("status", [408, 410, 460, 500, 502, 503, 504, 511, 520, 529, 599])
def test_dg18_a_status_that_may_pass_is_retried_at_once(status: int) -> None:
    """One retry, without a wait, then success."""
    clock = FakeClock()
    with ScriptedServer([Act(status)]) as server:
        report = deliver_to(server.url, MemorySource(CALLS), MemoryRecorder(), clock=clock)

    assert (report.accepted, report.posts, clock.passed) == (100, 2, 0)


def test_dg20_a_500_after_half_was_taken_resends_the_whole_batch() -> None:
    """The same ids go again, all of them, in the same order: the API drops what it has."""
    recorder, source = MemoryRecorder(), MemorySource(CALLS)
    with ScriptedServer([Act(500)]) as server:
        deliver_to(server.url, source, recorder)

    assert [post.ids for post in server.posts] == [IDS, IDS]
    assert [kind for kind, *_ in recorder.marks] == ["intent", "accepted"]


@pytest.mark.parametrize("rows", [0, 1, 250], ids=str)
def test_dg21_nothing_to_send_posts_nothing(rows: int) -> None:
    """A lane whose rows are all unsent makes no request and no mark."""
    recorder = MemoryRecorder()
    with ScriptedServer(lambda _: Act(400)) as server:
        report = deliver_to(server.url, MemorySource([None] * rows, []), recorder)

    assert (server.posts, server.others, recorder.marks) == ([], [], [])
    assert (report.accepted, report.pending, report.failure_code) == (0, 0, None)
