"""Answers that end a run: what is told, what stays owed, and how few requests are made."""

from email.utils import formatdate

import pytest

from segment_assets.delivery import DeliveryOptions, deliver
from segment_assets.errors import CredentialError, UserError
from segment_assets_tests.delivery.doubles import (
    KEY,
    FakeClock,
    MemoryRecorder,
    MemorySource,
    connect,
    deliver_to,
    track,
)
from segment_assets_tests.delivery.scripted_server import OK, Act, Post, ScriptedServer

CALLS = [track(number) for number in range(300)]
PAGE = Act(200, {"Content-Type": "text/html"}, b"<html>Please sign in</html>")


@pytest.mark.parametrize(
    ("act", "code", "rows_are", "words"),
    [
        pytest.param(PAGE, "unexpected_response", "uncertain", "HTML", id="dg07-page"),
        pytest.param(
            Act(200, {"Content-Type": "text/plain"}, b"<html>sign in</html>"),
            "unexpected_response", "uncertain", "not JSON", id="page-in-disguise",
        ),
        pytest.param(
            Act(200, body=b'{"success": false}'),
            "unexpected_response", "uncertain", "success", id="says-no",
        ),
        pytest.param(
            Act(200, body=b"[]"), "unexpected_response", "uncertain", "object", id="a-list",
        ),
        pytest.param(
            Act(200, body=b'{"error": "quota"}'),
            "unexpected_response", "uncertain", "error", id="an-error",
        ),
        pytest.param(
            Act(200, {"Content-Encoding": "gzip"}, b"no gzip"),
            "unexpected_response", "uncertain", "read", id="unreadable",
        ),
        pytest.param(
            Act(200, body=b" " * 70_000), "unexpected_response", "uncertain", "read", id="endless",
        ),
        pytest.param(
            Act(301, {"Location": "/login"}), "unexpected_redirect", "pending", "endpoint",
            id="dg08-redirect",
        ),
        pytest.param(
            Act(307, {"Location": "https://portal.example/in?session=s3cret"}),
            "unexpected_redirect", "pending", "portal.example", id="redirect-away",
        ),
        pytest.param(Act(401), "unauthorized", "pending", "write key", id="dg09-unauthorized"),
        pytest.param(Act(403), "unauthorized", "pending", "region", id="forbidden"),
        pytest.param(Act(404), "endpoint_error", "pending", "404", id="not-found"),
        pytest.param(Act(501), "endpoint_error", "uncertain", "501", id="not-implemented"),
        pytest.param(Act(505), "endpoint_error", "uncertain", "505", id="version"),
        pytest.param(Act(422), "endpoint_error", "uncertain", "422", id="other-4xx"),
    ],
)  # fmt: skip
def test_an_answer_that_is_not_the_apis_ends_the_run(
    act: Act, code: str, rows_are: str, words: str
) -> None:
    """One post, no retry, no other request; the code, the outcome and the remedy are as stated."""
    recorder = MemoryRecorder()
    with ScriptedServer(lambda _: act) as server:
        report = deliver_to(server.url, MemorySource(CALLS), recorder)

    assert (report.posts, server.others) == (1, [])
    assert report.failure_code == code
    assert report.failure is not None
    assert words in report.failure
    assert "next run" in report.failure
    assert "s3cret" not in report.failure
    assert (report.pending, report.uncertain) == ((300, 0) if rows_are == "pending" else (0, 300))
    assert report.refused == report.accepted == 0


@pytest.mark.parametrize("status", [200, 201, 202, 204])
@pytest.mark.parametrize("body", [b"", b"{}", b' {"success":true}\n', b'{"ok": 1}'], ids=repr)
def test_a_2xx_that_says_nothing_else_is_accepted(status: int, body: bytes) -> None:
    """Any 2xx counts whose body is empty or a JSON object without a no."""
    act = Act(status, {"Content-Type": "text/plain"}, b"" if status == 204 else body)
    with ScriptedServer([act]) as server:
        report = deliver_to(server.url, MemorySource(CALLS), MemoryRecorder())

    assert (report.accepted, report.failure_code) == (300, None)


def test_dg09_all_lanes_stop_at_the_next_batch() -> None:
    """A 401 costs one post a lane at most, and the next run with a good key sends everything."""
    lanes = [[track(lane * 100 + n, 20_000) for n in range(75)] for lane in range(4)]
    source = MemorySource(*lanes)
    with ScriptedServer(lambda _: Act(401)) as server:
        report = deliver_to(server.url, source, MemoryRecorder())
    with ScriptedServer() as healthy:
        again = deliver_to(healthy.url, source, MemoryRecorder())

    assert report.posts <= 4
    assert (report.failure_code, report.uncertain) == ("unauthorized", 0)
    assert again.accepted == len(set(healthy.ids)) == 300


