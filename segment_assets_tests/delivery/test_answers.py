"""The outcome table: each result, what becomes of the rows, and whether it is tried again."""

import ssl
from collections.abc import Iterator

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segment_assets.codes import CODES
from segment_assets.delivery.answers import Answer, NoAnswer, Result, describe, judge
from segment_assets.delivery.client import NEVER_CONNECTED, no_answer
from segment_assets.delivery.options import RetryPolicy
from segment_assets.delivery.retry import History, Stop, Wait, decide
from segment_assets.delivery.sentences import excerpt

PENDING, UNCERTAIN = True, False


def step_after(result: Result) -> Wait | Stop:
    """Decide on a first failure."""
    return decide(result, judge(result), History(), RetryPolicy(), wall=0.0, steady=0.0, jitter=0.5)


@pytest.mark.parametrize(
    ("statuses", "rows_are", "step"),
    [
        ([429], PENDING, "retry"),
        ([408, 410, 460], UNCERTAIN, "retry"),
        ([500, 502, 503, 504, 507, 511, 520, 529, 598, 599], UNCERTAIN, "retry"),
        ([400], PENDING, "bad_request"),
        ([413], PENDING, "too_large"),
        ([401, 403], PENDING, "unauthorized"),
        ([404], PENDING, "endpoint_error"),
        ([300, 301, 302, 303, 304, 307, 308, 399], PENDING, "unexpected_redirect"),
        ([501, 505], UNCERTAIN, "endpoint_error"),
        ([402, 405, 409, 411, 415, 418, 422, 423, 431, 451, 499], UNCERTAIN, "endpoint_error"),
        ([101, 600, 999], UNCERTAIN, "unexpected_response"),
    ],
    ids=str,
)
def test_the_table_of_statuses(statuses: list[int], *, rows_are: bool, step: str) -> None:
    """Each status leaves rows pending or uncertain, and is retried, split or ends the run."""
    for status in statuses:
        verdict = judge(Answer(status))

        assert verdict.is_refusal is rows_are, status
        if step in {"retry", "bad_request", "too_large"}:
            assert verdict.kind == step, status
        else:
            assert step_after(Answer(status)) == Stop(step, str(status)), status
            assert step in CODES


@settings(deadline=None)
@given(status=st.integers(100, 999), body=st.binary(max_size=60), kind=st.text(max_size=20))
def test_every_status_has_an_outcome(status: int, body: bytes, kind: str) -> None:
    """Whatever comes, judging it never fails, and only a 2xx is ever accepted."""
    answer = Answer(status, {"content-type": kind}, body)

    verdict = judge(answer)

    assert (verdict.kind == "accepted") <= (200 <= status < 300)
    assert verdict.kind == "accepted" or verdict.code in CODES
    assert len(excerpt(answer, "key")) <= 300
    assert describe(answer) == str(status)


def subclasses(kind: type[Exception]) -> Iterator[type[Exception]]:
    """Yield a class and all that descend from it."""
    yield kind
    for child in kind.__subclasses__():
        yield from subclasses(child)


TRANSPORT_ERRORS = {
    "TransportError": (UNCERTAIN, "retry"),
    "TimeoutException": (UNCERTAIN, "retry"),
    "ConnectTimeout": (PENDING, "retry"),
    "ReadTimeout": (UNCERTAIN, "retry"),
    "WriteTimeout": (UNCERTAIN, "retry"),
    "PoolTimeout": (PENDING, "retry"),
    "NetworkError": (UNCERTAIN, "retry"),
    "ConnectError": (PENDING, "retry"),
    "ReadError": (UNCERTAIN, "retry"),
    "WriteError": (UNCERTAIN, "retry"),
    "CloseError": (UNCERTAIN, "retry"),
    "ProtocolError": (UNCERTAIN, "retry"),
    "RemoteProtocolError": (UNCERTAIN, "retry"),
    "LocalProtocolError": (UNCERTAIN, "stop"),
    "ProxyError": (PENDING, "retry"),
    "UnsupportedProtocol": (PENDING, "stop"),
}


def test_every_transport_error_is_mapped() -> None:
    """No error of httpx is without an outcome, also one that a later version brings."""
    kinds = {kind.__name__: kind for kind in subclasses(httpx.TransportError)}
    assert kinds.keys() == TRANSPORT_ERRORS.keys()

    for name, (rows_are, step) in TRANSPORT_ERRORS.items():
        result = no_answer(kinds[name]("text with an address"), is_new=True)

        assert describe(result) == name
        assert judge(result).is_refusal is rows_are, name
        assert isinstance(step_after(result), Wait if step == "retry" else Stop), name
        assert (kinds[name] in NEVER_CONNECTED) is rows_are


def test_an_untrusted_certificate_is_not_tried_again() -> None:
    """It stays untrusted, so the run ends at once and says so; nothing was sent."""
    error = httpx.ConnectError("failed")
    error.__cause__ = ssl.SSLCertVerificationError("self-signed certificate")

    result = no_answer(error, is_new=True)

    assert judge(result).is_refusal
    assert step_after(result) == Stop("endpoint_error", "the server's certificate is not trusted")


@pytest.mark.parametrize(
    ("error", "is_new", "is_stale"),
    [
        (httpx.RemoteProtocolError, False, True),
        (httpx.ReadError, False, True),
        (httpx.WriteError, False, True),
        (httpx.RemoteProtocolError, True, False),
        (httpx.ReadTimeout, False, False),
        (httpx.ConnectError, False, False),
    ],
)
def test_only_a_kept_connection_that_ended_is_stale(
    error: type[httpx.TransportError], *, is_new: bool, is_stale: bool
) -> None:
    """A time-out, or the end of a new connection, says something about the server."""
    result = no_answer(error("text"), is_new=is_new)

    assert isinstance(result, NoAnswer)
    assert result.is_stale is is_stale
