"""Retry decisions: budgets, waits and the headers they come from."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segment_assets.delivery.answers import Answer, NoAnswer, Result, judge
from segment_assets.delivery.options import RetryPolicy
from segment_assets.delivery.retry import History, Stop, Wait, backoff, decide, stated_wait

POLICY = RetryPolicy()
WALL = 1_800_000_000.0  # 2027-01-15 08:00:00 UTC


def next_step(
    result: Result, history: History | None = None, *, steady: float = 0.0, jitter: float = 0.0
) -> Wait | Stop:
    """Decide with a fixed wall clock."""
    return decide(
        result,
        judge(result),
        history or History(),
        POLICY,
        wall=WALL,
        steady=steady,
        jitter=jitter,
    )


def test_the_first_retry_is_immediate_then_the_wait_doubles_up_to_a_minute() -> None:
    """0, 0.5, 1, 2 ... 60 seconds; jitter adds up to a tenth, never beyond the minute."""
    waits = [backoff(retries, POLICY, 0.0) for retries in range(11)]
    longest = [backoff(retries, POLICY, 1.0) for retries in range(11)]

    assert waits == [0, 0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert longest == pytest.approx([0, 0.55, 1.1, 2.2, 4.4, 8.8, 17.6, 35.2, 60, 60, 60])
    assert backoff(100_000, POLICY, 0.5) == 60


def test_ten_retries_are_the_last() -> None:
    """The eleventh failure gives up; named waits in between are not counted."""
    history = History()
    for _ in range(10):
        step = next_step(Answer(503), history)
        assert isinstance(step, Wait)
        history = history.after(step, 0.0).after(Wait(5, is_counted=False), 0.0)

    assert next_step(Answer(503), history) == Stop("endpoint_error", "503 after 10 retries", False)  # noqa: FBT003 - is_for_run


def test_the_backoff_budget_counts_failing_time_without_named_waits() -> None:
    """900 s of failing end a batch, however few retries they held."""
    history = History(retries=3, stated_seconds=600, failing_since=100)

    silence = NoAnswer("ReadTimeout", was_sent=True)

    assert isinstance(next_step(silence, history, steady=1_590), Wait)
    step = next_step(silence, history, steady=1_600)
    assert step == Stop("endpoint_error", "ReadTimeout for 900 s", is_for_run=False)


def test_a_run_that_was_never_answered_ends_after_half_a_minute() -> None:
    """The last wait is cut to what is left, so that the last try is at 30 s; then the run ends."""
    refused = NoAnswer("ConnectError", was_sent=False)

    def step_at(steady: float, *, has_contact: bool = False) -> Wait | Stop:
        return decide(
            refused, judge(refused), History(retries=6, failing_since=0.0), POLICY,
            wall=WALL, steady=steady, jitter=0.0, has_contact=has_contact,
        )  # fmt: skip

    assert step_at(15.5) == Wait(14.5)
    assert step_at(15.5, has_contact=True) == Wait(16.0)
    assert step_at(30.0, has_contact=True) == Wait(16.0)
    assert step_at(30.0) == Stop(
        "endpoint_error", "ConnectError for 30 s, and no POST of this run was ever answered"
    )


@pytest.mark.parametrize(
    ("result", "is_for_run"),
    [
        (Answer(429), True),
        (NoAnswer("ConnectError", was_sent=False), True),
        (Answer(503), False),
        (NoAnswer("ReadTimeout", was_sent=True), False),
    ],
    ids=["limited", "no-connection", "5xx", "time-out"],
)
def test_only_what_can_be_the_batchs_own_fault_ends_the_batch_alone(
    result: Result, *, is_for_run: bool
) -> None:
    """Where nothing gets through, no other batch would; a 503 or time-out may be of this one."""
    step = next_step(result, History(retries=10))

    assert isinstance(step, Stop)
    assert step.is_for_run is is_for_run


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0), ("7", 7), (" 7 ", 7), ("300", 300), ("301", 300), ("9" * 400, 300),
        ("Fri, 15 Jan 2027 08:00:09 GMT", 9),
        ("Fri, 15 Jan 2027 07:00:00 GMT", 0),
        ("Fri, 15 Jan 2027 09:00:00 GMT", 300),
        ("Fri, 15 Jan 2027 08:00:09 -0000", 9),
        ("", None), ("-1", None), ("1.5", None), ("soon", None), ("٣", None), ("1e3", None),
    ],
)  # fmt: skip
def test_retry_after_is_seconds_or_a_date(text: str, seconds: float | None) -> None:
    """Whole seconds or an HTTP date, from 0 to 300; anything else is not there."""
    assert stated_wait({"retry-after": text}, POLICY, is_limited=False, wall=WALL) == seconds


def test_retry_after_goes_before_the_limits_reset() -> None:
    """X-RateLimit-Reset is read on a 429 only, and where Retry-After is missing."""
    both = {"retry-after": "3", "x-ratelimit-reset": "9"}

    assert next_step(Answer(429, both)) == Wait(3, is_shared=True, is_counted=False)
    assert stated_wait({"x-ratelimit-reset": "9"}, POLICY, is_limited=False, wall=WALL) is None


def test_retry_after_of_zero_counts_as_a_try() -> None:
    """A server that always says "at once" is not asked for ever."""
    answer = Answer(503, {"retry-after": "0"})

    assert next_step(answer) == Wait(0.0)
    assert isinstance(next_step(answer, History(retries=10)), Stop)


def test_a_429_without_a_wait_is_never_answered_at_once() -> None:
    """One second at least, for all lanes."""
    assert next_step(Answer(429)) == Wait(1.0, is_shared=True)


def test_a_stale_connection_is_tried_once_more_for_nothing() -> None:
    """At once and uncounted the first time; the second time it is a failure like others."""
    stale = NoAnswer("ReadError", was_sent=True, is_stale=True)
    first = next_step(stale, History(retries=10))

    assert first == Wait(0.0, is_counted=False)
    assert isinstance(next_step(stale, History(retries=10).after(first, 0.0)), Stop)


@settings(deadline=None)
@given(
    status=st.sampled_from([408, 429, 500, 503]),
    after=st.text(max_size=40) | st.integers().map(str),
    reset=st.text(max_size=40) | st.integers().map(str),
    retries=st.integers(0, 12),
    jitter=st.floats(0, 1),
)
def test_no_header_breaks_the_decision(
    status: int, after: str, reset: str, retries: int, jitter: float
) -> None:
    """Whatever the headers hold, the wait is between 0 and 300 seconds."""
    answer = Answer(status, {"retry-after": after, "x-ratelimit-reset": reset})

    step = next_step(answer, History(retries=retries), jitter=jitter)

    assert isinstance(step, Stop) or 0 <= step.seconds <= 300