def test_a_run_in_which_all_is_refused_blames_no_row() -> None:
    """If each call gets a 400 and none is accepted, the run stops early and rows are pending."""
    source, recorder = MemorySource(CALLS), MemoryRecorder()
    with ScriptedServer(lambda _: Act(400, body=b'{"error": "no"}')) as server:
        report = deliver_to(server.url, source, recorder)

    assert (report.failure_code, report.refused, report.pending) == ("all_rejected", 0, 300)
    assert report.failure is not None
    assert "each of 20 calls" in report.failure
    assert '400 {"error": "no"}' in report.failure
    assert report.posts < 60
    assert recorder.outcomes(source).keys() == {"pending"}


def test_a_plan_of_one_refused_call_blames_no_row() -> None:
    """One call, refused: nothing was accepted, so the key may be at fault as well as the row."""
    with ScriptedServer(lambda _: Act(400)) as server:
        report = deliver_to(server.url, MemorySource([track(1)]), MemoryRecorder())

    assert (report.failure_code, report.pending, report.posts) == ("all_rejected", 1, 1)


def test_an_acceptance_at_the_end_settles_what_was_held() -> None:
    """Calls refused before anything was accepted are refused for good once one is accepted."""
    source, recorder = MemorySource([track(n) for n in range(16)]), MemoryRecorder()
    with ScriptedServer(lambda post: OK if post.ids == ["m15"] else Act(400)) as server:
        report = deliver_to(server.url, source, recorder)

    assert (report.accepted, report.refused, report.failure_code) == (1, 15, None)


def test_a_part_of_a_batch_that_may_be_taken_stays_uncertain() -> None:
    """A 500, then a 400: the whole may have been taken, so parts that go unposted are uncertain."""
    source, recorder = MemorySource([track(n) for n in range(4)]), MemoryRecorder()
    with ScriptedServer([Act(500), Act(400), Act(401)]) as server:
        report = deliver_to(server.url, source, recorder)

    assert (report.failure_code, report.uncertain, report.pending) == ("unauthorized", 4, 0)


@pytest.mark.parametrize(
    "key",
    ["k1\n", " k1", "k 1", "", "k1\x00", "k1\ufeff", "clé", "\u00a0k1"],
    ids=ascii,
)
def test_dg15_a_malformed_key_is_never_sent(key: str) -> None:
    """White space and characters that no key has are refused before any request."""
    with ScriptedServer() as server, pytest.raises(CredentialError) as caught:
        deliver_to_with_key(server.url, key)

    assert caught.value.code == "invalid_write_key"
    assert "k1" not in str(caught.value)
    assert (server.posts, server.others) == ([], [])


def deliver_to_with_key(url: str, key: str) -> None:
    """Deliver under another key."""
    deliver(MemorySource(CALLS), MemoryRecorder(), connect(url, write_key=key))


@pytest.mark.parametrize(
    "changes",
    [
        {"endpoint": None, "region": "mars"},
        {"endpoint": "localhost:8080"},
        {"endpoint": "ftp://localhost"},
        {"endpoint": "http://user:pass@localhost"},
        {"endpoint": "http://localhost:port"},
        {"endpoint": "http://[::1"},
        {"endpoint": "http://localhost?x=1"},
    ],
    ids=str,
)
def test_a_wrong_region_or_endpoint_is_refused(changes: dict[str, str | None]) -> None:
    """A setting that can't be an address is a user's error, without its password."""
    with pytest.raises(UserError) as caught:
        deliver(MemorySource(CALLS), MemoryRecorder(), connect("", **changes))

    assert "pass@" not in str(caught.value)


@pytest.mark.parametrize(("ahead", "word"), [(400, "ahead"), (-3600, "behind"), (200, None)])
def test_a_clock_that_differs_by_over_five_minutes_is_told(ahead: int, word: str | None) -> None:
    """The Date header of an answer is compared once; the run goes on."""
    clock = FakeClock()
    act = Act(headers={"Date": formatdate(clock.start - ahead, usegmt=True)})
    calls = [track(number, 20_000) for number in range(60)]
    with ScriptedServer(lambda _: act) as server:
        report = deliver_to(server.url, MemorySource(calls), MemoryRecorder(), clock=clock)

    assert report.accepted == 60
    assert len(report.warnings) == (word is not None)
    assert all("clock_skew" in text and str(word) in text for text in report.warnings)


def test_what_an_answer_repeats_of_the_request_is_masked() -> None:
    """An API that echoes the key doesn't put it into the ledger or the failure."""
    recorder = MemoryRecorder()

    def script(post: Post) -> Act:
        return OK if post.ids != ["m1"] and "m1" not in post.ids else Act(400, body=post.body)

    with ScriptedServer(script) as server:
        deliver_to(server.url, MemorySource([track(0), track(1)]), recorder)

    (found,) = recorder.texts("refused")
    assert found.startswith("400 {")
    assert KEY not in found


def test_limits_of_patience_can_be_set() -> None:
    """The number of lone refusals after which a run stops is an option."""
    options = DeliveryOptions(max_lone_refusals=2)
    with ScriptedServer(lambda _: Act(400)) as server:
        report = deliver_to(server.url, MemorySource(CALLS), MemoryRecorder(), options=options)

    assert report.failure is not None
    assert "each of 2 calls" in report.failure
