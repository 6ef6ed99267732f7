"""A wrong key, a missing key, and an endpoint that nobody answers at."""

import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from segment_assets.emulator import Emulator
from segment_assets.ledger.look import accepted_message_ids, sync_status
from segment_assets_tests.cli.people import (
    COMMAND,
    KEY_VARIABLE,
    WRITE_KEY,
    environment,
    execute,
    one_document,
    open_state,
)

Cli = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("defs")


def test_wrong_key_is_refused_before_anything_is_sent(
    cli: Cli, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key that the API doesn't know sends no POST; with the right one the same plan goes."""
    monkeypatch.setenv(KEY_VARIABLE, "wk-of-another-source")
    refused = cli("sync", "people_identify")
    requests = emulator.store.requests()
    monkeypatch.setenv(KEY_VARIABLE, WRITE_KEY)
    sent = cli("sync", "people_identify")

    assert refused.code == 2
    assert "doesn't know the write key" in refused.err
    assert "wk-of-another-source" not in refused.out + refused.err
    assert [request.method for request in requests] == ["GET"]
    assert sent.code == 0
    assert emulator.store.counts()["accepted"] == 2


@pytest.mark.parametrize("key", ["wk with space", "wk\n", ""], ids=["space", "line", "empty"])
def test_malformed_key_is_refused_without_a_request(
    cli: Cli, emulator: Emulator, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    """A key that no source can have is told by its variable's fault, and asks nobody."""
    monkeypatch.setenv(KEY_VARIABLE, key)
    answer = cli("sync", "people_identify", "--json")

    assert answer.code == 2
    assert one_document(answer.out)[0]["errors"][0]["code"] == "invalid_write_key"
    assert emulator.store.counts()["requests"] == 0


def test_missing_variable_is_named(
    cli: Cli, emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the variable nothing is sent, and the sentence says which one it is."""
    monkeypatch.delenv(KEY_VARIABLE)
    answer = cli("sync", "people_identify")

    assert answer.code == 2
    assert f"environment variable {KEY_VARIABLE}" in answer.err
    assert emulator.store.counts()["requests"] == 0


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _point_at(defs: Path, port: int) -> None:
    path = defs / "production" / "defs.yaml"
    endpoint = f"  endpoint: http://127.0.0.1:{port}"
    lines = path.read_text().splitlines()
    path.write_text(
        "\n".join(endpoint if line.startswith("  endpoint:") else line for line in lines)
    )


def _deliver_what_is_left(cli: Cli, defs: Path, port: int) -> tuple[dict[str, Any], list[str]]:
    """Change a row, let someone listen, sync again; return the result and what arrived, in order.

    Whatever the earlier run left: the API then holds what the ledger says, and the newest last.
    """
    execute(defs, "update people set plan = 'max' where person_id = 'p1'")
    with Emulator(write_keys={WRITE_KEY}, port=port) as emulator:
        later = cli("sync", "people_identify", "--json")
        calls = [call.call for call in emulator.store.calls()[::-1]]
        ids = set(emulator.store.message_ids())
    assert later.code == 0
    assert ids == accepted_message_ids(open_state(defs))
    assert {call["userId"]: call["traits"]["plan"] for call in calls} == {"p1": "max", "p2": "free"}
    return one_document(later.out)[0], [call["traits"]["plan"] for call in calls]


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(signal.SIGINT, id="ctrl-c"),
        pytest.param(signal.SIGTERM, id="terminate", marks=pytest.mark.slow),
    ],
)
def test_interrupted_wait_for_an_endpoint_loses_nothing(
    cli: Cli, defs: Path, tmp_path: Path, number: signal.Signals
) -> None:
    """Stopped while nobody listens: exit 1 with a sentence; the next run sends everything."""
    port = _free_port()
    _point_at(defs, port)
    env = {KEY_VARIABLE: WRITE_KEY, "SEGMENT_ASSETS_DEFS": str(defs)}
    child = subprocess.Popen(
        [COMMAND, "sync", "people_identify"], env=environment(env), cwd=tmp_path, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    while not (newest := sync_status(open_state(defs))["plan"]) or newest["status"] != "sending":
        assert child.poll() is None
        time.sleep(0.1)
    child.send_signal(number)
    out, err = child.communicate(timeout=60)
    _deliver_what_is_left(cli, defs, port)

    assert child.returncode == 1, err
    assert "Traceback" not in out + err
    assert "the next run goes on from there" in err


@pytest.mark.slow
def test_unreachable_endpoint_keeps_the_plan_and_its_ids(cli: Cli, defs: Path) -> None:
    """Nobody listens for as long as delivery tries: exit 1, every row pending, the plan kept."""
    port = _free_port()
    _point_at(defs, port)
    alone = cli("sync", "people_identify", "--json")
    [result] = one_document(alone.out)
    again, plans = _deliver_what_is_left(cli, defs, port)

    assert alone.code == 1
    assert "of 2 calls settled, going on" in alone.err
    assert result["syncs"][0]["counts"]["pending"] == 2
    assert result["syncs"][0]["delivery"]["failure_code"] == "endpoint_error"
    assert str(port) in result["syncs"][0]["delivery"]["failure"]
    assert again["plans"][0]["plan_id"] == result["plans"][0]["plan_id"]
    assert again["plans"][0]["resumed"]
    assert plans == ["pro", "free", "max"]
