"""Whether and when one batch is posted again: a pure function of what happened to it so far."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

from segment_assets.delivery.answers import (
    RATE_LIMITED,
    Answer,
    NoAnswer,
    Result,
    Verdict,
    describe,
)
from segment_assets.delivery.options import RetryPolicy

# A named wait below this is no pause: it counts as a try, or `Retry-After: 0` would never end.
_SHORTEST_PAUSE: Final = 1.0
_EPOCH_FROM: Final = 1e9
_EPOCH_MILLISECONDS_FROM: Final = 1e12


@dataclass(frozen=True, slots=True)
class Wait:
    """Post again after `seconds`; `is_shared`: no lane of this key posts before that."""

    seconds: float
    is_shared: bool = False
    is_counted: bool = True


#: A kept connection that had ended says nothing about the server: once more, on a new one.
_AT_ONCE: Final = Wait(0.0, is_counted=False)


@dataclass(frozen=True, slots=True)
class Stop:
    """Post no more. `is_for_run`: nor any other batch."""

    code: str
    reason: str
    is_for_run: bool = True


@dataclass(frozen=True, slots=True)
class History:
    """What happened to one batch before the result in hand. `failing_since` is monotonic."""

    retries: int = 0
    stated_seconds: float = 0.0
    failing_since: float | None = None
    had_stale: bool = False

    def after(self, wait: Wait, now: float) -> "History":
        """Return the history with one more wait in it."""
        return replace(
            self,
            retries=self.retries + wait.is_counted,
            stated_seconds=self.stated_seconds + (0.0 if wait.is_counted else wait.seconds),
            failing_since=now if self.failing_since is None else self.failing_since,
            had_stale=self.had_stale or wait == _AT_ONCE,
        )


def decide(
    result: Result,
    verdict: Verdict,
    history: History,
    policy: RetryPolicy,
    *,
    wall: float,
    steady: float,
    jitter: float,
    has_contact: bool = True,
) -> Wait | Stop:
    """Decide on a `retry` or `fatal` verdict. `jitter` is from 0 to 1.

    The first retry is immediate, then the wait doubles; a wait that the server names is kept to
    and uses up no try. A 429 without one is never answered by an immediate retry. `has_contact`:
    some POST of this run was answered; until then only `first_contact_seconds` are given.
    """
    if verdict.kind == "fatal":
        return Stop(verdict.code, describe(result))
    if isinstance(result, NoAnswer) and result.is_stale and not history.had_stale:
        return _AT_ONCE
    headers = result.headers if isinstance(result, Answer) else {}
    is_limited = isinstance(result, Answer) and result.status == RATE_LIMITED
    stated = stated_wait(headers, policy, is_limited=is_limited, wall=wall)
    if stated is not None and stated >= _SHORTEST_PAUSE:
        return _wait_as_told(stated, describe(result), history, policy)
    seconds = backoff(history.retries, policy, jitter)
    reason = _why_over(seconds, history, policy, steady)
    if reason is not None:
        # Where no request got through, no other batch will; an answer may be of this batch alone.
        is_for_run = is_limited or verdict.is_refusal
        return Stop(verdict.code, f"{describe(result)} {reason}", is_for_run)
    if not has_contact and history.failing_since is not None:
        left = history.failing_since + policy.first_contact_seconds - steady
        if left <= 0:
            return Stop(verdict.code, _never_answered(result, policy))
        seconds = min(seconds, left)
    return Wait(max(seconds, _SHORTEST_PAUSE) if is_limited else seconds, is_shared=is_limited)


def _never_answered(result: Result, policy: RetryPolicy) -> str:
    return (
        f"{describe(result)} for {policy.first_contact_seconds:,.0f} s, and no POST of this run "
        "was ever answered"
    )


def _wait_as_told(stated: float, said: str, history: History, policy: RetryPolicy) -> Wait | Stop:
    budget = policy.stated_budget_seconds
    if history.stated_seconds + stated > budget:
        return Stop("endpoint_error", f"{said} and asked to wait for more than {budget:,.0f} s")
    return Wait(stated, is_shared=True, is_counted=False)


def _why_over(seconds: float, history: History, policy: RetryPolicy, steady: float) -> str | None:
    """Say which budget the next wait would break, if any."""
    if history.retries >= policy.max_retries:
        return f"after {history.retries} retries"
    if history.failing_since is None:
        return None
    spent = steady - history.failing_since - history.stated_seconds
    return f"for {spent:,.0f} s" if spent + seconds > policy.backoff_budget_seconds else None


def backoff(retries: int, policy: RetryPolicy, jitter: float) -> float:
    """Return the wait before the next retry, when `retries` were made before."""
    if retries == 0:
        return 0.0
    # The exponent is bounded: 2.0**1024 overflows.
    seconds = policy.first_backoff_seconds * 2.0 ** min(retries - 1, 60)
    return min(seconds * (1.0 + policy.jitter_share * jitter), policy.max_backoff_seconds)


def stated_wait(
    headers: Mapping[str, str], policy: RetryPolicy, *, is_limited: bool, wall: float
) -> float | None:
    """Return the seconds that the server asks to wait, or None where it says nothing usable."""
    seconds = _retry_after(headers.get("retry-after", ""), wall)
    if seconds is None and is_limited:
        seconds = _limit_reset(headers.get("x-ratelimit-reset", ""), policy, wall)
    return None if seconds is None else min(max(seconds, 0.0), policy.max_stated_seconds)


def _retry_after(text: str, wall: float) -> float | None:
    """Read whole seconds or an HTTP date (RFC 9110, 10.2.3)."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    instant = http_instant(text)
    return None if instant is None else instant - wall


def http_instant(text: str) -> float | None:
    """Return the seconds since 1970 of an HTTP date, or None where it is none."""
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _limit_reset(text: str, policy: RetryPolicy, wall: float) -> float | None:
    """Read seconds; a value that looks like an instant counts only if it is near."""
    text = text.strip()
    if not (text.isascii() and text.isdigit()):
        return None
    value = float(text)
    if value < _EPOCH_FROM:
        return value
    seconds = (value / 1_000 if value >= _EPOCH_MILLISECONDS_FROM else value) - wall
    return seconds if 0 <= seconds <= policy.max_stated_seconds else None
