"""The write key: its form, its proof, and that it is nowhere to be read."""

import base64
import logging
import traceback
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from segment_assets.delivery import check_write_key, deliver, prove_key
from segment_assets.delivery.envelope import Envelope
from segment_assets.delivery.masking import mask
from segment_assets.delivery.regions import batch_url, settings_url
from segment_assets.errors import CredentialError
from segment_assets.handoff import Connection
from segment_assets_tests.delivery.doubles import KEY, MemoryRecorder, MemorySource, connect, track
from segment_assets_tests.delivery.scripted_server import OK, Act, Post, ScriptedServer

FORMS = (KEY, quote(KEY, safe=""), base64.b64encode(f"{KEY}:".encode()).decode())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "is empty"),
        ("", "is empty"),
        ("s3cret\n", "white space at the end"),
        ("s3cret\r\n", "white space at character 7"),
        (" s3cret", "white space at character 1 (SPACE)"),
        ("s3\tcret", "white space at character 3"),
        ("s3cret\u200b", "ZERO WIDTH SPACE"),
        ("s3cret\x00", "U+0000"),
    ],
    ids=ascii,
)
def test_a_malformed_key_is_named_by_its_variable(text: str | None, words: str) -> None:
    """The sentence says which variable, what is wrong and where, and nothing of the key."""
    with pytest.raises(CredentialError, match="SEGMENT_WRITE_KEY") as caught:
        check_write_key(text, "SEGMENT_WRITE_KEY")

    assert words in str(caught.value)
    assert "s3" not in str(caught.value)


def test_a_good_key_is_returned_as_it_is() -> None:
    """Nothing is trimmed or changed."""
    assert check_write_key(KEY, "SEGMENT_WRITE_KEY") == KEY


@pytest.mark.parametrize(
    ("region", "host"),
    [("us", "https://api.segment.io"), ("eu", "https://events.eu1.segmentapis.com")],
)
def test_a_region_names_its_host(region: str, host: str) -> None:
    """Each region has its own host for calls, and both the same for the proof."""
    connection = Connection("a/b", region=region)

    assert batch_url(connection) == f"{host}/v1/batch"
    assert settings_url(connection) == "https://cdn.segment.com/v1/projects/a%2Fb/settings"


def test_an_endpoint_replaces_both_hosts() -> None:
    """Calls and proof go to the endpoint, whatever the region."""
    connection = Connection("k", region="eu", endpoint="http://localhost:8080/")

    assert batch_url(connection) == "http://localhost:8080/v1/batch"
    assert settings_url(connection) == "http://localhost:8080/v1/projects/k/settings"


def test_a_known_key_is_proven() -> None:
    """One GET of the key's settings, without a body."""
    with ScriptedServer(lambda _: Act(body=b'{"integrations": {}}')) as server:
        proof = prove_key(connect(server.url))

    (request,) = server.others
    assert (proof.is_proven, proof.warning) == (True, None)
    assert request.method == "GET"
    assert request.path == f"/v1/projects/{quote(KEY, safe='')}/settings"


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_definite_no_stops(status: int) -> None:
    """The key is unknown: a credential error with the status, the host and no key."""
    server = ScriptedServer(lambda _: Act(status))
    with server, pytest.raises(CredentialError) as caught:
        prove_key(connect(server.url))

    text = "".join(traceback.format_exception(caught.value))
    assert str(status) in text
    assert not [form for form in FORMS if form in text]
    assert caught.value.code == "invalid_write_key"


@pytest.mark.parametrize(
    "act",
    [
        Act(500),
        Act(503),
        Act(429),
        Act(302, {"Location": "/login"}),
        Act(200, {"Content-Type": "text/html"}, b"<html>"),
        Act(deed="reset"),
        Act(deed="half_body"),
    ],
    ids=lambda act: f"{act.status}-{act.deed}",
)
def test_anything_else_only_warns(act: Act) -> None:
    """What proves nothing doesn't stop a run, and is told without the key."""
    with ScriptedServer(lambda _: act) as server:
        proof = prove_key(connect(server.url))

    assert not proof.is_proven
    assert proof.warning is not None
    assert not [form for form in FORMS if form in proof.warning]
    assert len(server.others) == 1


@pytest.fixture
def all_logs() -> Iterator[list[str]]:
    """Collect every log record of the process, at any level."""
    texts: list[str] = []

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            texts.append(self.format(record))

    root, handler = logging.getLogger(), Collector()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield texts
    root.removeHandler(handler)
    root.setLevel(level)


def test_the_key_is_in_no_log_repr_report_or_mark(all_logs: list[str]) -> None:
    """Root logging at DEBUG, a server that repeats the key, failures: no form of it is shown."""
    recorder, source = MemoryRecorder(), MemorySource([track(0), track(1)])
    echo = {"Location": f"/v1/projects/{KEY}/settings", "X-Echo": FORMS[2]}

    def script(post: Post) -> Act:
        body = f"{post.headers} ".encode() + post.body
        steps = {0: Act(503, echo, body), 1: Act(400, echo, body)}
        if post.method == "GET":
            return Act(301, echo)
        return steps.get(len(server.posts) - 1, OK if "m0" in post.ids else Act(400, echo, body))

    with ScriptedServer(script) as server:
        connection = connect(server.url)
        proof = prove_key(connection)
        report = deliver(source, recorder, connection)
        failed = ScriptedServer(lambda _: Act(307, echo, KEY.encode()))
        with failed:
            failure = deliver(source, MemoryRecorder(), connect(failed.url))

    facts = (connection, Envelope(KEY), proof, report, failure, recorder.marks)
    shown = "\n".join([*all_logs, *map(repr, facts)])
    assert len(all_logs) > 20
    assert "/projects/***/settings" in shown
    assert recorder.texts("refused")
    assert not [form for form in FORMS if form in shown]


@pytest.mark.parametrize("form", [*FORMS, f"Basic {FORMS[2]}", f"/projects/{KEY}/settings"])
def test_every_form_of_the_key_is_masked(form: str) -> None:
    """Itself, URL-quoted, and Base64 as in the header."""
    assert not [part for part in FORMS if part in mask(f"it said {form}!", KEY)]


def test_headers_and_body_carry_the_key_and_the_version() -> None:
    """Basic auth with an empty password, the key in the body, JSON and a User-Agent."""
    with ScriptedServer() as server:
        deliver(MemorySource([track(0)]), MemoryRecorder(), connect(server.url))

    (post,) = server.posts
    assert base64.b64decode(post.headers["authorization"].removeprefix("Basic ")) == (
        f"{KEY}:".encode()
    )
    assert post.envelope["writeKey"] == KEY
    assert post.path == "/v1/batch"
    assert post.headers["content-type"] == "application/json"
    assert post.headers["user-agent"].startswith("segment_assets/")
    assert "x-retry-count" not in post.headers
    assert post.envelope.keys() == {"batch", "writeKey", "sentAt"}
