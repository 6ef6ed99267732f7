"""What the API answers 400 to, at the exact boundaries."""

import gzip
import json
import zlib

import httpx
import pytest

from segment_assets.emulator import Emulator

CALL_LIMIT, BATCH_LIMIT = 32_768, 500_000
JSON = {"content-type": "application/json"}
ZIPPED = {**JSON, "content-encoding": "gzip"}


def sized_call(size: int, message_id: str = "m") -> bytes:
    """Return a valid page call of exactly `size` bytes, with a two-byte letter in it."""
    head = f'{{"type":"page","userId":"é","messageId":"{message_id}","name":"'.encode()
    return head + b"x" * (size - len(head) - 2) + b'"}'


def sized_batch(size: int) -> bytes:
    """Return a valid batch of exactly `size` bytes."""
    calls = [sized_call(20_000, f"m{n}") for n in range(24)]
    fixed = len(b'{"batch":[' + b",".join(calls) + b",]}")
    return b'{"batch":[' + b",".join([*calls, sized_call(size - fixed, "last")]) + b"]}"


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize(("over", "status", "accepted"), [(0, 200, 25), (1, 400, 0)])
def test_a_batch_may_have_500000_bytes(
    api: httpx.Client, emulator: Emulator, over: int, status: int, accepted: int, *, zipped: bool
) -> None:
    """The body's limit is exact and is of its uncompressed bytes."""
    body = sized_batch(BATCH_LIMIT + over)
    assert len(body) == BATCH_LIMIT + over

    answer = api.post(
        "/v1/batch",
        content=gzip.compress(body, 1) if zipped else body,
        headers=ZIPPED if zipped else JSON,
    )

    assert answer.status_code == status
    assert emulator.store.counts()["accepted"] == accepted
    assert (emulator.store.requests()[-1].note == "body_too_large") is bool(over)


@pytest.mark.parametrize(("over", "status", "accepted"), [(0, 200, 2), (1, 400, 0)])
def test_a_call_of_a_batch_may_have_32768_bytes(
    api: httpx.Client, emulator: Emulator, over: int, status: int, accepted: int
) -> None:
    """One call over the limit refuses its whole batch; letters count as the bytes they are."""
    calls = [sized_call(200, "a"), sized_call(CALL_LIMIT + over, "b")]

    answer = api.post("/v1/batch", content=b'{"batch":[' + b",".join(calls) + b"]}")

    assert answer.status_code == status
    assert emulator.store.counts()["accepted"] == accepted


@pytest.mark.parametrize(("over", "status"), [(0, 200), (1, 400)])
def test_a_single_call_may_have_32768_bytes(api: httpx.Client, over: int, status: int) -> None:
    """An endpoint of one call measures the whole body."""
    answer = api.post("/v1/page", content=sized_call(CALL_LIMIT + over))

    assert answer.status_code == status


@pytest.mark.parametrize(
    ("body", "note"),
    [
        (b"", "invalid_json"),
        (b"{nope", "invalid_json"),
        (b"[]", "invalid_json"),
        (b'"text"', "invalid_json"),
        (b'{"batch":[{"userId":NaN}]}', "invalid_json"),
        (b'{"batch":[{"userId":"\xff"}]}', "invalid_json"),
        (b"{}", "invalid_batch"),
        (b'{"batch":{}}', "invalid_batch"),
        (b'{"batch":[]}', "invalid_batch"),
        (b'{"batch":[{"type":"page","userId":"u"},7]}', "invalid_batch"),
        (gzip.compress(b'{"batch":[]}', mtime=0), "invalid_json"),
    ],
)
def test_a_body_that_is_no_batch_is_refused(
    api: httpx.Client, emulator: Emulator, body: bytes, note: str
) -> None:
    """Bad JSON, JSON of the wrong shape and an empty batch are a 400, and nothing is kept."""
    answer = api.post("/v1/batch", content=body, headers=JSON)

    assert (answer.status_code, answer.json()["success"]) == (400, False)
    assert emulator.store.counts()["received"] == 0
    assert emulator.store.counts()["requests_by_note"] == {note: 1}


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (b'{"batch":[{"type":"page","userId":"u"}]}', "gzip"),
        (gzip.compress(b'{"batch":[{"type":"page","userId":"u"}]}', mtime=0)[:-4], "gzip"),
        (gzip.compress(b'{"batch":[{"type":"page","userId":"u"}]}', mtime=0) + b"more", "gzip"),
        (zlib.compress(b'{"batch":[{"type":"page","userId":"u"}]}'), "deflate"),
    ],
)
def test_a_body_that_is_not_what_its_encoding_says_is_refused(
    api: httpx.Client, emulator: Emulator, body: bytes, encoding: str
) -> None:
    """Plain, cut off, lengthened or oddly packed bytes under a Content-Encoding are a 400."""
    answer = api.post("/v1/batch", content=body, headers={"content-encoding": encoding})

    assert answer.status_code == 400
    assert emulator.store.requests()[-1].note == "invalid_encoding"


@pytest.mark.parametrize("zipped", [False, True])
def test_a_huge_body_is_refused_and_the_connection_lives_on(
    api: httpx.Client, emulator: Emulator, *, zipped: bool
) -> None:
    """A body far over the limit is read to its end, refused, and costs no memory when packed."""
    body = b"x" * 5_000_000

    answer = api.post(
        "/v1/batch",
        content=gzip.compress(body, 1) if zipped else body,
        headers=ZIPPED if zipped else JSON,
    )

    assert answer.status_code == 400
    assert emulator.store.requests()[-1].note == "body_too_large"
    assert api.post("/v1/page", content=sized_call(100)).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/login", 404), ("POST", "/v1/import", 404), ("POST", "/v1/batch/", 404)],
)
def test_an_unknown_path_is_noted_and_not_served(
    api: httpx.Client, emulator: Emulator, method: str, path: str, status: int
) -> None:
    """A request that the API doesn't know is answered as such and kept in the request log."""
    assert api.request(method, path).status_code == status
    record = emulator.store.requests()[-1]
    assert (record.method, record.path, record.status) == (method, path, status)


def test_a_get_of_an_endpoint_is_not_allowed(api: httpx.Client, emulator: Emulator) -> None:
    """What a followed redirect would make of a POST is answered with 405 and noted."""
    assert api.get("/v1/batch").status_code == 405
    assert emulator.store.requests()[-1].status == 405


def test_white_space_and_escapes_of_a_batch_count_for_the_body_only(api: httpx.Client) -> None:
    """A call of a batch is measured as compact UTF-8, however the batch was written."""
    call = json.loads(sized_call(CALL_LIMIT))

    answer = api.post("/v1/batch", content=json.dumps({"batch": [call]}, indent=4).encode())

    assert answer.status_code == 200
