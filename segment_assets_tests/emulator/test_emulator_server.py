"""Starting and stopping, logging, and recording."""

import json
import logging
import signal
import socket
import subprocess
import sys
import threading
import time

import httpx
import pytest

from segment_assets.emulator import Emulator, Fault, Store

CALL = {"userId": "u", "messageId": "m1", "event": "E"}


def test_an_emulator_listens_on_a_free_port_and_stops_cleanly() -> None:
    """The block's end frees the port and the thread, with an idle connection still open."""
    before = threading.active_count()
    with Emulator() as emulator, httpx.Client(base_url=emulator.url) as client:
        url = emulator.url
        client.post("/v1/track", json=CALL)
        start = time.monotonic()
        emulator.stop()
        assert time.monotonic() - start < 2

    assert threading.active_count() == before
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)
    assert emulator.store.counts()["received"] == 1


def test_stopping_does_not_wait_for_a_slow_answer() -> None:
    """A request in flight is cut off instead of holding up the end."""
    with Emulator() as emulator:
        emulator.faults.add(Fault(latency_seconds=60))
        errors: list[Exception] = []

        def send() -> None:
            try:
                httpx.post(f"{emulator.url}/v1/track", json=CALL, timeout=30)
            except httpx.TransportError as error:
                errors.append(error)

        sender = threading.Thread(target=send)
        sender.start()
        while emulator.faults.left():
            time.sleep(0.01)
        start = time.monotonic()
        emulator.stop()
        sender.join()

    assert time.monotonic() - start < 3
    assert len(errors) == 1


def test_an_emulator_starts_again_with_what_it_has_seen() -> None:
    """One store can outlive its server, as an API outlives an outage."""
    emulator = Emulator()
    for _ in range(2):
        with emulator:
            httpx.post(f"{emulator.url}/v1/track", json=CALL, auth=("k", ""))

    assert emulator.store.counts()["duplicates"] == 1
    with pytest.raises(RuntimeError, match="isn't running"):
        _ = emulator.url


def test_a_taken_port_is_an_error_at_once() -> None:
    """A port that another program holds is reported and leaves nothing behind."""
    with Emulator() as first:
        port = int(first.url.rpartition(":")[2])

        with pytest.raises(OSError, match="in use"):
            Emulator(port=port).start()


def test_answers_are_not_held_back() -> None:
    """Twenty answers in a row take no delayed-acknowledgement pauses of 40 ms each."""
    with Emulator() as emulator, httpx.Client(base_url=emulator.url) as client:
        client.post("/v1/track", json=CALL)
        start = time.monotonic()
        for _ in range(20):
            client.post("/v1/track", json=CALL)

    assert time.monotonic() - start < 0.6


def test_nothing_is_logged_that_holds_the_key(caplog: pytest.LogCaptureFixture) -> None:
    """With all of the server's loggers at DEBUG neither the key nor its proof URL is written."""
    caplog.set_level(logging.DEBUG)
    with Emulator() as emulator, socket.create_connection(("127.0.0.1", _port(emulator))) as peer:
        peer.sendall(b"GET /v1/projects/secret-key/settings HTTP/1.1\r\nHost: x\r\n\r\n")
        assert peer.recv(1_000).startswith(b"HTTP/1.1 200")

    assert "secret-key" not in caplog.text


def test_bodies_are_recorded_only_on_request() -> None:
    """A recording store keeps each uncompressed body as it came; any other keeps none."""
    for store in (Store(record_bodies=True), Store()):
        with Emulator(store=store) as emulator:
            httpx.post(f"{emulator.url}/v1/track", json=CALL, auth=("k", ""))

        body = store.requests()[0].body
        assert (json.loads(body) == CALL) if body is not None else not store.record_bodies


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serving_ends_on_a_signal(number: signal.Signals) -> None:
    """The blocking form returns on Ctrl+C and ends with SIGTERM, without a traceback."""
    code = (
        "from segment_assets.emulator import serve\n"
        "serve(port=0, announce=lambda url: print(url, flush=True))\n"
        "print('returned')"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    assert httpx.get(f"{url}/_emulator/counts").status_code == 200

    process.send_signal(number)
    out, err = process.communicate(timeout=10)

    assert err == ""
    assert (out, process.returncode) in [("returned\n", 0), ("", -signal.SIGTERM)]


def _port(emulator: Emulator) -> int:
    return int(emulator.url.rpartition(":")[2])
